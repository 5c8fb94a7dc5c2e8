/* hash.h - SHA-256 and HMAC, random tokens, base64, and comparison that takes the same time for every input. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

enum { SHA256_BYTES = 32, SHA256_TEXT_BYTES = 65, UUID_TEXT_BYTES = 37 };

void sha256(const void *bytes, size_t size, unsigned char digest[SHA256_BYTES]);
/* Lower-case hex, NUL-terminated. */
void sha256_text(const void *bytes, size_t size, char text[SHA256_TEXT_BYTES]);

/* Of a file from where it stands to its end; 0, or what read(2) failed with. */
int sha256_fd_text(int fd, char text[SHA256_TEXT_BYTES]);

/* RFC 2104 with SHA-256. */
void hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
		 unsigned char digest[SHA256_BYTES]);
void hmac_sha256_text(const void *key, size_t key_size, const void *bytes, size_t size,
		      char text[SHA256_TEXT_BYTES]); /* lower-case hex */

/* From getrandom(2); aborts when the kernel has none, which it never lacks after boot. */
void random_bytes(void *bytes, size_t size);
void random_uuid(char text[UUID_TEXT_BYTES]); /* version 4, RFC 9562 */

/* `size` random bytes as lower-case hex into text[2 * size + 1]. */
void random_hex(char *text, size_t size);

bool equal_secrets(const char *left, const char *right); /* constant time for equal lengths */

void base64_encode(const void *bytes, size_t size, struct buffer *out);
/* Strict RFC 4648 with padding, ASCII white space ignored. 0 or -EINVAL, -ENOMEM. */
int base64_decode(const char *text, size_t size, struct buffer *out);
