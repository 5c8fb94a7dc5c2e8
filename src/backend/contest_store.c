#include "contest_store.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "participant.h"

#define COLUMNS(user)                                                                                   \
	"id, external_id, owner_id, title, description, is_active, start_ms, end_ms, max_participants," \
	" participants, created_ms, revision, mirrored, remote_id,"                                     \
	" EXISTS (SELECT 1 FROM participant p WHERE p.contest_id = contest.id AND p.user_id = " user ")"

static struct db_value known(int64_t number)
{
	return number != 0 ? db_int(number) : db_null();
}

static void of_row(const struct db_rows *rows, size_t row, struct contest *contest)
{
	*contest = (struct contest){
		.id = db_int_at(rows, row, 0, 0),
		.external_id = db_text_at(rows, row, 1),
		.owner_id = db_int_at(rows, row, 2, 0),
		.title = db_text_at(rows, row, 3),
		.description = db_text_at(rows, row, 4),
		.is_active = db_int_at(rows, row, 5, 0) != 0,
		.start_ms = db_int_at(rows, row, 6, 0),
		.end_ms = db_int_at(rows, row, 7, 0),
		.max_participants = db_int_at(rows, row, 8, 0),
		.participants = db_int_at(rows, row, 9, 0),
		.created_ms = db_int_at(rows, row, 10, 0),
		.revision = db_int_at(rows, row, 11, 0),
		.mirrored = db_int_at(rows, row, 12, 0),
		.remote_id = db_int_at(rows, row, 13, 0),
		.joined = db_int_at(rows, row, 14, 0) != 0,
	};
}

/* ---- its problems ---- */

/* "[1,2,3]", in the pool. */
static const char *list_of(struct pool *pool, const int64_t *ids, size_t count)
{
	cleanup_buffer struct buffer text = { 0 };

	buffer_putc(&text, '[');
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, "%s%" PRId64, i > 0 ? "," : "", ids[i]);
	buffer_putc(&text, ']');
	return text.failed ? NULL : pool_strdup(pool, text.data);
}

static int load_problems(struct db_tx *tx, struct pool *pool, struct contest *contests, size_t count,
			 struct error *err)
{
	int64_t *ids = pool_array(pool, count + 1, sizeof *ids);
	struct db_rows rows;

	for (size_t i = 0; ids && i < count; i++)
		ids[i] = contests[i].id;
	const char *list = ids ? list_of(pool, ids, count) : NULL;
	if (!list)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(tx, pool,
			  "SELECT contest_id, problem_id FROM contest_problem WHERE contest_id " DB_ANY_OF(
				  "$1") " ORDER BY contest_id, position",
			  DB_VALUES(db_text(list)), &rows, err);
	if (code < 0)
		return code;
	int64_t *problems = pool_array(pool, rows.count + 1, sizeof *problems);
	if (!problems)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows.count; i++)
		problems[i] = db_int_at(&rows, i, 1, 0);
	for (size_t i = 0; i < count; i++)
		for (size_t row = 0; row < rows.count; row++)
			if (db_int_at(&rows, row, 0, 0) == contests[i].id) {
				contests[i].problems =
					contests[i].problems ? contests[i].problems : &problems[row];
				contests[i].problem_count++;
			}
	return 0;
}

static int store_problems(struct db_tx *tx, const struct contest *contest, struct error *err)
{
	int code = db_run(tx, NULL, "DELETE FROM contest_problem WHERE contest_id = $1",
			  DB_VALUES(db_int(contest->id)), NULL, err);

	for (size_t i = 0; code == 0 && i < contest->problem_count; i++)
		code = db_run(
			tx, NULL,
			"INSERT INTO contest_problem (contest_id, problem_id, position)"
			" VALUES ($1, $2, $3)",
			DB_VALUES(db_int(contest->id), db_int(contest->problems[i]), db_int((int64_t)i + 1)),
			NULL, err);
	return code;
}

/* They stay while they are looked at: nobody deletes one between this and the contest's own row. */
int contest_check_problems(struct db_tx *tx, struct pool *pool, const struct contest *contest,
			   struct caller caller, int64_t *missing, struct error *err)
{
	*missing = 0;
	for (size_t i = 0; i < contest->problem_count && *missing == 0; i++) {
		struct db_rows rows;
		int code = db_run(tx, pool,
				  "SELECT is_public, author_id FROM problem WHERE id = $1 AND deleted = 0"
				  " /*pg FOR KEY SHARE*/",
				  DB_VALUES(db_int(contest->problems[i])), &rows, err);

		if (code < 0)
			return code;
		bool may = rows.count > 0 && (caller.role == ROLE_ADMIN || db_int_at(&rows, 0, 0, 0) != 0 ||
					      db_int_at(&rows, 0, 1, 0) == caller.user_id);
		if (!may)
			*missing = contest->problems[i];
	}
	return 0;
}

/* ---- writing ---- */

int contest_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct contest *contest,
		   struct error *err)
{
	char uuid[UUID_TEXT_BYTES];
	struct db_rows rows;

	random_uuid(uuid);
	contest->external_id = pool_strdup(pool, uuid);
	contest->created_ms = now_ms;
	if (!contest->external_id)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(
		tx, pool,
		"INSERT INTO contest (external_id, owner_id, title, description, is_active, start_ms,"
		" end_ms, max_participants, created_ms, mirror_ms)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id",
		DB_VALUES(db_text(contest->external_id), db_int(contest->owner_id), db_text(contest->title),
			  db_text(contest->description), db_int(contest->is_active), known(contest->start_ms),
			  known(contest->end_ms), known(contest->max_participants), db_int(now_ms)),
		&rows, err);
	if (code < 0)
		return code;
	contest->id = db_int_at(&rows, 0, 0, 0);
	return store_problems(tx, contest, err);
}

int contest_update(struct db_tx *tx, int64_t now_ms, const struct contest *contest, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE contest SET title = $2, description = $3, is_active = $4, start_ms = $5,"
		      " end_ms = $6, max_participants = $7, revision = revision + 1, mirror_ms = $8,"
		      " mirror_tries = 0 WHERE id = $1",
		      DB_VALUES(db_int(contest->id), db_text(contest->title), db_text(contest->description),
				db_int(contest->is_active), known(contest->start_ms), known(contest->end_ms),
				known(contest->max_participants), db_int(now_ms)),
		      NULL, err);
}

int contest_set_problems(struct db_tx *tx, const struct contest *contest, struct error *err)
{
	int code = store_problems(tx, contest, err);

	return code < 0 ? code : participant_rescore(tx, contest->id, err);
}

static int delete_rows(struct db_tx *tx, int64_t id, struct error *err)
{
	static const char *const statements[] = {
		"DELETE FROM contest_problem WHERE contest_id = $1",
		"DELETE FROM participant_score WHERE contest_id = $1",
		"DELETE FROM participant WHERE contest_id = $1",
		"DELETE FROM contest WHERE id = $1",
	};

	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		int code = db_run(tx, NULL, statements[i], DB_VALUES(db_int(id)), NULL, err);

		if (code < 0)
			return code;
	}
	return 0;
}

int contest_delete(struct db_tx *tx, struct pool *pool, int64_t now_ms, const struct contest *contest,
		   struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT 1 FROM submission WHERE contest_id = $1 LIMIT 1",
			  DB_VALUES(db_int(contest->id)), &rows, err);

	if (code < 0 || rows.count > 0)
		return code;
	if ((code = delete_rows(tx, contest->id, err)) == 0 && contest->remote_id != 0)
		code = db_run(tx, NULL,
			      "INSERT INTO contest_removed (remote_id, mirror_ms) VALUES ($1, $2)"
			      " ON CONFLICT (remote_id) DO NOTHING",
			      DB_VALUES(db_int(contest->remote_id), db_int(now_ms)), NULL, err);
	return code < 0 ? code : 1;
}

/* ---- reading ---- */

static int load(struct db_tx *tx, struct pool *pool, const char *sql, int64_t id, int64_t user_id,
		struct contest *contest, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, sql, DB_VALUES(db_int(id), db_int(user_id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	of_row(&rows, 0, contest);
	code = load_problems(tx, pool, contest, 1, err);
	return code < 0 ? code : 1;
}

int contest_load(struct db_tx *tx, struct pool *pool, int64_t id, int64_t user_id, struct contest *contest,
		 struct error *err)
{
	return load(tx, pool, "SELECT " COLUMNS("$2") " FROM contest WHERE id = $1", id, user_id, contest,
		    err);
}

int contest_lock(struct db_tx *tx, struct pool *pool, int64_t id, int64_t user_id, struct contest *contest,
		 struct error *err)
{
	return load(tx, pool, "SELECT " COLUMNS("$2") " FROM contest WHERE id = $1 /*pg FOR UPDATE*/", id,
		    user_id, contest, err);
}

/* contest_status() in the database's words; $1 is the moment. */
#define IS_UPCOMING "(start_ms IS NOT NULL AND start_ms > $1)"
#define IS_RUNNING  "(is_active = 1 AND NOT " IS_UPCOMING " AND (end_ms IS NULL OR end_ms > $1))"

static const struct {
	const char *status, *count, *list;
} listings[] = {
#define LISTING(status, condition)                                                                           \
	{                                                                                                    \
		status, "SELECT count(*) FROM contest WHERE CAST($1 AS INTEGER) > 0 AND " condition,         \
			"SELECT " COLUMNS("$2") " FROM contest WHERE CAST($1 AS INTEGER) > 0 AND " condition \
						" ORDER BY id DESC LIMIT $3 OFFSET $4"                       \
	}
	LISTING("upcoming", IS_UPCOMING),
	LISTING("running", IS_RUNNING),
	LISTING("ended", "NOT " IS_UPCOMING " AND NOT " IS_RUNNING),
	LISTING(NULL, "id > 0"),
};

int contest_list(struct db_tx *tx, struct pool *pool, const char *status, int64_t at_ms, int64_t user_id,
		 int64_t skip, int64_t limit, struct contest **contests, size_t *count, int64_t *total,
		 struct error *err)
{
	struct db_rows rows;
	size_t i = 0;

	while (listings[i].status && (!status || strcmp(listings[i].status, status) != 0))
		i++;
	int code = db_run(tx, pool, listings[i].count, DB_VALUES(db_int(at_ms)), &rows, err);
	if (code < 0)
		return code;
	*total = db_int_at(&rows, 0, 0, 0);
	code = db_run(tx, pool, listings[i].list,
		      DB_VALUES(db_int(at_ms), db_int(user_id), db_int(limit), db_int(skip)), &rows, err);
	if (code < 0)
		return code;
	*contests = pool_array(pool, rows.count + 1, sizeof **contests);
	if (!*contests)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t row = 0; row < rows.count; row++)
		of_row(&rows, row, &(*contests)[row]);
	return load_problems(tx, pool, *contests, *count, err);
}
