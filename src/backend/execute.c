/* POST /api/execute, POST /api/modules/execute: one program, run once. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "handlers.h"
#include "module_run.h"
#include "reply.h"
#include "runner.h"

static const struct place body_place = { NULL, "body", 0 };

/* Clients know this sentence; what else is wrong stands in the details. */
static const char *sentence_of(const json_t *body)
{
	bool both = json_string_length(json_object_get(body, "code")) > 0 &&
		    json_string_length(json_object_get(body, "language")) > 0;

	return json_is_object(body) && !both ? "Code and language are required" : NULL;
}

enum kind { RUN_ALONE, RUN_OF_MODULE };

/* Decodes and starts it; or has replied. */
static void start(struct http_exchange *x, enum kind kind)
{
	const struct backend *backend = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct program program = { 0 };
	struct fields fields;
	struct task task;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	fields_open(&fields, json, &body_place, &problems);
	field_program(&fields, backend, &program);
	struct text input = field_text(&fields, "input", OPTIONAL, (size_t)backend->config->input_bytes);
	if (kind == RUN_OF_MODULE)
		field_int(&fields, "moduleId", 1, INT64_MAX, 0);
	fields_done(&fields);
	if (problems_any(&problems))
		reply_problems(x, sentence_of(json), &problems);
	else if (!task_of_run(backend, http_pool(x), &program, input, &task))
		reply_failure(x, &(struct error){ .text = "out of memory" });
	else
		run_start(x, &task);
}

void execute(struct http_exchange *x)
{
	const struct runner_result *result = run_result(x);

	if (!result)
		start(x, RUN_ALONE);
	else if (!run_failed(x, result))
		http_reply_json(x, 200, run_json(result->report));
}

/* The same in the words of a course's page: everything is there, and whether it went well. */
static json_t *module_json(const struct report *report)
{
	json_t *json = run_json(report);

	json_object_set_new(json, "success", json_boolean(verdict_is_pass(report->verdict)));
	if (!json_object_get(json, "error"))
		json_object_set_new(json, "error", json_null());
	return json;
}

struct noting {
	struct pool *pool;
	struct caller caller;
	int64_t module_id;
	const struct run_report *run;
	bool found, completed;
};

static int note_work(struct db_tx *tx, void *context, struct error *err)
{
	struct noting *n = context;
	int code = module_note_run(tx, n->pool, n->module_id, n->caller, n->run->output, n->run->output_size,
				   clock_wall_ms(), &n->completed, err);

	n->found = code > 0;
	return code < 0 ? code : 0;
}

/* The module that the body names; 0: none. */
static int64_t module_of(struct http_exchange *x)
{
	size_t size;
	const char *body = http_body(x, &size);
	cleanup_json json_t *json = json_loadb(body, size, 0, NULL);

	return json_integer_value(json_object_get(json, "moduleId"));
}

/* A run that prints what the module expects completes it. */
static void reply_module(struct http_exchange *x, const struct report *report)
{
	struct backend *backend = http_context(x);
	struct noting noting = { .pool = http_pool(x), .caller = caller_of(x), .module_id = module_of(x) };
	struct error err;

	if (noting.module_id == 0) {
		http_reply_json(x, 200, module_json(report));
		return;
	}
	if (verdict_is_pass(report->verdict) && report->run_count > 0 && !report->runs[0].output_cut) {
		noting.run = &report->runs[0];
		if (db_write(backend->db, note_work, &noting, &err) < 0) {
			reply_failure(x, &err);
			return;
		}
		if (!noting.found) {
			reply_error(x, 404, "Module not found");
			return;
		}
	}
	json_t *json = module_json(report);
	json_object_set_new(json, "completed", json_boolean(noting.completed));
	http_reply_json(x, 200, json);
}

void execute_module(struct http_exchange *x)
{
	const struct runner_result *result = run_result(x);

	if (!result)
		start(x, RUN_OF_MODULE);
	else if (!run_failed(x, result))
		reply_module(x, result->report);
}
