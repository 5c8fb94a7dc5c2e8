/* work.h - what workers do to submissions. Each function is one transaction and what follows from it.
 *
 * A worker proves with a job's lease that the job is still its own; one that cannot is stale and changes
 * nothing. Exactly one of finish, return, cancel and reap ends a lease. */
#pragma once

#include "model/report.h"
#include "service.h"
#include "store.h"

struct work_task {
	int64_t queue_job, submission_id;
	int attempt;
	const char *lease;
	const char *request_id; /* of the request that made the submission; NULL: unknown */
	const char *task;       /* JSON */
	size_t task_size;
};

/* A session with idle slots. */
struct work_taker {
	const char *session;
	const char *const *languages;
	size_t language_count, wanted;
	struct work_task *tasks; /* filled in, in the pool */
	size_t count;
};
/* Hands up to `wanted` jobs to each. */
int work_claim(struct execution *service, struct work_taker *takers, size_t taker_count, struct pool *pool,
	       struct error *err);

struct work_lease {
	int64_t queue_job;
	const char *lease;
};

/* Moves the leases' deadlines; those that are not the session's any more come back in *lost. */
int work_heartbeat(struct execution *service, const char *session, const struct work_lease *leases,
		   size_t count, struct pool *pool, const char ***lost, size_t *lost_count,
		   struct error *err);

/* Ends a job with its result: 1; 0 when stale. -EINVAL when the report does not fit the task. What several callers
 * bring at the same moment shares a transaction (db/gather.h). */
int work_finish(struct execution *service, struct work_lease lease, const struct report *report,
		struct pool *pool, struct error *err);

/* Takes a job back: 1; 0 when stale. When its attempts are spent the submission ends with a judge_error that
 * gives `reason`. */
int work_return(struct execution *service, struct work_lease lease, bool count_attempt, int64_t delay_ms,
		const char *reason, struct pool *pool, struct error *err);

/* The transaction of several work_finish(): execution.c gives it to service->finishes. */
int work_finish_gathered(struct db_tx *tx, void *service, void *const *items, size_t count,
			 struct error *err);

/* Takes back what nobody works on any more: jobs past their deadline, and all of the given sessions'. The
 * number of jobs, or negative. */
int work_reap(struct execution *service, const char *const *sessions, size_t session_count, bool left,
	      struct pool *pool, struct error *err);

/* At start: what was running when the service ended is queued again; it was not the jobs' fault. */
int work_recover(struct execution *service, struct pool *pool, struct error *err);
