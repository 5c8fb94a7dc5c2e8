/* buffer.h - a growable run of bytes, always NUL-terminated once it holds anything.
 *
 * A buffer that is out of memory becomes `failed`: later appends do nothing, and one check at the end
 * (buffer_failed) is enough. Zero-initialise to start; buffer_free() accepts that state too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buffer {
	char *data; /* owned; NULL while nothing was appended */
	size_t size;
	size_t capacity;
	bool failed;
};

void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_putc(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `size` more bytes at data + size, for reading into; the caller then adds to `size`.
 * NULL when memory is out. */
char *buffer_reserve(struct buffer *buffer, size_t size);

/* The text so far; "" for an empty buffer, never NULL. Valid until the next append. */
const char *buffer_text(const struct buffer *buffer);

/* Hands over the bytes (NUL-terminated, free() them) and empties the buffer; NULL when memory ran out. */
char *buffer_take(struct buffer *buffer, size_t *size);

void buffer_clear(struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#define cleanup_buffer __attribute__((cleanup(buffer_free)))
