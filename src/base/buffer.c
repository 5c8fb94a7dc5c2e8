#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 128 };

char *buffer_reserve(struct buffer *buffer, size_t size)
{
	if (buffer->failed)
		return NULL;
	if (buffer->capacity - buffer->size > size)
		return buffer->data + buffer->size;
	size_t wanted = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
	while (wanted - buffer->size <= size) {
		if (wanted > SIZE_MAX / 2) {
			buffer->failed = true;
			return NULL;
		}
		wanted *= 2;
	}
	char *grown = realloc(buffer->data, wanted);
	if (!grown) {
		buffer->failed = true;
		return NULL;
	}
	buffer->data = grown;
	buffer->capacity = wanted;
	return grown + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
	char *room = buffer_reserve(buffer, size);
	if (!room)
		return;
	if (size)
		memcpy(room, bytes, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void buffer_puts(struct buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

void buffer_putc(struct buffer *buffer, char c)
{
	buffer_append(buffer, &c, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *room = size < 0 ? NULL : buffer_reserve(buffer, (size_t)size);
	if (room) {
		vsnprintf(room, (size_t)size + 1, format, again);
		buffer->size += (size_t)size;
	} else {
		buffer->failed = true;
	}
	va_end(again);
}

const char *buffer_text(const struct buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

char *buffer_take(struct buffer *buffer, size_t *size)
{
	buffer_append(buffer, "", 0); /* so that an empty buffer yields "" rather than NULL */
	if (buffer->failed) {
		buffer_free(buffer);
		return NULL;
	}
	char *data = buffer->data;
	if (size)
		*size = buffer->size;
	*buffer = (struct buffer){ 0 };
	return data;
}

void buffer_clear(struct buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
	if (buffer->data)
		buffer->data[0] = '\0';
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}
