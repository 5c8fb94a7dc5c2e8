#include "webhook_check.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"

static const char standard_prefix[] = "whsec_";
enum { PREFIX_SIZE = sizeof standard_prefix - 1, SECRET_BYTES = 1024, SIGNATURE_BYTES = 128 };

/* The next of the list without the blanks around it; false at the end. One that is too long is none. */
static bool next_secret(const char **list, char secret[SECRET_BYTES])
{
	for (;;) {
		*list += strspn(*list, ", ");
		size_t size = strcspn(*list, ",");
		const char *begin = *list;

		*list += size;
		while (size > 0 && begin[size - 1] == ' ')
			size--;
		if (size == 0)
			return false;
		if (size >= SECRET_BYTES)
			continue;
		memcpy(secret, begin, size);
		secret[size] = '\0';
		return true;
	}
}

/* ---- X-Webhook-Secret ---- */

static bool is_hex_of(const struct webhook_proof *proof, const char *secret)
{
	char expected[SHA256_TEXT_BYTES], given[SHA256_TEXT_BYTES];
	const char *plain = strncmp(proof->plain, "sha256=", 7) == 0 ? proof->plain + 7 : proof->plain;

	if (strlen(plain) != SHA256_TEXT_BYTES - 1)
		return false;
	for (size_t i = 0; i < SHA256_TEXT_BYTES; i++)
		given[i] = (char)tolower((unsigned char)plain[i]);
	hmac_sha256_text(secret, strlen(secret), proof->body, proof->body_size, expected);
	return equal_secrets(given, expected);
}

static bool plain_is_good(const struct webhook_proof *proof)
{
	const char *secrets = proof->secrets;
	char secret[SECRET_BYTES];
	bool good = false;

	while (next_secret(&secrets, secret))
		good |= is_hex_of(proof, secret) ||
			(proof->allow_plain && equal_secrets(proof->plain, secret));
	return good;
}

/* ---- webhook-signature ---- */

static bool sign(const struct webhook_proof *proof, const char *secret, struct buffer *signature)
{
	cleanup_buffer struct buffer content = { 0 }, key = { 0 };
	unsigned char digest[SHA256_BYTES];
	size_t size = strlen(secret);

	if (strncmp(secret, standard_prefix, PREFIX_SIZE) != 0 ||
	    base64_decode(secret + PREFIX_SIZE, size - PREFIX_SIZE, &key) < 0) {
		buffer_clear(&key);
		buffer_append(&key, secret, size);
	}
	buffer_printf(&content, "%s.%s.", proof->id, proof->timestamp);
	buffer_append(&content, proof->body, proof->body_size);
	if (content.failed || key.failed)
		return false;
	hmac_sha256(key.data, key.size, content.data, content.size, digest);
	base64_encode(digest, sizeof digest, signature);
	return !signature->failed;
}

/* Any of "v1,<base64> v1,<base64>"; other versions are passed over. */
static bool list_has(const char *list, const char *signature)
{
	bool found = false;

	while (*(list += strspn(list, " "))) {
		char one[SIGNATURE_BYTES];
		size_t size = strcspn(list, " ");

		if (size > 3 && size - 3 < sizeof one && strncmp(list, "v1,", 3) == 0) {
			memcpy(one, list + 3, size - 3);
			one[size - 3] = '\0';
			found |= equal_secrets(one, signature);
		}
		list += size;
	}
	return found;
}

static bool signature_is_good(const struct webhook_proof *proof)
{
	const char *secrets = proof->secrets;
	char secret[SECRET_BYTES];
	bool good = false;

	while (next_secret(&secrets, secret)) {
		cleanup_buffer struct buffer expected = { 0 };

		good |= sign(proof, secret, &expected) && list_has(proof->signature, expected.data);
	}
	return good;
}

/* ---- all of it ---- */

static bool is_of_now(const char *timestamp, int64_t now_ms)
{
	char *end;

	errno = 0;
	int64_t seconds = strtoll(timestamp, &end, 10);
	if (!isdigit((unsigned char)*timestamp) || *end != '\0' || errno != 0)
		return false;
	int64_t now_s = now_ms / 1000;
	return seconds >= now_s - WEBHOOK_WINDOW_S && seconds <= now_s + WEBHOOK_WINDOW_S;
}

const char *webhook_fault(const struct webhook_proof *proof)
{
	if (proof->timestamp && !is_of_now(proof->timestamp, proof->now_ms))
		return "webhook-timestamp is not within five minutes of now";
	if (proof->secrets[strspn(proof->secrets, ", ")] == '\0')
		return proof->allow_unsigned ? NULL : "No webhook secret is set here: nothing can be proven";
	if (!proof->plain && !proof->signature)
		return "X-Webhook-Secret is missing";
	if (proof->plain && !plain_is_good(proof))
		return "X-Webhook-Secret is wrong";
	if (!proof->signature)
		return NULL;
	if (!proof->id || !proof->timestamp)
		return "webhook-signature needs webhook-id and webhook-timestamp";
	return signature_is_good(proof) ? NULL : "webhook-signature is wrong";
}
