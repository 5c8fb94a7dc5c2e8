#include "visit.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum { BUCKETS = 1024 };

struct visit {
	struct visits *visits;
	const struct http_exchange *exchange;
	struct visit *next;
	void *memory;
};

struct visits {
	pthread_mutex_t lock;
	struct visit *buckets[BUCKETS];
};

struct visits *visits_new(void)
{
	struct visits *visits = calloc(1, sizeof *visits);

	if (visits)
		pthread_mutex_init(&visits->lock, NULL);
	return visits;
}

void visits_free(struct visits *visits)
{
	if (!visits)
		return;
	pthread_mutex_destroy(&visits->lock);
	free(visits);
}

static struct visit **bucket_of(struct visits *visits, const struct http_exchange *x)
{
	return &visits->buckets[((uintptr_t)x >> 6) % BUCKETS];
}

/* Runs when the exchange's pool goes: its address may be another exchange's from then on. */
static void forget_visit(void *object)
{
	struct visit *visit = object;
	struct visits *visits = visit->visits;

	pthread_mutex_lock(&visits->lock);
	struct visit **slot = bucket_of(visits, visit->exchange);
	while (*slot != visit)
		slot = &(*slot)->next;
	*slot = visit->next;
	pthread_mutex_unlock(&visits->lock);
}

static void *memory_of(struct visits *visits, const struct http_exchange *x)
{
	void *memory = NULL;

	pthread_mutex_lock(&visits->lock);
	for (struct visit *visit = *bucket_of(visits, x); visit && !memory; visit = visit->next)
		if (visit->exchange == x)
			memory = visit->memory;
	pthread_mutex_unlock(&visits->lock);
	return memory;
}

void *visit_memory(struct visits *visits, struct http_exchange *x, size_t size)
{
	void *memory = memory_of(visits, x);
	struct pool *pool = http_pool(x);
	struct visit *visit = NULL;

	if (memory)
		return memory;
	memory = pool_alloc(pool, size);
	visit = pool_alloc(pool, sizeof *visit);
	if (!memory || !visit)
		return NULL;
	*visit = (struct visit){ .visits = visits, .exchange = x, .memory = memory };
	pthread_mutex_lock(&visits->lock);
	visit->next = *bucket_of(visits, x);
	*bucket_of(visits, x) = visit;
	pthread_mutex_unlock(&visits->lock);
	if (pool_defer(pool, forget_visit, visit) < 0) {
		forget_visit(visit);
		return NULL;
	}
	return memory;
}
