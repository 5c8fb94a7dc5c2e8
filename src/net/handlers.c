#include "handlers.h"

#include <stdlib.h>

#include "exchange.h"
#include "inner.h"

static void *run_handlers(void *arg);

int handlers_start(struct handlers *handlers, struct http_server *server, struct error *err)
{
	size_t count = server->options.threads;
	pthread_mutex_init(&handlers->lock, NULL);
	pthread_cond_init(&handlers->filled, NULL);
	handlers->last = &handlers->first;
	handlers->limit = server->options.queue;
	handlers->threads = calloc(count, sizeof *handlers->threads);
	if (!handlers->threads)
		return error_set(err, -ENOMEM, "start %zu handler threads: out of memory", count);
	for (; handlers->thread_count < count; handlers->thread_count++) {
		int failed = start_thread(&handlers->threads[handlers->thread_count], "http-handler",
					  run_handlers, server);
		if (failed)
			return error_set(err, -failed, "start %zu handler threads: cannot make a thread",
					 count);
	}
	return 0;
}

bool handlers_push(struct handlers *handlers, struct http_exchange *x, bool admitted_before)
{
	pthread_mutex_lock(&handlers->lock);
	bool fits = admitted_before || handlers->waiting < handlers->limit;
	if (fits) {
		exchange_move(x, EXCHANGE_QUEUED);
		x->next = NULL;
		*handlers->last = x;
		handlers->last = &x->next;
		handlers->waiting++;
		pthread_cond_signal(&handlers->filled);
	}
	pthread_mutex_unlock(&handlers->lock);
	return fits;
}

/* NULL when the pool is closed. */
static struct http_exchange *pop(struct handlers *handlers)
{
	pthread_mutex_lock(&handlers->lock);
	while (!handlers->first && !handlers->closed)
		pthread_cond_wait(&handlers->filled, &handlers->lock);
	struct http_exchange *x = handlers->closed ? NULL : handlers->first;
	if (x) {
		handlers->first = x->next;
		if (!handlers->first)
			handlers->last = &handlers->first;
		handlers->waiting--;
		exchange_move(x, EXCHANGE_RUNNING);
	}
	pthread_mutex_unlock(&handlers->lock);
	return x;
}

static void *run_handlers(void *arg)
{
	struct http_server *server = arg;
	struct http_exchange *x;
	while ((x = pop(&server->handlers))) {
		x->looked_at = loop_wake_sequence(server);
		if (!atomic_load(&x->gone))
			exchange_run(x);
		loop_return(server, x);
	}
	return NULL;
}

void handlers_close(struct handlers *handlers)
{
	pthread_mutex_lock(&handlers->lock);
	handlers->closed = true;
	pthread_cond_broadcast(&handlers->filled);
	pthread_mutex_unlock(&handlers->lock);
}

void handlers_join(struct handlers *handlers)
{
	for (size_t i = 0; i < handlers->thread_count; i++)
		pthread_join(handlers->threads[i], NULL);
	handlers->thread_count = 0;
	free(handlers->threads);
	handlers->threads = NULL;
}
