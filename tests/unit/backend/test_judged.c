/* What a report makes of a submission to a problem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "judged.h"

enum { TESTS_MAX = 4 };
#define AC  VERDICT_ACCEPTED
#define WA  VERDICT_WRONG_ANSWER
#define TLE VERDICT_TIME_LIMIT_EXCEEDED
#define RE  VERDICT_RUNTIME_ERROR

static struct report report_of(enum verdict whole, const enum verdict *tests, size_t count,
			       struct run_report *runs)
{
	for (size_t i = 0; i < count; i++)
		runs[i] = (struct run_report){ .verdict = tests[i],
					       .outcome = "exited",
					       .output = "",
					       .error_output = "",
					       .wall_us = 1000 * (int64_t)(i + 1),
					       .cpu_us = 500,
					       .memory_bytes = 1 << 20 };
	return (struct report){ .verdict = whole, .compile_output = "", .runs = runs, .run_count = count };
}

static const struct {
	const char *story;
	enum verdict whole;
	enum verdict tests[TESTS_MAX];
	size_t ran, total;
	const char *verdict;
	enum submission_state state;
	int64_t passed, score; /* score -1: none */
	const char *feedback;
} cases[] = {
	{ "all right",
	  AC,
	  { AC, AC, AC },
	  3,
	  3,
	  "accepted",
	  SUBMISSION_COMPLETED,
	  3,
	  10000,
	  "All 3 test cases passed." },
	{ "the only one right",
	  AC,
	  { AC },
	  1,
	  1,
	  "accepted",
	  SUBMISSION_COMPLETED,
	  1,
	  10000,
	  "The test case passed." },
	{ "two of three",
	  WA,
	  { AC, WA, AC },
	  3,
	  3,
	  "partial",
	  SUBMISSION_COMPLETED,
	  2,
	  6667,
	  "2 of 3 test cases passed." },
	{ "one of three",
	  TLE,
	  { TLE, WA, AC },
	  3,
	  3,
	  "partial",
	  SUBMISSION_COMPLETED,
	  1,
	  3333,
	  "1 of 3 test cases passed." },
	{ "none, wrong first",
	  WA,
	  { WA, TLE },
	  2,
	  2,
	  "wrong_answer",
	  SUBMISSION_COMPLETED,
	  0,
	  0,
	  "Wrong answer. None of the 2 test cases passed." },
	{ "none, too slow first",
	  TLE,
	  { TLE, WA },
	  2,
	  2,
	  "time_limit_exceeded",
	  SUBMISSION_COMPLETED,
	  0,
	  0,
	  "Time limit exceeded. None of the 2 test cases passed." },
	{ "the only one crashed",
	  RE,
	  { RE },
	  1,
	  1,
	  "runtime_error",
	  SUBMISSION_COMPLETED,
	  0,
	  0,
	  "Runtime error. The test case failed." },
	{ "too much memory",
	  VERDICT_MEMORY_LIMIT_EXCEEDED,
	  { VERDICT_MEMORY_LIMIT_EXCEEDED },
	  1,
	  1,
	  "memory_limit_exceeded",
	  SUBMISSION_COMPLETED,
	  0,
	  0,
	  "Memory limit exceeded. The test case failed." },
	{ "too much output",
	  VERDICT_OUTPUT_LIMIT_EXCEEDED,
	  { VERDICT_OUTPUT_LIMIT_EXCEEDED },
	  1,
	  1,
	  "output_limit_exceeded",
	  SUBMISSION_COMPLETED,
	  0,
	  0,
	  "Output limit exceeded. The test case failed." },
	{ "did not compile",
	  VERDICT_COMPILE_ERROR,
	  { AC },
	  0,
	  3,
	  "compile_error",
	  SUBMISSION_ERROR,
	  0,
	  0,
	  "The program does not compile." },
	{ "we failed",
	  VERDICT_JUDGE_ERROR,
	  { AC },
	  0,
	  3,
	  "judge_error",
	  SUBMISSION_ERROR,
	  0,
	  -1,
	  "It could not be judged, which is not the program's fault." },
	{ "we failed in the second test",
	  VERDICT_JUDGE_ERROR,
	  { AC, VERDICT_JUDGE_ERROR },
	  2,
	  3,
	  "judge_error",
	  SUBMISSION_ERROR,
	  0,
	  -1,
	  "It could not be judged, which is not the program's fault." },
	{ "a test was left out",
	  AC,
	  { AC, AC },
	  2,
	  3,
	  "judge_error",
	  SUBMISSION_ERROR,
	  0,
	  -1,
	  "It could not be judged, which is not the program's fault." },
	{ "cancelled in between",
	  VERDICT_CANCELLED,
	  { AC, VERDICT_CANCELLED },
	  2,
	  2,
	  "judge_error",
	  SUBMISSION_ERROR,
	  0,
	  -1,
	  "It could not be judged, which is not the program's fault." },
};

static void every_report_has_its_end(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judged_case shown[TESTS_MAX] = { 0 };
		struct run_report runs[TESTS_MAX];
		struct report report = report_of(cases[i].whole, cases[i].tests, cases[i].ran, runs);
		struct submission end;

		assert_true(judged_end(&report, BY_CASES, shown, cases[i].total, 77, pool, &end));
		const char *feedback = judged_feedback(pool, end.state, end.verdict, end.passed, end.total);
		if (strcmp(end.verdict, cases[i].verdict) != 0 || end.state != cases[i].state ||
		    end.passed != cases[i].passed || end.score != cases[i].score ||
		    end.total != (int64_t)cases[i].total || strcmp(feedback, cases[i].feedback) != 0)
			fail_msg("%s: %s %lld %lld, %s", cases[i].story, end.verdict, (long long)end.passed,
				 (long long)end.score, feedback);
		assert_int_equal(end.completed_ms, 77);
	}
}

static const struct {
	size_t passed, total;
	int64_t score;
} scores[] = {
	{ 0, 0, 0 },    { 0, 5, 0 },     { 5, 5, 10000 },        { 1, 3, 3333 },
	{ 2, 3, 6667 }, { 1, 6, 1667 },  { 1, 200, 50 },         { 199, 200, 9950 },
	{ 1, 7, 1429 }, { 1, 30000, 0 }, { 29999, 30000, 9999 }, /* never all before all */
};

static void a_score_is_the_share_that_passed(void **state)
{
	for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++)
		if (judged_score(scores[i].passed, scores[i].total) != scores[i].score)
			fail_msg("%zu of %zu", scores[i].passed, scores[i].total);
}

static void what_is_open_says_so(void **state)
{
	cleanup_pool struct pool *pool = pool_new();

	assert_string_equal(judged_feedback(pool, SUBMISSION_PENDING, NULL, -1, -1), "Waiting to be judged.");
	assert_string_equal(judged_feedback(pool, SUBMISSION_RUNNING, NULL, -1, -1), "Being judged.");
}

/* ---- what is shown ---- */

#define SECRET "c4n4ry"

/* Every text that a report has, and every number that a program chooses. */
static struct run_report telling_run(enum verdict verdict)
{
	return (struct run_report){ .verdict = verdict,
				    .outcome = "exited",
				    .exit_code = 211,
				    .signal = 0,
				    .output = SECRET,
				    .output_size = strlen(SECRET),
				    .error_output = SECRET,
				    .error_size = strlen(SECRET),
				    .message = SECRET " Exited with code 211",
				    .wall_us = 12400,
				    .cpu_us = 1,
				    .memory_bytes = 3 << 20 };
}

static char *text_of(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	assert_non_null(text);
	json_decref(json);
	return text;
}

static void a_hidden_case_shows_nothing_of_itself(void **state)
{
	struct judged_case its = { .input = { SECRET, strlen(SECRET) },
				   .expected_output = { SECRET, strlen(SECRET) },
				   .hidden = true };

	for (enum verdict verdict = VERDICT_OK; verdict < VERDICT_COUNT; verdict++) {
		struct run_report run = telling_run(verdict);
		struct report report = {
			.verdict = verdict, .compile_output = "", .runs = &run, .run_count = 1
		};
		char *text = text_of(judged_results(&report, &its, 1, JUDGED_TEXT_BYTES));

		if (strstr(text, SECRET) || strstr(text, "211"))
			fail_msg("%s: %s", verdict_name(verdict), text);
		assert_non_null(strstr(text, "\"isHidden\":true"));
		assert_non_null(strstr(text, "\"runtime\":12"));
		free(text);
	}
}

static void a_visible_case_shows_all_of_itself(void **state)
{
	struct judged_case its = { .input = { "in", 2 }, .expected_output = { "out", 3 } };
	struct run_report run = telling_run(RE);
	struct report report = { .verdict = RE, .compile_output = "", .runs = &run, .run_count = 1 };
	char *text = text_of(judged_results(&report, &its, 1, JUDGED_TEXT_BYTES));

	assert_non_null(strstr(text, "\"output\":\"" SECRET "\""));
	assert_non_null(strstr(text, "\"error\":\"" SECRET "\\n" SECRET " Exited with code 211\""));
	assert_non_null(strstr(text, "\"input\":\"in\",\"expectedOutput\":\"out\""));
	assert_non_null(strstr(text, "\"status\":\"error\",\"verdict\":\"runtime_error\""));
	free(text);
}

static void a_compilers_words_are_everybodys(void **state)
{
	struct judged_case both[] = { { .hidden = true }, { .input = { "in", 2 } } };
	struct report report = { .verdict = VERDICT_COMPILE_ERROR,
				 .compile_output = "line 1: no",
				 .compile_output_size = 10 };
	cleanup_pool struct pool *pool = pool_new();
	struct submission end;

	assert_true(judged_end(&report, BY_CASES, both, 2, 1, pool, &end));
	assert_string_equal(end.error_output, "line 1: no");
	const char *first = strstr(end.results, "\"error\":\"line 1: no\"");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, "\"error\":\"line 1: no\""));
}

static void long_texts_are_cut_and_it_is_said(void **state)
{
	char *longest = calloc(1, 3 * JUDGED_TEXT_BYTES);
	cleanup_pool struct pool *pool = pool_new();
	struct judged_case its = { 0 };
	struct run_report run = telling_run(AC);
	struct report report = { .verdict = AC, .compile_output = "", .runs = &run, .run_count = 1 };

	memset(longest, 'x', 3 * JUDGED_TEXT_BYTES - 1);
	assert_true(judged_keep_text(pool, longest, &its.input));
	assert_true(judged_keep_text(pool, "short", &its.expected_output));
	char *text = text_of(judged_results(&report, &its, 1, JUDGED_TEXT_BYTES));
	assert_non_null(strstr(text, "\"truncated\":true"));
	assert_true(strlen(text) < 2 * JUDGED_TEXT_BYTES);
	free(text);
	longest[JUDGED_TEXT_BYTES] = '\0';
	assert_true(judged_keep_text(pool, longest, &its.input));
	text = text_of(judged_results(&report, &its, 1, JUDGED_TEXT_BYTES));
	assert_non_null(strstr(text, "\"truncated\":false"));
	assert_null(strstr(text, "borderline"));
	free(text);
	run.borderline = true;
	text = text_of(judged_results(&report, &its, 1, JUDGED_TEXT_BYTES));
	assert_non_null(strstr(text, "\"borderline\":true"));
	free(text);
	free(longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_report_has_its_end),
		cmocka_unit_test(a_score_is_the_share_that_passed),
		cmocka_unit_test(what_is_open_says_so),
		cmocka_unit_test(a_hidden_case_shows_nothing_of_itself),
		cmocka_unit_test(a_visible_case_shows_all_of_itself),
		cmocka_unit_test(a_compilers_words_are_everybodys),
		cmocka_unit_test(long_texts_are_cut_and_it_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
