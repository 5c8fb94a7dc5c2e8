/* websocket.h - the WebSocket protocol, server side (RFC 6455): bytes in, bytes out; no sockets here.
 *
 * wslay reads and checks what clients send, and answers pings and closes. Its context is 8 KB large, too much
 * for each of ten thousand clients that say nothing; so it lives only while a frame or a message is half
 * there, or a close is under way. In between there is nothing to remember. What we send are whole unmasked
 * frames, which need no context. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum { WEBSOCKET_ACCEPT_BYTES = 29, WEBSOCKET_MESSAGE_MAX = 4096, WEBSOCKET_REASON_MAX = 123 };

/* The headers of an upgrade, each NULL when it is not there. */
struct websocket_request {
	const char *upgrade, *connection, *version, *key;
};

/* 0 and the value for Sec-WebSocket-Accept, or the status to refuse with (400, 426) and why. */
int websocket_handshake(const struct websocket_request *request, char accept[WEBSOCKET_ACCEPT_BYTES],
			const char **why);

enum websocket_state {
	WEBSOCKET_OPEN,
	WEBSOCKET_CLOSING, /* our close is sent, theirs awaited */
	WEBSOCKET_OVER,    /* once what is in the output is written, the connection ends */
};

/* Zero-initialise to start. */
struct websocket {
	struct wslay_event_context *frames; /* NULL while nothing is half there */
	const char *input;
	size_t input_size;
	struct buffer *output;
	uint64_t fed, framed;      /* bytes: all that came; those of whole frames */
	uint64_t frame_size;       /* of the frame that is being read */
	bool frame_ends;           /* its message */
	bool frame_is_data;        /* not a control frame */
	bool in_message;           /* between two frames of one */
	int64_t now_us, budget_us; /* when the client may have sent nothing for long */
	enum websocket_state state;
};

/* A text frame, or a ping without payload. */
void websocket_text(struct buffer *out, const char *text, size_t size);
void websocket_ping(struct buffer *out);

/* What the client sent; the answers that the protocol asks for are appended to `out`. */
enum websocket_state websocket_feed(struct websocket *ws, const void *bytes, size_t size, int64_t now_us,
				    struct buffer *out);
/* Begins to close. `reason` is at most WEBSOCKET_REASON_MAX bytes; NULL is none. */
enum websocket_state websocket_close(struct websocket *ws, int code, const char *reason, struct buffer *out);
/* Whether a frame or a message has begun and not ended. */
bool websocket_is_half_way(const struct websocket *ws);
void websocket_free(struct websocket *ws);
