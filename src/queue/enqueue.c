/* queue: jobs of submissions, in the database. docs/queue.md tells the protocol; this file puts jobs in,
 * counts them and forgets them; claim.c hands them out; take_back.c gets them back from workers. */
#include <stdio.h>

#include "queue/queue.h"
#include "sql.h"

/* A user's next job stands behind his last by what that one costs: who asks for much queues behind himself. */
#define BEHIND_HIS_LAST                                                               \
	"COALESCE((SELECT mine.vt + mine.cost FROM job AS mine WHERE mine.class = $2" \
	" AND mine.user_id = $4 AND mine.vt >= $8 ORDER BY mine.vt DESC LIMIT 1), 0)"

int queue_enqueue(struct db_tx *tx, struct queue_marks *marks, const struct queue_entry *entry,
		  int64_t now_ms, struct error *err)
{
	static const char sql[] = "INSERT INTO job (submission_id, class, capability, user_id, enqueued_at,"
				  " max_attempts, cost, vt) VALUES ($1, $2, $3, $4, $5, $6, $7, " QUEUE_PLACE(
					  BEHIND_HIS_LAST, "$2", "$3", "$5", "$8") ")";
	int64_t low = queue_marks_low(marks, entry->class, entry->capability);
	if (db_run(tx, NULL, sql,
		   DB_VALUES(db_int(entry->submission_id), db_int(entry->class), db_text(entry->capability),
			     db_text(entry->user_id), db_int(now_ms), db_int(entry->max_attempts),
			     db_int(entry->cost > 0 ? entry->cost : 1), db_int(low)),
		   NULL, err) < 0)
		return error_wrap(err, "put a job into the queue");
	return 0;
}

int queue_cancel(struct db_tx *tx, int64_t submission_id, char session_or_null[UUID_TEXT_BYTES],
		 struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	if (db_run(tx, pool, "DELETE FROM job WHERE submission_id = $1 RETURNING session",
		   DB_VALUES(db_int(submission_id)), &rows, err) < 0)
		return error_wrap(err, "cancel a job");
	const char *session = db_text_at(&rows, 0, 0);
	if (session_or_null)
		snprintf(session_or_null, UUID_TEXT_BYTES, "%s", session ? session : "");
	return rows.count > 0;
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
