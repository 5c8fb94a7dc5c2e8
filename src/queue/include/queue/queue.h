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
	int64_t vt; /* its place in its class (docs/queue.md) */
};

/* What a process knows of where in the queue nothing is left to find: makes claims and enqueues fast where the
 * database cannot clean up. One a process, for all threads; NULL does as well wherever marks are asked for. */
struct queue_marks;
struct queue_marks *queue_marks_new(void); /* NULL when memory is out */
void queue_marks_free(struct queue_marks *marks);
/* To be called about once a second, in a transaction of its own, which may only read: for whenever walks are slow it
 * may take as long as the slowest. */
int queue_look(struct db_tx *tx, struct queue_marks *marks, int64_t now_ms, struct error *err);

struct queue_entry {
	int64_t submission_id;
	enum job_class class;
	const char *capability;
	const char *user_id; /* "": all of those are one user */
	int max_attempts;
	int64_t cost; /* how far behind it the same user's next job stands: 1 and more; 0 counts as 1 */
};
/* In this order. -EEXIST, at the latest at the commit: a submission has a job already. */
int queue_enqueue(struct db_tx *tx, struct queue_marks *marks, const struct queue_entry *entries,
		  size_t count, int64_t now_ms, struct error *err);

/* One session that has idle slots. What it may have of what is asked for below is in the pool. */
struct queue_taker {
	const char *session;
	const char *const *capabilities;
	size_t capability_count;
	size_t wanted, kept;
	struct queue_job *jobs; /* filled in */
	size_t count;           /* the same */
};
/* Gives each taker up to `wanted` jobs among its capabilities: best class first, but for `kept` of them, which go to
 * the classes from `kept_from` on if any such job waits, so that no class starves. Within a class users take turns,
 * and each user's jobs go in the order in which he asked. Takers that can do the same take turns as well: what there
 * is goes round among them, the best first; who can do the least chooses first. Finding something counts as a sign
 * of life. Bring back what a stopped or silent worker held with queue_reap() from time to time; a claim does not.
 * -E2BIG beyond QUEUE_CAPABILITIES_MAX. */
enum { QUEUE_CAPABILITIES_MAX = 120, QUEUE_KEPT_SHARE = 8 };
struct queue_claim {
	struct queue_taker *takers;
	size_t taker_count;
	enum job_class kept_from;
	int64_t now_ms, lease_ms;
};
/* Sets what is kept: an eighth of what each taker wants (what cannot be divided, at random), for a random one of
 * the classes below the best. */
void queue_keep(struct queue_claim *claim);
int queue_claim(struct db_tx *tx, struct queue_marks *marks, const struct queue_claim *asked,
		struct pool *pool, struct error *err);

/* Ends those of the jobs that are still leased so. */
struct queue_end {
	int64_t job_id;
	const char *lease;     /* NULL: stale */
	int64_t submission_id; /* filled in; 0: stale */
};
int queue_finish(struct db_tx *tx, struct queue_end *ends, size_t count, struct error *err);
/* Whether the lease still holds: 1, 0; for progress reports. */
int queue_holds(struct db_tx *tx, int64_t job_id, const char *lease, int64_t *submission_id,
		struct error *err);

/* A session is a worker from its start to its end. As long as it gives signs of life all that it holds is its own;
 * when it does not for `life_ms`, everything goes back at the next queue_reap(), by whichever process. */
int queue_session_seen(struct db_tx *tx, const char *session, int64_t now_ms, int64_t life_ms,
		       struct error *err);
/* It is over, unless it gave a sign of life after `since_ms` (its connection broke, and it may have come back to
 * another process). */
int queue_session_doubted(struct db_tx *tx, const char *session, int64_t since_ms, int64_t now_ms,
			  struct error *err);
struct queue_session {
	const char *id;
	int64_t seen_ms, jobs; /* how many it works on */
};
/* Those that live now; in the pool. */
int queue_sessions(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct queue_session **sessions,
		   size_t *count, struct error *err);

/* A sign of life that says which leases the session works on. Jobs of the session that are not named and were
 * claimed more than `lease_ms` ago (the answer to their claim was lost) are let go: the next queue_reap() takes
 * them back. Leases that are stale change nothing: queue_holds() tells them apart. */
int queue_heartbeat(struct db_tx *tx, struct queue_marks *marks, const char *session,
		    const char *const *leases, size_t lease_count, int64_t now_ms, int64_t lease_ms,
		    struct error *err);

/* What happened to a job that was taken back. A dead one has a row in dead_letter. */
struct queue_returned {
	int64_t job_id, submission_id;
	bool dead; /* its attempts are spent; the job is gone, the submission needs a judge_error */
};
/* Hands one job back (a worker that stops, or failed at it); `delay_ms` keeps it from being claimed at once.
 * `count_attempt` false: the attempt was not the job's fault and is not counted. 1, or 0 when stale. */
int queue_return(struct db_tx *tx, int64_t job_id, const char *lease, bool count_attempt, int64_t delay_ms,
		 int64_t now_ms, struct queue_returned *returned, struct error *err);
/* Takes back what ended sessions hold, a thousand jobs at most; and with `session` all of that session's. A job
 * that comes back again and again waits longer each time (queue_backoff_ms()). A clock that was
 * set back starts the leases anew rather than keeping them for ever. */
int queue_reap(struct db_tx *tx, struct queue_marks *marks, const char *session_or_null, int64_t now_ms,
	       struct pool *pool, struct queue_returned **returned, size_t *count, struct error *err);

/* How long a job whose `attempts` so many times came to nothing stays away. */
int64_t queue_backoff_ms(int attempts);

/* For the start of a service whose workers ended with it: every leased job is ready again, and the attempt
 * is not counted (it was not the job that ended us). The number of jobs, or negative. */
int queue_recover(struct db_tx *tx, int64_t now_ms, struct error *err);

/* Forgets the job of a submission, waiting or leased: 1, or 0 when there is none. Who works on it is copied to
 * `session_or_null`; "" nobody. */
int queue_cancel(struct db_tx *tx, int64_t submission_id, char session_or_null[UUID_TEXT_BYTES],
		 struct error *err);

struct queue_dead_letter {
	int64_t submission_id;
	int attempts;
	enum job_class class;
	const char *capability, *user_id, *reason;
	int64_t at_ms;
};
/* The oldest first; `submission_id` 0: of all. */
int queue_dead_list(struct db_tx *tx, struct pool *pool, int64_t submission_id, int64_t skip, int64_t limit,
		    struct queue_dead_letter **letters, size_t *count, struct error *err);
/* For when its submission is put into the queue again. */
int queue_dead_forget(struct db_tx *tx, int64_t submission_id, struct error *err);

struct queue_counts {
	int64_t ready, leased, delayed;
};
int queue_count(struct db_tx *tx, struct queue_counts *counts, struct error *err);

const char *job_class_name(enum job_class class); /* "interactive", ... */

/* What waits, by class and capability, in the pool; and how many dead letters there are. */
struct queue_depth {
	enum job_class class;
	const char *capability;
	int64_t ready, oldest_ms; /* when the oldest of them was enqueued */
};
int queue_depths(struct db_tx *tx, struct pool *pool, struct queue_depth **depths, size_t *count,
		 int64_t *dead_letters, struct error *err);
