/* From what a user sends to a task, and from a report to what a user is told of a plain run. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/json.h"
#include "judged.h"
#include "model/language.h"
#include "model/outcome.h"
#include "runner.h"

enum { LANGUAGE_BYTES_MAX = 255 };

/* ---- languages ---- */

static bool language_is(const struct offered_language *language, const char *name)
{
	if (strcasecmp(language->id, name) == 0)
		return true;
	for (const char *const *alias = language->aliases; alias && *alias; alias++)
		if (strcasecmp(*alias, name) == 0)
			return true;
	return false;
}

const struct offered_language *language_find(const struct backend *backend, const char *name)
{
	for (size_t i = 0; i < backend->language_count; i++)
		if (language_is(&backend->languages[i], name))
			return &backend->languages[i];
	return NULL;
}

static void put_available(const struct backend *backend, struct buffer *list)
{
	for (size_t i = 0; i < backend->language_count; i++)
		if (!backend->languages[i].unavailable_reason && !backend->languages[i].unlisted)
			buffer_printf(list, "%s%s", list->size > 0 ? ", " : "", backend->languages[i].id);
}

static void field_language(struct fields *fields, const struct backend *backend, struct program *program)
{
	struct text name = field_text(fields, "language", REQUIRED, LANGUAGE_BYTES_MAX);
	struct place place = { &fields->place, "language", 0 };
	cleanup_buffer struct buffer list = { 0 };

	if (!name.bytes)
		return;
	if (name.size == 0) {
		problem_at(fields->problems, &place, "missing", "must not be empty");
		return;
	}
	const struct offered_language *language = language_find(backend, name.bytes);
	put_available(backend, &list);
	if (!language || language->unlisted)
		problem_at(fields->problems, &place, "unsupported_language",
			   "Unsupported language: %s. Supported languages: %s", name.bytes,
			   buffer_text(&list));
	else if (language->unavailable_reason)
		problem_at(fields->problems, &place, "unavailable_language",
			   "Language %s is not available on this host (%s). Available languages: %s",
			   language->id, language->unavailable_reason, buffer_text(&list));
	else
		program->language = language;
}

void field_program(struct fields *fields, const struct backend *backend, struct program *program)
{
	*program = (struct program){ 0 };
	program->code = field_text(fields, "code", REQUIRED, (size_t)backend->config->code_bytes);
	if (program->code.bytes && program->code.size == 0)
		problem_at(fields->problems, &(struct place){ &fields->place, "code", 0 }, "missing",
			   "must not be empty");
	field_language(fields, backend, program);
}

/* ---- tasks ---- */

static bool put_program(const struct program *program, struct pool *pool, struct task *task)
{
	task->language = program->language->id;
	task->files = pool_alloc(pool, sizeof *task->files);
	task->args = pool_array(pool, 1, sizeof *task->args);
	if (!task->files || !task->args)
		return false;
	task->files[0] = (struct task_file){ .data = program->code.bytes, .size = program->code.size };
	task->file_count = 1;
	return true;
}

bool task_of_run(const struct backend *backend, struct pool *pool, const struct program *program,
		 struct text input, struct task *task)
{
	struct config config = *backend->config;

	*task = (struct task){ .tests = pool_alloc(pool, sizeof *task->tests), .test_count = 1 };
	if (!task->tests || !put_program(program, pool, task))
		return false;
	task->tests[0] = (struct task_test){ .input = input.bytes ? input.bytes : "",
					     .input_size = input.size,
					     .answer = "" };
	config.memory_mb = config.queue_memory_mb;
	config.output_kb = config.queue_output_kb;
	config_limits(&config, &task->limits, &task->compile_limits);
	return true;
}

bool task_of_tests(const struct backend *backend, struct pool *pool, const struct program *program,
		   const struct program_test *tests, size_t count, int64_t time_limit_ms,
		   int64_t memory_limit_mb, struct task *task)
{
	struct config config = *backend->config;
	int64_t wall_ms = 2 * time_limit_ms + 1000;

	*task = (struct task){ .tests = pool_array(pool, count, sizeof *task->tests),
			       .test_count = count,
			       .judged = true };
	if (!task->tests || !put_program(program, pool, task))
		return false;
	for (size_t i = 0; i < count; i++)
		task->tests[i] = (struct task_test){ .input = tests[i].input,
						     .input_size = strlen(tests[i].input),
						     .answer = tests[i].expected_output,
						     .answer_size = strlen(tests[i].expected_output),
						     .compare = true,
						     .hidden = tests[i].hidden };
	config.cpu_time_ms = time_limit_ms;
	config.wall_time_ms = wall_ms < config.wall_time_max_ms ? wall_ms : config.wall_time_max_ms;
	config.memory_mb = memory_limit_mb;
	config_limits(&config, &task->limits, &task->compile_limits);
	return true;
}

/* ---- a plain run ---- */

static void put(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value ? value : json_null());
}

json_t *run_json(const struct report *report)
{
	cleanup_pool struct pool *pool = pool_new();
	json_t *json = pool ? json_object() : NULL;
	struct outcome outcome;

	if (!json)
		return NULL;
	outcome_of(report, pool, &outcome);
	const struct run_report *run = outcome.shown;
	put(json, "output", run ? json_text(run->output, run->output_size) : json_string(""));
	if (outcome.error)
		put(json, "error", json_text(outcome.error, outcome.error_size));
	put(json, "runtime", run ? json_runtime(run->wall_us) : json_integer(0));
	put(json, "memory", outcome.memory_bytes >= 0 ? json_memory(outcome.memory_bytes) : json_real(0));
	put(json, "exitCode", run && run->exit_code >= 0 ? json_integer(run->exit_code) : json_null());
	put(json, "verdict", json_string(verdict_name(report->verdict)));
	put(json, "outputTruncated", json_boolean(run && run->output_cut));
	return json;
}
