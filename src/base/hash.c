#include "base/hash.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* ---- SHA-256 ---- */

void sha256(const void *bytes, size_t size, unsigned char digest[SHA256_BYTES])
{
	/* Fails only when OpenSSL cannot allocate; a wrong digest would be worse than a stop. */
	if (EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL) != 1)
		abort();
}

static void hex(const unsigned char *bytes, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

void sha256_text(const void *bytes, size_t size, char text[SHA256_TEXT_BYTES])
{
	unsigned char digest[SHA256_BYTES];
	sha256(bytes, size, digest);
	hex(digest, sizeof digest, text);
}

static int digest_fd(int fd, EVP_MD_CTX *context, unsigned char digest[SHA256_BYTES])
{
	char bytes[1 << 14];
	ssize_t got;

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		abort();
	while ((got = read(fd, bytes, sizeof bytes)) > 0)
		if (EVP_DigestUpdate(context, bytes, (size_t)got) != 1)
			abort();
	if (EVP_DigestFinal_ex(context, digest, NULL) != 1)
		abort();
	return got < 0 ? -errno : 0;
}

int sha256_fd_text(int fd, char text[SHA256_TEXT_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char digest[SHA256_BYTES];
	int code = digest_fd(fd, context, digest);

	EVP_MD_CTX_free(context);
	if (code == 0)
		hex(digest, sizeof digest, text);
	return code;
}

void hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
		 unsigned char digest[SHA256_BYTES])
{
	/* OpenSSL takes a NULL key for "the one of before": an empty one is not NULL. */
	const void *given = key_size > 0 ? key : "";

	if (key_size > INT_MAX || !HMAC(EVP_sha256(), given, (int)key_size, bytes, size, digest, NULL))
		abort();
}

void hmac_sha256_text(const void *key, size_t key_size, const void *bytes, size_t size,
		      char text[SHA256_TEXT_BYTES])
{
	unsigned char digest[SHA256_BYTES];
	hmac_sha256(key, key_size, bytes, size, digest);
	hex(digest, sizeof digest, text);
}

/* ---- randomness ---- */

void random_bytes(void *bytes, size_t size)
{
	unsigned char *at = bytes;
	while (size > 0) {
		ssize_t n = getrandom(at, size, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			abort();
		at += n;
		size -= (size_t)n;
	}
}

void random_uuid(char text[UUID_TEXT_BYTES])
{
	unsigned char b[16];
	random_bytes(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(text, UUID_TEXT_BYTES,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
		 b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

void random_hex(char *text, size_t size)
{
	unsigned char bytes[64];
	while (size > 0) {
		size_t step = size < sizeof bytes ? size : sizeof bytes;
		random_bytes(bytes, step);
		hex(bytes, step, text);
		text += 2 * step;
		size -= step;
	}
	*text = '\0';
}

bool equal_secrets(const char *left, const char *right)
{
	size_t size = strlen(left);
	return size == strlen(right) && CRYPTO_memcmp(left, right, size) == 0;
}

/* ---- base64 ---- */

void base64_encode(const void *bytes, size_t size, struct buffer *out)
{
	enum { STEP = 3 * (1 << 20) }; /* EVP_EncodeBlock counts in int */
	const unsigned char *at = bytes;
	while (size > 0) {
		size_t step = size < STEP ? size : STEP;
		char *room = buffer_reserve(out, (step + 2) / 3 * 4);
		if (!room)
			return;
		out->size += (size_t)EVP_EncodeBlock((unsigned char *)room, at, (int)step);
		at += step;
		size -= step;
	}
}

static int digit_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A group of four: `count` digits in `group`, the rest was padding. Bits that are dropped must be zero, so
 * that every byte string has exactly one encoding. */
static int decode_group(uint32_t group, int digits, struct buffer *out)
{
	static const uint32_t dropped[] = { [2] = 0xffff, [3] = 0xff, [4] = 0 };
	if (digits < 2 || (group & dropped[digits]))
		return -EINVAL;
	for (int i = 0; i < digits - 1; i++)
		buffer_putc(out, (char)(group >> (16 - 8 * i)));
	return 0;
}

int base64_decode(const char *text, size_t size, struct buffer *out)
{
	uint32_t group = 0;
	int digits = 0, padding = 0;
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (is_space(c))
			continue;
		int value = digit_value(c);
		if (c == '=' && padding < 2)
			padding++;
		else if (value < 0 || padding > 0)
			return -EINVAL;
		else
			group |= (uint32_t)value << (18 - 6 * digits++);
		if (digits + padding < 4)
			continue;
		if (decode_group(group, digits, out) < 0)
			return -EINVAL;
		group = 0;
		digits = 0;
		if (padding > 0)
			padding = 4; /* nothing but white space may follow */
	}
	if (digits > 0 || (padding != 0 && padding != 4))
		return -EINVAL;
	return out->failed ? -ENOMEM : 0;
}
