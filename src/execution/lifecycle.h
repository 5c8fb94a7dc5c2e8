/* lifecycle.h - what clients do to submissions. Each function is one transaction and what follows from it:
 * log, wakes. All results live in the pool. */
#pragma once

#include "service.h"
#include "store.h"

/* Creates submissions and, unless told otherwise, queues them, all in one transaction. Each has an outcome of
 * its own: one that is refused does the others no harm. */
enum creation_outcome {
	CREATION_NEW,
	CREATION_EXISTED, /* it was created before under the same key or id, and nothing changes */
	CREATION_NO_CONTEST,
	CREATION_CONTEST_INACTIVE,
	CREATION_NO_BLOB, /* its tests name one that was not put here */
};
struct creation {
	const struct submission_request *request;
	enum creation_outcome outcome; /* filled in, and for the first two: */
	struct submission submission;
	bool lacks_blob; /* lifecycle.c's own */
};
int lifecycle_create(struct execution *service, struct creation *creations, size_t count, struct pool *pool,
		     struct error *err);

/* How an outcome is told to the client; NULL for the first two. */
struct refusal {
	int status;
	const char *text;
};
const struct refusal *creation_refusal(enum creation_outcome outcome);

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

/* The same for several by number, all as they were at one moment. */
struct reading_one {
	int64_t id;
	bool found; /* filled in */
	struct submission submission;
};
int lifecycle_read_many(struct execution *service, struct reading_one *ones, size_t count, struct pool *pool,
			struct error *err);
