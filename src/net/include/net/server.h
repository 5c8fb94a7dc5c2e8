/* server.h - HTTP/1.1: one event loop thread owns all sockets, a bounded pool of threads runs handlers.
 *
 * A handler is straight-line blocking code in a pool thread. A request that has to wait for something is
 * parked: it holds a connection, never a thread, and its handler runs again when somebody calls
 * http_wake() with its key, or when its time is over.
 *
 *     static void get_submission(struct http_exchange *x)
 *     {
 *             ...look; not final yet...
 *             if (wait_ms > 0 && http_park(x, key, wait_ms))
 *                     return;
 *             http_reply_json(x, 200, json);
 *     }
 *
 * No wake is lost: one that comes between the handler's look and its http_park() runs it again at once.
 *
 * Requests that are malformed, or that two readers could read differently, never reach a handler (guard.c). */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"

struct http_server;
struct http_exchange;
typedef void http_handler(struct http_exchange *x);

/* How a route is added: a row in the role's table; path segments in braces are parameters
 * ("/api/v1/submissions/{id}"); a trailing slash in a request makes no difference. The first row that fits
 * wins: "/batch" stands above "/{id}". Literal segments are compared undecoded. */
struct http_route {
	const char *method; /* "GET" also serves HEAD */
	const char *path;
	http_handler *handler;
};

/* One request that is over, or one stream. */
struct http_done {
	const char *method;
	const char *route;   /* the row's path; "" when none fitted */
	int status;          /* 0: the client went away unanswered */
	int64_t duration_us; /* with all waiting */
	size_t bytes;        /* of the answer's body */
};

struct http_server_options {
	const char *listen;              /* "127.0.0.1:8001,[::1]:8001"; port 0: any free one */
	const struct http_route *routes; /* must outlive the server */
	size_t route_count;
	void *context; /* http_context() */
	size_t threads;
	size_t queue;       /* requests that wait for a thread; beyond it 503 with Retry-After */
	size_t connections; /* further ones wait to be accepted; raises RLIMIT_NOFILE as far as it may */
	size_t body_bytes;  /* 413 beyond */
	int64_t head_ms;    /* absolute, from its first byte: 408 */
	int64_t body_ms; /* the same for a body; and by then an answer's reader has taken 64 KB, again and again */
	int64_t idle_ms; /* between requests */
	/* Writes the body of an error that the server itself finds (400, 404, 405, 408, 413, 503, ...) with
	 * http_reply_*(); NULL: {"detail": text}. Short: it may run on the loop thread, and then the request is
	 * not the client's own (its head was refused). */
	void (*reply_error)(struct http_exchange *x, int status, const char *text);
	/* Looks at every request before its handler, once, in a handler thread: false after having replied. Also
	 * at those that no row serves, which are answered with 404 or 405 afterwards. NULL: none. */
	bool (*admit)(struct http_exchange *x);
	/* Whose X-Forwarded-For and Forwarded are believed: "10.0.0.0/8,::1"; NULL or "": nobody's. */
	const char *trusted_proxies;
	/* Which other sites' pages may send requests: "https://a.example,https://b.example:8443", or "*"; ""
	 * for none. A request with a foreign Origin gets 403 before anything else is asked, a preflight of a
	 * listed one 204. NULL: Origin is not looked at. */
	const char *origins;
	/* The largest body that this row takes; 0: body_bytes. On the loop thread. NULL: the same for all. */
	size_t (*body_limit)(const struct http_route *route);
	/* Told of every exchange's end, for metrics; NULL: nobody. On the loop thread, so it must not block. */
	void (*on_done)(void *context, const struct http_done *done);
};

int http_server_start(const struct http_server_options *options, struct http_server **server,
		      struct error *err);
/* The addresses that are listened on, "http://127.0.0.1:8001", NULL-ended; owned by the server. */
const char *const *http_server_addresses(const struct http_server *server);
/* Stops listening, answers what is under way (parked requests get 503 with Retry-After), at most `grace_ms`,
 * and closes all connections. A handler that takes longer runs on without a client. */
void http_server_stop(struct http_server *server, int64_t grace_ms);
/* Stops if need be, and waits for the handlers that run, however long. Accepts NULL. */
void http_server_free(struct http_server *server);

/* ---- within a handler ---- */
void *http_context(const struct http_exchange *x);
const struct http_route *http_route_of(const struct http_exchange *x); /* the row; NULL: none serves it */
/* Who asks, as admit() found out: a number of the role's own; 0 until it is set. */
void http_set_caller(struct http_exchange *x, int64_t caller);
int64_t http_caller(const struct http_exchange *x);
/* Lives until the handler returns: what waits holds nothing. NULL when memory is out. */
struct pool *http_pool(struct http_exchange *x);
/* `size` zeroed bytes that stay from run to run of this exchange: the first call makes them, later ones find
 * them (`destroy`, which may be NULL, is the first one's; it is called on the loop thread when the exchange
 * ends, however it does: answered, stopped, or its client gone). NULL when memory is out. */
void *http_memory(struct http_exchange *x, size_t size, void (*destroy)(void *memory));
const char *http_method(const struct http_exchange *x);
const char *http_path(const struct http_exchange *x); /* as sent, without query and trailing slash */
const char *http_param(const struct http_exchange *x, const char *name); /* of the route; decoded */
const char *http_query(const struct http_exchange *x, const char *name); /* decoded; NULL if absent */
const char *http_query_text(const struct http_exchange *x);              /* all of it, as sent; "" for none */
const char *http_header(const struct http_exchange *x, const char *name); /* NULL if absent */
/* "127.0.0.1"; where the peer is a trusted proxy, the client that it speaks for. */
const char *http_peer(const struct http_exchange *x);
const char *http_body(const struct http_exchange *x, size_t *size); /* NUL behind; never NULL */
/* Whether a body, where there is one, says that it is JSON: forms and plain text are what foreign pages can send unasked. */
bool http_body_is_json(const struct http_exchange *x);
const char *http_request_id(const struct http_exchange *x); /* X-Request-Id taken over, or made */
/* When the request was here, whole: the moment that counts where a schedule decides, however long it waited since. */
int64_t http_arrived_ms(const struct http_exchange *x);
bool http_over_loopback(const struct http_exchange *x); /* peer and Host are, nothing was forwarded */
/* A traceparent (W3C Trace Context) to pass on: the client's trace taken over, or a new one, with a span of this
 * exchange. NULL when memory is out. */
const char *http_trace(struct http_exchange *x);

/* Parks under `key` for at most `wait_ms` in all (counted from the first parking of this exchange). True:
 * parked, return at once. False: the time is over (or the server is stopping); reply now.
 * In a stream (net/stream.h) `wait_ms` is this parking's alone: until the handler looks again unasked. */
bool http_park(struct http_exchange *x, const char *key, int64_t wait_ms);
/* Runs again every handler that is parked under `key`, or all (NULL). Any thread, until http_server_free(). */
void http_wake(struct http_server *server, const char *key);
/* The server that this exchange belongs to. */
struct http_server *http_server_of(const struct http_exchange *x);

/* Exactly one reply an exchange: a handler that returns without one, unparked, is answered with 500. */
void http_set_header(struct http_exchange *x, const char *name, const char *value);
void http_reply(struct http_exchange *x, int status, const char *content_type, const void *body, size_t size);
void http_reply_json(struct http_exchange *x, int status, json_t *json); /* takes the reference */
void http_reply_empty(struct http_exchange *x, int status);
