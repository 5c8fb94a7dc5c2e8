/* /api/courses/{id}/modules and /api/modules: what a course is made of, and how far a user is.
 *
 * A module whose example has an expected output is complete once its user has run something that prints it
 * (module_run.h); any other, when its user says so. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "course_store.h"
#include "handlers.h"
#include "reply.h"
#include "runner.h"

enum { TITLE_BYTES_MAX = 255, CONTENT_BYTES_MAX = 262144, OUTPUT_BYTES_MAX = 65536, POSITION_MAX = 1000 };

static json_t *text(const char *bytes)
{
	return bytes ? json_text(bytes, strlen(bytes)) : json_null();
}

static json_t *module_json(const struct module *m)
{
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "id",
			 (json_int_t)m->id, "courseId", (json_int_t)m->course_id, "position",
			 (json_int_t)m->position, "title", text(m->title), "content", text(m->content),
			 "codeExample", text(m->code_example), "language", text(m->language),
			 "expectedOutput", text(m->expected_output), "completed", m->completed_ms != 0,
			 "completedAt", json_time(m->completed_ms), "createdAt", json_time(m->created_ms),
			 "updatedAt", json_time(m->updated_ms));
}

/* ---- decoding ---- */

/* What a body asks for; NULL: as it is. */
struct wish {
	const char *title, *content, *code_example, *language, *expected_output;
	bool gives_expected; /* null: none any more */
	int64_t position;
};

static const char *copy(struct fields *fields, const char *name, size_t max, struct pool *pool)
{
	struct text given = field_text(fields, name, OPTIONAL, max);

	return given.bytes ? pool_memdup(pool, given.bytes, given.size) : NULL;
}

static void decode_language(struct fields *fields, const struct backend *backend, struct wish *wish)
{
	struct text name = field_text(fields, "language", OPTIONAL, 64);
	const struct offered_language *language =
		name.bytes && name.size > 0 ? language_find(backend, name.bytes) : NULL;

	if (name.bytes && name.size > 0 && !language)
		problem_at(fields->problems, &(struct place){ &fields->place, "language", 0 },
			   "unsupported_language", "is none that we know: %s", name.bytes);
	wish->language = language ? language->id : name.bytes ? "" : NULL;
}

static void decode_fields(struct fields *fields, const struct backend *backend, enum need need,
			  struct pool *pool, struct wish *wish)
{
	struct text title = field_text(fields, "title", need, TITLE_BYTES_MAX);

	if (title.bytes && strspn(title.bytes, " \t\r\n") == title.size)
		problem_at(fields->problems, &(struct place){ &fields->place, "title", 0 }, "too_short",
			   "must not be empty");
	wish->title = title.bytes ? pool_strdup(pool, title.bytes) : NULL;
	wish->content = copy(fields, "content", CONTENT_BYTES_MAX, pool);
	wish->code_example = copy(fields, "codeExample", (size_t)backend->config->code_bytes, pool);
	decode_language(fields, backend, wish);
	wish->gives_expected = json_object_get(fields->object, "expectedOutput") != NULL;
	wish->expected_output = copy(fields, "expectedOutput", OUTPUT_BYTES_MAX, pool);
	wish->position = field_int(fields, "position", 1, POSITION_MAX, 0);
}

/* False after having replied. */
static bool decode(struct http_exchange *x, enum need need, struct wish *wish)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	*wish = (struct wish){ 0 };
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		decode_fields(&fields, http_context(x), need, http_pool(x), wish);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

static void apply(const struct wish *wish, struct module *module)
{
	if (wish->title)
		module->title = wish->title;
	if (wish->content)
		module->content = wish->content;
	if (wish->code_example)
		module->code_example = wish->code_example;
	if (wish->language)
		module->language = wish->language;
	if (wish->gives_expected)
		module->expected_output = wish->expected_output;
	if (wish->position != 0)
		module->position = wish->position;
}

/* ---- work ---- */

enum outcome { DONE, NO_COURSE, NO_MODULE, NOT_YOURS, NOT_ENROLLED, RUN_IT, NO_LANGUAGE };

struct task_of {
	struct pool *pool;
	struct caller caller;
	int64_t id, now_ms; /* of the module, or of the course where one is listed or made */
	struct wish wish;
	struct course course;
	struct module module, *modules;
	size_t count;
	enum outcome outcome;
};

/* An example that nobody could run. */
static bool lacks_language(const struct module *module)
{
	return *module->code_example != '\0' && *module->language == '\0';
}

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct task_of *t = context;
	int code = course_load(tx, t->pool, t->id, t->caller, &t->course, err);

	t->outcome = code == 0 ? NO_COURSE : DONE;
	return code <= 0 ? code
			 : module_list(tx, t->pool, t->id, t->caller.user_id, &t->modules, &t->count, err);
}

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct task_of *t = context;
	int code = course_lock(tx, t->pool, t->id, t->caller, &t->course, err);

	t->outcome = code == 0 ? NO_COURSE : course_is_own(&t->course, t->caller) ? DONE : NOT_YOURS;
	if (code < 0 || t->outcome != DONE)
		return code < 0 ? code : 0;
	t->module = (struct module){ .course_id = t->id, .content = "", .code_example = "", .language = "" };
	apply(&t->wish, &t->module);
	if (lacks_language(&t->module)) {
		t->outcome = NO_LANGUAGE;
		return 0;
	}
	return module_insert(tx, t->pool, t->now_ms, &t->module, err);
}

/* 1 when it is there for the caller; with its course, locked when it is to be changed. */
static int find(struct db_tx *tx, struct task_of *t, bool changes, struct error *err)
{
	int code = module_load(tx, t->pool, t->id, t->caller.user_id, &t->module, err);

	if (code > 0)
		code = (changes ? course_lock : course_load)(tx, t->pool, t->module.course_id, t->caller,
							     &t->course, err);
	if (code > 0 && changes) /* where it stands may have changed before the lock */
		code = module_load(tx, t->pool, t->id, t->caller.user_id, &t->module, err);
	t->outcome = code > 0 ? DONE : NO_MODULE;
	if (code > 0 && changes && !course_is_own(&t->course, t->caller)) {
		t->outcome = NOT_YOURS;
		return 0;
	}
	return code;
}

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	int code = find(tx, context, false, err);

	return code < 0 ? code : 0;
}

static int update_work(struct db_tx *tx, void *context, struct error *err)
{
	struct task_of *t = context;
	int code = find(tx, t, true, err);
	int64_t position = t->module.position;

	if (code <= 0)
		return code;
	apply(&t->wish, &t->module);
	if (lacks_language(&t->module)) {
		t->outcome = NO_LANGUAGE;
		return 0;
	}
	return module_update(tx, t->pool, &t->module, position, t->now_ms, err);
}

static int delete_work(struct db_tx *tx, void *context, struct error *err)
{
	struct task_of *t = context;
	int code = find(tx, t, true, err);

	return code <= 0 ? code : module_delete(tx, &t->module, err);
}

static int complete_work(struct db_tx *tx, void *context, struct error *err)
{
	struct task_of *t = context;
	int code = find(tx, t, false, err);

	if (code <= 0)
		return code;
	if (t->course.enrolled_ms == 0)
		t->outcome = NOT_ENROLLED;
	else if (t->module.expected_output && t->module.completed_ms == 0)
		t->outcome = RUN_IT;
	if (t->outcome != DONE || t->module.completed_ms != 0)
		return 0;
	t->module.completed_ms = t->now_ms;
	return module_complete(tx, t->id, t->caller.user_id, t->now_ms, err);
}

/* ---- handlers ---- */

typedef int transaction(struct db *db, db_work *work, void *context, struct error *err);

/* False after having replied. */
static bool run(struct http_exchange *x, transaction *runs, db_work *work, struct task_of *task)
{
	struct backend *backend = http_context(x);
	struct error err;

	task->pool = http_pool(x);
	task->caller = caller_of(x);
	task->now_ms = http_arrived_ms(x);
	if (runs(backend->db, work, task, &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	switch (task->outcome) {
	case DONE: return true;
	case NO_COURSE: reply_error(x, 404, "Course not found"); break;
	case NO_MODULE: reply_error(x, 404, "Module not found"); break;
	case NOT_YOURS: reply_error(x, 403, "Only its course's owner or an admin may do this"); break;
	case NOT_ENROLLED: reply_error(x, 403, "Enrol in the course first"); break;
	case RUN_IT:
		reply_error(x, 409, "This module is complete when a run prints its expected output");
		break;
	case NO_LANGUAGE: reply_error(x, 400, "language is required where there is a codeExample"); break;
	}
	return false;
}

void module_get_list(struct http_exchange *x)
{
	struct task_of task = { 0 };

	if (!path_id(x, "Course", &task.id) || !run(x, db_read, list_work, &task))
		return;
	json_t *list = json_array();
	for (size_t i = 0; i < task.count; i++)
		json_array_append_new(list, module_json(&task.modules[i]));
	reply_tagged(x, list);
}

void module_post(struct http_exchange *x)
{
	struct task_of task = { 0 };

	if (path_id(x, "Course", &task.id) && decode(x, REQUIRED, &task.wish) &&
	    run(x, db_write, create_work, &task))
		http_reply_json(x, 201, module_json(&task.module));
}

void module_get(struct http_exchange *x)
{
	struct task_of task = { 0 };

	if (path_id(x, "Module", &task.id) && run(x, db_read, read_work, &task))
		reply_tagged(x, module_json(&task.module));
}

void module_put(struct http_exchange *x)
{
	struct task_of task = { 0 };

	if (path_id(x, "Module", &task.id) && decode(x, OPTIONAL, &task.wish) &&
	    run(x, db_write, update_work, &task))
		http_reply_json(x, 200, module_json(&task.module));
}

void module_delete_one(struct http_exchange *x)
{
	struct task_of task = { 0 };

	if (path_id(x, "Module", &task.id) && run(x, db_write, delete_work, &task))
		http_reply_empty(x, 204);
}

void module_post_complete(struct http_exchange *x)
{
	struct task_of task = { 0 };

	if (path_id(x, "Module", &task.id) && run(x, db_write, complete_work, &task))
		http_reply_json(x, 200, module_json(&task.module));
}
