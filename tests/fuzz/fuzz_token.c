/* Whatever is shown as a sign-in token: as it is, and as claims that our own secret has signed (the first byte chooses).
 * What is good has all that a session is made of, and its time is not over. */
#include "fuzz.h"

#include "backend/token.h"
#include "base/hash.h"

enum { NOW = 1700000000 };

static const struct token_secrets secrets = { { "the secret of the fuzz target, long enough" }, 1 };

/* base64url without padding. */
static void put_segment(struct buffer *out, const void *bytes, size_t size)
{
	cleanup_buffer struct buffer text = { 0 };

	base64_encode(bytes, size, &text);
	for (size_t i = 0; i < text.size && text.data[i] != '='; i++)
		buffer_putc(out, text.data[i] == '+' ? '-' : text.data[i] == '/' ? '_' : text.data[i]);
}

static void sign(struct buffer *token, const void *claims, size_t size)
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	unsigned char digest[SHA256_BYTES];

	put_segment(token, header, sizeof header - 1);
	buffer_putc(token, '.');
	put_segment(token, claims, size);
	hmac_sha256(secrets.at[0], strlen(secrets.at[0]), token->data, token->size, digest);
	buffer_putc(token, '.');
	put_segment(token, digest, sizeof digest);
}

static void read_token(const char *text)
{
	struct token token = { .user_id = -1 };

	if (token_read(&secrets, text, NOW, &token) != TOKEN_GOOD) {
		must(token.user_id == -1);
		return;
	}
	must(token.user_id >= 0 && token.expires_s > NOW);
	must(strlen(token.id) > 0 && strlen(token.id) < TOKEN_ID_BYTES);
	must(strlen(token.role) > 0 && strlen(token.role) < TOKEN_ROLE_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer signed_claims = { 0 };

	if (size == 0)
		return 0;
	read_token(pool_memdup(pool, data + 1, size - 1));
	if (data[0] == 'c') {
		sign(&signed_claims, data + 1, size - 1);
		read_token(buffer_text(&signed_claims));
	}
	return 0;
}
