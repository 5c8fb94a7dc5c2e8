/* lease.c - what can be done by who shows a job's lease: end the job, hold on to it. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "sql.h"

/* ---- the end ---- */

/* What is to end, as the statement reads it: $1, the numbers of the jobs; $2, an object with a member for each job
 * and lease. A job's number may be there twice, and one of its leases be stale. */
static int put_ends(const struct queue_end *ends, size_t count, struct buffer *ids, struct buffer *leases)
{
	cleanup_json json_t *object = json_object();
	buffer_putc(ids, '[');
	for (size_t i = 0; i < count; i++) {
		cleanup_buffer struct buffer name = { 0 };
		if (!ends[i].lease)
			continue;
		buffer_printf(ids, "%s%" PRId64, ids->size > 1 ? "," : "", ends[i].job_id);
		buffer_printf(&name, "j%" PRId64 "-%s", ends[i].job_id, ends[i].lease);
		if (utf8_valid(name.data, name.size)) /* ours always are */
			json_object_set_new(object, buffer_text(&name), json_integer(1));
	}
	buffer_putc(ids, ']');
	return json_write(object, leases) < 0 || ids->failed ? -ENOMEM : 0;
}

static void note_ended(struct queue_end *ends, size_t count, int64_t job_id, const char *lease,
		       int64_t submission_id)
{
	for (size_t i = 0; i < count; i++)
		if (ends[i].job_id == job_id && ends[i].lease && strcmp(ends[i].lease, lease) == 0) {
			ends[i].submission_id = submission_id;
			return;
		}
}

int queue_finish(struct db_tx *tx, struct queue_end *ends, size_t count, struct error *err)
{
	static const char sql[] = "WITH shown AS (SELECT $2 /*pg ::jsonb*/ AS leases)"
				  " DELETE FROM job WHERE id " DB_ANY_OF(
					  "$1") " AND (SELECT leases FROM shown)"
						" ->> ('j' || CAST(id AS TEXT) || '-' || lease) IS NOT NULL"
						" RETURNING id, lease, submission_id";
	cleanup_buffer struct buffer ids = { 0 }, leases = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	for (size_t i = 0; i < count; i++)
		ends[i].submission_id = 0;
	if (!pool || put_ends(ends, count, &ids, &leases) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (db_run(tx, pool, sql, DB_VALUES(db_text(buffer_text(&ids)), db_text(buffer_text(&leases))), &rows,
		   err) < 0)
		return error_wrap(err, "end jobs");
	for (size_t i = 0; i < rows.count; i++)
		note_ended(ends, count, db_int_at(&rows, i, 0, 0), db_text_at(&rows, i, 1),
			   db_int_at(&rows, i, 2, 0));
	return 0;
}

/* ---- as long as it lasts ---- */

int queue_holds(struct db_tx *tx, int64_t job_id, const char *lease, int64_t *submission_id,
		struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT submission_id FROM job WHERE id = $1 AND lease = $2",
			  DB_VALUES(db_int(job_id), db_text(lease)), &rows, err);
	if (code < 0 || rows.count == 0)
		return code;
	*submission_id = db_int_at(&rows, 0, 0, 0);
	return 1;
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
		      " AND lease IS NOT NULL",
		      DB_VALUES(db_int(job_id), db_int(now_ms)), NULL, err);
}

int queue_heartbeat(struct db_tx *tx, struct queue_marks *marks, const char *session,
		    const char *const *leases, size_t lease_count, int64_t now_ms, int64_t lease_ms,
		    struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_value values[1 + QUEUE_CLASSES] = { db_text(session) };
	struct db_rows held;
	queue_marks_leased(marks, values + 1);
	int code = queue_session_seen(tx, session, now_ms, lease_ms, err);
	if (code == 0)
		code = db_run(tx, pool,
			      "SELECT job.id, job.lease, job.claimed_at" QUEUE_LEASED("job.session = $1",
										      "OFFSET 0"),
			      values, 1 + QUEUE_CLASSES, &held, err);
	for (size_t i = 0; code == 0 && i < held.count; i++)
		if (!is_named(db_text_at(&held, i, 1), leases, lease_count) &&
		    db_int_at(&held, i, 2, 0) + lease_ms <=
			    now_ms) /* before, its claim's answer may be on the way */
			code = let_go(tx, db_int_at(&held, i, 0, 0), now_ms, err);
	return code < 0 ? error_wrap(err, "heartbeat") : 0;
}
