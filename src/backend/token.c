/* Tokens are read in a fixed order: the header's algorithm before anything else (a token that says "none", or names an
 * algorithm of public keys, is none of ours, whatever it is signed with), then the signature under each secret, then
 * the claims. */
#include "backend/token.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/secret.h"

static const char operator_name[] = "operator";

static void free_jwt(jwt_t **jwt)
{
	jwt_free(*jwt);
}
#define cleanup_jwt __attribute__((cleanup(free_jwt)))

/* ---- secrets ---- */

static void split_secrets(char *list, struct token_secrets *secrets)
{
	for (char *one; (one = strsep(&list, ",")) && secrets->count < CONFIG_SECRETS_MAX;)
		secrets->at[secrets->count++] = one;
}

/* A secret of this folder's alone is known to no other replica, and lost with the folder. */
int token_secrets_check(const struct config *config, struct error *err)
{
	const char *url = config->backend_database_url;
	bool shared = *url && strncmp(url, "sqlite:", 7) != 0;

	if (*config->jwt_secret || !config->production ||
	    (!shared && !config_beyond_loopback(config->backend_listen)))
		return 0;
	return error_set(
		err, -EINVAL,
		"JWT_SECRET is not set: with NODE_ENV=production it must be, %s; for example to what "
		"`openssl rand -hex 32` prints",
		shared ? "as other backends may use the same database"
		       : "as the backend listens beyond loopback");
}

int token_secrets_open(const struct config *config, struct pool *pool, struct token_secrets *secrets,
		       struct error *err)
{
	*secrets = (struct token_secrets){ 0 };
	char *list = pool_strdup(pool, config->jwt_secret);
	const char *path = pool_printf(pool, "%s/jwt-secret", config->data_dir);

	if (!list || !path)
		return error_set(err, -ENOMEM, "out of memory");
	if (*list) {
		split_secrets(list, secrets);
		return 0;
	}
	char *secret = pool_alloc(pool, SECRET_TEXT_BYTES);
	if (!secret)
		return error_set(err, -ENOMEM, "out of memory");
	secrets->at[secrets->count++] = secret;
	return secret_keep(path, secret, err);
}

/* ---- issuing ---- */

const char *token_issue(const struct token_secrets *secrets, struct token *token, struct pool *pool)
{
	const char *secret = secrets->at[0], *subject = operator_name;
	cleanup_jwt jwt_t *jwt = NULL;
	cleanup_free char *text = NULL;

	random_hex(token->id, (TOKEN_ID_BYTES - 1) / 2);
	if (token->user_id != 0)
		subject = pool_printf(pool, "%lld", (long long)token->user_id);
	if (!subject || jwt_new(&jwt) != 0 || jwt_add_grant(jwt, "sub", subject) != 0 ||
	    jwt_add_grant(jwt, "role", token->role) != 0 || jwt_add_grant(jwt, "jti", token->id) != 0 ||
	    jwt_add_grant_int(jwt, "iat", token->issued_s) != 0 ||
	    jwt_add_grant_int(jwt, "exp", token->expires_s) != 0 ||
	    jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)secret, (int)strlen(secret)) != 0 ||
	    !(text = jwt_encode_str(jwt)))
		return NULL;
	return pool_strdup(pool, text);
}

/* ---- reading ---- */

/* base64url without padding (RFC 7515), as base64_decode() wants it. */
static int decode_segment(const char *segment, size_t size, struct buffer *out)
{
	cleanup_buffer struct buffer plain = { 0 };

	for (size_t i = 0; i < size; i++)
		buffer_putc(&plain, segment[i] == '-' ? '+' : segment[i] == '_' ? '/' : segment[i]);
	for (; plain.size % 4 != 0;)
		buffer_putc(&plain, '=');
	return plain.failed ? -ENOMEM : base64_decode(buffer_text(&plain), plain.size, out);
}

static bool says_hs256(const char *text)
{
	cleanup_buffer struct buffer bytes = { 0 };
	cleanup_json json_t *header = NULL;
	struct error err;

	if (decode_segment(text, strcspn(text, "."), &bytes) < 0 ||
	    json_parse(buffer_text(&bytes), bytes.size, &header, &err) < 0)
		return false;
	const char *algorithm = json_string_value(json_object_get(header, "alg"));
	return algorithm && strcmp(algorithm, "HS256") == 0 && !json_object_get(header, "crit");
}

/* The claims, when one of the secrets signed them. */
static json_t *verified_claims(const struct token_secrets *secrets, const char *text)
{
	json_t *claims = NULL;
	struct error err;

	for (size_t i = 0; i < secrets->count && !claims; i++) {
		cleanup_jwt jwt_t *jwt = NULL;
		cleanup_free char *json = NULL;
		const char *secret = secrets->at[i];

		if (jwt_decode(&jwt, text, (const unsigned char *)secret, (int)strlen(secret)) != 0 ||
		    jwt_get_alg(jwt) != JWT_ALG_HS256 || !(json = jwt_get_grants_json(jwt, NULL)))
			continue;
		if (json_parse(json, strlen(json), &claims, &err) < 0)
			claims = NULL;
	}
	return claims;
}

static bool read_subject(const char *subject, int64_t *user_id)
{
	size_t digits = strspn(subject, "0123456789");

	*user_id = strcmp(subject, operator_name) == 0 ? 0 : strtoll(subject, NULL, 10);
	return *user_id == 0 ? strcmp(subject, operator_name) == 0
			     : digits > 0 && digits <= 18 && subject[digits] == '\0';
}

static bool copy_text(const json_t *claims, const char *name, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(claims, name));
	size_t length = text ? strlen(text) : 0;

	if (length == 0 || length >= size)
		return false;
	memcpy(out, text, length + 1);
	return true;
}

static bool read_claims(const json_t *claims, struct token *token)
{
	const char *subject = json_string_value(json_object_get(claims, "sub"));
	const json_t *issued = json_object_get(claims, "iat"), *expires = json_object_get(claims, "exp");

	token->issued_s = json_integer_value(issued);
	token->expires_s = json_integer_value(expires);
	return subject && read_subject(subject, &token->user_id) && json_is_integer(issued) &&
	       json_is_integer(expires) && copy_text(claims, "role", token->role, sizeof token->role) &&
	       copy_text(claims, "jti", token->id, sizeof token->id);
}

enum token_check token_read(const struct token_secrets *secrets, const char *text, int64_t now_s,
			    struct token *token)
{
	struct token found = { 0 };

	if (strlen(text) > TOKEN_BYTES_MAX || !says_hs256(text))
		return TOKEN_WRONG;
	cleanup_json json_t *claims = verified_claims(secrets, text);
	if (!claims || !read_claims(claims, &found))
		return TOKEN_WRONG;
	if (found.expires_s <= now_s)
		return TOKEN_EXPIRED;
	*token = found;
	return TOKEN_GOOD;
}
