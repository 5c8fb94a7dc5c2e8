#include "problem_store.h"

#include <inttypes.h>

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"

bool problem_is_own(const struct problem *problem, struct caller caller)
{
	return caller.role == ROLE_ADMIN ||
	       (caller.role == ROLE_INSTRUCTOR && caller.user_id == problem->author_id);
}

bool problem_takes(const struct problem *problem, const char *language)
{
	cleanup_json json_t *list = NULL;
	const json_t *name;
	struct error err;
	size_t i;

	if (!problem->package.languages ||
	    json_parse(problem->package.languages, strlen(problem->package.languages), &list, &err) < 0)
		return true;
	json_array_foreach(list, i, name) if (json_is_string(name) &&
					      strcmp(json_string_value(name), language) == 0) return true;
	return false;
}

/* ---- writing ---- */

static int insert_tags(struct db_tx *tx, struct pool *pool, const struct problem *problem, struct error *err)
{
	int code = 0;

	for (size_t i = 0; i < problem->tag_count && code == 0; i++)
		code = db_run(tx, pool,
			      "INSERT INTO problem_tag (problem_id, position, tag) VALUES ($1, $2, $3)",
			      DB_VALUES(db_int(problem->id), db_int((int64_t)i), db_text(problem->tags[i])),
			      NULL, err);
	return code;
}

static int insert_cases(struct db_tx *tx, struct pool *pool, const struct problem *problem, struct error *err)
{
	int code = 0;

	for (size_t i = 0; i < problem->cases_loaded && code == 0; i++) {
		const struct problem_case *its = &problem->cases[i];

		code = db_run(
			tx, pool,
			"INSERT INTO problem_case (problem_id, number, input, expected_output, is_hidden)"
			" VALUES ($1, $2, $3, $4, $5)",
			DB_VALUES(db_int(problem->id), db_int((int64_t)i + 1), db_text(its->input),
				  db_text(its->expected_output), db_int(its->hidden)),
			NULL, err);
	}
	return code;
}

int problem_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct problem *p, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "INSERT INTO problem (author_id, title, description, difficulty, constraints_text,"
		       " input_format, output_format, examples, starter_code, time_limit_ms,"
		       " memory_limit_mb, is_public, created_ms, updated_ms)"
		       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING id",
		       DB_VALUES(db_int(p->author_id), db_text(p->title), db_text(p->description),
				 db_text(p->difficulty), db_text(p->constraints), db_text(p->input_format),
				 db_text(p->output_format), db_text(p->examples), db_text(p->starter_code),
				 db_int(p->time_limit_ms), db_int(p->memory_limit_mb), db_int(p->is_public),
				 db_int(now_ms)),
		       &rows, err);

	if (code < 0)
		return code;
	p->id = db_int_at(&rows, 0, 0, 0);
	p->created_ms = p->updated_ms = now_ms;
	code = insert_tags(tx, pool, p, err);
	return code < 0 ? code : insert_cases(tx, pool, p, err);
}

static int remove_parts(struct db_tx *tx, struct pool *pool, int64_t id, bool tags, bool cases,
			struct error *err)
{
	int code = tags ? db_run(tx, pool, "DELETE FROM problem_tag WHERE problem_id = $1",
				 DB_VALUES(db_int(id)), NULL, err)
			: 0;

	if (code == 0 && cases)
		code = db_run(tx, pool, "DELETE FROM problem_case WHERE problem_id = $1",
			      DB_VALUES(db_int(id)), NULL, err);
	return code;
}

/* Its blobs go when they were not used for a while (test_data.h). */
static int remove_package(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	int code = db_run(tx, pool, "DELETE FROM package_blob WHERE problem_id = $1", DB_VALUES(db_int(id)),
			  NULL, err);

	return code < 0 ? code
			: db_run(tx, pool, "DELETE FROM problem_package WHERE problem_id = $1",
				 DB_VALUES(db_int(id)), NULL, err);
}

/* Two changes never bear the same time: it tells them apart. */
int problem_update(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct problem *p, struct error *err)
{
	int64_t updated_ms = now_ms > p->updated_ms ? now_ms : p->updated_ms + 1;
	struct db_rows rows;
	int code = db_run(
		tx, pool,
		"UPDATE problem SET title = $2, description = $3, difficulty = $4, constraints_text = $5,"
		" input_format = $6, output_format = $7, examples = $8, starter_code = $9,"
		" time_limit_ms = $10, memory_limit_mb = $11, is_public = $12, updated_ms = $13"
		" WHERE id = $1 AND deleted = 0 AND updated_ms = $14 RETURNING id",
		DB_VALUES(db_int(p->id), db_text(p->title), db_text(p->description), db_text(p->difficulty),
			  db_text(p->constraints), db_text(p->input_format), db_text(p->output_format),
			  db_text(p->examples), db_text(p->starter_code), db_int(p->time_limit_ms),
			  db_int(p->memory_limit_mb), db_int(p->is_public), db_int(updated_ms),
			  db_int(p->updated_ms)),
		&rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	code = remove_parts(tx, pool, p->id, true, p->cases != NULL, err);
	if (code == 0)
		code = insert_tags(tx, pool, p, err);
	if (code == 0 && p->cases)
		code = insert_cases(tx, pool, p, err);
	if (code < 0)
		return code;
	p->updated_ms = updated_ms;
	return 1;
}

/* The lock comes before the look: a submission that is being made meanwhile (problem_load's lock) is seen, or finds
 * nothing. */
int problem_delete(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT id FROM problem WHERE id = $1 AND deleted = 0 /*pg FOR UPDATE*/",
			  DB_VALUES(db_int(id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	code = db_run(tx, pool,
		      "UPDATE problem SET deleted = 1 WHERE id = $1 AND"
		      " (EXISTS (SELECT 1 FROM submission WHERE problem_id = $1)"
		      " OR EXISTS (SELECT 1 FROM contest_problem WHERE problem_id = $1)) RETURNING id",
		      DB_VALUES(db_int(id)), &rows, err);
	if (code < 0 || rows.count > 0)
		return code < 0 ? code : 1;
	code = remove_parts(tx, pool, id, true, true, err);
	if (code == 0)
		code = remove_package(tx, pool, id, err);
	if (code == 0)
		code = db_run(tx, pool, "DELETE FROM problem WHERE id = $1", DB_VALUES(db_int(id)), NULL,
			      err);
	return code < 0 ? code : 1;
}

/* ---- reading ---- */

/* The order of problem_of_row(). */
#define SELECT_PROBLEM                                                                                   \
	"SELECT p.id, p.author_id, p.title, p.description, p.difficulty, p.constraints_text,"            \
	" p.input_format, p.output_format, p.examples, p.starter_code, p.time_limit_ms,"                 \
	" p.memory_limit_mb, p.is_public, p.deleted, p.created_ms, p.updated_ms, COALESCE(k.test_count," \
	" (SELECT COUNT(*) FROM problem_case c WHERE c.problem_id = p.id)), COALESCE(k.hidden_count,"    \
	" (SELECT COUNT(*) FROM problem_case c WHERE c.problem_id = p.id AND c.is_hidden = 1)),"         \
	" k.version, k.short_name, k.format, k.languages, k.statement, k.statement_pdf"                  \
	" FROM problem p LEFT JOIN problem_package k ON k.problem_id = p.id"

static void problem_of_row(const struct db_rows *rows, size_t row, struct problem *problem)
{
	*problem = (struct problem){
		.id = db_int_at(rows, row, 0, 0),
		.author_id = db_int_at(rows, row, 1, 0),
		.title = db_text_at(rows, row, 2),
		.description = db_text_at(rows, row, 3),
		.difficulty = db_text_at(rows, row, 4),
		.constraints = db_text_at(rows, row, 5),
		.input_format = db_text_at(rows, row, 6),
		.output_format = db_text_at(rows, row, 7),
		.examples = db_text_at(rows, row, 8),
		.starter_code = db_text_at(rows, row, 9),
		.time_limit_ms = db_int_at(rows, row, 10, 0),
		.memory_limit_mb = db_int_at(rows, row, 11, 0),
		.is_public = db_int_at(rows, row, 12, 0) != 0,
		.deleted = db_int_at(rows, row, 13, 0) != 0,
		.created_ms = db_int_at(rows, row, 14, 0),
		.updated_ms = db_int_at(rows, row, 15, 0),
		.case_count = db_int_at(rows, row, 16, 0),
		.hidden_count = db_int_at(rows, row, 17, 0),
		.package = { .version = db_int_at(rows, row, 18, 0),
			     .short_name = db_text_at(rows, row, 19),
			     .format = db_text_at(rows, row, 20),
			     .languages = db_text_at(rows, row, 21),
			     .statement = db_text_at(rows, row, 22),
			     .statement_pdf = db_text_at(rows, row, 23) },
	};
}

/* All tags of these problems in one question. */
static int load_tags(struct db_tx *tx, struct pool *pool, struct problem *problems, size_t count,
		     struct error *err)
{
	cleanup_buffer struct buffer ids = { 0 };
	struct db_rows rows;

	buffer_putc(&ids, '[');
	for (size_t i = 0; i < count; i++)
		buffer_printf(&ids, "%s%" PRId64, i > 0 ? "," : "", problems[i].id);
	buffer_putc(&ids, ']');
	int code = db_run(tx, pool,
			  "SELECT problem_id, tag FROM problem_tag WHERE problem_id " DB_ANY_OF(
				  "$1") " ORDER BY problem_id, position",
			  DB_VALUES(db_text(buffer_text(&ids))), &rows, err);
	if (code < 0)
		return code;
	const char **tags = pool_array(pool, rows.count + 1, sizeof *tags);
	if (!tags)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t row = 0; row < rows.count; row++)
		tags[row] = db_text_at(&rows, row, 1);
	for (size_t i = 0; i < count; i++) {
		for (size_t row = 0; row < rows.count; row++) {
			if (db_int_at(&rows, row, 0, 0) != problems[i].id)
				continue;
			if (problems[i].tag_count++ == 0)
				problems[i].tags = &tags[row];
		}
	}
	return 0;
}

static int load_cases(struct db_tx *tx, struct pool *pool, enum problem_part part, struct problem *problem,
		      struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  part >= PROBLEM_ALL_CASES
				  ? "SELECT input, expected_output, is_hidden FROM problem_case"
				    " WHERE problem_id = $1 ORDER BY number"
				  : "SELECT input, expected_output, is_hidden FROM problem_case"
				    " WHERE problem_id = $1 AND is_hidden = 0 ORDER BY number",
			  DB_VALUES(db_int(problem->id)), &rows, err);

	if (code < 0)
		return code;
	problem->cases = pool_array(pool, rows.count + 1, sizeof *problem->cases);
	if (!problem->cases)
		return error_set(err, -ENOMEM, "out of memory");
	problem->cases_loaded = rows.count;
	for (size_t row = 0; row < rows.count; row++)
		problem->cases[row] = (struct problem_case){ .input = db_text_at(&rows, row, 0),
							     .expected_output = db_text_at(&rows, row, 1),
							     .hidden = db_int_at(&rows, row, 2, 1) != 0 };
	return 0;
}

/* {"input", "output"} of a test that may be shown, and {"hidden": true} of another. */
static bool shown_of(const json_t *json, struct pool *pool, struct problem_case *its)
{
	const char *input = json_string_value(json_object_get(json, "input"));
	const char *output = json_string_value(json_object_get(json, "output"));

	its->hidden = !input;
	its->input = pool_strdup(pool, input ? input : "");
	its->expected_output = pool_strdup(pool, input && output ? output : "");
	return its->input && its->expected_output;
}

static int parse_shown(const char *text, struct pool *pool, enum problem_part part, struct problem *problem,
		       struct error *err)
{
	cleanup_json json_t *list = NULL;
	const json_t *json;
	size_t i;
	int code = json_parse(text, strlen(text), &list, err);

	problem->cases = pool_array(pool, json_array_size(list) + 1, sizeof *problem->cases);
	problem->cases_loaded = 0;
	if (code < 0 || !problem->cases)
		return code < 0 ? code : error_set(err, -ENOMEM, "out of memory");
	json_array_foreach(list, i, json)
	{
		struct problem_case *its = &problem->cases[problem->cases_loaded];

		if (!shown_of(json, pool, its))
			return error_set(err, -ENOMEM, "out of memory");
		problem->cases_loaded += part >= PROBLEM_ALL_CASES || !its->hidden;
	}
	return 0;
}

static int load_package(struct db_tx *tx, struct pool *pool, enum problem_part part, struct problem *problem,
			struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  part == PROBLEM_TO_JUDGE
				  ? "SELECT tests, task, includes FROM problem_package WHERE problem_id = $1"
				  : "SELECT tests FROM problem_package WHERE problem_id = $1",
			  DB_VALUES(db_int(problem->id)), &rows, err);

	if (code < 0)
		return code;
	if (rows.count == 0)
		return error_set(err, -EIO, "problem %" PRId64 " has lost its package", problem->id);
	problem->package.task = db_text_at(&rows, 0, 1);
	problem->package.includes = db_text_at(&rows, 0, 2);
	return parse_shown(db_text_at(&rows, 0, 0), pool, part, problem, err);
}

static int first_of(struct db_tx *tx, struct pool *pool, const char *sql, const struct db_value *values,
		    size_t count, enum problem_part part, struct problem *problem, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, sql, values, count, &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	problem_of_row(&rows, 0, problem);
	code = load_tags(tx, pool, problem, 1, err);
	if (code == 0 && part != PROBLEM_ALONE)
		code = (problem->package.version > 0 ? load_package : load_cases)(tx, pool, part, problem,
										  err);
	return code < 0 ? code : 1;
}

/* $1: who asks. $2: whether that is an admin. $3: now. */
#define MAY_SEE                                                                     \
	" (p.is_public = 1 OR p.author_id = $1 OR $2 = 1 OR EXISTS"                 \
	" (SELECT 1 FROM contest_problem cp JOIN contest c ON c.id = cp.contest_id" \
	" JOIN participant m ON m.contest_id = c.id AND m.user_id = $1"             \
	" WHERE cp.problem_id = p.id AND c.is_active = 1 AND COALESCE(c.start_ms, 0) <= $3))"

int problem_load(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller,
		 enum problem_part part, struct problem *problem, struct error *err)
{
	return first_of(tx, pool, SELECT_PROBLEM " WHERE p.id = $4 AND p.deleted = 0 AND" MAY_SEE,
			DB_VALUES(db_int(caller.user_id), db_int(caller.role == ROLE_ADMIN),
				  db_int(clock_wall_ms()), db_int(id)),
			part, problem, err);
}

int problem_load_any(struct db_tx *tx, struct pool *pool, int64_t id, enum problem_part part,
		     struct problem *problem, struct error *err)
{
	return first_of(tx, pool, SELECT_PROBLEM " WHERE p.id = $1", DB_VALUES(db_int(id)), part, problem,
			err);
}

int problem_keep(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool, "SELECT id FROM problem WHERE id = $1 AND deleted = 0 /*pg FOR KEY SHARE*/",
		       DB_VALUES(db_int(id)), &rows, err);

	return code < 0 ? code : rows.count > 0;
}

/* ---- lists ---- */

/* What is between % and %, itself taken literally. */
static const char *like_pattern(struct pool *pool, const char *text)
{
	cleanup_buffer struct buffer pattern = { 0 };

	buffer_putc(&pattern, '%');
	for (; *text; text++) {
		if (*text == '%' || *text == '_' || *text == '\\')
			buffer_putc(&pattern, '\\');
		buffer_putc(&pattern, *text);
	}
	buffer_putc(&pattern, '%');
	return pool_strdup(pool, buffer_text(&pattern));
}

#define MATCHES                                                                                   \
	" WHERE p.deleted = 0 AND" MAY_SEE " AND (CAST($4 AS TEXT) IS NULL OR p.difficulty = $4)" \
	" AND (CAST($5 AS TEXT) IS NULL OR EXISTS"                                                \
	" (SELECT 1 FROM problem_tag t WHERE t.problem_id = p.id AND t.tag = $5))"                \
	" AND (CAST($6 AS TEXT) IS NULL OR LOWER(p.title) LIKE LOWER(CAST($6 AS TEXT)) ESCAPE '\\')"

int problem_list(struct db_tx *tx, struct pool *pool, const struct problem_filter *filter,
		 struct problem **problems, size_t *count, int64_t *total, struct error *err)
{
	const char *pattern = filter->text ? like_pattern(pool, filter->text) : NULL;
	const struct db_value values[] = {
		db_int(filter->caller.user_id), db_int(filter->caller.role == ROLE_ADMIN),
		db_int(clock_wall_ms()),        db_text(filter->difficulty),
		db_text(filter->tag),           db_text(pattern),
		db_int(filter->limit),          db_int(filter->skip),
	};
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT COUNT(*) FROM problem p" MATCHES, values, 6, &rows, err);

	if (code < 0)
		return code;
	*total = db_int_at(&rows, 0, 0, 0);
	code = db_run(tx, pool, SELECT_PROBLEM MATCHES " ORDER BY p.id LIMIT $7 OFFSET $8", values, 8, &rows,
		      err);
	if (code < 0)
		return code;
	*problems = pool_array(pool, rows.count + 1, sizeof **problems);
	if (!*problems)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		problem_of_row(&rows, i, &(*problems)[i]);
	return load_tags(tx, pool, *problems, *count, err);
}
