/* streams.h - the sockets of answers that go on; loop thread only.
 *
 * A stream's socket is taken away from evhttp: an idle one is an event, some numbers and nothing else. */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "base/buffer.h"

struct http_exchange;
struct http_server;
struct stream;

TAILQ_HEAD(stream_list, stream);

/* Takes x's socket over from its connection and writes x->reply_body. False: there is no stream, nor a
 * connection any more. */
bool stream_open(struct http_exchange *x);
/* Writes `bytes`, as much as goes at once, and keeps the rest; empties the buffer. False: the client is found
 * to be gone, and x->stream is NULL. */
bool stream_write(struct stream *stream, struct buffer *bytes);
/* Whether the reader has not taken all. */
bool stream_is_behind(const struct stream *stream);
/* The exchange is over: the stream ends by itself once its reader has all. */
void stream_end(struct stream *stream, int code, const char *reason);

int streams_open(struct http_server *server); /* 0 or -ENOMEM */
void streams_close(struct http_server *server);
