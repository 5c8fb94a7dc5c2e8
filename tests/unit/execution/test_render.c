/* Rows in, JSON out: both views, compared as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "render.h"

#define RUN_OK                                                                                      \
	"{\"verdict\":\"ok\",\"outcome\":\"exited\",\"exit_code\":0,\"signal\":0,\"cpu_us\":30400," \
	"\"wall_us\":45200,\"memory_bytes\":8598323,\"processes_peak\":1,\"output\":\"Hello\\n\","  \
	"\"error_output\":\"note\",\"output_cut\":false,\"error_cut\":false,\"message\":null}"
#define RUN_SEGV                                                                                           \
	"{\"verdict\":\"runtime_error\",\"outcome\":\"signaled\",\"exit_code\":-1,\"signal\":11,"          \
	"\"cpu_us\":1000,\"wall_us\":2000,\"memory_bytes\":1048576,\"processes_peak\":1,\"output\":\"x\"," \
	"\"error_output\":\"\",\"output_cut\":true,\"error_cut\":false,\"message\":\"Killed by SIGSEGV\"}"
#define REPORT(verdict, compile, runs)                                                     \
	"{\"verdict\":\"" verdict "\",\"message\":null,\"compile\":{\"status\":\"" compile \
	"\",\"output\":\"\",\"time_us\":0,\"cached\":false},\"runs\":[" runs "]}"
#define LIMITS                                                                                          \
	"{\"cpu_time_us\":1,\"wall_time_us\":1,\"memory_bytes\":1,\"output_bytes\":1,\"file_bytes\":1," \
	"\"disk_bytes\":1,\"inodes\":1,\"processes\":1,\"open_files\":1,\"cpus\":1}"
#define TASK                                                                                              \
	"{\"language\":\"c\",\"judged\":true,\"early_stop\":false,\"args\":[],\"files\":[{\"data\":"      \
	"\"code\"}],"                                                                                     \
	"\"tests\":[{\"input\":\"1\",\"answer\":\"2\"}],\"limits\":" LIMITS ",\"compile_limits\":" LIMITS \
	"}"

static struct submission row(void)
{
	return (struct submission){ .id = 7,
				    .job = "4b1e",
				    .user_kind = USER_INT,
				    .user_id = "12",
				    .language = "python",
				    .state = SUBMISSION_PENDING,
				    .queued = true,
				    .created_ms = 1705314600000,
				    .code = "code",
				    .code_size = 4,
				    .input_data = "",
				    .input_size = 0 };
}

static void set_report(struct submission *s, enum submission_state state, const char *verdict,
		       const char *report)
{
	s->state = state;
	s->verdict = verdict;
	s->report = report;
	s->report_size = strlen(report);
	s->executed_ms = 1705314600010;
	s->completed_ms = 1705314600100;
	s->attempts = 1;
}

/* `expected` is compared whole, but for the order of its fields. */
static void check(json_t *got, const char *expected)
{
	json_t *wanted = json_loads(expected, 0, NULL);
	char *text = json_dumps(got, JSON_SORT_KEYS | JSON_REAL_PRECISION(15));

	assert_non_null(wanted);
	if (!json_equal(got, wanted))
		fail_msg("got %s\nexpected %s", text, expected);
	free(text);
	json_decref(wanted);
	json_decref(got);
}

static json_t *submission_json(const struct submission *s, enum render_form form)
{
	struct pool *pool = pool_new();
	struct error err;
	json_t *json = NULL;

	if (render_submission(s, form, pool, &json, &err) < 0)
		fail_msg("%s", err.text);
	pool_free(pool);
	return json;
}

static json_t *job_json(const struct submission *s, const struct progress *progress, int64_t now_ms)
{
	struct pool *pool = pool_new();
	struct error err;
	json_t *json = NULL;

	if (render_job(s, progress, now_ms, pool, &json, &err) < 0)
		fail_msg("%s", err.text);
	pool_free(pool);
	return json;
}

static void a_pending_submission(void **state)
{
	struct submission s = row();

	check(submission_json(&s, RENDER_WHOLE),
	      "{\"id\":7,\"job_id\":\"4b1e\",\"external_id\":null,\"contest_id\":null,\"user_id\":12,"
	      "\"code\":\"code\",\"language\":\"python\",\"input_data\":\"\",\"input_truncated\":false,"
	      "\"status\":\"pending\",\"created_at\":\"2024-01-15T10:30:00.000Z\",\"executed_at\":null,"
	      "\"completed_at\":null,\"webhook_sent\":false,\"webhook_response\":null,\"verdict\":null,"
	      "\"attempts\":0,\"output\":null,\"error_output\":null,\"stderr\":null,\"output_truncated\":"
	      "false,"
	      "\"error_truncated\":false,\"compile_output\":null,\"exit_code\":null,\"signal\":null,"
	      "\"execution_time\":null,\"memory_usage\":null,\"cpu_time_ms\":null,\"wall_time_ms\":null,"
	      "\"memory_bytes\":null}");
}

static void a_completed_submission(void **state)
{
	struct submission s = row();

	s.user_kind = USER_TEXT;
	set_report(&s, SUBMISSION_COMPLETED, "ok", REPORT("ok", "none", RUN_OK));
	check(submission_json(&s, RENDER_WHOLE),
	      "{\"id\":7,\"job_id\":\"4b1e\",\"external_id\":null,\"contest_id\":null,\"user_id\":\"12\","
	      "\"code\":\"code\",\"language\":\"python\",\"input_data\":\"\",\"input_truncated\":false,"
	      "\"status\":\"completed\",\"created_at\":\"2024-01-15T10:30:00.000Z\","
	      "\"executed_at\":\"2024-01-15T10:30:00.010Z\",\"completed_at\":\"2024-01-15T10:30:00.100Z\","
	      "\"webhook_sent\":false,\"webhook_response\":null,\"verdict\":\"ok\",\"attempts\":1,"
	      "\"output\":\"Hello\\n\",\"error_output\":null,\"stderr\":\"note\",\"output_truncated\":false,"
	      "\"error_truncated\":false,\"compile_output\":null,\"exit_code\":0,\"signal\":null,"
	      "\"execution_time\":\"0.045s\",\"memory_usage\":\"8.2MB\",\"cpu_time_ms\":30,\"wall_time_ms\":"
	      "45,"
	      "\"memory_bytes\":8598323}");
}

static void a_job_that_crashed_is_completed(void **state)
{
	struct submission s = row();

	set_report(&s, SUBMISSION_ERROR, "runtime_error", REPORT("runtime_error", "ok", RUN_SEGV));
	check(job_json(&s, NULL, 0),
	      "{\"id\":\"4b1e\",\"state\":\"completed\",\"progress\":100,\"data\":{\"code\":\"code\","
	      "\"language\":"
	      "\"python\",\"input\":\"\"},\"result\":{\"output\":\"x\",\"error\":\"Killed by SIGSEGV\","
	      "\"stderr\":\"\",\"exitCode\":null,\"signal\":\"SIGSEGV\",\"verdict\":\"runtime_error\","
	      "\"runtime\":2,"
	      "\"memory\":1.0,\"cpu_time_ms\":1,\"output_truncated\":true,\"error_truncated\":false},"
	      "\"failedReason\":null,\"timestamp\":1705314600000,\"processedOn\":1705314600010,"
	      "\"finishedOn\":1705314600100,\"attempts\":1,\"delay\":0}");
}

static void a_job_with_tests(void **state)
{
	struct submission s = row();

	s.tests = 1;
	s.task = TASK;
	s.task_size = strlen(TASK);
	set_report(&s, SUBMISSION_COMPLETED, "runtime_error", REPORT("runtime_error", "ok", RUN_SEGV));
	json_t *job = job_json(&s, NULL, 0);
	check(json_incref(json_object_get(json_object_get(job, "result"), "testResults")),
	      "[{\"index\":1,\"verdict\":\"runtime_error\",\"passed\":false,\"input\":\"1\","
	      "\"expectedOutput\":\"2\","
	      "\"actualOutput\":\"x\",\"output_truncated\":true,\"error\":\"Killed by "
	      "SIGSEGV\",\"cpu_time_ms\":1,"
	      "\"wall_time_ms\":2,\"memory_bytes\":1048576,\"exit_code\":null,\"signal\":\"SIGSEGV\","
	      "\"runtime\":2,"
	      "\"memory\":1.0}]");
	check(json_incref(json_object_get(json_object_get(job, "data"), "testCases")),
	      "[{\"input\":\"1\",\"expectedOutput\":\"2\"}]");
	json_decref(job);
}

static void a_job_whose_tests_are_on_their_way(void **state)
{
	const enum verdict verdicts[] = { VERDICT_ACCEPTED, VERDICT_WRONG_ANSWER };
	const struct progress progress = { .done = 2, .total = 3, .verdicts = verdicts, .verdict_count = 2 };
	struct submission s = row();

	s.state = SUBMISSION_RUNNING;
	s.tests = 3;
	s.task = TASK;
	s.task_size = strlen(TASK);
	json_t *job = job_json(&s, &progress, 0);
	check(json_incref(json_object_get(job, "tests")),
	      "{\"done\":2,\"total\":3,\"passed\":1,\"verdicts\":[\"accepted\",\"wrong_answer\"]}");
	assert_int_equal(json_integer_value(json_object_get(job, "progress")), 66);
	json_decref(job);
}

static const struct {
	const char *story;
	enum submission_state state;
	const char *verdict;
	int64_t delayed_until_ms;
	const char *expected;
} states[] = {
	{ "waits", SUBMISSION_PENDING, NULL, 0, "waiting" },
	{ "waits for a retry", SUBMISSION_PENDING, NULL, 200, "delayed" },
	{ "waited for a retry", SUBMISSION_PENDING, NULL, 50, "waiting" },
	{ "runs", SUBMISSION_RUNNING, NULL, 0, "active" },
	{ "ran", SUBMISSION_COMPLETED, "ok", 0, "completed" },
	{ "failed by itself", SUBMISSION_ERROR, "compile_error", 0, "completed" },
	{ "failed by us", SUBMISSION_ERROR, "judge_error", 0, "failed" },
	{ "cancelled", SUBMISSION_CANCELLED, "cancelled", 0, "failed" },
};

static void one_record_two_states(void **state)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct submission s = row();

		s.state = states[i].state;
		s.verdict = states[i].verdict;
		s.delayed_until_ms = states[i].delayed_until_ms;
		if (strcmp(render_job_state(&s, 100), states[i].expected) != 0)
			fail_msg("%s: %s", states[i].story, render_job_state(&s, 100));
	}
}

static void a_list_shows_only_the_start_of_long_texts(void **state)
{
	size_t size = LIST_TEXT_BYTES + 1;
	char *input = malloc(size + 1);
	struct submission s = row();

	memset(input, 'a', size);
	input[size] = '\0';
	s.input_data = input;
	s.input_size = size;
	json_t *listed = submission_json(&s, RENDER_LISTED), *whole = submission_json(&s, RENDER_WHOLE);
	assert_int_equal(json_string_length(json_object_get(listed, "input_data")), LIST_TEXT_BYTES);
	assert_true(json_is_true(json_object_get(listed, "input_truncated")));
	assert_int_equal(json_string_length(json_object_get(whole, "input_data")), size);
	assert_true(json_is_false(json_object_get(whole, "input_truncated")));
	json_decref(listed);
	json_decref(whole);
	free(input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pending_submission),
		cmocka_unit_test(a_completed_submission),
		cmocka_unit_test(a_job_that_crashed_is_completed),
		cmocka_unit_test(a_job_with_tests),
		cmocka_unit_test(a_job_whose_tests_are_on_their_way),
		cmocka_unit_test(one_record_two_states),
		cmocka_unit_test(a_list_shows_only_the_start_of_long_texts),
	};

	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
