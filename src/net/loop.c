/* What the loop thread decides: which exchange runs, waits, or is answered. Every handler thread's return,
 * every wake and the stop arrive here as mail, so that each decision is taken by one thread, in one place. */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "inner.h"

static void on_mail(evutil_socket_t fd, short what, void *arg);

/* libevent's own words, which it would print. */
static void on_libevent_log(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warning("libevent", LOG_TEXT("text", text));
}

int loop_open(struct http_server *server, struct error *err)
{
	event_set_log_callback(on_libevent_log);
	server->base = event_base_new();
	server->mail_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!server->base || server->mail_fd < 0)
		return error_errno(err, "start the HTTP server's event loop");
	server->mail = event_new(server->base, server->mail_fd, EV_READ | EV_PERSIST, on_mail, server);
	if (!server->mail || event_add(server->mail, NULL) < 0 || streams_open(server) < 0)
		return error_set(err, -ENOMEM, "start the HTTP server's event loop: out of memory");
	return 0;
}

void *loop_run(void *arg)
{
	struct http_server *server = arg;
	event_base_dispatch(server->base);
	connections_close_all(server);
	event_base_loop(server->base, EVLOOP_NONBLOCK); /* libevent closes sockets a turn later */
	return NULL;
}

static void free_list(struct http_exchange *x)
{
	while (x) {
		struct http_exchange *next = x->next;
		exchange_free(x);
		x = next;
	}
}

void loop_close(struct http_server *server)
{
	connections_end(server);
	free_list(server->returned);
	free_list(server->handlers.first);
	while (server->woken) {
		struct woken *next = server->woken->next;
		free(server->woken);
		server->woken = next;
	}
	if (server->mail)
		event_free(server->mail);
	if (server->tick)
		event_free(server->tick);
	if (server->base)
		event_base_free(server->base);
	if (server->mail_fd >= 0)
		close(server->mail_fd);
}

/* ---- mail: written by any thread ---- */

/* With the lock held. One write however much mail there is. */
static void ring(struct http_server *server)
{
	const uint64_t one = 1;
	if (!server->mail_waits && write(server->mail_fd, &one, sizeof one) == sizeof one)
		server->mail_waits = true;
}

uint64_t loop_wake_sequence(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	uint64_t sequence = server->wakes.sequence;
	pthread_mutex_unlock(&server->lock);
	return sequence;
}

void loop_return(struct http_server *server, struct http_exchange *x)
{
	exchange_move(x, EXCHANGE_RETURNED);
	pthread_mutex_lock(&server->lock);
	x->next = server->returned;
	server->returned = x;
	ring(server);
	pthread_mutex_unlock(&server->lock);
}

void loop_stop(struct http_server *server)
{
	atomic_store(&server->stopping, true);
	pthread_mutex_lock(&server->lock);
	ring(server);
	pthread_mutex_unlock(&server->lock);
}

void http_wake(struct http_server *server, const char *key)
{
	size_t size = key ? strlen(key) + 1 : 0;
	struct woken *woken = key ? malloc(sizeof *woken + size) : NULL;
	if (woken)
		memcpy(woken->key, key, size);
	pthread_mutex_lock(&server->lock);
	wakes_note(&server->wakes, key);
	if (woken) {
		woken->next = server->woken;
		server->woken = woken;
	} else {
		server->wake_all = true;
	}
	ring(server);
	pthread_mutex_unlock(&server->lock);
}

/* ---- decisions ---- */

void loop_refuse(struct http_exchange *x, int status, const char *text)
{
	exchange_refuse(x, status, text);
	connection_answer(x);
}

void loop_admit(struct http_exchange *x)
{
	if (x->server->draining)
		loop_refuse(x, 503, "The server is stopping");
	else if (!handlers_push(&x->server->handlers, x, false))
		loop_refuse(x, 503, "Too many requests are waiting");
}

static void run_again(struct http_exchange *x)
{
	evtimer_del(x->park_deadline);
	x->woken = false;
	if (x->connection)
		connection_watch(x->connection, false);
	handlers_push(&x->server->handlers, x, true);
}

/* Asked while a handler may be running, so not of x->state, which is that thread's then. */
static bool is_parked(const struct http_exchange *x)
{
	return x->park_slot != NULL;
}

/* For a stream whose reader is behind, all that comes is one run when it has caught up. */
static void run_or_note(struct http_exchange *x)
{
	if (x->stream && stream_is_behind(x->stream)) {
		x->woken = true;
		parking_add(&x->server->parking, x);
	} else {
		run_again(x);
	}
}

static void on_park_deadline(evutil_socket_t fd, short what, void *arg)
{
	parking_remove(arg);
	run_or_note(arg);
}

void loop_stream_caught_up(struct http_exchange *x)
{
	if (!is_parked(x) || !x->woken)
		return;
	parking_remove(x);
	run_again(x);
}

static bool was_woken_since(struct http_server *server, const struct http_exchange *x)
{
	pthread_mutex_lock(&server->lock);
	bool woken = wakes_last(&server->wakes, x->key) > x->looked_at;
	pthread_mutex_unlock(&server->lock);
	return woken;
}

static void park(struct http_exchange *x)
{
	struct http_server *server = x->server;
	int64_t left = x->wait_until_us - clock_monotonic_us();
	struct timeval wait = { .tv_sec = left / 1000000, .tv_usec = left % 1000000 };

	if (!x->park_deadline)
		x->park_deadline = evtimer_new(server->base, on_park_deadline, x);
	if (server->draining || !x->park_deadline) {
		loop_refuse(x, 503, "The server is stopping");
		return;
	}
	bool again = left <= 0 || was_woken_since(server, x);
	bool behind = x->stream && stream_is_behind(x->stream);
	if (again && !behind) {
		handlers_push(&server->handlers, x, true);
		return;
	}
	x->woken = again;
	exchange_move(x, EXCHANGE_PARKED);
	parking_add(&server->parking, x);
	evtimer_add(x->park_deadline, &wait);
	if (x->connection)
		connection_watch(x->connection, true);
}

static void end_stream(struct http_exchange *x)
{
	if (x->server->draining)
		stream_end(x->stream, 1001, "The server is stopping");
	else
		stream_end(x->stream, x->close_code ? x->close_code : 1000, x->close_reason);
	x->stream = NULL;
	exchange_move(x, EXCHANGE_ANSWERED);
	exchange_free(x);
}

static void settle_stream(struct http_exchange *x)
{
	bool failed = x->reply_body.failed;
	x->answered_status = x->status;
	x->answered_bytes += x->reply_body.size;
	if (failed)
		http_stream_close_code(x, 1011, NULL);
	bool open = x->stream ? failed || stream_write(x->stream, &x->reply_body) : !failed && stream_open(x);
	if (!open && x->connection)
		connection_drop(x);
	if (!open)
		exchange_free(x);
	else if (x->wants_park && !failed && !x->server->draining)
		park(x);
	else
		end_stream(x);
}

static void settle(struct http_exchange *x)
{
	if (!x->connection && !x->stream)
		exchange_free(x);
	else if (x->streams)
		settle_stream(x);
	else if (x->replied)
		connection_answer(x);
	else if (x->wants_park)
		park(x);
	else
		loop_refuse(x, 500, "Internal Server Error");
}

void loop_client_gone(struct http_exchange *x)
{
	x->connection = NULL;
	x->stream = NULL;
	atomic_store(&x->gone, true);
	if (is_parked(x)) {
		parking_remove(x);
		exchange_free(x);
	}
}

static void wake(struct http_server *server, const char *key)
{
	struct http_exchange *next;
	for (struct http_exchange *x = parking_take(&server->parking, key); x; x = next) {
		next = x->park_next;
		run_or_note(x);
	}
}

/* ---- mail: read by the loop ---- */

static void begin_drain(struct http_server *server)
{
	struct timeval grace = { .tv_sec = server->grace_ms / 1000,
				 .tv_usec = server->grace_ms % 1000 * 1000 };
	struct http_exchange *next;

	server->draining = true;
	event_base_loopexit(server->base, &grace);
	connections_stop_accepting(server);
	connections_close_idle(server);
	for (struct http_exchange *x = parking_take(&server->parking, NULL); x; x = next) {
		next = x->park_next;
		evtimer_del(x->park_deadline);
		if (x->stream)
			end_stream(x);
		else
			loop_refuse(x, 503, "The server is stopping");
	}
}

void loop_end_when_drained(struct http_server *server)
{
	if (server->draining && server->exchanges == 0 && server->answering == 0)
		event_base_loopbreak(server->base);
}

static void on_mail(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;
	uint64_t rings;
	struct http_exchange *next;
	if (read(fd, &rings, sizeof rings) < 0)
		return;

	pthread_mutex_lock(&server->lock);
	struct http_exchange *returned = server->returned;
	struct woken *woken = server->woken;
	bool wake_all = server->wake_all;
	server->returned = NULL;
	server->woken = NULL;
	server->wake_all = server->mail_waits = false;
	pthread_mutex_unlock(&server->lock);

	for (; returned; returned = next) {
		next = returned->next;
		settle(returned);
	}
	if (wake_all)
		wake(server, NULL);
	while (woken) {
		struct woken *rest = woken->next;
		wake(server, woken->key);
		free(woken);
		woken = rest;
	}
	if (atomic_load(&server->stopping) && !server->draining)
		begin_drain(server);
	loop_end_when_drained(server);
}

/* ---- parking, asked for in a handler ---- */

bool http_park(struct http_exchange *x, const char *key, int64_t wait_ms)
{
	int64_t now = clock_monotonic_us();
	if (x->wait_until_us == 0 || x->streams)
		x->wait_until_us = now + wait_ms * 1000;
	if (now >= x->wait_until_us || atomic_load(&x->server->stopping))
		return false;
	if (!x->key || strcmp(x->key, key) != 0)
		x->key = pool_strdup(x->pool, key);
	x->wants_park = x->key != NULL;
	return x->wants_park;
}
