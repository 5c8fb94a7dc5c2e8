/* Runs in the words of the queue API: what is asked, and what answers of ours and of others mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "model/outcome.h"
#include "queue_message.h"

/* ---- answers ---- */

enum kind { PENDING, FAILED, PLAIN, TESTS, NONSENSE };

/* `tests` 0: a plain run. What is expected of PLAIN: verdict, output, error of the run; of TESTS: the verdicts. */
static const struct {
	const char *story;
	size_t tests;
	bool early_stop;
	const char *body;
	enum kind kind;
	enum verdict verdict;
	const char *output, *error;
	int exit_code;
	int64_t wall_us, memory_bytes;
} answers[] = {
	{ "waits", 0, false, "{\"id\":\"1\",\"state\":\"waiting\",\"result\":null}", .kind = PENDING },
	{ "a state of other queues", 0, false, "{\"state\":\"prioritized\"}", .kind = PENDING },
	{ "failed", 0, false, "{\"state\":\"failed\",\"failedReason\":\"no worker\"}", .kind = FAILED },
	{ "failed, nobody says why", 0, false, "{\"state\":\"failed\"}", .kind = FAILED },
	{ "our own, all of it", 0, false,
	  "{\"id\":\"x\",\"state\":\"completed\",\"progress\":100,\"data\":{},\"result\":{\"output\":"
	  "\"4\\n\","
	  "\"error\":null,\"stderr\":\"hm\",\"exitCode\":0,\"signal\":null,\"verdict\":\"ok\",\"runtime\":12,"
	  "\"memory\":3.5,\"cpu_time_ms\":9,\"output_truncated\":false,\"error_truncated\":false}}",
	  PLAIN, VERDICT_OK, "4\n", NULL, 0, 12000, 3670016 },
	{ "another's, as little as can be", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"4\"}}", PLAIN, VERDICT_OK, "4", NULL, -1, 0,
	  -1 },
	{ "another's that failed", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"error\":\"Traceback\",\"runtime\":1.6,"
	  "\"memory\":0}}",
	  PLAIN, VERDICT_RUNTIME_ERROR, "", "Traceback", -1, 1600, 0 },
	{ "another's with an exit code alone", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"x\",\"error\":\"\",\"exitCode\":3}}", PLAIN,
	  VERDICT_RUNTIME_ERROR, "x", "", 3, 0, -1 },
	{ "ours that failed: one text", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"error\":\"no\\nExited with code "
	  "4\",\"stderr\":"
	  "\"no\\n\",\"exitCode\":4,\"verdict\":\"runtime_error\",\"runtime\":1,\"memory\":1.0}}",
	  PLAIN, VERDICT_RUNTIME_ERROR, "", "no\nExited with code 4", 4, 1000, 1 << 20 },
	{ "a limit's sentence, whatever it printed", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"x\",\"error\":\"Time limit exceeded (1.00 s)\","
	  "\"stderr\":\"noise\",\"exitCode\":null,\"verdict\":\"time_limit_exceeded\",\"runtime\":1000,"
	  "\"memory\":1.0}}",
	  PLAIN, VERDICT_TIME_LIMIT_EXCEEDED, "x", "Time limit exceeded (1.00 s)", -1, 1000000, 1 << 20 },
	{ "does not compile", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"error\":\"main.c:1: no\",\"verdict\":"
	  "\"compile_error\"}}",
	  PLAIN, VERDICT_COMPILE_ERROR, NULL, "main.c:1: no", 0, 0, 0 },
	{ "does not compile, words and sentence", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"error\":\"a\\nCompilation took longer than "
	  "30.00 s\",\"compile_output\":\"a\\n\",\"verdict\":\"compile_error\"}}",
	  PLAIN, VERDICT_COMPILE_ERROR, NULL, "a\nCompilation took longer than 30.00 s", 0, 0, 0 },
	{ "a NUL in its output", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"a\\u0000b\",\"error\":null}}", PLAIN, VERDICT_OK,
	  "a", NULL, -1, 0, -1 },

	{ "our own tests", 2, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"6\",\"error\":null,\"verdict\":\"wrong_answer\","
	  "\"testResults\":[{\"index\":1,\"verdict\":\"accepted\",\"passed\":true,\"actualOutput\":\"4\"},"
	  "{\"index\":2,\"verdict\":\"wrong_answer\",\"passed\":false,\"actualOutput\":\"6\"}]}}",
	  .kind = TESTS, .verdict = VERDICT_WRONG_ANSWER },
	{ "another's tests", 2, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"testResults\":[{\"passed\":true,"
	  "\"actualOutput\":"
	  "\"1\"},{\"passed\":false,\"output\":\"\",\"error\":\"boom\",\"runtime\":5}]}}",
	  .kind = TESTS, .verdict = VERDICT_RUNTIME_ERROR },
	{ "hidden ones come without their output", 1, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"testResults\":[{\"verdict\":\"accepted\","
	  "\"passed\":"
	  "true,\"input\":null,\"actualOutput\":null,\"hidden\":true}]}}",
	  .kind = TESTS, .verdict = VERDICT_ACCEPTED },
	{ "the first failing test ended it", 3, true,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"testResults\":[{\"passed\":false,"
	  "\"actualOutput\":"
	  "\"\"}]}}",
	  .kind = TESTS, .verdict = VERDICT_WRONG_ANSWER },
	{ "tests that do not compile", 2, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"error\":\"no\",\"verdict\":\"compile_"
	  "error\","
	  "\"testResults\":[]}}",
	  PLAIN, VERDICT_COMPILE_ERROR, NULL, "no", 0, 0, 0 },

	{ "nothing", 0, false, "", .kind = NONSENSE },
	{ "a page", 0, false, "<html>502</html>", .kind = NONSENSE },
	{ "a list", 0, false, "[]", .kind = NONSENSE },
	{ "no state", 0, false, "{}", .kind = NONSENSE },
	{ "a state that is a number", 0, false, "{\"state\":3}", .kind = NONSENSE },
	{ "completed without a result", 0, false, "{\"state\":\"completed\",\"result\":null}",
	  .kind = NONSENSE },
	{ "a result without an output", 0, false, "{\"state\":\"completed\",\"result\":{\"error\":null}}",
	  .kind = NONSENSE },
	{ "an output that is a number", 0, false, "{\"state\":\"completed\",\"result\":{\"output\":4}}",
	  .kind = NONSENSE },
	{ "an error that is a list", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"error\":[]}}", .kind = NONSENSE },
	{ "a verdict that is none", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"verdict\":\"AC\"}}", .kind = NONSENSE },
	{ "a time before the beginning", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"runtime\":-1}}", .kind = NONSENSE },
	{ "more memory than there is", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"memory\":1e300}}", .kind = NONSENSE },
	{ "could not be judged", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"verdict\":\"judge_error\"}}",
	  .kind = NONSENSE },
	{ "cancelled there", 0, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"\",\"verdict\":\"cancelled\"}}",
	  .kind = NONSENSE },
	{ "no results for its tests", 2, false, "{\"state\":\"completed\",\"result\":{\"output\":\"4\"}}",
	  .kind = NONSENSE },
	{ "too few results", 2, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"4\",\"testResults\":[{\"passed\":true}]}}",
	  .kind = NONSENSE },
	{ "too many results", 1, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"4\",\"testResults\":[{\"passed\":true},{"
	  "\"passed\":true}"
	  "]}}",
	  .kind = NONSENSE },
	{ "a test without an end", 1, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"4\",\"testResults\":[{}]}}", .kind = NONSENSE },
	{ "a test that is none", 1, false,
	  "{\"state\":\"completed\",\"result\":{\"output\":\"4\",\"testResults\":[7]}}", .kind = NONSENSE },
};

static void is_text(const char *expected, const char *text, size_t size, const char *story)
{
	if (!expected && !text)
		return;
	if (!expected || !text || strlen(text) != strlen(expected) || strcmp(text, expected) != 0)
		fail_msg("%s: \"%s\" (%zu)", story, text ? text : "NULL", size);
}

static void look_at_plain(size_t i, const struct report *report, struct pool *pool)
{
	struct outcome outcome;

	outcome_of(report, pool, &outcome);
	assert_int_equal(report->verdict, answers[i].verdict);
	is_text(answers[i].error, outcome.error, outcome.error_size, answers[i].story);
	if (!answers[i].output) {
		assert_int_equal(report->run_count, 0);
		return;
	}
	is_text(answers[i].output, report->runs[0].output, report->runs[0].output_size, answers[i].story);
	assert_int_equal(report->runs[0].exit_code, answers[i].exit_code);
	assert_int_equal(report->runs[0].wall_us, answers[i].wall_us);
	assert_int_equal(report->runs[0].memory_bytes, answers[i].memory_bytes);
}

static void answers_become_reports(void **state)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		const struct queue_asked asked = { answers[i].tests, answers[i].early_stop, false };
		struct queue_job job;
		struct error err = { 0 };
		int code =
			queue_answer_job(answers[i].body, strlen(answers[i].body), &asked, pool, &job, &err);
		enum kind kind = code < 0                         ? NONSENSE
				 : job.state == QUEUE_JOB_PENDING ? PENDING
				 : job.state == QUEUE_JOB_FAILED  ? FAILED
				 : answers[i].kind == TESTS       ? TESTS
								  : PLAIN;

		if (kind != answers[i].kind)
			fail_msg("%s: %d, %s", answers[i].story, kind, err.text);
		if (kind == PLAIN)
			look_at_plain(i, job.report, pool);
		if (kind == TESTS)
			assert_int_equal(job.report->verdict, answers[i].verdict);
		if (kind == FAILED)
			assert_true(*job.reason);
		assert_true(kind != NONSENSE || (code == -EPROTO && err.text[0]));
	}
}

static void how_tests_are_is_told_by_the_way(void **state)
{
	static const struct {
		const char *story, *body;
		size_t done; /* 0: not told, or not believed */
	} cases[] = {
		{ "nothing yet", "{\"state\":\"active\"}", 0 },
		{ "two of three",
		  "{\"state\":\"active\",\"tests\":{\"done\":2,\"total\":3,"
		  "\"verdicts\":[\"accepted\",\"wrong_answer\"]}}",
		  2 },
		{ "verdicts are not all told",
		  "{\"state\":\"active\",\"tests\":{\"done\":2,\"verdicts\":[]}}", 2 },
		{ "more than there are", "{\"state\":\"active\",\"tests\":{\"done\":4,\"verdicts\":[]}}", 0 },
		{ "fewer than none", "{\"state\":\"active\",\"tests\":{\"done\":-1}}", 0 },
		{ "more verdicts than tests",
		  "{\"state\":\"active\",\"tests\":{\"done\":1,\"verdicts\":[\"ok\",\"ok\"]}}", 0 },
		{ "an unknown verdict",
		  "{\"state\":\"active\",\"tests\":{\"done\":1,\"verdicts\":[\"fine\"]}}", 0 },
		{ "another's", "{\"state\":\"active\",\"tests\":[1,2]}", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		const struct queue_asked asked = { .tests = 3 };
		struct queue_job job;

		assert_int_equal(
			queue_answer_job(cases[i].body, strlen(cases[i].body), &asked, pool, &job, NULL), 0);
		if (job.state != QUEUE_JOB_PENDING || job.has_progress != (cases[i].done > 0))
			fail_msg("%s", cases[i].story);
		if (job.has_progress)
			assert_int_equal(job.progress.done, cases[i].done);
	}
}

static void what_misses_tests_alone_is_told_apart(void **state)
{
	static const char plain[] = "{\"state\":\"completed\",\"result\":{\"output\":\"4\"}}";
	static const char nonsense[] = "{\"state\":\"completed\",\"result\":{\"out\":\"4\"}}";
	cleanup_pool struct pool *pool = pool_new();
	struct queue_job job;

	assert_true(queue_answer_job(plain, sizeof plain - 1, &(struct queue_asked){ 2, false, false }, pool,
				     &job, NULL) < 0);
	assert_true(job.misses_tests);
	assert_true(queue_answer_job(nonsense, sizeof nonsense - 1, &(struct queue_asked){ 2, false, false },
				     pool, &job, NULL) < 0);
	assert_false(job.misses_tests);
}

static void ids_are_letters_that_a_path_may_have(void **state)
{
	static const struct {
		const char *body, *id;
	} cases[] = {
		{ "{\"jobId\":\"0b0c7f9e-0000-4000-8000-000000000000\",\"status\":\"queued\"}",
		  "0b0c7f9e-0000-4000-8000-000000000000" },
		{ "{\"jobId\":42}", "42" },
		{ "{\"jobId\":\"\"}", NULL },
		{ "{\"jobId\":\"../health\"}", NULL },
		{ "{\"jobId\":\"1?wait=9\"}", NULL },
		{ "{\"jobId\":\"..\"}", NULL },
		{ "{\"jobId\":-1}", NULL },
		{ "{\"jobId\":{}}", NULL },
		{ "{\"message\":\"queued\"}", NULL },
		{ "queued", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct queue_job job;
		int code = queue_answer_submitted(cases[i].body, strlen(cases[i].body),
						  &(struct queue_asked){ 0, false, false }, pool, &job, NULL);

		assert_int_equal(code, cases[i].id ? 0 : -EPROTO);
		if (cases[i].id)
			assert_string_equal(job.id, cases[i].id);
	}
}

static void a_service_may_answer_at_once(void **state)
{
	static const char body[] = "{\"output\":\"4\",\"error\":null,\"runtime\":2,\"memory\":1}";
	cleanup_pool struct pool *pool = pool_new();
	struct queue_job job;

	assert_int_equal(queue_answer_submitted(body, sizeof body - 1,
						&(struct queue_asked){ 0, false, false }, pool, &job, NULL),
			 0);
	assert_int_equal(job.state, QUEUE_JOB_COMPLETED);
	assert_string_equal(job.report->runs[0].output, "4");
}

/* ---- requests ---- */

struct asked {
	struct config config;
	struct task_file file;
	struct task_test tests[2];
	const char *args[1];
	struct task task;
};

static void plain(struct asked *a)
{
	*a = (struct asked){ .config = { .cpu_time_ms = 10000,
					 .wall_time_ms = 20000,
					 .memory_mb = 256,
					 .queue_memory_mb = 128,
					 .processes = 64,
					 .output_kb = 1024,
					 .queue_output_kb = 64,
					 .file_mb = 16,
					 .compile_time_ms = 30000,
					 .compile_memory_mb = 1024 } };
	struct config usual = a->config;

	usual.memory_mb = 128;
	usual.output_kb = 64;
	a->file = (struct task_file){ .data = "print(1)", .size = 8 };
	a->tests[0] = a->tests[1] =
		(struct task_test){ .input = "1 \"2\"", .input_size = 5, .answer = "", .answer_size = 0 };
	a->task = (struct task){ .language = "python",
				 .files = &a->file,
				 .file_count = 1,
				 .args = a->args,
				 .tests = a->tests,
				 .test_count = 1 };
	config_limits(&usual, &a->task.limits, &a->task.compile_limits);
}

static void judged(struct asked *a)
{
	plain(a);
	a->task.judged = true;
	a->task.test_count = 2;
	a->tests[0].compare = a->tests[1].compare = true;
	a->tests[0].answer = a->tests[1].answer = "3";
	a->tests[0].answer_size = a->tests[1].answer_size = 1;
	a->task.limits.cpu_time_us = 1500000;
	a->task.limits.wall_time_us = 4000000;
	a->task.limits.memory_bytes = 256 << 20;
}

static void is_said(const struct asked *a, bool needs_judge, const char *expected)
{
	cleanup_buffer struct buffer body = { 0 };
	cleanup_json json_t *got = NULL, *wanted = json_loads(expected, 0, NULL);
	struct error err = { 0 };
	bool needs = false;

	assert_non_null(wanted);
	assert_int_equal(queue_request_encode(&a->task, &a->config, NULL, &body, &needs, &err), 0);
	assert_int_equal(json_parse(body.data, body.size, &got, &err), 0);
	if (!json_equal(got, wanted))
		fail_msg("%s", body.data);
	assert_int_equal(needs, needs_judge);
}

static void any_service_understands_a_plain_run(void **state)
{
	struct asked a;

	plain(&a);
	is_said(&a, false, "{\"code\":\"print(1)\",\"language\":\"python\",\"input\":\"1 \\\"2\\\"\"}");
	a.tests[0].input_size = 0;
	is_said(&a, false, "{\"code\":\"print(1)\",\"language\":\"python\"}");
}

#define TEST_CASE "{\"input\":\"1 \\\"2\\\"\",\"expectedOutput\":\"3\"}"
#define LIMITS    "\"limits\":{\"cpu_time_ms\":1500,\"wall_time_ms\":4000,\"memory_mb\":256}"
#define TEST_LONG "{\"input\":\"1 \\\"2\\\"\",\"answer\":\"3\"}"
#define TOKENS    "\"validator\":{\"kind\":\"tokens\",\"args\":[]}"

static void tests_that_all_may_see_are_said_shortly(void **state)
{
	struct asked a;

	judged(&a);
	is_said(&a, false,
		"{\"code\":\"print(1)\",\"language\":\"python\",\"testCases\":[" TEST_CASE "," TEST_CASE
		"]," LIMITS "}");
}

static void all_else_needs_the_long_form(void **state)
{
	struct asked a;

	judged(&a);
	a.tests[1].hidden = true;
	is_said(&a, true,
		"{\"code\":\"print(1)\",\"language\":\"python\",\"judge\":{\"tests\":[" TEST_LONG
		",{\"input\":\"1 \\\"2\\\"\",\"answer\":\"3\",\"hidden\":true}]," TOKENS
		",\"early_stop\":false," LIMITS "}}");
	judged(&a);
	a.task.early_stop = true;
	is_said(&a, true,
		"{\"code\":\"print(1)\",\"language\":\"python\",\"judge\":{\"tests\":[" TEST_LONG
		"," TEST_LONG "]," TOKENS ",\"early_stop\":true," LIMITS "}}");
	judged(&a);
	a.task.validator = VALIDATOR_EXACT;
	is_said(&a, true,
		"{\"code\":\"print(1)\",\"language\":\"python\",\"judge\":{\"tests\":[" TEST_LONG
		"," TEST_LONG "],\"validator\":{\"kind\":\"exact\",\"args\":[]},\"early_stop\":false," LIMITS
		"}}");
}

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MANY_LIMITS                                                                                  \
	"\"limits\":{\"cpu_time_ms\":1500,\"wall_time_ms\":4000,\"memory_mb\":256,\"processes\":64," \
	"\"output_kb\":64,\"file_mb\":16,\"compile_time_ms\":30000,\"compile_memory_mb\":1024}"

/* What a problem package may ask for. */
static void packaged(struct asked *a, struct task_program *checker, struct task_file *sources,
		     struct task_groups *groups)
{
	static const char *const args[] = { "-v", NULL };
	static const char *const more[] = { "5", NULL };

	judged(a);
	sources[0] = (struct task_file){ .name = "check.py", .data = "", .blob = SHA };
	sources[1] = (struct task_file){ .name = "b.bin", .data = "\xff", .size = 1 };
	*checker = (struct task_program){ .language = "python",
					  .files = sources,
					  .file_count = 2,
					  .convention = CONVENTION_ICPC,
					  .limits = a->task.limits,
					  .compile_limits = a->task.compile_limits };
	*groups = (struct task_groups){ .rules = SCORING_LEGACY };
	a->tests[0].input_blob = SHA;
	a->tests[1].hidden = true;
	a->tests[1].group = "secret";
	a->tests[1].validator_args = more;
	a->tests[1].points = 2.5;
	a->tests[1].args = more;
	a->tests[1].files = sources;
	a->tests[1].file_count = 1;
	a->task.checker = checker;
	a->task.validator_args = args;
	a->task.passes = 3;
	a->task.groups = groups;
}

static void a_package_is_said_whole(void **state)
{
	struct task_file sources[2];
	struct task_program checker;
	struct task_groups groups;
	struct asked a;

	packaged(&a, &checker, sources, &groups);
	cleanup_json json_t *rules = groups_encode(&groups);
	cleanup_buffer struct buffer text = { 0 }, expected = { 0 };
	assert_int_equal(json_write(rules, &text), 0);
	buffer_printf(
		&expected,
		"{\"code\":\"print(1)\",\"language\":\"python\",\"judge\":{\"tests\":["
		"{\"input\":{\"sha256\":\"" SHA "\"},\"answer\":\"3\"},"
		"{\"input\":\"1 \\\"2\\\"\",\"answer\":\"3\",\"hidden\":true,\"group\":\"secret\","
		"\"validator_args\":[\"5\"],\"points\":2.5,\"args\":[\"5\"],"
		"\"files\":[{\"name\":\"check.py\",\"sha256\":\"" SHA "\"}]}],"
		"\"validator\":{\"kind\":\"program\",\"args\":[\"-v\"],\"program\":{\"language\":\"python\","
		"\"convention\":\"icpc\",\"files\":[{\"name\":\"check.py\",\"sha256\":\"" SHA "\"},"
		"{\"name\":\"b.bin\",\"content\":\"/w==\",\"encoding\":\"base64\"}]," MANY_LIMITS "}},"
		"\"multipass\":3,\"groups\":%s,\"early_stop\":false," LIMITS "}}",
		text.data);
	is_said(&a, true, expected.data);
	a.task.interactor = &checker;
	a.task.checker = NULL;
	cleanup_json json_t *judge = judge_json(&a.task);
	assert_true(json_is_true(json_object_get(judge, "interactive")));
	assert_null(json_object_get(judge, "interactor"));
	a.task.checker = &checker;
	cleanup_json json_t *both = judge_json(&a.task);
	assert_true(json_is_object(json_object_get(both, "interactor")));
}

static void the_rules_of_a_package_are_the_services(void **state)
{
	static const char body[] =
		"{\"state\":\"completed\",\"result\":{\"output\":\"\",\"verdict\":\"partial\",\"score\":40,"
		"\"maxScore\":100,\"groups\":[{\"name\":\"secret\",\"verdict\":\"wrong_answer\",\"score\":40,"
		"\"maxScore\":100}],\"testResults\":[{\"verdict\":\"wrong_answer\",\"teamMessage\":\"no\","
		"\"borderline\":true}]}"
		"}";
	static const char failed[] =
		"{\"state\":\"completed\",\"result\":{\"output\":\"\",\"verdict\":\"judge_error\"}}";
	const struct queue_asked asked = { 3, false, true };
	cleanup_pool struct pool *pool = pool_new();
	struct queue_job job;
	struct error err;

	assert_int_equal(queue_answer_job(body, sizeof body - 1, &asked, pool, &job, &err), 0);
	assert_int_equal(job.report->verdict, VERDICT_PARTIAL);
	assert_true(job.report->has_score && job.report->score == 40 && job.report->max_score == 100);
	assert_int_equal(job.report->group_count, 1);
	assert_string_equal(job.report->groups[0].name, "secret");
	assert_string_equal(job.report->runs[0].team_message, "no");
	assert_true(job.report->runs[0].borderline);
	assert_int_equal(queue_answer_job(failed, sizeof failed - 1, &asked, pool, &job, &err), 0);
	assert_int_equal(job.report->verdict, VERDICT_JUDGE_ERROR);
}

static void what_the_api_has_no_words_for(void **state)
{
	cleanup_buffer struct buffer body = { 0 };
	struct asked a;
	struct error err;
	bool needs;

	plain(&a);
	a.file.data = "\xff";
	a.file.size = 1;
	assert_int_equal(queue_request_encode(&a.task, &a.config, NULL, &body, &needs, &err), -EOPNOTSUPP);
	plain(&a);
	a.file.name = "main.py";
	assert_int_equal(queue_request_encode(&a.task, &a.config, NULL, &body, &needs, &err), -EOPNOTSUPP);
	plain(&a);
	a.tests[0].input_blob = "0";
	assert_int_equal(queue_request_encode(&a.task, &a.config, NULL, &body, &needs, &err), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_become_reports),
		cmocka_unit_test(how_tests_are_is_told_by_the_way),
		cmocka_unit_test(what_misses_tests_alone_is_told_apart),
		cmocka_unit_test(ids_are_letters_that_a_path_may_have),
		cmocka_unit_test(a_service_may_answer_at_once),
		cmocka_unit_test(any_service_understands_a_plain_run),
		cmocka_unit_test(tests_that_all_may_see_are_said_shortly),
		cmocka_unit_test(all_else_needs_the_long_form),
		cmocka_unit_test(a_package_is_said_whole),
		cmocka_unit_test(the_rules_of_a_package_are_the_services),
		cmocka_unit_test(what_the_api_has_no_words_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
