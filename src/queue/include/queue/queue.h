/* queue.h - the queue is the database: enqueue, claim, heartbeat, finish, reap. docs/queue.md has the why.
 *
 * All functions run inside a transaction of the caller's (db.h), so that a submission and its job, or a
 * result and its job's end, are one. A lease is a random token given out with a claim: whoever cannot show
 * it any more is stale and changes nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/pool.h"
#include "db/db.h"

extern const struct db_migration queue_migrations[]; /* numbers 100..199 */
extern const size_t queue_migration_count;

enum job_class { JOB_INTERACTIVE, JOB_CONTEST, JOB_SUBMISSION, JOB_REJUDGE };

struct queue_job {
	int64_t id;
	int64_t submission_id;
	enum job_class class;
	const char *capability; /* the language it needs */
	int attempts;           /* with this claim */
	int max_attempts;
	char lease[UUID_TEXT_BYTES]; /* after a claim */
	int64_t enqueued_ms;
};

/* -EEXIST: the submission has a job already. `user_id` may be "" (all of those are one user). */
int queue_enqueue(struct db_tx *tx, int64_t submission_id, enum job_class class, const char *capability,
		  const char *user_id, int max_attempts, int64_t now_ms, struct error *err);

/* Takes up to `wanted` jobs for `session` among `capabilities`: best class first; within a class users take
 * turns, and each user's jobs go in the order in which he asked. Bring back what a stopped or silent worker
 * held with queue_reap() from time to time; a claim does not. -E2BIG beyond QUEUE_CAPABILITIES_MAX. */
enum { QUEUE_CAPABILITIES_MAX = 128 };
int queue_claim(struct db_tx *tx, const char *session, const char *const *capabilities,
		size_t capability_count, size_t wanted, int64_t now_ms, int64_t lease_ms, struct pool *pool,
		struct queue_job **jobs, size_t *count, struct error *err);

/* Ends a job that is still leased so: 1, and *submission_id set; 0 when stale; negative on failure. */
int queue_finish(struct db_tx *tx, int64_t job_id, const char *lease, int64_t *submission_id,
		 struct error *err);
/* Whether the lease still holds: 1, 0; for progress reports. */
int queue_holds(struct db_tx *tx, int64_t job_id, const char *lease, int64_t *submission_id,
		struct error *err);

/* A session says which leases it works on: their deadlines move. Jobs of the session that are not named and
 * were claimed more than `lease_ms` ago (the answer to their claim was lost) have their deadline now: the
 * next queue_reap() takes them back. Leases that are stale change nothing: queue_holds() tells them apart. */
int queue_heartbeat(struct db_tx *tx, const char *session, const char *const *leases, size_t lease_count,
		    int64_t now_ms, int64_t lease_ms, struct error *err);

/* What happened to a job that was taken back. A dead one has a row in dead_letter. */
struct queue_returned {
	int64_t job_id, submission_id;
	bool dead; /* its attempts are spent; the job is gone, the submission needs a judge_error */
};
/* Hands one job back (a worker that stops, or failed at it); `delay_ms` keeps it from being claimed at once.
 * `count_attempt` false: the attempt was not the job's fault and is not counted. 1, or 0 when stale. */
int queue_return(struct db_tx *tx, int64_t job_id, const char *lease, bool count_attempt, int64_t delay_ms,
		 int64_t now_ms, struct queue_returned *returned, struct error *err);
/* Takes back every job whose deadline has passed; and with `session` all of that session's. A clock that was
 * set back starts the leases anew rather than keeping them for ever. */
int queue_reap(struct db_tx *tx, const char *session_or_null, int64_t now_ms, struct pool *pool,
	       struct queue_returned **returned, size_t *count, struct error *err);

/* For the start of a service whose workers ended with it: every leased job is ready again, and the attempt
 * is not counted (it was not the job that ended us). The number of jobs, or negative. */
int queue_recover(struct db_tx *tx, int64_t now_ms, struct error *err);

/* Forgets the job of a submission, waiting or leased: 1, or 0 when there is none. */
int queue_cancel(struct db_tx *tx, int64_t submission_id, struct error *err);

struct queue_counts {
	int64_t ready, leased, delayed;
};
int queue_count(struct db_tx *tx, struct queue_counts *counts, struct error *err);
