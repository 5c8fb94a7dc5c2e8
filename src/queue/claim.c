/* claim.c - jobs given out, and the leases under which they are: see docs/queue.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sql.h"

/* One statement finds and leases. A short walk along the index for each capability, merged: however many jobs wait
 * for what this worker cannot do, none of them is looked at. Then the first are locked one by one, past those that
 * somebody else is just taking (PostgreSQL looks at some more than it needs, for that), and whoever is locked and
 * still ready is leased under a random token of the database's making. Where a walk must begin behind a mark, each
 * lane (a class and a capability) has one of its own. */
static void put_walks(size_t capability_count, bool by_lane, struct buffer *sql)
{
	static const char walk[] =
		"%sSELECT * FROM (SELECT id, class, vt FROM job WHERE state = 'ready'"
		" AND capability = $%zu AND class >= $5%s ORDER BY class, vt, id LIMIT $1/*pg  * 4 + 32*/)"
		" AS walk_%zu";
	size_t walks = by_lane ? capability_count * QUEUE_CLASSES : capability_count;
	for (size_t i = 0; i < walks; i++) {
		char lane[64] = "";
		if (by_lane)
			snprintf(lane, sizeof lane, " AND class = %zu AND vt >= $%zu", i / capability_count,
				 capability_count + i + 6);
		buffer_printf(sql, walk, i ? " UNION ALL " : "", i % capability_count + 6, lane, i);
	}
}

void queue_claim_sql(size_t capability_count, bool by_lane, struct buffer *sql)
{
	buffer_puts(sql, "WITH picked AS MATERIALIZED (SELECT job.id AS job_id FROM"
			 " (SELECT id, class, vt FROM (");
	put_walks(capability_count, by_lane, sql);
	buffer_puts(
		sql,
		") AS walks ORDER BY class, vt, id LIMIT $1/*pg  * 4 + 32*/) AS front"
		" JOIN job ON job.id = front.id WHERE job.state = 'ready'"
		" ORDER BY front.class, front.vt, front.id LIMIT $1 /*pg FOR UPDATE OF job SKIP LOCKED*/)"
		" UPDATE job SET state = 'leased', state_since = $2, state_until = $3, claimed_at = $2,"
		" attempts = attempts + 1, session = $4, lease = lower(hex(randomblob(16)))"
		" FROM picked WHERE id = job_id"
		" RETURNING id, submission_id, class, capability, attempts, max_attempts, enqueued_at, lease,"
		" vt");
}

/* The request, without a capability that is named twice. */
struct request {
	const struct queue_claim *asked;
	struct queue_marks *marks;
	const char *capabilities[QUEUE_CAPABILITIES_MAX];
	size_t capability_count;
	struct pool *pool;
	struct queue_job *jobs;
	size_t count;
};

static void read_capabilities(struct request *request)
{
	for (size_t i = 0; i < request->asked->capability_count; i++) {
		const char *name = request->asked->capabilities[i];
		size_t at = 0;
		while (at < request->capability_count && strcmp(request->capabilities[at], name) != 0)
			at++;
		if (at == request->capability_count)
			request->capabilities[request->capability_count++] = name;
	}
}

static void read_job(const struct db_rows *rows, size_t row, struct queue_job *job)
{
	*job = (struct queue_job){
		.id = db_int_at(rows, row, 0, 0),
		.submission_id = db_int_at(rows, row, 1, 0),
		.class = (enum job_class)db_int_at(rows, row, 2, 0),
		.capability = db_text_at(rows, row, 3),
		.attempts = (int)db_int_at(rows, row, 4, 0),
		.max_attempts = (int)db_int_at(rows, row, 5, 0),
		.enqueued_ms = db_int_at(rows, row, 6, 0),
		.vt = db_int_at(rows, row, 8, 0),
	};
	const char *lease = db_text_at(rows, row, 7);
	strncpy(job->lease, lease ? lease : "", sizeof job->lease - 1);
}

static int lease_some(struct db_tx *tx, struct request *request, size_t wanted, enum job_class from,
		      struct error *err)
{
	const struct queue_claim *asked = request->asked;
	struct db_value values[5 + (QUEUE_CLASSES + 1) * QUEUE_CAPABILITIES_MAX] = {
		db_int((int64_t)wanted), db_int(asked->now_ms), db_int(asked->now_ms + asked->lease_ms),
		db_text(asked->session), db_int(from)
	};
	size_t count = 5;
	bool by_lane = queue_marks_hold(request->marks);
	for (size_t i = 0; i < request->capability_count; i++)
		values[count++] = db_text(request->capabilities[i]);
	for (size_t i = 0; by_lane && i < QUEUE_CLASSES * request->capability_count; i++)
		values[count++] = db_int(
			queue_marks_low(request->marks, (enum job_class)(i / request->capability_count),
					request->capabilities[i % request->capability_count]));
	cleanup_buffer struct buffer sql = { 0 };
	struct db_rows rows;
	queue_claim_sql(request->capability_count, by_lane, &sql);
	if (sql.failed)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(tx, request->pool, buffer_text(&sql), values, count, &rows, err);
	for (size_t i = 0; code == 0 && i < rows.count; i++)
		read_job(&rows, i, &request->jobs[request->count++]);
	return code;
}

static int compare(const void *left, const void *right)
{
	const struct queue_job *a = left, *b = right;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->vt != b->vt)
		return a->vt < b->vt ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* A claim that finds something is a sign of life. */
static int claim(struct db_tx *tx, struct request *request, struct error *err)
{
	const struct queue_claim *asked = request->asked;
	size_t kept = asked->kept < asked->wanted ? asked->kept : asked->wanted;
	int code = queue_promote(tx, asked->now_ms, err);
	if (code == 0)
		code = queue_marks_refresh(request->marks, tx, request->capabilities,
					   request->capability_count, asked->now_ms, err);
	int64_t began_us = clock_monotonic_us();
	if (code == 0 && kept > 0)
		code = lease_some(tx, request, kept, asked->kept_from, err);
	if (code == 0 && request->count < asked->wanted)
		code = lease_some(tx, request, asked->wanted - request->count, JOB_INTERACTIVE, err);
	queue_marks_note(request->marks, clock_monotonic_us() - began_us);
	if (code == 0 && request->count > 0) {
		qsort(request->jobs, request->count, sizeof *request->jobs, compare);
		code = queue_session_seen(tx, asked->session, asked->now_ms, asked->lease_ms, err);
	}
	return code;
}

int queue_claim(struct db_tx *tx, struct queue_marks *marks, const struct queue_claim *asked,
		struct pool *pool, struct queue_job **jobs, size_t *count, struct error *err)
{
	if (asked->capability_count > QUEUE_CAPABILITIES_MAX)
		return error_set(err, -E2BIG, "a worker may name %d capabilities, this one has %zu",
				 QUEUE_CAPABILITIES_MAX, asked->capability_count);
	struct request request = { .asked = asked, .marks = marks, .pool = pool };
	if (asked->capability_count > 0 && asked->wanted > 0) {
		request.jobs = pool_array(pool, asked->wanted, sizeof *request.jobs);
		if (!request.jobs)
			return error_set(err, -ENOMEM, "out of memory");
		read_capabilities(&request);
		if (claim(tx, &request, err) < 0)
			return error_wrap(err, "claim jobs");
	}
	*jobs = request.jobs;
	*count = request.count;
	return 0;
}

void queue_keep(struct queue_claim *claim)
{
	unsigned char random[2];
	random_bytes(random, sizeof random);
	claim->kept = claim->wanted / QUEUE_KEPT_SHARE +
		      (random[0] % QUEUE_KEPT_SHARE < claim->wanted % QUEUE_KEPT_SHARE);
	claim->kept_from = (enum job_class)(JOB_CONTEST + random[1] % JOB_REJUDGE);
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

/* What is not named any more belongs to no session: its time alone counts, and that is over. */
static int let_go(struct db_tx *tx, int64_t job_id, int64_t now_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE job SET session = '', state_since = $2, state_until = $2 WHERE id = $1"
		      " AND state = 'leased'",
		      DB_VALUES(db_int(job_id), db_int(now_ms)), NULL, err);
}

int queue_heartbeat(struct db_tx *tx, const char *session, const char *const *leases, size_t lease_count,
		    int64_t now_ms, int64_t lease_ms, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows held;
	int code = queue_session_seen(tx, session, now_ms, lease_ms, err);
	if (code == 0)
		code = db_run(tx, pool,
			      "SELECT id, lease, claimed_at FROM job WHERE state = 'leased' AND session = $1",
			      DB_VALUES(db_text(session)), &held, err);
	for (size_t i = 0; code == 0 && i < held.count; i++)
		if (!is_named(db_text_at(&held, i, 1), leases, lease_count) &&
		    db_int_at(&held, i, 2, 0) + lease_ms <=
			    now_ms) /* before, its claim's answer may be on the way */
			code = let_go(tx, db_int_at(&held, i, 0, 0), now_ms, err);
	return code < 0 ? error_wrap(err, "heartbeat") : 0;
}
