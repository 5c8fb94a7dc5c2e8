/* Groups and scores, a row a case: add the row first, then change the rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "model/scoring.h"
#include "model/task.h"

/* A test is "GROUP VERDICT[=SCORE|*MULTIPLIER]"; verdicts by their letter. */
static const struct {
	char letter;
	enum verdict verdict;
} letters[] = {
	{ 'A', VERDICT_ACCEPTED },
	{ 'W', VERDICT_WRONG_ANSWER },
	{ 'T', VERDICT_TIME_LIMIT_EXCEEDED },
	{ 'M', VERDICT_MEMORY_LIMIT_EXCEEDED },
	{ 'O', VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ 'R', VERDICT_RUNTIME_ERROR },
	{ 'J', VERDICT_JUDGE_ERROR },
	{ 'P', VERDICT_PARTIAL },
	{ '.', VERDICT_SKIPPED },
};

enum { TESTS_MAX = 16, EARLY = 1 };
static const struct {
	const char *story, *groups;
	const char *tests[TESTS_MAX];
	int early_stop;
	char verdict;
	double score;
	const char *ran; /* a letter a test: what counted */
} rows[] = {
#define LEGACY(type, settings) "{\"rules\": \"legacy\", \"type\": \"" type "\", \"settings\": {" settings "}}"
	/* ---- legacy: verdicts ---- */
	{ "the usual: the first failure breaks its group, and those above",
	  LEGACY("pass-fail", ""),
	  { "sample A", "secret A", "secret W", "secret R" },
	  0,
	  'W',
	  0,
	  "AAW." },
	{ "a sample that fails", LEGACY("pass-fail", ""), { "sample W", "secret A" }, 0, 'W', 0, "W." },
	{ "going on: the worst, not the first",
	  LEGACY("pass-fail", "\"\": {\"on_reject\": \"continue\"}"),
	  { "secret W", "secret O", "secret T", "secret M", "secret R", "secret A" },
	  0,
	  'R',
	  0,
	  "WOTMRA" },
	{ "the worst order, from the other end",
	  LEGACY("pass-fail", "\"\": {\"on_reject\": \"continue\"}"),
	  { "secret W", "secret O", "secret T" },
	  0,
	  'T',
	  0,
	  "WOT" },
	{ "out of memory is worse than time",
	  LEGACY("pass-fail", "\"\": {\"on_reject\": \"continue\"}"),
	  { "secret T", "secret M" },
	  0,
	  'M',
	  0,
	  "TM" },
	{ "first_error",
	  LEGACY("pass-fail", "\"\": {\"on_reject\": \"continue\", \"grader_flags\": \"first_error\"}"),
	  { "secret W", "secret R" },
	  0,
	  'W',
	  0,
	  "WR" },
	{ "the last mode that is named",
	  LEGACY("pass-fail", "\"\": {\"on_reject\": \"continue\", \"grader_flags\": \"always_accept "
			      "first_error worst_error\"}"),
	  { "secret W", "secret R" },
	  0,
	  'R',
	  0,
	  "WR" },
	{ "always_accept",
	  LEGACY("pass-fail", "\"\": {\"grader_flags\": \"always_accept\"}"),
	  { "secret W", "secret A" },
	  0,
	  'A',
	  0,
	  "W." },
	{ "a judge_error is one whatever is asked",
	  LEGACY("pass-fail", "\"\": {\"grader_flags\": \"always_accept\"}"),
	  { "secret J", "secret A" },
	  0,
	  'J',
	  0,
	  "J." },
	{ "accept_if_any_accepted",
	  LEGACY("pass-fail", "\"\": {\"on_reject\": \"continue\"}, \"secret\": {\"grader_flags\": "
			      "\"accept_if_any_accepted\"}"),
	  { "sample A", "secret W", "secret A", "secret R" },
	  0,
	  'A',
	  0,
	  "AWAR" },
	{ "and nobody was",
	  LEGACY("pass-fail", "\"secret\": {\"on_reject\": \"continue\", \"grader_flags\": "
			      "\"accept_if_any_accepted first_error\"}"),
	  { "secret W", "secret R" },
	  0,
	  'W',
	  0,
	  "WR" },
	{ "nothing was run in it", LEGACY("pass-fail", ""), { "secret/1 W", "secret/2 A" }, 0, 'W', 0, "W." },
	/* ---- legacy: scores ---- */
	{ "a point a test, and none for what fails",
	  LEGACY("scoring", "\"\": {\"on_reject\": \"continue\", \"grader_flags\": \"always_accept\"}"),
	  { "secret A", "secret W", "secret A" },
	  0,
	  'A',
	  2,
	  "AWA" },
	{ "settings are inherited one by one",
	  LEGACY("scoring", "\"\": {\"on_reject\": \"continue\", \"grader_flags\": \"always_accept\"}, "
			    "\"secret\": {\"accept_score\": 5},"
			    " \"secret/1\": {\"reject_score\": -1}"),
	  { "secret/1 A", "secret/1 W", "secret/2 A", "secret/2 W" },
	  0,
	  'A',
	  9,
	  "AWAW" },
	{ "subtasks, all or nothing",
	  LEGACY("scoring",
		 "\"\": {\"on_reject\": \"continue\", \"range\": [0, 60], \"grader_flags\": "
		 "\"ignore_sample\"},"
		 " \"secret\": {\"grader_flags\": \"first_error accept_if_any_accepted\"},"
		 " \"secret/1\": {\"on_reject\": \"break\", \"accept_score\": 20, \"grader_flags\": \"min\"},"
		 " \"secret/2\": {\"on_reject\": \"break\", \"accept_score\": 40, \"grader_flags\": "
		 "\"min\"}"),
	  { "sample W", "secret/1 A", "secret/1 A", "secret/2 A", "secret/2 T", "secret/2 A" },
	  0,
	  'P',
	  20,
	  "WAAAT." },
	{ "and all of it",
	  LEGACY("scoring", "\"\": {\"on_reject\": \"continue\", \"range\": [0, 60], \"grader_flags\": "
			    "\"ignore_sample\"},"
			    " \"secret\": {\"grader_flags\": \"\"},"
			    " \"secret/1\": {\"accept_score\": 20, \"grader_flags\": \"min\"},"
			    " \"secret/2\": {\"accept_score\": 40, \"grader_flags\": \"min\"}"),
	  { "sample W", "secret/1 A", "secret/1 A", "secret/2 A" },
	  0,
	  'A',
	  60,
	  "WAAA" },
	{ "without ignore_sample it counts",
	  LEGACY("scoring", "\"\": {\"on_reject\": \"continue\"}"),
	  { "sample W", "secret A" },
	  0,
	  'W',
	  0,
	  "WA" },
	{ "ignore_sample means the root's alone",
	  LEGACY("scoring", "\"\": {\"on_reject\": \"continue\", \"grader_flags\": \"ignore_sample\"}"),
	  { "sample W", "secret/sample A", "secret/x A" },
	  0,
	  'A',
	  2,
	  "WAA" },
	{ "avg",
	  LEGACY("scoring",
		 "\"secret\": {\"on_reject\": \"continue\", \"grader_flags\": \"avg always_accept\"}"),
	  { "secret A", "secret W", "secret A", "secret A" },
	  0,
	  'A',
	  0.75,
	  "AWAA" },
	{ "max",
	  LEGACY("scoring", "\"secret\": {\"grader_flags\": \"max\"}"),
	  { "secret A=3", "secret A=7", "secret A=5" },
	  0,
	  'A',
	  7,
	  "AAA" },
	{ "min",
	  LEGACY("scoring", "\"secret\": {\"grader_flags\": \"min\"}"),
	  { "secret A=3", "secret A=7" },
	  0,
	  'A',
	  3,
	  "AA" },
	{ "the last of these too",
	  LEGACY("scoring", "\"secret\": {\"grader_flags\": \"min max sum\"}"),
	  { "secret A=3", "secret A=7" },
	  0,
	  'A',
	  10,
	  "AA" },
	{ "a checker's score in place of accept_score",
	  LEGACY("scoring", "\"\": {\"accept_score\": 9}"),
	  { "secret A=2.5", "secret A" },
	  0,
	  'A',
	  11.5,
	  "AA" },
	{ "but not of reject_score",
	  LEGACY("scoring", "\"\": {\"on_reject\": \"continue\", \"grader_flags\": \"always_accept\"}"),
	  { "secret W=50", "secret A" },
	  0,
	  'A',
	  1,
	  "WA" },
	{ "a score of what was not accepted is none",
	  LEGACY("scoring", ""),
	  { "secret A", "secret W" },
	  0,
	  'W',
	  0,
	  "AW" },
	{ "a range is not a lid",
	  LEGACY("scoring", "\"\": {\"range\": [0, 1]}"),
	  { "secret A", "secret A" },
	  0,
	  'A',
	  2,
	  "AA" },
	{ "an open range: nothing to be less than",
	  LEGACY("scoring", "\"\": {\"range\": [0, null]}"),
	  { "secret A=1" },
	  0,
	  'A',
	  1,
	  "A" },
/* ---- 2025-09 ---- */
#define NEW(settings) "{\"rules\": \"2025-09\", \"settings\": {" settings "}}"
	{ "a hundred, shared by the tests",
	  NEW(""),
	  { "sample A", "secret A", "secret W", "secret A", "secret A" },
	  0,
	  'P',
	  75,
	  "AAWAA" },
	{ "all of it", NEW(""), { "secret A", "secret A", "secret A" }, 0, 'A', 100, "AAA" },
	{ "nothing of it: the first failure", NEW(""), { "secret T", "secret W" }, 0, 'T', 0, "TW" },
	{ "groups pass or fail",
	  NEW("\"secret/1\": {\"max_score\": 30}, \"secret/2\": {\"max_score\": 70}"),
	  { "secret/1 A", "secret/1 A", "secret/2 A", "secret/2 R", "secret/2 A" },
	  0,
	  'P',
	  30,
	  "AAARA" },
	{ "and stop early when asked",
	  NEW("\"secret/1\": {\"max_score\": 30}, \"secret/2\": {\"max_score\": 70}"),
	  { "secret/1 W", "secret/1 A", "secret/2 A", "secret/2 A" },
	  EARLY,
	  'P',
	  70,
	  "W.AA" },
	{ "sum does not stop",
	  NEW("\"secret/1\": {\"max_score\": 30, \"score_aggregation\": \"sum\"}, \"secret/2\": "
	      "{\"max_score\": 70}"),
	  { "secret/1 W", "secret/1 A", "secret/1 A", "secret/2 W", "secret/2 A" },
	  EARLY,
	  'P',
	  20,
	  "WAAW." },
	{ "min, with multipliers",
	  NEW("\"secret\": {\"max_score\": 10, \"score_aggregation\": \"min\"}"),
	  { "secret A*0.5", "secret A", "secret A*0.75" },
	  0,
	  'P',
	  5,
	  "AAA" },
	{ "min, with scores",
	  NEW("\"secret\": {\"max_score\": 10, \"score_aggregation\": \"min\"}"),
	  { "secret A=10", "secret A=4" },
	  0,
	  'P',
	  4,
	  "AA" },
	{ "secret itself passes or fails",
	  NEW("\"secret\": {\"score_aggregation\": \"pass-fail\"}"),
	  { "secret A", "secret W" },
	  0,
	  'W',
	  0,
	  "AW" },
	{ "what is required did not pass",
	  NEW("\"secret/1\": {\"max_score\": 40}, \"secret/2\": {\"max_score\": 60, \"require_pass\": "
	      "\"secret/1\"}"),
	  { "secret/1 A", "secret/1 W", "secret/2 A", "secret/2 A" },
	  0,
	  'W',
	  0,
	  "AW.." },
	{ "and what requires that",
	  NEW("\"secret/1\": {\"max_score\": 20}, \"secret/2\": {\"max_score\": 20, \"require_pass\": "
	      "[\"secret/1\"]},"
	      " \"secret/3\": {\"max_score\": 20, \"require_pass\": [\"secret/2\"]}, \"secret/4\": "
	      "{\"max_score\": 40}"),
	  { "secret/1 W", "secret/2 A", "secret/3 A", "secret/4 A" },
	  0,
	  'P',
	  40,
	  "W..A" },
	{ "the sample required",
	  NEW("\"secret\": {\"require_pass\": [\"sample\"]}"),
	  { "sample W", "secret A" },
	  0,
	  'W',
	  0,
	  "W." },
	{ "the sample is no part of it", NEW(""), { "sample W", "secret A" }, 0, 'A', 100, "WA" },
	{ "an unbounded score",
	  NEW("\"secret\": {\"max_score\": \"unbounded\"}"),
	  { "secret A=250", "secret A=1.5" },
	  0,
	  'A',
	  251.5,
	  "AA" },
	{ "that has none",
	  NEW("\"secret\": {\"max_score\": \"unbounded\"}"),
	  { "secret A" },
	  0,
	  'J',
	  0,
	  "A" },
	{ "a multiplier of it",
	  NEW("\"secret\": {\"max_score\": \"unbounded\"}"),
	  { "secret A*1" },
	  0,
	  'J',
	  0,
	  "A" },
	{ "a score of a test that failed", NEW(""), { "secret W=0" }, 0, 'J', 0, "W" },
	{ "a score where nothing but passing counts",
	  NEW("\"secret/1\": {\"max_score\": 100}"),
	  { "secret/1 A=5" },
	  0,
	  'J',
	  0,
	  "A" },
	{ "more than there is", NEW(""), { "secret A=51", "secret A" }, 0, 'J', 0, "AA" },
	{ "a multiplier above one", NEW(""), { "secret A*1.1" }, 0, 'J', 0, "A" },
	{ "groups that are worth more than all",
	  NEW("\"secret/1\": {\"max_score\": 60}, \"secret/2\": {\"max_score\": 60}"),
	  { "secret/1 A", "secret/2 A" },
	  0,
	  'J',
	  0,
	  "AA" },
	{ "a sample's score does not matter", NEW(""), { "sample A=7", "secret A" }, 0, 'A', 100, "AA" },
	{ "pass or fail, the first failure",
	  "{\"rules\": \"2025-09\", \"type\": \"pass-fail\", \"settings\": {}}",
	  { "sample A", "secret T", "secret W" },
	  0,
	  'T',
	  0,
	  "ATW" },
	{ "and no further",
	  "{\"rules\": \"2025-09\", \"type\": \"pass-fail\", \"settings\": {}}",
	  { "sample A", "secret T", "secret W" },
	  EARLY,
	  'T',
	  0,
	  "AT." },
/* ---- polygon: a test is "GROUP VERDICT", worth 10 ---- */
#define POLYGON(settings) "{\"rules\": \"polygon\", \"settings\": {" settings "}}"
	{ "each test", POLYGON(""), { "1 A", "1 W", "2 A" }, 0, 'P', 20, "AWA" },
	{ "all of them", POLYGON(""), { "1 A", "2 A", " A" }, 0, 'A', 30, "AAA" },
	{ "none of them", POLYGON(""), { "1 R", "2 W" }, 0, 'R', 0, "RW" },
	{ "a complete group",
	  POLYGON("\"1\": {\"points_policy\": \"complete-group\"}"),
	  { "1 A", "1 W", "1 A", "2 A" },
	  0,
	  'P',
	  10,
	  "AWAA" },
	{ "that stops early",
	  POLYGON("\"1\": {\"points_policy\": \"complete-group\"}"),
	  { "1 A", "1 W", "1 A", "2 A", "2 W", "2 A" },
	  EARLY,
	  'P',
	  20,
	  "AW.AWA" },
	{ "with points of its own",
	  POLYGON("\"1\": {\"points_policy\": \"complete-group\", \"points\": 50}"),
	  { "1 A", "1 A", "2 W" },
	  0,
	  'P',
	  50,
	  "AAW" },
	{ "a dependency that failed",
	  POLYGON("\"2\": {\"dependencies\": [\"1\"]}, \"3\": {\"dependencies\": [\"2\"]}"),
	  { "1 A", "1 W", "2 A", "3 A", "4 A" },
	  0,
	  'P',
	  20,
	  "AW..A" },
	{ "one that comes later",
	  POLYGON("\"1\": {\"dependencies\": [\"2\"]}"),
	  { "1 A", "2 W", "3 A" },
	  0,
	  'P',
	  10,
	  "AWA" },
	{ "a checker's points", POLYGON(""), { "1 A=4", "1 A" }, 0, 'P', 14, "AA" },
	{ "which make no complete group",
	  POLYGON("\"1\": {\"points_policy\": \"complete-group\"}"),
	  { "1 A=4", "1 A", "2 A" },
	  0,
	  'P',
	  10,
	  "AAA" },
	{ "names are no paths",
	  POLYGON("\"a\": {\"dependencies\": [\"a/b\"]}"),
	  { "a/b A", "a A" },
	  0,
	  'A',
	  20,
	  "AA" },
};

static enum verdict verdict_of(char letter)
{
	size_t i = 0;

	while (letters[i].letter != letter)
		i++;
	return letters[i].verdict;
}

static char letter_of(enum verdict verdict)
{
	size_t i = 0;

	while (letters[i].verdict != verdict)
		i++;
	return letters[i].letter;
}

static void read_test(const char *text, struct pool *pool, struct task_test *test, struct run_report *run)
{
	const char *space = strrchr(text, ' ');

	*test = (struct task_test){ .group = pool_memdup(pool, text, (size_t)(space - text)), .points = 10 };
	*run = (struct run_report){ .verdict = verdict_of(space[1]),
				    .has_score = space[2] == '=',
				    .has_multiplier = space[2] == '*' };
	run->score = run->multiplier = space[2] ? atof(space + 3) : 0;
}

static struct task_groups read_groups(const char *text, struct pool *pool)
{
	cleanup_json json_t *json = NULL;
	struct task_groups groups = { 0 };
	struct error err = { 0 };

	if (json_parse(text, strlen(text), &json, &err) < 0 ||
	    groups_decode(json, "groups", pool, &groups, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return groups;
}

static void check_row(size_t row)
{
	cleanup_pool struct pool *pool = pool_new();
	struct task_groups groups = read_groups(rows[row].groups, pool);
	struct task_test tests[TESTS_MAX];
	struct run_report runs[TESTS_MAX];
	struct task task = { .tests = tests, .groups = &groups, .early_stop = rows[row].early_stop };
	struct report report = { 0 };
	struct scoring *scoring = NULL;
	char ran[TESTS_MAX + 1] = "";
	struct error err = { 0 };

	for (; rows[row].tests[task.test_count]; task.test_count++)
		read_test(rows[row].tests[task.test_count], pool, &tests[task.test_count],
			  &runs[task.test_count]);
	if (scoring_new(&task, pool, &scoring, &err) < 0)
		fail_msg("%s: %s", rows[row].story, err.text);
	for (size_t i = 0; i < task.test_count; i++) {
		if (scoring_skips(scoring, i))
			runs[i] = (struct run_report){ .verdict = VERDICT_SKIPPED };
		scoring_note(scoring, i, &runs[i]);
		ran[i] = letter_of(runs[i].verdict);
	}
	assert_int_equal(scoring_finish(scoring, pool, &report, &err), 0);
	if (report.verdict != verdict_of(rows[row].verdict) || report.score < rows[row].score - 1e-9 ||
	    report.score > rows[row].score + 1e-9 || strcmp(ran, rows[row].ran) != 0)
		fail_msg("%s: %s with %g, ran %s (%s)", rows[row].story, verdict_name(report.verdict),
			 report.score, ran, report.message ? report.message : "");
	assert_int_equal(report.has_score, !groups.pass_fail);
	assert_int_equal(report.message != NULL, rows[row].verdict == 'J');
}

static void every_row_has_its_score(void **state)
{
	(void)state;
	for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
		check_row(row);
}

static void groups_have_results_of_their_own(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct task_groups groups =
		read_groups(NEW("\"secret/1\": {\"max_score\": 30}, \"secret/2\": {\"max_score\": 30,"
				" \"require_pass\": \"secret/1\"}, \"secret/3\": {\"max_score\": 40}"),
			    pool);
	static const char *const texts[] = { "sample A", "secret/1 W", "secret/2 A", "secret/3 A" };
	static const struct {
		const char *name;
		enum verdict verdict;
		double score, max_score;
	} expected[] = {
		{ "sample", VERDICT_ACCEPTED, 0, -1 },       { "secret", VERDICT_PARTIAL, 40, 100 },
		{ "secret/1", VERDICT_WRONG_ANSWER, 0, 30 }, { "secret/2", VERDICT_SKIPPED, 0, 30 },
		{ "secret/3", VERDICT_ACCEPTED, 40, 40 },
	};
	struct task_test tests[4];
	struct run_report runs[4];
	struct task task = { .tests = tests, .test_count = 4, .groups = &groups };
	struct report report = { 0 };
	struct scoring *scoring;
	struct error err;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		read_test(texts[i], pool, &tests[i], &runs[i]);
	assert_int_equal(scoring_new(&task, pool, &scoring, &err), 0);
	for (size_t i = 0; i < 4; i++) {
		if (scoring_skips(scoring, i))
			runs[i].verdict = VERDICT_SKIPPED;
		scoring_note(scoring, i, &runs[i]);
	}
	assert_int_equal(scoring_finish(scoring, pool, &report, &err), 0);
	assert_int_equal(report.group_count, 5);
	for (size_t i = 0; i < 5; i++) {
		const struct group_report *group = &report.groups[i];

		if (strcmp(group->name, expected[i].name) != 0 || group->verdict != expected[i].verdict ||
		    group->score != expected[i].score ||
		    group->has_max_score != (expected[i].max_score >= 0) ||
		    (group->has_max_score && group->max_score != expected[i].max_score))
			fail_msg("%s: %s, %g of %g", group->name, verdict_name(group->verdict), group->score,
				 group->max_score);
	}
}

static void a_score_beyond_its_range_is_told(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct task_groups groups = read_groups(LEGACY("scoring", "\"secret\": {\"range\": [0, 1]}"), pool);
	struct task_test tests[2];
	struct run_report runs[2];
	struct task task = { .tests = tests, .test_count = 2, .groups = &groups };
	struct report report = { 0 };
	struct scoring *scoring;
	struct error err;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		read_test("secret A", pool, &tests[i], &runs[i]);
	assert_int_equal(scoring_new(&task, pool, &scoring, &err), 0);
	for (size_t i = 0; i < 2; i++)
		scoring_note(scoring, i, &runs[i]);
	assert_int_equal(scoring_finish(scoring, pool, &report, &err), 0);
	assert_string_equal(report.warning, "The score 2 of group 'secret' is not from 0 to 1");
}

/* Through JSON and back, and what is no such JSON. */
static const struct {
	const char *text, *complaint; /* NULL: is good, and comes back as it is */
} forms[] = {
	{ "{\"rules\":\"legacy\",\"type\":\"scoring\",\"settings\":{\"\":{\"on_reject\":\"break\",\"accept_"
	  "score\":2.0,"
	  "\"reject_score\":0.0,\"range\":[null,3.5],\"grader_flags\":\"min\"},\"a\":{}}}",
	  NULL },
	{ "{\"rules\":\"2025-09\",\"type\":\"pass-fail\",\"settings\":{\"secret\":{\"max_score\":"
	  "\"unbounded\","
	  "\"score_aggregation\":\"min\",\"require_pass\":[\"sample\"]},\"secret/1\":{\"max_score\":0.0}}}",
	  NULL },
	{ "{\"rules\":\"polygon\",\"type\":\"scoring\",\"settings\":{\"1\":{\"points_policy\":\"complete-"
	  "group\","
	  "\"points\":5.0,\"dependencies\":[\"0\",\"x\"]}}}",
	  NULL },
	{ "{}", "groups.rules: is required" },
	{ "{\"rules\":\"other\"}", "groups.rules: " },
	{ "{\"rules\":\"legacy\",\"colour\":1}", "groups.colour: " },
	{ "{\"rules\":\"legacy\",\"settings\":{\"a\":{\"max_score\":1}}}", "groups.settings.a.max_score: " },
	{ "{\"rules\":\"legacy\",\"settings\":{\"a\":{\"range\":[1]}}}", "groups.settings.a.range: " },
	{ "{\"rules\":\"legacy\",\"settings\":{\"a\":{\"range\":[1,\"x\"]}}}", "groups.settings.a.range: " },
	{ "{\"rules\":\"legacy\",\"settings\":{\"a\":{\"accept_score\":\"x\"}}}",
	  "groups.settings.a.accept_score: " },
	{ "{\"rules\":\"legacy\",\"settings\":{\"a\":{\"on_reject\":\"grade\"}}}",
	  "groups.settings.a.on_reject: " },
	{ "{\"rules\":\"legacy\",\"settings\":{\"a\":3}}", "groups.settings.a: " },
	{ "{\"rules\":\"2025-09\",\"settings\":{\"a\":{\"max_score\":-1}}}",
	  "groups.settings.a.max_score: " },
	{ "{\"rules\":\"2025-09\",\"settings\":{\"a\":{\"require_pass\":[1]}}}",
	  "groups.settings.a.require_pass: " },
	{ "{\"rules\":\"polygon\",\"settings\":{\"a\":{\"points_policy\":\"sum\"}}}",
	  "groups.settings.a.points_policy: " },
};

static void groups_go_over_the_wire(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_json json_t *json = NULL, *again = NULL;
		cleanup_buffer struct buffer text = { 0 };
		struct task_groups groups;
		struct error err = { 0 };

		assert_int_equal(json_parse(forms[i].text, strlen(forms[i].text), &json, &err), 0);
		int code = groups_decode(json, "groups", pool, &groups, &err);
		if (forms[i].complaint) {
			if (code != -EINVAL ||
			    strncmp(err.text, forms[i].complaint, strlen(forms[i].complaint)) != 0)
				fail_msg("%s: \"%s\"", forms[i].text, err.text);
			continue;
		}
		if (code < 0)
			fail_msg("%s: %s", forms[i].text, err.text);
		again = groups_encode(&groups);
		assert_int_equal(json_write(again, &text), 0);
		assert_string_equal(buffer_text(&text), forms[i].text);
	}
}

static const struct {
	const char *groups, *group, *complaint;
} misfits[] = {
	{ LEGACY("scoring", "\"secret\": {\"grader_flags\": \"median\"}"), "secret",
	  "the default grader does not know 'median'" },
	{ NEW("\"secret\": {\"max_score\": \"unbounded\", \"score_aggregation\": \"pass-fail\"}"), "secret",
	  "needs max_score" },
	{ NEW(""), "secret/1", "needs max_score" },
	{ NEW(""), "other", "there are sample and secret" },
	{ NEW("\"secret/1\": {\"max_score\": 1, \"require_pass\": \"secret/2\"}"), "secret/1",
	  "must come before it" },
	{ NEW("\"secret/1\": {\"max_score\": 1, \"require_pass\": \"secret\"}"), "secret/1", "pass or fail" },
};

static void groups_that_cannot_be_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct task_groups groups = read_groups(misfits[i].groups, pool);
		struct task_test test = { .group = misfits[i].group };
		struct task task = { .tests = &test, .test_count = 1, .groups = &groups };
		struct scoring *scoring;
		struct error err = { 0 };

		if (scoring_new(&task, pool, &scoring, &err) != -EINVAL ||
		    !strstr(err.text, misfits[i].complaint))
			fail_msg("row %zu: \"%s\"", i, err.text);
	}
}

static void there_may_be_only_so_many_groups(void **state)
{
	static struct task_test tests[SCORING_GROUPS_MAX];
	static char names[SCORING_GROUPS_MAX][16], longest[SCORING_NAME_BYTES_MAX + 2];
	cleanup_pool struct pool *pool = pool_new();
	struct task_groups groups = { .rules = SCORING_POLYGON };
	struct task task = { .tests = tests, .test_count = SCORING_GROUPS_MAX - 1, .groups = &groups };
	struct scoring *scoring;
	struct error err;

	(void)state;
	for (int i = 0; i < SCORING_GROUPS_MAX; i++) {
		snprintf(names[i], sizeof names[i], "%d", i);
		tests[i].group = names[i];
	}
	assert_int_equal(scoring_new(&task, pool, &scoring, &err), 0);
	task.test_count++; /* the root is one too */
	assert_int_equal(scoring_new(&task, pool, &scoring, &err), -EINVAL);
	memset(longest, 'x', sizeof longest - 1);
	tests[0].group = longest;
	task.test_count = 1;
	assert_int_equal(scoring_new(&task, pool, &scoring, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_its_score),
		cmocka_unit_test(groups_have_results_of_their_own),
		cmocka_unit_test(a_score_beyond_its_range_is_told),
		cmocka_unit_test(groups_go_over_the_wire),
		cmocka_unit_test(groups_that_cannot_be_are_refused),
		cmocka_unit_test(there_may_be_only_so_many_groups),
	};
	return cmocka_run_group_tests_name("scoring", tests, NULL, NULL);
}
