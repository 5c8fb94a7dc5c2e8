/* One socket of a stream, from the handler's http_stream_start() to its close.
 *
 *   quiet ──more than the socket takes, half a frame, the end──▶ pressed ──all taken──▶ quiet, or closed
 *
 * Quiet ones stand in the order in which something was last written to them, so the heartbeat looks at the
 * first few alone, and sends to a bounded number at a time: thousands that came together do not hold the loop
 * up together. Pressed ones have a deadline. */
#include "streams.h"

#include <errno.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "inner.h"
#include "websocket.h"

enum {
	TICK_US = 100000,
	BEATS_A_TICK = 200,
	SILENCE_US = 15000000,
	FAIR_READ_BYTES = 65536, /* what a reader that is behind must take in body_ms */
	IGNORED_BYTES_MAX = 4096,
	CLOSE_US = 5000000, /* for the client's side of a WebSocket's close */
};

struct stream {
	TAILQ_ENTRY(stream) links; /* in the server's quiet or pressed ones */
	struct http_server *server;
	struct http_exchange *x; /* NULL once it is over */
	struct event readable;
	struct event *writable; /* while something is unsent */
	struct buffer unsent;
	size_t sent; /* of it */
	int64_t written_us;
	int64_t due_us;    /* while pressed */
	size_t due_unsent; /* what was unsent when that was set */
	int fd;
	unsigned ignored; /* bytes that an event stream's client sent */
	bool is_websocket, pressed, ending;
	struct websocket ws;
};

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

/* ---- which list ---- */

static size_t unsent(const struct stream *stream)
{
	return stream->unsent.size - stream->sent;
}

bool stream_is_behind(const struct stream *stream)
{
	return unsent(stream) > 0;
}

static struct stream_list *list_of(struct stream *stream)
{
	return stream->pressed ? &stream->server->pressed : &stream->server->quiet;
}

static void move(struct stream *stream, bool pressed)
{
	TAILQ_REMOVE(list_of(stream), stream, links);
	stream->pressed = pressed;
	TAILQ_INSERT_TAIL(list_of(stream), stream, links);
}

static void set_due(struct stream *stream, int64_t us)
{
	stream->due_us = clock_monotonic_us() + us;
	stream->due_unsent = unsent(stream);
}

static void press_or_release(struct stream *stream)
{
	bool pressed = stream->ending || stream_is_behind(stream) ||
		       (stream->is_websocket && websocket_is_half_way(&stream->ws));
	if (pressed && !stream->pressed)
		set_due(stream, stream->server->options.body_ms * 1000);
	if (pressed != stream->pressed)
		move(stream, pressed);
}

/* ---- the ends of a stream ---- */

/* Nobody is told here. `keep_fd`: somebody else closes it. */
static void free_stream(struct stream *stream, bool keep_fd)
{
	struct http_server *server = stream->server;
	TAILQ_REMOVE(list_of(stream), stream, links);
	event_del(&stream->readable);
	if (stream->writable)
		event_free(stream->writable);
	if (!keep_fd)
		close(stream->fd);
	if (stream->ending)
		server->answering--;
	buffer_free(&stream->unsent);
	websocket_free(&stream->ws);
	free(stream);
	connection_closed(server);
	loop_end_when_drained(server);
}

static void detach(struct stream *stream)
{
	struct http_exchange *x = stream->x;
	stream->x = NULL;
	if (x) {
		x->stream = NULL;
		loop_client_gone(x);
	}
}

static void gone(struct stream *stream)
{
	detach(stream);
	free_stream(stream, false);
}

static void cut_off(struct stream *stream)
{
	/* A reset: otherwise the kernel would go on keeping what this reader does not take. */
	const struct linger reset = { .l_onoff = 1 };
	setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	gone(stream);
}

/* True when that was the last of it. */
static bool finish_if_done(struct stream *stream)
{
	if (!stream->ending || stream_is_behind(stream) ||
	    (stream->is_websocket && stream->ws.state != WEBSOCKET_OVER))
		return false;
	linger(stream->server, stream->fd);
	free_stream(stream, true);
	return true;
}

static void begin_ending(struct stream *stream, int64_t us)
{
	if (!stream->ending) {
		stream->ending = true;
		stream->server->answering++;
	}
	press_or_release(stream);
	set_due(stream, us);
	finish_if_done(stream);
}

void stream_end(struct stream *stream, int code, const char *reason)
{
	struct buffer out = { 0 };
	int64_t us = stream->server->options.body_ms * 1000;
	stream->x = NULL;
	if (stream->is_websocket) {
		websocket_close(&stream->ws, code, reason, &out);
		us = stream_is_behind(stream) ? us + CLOSE_US : CLOSE_US;
	}
	if (stream_write(stream, &out))
		begin_ending(stream, us);
}

/* ---- writing ---- */

/* How much went, or -1 when nothing ever will. */
static ssize_t send_some(const struct stream *stream, const char *bytes, size_t size)
{
	ssize_t sent = send(stream->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void note_written(struct stream *stream)
{
	stream->written_us = clock_monotonic_us();
	if (!stream->pressed)
		move(stream, false); /* to the end of the line */
}

static bool keep_rest(struct stream *stream, struct buffer *bytes, size_t sent)
{
	stream->unsent = *bytes;
	stream->sent = sent;
	*bytes = (struct buffer){ 0 };
	if (!stream->writable)
		stream->writable = event_new(stream->server->base, stream->fd, EV_WRITE | EV_PERSIST,
					     on_writable, stream);
	return stream->writable && event_add(stream->writable, NULL) == 0;
}

bool stream_write(struct stream *stream, struct buffer *bytes)
{
	bool good = !bytes->failed;
	if (bytes->size > 0 && good) {
		if (stream_is_behind(stream)) {
			buffer_append(&stream->unsent, bytes->data, bytes->size);
			good = !stream->unsent.failed;
		} else {
			ssize_t sent = send_some(stream, bytes->data, bytes->size);
			good = sent >= 0;
			if (good && (size_t)sent < bytes->size)
				good = keep_rest(stream, bytes, (size_t)sent);
		}
		note_written(stream);
	}
	buffer_free(bytes);
	if (good)
		press_or_release(stream);
	else
		gone(stream);
	return good;
}

static void all_taken(struct stream *stream)
{
	event_free(stream->writable);
	stream->writable = NULL;
	buffer_free(&stream->unsent);
	stream->sent = 0;
	press_or_release(stream);
	note_written(stream);
	if (!finish_if_done(stream) && stream->x)
		loop_stream_caught_up(stream->x);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;
	ssize_t sent = send_some(stream, stream->unsent.data + stream->sent, unsent(stream));
	if (sent < 0) {
		gone(stream);
		return;
	}
	stream->sent += (size_t)sent;
	if (!stream_is_behind(stream))
		all_taken(stream);
}

/* ---- reading ---- */

static bool feed(struct stream *stream, const char *bytes, size_t size)
{
	struct buffer out = { 0 };
	enum websocket_state state = websocket_feed(&stream->ws, bytes, size, clock_monotonic_us(), &out);
	if (!stream_write(stream, &out))
		return false;
	if (state != WEBSOCKET_OVER)
		return true;
	detach(stream);
	begin_ending(stream, CLOSE_US);
	return false;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;
	char bytes[4096];
	ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0 && stream->is_websocket && stream->ws.state != WEBSOCKET_OVER) {
		feed(stream, bytes, (size_t)got);
		return;
	}
	stream->ignored += got > 0 ? (unsigned)got : 0;
	if (got <= 0 || stream->ignored > IGNORED_BYTES_MAX)
		gone(stream);
}

/* ---- the beginning ---- */

static struct stream *make(struct http_exchange *x)
{
	struct http_server *server = x->server;
	struct stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return NULL;
	*stream = (struct stream){
		.server = server, .x = x, .fd = -1, .is_websocket = x->streams == HTTP_WEBSOCKET
	};
	TAILQ_INSERT_TAIL(&server->quiet, stream, links);
	server->sockets++;
	return stream;
}

static bool watch(struct stream *stream)
{
	return stream->fd >= 0 &&
	       event_assign(&stream->readable, stream->server->base, stream->fd, EV_READ | EV_PERSIST,
			    on_readable, stream) == 0 &&
	       event_add(&stream->readable, NULL) == 0;
}

bool stream_open(struct http_exchange *x)
{
	cleanup_buffer struct buffer early = { 0 };
	struct stream *stream = make(x);
	if (!stream) {
		connection_drop(x);
		return false;
	}
	stream->fd = connection_take(x, &early);
	if (!watch(stream)) {
		TAILQ_REMOVE(&x->server->quiet, stream, links);
		close_fd(&stream->fd);
		free(stream);
		connection_closed(x->server);
		return false;
	}
	x->stream = stream;
	if (!stream_write(stream, &x->reply_body))
		return false;
	return !stream->is_websocket || early.size == 0 || feed(stream, early.data, early.size);
}

/* ---- time ---- */

static void beat(struct stream *stream)
{
	struct buffer out = { 0 };
	if (stream->is_websocket)
		websocket_ping(&out);
	else
		buffer_puts(&out, ":\n\n");
	stream_write(stream, &out);
}

static void beat_some(struct http_server *server, int64_t now)
{
	for (int i = 0; i < BEATS_A_TICK; i++) {
		struct stream *first = TAILQ_FIRST(&server->quiet);
		if (!first || first->written_us + SILENCE_US > now)
			return;
		beat(first);
	}
}

static void on_tick(evutil_socket_t none, short what, void *arg)
{
	struct http_server *server = arg;
	int64_t now = clock_monotonic_us();
	struct stream *stream, *next;
	for (stream = TAILQ_FIRST(&server->pressed); stream; stream = next) {
		next = TAILQ_NEXT(stream, links);
		if (now < stream->due_us)
			continue;
		if (unsent(stream) > 0 && unsent(stream) + FAIR_READ_BYTES <= stream->due_unsent)
			set_due(stream, server->options.body_ms * 1000);
		else
			cut_off(stream);
	}
	beat_some(server, now);
}

int streams_open(struct http_server *server)
{
	const struct timeval tick = { .tv_usec = TICK_US };
	TAILQ_INIT(&server->quiet);
	TAILQ_INIT(&server->pressed);
	server->tick = event_new(server->base, -1, EV_PERSIST, on_tick, server);
	return server->tick && event_add(server->tick, &tick) == 0 ? 0 : -ENOMEM;
}

void streams_close(struct http_server *server)
{
	while (!TAILQ_EMPTY(&server->quiet))
		gone(TAILQ_FIRST(&server->quiet));
	while (!TAILQ_EMPTY(&server->pressed))
		gone(TAILQ_FIRST(&server->pressed));
}
