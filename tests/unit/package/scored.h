/* scored.h - whether two packages give the same tests the same score, by whichever rules. */
#pragma once

#include "model/scoring.h"
#include "package/package.h"

/* Behind #include <cmocka.h>. */

static inline double score_of(const struct package *package, unsigned right, enum verdict *verdict,
			      struct pool *pool)
{
	struct task_test *tests = pool_array(pool, package->test_count, sizeof *tests);
	struct task task = { .tests = tests, .test_count = package->test_count, .groups = package->groups };
	struct report report = { 0 };
	struct scoring *scoring;
	struct error err;

	assert_non_null(package->groups);
	for (size_t i = 0; i < package->test_count; i++)
		tests[i] = (struct task_test){ .group = package->tests[i].group,
					       .points = package->tests[i].points };
	if (scoring_new(&task, pool, &scoring, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < package->test_count; i++) {
		struct run_report run = { .verdict = scoring_skips(scoring, i) ? VERDICT_SKIPPED
						     : right >> i & 1          ? VERDICT_ACCEPTED
									       : VERDICT_WRONG_ANSWER };

		scoring_note(scoring, i, &run);
	}
	assert_int_equal(scoring_finish(scoring, pool, &report, &err), 0);
	*verdict = report.verdict;
	return report.score;
}

/* Whichever tests are right. */
static inline void must_score_alike(const char *story, const struct package *left,
				    const struct package *right, struct pool *pool)
{
	assert_int_equal(left->test_count, right->test_count);
	for (unsigned set = 0; set < 1U << left->test_count; set++) {
		enum verdict before, after;
		double score = score_of(left, set, &before, pool), other = score_of(right, set, &after, pool);

		if (score > other + 1e-6 || score < other - 1e-6 || before != after)
			fail_msg("%s: tests %x: %g %s, and %g %s", story, set, score, verdict_name(before),
				 other, verdict_name(after));
	}
}
