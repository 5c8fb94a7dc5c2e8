/* stream.h - answers that go on: Server-Sent Events and WebSocket, by the pattern of http_park().
 *
 * A stream's handler runs at the start and again after every http_wake() of its key; each time it looks, sends
 * what is new, and parks. It ends by returning without parking:
 *
 *     static void submission_events(struct http_exchange *x)
 *     {
 *             struct seen *seen = http_memory(x, sizeof *seen, NULL);
 *             ...look; not there: http_reply_json(x, 404, ...), return...
 *             if (!http_stream_start(x, HTTP_EVENTS))
 *                     return;
 *             if (state->version > seen->version)
 *                     http_stream_send(x, version_text, NULL, json_text);
 *             seen->version = state->version;
 *             if (!state->final)
 *                     http_park(x, key, LOOK_AGAIN_MS);
 *     }
 *
 * No wake is lost, as with http_park(). What was sent goes out when the handler returns. While a slow reader
 * has not taken it, the handler does not run: wakes are remembered as one, and the next run sends the state as
 * it is then, so a stream never holds more than one run has sent. A reader that takes less than 64 KB (or all)
 * in body_ms is cut off. After 15 s of silence goes a comment, or a ping. A client that goes away frees
 * everything at once; http_memory()'s `destroy` is told. A waiting stream costs about 2 KB and no thread.
 *
 * WebSocket clients may say little: text messages are read and forgotten, up to 4 KB each, at most 10 frames a
 * second for long; binary ones, more, or anything against RFC 6455 ends the stream with the fitting code. */
#pragma once

#include "net/server.h"

enum http_stream_kind {
	HTTP_EVENTS = 1, /* text/event-stream (HTML Standard, section 9.2) */
	HTTP_WEBSOCKET,  /* RFC 6455, version 13; no subprotocols, no extensions */
};

/* Turns the exchange into a stream; in later runs it does nothing. Headers set before go along. False after
 * having replied otherwise: HEAD, or no proper upgrade (400, 426). What http_reply_*() say after it counts for
 * nothing. */
bool http_stream_start(struct http_exchange *x, enum http_stream_kind kind);

/* Sends one event, or one text message. `id` and `event` are for events alone and may be NULL; without line
 * feeds. `text` is UTF-8. False when this run has sent more than 1 MB, or memory is out: the stream ends. */
bool http_stream_send(struct http_exchange *x, const char *id, const char *event, const char *text);

/* The code of the close frame (RFC 6455 section 7.4) when this run does not park; 1000 otherwise, 1001 when the
 * server stops. `reason` is at most 123 bytes and outlives the exchange. */
void http_stream_close_code(struct http_exchange *x, int code, const char *reason);

/* Where a client that comes back stopped: its Last-Event-ID header, or ?last_event_id= (WebSocket clients
 * cannot set headers). NULL when it starts anew. An EventSource comes back after every end unless it is
 * answered with 204, so answer that to one that has seen the last event already. */
const char *http_stream_last_id(const struct http_exchange *x);
