#include "dispatch_store.h"

/* ---- submissions ---- */

#define DISPATCH_COLUMNS "submission_id, request_id, trace, sent, tries, failure, why, retry_s"

static void dispatch_of_row(const struct db_rows *rows, size_t row, struct dispatch *dispatch)
{
	*dispatch = (struct dispatch){
		.submission_id = db_int_at(rows, row, 0, 0),
		.request_id = db_text_at(rows, row, 1),
		.trace = db_text_at(rows, row, 2),
		.sent = db_int_at(rows, row, 3, 0) != 0,
		.tries = db_int_at(rows, row, 4, 0),
		.failure = (int)db_int_at(rows, row, 5, 0),
		.why = db_text_at(rows, row, 6),
		.retry_s = db_int_at(rows, row, 7, 0),
	};
}

int dispatch_insert(struct db_tx *tx, const struct dispatch *dispatch, int64_t user_id, const char *digest,
		    int64_t now_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "INSERT INTO dispatch (submission_id, user_id, digest, request_id, trace, due_ms,"
		      " created_ms) VALUES ($1, $2, $3, $4, $5, $6, $6)",
		      DB_VALUES(db_int(dispatch->submission_id), db_int(user_id), db_text(digest),
				db_text(dispatch->request_id), db_text(dispatch->trace), db_int(now_ms)),
		      NULL, err);
}

int dispatch_repeat(struct db_tx *tx, struct pool *pool, int64_t user_id, const char *digest, int64_t now_ms,
		    int64_t *submission_id, struct error *err)
{
	struct db_rows rows;
	int code = db_run(
		tx, pool,
		"UPDATE dispatch SET due_ms = CASE WHEN sent = 0 THEN $3 ELSE due_ms END,"
		" failure = 0, why = NULL WHERE submission_id = (SELECT submission_id FROM dispatch"
		" WHERE user_id = $1 AND digest = $2 AND answered = 0 AND created_ms > $4"
		" ORDER BY submission_id LIMIT 1 /*pg FOR UPDATE*/) RETURNING submission_id",
		DB_VALUES(db_int(user_id), db_text(digest), db_int(now_ms), db_int(now_ms - REPEAT_MS)),
		&rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	*submission_id = db_int_at(&rows, 0, 0, 0);
	return 1;
}

int dispatch_load(struct db_tx *tx, struct pool *pool, int64_t submission_id, struct dispatch *dispatch,
		  struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT " DISPATCH_COLUMNS " FROM dispatch WHERE submission_id = $1",
			  DB_VALUES(db_int(submission_id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	dispatch_of_row(&rows, 0, dispatch);
	return 1;
}

int dispatch_answered(struct db_tx *tx, int64_t submission_id, struct error *err)
{
	int code = db_run(tx, NULL, "UPDATE dispatch SET answered = 1 WHERE submission_id = $1",
			  DB_VALUES(db_int(submission_id)), NULL, err);

	return code < 0 ? code
			: db_run(tx, NULL, "DELETE FROM dispatch WHERE submission_id = $1 AND ended = 1",
				 DB_VALUES(db_int(submission_id)), NULL, err);
}

int dispatch_take(struct db_tx *tx, struct pool *pool, int64_t now_ms, int64_t until_ms, size_t limit,
		  struct dispatch **dispatches, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "UPDATE dispatch SET due_ms = $2 WHERE submission_id IN (SELECT submission_id"
			  " FROM dispatch WHERE ended = 0 AND due_ms <= $1 ORDER BY due_ms LIMIT $3"
			  " /*pg FOR UPDATE SKIP LOCKED*/) RETURNING " DISPATCH_COLUMNS,
			  DB_VALUES(db_int(now_ms), db_int(until_ms), db_int((int64_t)limit)), &rows, err);

	if (code < 0)
		return code;
	*dispatches = pool_array(pool, rows.count + 1, sizeof **dispatches);
	if (!*dispatches)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		dispatch_of_row(&rows, i, &(*dispatches)[i]);
	return 0;
}

int dispatch_sent(struct db_tx *tx, int64_t submission_id, int64_t tries, int64_t due_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE dispatch SET sent = 1, failure = 0, why = NULL, tries = $2, due_ms = $3"
		      " WHERE submission_id = $1",
		      DB_VALUES(db_int(submission_id), db_int(tries), db_int(due_ms)), NULL, err);
}

int dispatch_unsent(struct db_tx *tx, int64_t submission_id, int64_t due_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE dispatch SET sent = 0, tries = tries + 1, due_ms = $2 WHERE submission_id = $1",
		      DB_VALUES(db_int(submission_id), db_int(due_ms)), NULL, err);
}

int dispatch_failed(struct db_tx *tx, const struct dispatch *dispatch, int64_t due_ms, struct error *err)
{
	return db_run(
		tx, NULL,
		"UPDATE dispatch SET tries = tries + 1, failure = $2, why = $3, retry_s = $4, due_ms = $5"
		" WHERE submission_id = $1",
		DB_VALUES(db_int(dispatch->submission_id), db_int(dispatch->failure), db_text(dispatch->why),
			  db_int(dispatch->retry_s), db_int(due_ms)),
		NULL, err);
}

int dispatch_end(struct db_tx *tx, int64_t submission_id, struct error *err)
{
	int code = db_run(tx, NULL, "DELETE FROM dispatch WHERE submission_id = $1 AND answered = 1",
			  DB_VALUES(db_int(submission_id)), NULL, err);

	return code < 0 ? code
			: db_run(tx, NULL, "UPDATE dispatch SET ended = 1, sent = 1 WHERE submission_id = $1",
				 DB_VALUES(db_int(submission_id)), NULL, err);
}

int dispatch_sweep(struct db_tx *tx, int64_t now_ms, struct error *err)
{
	return db_run(tx, NULL, "DELETE FROM dispatch WHERE ended = 1 AND created_ms <= $1",
		      DB_VALUES(db_int(now_ms - REPEAT_MS)), NULL, err);
}

/* ---- contests ---- */

#define MIRROR_COLUMNS \
	"id, remote_id, external_id, title, description, is_active, revision, mirrored, mirror_tries"

static void contest_of_row(const struct db_rows *rows, size_t row, struct mirrored_contest *contest)
{
	*contest = (struct mirrored_contest){
		.id = db_int_at(rows, row, 0, 0),
		.remote_id = db_int_at(rows, row, 1, 0),
		.external_id = db_text_at(rows, row, 2),
		.title = db_text_at(rows, row, 3),
		.description = db_text_at(rows, row, 4),
		.is_active = db_int_at(rows, row, 5, 0) != 0,
		.revision = db_int_at(rows, row, 6, 0),
		.mirrored = db_int_at(rows, row, 7, 0),
		.tries = db_int_at(rows, row, 8, 0),
	};
}

int mirror_load(struct db_tx *tx, struct pool *pool, int64_t id, struct mirrored_contest *contest,
		struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT " MIRROR_COLUMNS " FROM contest WHERE id = $1",
			  DB_VALUES(db_int(id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	contest_of_row(&rows, 0, contest);
	return 1;
}

int mirror_take(struct db_tx *tx, struct pool *pool, int64_t now_ms, int64_t until_ms, size_t limit,
		struct mirrored_contest **contests, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "UPDATE contest SET mirror_ms = $2 WHERE id IN (SELECT id FROM contest"
			  " WHERE mirrored < revision AND mirror_ms <= $1 ORDER BY mirror_ms LIMIT $3"
			  " /*pg FOR UPDATE SKIP LOCKED*/) RETURNING " MIRROR_COLUMNS,
			  DB_VALUES(db_int(now_ms), db_int(until_ms), db_int((int64_t)limit)), &rows, err);

	if (code < 0)
		return code;
	*contests = pool_array(pool, rows.count + 1, sizeof **contests);
	if (!*contests)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		contest_of_row(&rows, i, &(*contests)[i]);
	return 0;
}

int mirror_known(struct db_tx *tx, struct pool *pool, int64_t id, int64_t remote_id, int64_t revision,
		 int64_t now_ms, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "UPDATE contest SET remote_id = $2, mirror_tries = 0, mirror_ms = $4,"
			  " mirrored = CASE WHEN mirrored < $3 THEN $3 ELSE mirrored END"
			  " WHERE id = $1 RETURNING id",
			  DB_VALUES(db_int(id), db_int(remote_id), db_int(revision), db_int(now_ms)), &rows,
			  err);

	if (code < 0 || rows.count > 0)
		return code;
	return db_run(tx, NULL,
		      "INSERT INTO contest_removed (remote_id, mirror_ms) VALUES ($1, $2)"
		      " ON CONFLICT (remote_id) DO NOTHING",
		      DB_VALUES(db_int(remote_id), db_int(now_ms)), NULL, err);
}

int mirror_stale(struct db_tx *tx, int64_t id, bool forget, int64_t due_ms, struct error *err)
{
	return db_run(
		tx, NULL,
		forget ? "UPDATE contest SET mirrored = 0, mirror_ms = $2, mirror_tries = mirror_tries + 1,"
			 " remote_id = NULL WHERE id = $1"
		       : "UPDATE contest SET mirrored = 0, mirror_ms = $2, mirror_tries = mirror_tries + 1"
			 " WHERE id = $1",
		DB_VALUES(db_int(id), db_int(due_ms)), NULL, err);
}

int mirror_failed(struct db_tx *tx, int64_t id, int64_t due_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE contest SET mirror_tries = mirror_tries + 1, mirror_ms = $2 WHERE id = $1",
		      DB_VALUES(db_int(id), db_int(due_ms)), NULL, err);
}

int removal_take(struct db_tx *tx, struct pool *pool, int64_t now_ms, int64_t until_ms, size_t limit,
		 int64_t **remote_ids, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "UPDATE contest_removed SET mirror_ms = $2 WHERE remote_id IN (SELECT remote_id"
			  " FROM contest_removed WHERE mirror_ms <= $1 ORDER BY mirror_ms LIMIT $3"
			  " /*pg FOR UPDATE SKIP LOCKED*/) RETURNING remote_id",
			  DB_VALUES(db_int(now_ms), db_int(until_ms), db_int((int64_t)limit)), &rows, err);

	if (code < 0)
		return code;
	*remote_ids = pool_array(pool, rows.count + 1, sizeof **remote_ids);
	if (!*remote_ids)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*remote_ids)[i] = db_int_at(&rows, i, 0, 0);
	return 0;
}

int removal_done(struct db_tx *tx, int64_t remote_id, struct error *err)
{
	return db_run(tx, NULL, "DELETE FROM contest_removed WHERE remote_id = $1",
		      DB_VALUES(db_int(remote_id)), NULL, err);
}
