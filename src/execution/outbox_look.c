#include "base/buffer.h"
#include "outbox.h"

static void add_condition(struct buffer *sql, struct db_value *values, size_t *count, const char *column,
			  struct db_value value)
{
	values[(*count)++] = value;
	buffer_printf(sql, "%s %s = $%zu", *count == 1 ? " WHERE" : " AND", column, *count);
}

int outbox_list(struct db_tx *tx, struct pool *pool, const struct outbox_filter *filter,
		struct outbox_row **ret_rows, size_t *ret_count, struct error *err)
{
	cleanup_buffer struct buffer sql = { 0 };
	struct db_value values[5];
	struct db_rows rows;
	size_t count = 0;

	buffer_puts(&sql,
		    "SELECT id, submission_id, attempts, created_ms, due_ms, ended_ms, message, url, state,"
		    " response FROM delivery");
	if (filter->state)
		add_condition(&sql, values, &count, "state", db_text(filter->state));
	if (filter->submission_id)
		add_condition(&sql, values, &count, "submission_id", db_int(*filter->submission_id));
	if (filter->id)
		add_condition(&sql, values, &count, "id", db_int(*filter->id));
	values[count++] = db_int(filter->limit);
	values[count++] = db_int(filter->skip);
	buffer_printf(&sql, " ORDER BY id DESC LIMIT $%zu OFFSET $%zu", count - 1, count);
	int code = db_run(tx, pool, buffer_text(&sql), values, count, &rows, err);
	struct outbox_row *list = code < 0 ? NULL : pool_array(pool, rows.count + 1, sizeof *list);
	if (!list)
		return code < 0 ? code : error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows.count; i++)
		list[i] = (struct outbox_row){ .id = db_int_at(&rows, i, 0, 0),
					       .submission_id = db_int_at(&rows, i, 1, 0),
					       .attempts = db_int_at(&rows, i, 2, 0),
					       .created_ms = db_int_at(&rows, i, 3, 0),
					       .due_ms = db_int_at(&rows, i, 4, 0),
					       .ended_ms = db_int_at(&rows, i, 5, 0),
					       .message = db_text_at(&rows, i, 6),
					       .url = db_text_at(&rows, i, 7),
					       .state = db_text_at(&rows, i, 8),
					       .response = db_text_at(&rows, i, 9) };
	*ret_rows = list;
	*ret_count = rows.count;
	return 0;
}

int outbox_log(struct db_tx *tx, struct pool *pool, int64_t id, struct outbox_attempt **attempts,
	       size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT number, at_ms, took_us, status, response FROM delivery_attempt"
			  " WHERE delivery_id = $1 ORDER BY id",
			  DB_VALUES(db_int(id)), &rows, err);
	struct outbox_attempt *list = code < 0 ? NULL : pool_array(pool, rows.count + 1, sizeof *list);

	if (!list)
		return code < 0 ? code : error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows.count; i++)
		list[i] = (struct outbox_attempt){ .number = db_int_at(&rows, i, 0, 0),
						   .at_ms = db_int_at(&rows, i, 1, 0),
						   .took_us = db_int_at(&rows, i, 2, 0),
						   .status = (int)db_int_at(&rows, i, 3, 0),
						   .response = db_text_at(&rows, i, 4) };
	*attempts = list;
	*count = rows.count;
	return 0;
}

/* Under way just now, it keeps its lease: it is not sent a second time at once. */
int outbox_replay(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool, "SELECT 1 FROM delivery WHERE id = $1", DB_VALUES(db_int(id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	code = db_run(
		tx, NULL,
		"UPDATE delivery SET state = 'pending', begun_ms = CASE WHEN state = 'pending' THEN begun_ms"
		" ELSE $2 END, attempts = CASE WHEN state = 'pending' THEN attempts ELSE 0 END,"
		" ended_ms = NULL, scheduled_ms = $2, due_ms = $2 WHERE id = $1 AND lease IS NULL",
		DB_VALUES(db_int(id), db_int(now_ms)), NULL, err);
	return code < 0 ? code : 1;
}

int outbox_count(struct db_tx *tx, struct pool *pool, struct outbox_counts *counts, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT (SELECT count(*) FROM delivery WHERE state = 'pending'),"
			  " (SELECT count(*) FROM delivery WHERE state = 'dead'),"
			  " (SELECT min(created_ms) FROM delivery WHERE state = 'pending')",
			  DB_NO_VALUES, &rows, err);

	if (code == 0)
		*counts = (struct outbox_counts){ db_int_at(&rows, 0, 0, 0), db_int_at(&rows, 0, 1, 0),
						  db_int_at(&rows, 0, 2, 0) };
	return code;
}
