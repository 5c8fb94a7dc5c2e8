/* A problem as an instructor sends it, new and as a change: what is accepted is within the limits of the configuration
 * and can be stored and shown again; what is not names at least one fault. */
#include "fuzz.h"

#include <string.h>

#include "base/json.h"
#include "problem_decode.h"

static const struct config config = {
	.cpu_time_ms = 1000,
	.cpu_time_max_ms = 60000,
	.memory_mb = 256,
	.memory_max_mb = 2048,
	.code_bytes = 64,
	.input_bytes = 64,
	.tests = 4,
};
static const char *const aliases[] = { "py", NULL };
static const struct offered_language languages[] = {
	{ .id = "python", .name = "Python", .aliases = aliases }
};
static const struct backend backend = { .config = &config, .languages = languages, .language_count = 1 };

static void check_stored(const char *text, bool (*is_right)(const json_t *))
{
	cleanup_json json_t *json = NULL;
	struct error err;

	must(text && json_parse(text, strlen(text), &json, &err) == 0 && is_right(json));
}

static bool is_list(const json_t *json)
{
	return json_is_array(json);
}

static bool is_object(const json_t *json)
{
	return json_is_object(json);
}

static void check_accepted(const struct problem *problem, bool is_new)
{
	int64_t hidden = 0;

	must(problem->time_limit_ms >= 1 && problem->time_limit_ms <= 60000);
	must(problem->memory_limit_mb >= 1 && problem->memory_limit_mb <= 2048);
	must(problem_difficulty_ok(problem->difficulty) && problem->description && problem->constraints);
	must(!is_new || (problem->title && *problem->title && problem->cases_loaded >= 1));
	must(problem->cases_loaded <= 4 && problem->case_count == (int64_t)problem->cases_loaded);
	for (size_t i = 0; i < problem->cases_loaded; i++) {
		must(strlen(problem->cases[i].input) <= 64 &&
		     strlen(problem->cases[i].expected_output) <= 64);
		hidden += problem->cases[i].hidden;
	}
	must(hidden == problem->hidden_count);
	for (size_t i = 0; i < problem->tag_count; i++)
		must(*problem->tags[i]);
	check_stored(problem->examples, is_list);
	check_stored(problem->starter_code, is_object);
}

static void check(const json_t *json, bool is_new)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_problems struct problems problems;
	struct problem problem;
	struct fields fields;

	problems_open(&problems);
	problem_defaults(&config, &problem);
	fields_open(&fields, json, &body_place, &problems);
	if (fields.object)
		problem_decode(&fields, &backend, pool, is_new, &problem);
	must(!problems.failed && json_array_size(problems.list) <= PROBLEMS_MAX);
	if (!problems_any(&problems))
		check_accepted(&problem, is_new);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_json json_t *json = NULL;
	struct error err;

	if (json_parse((const char *)data, size, &json, &err) == 0) {
		check(json, true);
		check(json, false);
	}
	return 0;
}
