/* lifecycle.h - what clients do to submissions. Each function is one transaction and what follows from it:
 * log, wakes. All results live in the pool. */
#pragma once

#include "service.h"
#include "store.h"

/* Creates and, unless told otherwise, queues one; when one was created before under the same key or id:
 * *existed, and nothing changes. -ENOENT when its contest does not exist. */
int lifecycle_create(struct execution *service, const struct submission_request *request, struct pool *pool,
		     struct submission *submission, bool *existed, struct error *err);

/* Queues one that is pending or failed: 1; 0 when *state forbids it; -ENOENT when there is none. */
int lifecycle_execute(struct execution *service, int64_t id, struct pool *pool, enum submission_state *state,
		      struct error *err);

/* Cancels one that is not final, running or not: 1, also when it was cancelled before; 0 when *state is
 * another final one; -ENOENT when there is none. */
int lifecycle_cancel(struct execution *service, const char *job, struct pool *pool,
		     enum submission_state *state, struct error *err);

/* How many there are, in the queue and in all. */
struct lifecycle_figures {
	struct queue_counts queue;
	struct store_count *counts;
	size_t count;
};
int lifecycle_count(struct execution *service, struct pool *pool, struct lifecycle_figures *figures,
		    struct error *err);

/* Reads one: 1, or 0 when there is none. By number, or when `job` is not NULL by the queue API's id. */
int lifecycle_read(struct execution *service, int64_t id, const char *job, struct pool *pool,
		   struct submission *submission, struct error *err);
