/* scoring.h - groups of tests: which of them are run, and what their verdicts and scores make of a submission.
 *
 * Three sets of rules, each a package format's own (docs/judging.md):
 *
 *     legacy     testdata.yaml of the Kattis and ICPC format before 2023: any depth, settings inherited one by one
 *     2025-09    test_group.yaml: sample, secret, and groups beneath secret
 *     polygon    flat groups with points, policies and dependencies
 *
 * Pure: results are noted in the tests' order, and the same results give the same score on every host. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"
#include "model/report.h"

struct task;

enum scoring_rules { SCORING_LEGACY, SCORING_2025_09, SCORING_POLYGON };
enum on_reject { ON_REJECT_INHERITED, ON_REJECT_BREAK, ON_REJECT_CONTINUE };
enum aggregation { AGGREGATION_USUAL, AGGREGATION_PASS_FAIL, AGGREGATION_SUM, AGGREGATION_MIN };

enum { SCORING_GROUPS_MAX = 1000, SCORING_NAME_BYTES_MAX = 255 };

/* What is said of one group; zero means that nothing is. */
struct group_settings {
	const char *name; /* "secret/1"; "": the root */

	enum on_reject on_reject; /* legacy, up to grader_flags */
	bool has_accept_score, has_reject_score, has_least, has_most;
	double accept_score, reject_score, least, most; /* the last two: range */
	const char *grader_flags;                       /* NULL: inherited */

	bool has_max_score, is_unbounded; /* 2025-09, up to aggregation */
	double max_score;
	enum aggregation aggregation;

	bool complete; /* polygon: all tests or none */
	bool has_points;
	double points;

	const char *const *needs; /* require_pass, dependencies: NULL-ended names, or NULL */
};

struct task_groups {
	enum scoring_rules rules;
	bool pass_fail; /* verdicts only: nobody scores */
	struct group_settings *settings;
	size_t count;
};

/* {"rules", "type", "settings": {NAME: {...}}}; docs/api.md has the fields. */
json_t *groups_encode(const struct task_groups *groups);
int groups_decode(const json_t *json, const char *path, struct pool *pool, struct task_groups *groups,
		  struct error *err);

struct scoring;

/* For a task with groups, which outlives it. -EINVAL with what is wrong with them. */
int scoring_new(const struct task *task, struct pool *pool, struct scoring **scoring, struct error *err);
/* Whether it is known by now that this test is not to be run. */
bool scoring_skips(const struct scoring *scoring, size_t test);
/* What came of a test, in the tests' order; one that was not run has VERDICT_SKIPPED. */
void scoring_note(struct scoring *scoring, size_t test, const struct run_report *run);
/* After the last one: the report's verdict, score and groups, and its message where that is a judge_error. */
int scoring_finish(struct scoring *scoring, struct pool *pool, struct report *report, struct error *err);
