/* frames.h - messages on a stream between two processes of ours: each four bytes of length, the first the highest,
 * and so many bytes behind them.
 *
 * Both ends agree on the largest message. One that is larger, or a stream that ends in the middle of one, is the
 * end of the conversation: there is no way to find the next message. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

enum { FRAME_HEAD_BYTES = 4 };

/* Appends one message to what is to be sent. -EMSGSIZE beyond `max`; -ENOMEM. */
int frame_append(struct buffer *out, const void *bytes, size_t size, size_t max);

/* What was received and not looked at yet. Zero-initialise but for `max`; frames_free() accepts that. */
struct frames {
	size_t max;
	struct buffer bytes; /* owned */
	size_t at;           /* what is before it was handed out */
};
void frames_free(struct frames *frames);
#define cleanup_frames __attribute__((cleanup(frames_free)))

/* Reads from a stream, once: how many bytes, 0 at its end, -EAGAIN when nothing is there now, or -errno. */
ssize_t frames_read(struct frames *frames, int fd);
/* The next whole message, good until the next call of either: 1. 0: there is none yet. -EMSGSIZE: too large. */
int frames_next(struct frames *frames, const char **bytes, size_t *size);
