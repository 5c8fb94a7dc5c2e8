#include "contest_store.h"

#define SELECT_CONTEST "SELECT id, external_id, title, description, is_active, created_ms FROM contest"

static void contest_of_row(const struct db_rows *rows, size_t row, struct contest *contest)
{
	*contest = (struct contest){
		.id = db_int_at(rows, row, 0, 0),
		.external_id = db_text_at(rows, row, 1),
		.title = db_text_at(rows, row, 2),
		.description = db_text_at(rows, row, 3),
		.is_active = db_int_at(rows, row, 4, 0) != 0,
		.created_ms = db_int_at(rows, row, 5, 0),
	};
}

static int first_of(struct db_tx *tx, struct pool *pool, const char *sql, const struct db_value *values,
		    size_t count, struct contest *contest, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, sql, values, count, &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	contest_of_row(&rows, 0, contest);
	return 1;
}

int contest_insert(struct db_tx *tx, struct pool *pool, int64_t key_id, int64_t now_ms,
		   struct contest *contest, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "INSERT INTO contest (key_id, external_id, title, description, is_active,"
		       " created_ms) VALUES ($1, $2, $3, $4, $5, $6)"
		       " ON CONFLICT (key_id, external_id) DO NOTHING RETURNING id",
		       DB_VALUES(db_int(key_id), db_text(contest->external_id), db_text(contest->title),
				 db_text(contest->description), db_int(contest->is_active), db_int(now_ms)),
		       &rows, err);

	if (code < 0)
		return code;
	if (rows.count > 0) {
		contest->id = db_int_at(&rows, 0, 0, 0);
		contest->created_ms = now_ms;
		return 1;
	}
	code = first_of(tx, pool, SELECT_CONTEST " WHERE key_id = $1 AND external_id = $2",
			DB_VALUES(db_int(key_id), db_text(contest->external_id)), contest, err);
	if (code == 0)
		return error_set(err, -EAGAIN, "the contest was deleted at the same moment");
	return code < 0 ? code : 0;
}

int contest_load(struct db_tx *tx, struct pool *pool, int64_t id, struct contest *contest, struct error *err)
{
	return first_of(tx, pool, SELECT_CONTEST " WHERE id = $1", DB_VALUES(db_int(id)), contest, err);
}

int contest_list(struct db_tx *tx, struct pool *pool, int64_t skip, int64_t limit, struct contest **contests,
		 size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, SELECT_CONTEST " ORDER BY id LIMIT $1 OFFSET $2",
			  DB_VALUES(db_int(limit), db_int(skip)), &rows, err);

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

int contest_update(struct db_tx *tx, struct pool *pool, const struct contest *contest, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "UPDATE contest SET external_id = $2, title = $3, description = $4, is_active = $5"
		       " WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM contest other WHERE"
		       " other.external_id = $2 AND other.key_id = contest.key_id AND other.id <> $1)"
		       " RETURNING id",
		       DB_VALUES(db_int(contest->id), db_text(contest->external_id), db_text(contest->title),
				 db_text(contest->description), db_int(contest->is_active)),
		       &rows, err);

	return code < 0 ? code : rows.count > 0;
}

int contest_delete(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "DELETE FROM contest WHERE id = $1 AND NOT EXISTS"
			  " (SELECT 1 FROM submission WHERE contest_id = $1) RETURNING id",
			  DB_VALUES(db_int(id)), &rows, err);

	return code < 0 ? code : rows.count > 0;
}

/* Who deletes it waits until the submission is there, or the other way round. */
int contest_state(struct db_tx *tx, struct pool *pool, int64_t id, enum contest_state *state,
		  struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT is_active FROM contest WHERE id = $1 /*pg FOR KEY SHARE*/",
			  DB_VALUES(db_int(id)), &rows, err);

	if (code < 0)
		return code;
	*state = rows.count == 0                  ? CONTEST_MISSING
		 : db_int_at(&rows, 0, 0, 0) != 0 ? CONTEST_ACTIVE
						  : CONTEST_INACTIVE;
	return 0;
}
