/* dead.c - jobs that came to nothing, kept until somebody looks. */
#include "queue/queue.h"

static void read_letter(const struct db_rows *rows, size_t row, struct queue_dead_letter *letter)
{
	*letter = (struct queue_dead_letter){
		.submission_id = db_int_at(rows, row, 0, 0),
		.attempts = (int)db_int_at(rows, row, 1, 0),
		.class = (enum job_class)db_int_at(rows, row, 2, 0),
		.capability = db_text_at(rows, row, 3),
		.user_id = db_text_at(rows, row, 4),
		.reason = db_text_at(rows, row, 5),
		.at_ms = db_int_at(rows, row, 6, 0),
	};
}

int queue_dead_list(struct db_tx *tx, struct pool *pool, int64_t submission_id, int64_t skip, int64_t limit,
		    struct queue_dead_letter **ret_letters, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(
		tx, pool,
		"SELECT submission_id, attempts, class, capability, user_id, reason, at FROM dead_letter"
		" WHERE $1 = 0 OR submission_id = $1 ORDER BY id LIMIT $2 OFFSET $3",
		DB_VALUES(db_int(submission_id), db_int(limit), db_int(skip)), &rows, err);
	if (code < 0)
		return error_wrap(err, "list dead letters");
	struct queue_dead_letter *letters = pool_array(pool, rows.count + 1, sizeof *letters);
	if (!letters)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows.count; i++)
		read_letter(&rows, i, &letters[i]);
	*ret_letters = letters;
	*count = rows.count;
	return 0;
}

int queue_dead_forget(struct db_tx *tx, int64_t submission_id, struct error *err)
{
	return db_run(tx, NULL, "DELETE FROM dead_letter WHERE submission_id = $1",
		      DB_VALUES(db_int(submission_id)), NULL, err);
}
