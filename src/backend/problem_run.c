/* POST /api/problems/run and /api/problems/run-custom-input: trying a program out. Nothing of it is kept. */
#include <string.h>

#include "base/json.h"
#include "handlers.h"
#include "judged.h"
#include "problem_decode.h"
#include "problem_task.h"
#include "runner.h"

static const struct place body_place = { NULL, "body", 0 };

/* ---- decoding ----
 * Done again when the run is over: what waits for it holds nothing. */

struct asked {
	struct program program; /* borrowed from the body's JSON */
	struct text input;
	int64_t problem_id;         /* 0: none */
	struct problem_case *cases; /* NULL: the problem's */
	size_t count;
	struct problem problem;
	bool has_problem;
	bool by_package; /* the tests are its package's */
};

static bool is_missing(const json_t *body, const char *name)
{
	const json_t *value = json_object_get(body, name);

	return !value || json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

/* False after having replied. */
static bool no_problems(struct http_exchange *x, const json_t *body, const struct problems *problems)
{
	bool lacks = is_missing(body, "code") || is_missing(body, "language");

	if (problems_any(problems))
		reply_problems(x, lacks ? "Missing required fields: code and language" : NULL, problems);
	return !problems_any(problems);
}

static void decode_run(struct fields *fields, const struct backend *backend, struct pool *pool,
		       struct asked *asked)
{
	struct place place = { &fields->place, "problemId", 0 };

	field_program(fields, backend, &asked->program);
	asked->problem_id = field_int(fields, "problemId", 1, INT64_MAX, 0);
	asked->cases = field_cases(fields, backend->config, pool, &asked->count);
	if (!field_present(fields, "problemId") && !field_present(fields, "testCases"))
		problem_at(fields->problems, &place, "missing", "or testCases is required");
}

static void decode_custom(struct fields *fields, const struct backend *backend, struct pool *pool,
			  struct asked *asked)
{
	(void)pool;
	field_program(fields, backend, &asked->program);
	asked->input = field_text(fields, "customInput", OPTIONAL, (size_t)backend->config->input_bytes);
}

typedef void decode_fn(struct fields *fields, const struct backend *backend, struct pool *pool,
		       struct asked *asked);

/* *body is the caller's to release, and *asked borrows from it. False after having replied. */
static bool decode(struct http_exchange *x, decode_fn *form, json_t **body, struct asked *asked)
{
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *text = http_body(x, &size);

	*asked = (struct asked){ 0 };
	problems_open(&problems);
	*body = problems_parse(text, size, &problems);
	if (*body) {
		fields_open(&fields, *body, &body_place, &problems);
		form(&fields, http_context(x), http_pool(x), asked);
		fields_done(&fields);
	}
	return no_problems(x, *body, &problems);
}

/* ---- the problem ---- */

struct loading {
	struct pool *pool;
	struct caller caller;
	struct asked *asked;
};

static int load_work(struct db_tx *tx, void *context, struct error *err)
{
	struct loading *l = context;
	struct asked *asked = l->asked;
	int code = problem_load(tx, l->pool, asked->problem_id, l->caller, PROBLEM_TO_JUDGE, &asked->problem,
				err);

	asked->has_problem = code > 0;
	return code < 0 ? code : 0;
}

static void keep_visible(struct asked *asked)
{
	size_t kept = 0;

	for (size_t i = 0; i < asked->count; i++)
		if (!asked->cases[i].hidden)
			asked->cases[kept++] = asked->cases[i];
	asked->count = kept;
}

/* False after having replied. */
static bool find_cases(struct http_exchange *x, struct asked *asked)
{
	struct backend *backend = http_context(x);
	struct loading loading = { http_pool(x), caller_of(x), asked };
	struct error err;

	if (asked->problem_id != 0 && db_read(backend->db, load_work, &loading, &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	if (asked->problem_id != 0 && !asked->has_problem) {
		http_reply_json(x, 404,
				json_pack("{s:s, s:s, s:[]}", "error", "Problem not found", "message",
					  "Problem not found", "results"));
		return false;
	}
	asked->by_package = asked->has_problem && !asked->cases && asked->problem.package.version > 0;
	if (!asked->cases) {
		asked->cases = asked->problem.cases;
		asked->count = asked->problem.cases_loaded;
	}
	keep_visible(asked);
	return true;
}

/* ---- running ---- */

/* A package's samples, by its own checker. */
static int shown_task(const struct backend *backend, struct pool *pool, const struct asked *asked,
		      struct task *task, struct error *err)
{
	int code = problem_task(backend, pool, &asked->program, &asked->problem, task, err);

	if (code == 0)
		task_keep_shown(task);
	return code == 0 && task->test_count != asked->count
		       ? error_set(err, -EIO, "the samples of problem %lld are lost",
				   (long long)asked->problem.id)
		       : code;
}

static int task_of(struct http_exchange *x, const struct asked *asked, struct task *task, struct error *err)
{
	const struct backend *backend = http_context(x);
	struct pool *pool = http_pool(x);
	struct program_test *tests = pool_array(pool, asked->count + 1, sizeof *tests);
	struct problem limits;

	if (asked->by_package)
		return shown_task(backend, pool, asked, task, err);
	if (asked->has_problem)
		limits = asked->problem;
	else
		problem_defaults(backend->config, &limits);
	for (size_t i = 0; tests && i < asked->count; i++)
		tests[i] = (struct program_test){ asked->cases[i].input, asked->cases[i].expected_output,
						  false };
	return tests && task_of_tests(backend, pool, &asked->program, tests, asked->count,
				      limits.time_limit_ms, limits.memory_limit_mb, task)
		       ? 0
		       : error_set(err, -ENOMEM, "out of memory");
}

static void start(struct http_exchange *x, int made, const struct task *task, const struct error *err)
{
	if (made == 0)
		run_start(x, task);
	else
		reply_failure(x, err);
}

/* ---- answers ---- */

static json_t *summary_of(const struct asked *asked, size_t passed)
{
	const struct problem *problem = asked->has_problem ? &asked->problem : NULL;
	size_t count = asked->count;

	return json_pack("{s:I, s:I, s:I, s:b, s:s?, s:s?, s:s}", "totalTests", (json_int_t)count,
			 "passedTests", (json_int_t)passed, "failedTests", (json_int_t)(count - passed),
			 "allPassed", count > 0 && passed == count, "problemTitle",
			 problem ? problem->title : NULL, "difficulty", problem ? problem->difficulty : NULL,
			 "mode", "run");
}

static json_t *results_of(const struct asked *asked, const struct report *report, struct pool *pool)
{
	struct judged_case *cases = pool_array(pool, asked->count + 1, sizeof *cases);

	for (size_t i = 0; cases && i < asked->count; i++) {
		const struct problem_case *its = &asked->cases[i];

		cases[i] = (struct judged_case){ .input = { its->input, strlen(its->input) },
						 .expected_output = { its->expected_output,
								      strlen(its->expected_output) } };
	}
	return cases ? judged_results(report, cases, asked->count, JUDGED_RUN_TEXT_BYTES) : NULL;
}

static void reply_results(struct http_exchange *x, const struct asked *asked, const struct report *report)
{
	json_t *results = report ? results_of(asked, report, http_pool(x)) : json_array();
	size_t passed = report ? judged_passed(report) : 0;

	if (!results)
		reply_failure(x, &(struct error){ .text = "out of memory" });
	else
		http_reply_json(x, 200,
				json_pack("{s:o, s:o}", "results", results, "summary",
					  summary_of(asked, passed < asked->count ? passed : asked->count)));
}

void problem_run(struct http_exchange *x)
{
	const struct runner_result *result = run_result(x);
	cleanup_json json_t *body = NULL;
	struct asked asked;
	struct task task;
	struct error err;

	if (result && run_failed(x, result))
		return;
	if (!decode(x, decode_run, &body, &asked) || !find_cases(x, &asked))
		return;
	if (asked.by_package && !problem_takes(&asked.problem, asked.program.language->id))
		reply_error(x, 400, "The problem does not take this language");
	else if (!result && asked.count > 0)
		start(x, task_of(x, &asked, &task, &err), &task, &err);
	else
		reply_results(x, &asked, result ? result->report : NULL);
}

void problem_run_custom(struct http_exchange *x)
{
	const struct runner_result *result = run_result(x);
	cleanup_json json_t *body = NULL;
	struct asked asked;
	struct task task;
	struct error err;

	if (result && run_failed(x, result))
		return;
	if (!decode(x, decode_custom, &body, &asked))
		return;
	if (!result) {
		start(x,
		      task_of_run(http_context(x), http_pool(x), &asked.program, asked.input, &task)
			      ? 0
			      : error_set(&err, -ENOMEM, "out of memory"),
		      &task, &err);
		return;
	}
	json_t *json = run_json(result->report);
	if (json && !json_object_get(json, "error"))
		json_object_set_new(json, "error", json_null());
	json_object_set_new(json, "status",
			    json_string(verdict_is_pass(result->report->verdict) ? "success" : "error"));
	json_object_set_new(json, "input", json_text(asked.input.bytes, asked.input.size));
	json_object_set_new(json, "mode", json_string("custom_input"));
	http_reply_json(x, 200, json);
}
