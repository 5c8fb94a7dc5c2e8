/* depth.c - how much waits, for those who watch. */
#include <errno.h>

#include "queue/queue.h"

const char *job_class_name(enum job_class class)
{
	static const char *const names[] = { [JOB_INTERACTIVE] = "interactive",
					     [JOB_CONTEST] = "contest",
					     [JOB_SUBMISSION] = "submission",
					     [JOB_REJUDGE] = "rejudge" };
	return names[class];
}

int queue_depths(struct db_tx *tx, struct pool *pool, struct queue_depth **ret_depths, size_t *count,
		 int64_t *dead_letters, struct error *err)
{
	struct db_rows rows, dead;
	int code =
		db_run(tx, pool,
		       "SELECT class, capability, count(*), min(enqueued_at) FROM job WHERE state = 'ready'"
		       " GROUP BY class, capability",
		       DB_NO_VALUES, &rows, err);
	if (code == 0)
		code = db_run(tx, pool, "SELECT count(*) FROM dead_letter", DB_NO_VALUES, &dead, err);
	if (code < 0)
		return error_wrap(err, "count what waits");
	struct queue_depth *depths = pool_array(pool, rows.count + 1, sizeof *depths);
	if (!depths)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows.count; i++)
		depths[i] = (struct queue_depth){ .class = (enum job_class)db_int_at(&rows, i, 0, 0),
						  .capability = db_text_at(&rows, i, 1),
						  .ready = db_int_at(&rows, i, 2, 0),
						  .oldest_ms = db_int_at(&rows, i, 3, 0) };
	*ret_depths = depths;
	*count = rows.count;
	*dead_letters = db_int_at(&dead, 0, 0, 0);
	return 0;
}

int queue_sessions(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct queue_session **sessions,
		   size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT s.id, s.seen_at, (SELECT count(*) FROM job WHERE job.session = s.id)"
			  " FROM worker_session s WHERE s.expires_at > $1 ORDER BY s.id",
			  DB_VALUES(db_int(now_ms)), &rows, err);
	if (code < 0)
		return error_wrap(err, "list the workers");
	*sessions = pool_array(pool, rows.count + 1, sizeof **sessions);
	if (!*sessions)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*sessions)[i] = (struct queue_session){ .id = db_text_at(&rows, i, 0),
							 .seen_ms = db_int_at(&rows, i, 1, 0),
							 .jobs = db_int_at(&rows, i, 2, 0) };
	return 0;
}
