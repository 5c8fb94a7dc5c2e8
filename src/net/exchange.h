/* exchange.h - one request and its answer, from the loop to a handler thread and back. */
#pragma once

#include <event2/event.h>
#include <event2/http.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "net/stream.h"
#include "origin.h"
#include "router.h"

struct connection;
struct stream;

/* Who may touch an exchange follows from its state: the loop in all but RUNNING. */
enum exchange_state {
	EXCHANGE_NEW,      /* just read */
	EXCHANGE_QUEUED,   /* waits for a handler thread */
	EXCHANGE_RUNNING,  /* in its handler */
	EXCHANGE_RETURNED, /* the handler is back; the loop decides */
	EXCHANGE_PARKED,   /* waits for a wake or its deadline */
	EXCHANGE_ANSWERED, /* about to be freed */
};

struct http_exchange {
	struct http_server *server;
	struct pool *pool;
	enum exchange_state state;
	struct http_exchange *next;    /* in the queue that it is in */
	struct connection *connection; /* loop only; NULL once the client has gone, or it is a stream */
	struct stream *stream;         /* loop only; NULL before, and once the client has gone */
	atomic_bool gone;              /* the same, for a handler thread that has not begun */

	/* the request; a copy, because evhttp's goes with the connection */
	const char *method, *path, *query, *request_id;
	const char *socket_peer, *peer; /* who is connected; for whom */
	bool proxied;                   /* by a proxy that is trusted */
	bool http_1_0;
	enum origin origin;
	struct url_pair *headers;
	size_t header_count;
	char *body; /* NULL: none */
	size_t body_size;
	int64_t began_us;

	/* filled in by the first run */
	bool routed;
	const struct url_pair *queries;
	size_t query_count;
	struct route_match match;
	int64_t caller;    /* admit()'s word */
	const char *trace; /* NULL until somebody asks */

	/* of its handler */
	struct pool *run_pool; /* NULL until somebody asks, in each run */
	void *memory;          /* from run to run */
	void (*destroy_memory)(void *memory);

	/* waiting */
	bool wants_park;
	const char *key;
	int64_t wait_until_us;       /* 0: never parked */
	uint64_t looked_at;          /* the wake sequence when the handler began to look */
	struct event *park_deadline; /* made at the first parking */
	struct http_exchange *park_next, **park_slot;
	bool woken; /* while its reader had not taken all: the handler has to run when it has */

	/* the answer */
	bool replied;
	int status;
	struct evkeyvalq *reply_headers; /* NULL until the first */
	struct buffer reply_body;        /* of a stream: what this run sends, as bytes on the wire */
	enum http_stream_kind streams;   /* 0: an answer like any other */
	int close_code;
	const char *close_reason;
	int answered_status; /* 0 until it is on its way */
	size_t answered_bytes;
};

/* Copies the request; NULL when memory is out. The request's body is moved out of evhttp's hands. */
struct http_exchange *exchange_new(struct http_server *server, struct evhttp_request *request);
void exchange_free(struct http_exchange *x);

/* The one place that changes the state; a transition that is not in its table is a bug, and aborts. */
void exchange_move(struct http_exchange *x, enum exchange_state to);

/* Decodes, asks admit(), finds the route and calls its handler. In a handler thread. */
void exchange_run(struct http_exchange *x);

/* Replies with an error that the server itself found, in the shape that the role chose. */
void exchange_refuse(struct http_exchange *x, int status, const char *text);
