/* What handlers say in a stream: its head, and what it sends, as bytes for the loop to write. */
#include "net/stream.h"

#include <event2/keyvalq_struct.h>
#include <event2/util.h>
#include <string.h>

#include "base/hash.h"
#include "exchange.h"
#include "inner.h"
#include "websocket.h"

enum {
	RUN_BYTES_MAX = 1 << 20,
	/* How soon an EventSource comes back; spread, so that a restart does not meet all of them at once. */
	RETRY_MS = 1000,
	RETRY_SPREAD_MS = 2000,
};

static void put_header(struct buffer *out, const char *name, const char *value)
{
	buffer_printf(out, "%s: %s\r\n", name, value);
}

static void put_head(struct http_exchange *x, const char *status_line)
{
	struct buffer *out = &x->reply_body;
	struct evkeyval *header;
	char date[64];
	buffer_clear(out);
	buffer_printf(out, "%s\r\n", status_line);
	evutil_date_rfc1123(date, sizeof date, NULL);
	put_header(out, "Date", date);
	if (x->reply_headers)
		TAILQ_FOREACH(header, x->reply_headers, next)
	put_header(out, header->key, header->value);
	put_header(out, "X-Request-Id", x->request_id);
}

static bool start_events(struct http_exchange *x)
{
	if (strcmp(x->method, "HEAD") == 0) {
		http_reply(x, 200, "text/event-stream", NULL, 0);
		return false;
	}
	uint16_t chance;
	random_bytes(&chance, sizeof chance);
	put_head(x, "HTTP/1.1 200 OK");
	/* The last one is for nginx, which would keep events back until it had a page full of them. */
	buffer_printf(&x->reply_body,
		      "Content-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n"
		      "X-Content-Type-Options: nosniff\r\nX-Accel-Buffering: no\r\n\r\nretry: %d\n\n",
		      RETRY_MS + chance % RETRY_SPREAD_MS);
	x->status = 200;
	return true;
}

/* Two of one header would be two answers to one question. */
static const char *only_header(const struct http_exchange *x, const char *name)
{
	const char *value = NULL;
	for (size_t i = 0; i < x->header_count; i++)
		if (strcasecmp(x->headers[i].name, name) == 0)
			value = value ? "" : x->headers[i].value;
	return value;
}

static bool start_websocket(struct http_exchange *x)
{
	char accept[WEBSOCKET_ACCEPT_BYTES];
	const char *why;
	const struct websocket_request request = {
		.upgrade = x->http_1_0 || strcmp(x->method, "GET") != 0 ? NULL : http_header(x, "Upgrade"),
		.connection = http_header(x, "Connection"),
		.version = only_header(x, "Sec-WebSocket-Version"),
		.key = only_header(x, "Sec-WebSocket-Key"),
	};
	int status = websocket_handshake(&request, accept, &why);
	if (status == 426) {
		http_set_header(x, "Upgrade", "websocket");
		http_set_header(x, "Sec-WebSocket-Version", "13");
	}
	if (status != 0) {
		exchange_refuse(x, status, why);
		return false;
	}
	put_head(x, "HTTP/1.1 101 Switching Protocols");
	buffer_puts(&x->reply_body, "Upgrade: websocket\r\nConnection: Upgrade\r\n");
	put_header(&x->reply_body, "Sec-WebSocket-Accept", accept);
	buffer_puts(&x->reply_body, "\r\n");
	x->status = 101;
	return true;
}

bool http_stream_start(struct http_exchange *x, enum http_stream_kind kind)
{
	if (x->streams)
		return true;
	if (!(kind == HTTP_WEBSOCKET ? start_websocket(x) : start_events(x)))
		return false;
	x->streams = kind;
	return true;
}

static void put_event(struct buffer *out, const char *id, const char *event, const char *text)
{
	if (id)
		buffer_printf(out, "id: %s\n", id);
	if (event)
		buffer_printf(out, "event: %s\n", event);
	for (;; text++) {
		size_t size = strcspn(text, "\r\n");
		buffer_puts(out, "data: ");
		buffer_append(out, text, size);
		buffer_putc(out, '\n');
		text += size;
		if (*text == '\r' && text[1] == '\n')
			text++;
		if (!*text)
			break;
	}
	buffer_putc(out, '\n');
}

bool http_stream_send(struct http_exchange *x, const char *id, const char *event, const char *text)
{
	struct buffer *out = &x->reply_body;
	size_t size = strlen(text);
	if (out->size + size > RUN_BYTES_MAX)
		out->failed = true;
	if (x->streams == HTTP_WEBSOCKET)
		websocket_text(out, text, size);
	else
		put_event(out, id, event, text);
	return !out->failed;
}

void http_stream_close_code(struct http_exchange *x, int code, const char *reason)
{
	x->close_code = code;
	x->close_reason = reason;
}

const char *http_stream_last_id(const struct http_exchange *x)
{
	const char *id = http_header(x, "Last-Event-ID");
	return id ? id : http_query(x, "last_event_id");
}
