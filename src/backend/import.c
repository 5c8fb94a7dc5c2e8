/* From a card to a problem. */
#include "backend/import.h"

#include <inttypes.h>
#include <string.h>

#include "backend/audit.h"
#include "base/blobs.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "data_sender.h"
#include "problem_decode.h"
#include "problem_store.h"
#include "test_data.h"

enum {
	NAME_BYTES_MAX = 255,
	TITLE_BYTES_MAX = 200,
	DESCRIPTION_BYTES_MAX = 1 << 20,
	EXAMPLES_MAX = 100,
	INCLUDES_BYTES_MAX = 1 << 20,
	TAGS_MAX = 20,
};

int import_data(struct db *db, const char *sha256, const void *bytes, size_t size, struct error *err)
{
	return test_data_put(db, sha256, bytes, size, clock_wall_ms(), err);
}

/* ---- the card ---- */

struct card {
	struct pool *pool;
	struct problem problem;
	struct problem_package package;
	const char *uuid, *tests;
	int64_t test_count, hidden_count;
	struct task task;
	char (*names)[65]; /* of blobs; owned */
	size_t name_count;
};

static void card_free(struct card *card)
{
	free(card->names);
	pool_free(card->pool);
}

static const char *written(struct pool *pool, const json_t *json)
{
	cleanup_buffer struct buffer text = { 0 };

	return json && json_write(json, &text) == 0 ? pool_memdup(pool, text.data, text.size) : NULL;
}

/* A text that people type: no control characters. */
static bool is_name(const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ')
			return false;
	return size > 0 && size <= NAME_BYTES_MAX;
}

static const char *copy(struct pool *pool, const char *text, size_t max)
{
	size_t size = strlen(text);

	if (size > max)
		for (size = max; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80;)
			size--;
	return pool_memdup(pool, text, size);
}

static void read_texts(struct json_reader *reader, struct card *card)
{
	struct problem *p = &card->problem;
	struct problem_package *package = &card->package;
	const char *short_name = json_need_text(reader, "shortName", NULL);
	const char *uuid = json_get_text(reader, "uuid", NULL, NULL);
	const char *title = json_need_text(reader, "title", NULL);
	const char *format = json_need_text(reader, "format", NULL);
	const char *description = json_get_text(reader, "description", "", NULL);
	const char *statement = json_get_text(reader, "statement", "", NULL);
	const char *pdf = json_get_text(reader, "pdf", NULL, NULL);

	if (reader->failed)
		return;
	if (!is_name(short_name) || (uuid && !is_name(uuid)) || (pdf && !blob_name_ok(pdf))) {
		reader->failed = error_set(reader->err, -EINVAL,
					   "a short name has 1 to %d bytes, and no control characters",
					   NAME_BYTES_MAX);
		return;
	}
	package->short_name = copy(card->pool, short_name, NAME_BYTES_MAX);
	card->uuid = uuid ? copy(card->pool, uuid, NAME_BYTES_MAX) : NULL;
	p->title = copy(card->pool, *title ? title : short_name, TITLE_BYTES_MAX);
	package->format = copy(card->pool, format, NAME_BYTES_MAX);
	p->description = copy(card->pool, description, DESCRIPTION_BYTES_MAX);
	package->statement = copy(card->pool, statement, NAME_BYTES_MAX);
	package->statement_pdf = pdf ? copy(card->pool, pdf, NAME_BYTES_MAX) : NULL;
}

static bool has_tag(const char *const *tags, size_t count, const char *tag)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(tags[i], tag) == 0)
			return true;
	return false;
}

static void read_tags(struct json_reader *reader, struct card *card)
{
	const json_t *list = json_get_array(reader, "tags"), *tag;
	const char **tags = pool_array(card->pool, TAGS_MAX, sizeof *tags);
	size_t count = 0, i;

	json_array_foreach((json_t *)list, i, tag)
	{
		const char *text = json_string_value(tag);

		if (tags && text && is_name(text) && count < TAGS_MAX && !has_tag(tags, count, text))
			tags[count++] = copy(card->pool, text, NAME_BYTES_MAX);
	}
	card->problem.tags = tags;
	card->problem.tag_count = tags ? count : 0;
}

static void read_lists(struct json_reader *reader, struct card *card)
{
	const json_t *examples = json_get_array(reader, "examples");
	const json_t *languages = json_get_array(reader, "languages");
	const json_t *includes = json_get_object(reader, "includes");

	if (json_array_size(examples) <= EXAMPLES_MAX && examples)
		card->problem.examples = written(card->pool, examples);
	card->package.languages = languages ? written(card->pool, languages) : NULL;
	card->package.includes = includes ? written(card->pool, includes) : "{}";
	if (card->package.includes && strlen(card->package.includes) > INCLUDES_BYTES_MAX)
		reader->failed =
			error_set(reader->err, -EINVAL, "the files beside submissions are too large");
}

static int read_task(const json_t *json, struct card *card, struct error *err)
{
	if (!json)
		return error_set(err, -EINVAL, "task: is required");
	int code = task_decode(json, card->pool, &card->task, err);

	if (code < 0)
		return error_wrap(err, "task");
	card->package.task = written(card->pool, json);
	if (!card->task.judged)
		return error_set(err, -EINVAL, "the package has no tests that are judged");
	code = card->package.task ? data_names_of(&card->task, &card->names, &card->name_count) : -ENOMEM;
	return code < 0 ? error_set(err, code, "out of memory") : 0;
}

static int read_tests(const json_t *list, struct card *card, struct error *err)
{
	const json_t *test;
	size_t i;

	if (json_array_size(list) != card->task.test_count)
		return error_set(err, -EINVAL, "tests: must be as many as the task has");
	json_array_foreach((json_t *)list, i, test)
	{
		bool hidden = json_object_get(test, "input") == NULL;

		if (hidden != card->task.tests[i].hidden)
			return error_set(err, -EINVAL, "tests[%zu]: must be shown where the task shows it",
					 i);
		card->hidden_count += hidden;
	}
	card->test_count = (int64_t)card->task.test_count;
	card->tests = written(card->pool, list);
	return card->tests ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* ---- what is allowed ---- */

static int too_much(const char *what, const char *variable, int64_t allowed, struct error *err)
{
	return error_set(err, -EINVAL, "%s is more than %s allows (%" PRId64 ")", what, variable, allowed);
}

static int check_program(const char *who, const struct limits *limits, const struct config *config,
			 struct error *err)
{
	enum { CPU_MS = 60000, MEMORY_MB = 2048 };
	int64_t cpu_ms = config->cpu_time_max_ms > CPU_MS ? config->cpu_time_max_ms : CPU_MS;
	int64_t memory_mb = config->memory_max_mb > MEMORY_MB ? config->memory_max_mb : MEMORY_MB;

	if (limits->cpu_time_us > cpu_ms * 1000)
		return error_set(err, -EINVAL, "the %s may take longer than LIMIT_CPU_TIME_MAX allows", who);
	if (limits->memory_bytes > memory_mb << 20)
		return error_set(err, -EINVAL, "the %s may have more memory than LIMIT_MEMORY_MAX allows",
				 who);
	return 0;
}

static int check_allowed(const struct card *card, const struct config *config, struct error *err)
{
	const struct task *task = &card->task;

	if (card->test_count > config->tests)
		return too_much("the number of tests", "LIMIT_TESTS", config->tests, err);
	if (task->limits.cpu_time_us > config->cpu_time_max_ms * 1000)
		return too_much("the time limit", "LIMIT_CPU_TIME_MAX", config->cpu_time_max_ms, err);
	if (task->limits.memory_bytes > config->memory_max_mb << 20)
		return too_much("the memory limit", "LIMIT_MEMORY_MAX", config->memory_max_mb, err);
	if (task->limits.output_bytes > config->output_max_kb << 10)
		return too_much("the output limit", "LIMIT_OUTPUT_MAX", config->output_max_kb, err);
	if (task->compile_limits.cpu_time_us > config->compile_time_max_ms * 1000)
		return too_much("the compilation time", "LIMIT_COMPILE_TIME_MAX", config->compile_time_max_ms,
				err);
	if (task->compile_limits.memory_bytes > config->compile_memory_max_mb << 20)
		return too_much("the compilation memory", "LIMIT_COMPILE_MEMORY_MAX",
				config->compile_memory_max_mb, err);
	int code = task->checker ? check_program("checker", &task->checker->limits, config, err) : 0;
	if (code == 0 && task->interactor)
		code = check_program("interactor", &task->interactor->limits, config, err);
	if (code == 0 && task->static_validator)
		code = check_program("static validator", &task->static_validator->limits, config, err);
	return code;
}

static int read_card(const json_t *json, const struct config *config, struct card *card, struct error *err)
{
	struct json_reader reader;

	problem_defaults(config, &card->problem);
	json_reader_open(&reader, json, "", err);
	read_texts(&reader, card);
	read_tags(&reader, card);
	read_lists(&reader, card);
	card->problem.time_limit_ms = json_need_int(&reader, "timeLimit", 1, INT32_MAX);
	card->problem.memory_limit_mb = json_need_int(&reader, "memoryLimit", 1, INT32_MAX);
	const json_t *task = json_get_object(&reader, "task"), *tests = json_get_array(&reader, "tests");
	json_get_any(&reader, "data"), json_get_any(&reader, "notes"); /* who reads packages says them, too */
	int code = json_reader_done(&reader);
	if (code == 0)
		code = read_task(task, card, err);
	if (code == 0)
		code = read_tests(tests, card, err);
	return code < 0 ? code : check_allowed(card, config, err);
}

/* ---- the rows ---- */

struct storing {
	struct card *card;
	struct import *import;
	int64_t now_ms;
	struct problem existing;
	bool exists;
};

/* What was deleted keeps its submissions, and gives its name away. */
static int release_names(struct db_tx *tx, const struct card *card, struct error *err)
{
	return db_run(
		tx, NULL,
		"UPDATE problem_package SET short_name = short_name || ' (deleted ' || problem_id || ')',"
		" uuid = NULL WHERE (short_name = $1 OR uuid = $2) AND problem_id IN"
		" (SELECT id FROM problem WHERE deleted = 1)",
		DB_VALUES(db_text(card->package.short_name), db_text(card->uuid)), NULL, err);
}

static int find_existing(struct db_tx *tx, struct storing *s, struct error *err)
{
	struct card *card = s->card;
	struct db_rows rows;
	int code = release_names(tx, card, err);

	if (code == 0)
		code = db_run(tx, card->pool,
			      "SELECT problem_id FROM problem_package WHERE uuid = $2 OR short_name = $1"
			      " ORDER BY CASE WHEN uuid = $2 THEN 0 ELSE 1 END LIMIT 1 /*pg FOR UPDATE*/",
			      DB_VALUES(db_text(card->package.short_name), db_text(card->uuid)), &rows, err);
	s->exists = code == 0 && rows.count > 0;
	if (code < 0 || !s->exists)
		return code;
	code = problem_load_any(tx, card->pool, db_int_at(&rows, 0, 0, 0), PROBLEM_ALONE, &s->existing, err);
	return code < 0 ? code : 0;
}

static int check_existing(const struct storing *s, struct error *err)
{
	const struct import *import = s->import;

	if (!s->exists)
		return 0;
	if (!import->is_admin && s->existing.author_id != import->author_id)
		return error_set(err, -EPERM, "there is a problem %s already, and it is somebody else's",
				 s->existing.package.short_name);
	if (!import->may_update)
		return error_set(err, -EEXIST, "there is a problem %s already (number %" PRId64 ")",
				 s->existing.package.short_name, s->existing.id);
	return 0;
}

static int store_problem(struct db_tx *tx, struct storing *s, struct error *err)
{
	struct problem *p = &s->card->problem;
	struct pool *pool = s->card->pool;

	p->is_public = s->import->is_public >= 0 ? s->import->is_public : s->exists && s->existing.is_public;
	p->author_id = s->import->author_id;
	p->cases = NULL;
	p->cases_loaded = 0;
	if (!s->exists)
		return problem_insert(tx, pool, s->now_ms, p, err);
	p->id = s->existing.id;
	p->updated_ms = s->existing.updated_ms;
	p->difficulty = s->existing.difficulty;
	p->starter_code = s->existing.starter_code;
	int code = problem_update(tx, pool, s->now_ms, p, err);
	return code == 0 ? error_set(err, -EAGAIN, "somebody else has changed the problem at the same moment")
			 : code;
}

static int store_package(struct db_tx *tx, struct storing *s, struct error *err)
{
	struct card *card = s->card;
	const struct problem_package *package = &card->package;
	int64_t version = s->exists ? s->existing.package.version + 1 : 1;
	int code = s->exists ? db_run(tx, NULL, "DELETE FROM problem_package WHERE problem_id = $1",
				      DB_VALUES(db_int(card->problem.id)), NULL, err)
			     : 0;

	s->import->version = version;
	return code < 0 ? code
			: db_run(tx, NULL,
				 "INSERT INTO problem_package (problem_id, version, short_name, uuid, "
				 "format, task,"
				 " includes, languages, tests, test_count, hidden_count, statement,"
				 " statement_pdf, imported_ms)"
				 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
				 DB_VALUES(db_int(card->problem.id), db_int(version),
					   db_text(package->short_name), db_text(card->uuid),
					   db_text(package->format), db_text(package->task),
					   db_text(package->includes), db_text(package->languages),
					   db_text(card->tests), db_int(card->test_count),
					   db_int(card->hidden_count), db_text(package->statement),
					   db_text(package->statement_pdf), db_int(s->now_ms)),
				 NULL, err);
}

static int refer(struct db_tx *tx, struct card *card, const char *sha256, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, card->pool, "UPDATE blob SET used_ms = used_ms WHERE sha256 = $1 RETURNING sha256",
		       DB_VALUES(db_text(sha256)), &rows, err);

	if (code == 0 && rows.count == 0)
		return error_set(err, -ENOENT, "the bytes of %s were not handed over", sha256);
	return code < 0 ? code
			: db_run(tx, NULL,
				 "INSERT INTO package_blob (problem_id, sha256) VALUES ($1, $2)"
				 " ON CONFLICT DO NOTHING",
				 DB_VALUES(db_int(card->problem.id), db_text(sha256)), NULL, err);
}

static int store_references(struct db_tx *tx, struct card *card, struct error *err)
{
	int code = db_run(tx, NULL, "DELETE FROM package_blob WHERE problem_id = $1",
			  DB_VALUES(db_int(card->problem.id)), NULL, err);

	for (size_t i = 0; i < card->name_count && code == 0; i++)
		code = refer(tx, card, card->names[i], err);
	if (code == 0 && card->package.statement_pdf)
		code = refer(tx, card, card->package.statement_pdf, err);
	return code;
}

static int note(struct db_tx *tx, struct storing *s, struct error *err)
{
	struct card *card = s->card;
	const struct audit_origin origin = { s->import->actor_id,
					     s->import->address ? s->import->address : "" };
	cleanup_json json_t *detail = json_pack("{s:s, s:I}", "shortName", card->package.short_name,
						"version", (json_int_t)s->import->version);
	const char *object = pool_printf(card->pool, "problem %" PRId64, card->problem.id);
	const char *text = written(card->pool, detail);

	return object && text ? audit_note(tx, card->pool, &origin, "problem.import", object, text, err)
			      : error_set(err, -ENOMEM, "out of memory");
}

static int store_work(struct db_tx *tx, void *context, struct error *err)
{
	struct storing *s = context;
	int code = find_existing(tx, s, err);

	if (code == 0)
		code = check_existing(s, err);
	if (code == 0)
		code = store_problem(tx, s, err);
	if (code >= 0)
		code = store_package(tx, s, err);
	if (code >= 0)
		code = store_references(tx, s->card, err);
	return code < 0 ? code : note(tx, s, err);
}

int import_problem(struct db *db, const struct config *config, struct import *import, struct error *err)
{
	__attribute__((cleanup(card_free))) struct card card = { .pool = pool_new() };
	struct storing storing = { .card = &card, .import = import, .now_ms = clock_wall_ms() };

	if (!card.pool)
		return error_set(err, -ENOMEM, "out of memory");
	int code = read_card(import->card, config, &card, err);
	if (code == 0)
		code = db_write(db, store_work, &storing, err);
	if (code < 0)
		return code;
	import->problem_id = card.problem.id;
	import->is_new = !storing.exists;
	return 0;
}
