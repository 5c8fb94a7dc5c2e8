/* POST /api/execute, POST /api/modules/execute: one program, run once. */
#include "base/cleanup.h"
#include "handlers.h"
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

/* Decodes and starts it; or has replied. */
static void start(struct http_exchange *x)
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
		start(x);
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

void execute_module(struct http_exchange *x)
{
	const struct runner_result *result = run_result(x);

	if (!result)
		start(x);
	else if (!run_failed(x, result))
		http_reply_json(x, 200, module_json(result->report));
}
