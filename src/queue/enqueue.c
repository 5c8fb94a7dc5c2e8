/* queue: jobs of submissions, in the database. docs/queue.md tells the protocol; this file puts jobs in,
 * counts them and forgets them; claim.c hands them out; take_back.c gets them back from workers. */
#include "queue/queue.h"
#include "sql.h"

/* A user's next job stands one behind his last: who asks for much queues behind himself. */
#define BEHIND_HIS_LAST                                                            \
	"COALESCE((SELECT max(mine.vt) + 1 FROM job AS mine WHERE mine.class = $2" \
	" AND mine.user_id = $4), 0)"

int queue_enqueue(struct db_tx *tx, int64_t submission_id, enum job_class class, const char *capability,
		  const char *user_id, int max_attempts, int64_t now_ms, struct error *err)
{
	static const char sql[] =
		"INSERT INTO job (submission_id, class, capability, user_id, enqueued_at, max_attempts, vt)"
		" VALUES ($1, $2, $3, $4, $5, $6, " QUEUE_PLACE(BEHIND_HIS_LAST, "$2", "$3") ")";
	if (db_run(tx, NULL, sql,
		   DB_VALUES(db_int(submission_id), db_int(class), db_text(capability), db_text(user_id),
			     db_int(now_ms), db_int(max_attempts)),
		   NULL, err) < 0)
		return error_wrap(err, "put a job into the queue");
	return 0;
}

int queue_cancel(struct db_tx *tx, int64_t submission_id, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	if (db_run(tx, pool, "DELETE FROM job WHERE submission_id = $1", DB_VALUES(db_int(submission_id)),
		   &rows, err) < 0)
		return error_wrap(err, "cancel a job");
	return rows.changed > 0;
}

int queue_count(struct db_tx *tx, struct queue_counts *counts, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	if (db_run(tx, pool,
		   "SELECT (SELECT count(*) FROM job WHERE state = 'ready'),"
		   " (SELECT count(*) FROM job WHERE state = 'leased'),"
		   " (SELECT count(*) FROM job WHERE state = 'delayed')",
		   DB_NO_VALUES, &rows, err) < 0)
		return error_wrap(err, "count the jobs");
	*counts = (struct queue_counts){
		.ready = db_int_at(&rows, 0, 0, 0),
		.leased = db_int_at(&rows, 0, 1, 0),
		.delayed = db_int_at(&rows, 0, 2, 0),
	};
	return 0;
}
