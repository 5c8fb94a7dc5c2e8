/* A report goes over the wire as text and comes back the same, whatever bytes the program printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "model/report.h"

#define BYTES(literal)       .output = literal, .output_size = sizeof literal - 1
#define ERROR_BYTES(literal) .error_output = literal, .error_size = sizeof literal - 1

static struct run_report runs[] = {
	{ .verdict = VERDICT_ACCEPTED,
	  .outcome = "exited",
	  .cpu_us = 900,
	  .wall_us = 1100,
	  .memory_bytes = 1 << 20,
	  .processes_peak = 1,
	  BYTES("3\n"),
	  ERROR_BYTES("") },
	{ .verdict = VERDICT_RUNTIME_ERROR,
	  .outcome = "signaled",
	  .exit_code = -1,
	  .signal = 11,
	  .cpu_us = 1,
	  .wall_us = INT64_MAX,
	  .memory_bytes = -1,
	  .processes_peak = -1,
	  BYTES("\0\xff\xc3\xa4\0"),
	  ERROR_BYTES("\x80"),
	  .output_cut = true,
	  .error_cut = true,
	  .message = "Killed by SIGSEGV" },
	{ .verdict = VERDICT_OUTPUT_LIMIT_EXCEEDED,
	  .outcome = "output_limit",
	  .exit_code = 255,
	  .wall_us = 5,
	  BYTES(""),
	  ERROR_BYTES(""),
	  .message = "Output limit exceeded (1024 KB)" },
	{ .verdict = VERDICT_ACCEPTED,
	  .outcome = "exited",
	  BYTES("4"),
	  ERROR_BYTES(""),
	  .judge_message = "expected \xff",
	  .judge_message_size = 10,
	  .team_message = "",
	  .has_score = true,
	  .score = 2.5,
	  .has_multiplier = true,
	  .borderline = true,
	  .multiplier = 0.1 },
};

static struct group_report groups[] = {
	{ .name = "secret",
	  .verdict = VERDICT_PARTIAL,
	  .score = 40.5,
	  .has_max_score = true,
	  .max_score = 100 },
	{ .name = "secret/1", .verdict = VERDICT_SKIPPED },
};

static const struct report report = {
	.verdict = VERDICT_RUNTIME_ERROR,
	.compile = COMPILE_OK,
	.compile_output = "warning: \xe2\x80\x98x\xe2\x80\x99\xff",
	.compile_output_size = 17,
	.compile_us = 412000,
	.compile_cached = true,
	.runs = runs,
	.run_count = 4,
	.has_score = true,
	.score = 40.5,
	.has_max_score = true,
	.max_score = 100,
	.groups = groups,
	.group_count = 2,
	.warning = "beyond its range",
	.checker_output = "error",
	.checker_output_size = 5,
};

static json_t *sent(const struct report *original)
{
	struct error err = { 0 };
	cleanup_json json_t *json = NULL;
	cleanup_buffer struct buffer text = { 0 };
	json_t *parsed = NULL;

	if (report_encode(original, &json, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(json_write(json, &text), 0);
	if (json_parse(text.data, text.size, &parsed, &err) < 0)
		fail_msg("%s", err.text);
	return parsed;
}

static void assert_same_run(const struct run_report *got, const struct run_report *expected)
{
	assert_int_equal(got->verdict, expected->verdict);
	assert_string_equal(got->outcome, expected->outcome);
	assert_int_equal(got->exit_code, expected->exit_code);
	assert_int_equal(got->signal, expected->signal);
	assert_int_equal(got->cpu_us, expected->cpu_us);
	assert_int_equal(got->wall_us, expected->wall_us);
	assert_int_equal(got->memory_bytes, expected->memory_bytes);
	assert_int_equal(got->processes_peak, expected->processes_peak);
	assert_int_equal(got->output_size, expected->output_size);
	assert_memory_equal(got->output, expected->output, expected->output_size);
	assert_int_equal(got->error_size, expected->error_size);
	assert_memory_equal(got->error_output, expected->error_output, expected->error_size);
	assert_int_equal(got->output_cut, expected->output_cut);
	assert_int_equal(got->error_cut, expected->error_cut);
	assert_int_equal(got->message != NULL, expected->message != NULL);
	if (expected->message)
		assert_string_equal(got->message, expected->message);
}

static void assert_same_words(const char *got, size_t got_size, const char *expected, size_t size)
{
	assert_int_equal(got != NULL, expected != NULL);
	assert_int_equal(got_size, size);
	if (expected)
		assert_memory_equal(got, expected, size);
}

static void assert_same_check(const struct run_report *got, const struct run_report *expected)
{
	assert_same_words(got->judge_message, got->judge_message_size, expected->judge_message,
			  expected->judge_message_size);
	assert_same_words(got->team_message, got->team_message_size, expected->team_message,
			  expected->team_message_size);
	assert_int_equal(got->has_score, expected->has_score);
	assert_true(got->score == expected->score);
	assert_int_equal(got->has_multiplier, expected->has_multiplier);
	assert_int_equal(got->borderline, expected->borderline);
	assert_true(got->multiplier == expected->multiplier);
}

static void a_report_comes_back_as_it_was(void **state)
{
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = sent(&report);
	struct report got;

	(void)state;
	if (report_decode(json, pool, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got.verdict, report.verdict);
	assert_int_equal(got.compile, report.compile);
	assert_int_equal(got.compile_output_size, report.compile_output_size);
	assert_memory_equal(got.compile_output, report.compile_output, report.compile_output_size);
	assert_int_equal(got.compile_us, report.compile_us);
	assert_true(got.compile_cached);
	assert_null(got.message);
	assert_true(got.has_score && got.score == 40.5 && got.has_max_score && got.max_score == 100);
	assert_string_equal(got.warning, "beyond its range");
	assert_int_equal(got.group_count, 2);
	assert_string_equal(got.groups[1].name, "secret/1");
	assert_int_equal(got.groups[1].verdict, VERDICT_SKIPPED);
	assert_false(got.groups[1].has_max_score);
	assert_true(got.groups[0].score == 40.5 && got.groups[0].max_score == 100);
	assert_int_equal(got.checker_output_size, 5);
	assert_string_equal(got.checker_output, "error");
	assert_int_equal(got.run_count, 4);
	for (size_t i = 0; i < got.run_count; i++)
		assert_same_run(&got.runs[i], &runs[i]), assert_same_check(&got.runs[i], &runs[i]);
}

static void a_report_without_runs_comes_back(void **state)
{
	const struct report broken = { .verdict = VERDICT_JUDGE_ERROR,
				       .compile_output = "",
				       .message = "no \"lane\"" };
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = sent(&broken);
	struct report got;

	(void)state;
	assert_int_equal(report_decode(json, pool, &got, &err), 0);
	assert_int_equal(got.verdict, VERDICT_JUDGE_ERROR);
	assert_int_equal(got.compile, COMPILE_NONE);
	assert_string_equal(got.message, "no \"lane\"");
	assert_int_equal(got.run_count, 0);
	assert_null(report_slowest(&got));
}

static void the_slowest_run_is_by_wall_time(void **state)
{
	(void)state;
	assert_ptr_equal(report_slowest(&report), &runs[1]);
}

/* In a good report's text, `from` becomes `to`. */
static const struct {
	const char *from, *to, *complaint;
} changes[] = {
	{ "\"verdict\":\"accepted\"", "\"verdict\":\"great\"", "runs[0].verdict: is no verdict" },
	{ "\"status\":\"ok\"", "\"status\":\"fine\"", "compile.status: is no compile status" },
	{ "\"compile\":", "\"compiled\":", "compile: is required" },
	{ "\"runs\":", "\"tests\":", "runs: is required" },
	{ "\"outcome\":\"exited\"", "\"outcome\":1", "runs[0].outcome: " },
	{ "\"exit_code\":255", "\"exit_code\":256", "runs[2].exit_code: " },
	{ "\"exit_code\":255,", "", "runs[2].exit_code: " },
	{ "\"signal\":11", "\"signal\":11,\"core\":true", "runs[1].core: " },
	{ "\"time_us\":412000", "\"time_us\":-1", "compile.time_us: " },
	{ "\"output\":\"3\\n\"", "\"output\":3", "runs[0].output: " },
};

static void what_is_wrong_is_refused_with_its_path(void **state)
{
	cleanup_json json_t *good = sent(&report);

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct error err = { 0 };
		cleanup_pool struct pool *pool = pool_new();
		cleanup_json json_t *json = NULL;
		cleanup_buffer struct buffer text = { 0 };
		cleanup_buffer struct buffer changed = { 0 };
		struct report got;
		const char *at;

		assert_int_equal(json_write(good, &text), 0);
		at = strstr(buffer_text(&text), changes[i].from);
		assert_non_null(at);
		buffer_append(&changed, text.data, (size_t)(at - text.data));
		buffer_puts(&changed, changes[i].to);
		buffer_puts(&changed, at + strlen(changes[i].from));
		assert_int_equal(json_parse(changed.data, changed.size, &json, &err), 0);
		assert_int_equal(report_decode(json, pool, &got, &err), -EINVAL);
		if (strncmp(err.text, changes[i].complaint, strlen(changes[i].complaint)) != 0)
			fail_msg("row %zu: \"%s\", expected \"%s...\"", i, err.text, changes[i].complaint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_comes_back_as_it_was),
		cmocka_unit_test(a_report_without_runs_comes_back),
		cmocka_unit_test(the_slowest_run_is_by_wall_time),
		cmocka_unit_test(what_is_wrong_is_refused_with_its_path),
	};
	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
