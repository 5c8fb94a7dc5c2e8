/* inner.h - the server's own view of itself; private to this folder.
 *
 *   connection.c  sockets, guard and evhttp; from a checked request to an exchange, from an answer to bytes
 *   loop.c        what the loop thread does with exchanges; the mail that other threads send it
 *   handlers.c    the threads that run handlers
 *   parking.c     exchanges that wait
 *   streams.c     sockets of answers that go on; websocket.c is their protocol, stream.c the handlers' side
 *   forwarded.c, origin.c, trace.c, rate.c   who asks, from which page, within which trace, and how often
 *
 * libevent is touched by the loop thread alone, so it needs no locks of its own. Handler threads and callers
 * of http_wake() reach the loop by mail: a locked list and an eventfd. */
#pragma once

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "exchange.h"
#include "forwarded.h"
#include "guard.h"
#include "handlers.h"
#include "listen.h"
#include "net/server.h"
#include "parking.h"
#include "streams.h"

struct woken {
	struct woken *next;
	char key[];
};

LIST_HEAD(connection_list, connection);
LIST_HEAD(lingering_list, lingering);

struct socket_slot {
	struct connection *connection;
};

struct http_server {
	struct http_server_options options;
	struct listeners listeners;
	struct handlers handlers;
	pthread_t loop;
	bool loop_started, handlers_started;
	atomic_bool stopping;
	int64_t grace_ms;

	/* the loop's alone */
	struct event_base *base;
	struct evhttp *http;
	struct evhttp_bound_socket *bound[LISTEN_MAX];
	struct event *mail;
	struct guard_rules rules;
	struct networks trusted;
	struct connection_list connections;
	struct lingering_list lingering;
	struct stream_list quiet, pressed; /* streams.c */
	struct event *tick;
	struct socket_slot *by_socket;
	size_t by_socket_size;
	size_t sockets; /* open ones, those that linger included */
	size_t sockets_max;
	bool full;        /* not accepting */
	size_t exchanges; /* not yet freed */
	size_t answering; /* answers that are being written */
	bool draining;    /* the stop was begun */
	struct parking parking;

	/* the mail, under its lock */
	pthread_mutex_t lock;
	int mail_fd;
	bool mail_waits;
	struct http_exchange *returned; /* by next */
	struct woken *woken;
	bool wake_all; /* a wake for all keys, or one that found no memory for its own */
	struct wakes wakes;
};

/* A thread without signals: they are the role's main thread's (and SIGPIPE nobody's). 0 or errno. */
int start_thread(pthread_t *thread, const char *name, void *(*run)(void *), void *arg);

/* loop.c */
int loop_open(struct http_server *server, struct error *err);
void *loop_run(void *arg);
void loop_close(struct http_server *server);
uint64_t loop_wake_sequence(struct http_server *server);
void loop_return(struct http_server *server, struct http_exchange *x); /* from a handler thread */
void loop_stop(struct http_server *server);                            /* from any thread */
/* On the loop: */
void loop_admit(struct http_exchange *x); /* a new one */
void loop_refuse(struct http_exchange *x, int status, const char *text);
void loop_client_gone(struct http_exchange *x);
void loop_stream_caught_up(struct http_exchange *x); /* its reader has taken all */
void loop_end_when_drained(struct http_server *server);

/* connection.c */
int connections_open(struct http_server *server, struct error *err);
void connections_stop_accepting(struct http_server *server);
void connections_close_idle(struct http_server *server);
void connections_close_all(struct http_server *server);
void connections_end(struct http_server *server);
void connection_watch(struct connection *c, bool watch); /* for its client's going away */
void connection_answer(struct http_exchange *x);         /* and frees it */
void connection_closed(struct http_server *server);      /* one socket fewer */
/* Takes the socket, and what came early on it, and frees the connection. The descriptor, or -1. */
int connection_take(struct http_exchange *x, struct buffer *early);
void connection_drop(struct http_exchange *x); /* closes it without an answer */

/* linger.c: keeps a socket whose client may still be sending, reading and discarding, until the client ends
 * or 2 s are over. Closing it at once would reset the connection, and with it the answer. */
void linger(struct http_server *server, int fd); /* owns fd from here */
void linger_close(struct http_server *server);
