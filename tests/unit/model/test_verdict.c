/* The rule of the house, a row a case: add the row first, then change the rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/verdict.h"

static const struct {
	const char *story;
	struct run_facts facts;
	enum verdict expected;
} runs[] = {
	{ "right output", { .comparison = COMPARISON_EQUAL }, VERDICT_ACCEPTED },
	{ "wrong output", { .comparison = COMPARISON_DIFFERENT }, VERDICT_WRONG_ANSWER },
	{ "plain run", { .comparison = COMPARISON_NONE }, VERDICT_OK },
	{ "checker broke", { .comparison = COMPARISON_FAILED }, VERDICT_JUDGE_ERROR },
	{ "right output, then exit 1",
	  { .exit_code = 1, .comparison = COMPARISON_EQUAL },
	  VERDICT_RUNTIME_ERROR },
	{ "plain run, exit 255", { .exit_code = 255 }, VERDICT_RUNTIME_ERROR },
	{ "crashed", { .signal = 11, .exit_code = -1 }, VERDICT_RUNTIME_ERROR },
	{ "crashed, and the checker broke",
	  { .signal = 11, .comparison = COMPARISON_FAILED },
	  VERDICT_JUDGE_ERROR },
	{ "out of time, and the checker broke",
	  { .hit_cpu_limit = true, .comparison = COMPARISON_FAILED },
	  VERDICT_JUDGE_ERROR },
	{ "cancelled, and the checker broke",
	  { .cancelled = true, .comparison = COMPARISON_FAILED },
	  VERDICT_CANCELLED },
	{ "killed for memory by SIGKILL",
	  { .hit_memory_limit = true, .signal = 9 },
	  VERDICT_MEMORY_LIMIT_EXCEEDED },
	{ "a child was killed for memory, exit 1",
	  { .hit_memory_limit = true, .exit_code = 1 },
	  VERDICT_MEMORY_LIMIT_EXCEEDED },
	{ "out of memory and out of time",
	  { .hit_memory_limit = true, .hit_cpu_limit = true },
	  VERDICT_TIME_LIMIT_EXCEEDED },
	{ "out of memory, with the right output",
	  { .hit_memory_limit = true, .signal = 9, .comparison = COMPARISON_EQUAL },
	  VERDICT_MEMORY_LIMIT_EXCEEDED },
	{ "computed for too long", { .hit_cpu_limit = true, .signal = 9 }, VERDICT_TIME_LIMIT_EXCEEDED },
	{ "slept past the wall limit", { .hit_wall_limit = true, .signal = 9 }, VERDICT_TIME_LIMIT_EXCEEDED },
	{ "out of time, flooding",
	  { .hit_cpu_limit = true, .hit_output_limit = true },
	  VERDICT_TIME_LIMIT_EXCEEDED },
	{ "flooded and crashed", { .hit_output_limit = true, .signal = 13 }, VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ "wrote too much, and nobody stopped it",
	  { .wrote_too_much = true, .comparison = COMPARISON_EQUAL },
	  VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ "wrote too much, plain", { .wrote_too_much = true }, VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ "wrote too much, until its time was over",
	  { .wrote_too_much = true, .hit_cpu_limit = true, .signal = 9 },
	  VERDICT_TIME_LIMIT_EXCEEDED },
	{ "wrote too much, until its memory was",
	  { .wrote_too_much = true, .hit_memory_limit = true, .signal = 9 },
	  VERDICT_MEMORY_LIMIT_EXCEEDED },
	{ "wrote too much, then crashed", { .wrote_too_much = true, .signal = 11 }, VERDICT_RUNTIME_ERROR },
	{ "wrote too much, then exit 1", { .wrote_too_much = true, .exit_code = 1 }, VERDICT_RUNTIME_ERROR },
	{ "wrote too much, and the checker broke",
	  { .wrote_too_much = true, .comparison = COMPARISON_FAILED },
	  VERDICT_JUDGE_ERROR },
	{ "rejected first, whatever follows",
	  { .rejected_first = true,
	    .hit_wall_limit = true,
	    .signal = 13,
	    .comparison = COMPARISON_DIFFERENT },
	  VERDICT_WRONG_ANSWER },
	{ "rejected after it had crashed",
	  { .signal = 11, .comparison = COMPARISON_DIFFERENT },
	  VERDICT_RUNTIME_ERROR },
	{ "accepted, and then out of time",
	  { .hit_cpu_limit = true, .comparison = COMPARISON_EQUAL },
	  VERDICT_TIME_LIMIT_EXCEEDED },
	{ "wrote too large a file", { .hit_file_limit = true, .signal = 25 }, VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ "cancelled", { .cancelled = true, .signal = 9 }, VERDICT_CANCELLED },
	{ "cancelled at its limit",
	  { .cancelled = true, .hit_memory_limit = true, .hit_cpu_limit = true },
	  VERDICT_CANCELLED },
	{ "box broke, whatever else",
	  { .box_failed = true, .cancelled = true, .comparison = COMPARISON_EQUAL },
	  VERDICT_JUDGE_ERROR },
};

static void every_run_has_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		enum verdict got = verdict_of_run(&runs[i].facts);

		if (got != runs[i].expected)
			fail_msg("%s: %s, expected %s", runs[i].story, verdict_name(got),
				 verdict_name(runs[i].expected));
	}
}

static const struct {
	const char *story;
	enum verdict tests[4];
	size_t count;
	enum verdict expected;
} submissions[] = {
	{ "no test", { 0 }, 0, VERDICT_OK },
	{ "one plain run", { VERDICT_OK }, 1, VERDICT_OK },
	{ "all right", { VERDICT_ACCEPTED, VERDICT_ACCEPTED }, 2, VERDICT_ACCEPTED },
	{ "only one was compared", { VERDICT_OK, VERDICT_ACCEPTED, VERDICT_OK }, 3, VERDICT_ACCEPTED },
	{ "the last is wrong",
	  { VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_WRONG_ANSWER },
	  3,
	  VERDICT_WRONG_ANSWER },
	{ "the first failure counts, not the worst",
	  { VERDICT_ACCEPTED, VERDICT_WRONG_ANSWER, VERDICT_RUNTIME_ERROR, VERDICT_JUDGE_ERROR },
	  4,
	  VERDICT_WRONG_ANSWER },
	{ "too slow, then wrong",
	  { VERDICT_TIME_LIMIT_EXCEEDED, VERDICT_WRONG_ANSWER },
	  2,
	  VERDICT_TIME_LIMIT_EXCEEDED },
	{ "partly right is not right", { VERDICT_PARTIAL, VERDICT_ACCEPTED }, 2, VERDICT_PARTIAL },
};

static void the_first_failing_test_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof submissions / sizeof submissions[0]; i++) {
		enum verdict got = verdict_of_tests(submissions[i].tests, submissions[i].count);

		if (got != submissions[i].expected)
			fail_msg("%s: %s, expected %s", submissions[i].story, verdict_name(got),
				 verdict_name(submissions[i].expected));
	}
}

static void names_and_verdicts_are_each_others_inverse(void **state)
{
	enum verdict verdict = VERDICT_OK;

	(void)state;
	for (int i = 0; i < VERDICT_COUNT; i++) {
		assert_true(verdict_from_name(verdict_name((enum verdict)i), &verdict));
		assert_int_equal(verdict, i);
	}
	assert_false(verdict_from_name("", &verdict));
	assert_false(verdict_from_name("Accepted", &verdict));
	assert_string_equal(verdict_name((enum verdict)VERDICT_COUNT), "judge_error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_run_has_its_verdict),
		cmocka_unit_test(the_first_failing_test_decides),
		cmocka_unit_test(names_and_verdicts_are_each_others_inverse),
	};
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
