/* claim.c - jobs given out, and the leases under which they are: see docs/queue.md. */
#include <string.h>

#include "queue/queue.h"
#include "sql.h"

/* One short walk along the index a capability, merged: however many jobs wait for other capabilities, none of
 * them is looked at. (For PostgreSQL "FOR UPDATE SKIP LOCKED" belongs behind each LIMIT but the last.) */
void queue_claim_sql(size_t capability_count, struct buffer *sql)
{
	buffer_puts(
		sql,
		"SELECT id, submission_id, class, capability, attempts, max_attempts, enqueued_at FROM (");
	for (size_t i = 0; i < capability_count; i++)
		buffer_printf(
			sql,
			"%sSELECT * FROM (SELECT id, submission_id, class, capability, vt, attempts,"
			" max_attempts, enqueued_at FROM job WHERE state = 'ready' AND capability = $%zu"
			" ORDER BY class, vt, id LIMIT $1) AS of_%zu",
			i ? " UNION ALL " : "", i + 2, i);
	buffer_puts(sql, ") AS candidates ORDER BY class, vt, id LIMIT $1");
}

static int find_ready(struct db_tx *tx, const char *const *capabilities, size_t capability_count,
		      size_t wanted, struct pool *pool, struct db_rows *rows, struct error *err)
{
	struct db_value values[1 + QUEUE_CAPABILITIES_MAX];
	values[0] = db_int((int64_t)wanted);
	for (size_t i = 0; i < capability_count; i++)
		values[i + 1] = db_text(capabilities[i]);
	cleanup_buffer struct buffer sql = { 0 };
	queue_claim_sql(capability_count, &sql);
	if (sql.failed)
		return error_set(err, -ENOMEM, "out of memory");
	return db_run(tx, pool, buffer_text(&sql), values, capability_count + 1, rows, err);
}

static void read_job(const struct db_rows *rows, size_t row, struct queue_job *job)
{
	*job = (struct queue_job){
		.id = db_int_at(rows, row, 0, 0),
		.submission_id = db_int_at(rows, row, 1, 0),
		.class = (enum job_class)db_int_at(rows, row, 2, 0),
		.capability = db_text_at(rows, row, 3),
		.attempts = (int)db_int_at(rows, row, 4, 0) + 1,
		.max_attempts = (int)db_int_at(rows, row, 5, 0),
		.enqueued_ms = db_int_at(rows, row, 6, 0),
	};
	random_uuid(job->lease);
}

/* 1, or 0 when the job is not ready any more (its capability was named twice). */
static int lease_job(struct db_tx *tx, const struct queue_job *job, const char *session, int64_t now_ms,
		     int64_t lease_ms, struct pool *pool, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "UPDATE job SET state = 'leased', state_since = $2, state_until = $3, claimed_at = $2,"
		       " attempts = $4, session = $5, lease = $6 WHERE id = $1 AND state = 'ready'",
		       DB_VALUES(db_int(job->id), db_int(now_ms), db_int(now_ms + lease_ms),
				 db_int(job->attempts), db_text(session), db_text(job->lease)),
		       &rows, err);
	return code < 0 ? code : rows.changed > 0;
}

static int claim(struct db_tx *tx, const char *session, const char *const *capabilities,
		 size_t capability_count, size_t wanted, int64_t now_ms, int64_t lease_ms, struct pool *pool,
		 struct queue_job **ret_jobs, size_t *ret_count, struct error *err)
{
	struct db_rows rows = { 0 };
	int code = queue_promote(tx, now_ms, err);
	if (code == 0)
		code = find_ready(tx, capabilities, capability_count, wanted, pool, &rows, err);
	if (code < 0)
		return code;
	struct queue_job *jobs = pool_array(pool, rows.count, sizeof *jobs);
	if (!jobs)
		return error_set(err, -ENOMEM, "out of memory");
	size_t count = 0;
	for (size_t i = 0; i < rows.count; i++) {
		read_job(&rows, i, &jobs[count]);
		code = lease_job(tx, &jobs[count], session, now_ms, lease_ms, pool, err);
		if (code < 0)
			return code;
		count += (size_t)code;
	}
	*ret_jobs = jobs;
	*ret_count = count;
	return 0;
}

int queue_claim(struct db_tx *tx, const char *session, const char *const *capabilities,
		size_t capability_count, size_t wanted, int64_t now_ms, int64_t lease_ms, struct pool *pool,
		struct queue_job **jobs, size_t *count, struct error *err)
{
	if (capability_count > QUEUE_CAPABILITIES_MAX)
		return error_set(err, -E2BIG, "a worker may name %d capabilities, this one has %zu",
				 QUEUE_CAPABILITIES_MAX, capability_count);
	if (capability_count == 0 || wanted == 0) {
		*jobs = NULL;
		*count = 0;
		return 0;
	}
	if (claim(tx, session, capabilities, capability_count, wanted, now_ms, lease_ms, pool, jobs, count,
		  err) < 0)
		return error_wrap(err, "claim jobs");
	return 0;
}

/* Runs what answers with a submission's id where job and lease match: 1, 0 when stale. */
static int with_lease(struct db_tx *tx, const char *sql, int64_t job_id, const char *lease,
		      int64_t *submission_id, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool, sql, DB_VALUES(db_int(job_id), db_text(lease)), &rows, err);
	if (code < 0 || rows.count == 0)
		return code;
	*submission_id = db_int_at(&rows, 0, 0, 0);
	return 1;
}

int queue_finish(struct db_tx *tx, int64_t job_id, const char *lease, int64_t *submission_id,
		 struct error *err)
{
	return with_lease(tx, "DELETE FROM job WHERE id = $1 AND lease = $2 RETURNING submission_id", job_id,
			  lease, submission_id, err);
}

int queue_holds(struct db_tx *tx, int64_t job_id, const char *lease, int64_t *submission_id,
		struct error *err)
{
	return with_lease(tx, "SELECT submission_id FROM job WHERE id = $1 AND lease = $2", job_id, lease,
			  submission_id, err);
}

static bool is_named(const char *lease, const char *const *leases, size_t lease_count)
{
	for (size_t i = 0; i < lease_count; i++)
		if (strcmp(lease, leases[i]) == 0)
			return true;
	return false;
}

int queue_heartbeat(struct db_tx *tx, const char *session, const char *const *leases, size_t lease_count,
		    int64_t now_ms, int64_t lease_ms, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows held;
	int code = db_run(tx, pool,
			  "SELECT id, lease, claimed_at FROM job WHERE state = 'leased' AND session = $1",
			  DB_VALUES(db_text(session)), &held, err);
	for (size_t i = 0; code == 0 && i < held.count; i++) {
		bool named = is_named(db_text_at(&held, i, 1), leases, lease_count);
		if (!named && db_int_at(&held, i, 2, 0) + lease_ms > now_ms)
			continue; /* the answer to its claim may still be on the way */
		code = db_run(tx, NULL, "UPDATE job SET state_since = $2, state_until = $3 WHERE id = $1",
			      DB_VALUES(db_int(db_int_at(&held, i, 0, 0)), db_int(now_ms),
					db_int(named ? now_ms + lease_ms : now_ms)),
			      NULL, err);
	}
	return code < 0 ? error_wrap(err, "heartbeat") : 0;
}
