/* From a report to what a client is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/outcome.h"

static const struct {
	const char *story;
	enum verdict verdict;
	bool judged;
	enum submission_state expected;
} states[] = {
	{ "ran", VERDICT_OK, false, SUBMISSION_COMPLETED },
	{ "failed", VERDICT_RUNTIME_ERROR, false, SUBMISSION_ERROR },
	{ "took too long", VERDICT_TIME_LIMIT_EXCEEDED, false, SUBMISSION_ERROR },
	{ "did not compile", VERDICT_COMPILE_ERROR, false, SUBMISSION_ERROR },
	{ "all tests right", VERDICT_ACCEPTED, true, SUBMISSION_COMPLETED },
	{ "a test wrong", VERDICT_WRONG_ANSWER, true, SUBMISSION_COMPLETED },
	{ "a test too slow, all were run", VERDICT_TIME_LIMIT_EXCEEDED, true, SUBMISSION_COMPLETED },
	{ "a test crashed, all were run", VERDICT_RUNTIME_ERROR, true, SUBMISSION_COMPLETED },
	{ "did not compile for its tests", VERDICT_COMPILE_ERROR, true, SUBMISSION_ERROR },
	{ "we failed", VERDICT_JUDGE_ERROR, true, SUBMISSION_ERROR },
};

static void every_verdict_has_its_state(void **state)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct report report = { .verdict = states[i].verdict };

		if (outcome_state(&report, states[i].judged) != states[i].expected)
			fail_msg("%s", states[i].story);
	}
}

static const struct {
	const char *story;
	enum verdict verdict;
	size_t runs;
	int64_t tests;
	bool fits;
} fits[] = {
	{ "a plain run", VERDICT_OK, 1, 0, true },
	{ "a plain run, twice", VERDICT_OK, 2, 0, false },
	{ "a plain run that never was", VERDICT_OK, 0, 0, false },
	{ "every test", VERDICT_ACCEPTED, 3, 3, true },
	{ "stopped early", VERDICT_WRONG_ANSWER, 1, 3, true },
	{ "more than every test", VERDICT_ACCEPTED, 4, 3, false },
	{ "did not compile", VERDICT_COMPILE_ERROR, 0, 3, true },
	{ "did not compile, yet ran", VERDICT_COMPILE_ERROR, 1, 3, false },
	{ "we failed", VERDICT_JUDGE_ERROR, 0, 3, true },
	{ "cancelled", VERDICT_CANCELLED, 1, 3, false },
};

static void reports_that_cannot_be_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
		struct report report = { .verdict = fits[i].verdict, .run_count = fits[i].runs };

		if ((outcome_misfit(&report, fits[i].tests) == NULL) != fits[i].fits)
			fail_msg("%s", fits[i].story);
	}
}

#define RUN(verdict_, error_, message_)                                                            \
	{                                                                                          \
		.verdict = (verdict_), .error_output = (error_), .error_size = sizeof(error_) - 1, \
		.output = "", .message = (message_)                                                \
	}

static const struct {
	const char *story;
	struct run_report run;
	const char *expected;
} errors[] = {
	{ "ran, with warnings", RUN(VERDICT_OK, "warning", NULL), NULL },
	{ "wrong", RUN(VERDICT_WRONG_ANSWER, "debug", NULL), NULL },
	{ "failed and said why", RUN(VERDICT_RUNTIME_ERROR, "Traceback\n", "Exited with code 1"),
	  "Traceback\nExited with code 1" },
	{ "failed, its words without an end", RUN(VERDICT_RUNTIME_ERROR, "oops", "Killed by SIGSEGV"),
	  "oops\nKilled by SIGSEGV" },
	{ "failed in silence", RUN(VERDICT_RUNTIME_ERROR, "", "Exited with code 3"), "Exited with code 3" },
	{ "too slow", RUN(VERDICT_TIME_LIMIT_EXCEEDED, "noise", "Time limit exceeded (1.00 s)"),
	  "Time limit exceeded (1.00 s)" },
};

static void a_failure_is_told_in_the_authors_terms(void **state)
{
	struct pool *pool = pool_new();

	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		size_t size;
		const char *error = outcome_run_error(&errors[i].run, pool, &size);

		if (!errors[i].expected != !error || (error && strcmp(error, errors[i].expected) != 0) ||
		    (error && size != strlen(error)))
			fail_msg("%s: %s", errors[i].story, error ? error : "nothing");
	}
	pool_free(pool);
}

static void the_first_failure_stands_for_all(void **state)
{
	struct run_report runs[] = {
		{ .verdict = VERDICT_ACCEPTED,
		  .output = "a",
		  .cpu_us = 5,
		  .wall_us = 90,
		  .memory_bytes = 10 },
		{ .verdict = VERDICT_WRONG_ANSWER,
		  .output = "b",
		  .cpu_us = 7,
		  .wall_us = 50,
		  .memory_bytes = 30 },
		{ .verdict = VERDICT_WRONG_ANSWER,
		  .output = "c",
		  .cpu_us = 6,
		  .wall_us = 60,
		  .memory_bytes = 20 },
	};
	struct report report = { .verdict = VERDICT_WRONG_ANSWER, .runs = runs, .run_count = 3 };
	struct pool *pool = pool_new();
	struct outcome outcome;

	outcome_of(&report, pool, &outcome);
	assert_ptr_equal(outcome.shown, &runs[1]);
	assert_ptr_equal(outcome.slowest, &runs[0]);
	assert_int_equal(outcome.cpu_us, 7);
	assert_int_equal(outcome.memory_bytes, 30);
	assert_null(outcome.error);
	pool_free(pool);
}

static void what_did_not_run_has_its_error_too(void **state)
{
	struct report compile = { .verdict = VERDICT_COMPILE_ERROR,
				  .compile_output = "main.c:1: no",
				  .compile_output_size = 12 };
	struct report judge = { .verdict = VERDICT_JUDGE_ERROR, .compile_output = "", .message = "no lane" };
	struct pool *pool = pool_new();
	struct outcome outcome;

	outcome_of(&compile, pool, &outcome);
	assert_null(outcome.shown);
	assert_string_equal(outcome.error, "main.c:1: no");
	outcome_of(&judge, pool, &outcome);
	assert_string_equal(outcome.error, "no lane");
	assert_int_equal(outcome.memory_bytes, -1);
	pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_has_its_state),
		cmocka_unit_test(reports_that_cannot_be_are_refused),
		cmocka_unit_test(a_failure_is_told_in_the_authors_terms),
		cmocka_unit_test(the_first_failure_stands_for_all),
		cmocka_unit_test(what_did_not_run_has_its_error_too),
	};

	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
