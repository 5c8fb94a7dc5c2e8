#include "base/frames.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 64 << 10, KEEP_BYTES = 1 << 20 };

int frame_append(struct buffer *out, const void *bytes, size_t size, size_t max)
{
	const unsigned char head[FRAME_HEAD_BYTES] = { (unsigned char)(size >> 24),
						       (unsigned char)(size >> 16),
						       (unsigned char)(size >> 8), (unsigned char)size };

	if (size > max || size > UINT32_MAX)
		return -EMSGSIZE;
	if (!buffer_reserve(out, size + sizeof head))
		return -ENOMEM;
	buffer_append(out, head, sizeof head);
	buffer_append(out, bytes, size);
	return 0;
}

void frames_free(struct frames *frames)
{
	buffer_free(&frames->bytes);
	frames->at = 0;
}

/* What was handed out makes room: at once when that is all, else before the rest would have to move often. */
static void forget_read(struct frames *frames)
{
	struct buffer *bytes = &frames->bytes;

	if (frames->at == bytes->size && bytes->capacity > KEEP_BYTES) {
		frames_free(frames);
		return;
	}
	if (frames->at == 0 || frames->at < bytes->size / 2)
		return;
	memmove(bytes->data, bytes->data + frames->at, bytes->size - frames->at);
	bytes->size -= frames->at;
	frames->at = 0;
}

ssize_t frames_read(struct frames *frames, int fd)
{
	forget_read(frames);
	char *room = buffer_reserve(&frames->bytes, READ_BYTES);
	if (!room)
		return -ENOMEM;
	ssize_t count = read(fd, room, READ_BYTES);
	if (count < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	frames->bytes.size += (size_t)count;
	return count;
}

static size_t size_at(const unsigned char *head)
{
	return (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
}

int frames_next(struct frames *frames, const char **bytes, size_t *size)
{
	const char *head = buffer_text(&frames->bytes) + frames->at;
	size_t left = frames->bytes.size - frames->at;

	if (left < FRAME_HEAD_BYTES)
		return 0;
	size_t wanted = size_at((const unsigned char *)head);
	if (wanted > frames->max)
		return -EMSGSIZE;
	if (left - FRAME_HEAD_BYTES < wanted)
		return 0;
	*bytes = head + FRAME_HEAD_BYTES;
	*size = wanted;
	frames->at += FRAME_HEAD_BYTES + wanted;
	return 1;
}
