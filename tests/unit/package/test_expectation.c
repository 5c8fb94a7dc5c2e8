/* Globs, and whether a report is as its author expected: a row a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "package/expectation.h"

/* ---- globs ---- */

static const struct {
	const char *pattern, *path;
	bool matches, is;
} globs[] = {
	{ "accepted/a.py", "accepted/a.py", true, true },
	{ "accepted/a.py", "accepted/a.pyc", false, false },
	{ "accepted", "accepted/a.py", true, false },
	{ "accepted/", "accepted/a.py", true, false },
	{ "accepted/", "accepted", true, true },
	{ "accept", "accepted/a.py", false, false },
	{ "accepted/*", "accepted/a.py", true, true },
	{ "accepted/*", "accepted/a/b.py", true, false },
	{ "accepted/*", "accepted", false, false },
	{ "*", "accepted/a.py", true, false },
	{ "*.py", "accepted/a.py", false, false },
	{ "*/*.py", "accepted/a.py", true, true },
	{ "*/?.py", "accepted/a.py", true, true },
	{ "*/?.py", "accepted/ab.py", false, false },
	{ "a?b", "a/b", false, false },
	{ "a*b", "a/b", false, false },
	{ "secret/*-easy", "secret/07-easy", true, true },
	{ "secret/{1,2}*", "secret/12/a", true, false },
	{ "secret/{1,2}*", "secret/3", false, false },
	{ "{simple,complex}.py", "complex.py", true, true },
	{ "author.{py,cpp}", "author.cpp", true, true },
	{ "author.{py,cpp}", "author.c", false, false },
	{ "author.{py,cpp}", "author.{py,cpp}", false, false },
	{ "a{,b}c", "ac", true, true },
	{ "a{b,}c", "abc", true, true },
	{ "a{}c", "ac", true, true },
	{ "a{b}c", "abc", true, true },
	{ "a{b,c{d,e}f}g", "acefg", true, true },
	{ "a{b,c{d,e}f}g", "acdf", false, false },
	{ "{a,b}/{c,d*}", "b/dog/x", true, false },
	{ "{a/b,c}/d", "a/b/d", true, true },
	{ "{*,x}/y", "z/y", true, true },
	{ "a{b,c", "a{b,c", true, true },
	{ "a{b{c,d}", "a{bd", true, true },
	{ "a}b,c", "a}b,c", true, true },
	{ "**", "abc", true, true },
	{ "*a*a*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false },
	{ "", "", true, true },
	{ "", "a", false, false },
	{ "/", "a", false, false },
	{ "[ab]", "a", false, false },
};

static void test_globs(void **state)
{
	char pattern[PACKAGE_GLOB_BYTES_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof globs / sizeof globs[0]; i++) {
		if (package_glob_matches(globs[i].pattern, globs[i].path) != globs[i].matches)
			fail_msg("%s matches %s", globs[i].pattern, globs[i].path);
		if (package_glob_is(globs[i].pattern, globs[i].path) != globs[i].is)
			fail_msg("%s is %s", globs[i].pattern, globs[i].path);
	}
	memset(pattern, '*', sizeof pattern);
	pattern[PACKAGE_GLOB_BYTES_MAX] = '\0';
	assert_true(package_glob_matches(pattern, "a"));
	pattern[PACKAGE_GLOB_BYTES_MAX] = '*';
	pattern[PACKAGE_GLOB_BYTES_MAX + 1] = '\0';
	assert_false(package_glob_matches(pattern, "a"));
	/* As many braces as there can be, in one another and in a row. */
	for (size_t i = 0; i < PACKAGE_GLOB_BYTES_MAX; i++)
		pattern[i] = i < 127 ? '{' : i > 127 ? '}' : 'a';
	pattern[PACKAGE_GLOB_BYTES_MAX] = '\0';
	assert_true(package_glob_matches(pattern, "a"));
	for (size_t i = 0; i + 3 < PACKAGE_GLOB_BYTES_MAX; i += 3)
		memcpy(pattern + i, "{,a", 3);
	assert_false(package_glob_matches(pattern, "a"));
}

/* ---- expectations ---- */

#define AC    VERDICTS_ACCEPTED
#define WA    VERDICTS_WRONG
#define TLE   VERDICTS_TOO_SLOW
#define RTE   VERDICTS_RUN_ERROR
#define WRONG VERDICT_BIT(VERDICT_WRONG_ANSWER)
#define PART  VERDICT_BIT(VERDICT_PARTIAL)
#define CE    VERDICT_BIT(VERDICT_COMPILE_ERROR)

/* Verdicts as letters, one a test. */
static enum verdict verdict_of(char letter)
{
	static const char letters[] = "apwtmorcjs";
	static const enum verdict verdicts[] = {
		VERDICT_ACCEPTED,
		VERDICT_PARTIAL,
		VERDICT_WRONG_ANSWER,
		VERDICT_TIME_LIMIT_EXCEEDED,
		VERDICT_MEMORY_LIMIT_EXCEEDED,
		VERDICT_OUTPUT_LIMIT_EXCEEDED,
		VERDICT_RUNTIME_ERROR,
		VERDICT_COMPILE_ERROR,
		VERDICT_JUDGE_ERROR,
		VERDICT_SKIPPED,
	};

	return verdicts[strchr(letters, letter) - letters];
}

static const char *const test_names[] = { "sample/1",   "secret/1/a", "secret/1/b",
					  "secret/2/a", "secret/2/b", "secret/3" };

static const struct {
	const char *story;
	struct expectation expectation;
	char verdict;
	const char *tests; /* of those above, perhaps fewer */
	const char *words;
	const char *fails; /* NULL: it is as expected */
} rows[] = {
	{ "accepted", { .whole = AC }, 'a', "aaa", "accepted", NULL },
	{ "and is not, with the test",
	  { .whole = AC },
	  'w',
	  "aaw",
	  "accepted",
	  "it is wrong_answer on secret/1/b, not accepted" },
	{ "without a test that has it",
	  { .whole = AC },
	  'p',
	  "aw",
	  "accepted",
	  "it is partial, not accepted" },
	{ "wrong", { .whole = WRONG }, 'w', "aw", "wrong_answer", NULL },
	{ "but it is right",
	  { .whole = WRONG },
	  'a',
	  "aa",
	  "wrong_answer",
	  "it is accepted, not wrong_answer" },
	{ "one of two", { .whole = AC | TLE }, 't', "at", "accepted or time_limit_exceeded", NULL },
	{ "memory is a run's error", { .whole = RTE }, 'm', "am", "runtime_error", NULL },
	{ "output is none",
	  { .whole = RTE },
	  'o',
	  "ao",
	  "runtime_error",
	  "it is output_limit_exceeded on secret/1/a, not runtime_error" },
	{ "rejected", { .whole = WA | TLE | RTE | PART | CE }, 'p', "aa", "rejected", NULL },
	{ "rejected by the compiler", { .whole = WA | TLE | RTE | PART | CE }, 'c', "", "rejected", NULL },
	{ "not rejected",
	  { .whole = WA | TLE | RTE | PART | CE },
	  'a',
	  "aa",
	  "rejected",
	  "it is accepted, not rejected" },
	{ "is to compile", { .whole = AC }, 'c', "", "accepted", "it does not compile" },
	{ "is not to compile", { .whole = CE }, 'c', "", "compile_error", NULL },
	{ "but it does", { .whole = CE }, 'a', "a", "compile_error", "it is accepted, not compile_error" },
	{ "whatever comes", { 0 }, 'm', "m", "any", NULL },
	{ "but it compiles", { 0 }, 'c', "", "any", "it does not compile" },
	{ "and the judge is not at fault", { 0 }, 'j', "j", "any", "judge_error: the checker failed" },

	/* ---- tests ---- */
	{ "all permitted", { .permitted = AC | WA, .required = WA }, 'w', "awoaw", "wrong_answer", NULL },
	{ "one is not",
	  { .permitted = AC | WA, .required = WA },
	  'w',
	  "awtaw",
	  "wrong_answer",
	  "it is time_limit_exceeded on secret/1/b, not accepted or wrong_answer" },
	{ "none is as required",
	  { .permitted = AC | WA, .required = WA },
	  'a',
	  "aaaaaa",
	  "wrong_answer",
	  "it is wrong_answer on no test" },
	{ "required alone", { .required = TLE }, 'w', "awtr", "time_limit_exceeded", NULL },
	{ "permitted alone", { .permitted = AC | TLE }, 't', "at", "accepted or time_limit_exceeded", NULL },
	{ "more than required is told",
	  { .permitted = AC | WA | TLE, .required = TLE },
	  't',
	  "awt",
	  "time_limit_exceeded, also wrong_answer",
	  NULL },
	{ "any failure", { .required = WA | TLE | RTE }, 'a', "aaaaar", "rejected", NULL },
	{ "no failure",
	  { .required = WA | TLE | RTE },
	  'a',
	  "aaaaaa",
	  "rejected",
	  "it is rejected on no test" },
	{ "those that were skipped do not count", { .permitted = AC }, 'a', "aass", "accepted", NULL },
	{ "nor are they what is required",
	  { .permitted = AC | WA, .required = WA },
	  'a',
	  "as",
	  "wrong_answer",
	  "it is wrong_answer on no test" },
	{ "compiler", { .permitted = AC }, 'c', "", "accepted", "it does not compile" },
	{ "compiler or tests", { .whole = ~0U, .required = WA | TLE | RTE }, 'c', "", "rejected", NULL },
	{ "its verdict is then any",
	  { .whole = ~0U, .required = WA | TLE | RTE },
	  'a',
	  "aw",
	  "rejected",
	  NULL },

	/* ---- groups ---- */
	{ "of a group", { .groups = "secret/1", .permitted = AC }, 't', "waat", "secret/1: accepted", NULL },
	{ "not of another",
	  { .groups = "secret/1", .permitted = AC },
	  't',
	  "aawat",
	  "secret/1: accepted",
	  "it is wrong_answer on secret/1/b, not accepted" },
	{ "several groups", { .groups = "secret/{1,2}", .required = TLE }, 't', "aaaat", NULL, NULL },
	{ "none there",
	  { .groups = "secret/{1,2}", .required = TLE },
	  't',
	  "taaaat",
	  NULL,
	  "it is time_limit_exceeded on no test of secret/{1,2}" },
	{ "of a test",
	  { .groups = "secret/*/b", .permitted = AC, .required = AC },
	  'w',
	  "awawa",
	  NULL,
	  NULL },
	{ "of nothing", { .groups = "nowhere", .permitted = AC }, 'w', "www", NULL, NULL },

	/* ---- scores, of which there are 30; 10 and 20 in the groups 1 and 2 ---- */
	{ "score", { .has_score = true, .least = 30, .most = 30 }, 'p', "a", "score 30", NULL },
	{ "score in a range",
	  { .has_score = true, .least = 1, .most = 99 },
	  'p',
	  "a",
	  "score 1 to 99",
	  NULL },
	{ "score beyond",
	  { .has_score = true, .least = 40, .most = 50 },
	  'p',
	  "a",
	  "score 40 to 50",
	  "it has 30 points, not score 40 to 50" },
	{ "about that", { .has_score = true, .least = 30.00000001, .most = 31 }, 'p', "a", NULL, NULL },
	{ "score and verdict",
	  { .whole = AC, .has_score = true, .least = 30, .most = 30 },
	  'p',
	  "a",
	  "accepted, score 30",
	  "it is partial, not accepted" },
	{ "of a group",
	  { .groups = "secret/2", .has_score = true, .least = 20, .most = 20 },
	  'p',
	  "a",
	  "secret/2: score 20",
	  NULL },
	{ "of each group",
	  { .groups = "secret/*", .has_score = true, .least = 0, .most = 10 },
	  'p',
	  "a",
	  "secret/*: score 0 to 10",
	  "secret/2: it has 20 points, not score 0 to 10" },
	{ "of no group", { .groups = "secret/9", .has_score = true }, 'p', "a", NULL, "it has no score" },
	{ "partial", { .whole = PART }, 'p', "aw", "partial", NULL },
	{ "all is partial where nobody knows the most", { .whole = PART }, 'a', "aa", "partial", NULL },

	/* ---- messages ---- */
	{ "message", { .message = "too few" }, 'w', "aw", "saying \"too few\"", NULL },
	{ "no such", { .message = "Too few" }, 'w', "aw", NULL, "no judge message holds \"Too few\"" },
	{ "of a group",
	  { .groups = "sample", .permitted = AC, .message = "too few" },
	  'w',
	  "aw",
	  "sample: accepted, saying \"too few\"",
	  "no judge message holds \"too few\"" },
};

static void make_report(char verdict, const char *tests, struct run_report *runs, struct report *report)
{
	static struct group_report groups[] = {
		{ .name = "secret", .score = 30 },
		{ .name = "secret/1", .score = 10 },
		{ .name = "secret/2", .score = 20 },
	};

	*report = (struct report){ .verdict = verdict_of(verdict),
				   .message = verdict == 'j' ? "the checker failed" : NULL,
				   .runs = runs,
				   .run_count = strlen(tests),
				   .has_score = true,
				   .score = 30,
				   .groups = groups,
				   .group_count = 3 };
	for (size_t i = 0; tests[i]; i++) {
		runs[i] = (struct run_report){ .verdict = verdict_of(tests[i]) };
		if (tests[i] == 'w') {
			runs[i].judge_message = "line 1: too few numbers";
			runs[i].judge_message_size = strlen(runs[i].judge_message);
		}
	}
}

static void test_expectations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct run_report runs[6];
		struct report report;

		make_report(rows[i].verdict, rows[i].tests, runs, &report);
		const char *fails = expectation_fails(&rows[i].expectation, &report, test_names, pool);
		const char *words = expectation_words(&rows[i].expectation, pool);
		if ((fails == NULL) != (rows[i].fails == NULL) ||
		    (fails && strcmp(fails, rows[i].fails) != 0))
			fail_msg("%s: %s", rows[i].story, fails ? fails : "as expected");
		if (rows[i].words && strcmp(words, rows[i].words) != 0)
			fail_msg("%s: %s", rows[i].story, words);
	}
}

/* Where the most is known, something is less than all. */
static void test_the_most_is_known(void **state)
{
	const struct expectation partial = { .whole = PART };
	cleanup_pool struct pool *pool = pool_new();
	struct run_report runs[6];
	struct report report;

	(void)state;
	make_report('a', "aa", runs, &report);
	report.has_max_score = true;
	assert_string_equal(expectation_fails(&partial, &report, test_names, pool),
			    "it is accepted, not partial");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_the_most_is_known),
	};

	return cmocka_run_group_tests_name("expectation", tests, NULL, NULL);
}
