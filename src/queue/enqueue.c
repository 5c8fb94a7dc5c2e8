/* queue: jobs of submissions, in the database. docs/queue.md tells the protocol; this file puts jobs in,
 * counts them and forgets them; claim.c hands them out; take_back.c gets them back from workers. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "queue/queue.h"
#include "sql.h"

/* A user's next job stands behind his last by what that one costs: who asks for much queues behind himself. */
#define BEHIND_HIS_LAST                                                                        \
	"COALESCE((SELECT mine.vt + mine.cost FROM job AS mine WHERE mine.class = given.class" \
	" AND mine.user_id = given.user_id AND mine.vt >= given.low ORDER BY mine.vt DESC LIMIT 1), 0)"

/* All at once: the front of each lane is looked for once, and who puts in several stands behind himself. */
static const char insert[] =
	"WITH given AS MATERIALIZED (SELECT CAST(value ->> 0 AS INTEGER) AS place,"
	" CAST(value ->> 1 AS INTEGER) AS submission_id, CAST(value ->> 2 AS INTEGER) AS class,"
	" value ->> 3 AS capability, value ->> 4 AS user_id, CAST(value ->> 5 AS INTEGER) AS max_attempts,"
	" CAST(value ->> 6 AS INTEGER) AS cost, CAST(value ->> 7 AS INTEGER) AS low"
	" FROM json_each($1 /*pg ::jsonb*/)),"
	" lane AS MATERIALIZED (SELECT class, capability, " QUEUE_FRONT(
		"given.class", "given.capability", "$2",
		"given.low") " AS front"
			     " FROM (SELECT DISTINCT class, capability, low FROM given) AS given),"
			     " own AS MATERIALIZED (SELECT given.*, " BEHIND_HIS_LAST
			     " AS behind, COALESCE(CAST(sum(cost) OVER"
			     " (PARTITION BY class, user_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING "
			     "AND 1 PRECEDING)"
			     " AS INTEGER), 0) AS more FROM given)"
			     " INSERT INTO job (submission_id, class, capability, user_id, enqueued_at, "
			     "max_attempts, cost, vt)"
			     " SELECT submission_id, own.class, own.capability, user_id, $2, max_attempts, "
			     "cost,"
			     " more + CASE WHEN behind > front THEN behind ELSE front END"
			     " FROM own JOIN lane ON lane.class = own.class AND lane.capability = "
			     "own.capability ORDER BY place";

static int put_entries(struct queue_marks *marks, const struct queue_entry *entries, size_t count,
		       struct buffer *text)
{
	cleanup_json json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		const struct queue_entry *e = &entries[i];
		int64_t low = queue_marks_low(marks, e->class, e->capability);
		json_t *one =
			json_pack("[I, I, i, o, o, i, I, I]", (json_int_t)i, (json_int_t)e->submission_id,
				  (int)e->class, json_text(e->capability, strlen(e->capability)),
				  json_text(e->user_id, strlen(e->user_id)), e->max_attempts,
				  (json_int_t)(e->cost > 0 ? e->cost : 1), (json_int_t)low);
		if (json_array_append_new(list, one) < 0)
			return -ENOMEM;
	}
	return json_write(list, text);
}

int queue_enqueue(struct db_tx *tx, struct queue_marks *marks, const struct queue_entry *entries,
		  size_t count, int64_t now_ms, struct error *err)
{
	cleanup_buffer struct buffer text = { 0 };
	if (put_entries(marks, entries, count, &text) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (db_run(tx, NULL, insert, DB_VALUES(db_text(buffer_text(&text)), db_int(now_ms)), NULL, err) < 0)
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
