#include "submission_store.h"

#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "participant.h"

static const char *const way_names[] = { [WAY_RUN] = "run", [WAY_SERVICE] = "service" };

static struct db_value id_or_null(int64_t id)
{
	return id != 0 ? db_int(id) : db_null();
}

static struct db_value known_or_null(int64_t number)
{
	return number >= 0 ? db_int(number) : db_null();
}

/* ---- writing ---- */

int submission_insert(struct db_tx *tx, struct pool *pool, struct submission *s, struct error *err)
{
	char uuid[UUID_TEXT_BYTES];
	struct db_rows rows;

	if (!s->external_id) {
		random_uuid(uuid);
		if (!(s->external_id = pool_strdup(pool, uuid)))
			return error_set(err, -ENOMEM, "out of memory");
	}
	int code =
		db_run(tx, pool,
		       "INSERT INTO submission (external_id, way, replica, remote_id, user_id, contest_id,"
		       " problem_id, language, code, input_data, state, created_ms)"
		       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
		       DB_VALUES(db_text(s->external_id), db_text(way_names[s->way]), db_text(s->replica),
				 id_or_null(s->remote_id), db_int(s->user_id), id_or_null(s->contest_id),
				 id_or_null(s->problem_id), db_text(s->language), db_text(s->code),
				 db_text(s->input_data ? s->input_data : ""),
				 db_text(submission_state_name(SUBMISSION_PENDING)), db_int(s->created_ms)),
		       &rows, err);

	if (code < 0)
		return code;
	s->id = db_int_at(&rows, 0, 0, 0);
	s->state = SUBMISSION_PENDING;
	s->execution_us = s->cpu_us = s->memory_bytes = s->score = s->passed = s->total = s->is_correct = -1;
	return 0;
}

int submission_set_remote(struct db_tx *tx, struct pool *pool, int64_t id, int64_t remote_id,
			  struct error *err)
{
	return db_run(tx, pool, "UPDATE submission SET remote_id = $2 WHERE id = $1",
		      DB_VALUES(db_int(id), db_int(remote_id)), NULL, err);
}

int submission_begin(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	return db_run(tx, pool, "UPDATE submission SET state = 'running' WHERE id = $1 AND state = 'pending'",
		      DB_VALUES(db_int(id)), NULL, err);
}

/* The moment that counts in a contest is when it was handed in, not when it was judged. */
static int note_score(struct db_tx *tx, struct pool *pool, const struct db_rows *rows, int64_t score,
		      struct error *err)
{
	int64_t contest_id = db_int_at(rows, 0, 0, 0), problem_id = db_int_at(rows, 0, 2, 0);

	if (score < 0 || contest_id == 0 || problem_id == 0)
		return 0;
	return participant_note_score(tx, pool, contest_id, db_int_at(rows, 0, 1, 0), problem_id, score,
				      db_int_at(rows, 0, 3, 0), err);
}

/* The row's lock makes the second of two wait, and then find it ended. */
int submission_end(struct db_tx *tx, struct pool *pool, int64_t id, const struct submission *end,
		   struct error *err)
{
	struct db_rows rows;
	int code = db_run(
		tx, pool,
		"UPDATE submission SET state = $2, verdict = $3, output = $4, error_output = $5,"
		" execution_us = $6, cpu_us = $7, memory_bytes = $8, score = $9, is_correct = $10,"
		" passed = $11, total = $12, results = $13, completed_ms = $14, scores = $15,"
		" package_version = $16"
		" WHERE id = $1 AND completed_ms IS NULL"
		" RETURNING contest_id, user_id, problem_id, created_ms",
		DB_VALUES(db_int(id), db_text(submission_state_name(end->state)), db_text(end->verdict),
			  db_text(end->output), db_text(end->error_output), known_or_null(end->execution_us),
			  known_or_null(end->cpu_us), known_or_null(end->memory_bytes),
			  known_or_null(end->score), known_or_null(end->is_correct),
			  known_or_null(end->passed), known_or_null(end->total), db_text(end->results),
			  db_int(end->completed_ms), db_text(end->scores), id_or_null(end->package_version)),
		&rows, err);

	if (code == 0)
		code = db_run(tx, pool, "DELETE FROM submission_live WHERE submission_id = $1",
			      DB_VALUES(db_int(id)), NULL, err);
	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	code = note_score(tx, pool, &rows, end->score, err);
	return code < 0 ? code : 1;
}

int submission_delete(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	struct db_rows rows = { 0 };
	int code = db_run(tx, pool, "DELETE FROM submission_live WHERE submission_id = $1",
			  DB_VALUES(db_int(id)), NULL, err);

	if (code == 0)
		code = db_run(tx, pool, "DELETE FROM submission WHERE id = $1 RETURNING id",
			      DB_VALUES(db_int(id)), &rows, err);
	return code < 0 ? code : rows.count > 0;
}

/* ---- reading ---- */

/* The order of submission_of_row(), which `results` follow. */
#define COLUMNS                                                                                         \
	"id, external_id, way, replica, remote_id, user_id, contest_id, problem_id, language, code,"    \
	" input_data, state, verdict, output, error_output, execution_us, cpu_us, memory_bytes, score," \
	" is_correct, passed, total, created_ms, completed_ms, scores, package_version"

static enum submission_state state_of(const char *name)
{
	enum submission_state state = SUBMISSION_ERROR;

	submission_state_from_name(name, &state);
	return state;
}

static void submission_of_row(const struct db_rows *rows, size_t row, struct submission *s)
{
	*s = (struct submission){
		.id = db_int_at(rows, row, 0, 0),
		.external_id = db_text_at(rows, row, 1),
		.way = strcmp(db_text_at(rows, row, 2), way_names[WAY_RUN]) == 0 ? WAY_RUN : WAY_SERVICE,
		.replica = db_text_at(rows, row, 3),
		.remote_id = db_int_at(rows, row, 4, 0),
		.user_id = db_int_at(rows, row, 5, 0),
		.contest_id = db_int_at(rows, row, 6, 0),
		.problem_id = db_int_at(rows, row, 7, 0),
		.language = db_text_at(rows, row, 8),
		.code = db_text_at(rows, row, 9),
		.input_data = db_text_at(rows, row, 10),
		.state = state_of(db_text_at(rows, row, 11)),
		.verdict = db_text_at(rows, row, 12),
		.output = db_text_at(rows, row, 13),
		.error_output = db_text_at(rows, row, 14),
		.execution_us = db_int_at(rows, row, 15, -1),
		.cpu_us = db_int_at(rows, row, 16, -1),
		.memory_bytes = db_int_at(rows, row, 17, -1),
		.score = db_int_at(rows, row, 18, -1),
		.is_correct = (int)db_int_at(rows, row, 19, -1),
		.passed = db_int_at(rows, row, 20, -1),
		.total = db_int_at(rows, row, 21, -1),
		.created_ms = db_int_at(rows, row, 22, 0),
		.completed_ms = db_int_at(rows, row, 23, 0),
		.scores = db_text_at(rows, row, 24),
		.package_version = db_int_at(rows, row, 25, 0),
		.results = db_text_at(rows, row, 26),
	};
}

static int load(struct db_tx *tx, struct pool *pool, const char *sql, struct db_value key,
		struct submission *submission, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, sql, &key, 1, &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	submission_of_row(&rows, 0, submission);
	return 1;
}

#define LOAD "SELECT " COLUMNS ", results FROM submission WHERE "

int submission_load(struct db_tx *tx, struct pool *pool, int64_t id, struct submission *submission,
		    struct error *err)
{
	return load(tx, pool, LOAD "id = $1", db_int(id), submission, err);
}

int submission_load_external(struct db_tx *tx, struct pool *pool, const char *external_id,
			     struct submission *submission, struct error *err)
{
	return load(tx, pool, LOAD "external_id = $1", db_text(external_id), submission, err);
}

int submission_load_remote(struct db_tx *tx, struct pool *pool, int64_t remote_id,
			   struct submission *submission, struct error *err)
{
	return load(tx, pool, LOAD "remote_id = $1", db_int(remote_id), submission, err);
}

/* ---- lists ---- */

/* Each condition that is asked for becomes one more numbered value: the planner sees a plain comparison and uses
 * its index. */
struct conditions {
	struct buffer sql;
	struct db_value values[10];
	size_t count;
};

static void add_condition(struct conditions *conditions, const char *comparison, struct db_value value)
{
	if (value.type == DB_NULL)
		return;
	conditions->values[conditions->count++] = value;
	buffer_printf(&conditions->sql, "%s %s $%zu", conditions->count == 1 ? " WHERE" : " AND", comparison,
		      conditions->count);
}

static void add_filter(struct conditions *conditions, const struct submission_filter *filter)
{
	add_condition(conditions, "user_id =", id_or_null(filter->user_id));
	add_condition(conditions, "problem_id =", id_or_null(filter->problem_id));
	add_condition(conditions, "contest_id =", id_or_null(filter->contest_id));
	add_condition(conditions, "state =", db_text(filter->state));
	add_condition(conditions, "verdict =", db_text(filter->verdict));
	add_condition(conditions, "language =", db_text(filter->language));
	add_condition(conditions, "created_ms >=", id_or_null(filter->from_ms));
	add_condition(conditions, "created_ms <", id_or_null(filter->to_ms));
}

static int count_all(struct db_tx *tx, struct pool *pool, const struct submission_filter *filter,
		     int64_t *total, struct error *err)
{
	struct conditions conditions = { 0 };
	struct db_rows rows;

	buffer_puts(&conditions.sql, "SELECT COUNT(*) FROM submission");
	add_filter(&conditions, filter);
	int code = db_run(tx, pool, buffer_text(&conditions.sql), conditions.values, conditions.count, &rows,
			  err);
	buffer_free(&conditions.sql);
	if (code == 0)
		*total = db_int_at(&rows, 0, 0, 0);
	return code;
}

/* What is skipped is walked in an index alone. */
static int select_page(struct db_tx *tx, struct pool *pool, const struct submission_filter *filter,
		       struct db_rows *rows, struct error *err)
{
	struct conditions conditions = { 0 };

	buffer_puts(&conditions.sql,
		    "SELECT " COLUMNS " FROM submission WHERE id IN (SELECT id FROM submission");
	add_filter(&conditions, filter);
	conditions.values[conditions.count++] = db_int(filter->limit);
	conditions.values[conditions.count++] = db_int(filter->skip);
	buffer_printf(&conditions.sql, " ORDER BY id DESC LIMIT $%zu OFFSET $%zu) ORDER BY id DESC",
		      conditions.count - 1, conditions.count);
	int code = db_run(tx, pool, buffer_text(&conditions.sql), conditions.values, conditions.count, rows,
			  err);
	buffer_free(&conditions.sql);
	return code;
}

int submission_list(struct db_tx *tx, struct pool *pool, const struct submission_filter *filter,
		    struct submission **submissions, size_t *count, int64_t *total, struct error *err)
{
	struct db_rows rows;
	int code = select_page(tx, pool, filter, &rows, err);

	if (code == 0 && total)
		code = count_all(tx, pool, filter, total, err);
	if (code < 0)
		return code;
	*submissions = pool_array(pool, rows.count + 1, sizeof **submissions);
	if (!*submissions)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		submission_of_row(&rows, i, &(*submissions)[i]);
	return 0;
}
