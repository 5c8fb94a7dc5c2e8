/* take_back.c - jobs that come back unfinished: handed back, reaped, recovered, or dead. */
#include "base/clock.h"
#include "queue/queue.h"
#include "sql.h"

enum { SESSION_KEPT_MS = 60000 };

#define WAIT_IS_OVER "state = 'delayed' AND (state_until <= $1 OR state_since > $1)"

/* A job that comes back keeps its place, but stands no earlier than today's front: otherwise a newcomer
 * who is placed at the front would inherit the past with it. */
int queue_promote(struct db_tx *tx, int64_t now_ms, struct error *err)
{
	static const char sql[] =
		"UPDATE job SET state = 'ready', state_since = NULL, state_until = NULL,"
		" vt = " QUEUE_PLACE("job.vt", "job.class", "job.capability", "$1",
				     "0") " WHERE id /*sqlite*/IN/*pg = ANY (ARRAY*/ (SELECT id FROM job"
					  " WHERE " WAIT_IS_OVER
					  " ORDER BY id LIMIT 1000 /*pg FOR UPDATE SKIP LOCKED)*/)";
	return db_run(tx, NULL, sql, DB_VALUES(db_int(now_ms)), NULL, err);
}

struct held_job {
	int64_t id, submission_id;
	int attempts, max_attempts;
	int64_t class;
	const char *capability, *user_id;
};
#define HELD_COLUMNS                                                                            \
	"job.id, job.submission_id, job.attempts, job.max_attempts, job.class, job.capability," \
	" job.user_id"

static struct held_job read_held(const struct db_rows *rows, size_t row)
{
	return (struct held_job){
		.id = db_int_at(rows, row, 0, 0),
		.submission_id = db_int_at(rows, row, 1, 0),
		.attempts = (int)db_int_at(rows, row, 2, 0),
		.max_attempts = (int)db_int_at(rows, row, 3, 0),
		.class = db_int_at(rows, row, 4, 0),
		.capability = db_text_at(rows, row, 5),
		.user_id = db_text_at(rows, row, 6),
	};
}

static int bury(struct db_tx *tx, const struct held_job *job, const char *reason, int64_t now_ms,
		struct error *err)
{
	int code = db_run(tx, NULL, "DELETE FROM job WHERE id = $1", DB_VALUES(db_int(job->id)), NULL, err);
	return code < 0 ? code
			: db_run(tx, NULL,
				 "INSERT INTO dead_letter (submission_id, attempts, reason, at, class,"
				 " capability, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
				 DB_VALUES(db_int(job->submission_id), db_int(job->attempts), db_text(reason),
					   db_int(now_ms), db_int(job->class), db_text(job->capability),
					   db_text(job->user_id)),
				 NULL, err);
}

static int delay(struct db_tx *tx, const struct held_job *job, int attempts, int64_t delay_ms, int64_t now_ms,
		 struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE job SET state = 'delayed', state_since = $2, state_until = $3, attempts = $4,"
		      " session = NULL, lease = NULL, claimed_at = NULL WHERE id = $1",
		      DB_VALUES(db_int(job->id), db_int(now_ms), db_int(now_ms + delay_ms), db_int(attempts)),
		      NULL, err);
}

/* The one way out of a lease other than its end. */
static int take_back(struct db_tx *tx, const struct held_job *job, bool count_attempt, int64_t delay_ms,
		     const char *reason, int64_t now_ms, struct queue_returned *returned, struct error *err)
{
	bool dead = count_attempt && job->attempts >= job->max_attempts;
	int attempts = count_attempt ? job->attempts : job->attempts - 1;
	int code =
		dead ? bury(tx, job, reason, now_ms, err) : delay(tx, job, attempts, delay_ms, now_ms, err);
	if (code == 0)
		*returned = (struct queue_returned){ job->id, job->submission_id, dead };
	return code;
}

int queue_return(struct db_tx *tx, int64_t job_id, const char *lease, bool count_attempt, int64_t delay_ms,
		 int64_t now_ms, struct queue_returned *returned, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT " HELD_COLUMNS " FROM job WHERE id = $1 AND lease = $2 /*pg FOR UPDATE*/",
			  DB_VALUES(db_int(job_id), db_text(lease)), &rows, err);
	if (code == 0 && rows.count == 0)
		return 0;
	if (code == 0) {
		struct held_job job = read_held(&rows, 0);
		code = take_back(tx, &job, count_attempt, delay_ms, "handed back by its worker", now_ms,
				 returned, err);
	}
	if (code == 0)
		code = queue_promote(tx, now_ms, err);
	return code < 0 ? error_wrap(err, "hand job %lld back", (long long)job_id) : 1;
}

/* The clock was set back behind the last sign of life: what was left then starts now. `values`: the clock, and below
 * which places no job is leased. No condition here may let PostgreSQL take the index of what is leased. */
static int restart_future_leases(struct db_tx *tx, const struct db_value *values, struct error *err)
{
	int code = db_run(tx, NULL,
			  "UPDATE worker_session SET expires_at = $1 + expires_at - seen_at, seen_at = $1"
			  " WHERE seen_at > $1",
			  values, 1, NULL, err);
	return code < 0 ? code
			: db_run(tx, NULL,
				 "UPDATE job SET state_until = $1 + state_until - state_since, state_since = "
				 "$1"
				 " WHERE id /*sqlite*/IN/*pg = ANY (ARRAY*/ (SELECT job.id" QUEUE_LEASED(
					 "job.state_since > $1",
					 "OFFSET 0") ")/*pg )*/"
						     " AND state IN ('leased', 'delayed')",
				 values, 1 + QUEUE_CLASSES, NULL, err);
}

/* Those that ended some time ago; nothing of theirs is left by then. */
static int forget_sessions(struct db_tx *tx, const char *session, int64_t now_ms, struct error *err)
{
	return db_run(tx, NULL, "DELETE FROM worker_session WHERE id = $1 OR expires_at < $2",
		      DB_VALUES(db_text(session), db_int(now_ms - SESSION_KEPT_MS)), NULL, err);
}

int64_t queue_backoff_ms(int attempts)
{
	static const int64_t pauses[] = { 0, 0, 1000, 5000, 15000 };
	int last = sizeof pauses / sizeof pauses[0] - 1;
	return pauses[attempts < 0 ? 0 : attempts > last ? last : attempts];
}

#define ITS_SESSION_IS_OVER                                                          \
	"(job.session = $6 OR $1 >= COALESCE((SELECT expires_at FROM worker_session" \
	" WHERE worker_session.id = job.session), job.state_until))"

static int reap(struct db_tx *tx, struct queue_marks *marks, const char *session, int64_t now_ms,
		struct pool *pool, struct queue_returned **ret_returned, size_t *ret_count, struct error *err)
{
	struct db_value values[2 + QUEUE_CLASSES] = { db_int(now_ms) };
	struct db_rows rows = { 0 };
	int64_t began_us = clock_monotonic_us();
	queue_marks_leased(marks, values + 1);
	values[1 + QUEUE_CLASSES] = db_text(session);
	int code = restart_future_leases(tx, values, err);
	if (code == 0)
		code = db_run(tx, pool,
			      "SELECT " HELD_COLUMNS QUEUE_LEASED(
				      ITS_SESSION_IS_OVER,
				      "LIMIT 1000 FOR UPDATE SKIP LOCKED") " ORDER BY job.id LIMIT 1000",
			      values, 2 + QUEUE_CLASSES, &rows, err);
	queue_marks_note(marks, clock_monotonic_us() - began_us);
	if (code < 0)
		return code;
	struct queue_returned *returned = pool_array(pool, rows.count, sizeof *returned);
	if (!returned)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; code == 0 && i < rows.count; i++) {
		struct held_job job = read_held(&rows, i);
		code = take_back(tx, &job, true, queue_backoff_ms(job.attempts),
				 "its worker went silent or ended", now_ms, &returned[i], err);
	}
	if (code == 0)
		code = forget_sessions(tx, session, now_ms, err);
	if (code == 0)
		code = queue_promote(tx, now_ms, err);
	if (code == 0) {
		*ret_returned = returned;
		*ret_count = rows.count;
	}
	return code;
}

int queue_reap(struct db_tx *tx, struct queue_marks *marks, const char *session_or_null, int64_t now_ms,
	       struct pool *pool, struct queue_returned **returned, size_t *count, struct error *err)
{
	if (reap(tx, marks, session_or_null, now_ms, pool, returned, count, err) < 0)
		return error_wrap(err, "take jobs back");
	return 0;
}

/* ---- sessions ---- */

/* Those whose time was moved less than a second ago are left alone. In one order, so that two of these never wait for
 * each other. */
int queue_sessions_seen(struct db_tx *tx, const char *list, int64_t now_ms, int64_t life_ms,
			struct error *err)
{
	return db_run(tx, NULL,
		      "INSERT INTO worker_session (id, seen_at, expires_at)"
		      " SELECT DISTINCT value ->> 0, $2 /*pg ::bigint*/, $3 /*pg ::bigint*/"
		      " FROM json_each($1 /*pg ::jsonb*/) WHERE NOT EXISTS (SELECT 1 FROM worker_session"
		      " WHERE worker_session.id = value ->> 0 AND worker_session.expires_at > $3 - 1000"
		      " AND worker_session.expires_at <= $3) ORDER BY 1"
		      " ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at,"
		      " expires_at = excluded.expires_at",
		      DB_VALUES(db_text(list), db_int(now_ms), db_int(now_ms + life_ms)), NULL, err);
}

int queue_session_seen(struct db_tx *tx, const char *session, int64_t now_ms, int64_t life_ms,
		       struct error *err)
{
	return db_run(tx, NULL,
		      "INSERT INTO worker_session (id, seen_at, expires_at) VALUES ($1, $2, $3)"
		      " ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, expires_at = "
		      "excluded.expires_at",
		      DB_VALUES(db_text(session), db_int(now_ms), db_int(now_ms + life_ms)), NULL, err);
}

int queue_session_doubted(struct db_tx *tx, const char *session, int64_t since_ms, int64_t now_ms,
			  struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE worker_session SET expires_at = $3 WHERE id = $1 AND seen_at <= $2 AND "
		      "expires_at > $3",
		      DB_VALUES(db_text(session), db_int(since_ms), db_int(now_ms)), NULL, err);
}

int queue_recover(struct db_tx *tx, int64_t now_ms, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "UPDATE job SET state = 'delayed', state_since = $1, state_until = $1,"
			  " attempts = attempts - 1, session = NULL, lease = NULL, claimed_at = NULL"
			  " WHERE state = 'leased'",
			  DB_VALUES(db_int(now_ms)), &rows, err);
	if (code == 0)
		code = queue_promote(tx, now_ms, err);
	return code < 0 ? error_wrap(err, "recover the queue") : (int)rows.changed;
}
