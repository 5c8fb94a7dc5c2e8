/* One client's socket, from accept to close: evhttp owns it, the guard stands before evhttp, and this file
 * turns what evhttp hands up into an exchange, and an exchange's answer into bytes.
 *
 * evhttp tells nobody of a connection before its first request. A connection that ends earlier would be
 * forgotten here; so in the turn of the loop in which it was accepted, adopt() takes evhttp's object from the
 * bufferevent's callback argument (which it is, in every release since 2.0) and asks to be told of its end.
 *
 * While an exchange is under way, the socket is not read, and evhttp's callbacks are off: it exits the
 * process when bytes arrive in its writing state. While the exchange is parked, reading is on again, for the
 * one purpose of noticing that the client has gone; what else arrives is held by the guard. A client that
 * shuts down its sending side counts as gone only then: one that is being answered still gets its answer. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/keyvalq_struct.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inner.h"

enum {
	HEAD_BYTES = 16384,
	HELD_BODIES = 16,           /* of the largest size, by all connections together, */
	HELD_MIN_BYTES = 256 << 20, /* but at least this much */
	SOCKETS_RESERVED = 256,     /* descriptors that are not clients */
};

struct connection {
	LIST_ENTRY(connection) links;
	struct http_server *server;
	struct bufferevent *bev;         /* evhttp's */
	struct evhttp_connection *evcon; /* NULL before adopt() */
	struct guard *guard;
	int fd;
	struct evhttp_request *request; /* being handled */
	struct http_exchange *exchange; /* the same, for us */
	bool ends;                      /* with the next answer */
	bool answering;
};

static struct bufferevent *on_accept(struct event_base *base, void *arg);
static void on_request(struct evhttp_request *request, void *arg);

/* ---- the sockets together ---- */

static size_t limit_of(const struct http_server_options *options, const struct http_route *route)
{
	size_t own = route && options->body_limit ? options->body_limit(route) : 0;
	return own ? own : options->body_bytes;
}

static size_t body_bytes_of(const void *arg, const char *method, size_t method_size, const char *path,
			    size_t path_size)
{
	const struct http_server_options *options = &((const struct http_server *)arg)->options;
	return limit_of(options, route_for(options->routes, options->route_count, method, method_size, path,
					   path_size));
}

static void prepare_rules(struct http_server *server)
{
	const struct http_server_options *options = &server->options;
	size_t body_bytes = options->body_bytes;
	for (size_t i = 0; i < options->route_count; i++)
		if (limit_of(options, &options->routes[i]) > body_bytes)
			body_bytes = limit_of(options, &options->routes[i]);
	server->rules = (struct guard_rules){
		.head_bytes = HEAD_BYTES,
		.head_ms = options->head_ms,
		.body_ms = options->body_ms,
		.idle_ms = options->idle_ms,
		.held_max = HELD_MIN_BYTES,
		.body_bytes_of = body_bytes_of,
		.server = server,
	};
	if (server->rules.held_max / HELD_BODIES < body_bytes)
		server->rules.held_max = HELD_BODIES * body_bytes;
}

/* As many clients as are wanted, but never so many that accept() runs out of descriptors: that would spin. */
static void raise_socket_limit(struct http_server *server)
{
	struct rlimit limit;
	size_t wanted = server->options.connections;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < wanted + SOCKETS_RESERVED) {
		limit.rlim_cur = limit.rlim_max < wanted + SOCKETS_RESERVED ? limit.rlim_max
									    : wanted + SOCKETS_RESERVED;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	size_t possible = limit.rlim_cur / 2 > SOCKETS_RESERVED ? limit.rlim_cur - SOCKETS_RESERVED
								: limit.rlim_cur / 2;
	server->sockets_max = wanted < possible ? wanted : possible;
}

int connections_open(struct http_server *server, struct error *err)
{
	struct listeners *listeners = &server->listeners;
	LIST_INIT(&server->connections);
	LIST_INIT(&server->lingering);
	prepare_rules(server);
	raise_socket_limit(server);
	server->http = evhttp_new(server->base);
	if (!server->http)
		return error_set(err, -ENOMEM, "start the HTTP server: out of memory");

	evhttp_set_bevcb(server->http, on_accept, server);
	evhttp_set_gencb(server->http, on_request, server);
	evhttp_set_default_content_type(server->http, NULL);
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
							 EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
							 EVHTTP_REQ_PATCH | EVHTTP_REQ_OPTIONS);
	for (size_t i = 0; i < listeners->count; i++) {
		server->bound[i] = evhttp_accept_socket_with_handle(server->http, listeners->fds[i]);
		if (!server->bound[i])
			return error_set(err, -ENOMEM, "start the HTTP server: out of memory");
		listeners->fds[i] = -1;
	}
	return 0;
}

static void accept_more(struct http_server *server, bool more)
{
	server->full = !more;
	for (size_t i = 0; i < server->listeners.count && server->bound[i]; i++) {
		struct evconnlistener *listener = evhttp_bound_socket_get_listener(server->bound[i]);
		if (more)
			evconnlistener_enable(listener);
		else
			evconnlistener_disable(listener);
	}
}

void connections_stop_accepting(struct http_server *server)
{
	for (size_t i = 0; i < server->listeners.count; i++) {
		evhttp_del_accept_socket(server->http, server->bound[i]);
		server->bound[i] = NULL;
	}
}

void connection_closed(struct http_server *server)
{
	server->sockets--;
	if (server->full && server->sockets < server->sockets_max)
		accept_more(server, true);
}

static void close_some(struct http_server *server, bool busy_too)
{
	struct connection *next;
	for (struct connection *c = LIST_FIRST(&server->connections); c; c = next) {
		next = LIST_NEXT(c, links);
		if (c->evcon && (busy_too || (!c->exchange && !c->answering)))
			evhttp_connection_free(c->evcon);
	}
}

void connections_close_idle(struct http_server *server)
{
	close_some(server, false);
}

void connections_close_all(struct http_server *server)
{
	close_some(server, true);
	streams_close(server);
	linger_close(server);
}

static void forget(struct connection *c)
{
	LIST_REMOVE(c, links);
	guard_free(c->guard);
	connection_closed(c->server);
	free(c);
}

void connections_end(struct http_server *server)
{
	if (server->http)
		evhttp_free(server->http);
	struct connection *next;
	for (struct connection *c = LIST_FIRST(&server->connections); c; c = next) {
		next = LIST_NEXT(c, links); /* accepted, never adopted: its guard's bufferevent is gone */
		c->guard = NULL;
		forget(c);
	}
	free(server->by_socket);
}

/* ---- accepting one ---- */

static void on_close(struct evhttp_connection *evcon, void *arg)
{
	struct connection *c = arg;
	struct http_server *server = c->server;
	if (c->answering)
		server->answering--;
	if (c->exchange)
		loop_client_gone(c->exchange);
	server->by_socket[c->fd].connection = NULL;
	forget(c);
	loop_end_when_drained(server);
}

static bool remember(struct http_server *server, struct connection *c)
{
	size_t needed = (size_t)c->fd + 1;
	if (needed > server->by_socket_size) {
		size_t size = needed * 2;
		struct socket_slot *table = reallocarray(server->by_socket, size, sizeof *table);
		if (!table)
			return false;
		memset(table + server->by_socket_size, 0, (size - server->by_socket_size) * sizeof *table);
		server->by_socket = table;
		server->by_socket_size = size;
	}
	server->by_socket[c->fd].connection = c;
	return true;
}

static void adopt(evutil_socket_t none, short what, void *arg)
{
	struct connection *c = arg;
	const int on = 1;
	void *evcon;
	bufferevent_getcb(c->bev, NULL, NULL, NULL, &evcon);
	c->fd = bufferevent_getfd(c->bev);
	if (c->server->draining || !remember(c->server, c)) {
		forget(c);
		evhttp_connection_free(evcon);
		return;
	}
	c->evcon = evcon;
	evhttp_connection_set_closecb(evcon, on_close, c);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
	struct http_server *server = arg;
	struct timeval now = { 0 };
	struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	struct connection *c = calloc(1, sizeof *c);
	struct guard *guard = bev ? guard_new(&server->rules, bev) : NULL;
	if (!c || !guard || event_base_once(base, -1, EV_TIMEOUT, adopt, c, &now) < 0) {
		guard_free(guard);
		free(c);
		return bev; /* without a connection of ours: on_request() hangs up */
	}
	*c = (struct connection){ .server = server, .bev = bev, .guard = guard, .fd = -1 };
	LIST_INSERT_HEAD(&server->connections, c, links);
	server->sockets++;
	if (server->sockets >= server->sockets_max)
		accept_more(server, false);
	return bev;
}

/* ---- a request ---- */

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct connection *c = arg;
	evhttp_connection_free(c->evcon); /* on_close() does the rest */
}

void connection_watch(struct connection *c, bool watch)
{
	if (watch)
		bufferevent_enable(c->bev, EV_READ);
	else
		bufferevent_disable(c->bev, EV_READ);
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct http_server *server = arg;
	struct evhttp_connection *evcon = evhttp_request_get_connection(request);
	struct bufferevent *bev = evhttp_connection_get_bufferevent(evcon);
	size_t fd = (size_t)bufferevent_getfd(bev);
	struct connection *c = fd < server->by_socket_size ? server->by_socket[fd].connection : NULL;
	struct http_exchange *x = c ? exchange_new(server, request) : NULL;
	if (!x) {
		evhttp_connection_free(evcon);
		return;
	}
	bufferevent_setcb(bev, NULL, NULL, on_event, c);
	c->request = request;
	c->exchange = x;
	x->connection = c;

	struct guard_refusal refusal = guard_refusal(c->guard);
	/* Bytes that evhttp left would mean that it read another request than the guard: never go on then. */
	c->ends = refusal.status != 0 || evbuffer_get_length(bufferevent_get_input(bev)) > 0;
	if (refusal.status != 0)
		loop_refuse(x, refusal.status, refusal.why);
	else
		loop_admit(x);
}

/* ---- its answer ---- */

/* RFC 9110 section 15 and RFC 6585, for those that evhttp has no word for. */
static const char *reason_phrase(int status)
{
	switch (status) {
	case 422: return "Unprocessable Content";
	case 426: return "Upgrade Required";
	case 429: return "Too Many Requests";
	case 431: return "Request Header Fields Too Large";
	default: return NULL;
	}
}

static void add_headers(const struct http_exchange *x, bool ends)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(x->connection->request);
	struct evkeyval *header;
	if (x->reply_headers)
		TAILQ_FOREACH(header, x->reply_headers, next)
	evhttp_add_header(headers, header->key, header->value);
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(headers, "X-Request-Id", x->request_id);
	if (ends)
		evhttp_add_header(headers, "Connection", "close");
	if (strcmp(x->method, "HEAD") == 0) {
		char length[24];
		snprintf(length, sizeof length, "%zu", x->reply_body.size);
		evhttp_add_header(headers, "Content-Length", length);
	}
}

static void on_answered(struct evhttp_request *request, void *arg)
{
	struct connection *c = arg;
	int fd = c->ends ? dup(c->fd) : -1;
	if (fd >= 0)
		linger(c->server, fd);
	c->answering = false;
	c->server->answering--;
	guard_next(c->guard);
	loop_end_when_drained(c->server);
}

static void answer(struct connection *c, struct http_exchange *x, struct evbuffer *body)
{
	if (strcmp(x->method, "HEAD") != 0)
		evbuffer_add(body, x->reply_body.data, x->reply_body.size);
	add_headers(x, c->ends || c->server->draining);
	evhttp_request_set_on_complete_cb(c->request, on_answered, c);
	evhttp_send_reply(c->request, x->status, reason_phrase(x->status), body);
	/* evhttp reads on here to notice a close, and would drop the answer of a client that has only ended
	 * its sending side. A failing write tells as much. */
	bufferevent_disable(c->bev, EV_READ);
	c->request = NULL;
	c->exchange = NULL;
	c->answering = true;
	c->server->answering++;
	guard_answering(c->guard);
}

void connection_answer(struct http_exchange *x)
{
	struct connection *c = x->connection;
	struct evbuffer *body = x->reply_body.failed ? NULL : evbuffer_new();
	exchange_move(x, EXCHANGE_ANSWERED);
	if (body) {
		x->answered_status = x->status;
		x->answered_bytes = x->reply_body.size;
		answer(c, x, body);
		evbuffer_free(body);
	} else {
		c->exchange = NULL;
		evhttp_connection_free(c->evcon);
	}
	exchange_free(x);
}

/* ---- its end as an HTTP connection ---- */

void connection_drop(struct http_exchange *x)
{
	struct connection *c = x->connection;
	x->connection = NULL;
	c->exchange = NULL;
	evhttp_connection_free(c->evcon);
}

/* evhttp would shut the socket down and close it. So it is given another descriptor under the same number, of
 * something that cannot be shut down; epoll has forgotten the number before. */
int connection_take(struct http_exchange *x, struct buffer *early)
{
	struct connection *c = x->connection;
	guard_take(c->guard, early);
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	int fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && dup3(c->server->mail_fd, c->fd, O_CLOEXEC) < 0)
		close_fd(&fd);
	connection_drop(x);
	return fd;
}
