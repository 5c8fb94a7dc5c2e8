/* handlers.h - the bounded pool of threads that run handlers. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct http_exchange;
struct http_server;

struct handlers {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct http_exchange *first, **last;
	size_t waiting, limit;
	bool closed;
	pthread_t *threads;
	size_t thread_count;
};

int handlers_start(struct handlers *handlers, struct http_server *server, struct error *err);

/* False when `limit` are waiting already. One that was admitted before (and waited meanwhile) always finds a
 * place: the connections bound their number. */
bool handlers_push(struct handlers *handlers, struct http_exchange *x, bool admitted_before);

/* Threads end after the handler that they are in; what is waiting stays. Then, waits for them. */
void handlers_close(struct handlers *handlers);
void handlers_join(struct handlers *handlers);
