/* What the ends of checkers mean, a row a case: add the row first, then change the rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/checker.h"

static const struct {
	enum convention convention;
	int exit_code;
	const char *words; /* on the standard error */
	enum comparison expected;
	double points; /* -1: none */
} ends[] = {
	{ CONVENTION_ICPC, 42, "", COMPARISON_EQUAL, -1 },
	{ CONVENTION_ICPC, 43, "", COMPARISON_DIFFERENT, -1 },
	{ CONVENTION_ICPC, 0, "", COMPARISON_FAILED, -1 },
	{ CONVENTION_ICPC, 1, "", COMPARISON_FAILED, -1 },
	{ CONVENTION_ICPC, 7, "10", COMPARISON_FAILED, -1 },
	{ CONVENTION_ICPC, -1, "", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 0, "ok", COMPARISON_EQUAL, -1 },
	{ CONVENTION_TESTLIB, 1, "wrong answer", COMPARISON_DIFFERENT, -1 },
	{ CONVENTION_TESTLIB, 2, "", COMPARISON_DIFFERENT, -1 },
	{ CONVENTION_TESTLIB, 3, "FAIL", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 4, "", COMPARISON_DIFFERENT, -1 },
	{ CONVENTION_TESTLIB, 5, "", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 8, "", COMPARISON_DIFFERENT, -1 },
	{ CONVENTION_TESTLIB, 42, "", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 7, "points 12.50 well done", COMPARISON_EQUAL, 12.5 },
	{ CONVENTION_TESTLIB, 7, "30", COMPARISON_EQUAL, 30 },
	{ CONVENTION_TESTLIB, 7, "  0 nothing", COMPARISON_DIFFERENT, 0 },
	{ CONVENTION_TESTLIB, 7, "points", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 7, "points many", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 7, "nan", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 7, "", COMPARISON_FAILED, -1 },
	{ CONVENTION_TESTLIB, 0, "points 3", COMPARISON_EQUAL, -1 },
};

static void every_end_means_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		double points = -1;
		bool has = checker_points(ends[i].convention, ends[i].exit_code, ends[i].words,
					  strlen(ends[i].words), &points);
		enum comparison got = checker_comparison(ends[i].convention, ends[i].exit_code, has, points);

		if (got != ends[i].expected || has != (ends[i].points >= 0) || points != ends[i].points)
			fail_msg("row %zu (%s, exit %d): %d with %g points", i,
				 convention_name(ends[i].convention), ends[i].exit_code, (int)got, points);
	}
}

#define TEXT(literal) literal, sizeof literal - 1
static const struct {
	const char *text;
	size_t size;
	bool good;
	double expected;
} numbers[] = {
	{ TEXT("1"), true, 1 },
	{ TEXT(" 0.25\n"), true, 0.25 },
	{ TEXT("-3e2"), true, -300 },
	{ TEXT("+.5"), true, 0.5 },
	{ TEXT(""), false, 0 },
	{ TEXT("\n"), false, 0 },
	{ TEXT("1 2"), false, 0 },
	{ TEXT("1x"), false, 0 },
	{ TEXT("0x10"), false, 0 },
	{ TEXT("inf"), false, 0 },
	{ TEXT("nan"), false, 0 },
	{ TEXT("1e999"), false, 0 },
	{ TEXT("1\0"), false, 0 },
	{ TEXT("--1"), false, 0 },
	{ TEXT("0000000000000000000000000000000000000000000000000000000000000000000001"), false, 0 },
};

static void a_score_is_one_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		double got = 0;

		if (checker_number(numbers[i].text, numbers[i].size, &got) != numbers[i].good ||
		    got != numbers[i].expected)
			fail_msg("row %zu, \"%s\": %g", i, numbers[i].text, got);
	}
}

static void names_and_conventions_are_each_others_inverse(void **state)
{
	enum convention convention = CONVENTION_ICPC;

	(void)state;
	assert_true(convention_from_name("testlib", &convention));
	assert_int_equal(convention, CONVENTION_TESTLIB);
	assert_string_equal(convention_name(CONVENTION_ICPC), "icpc");
	assert_false(convention_from_name("", &convention));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_end_means_something),
		cmocka_unit_test(a_score_is_one_number),
		cmocka_unit_test(names_and_conventions_are_each_others_inverse),
	};
	return cmocka_run_group_tests_name("checker", tests, NULL, NULL);
}
