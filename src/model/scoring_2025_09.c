/* test_group.yaml: sample is run and does not count; secret has tests or groups of tests. */
#include <string.h>

#include "scoring_inside.h"

static const char sample[] = "sample", secret[] = "secret";

static bool is_sample(const struct group *group)
{
	return strcmp(group->name, sample) == 0;
}

static bool is_secret(const struct group *group)
{
	return strcmp(group->name, secret) == 0;
}

/* Whether it has a score: secret, and what is right below it. */
static bool scores(const struct group *group)
{
	return is_secret(group) || (group->parent && is_secret(group->parent));
}

static int settle(struct group *group, struct error *err)
{
	static const struct group_settings nothing;
	struct group_settings *effective = &group->effective;

	*effective = group->settings ? *group->settings : nothing;
	if (effective->aggregation == AGGREGATION_USUAL)
		effective->aggregation = is_secret(group) ? AGGREGATION_SUM : AGGREGATION_PASS_FAIL;
	group->is_bounded = effective->has_max_score || (is_secret(group) && !effective->is_unbounded);
	group->max_score = effective->has_max_score ? effective->max_score : group->is_bounded ? 100 : 0;
	if (scores(group) && !group->is_bounded && effective->aggregation == AGGREGATION_PASS_FAIL)
		return error_set(err, -EINVAL, "group '%s': one that passes or fails needs max_score",
				 group->name);
	return 0;
}

/* What a group needs comes before it: whether it is run is known when its turn comes. */
static int check_needs(struct scoring *scoring, const struct group *group, struct error *err)
{
	for (const char *const *need = group->effective.needs; need && *need; need++) {
		const struct group *needed = scoring_group(scoring, *need);

		if (!needed || needed >= group || needed->effective.aggregation != AGGREGATION_PASS_FAIL)
			return error_set(
				err, -EINVAL,
				"group '%s' requires '%.64s', which must come before it, and pass or fail",
				group->name, *need);
	}
	return 0;
}

static int prepare(struct scoring *scoring, struct error *err)
{
	int code = 0;

	for (size_t i = 0; i < scoring->group_count && code == 0; i++) {
		struct group *group = &scoring->groups[i];

		if (scoring->task->groups->pass_fail)
			continue;
		code = settle(group, err);
		if (code == 0)
			code = check_needs(scoring, group, err);
		if (code == 0 && group->parent && !is_sample(group) && !is_secret(group) &&
		    strncmp(group->name, "secret/", sizeof "secret/" - 1) != 0)
			code = error_set(err, -EINVAL, "group '%s': there are sample and secret",
					 group->name);
	}
	return code;
}

/* A test that is deeper than a group counts in that group. */
static struct group *scored(struct group *group)
{
	while (group->parent && !scores(group) && !is_sample(group))
		group = group->parent;
	return group;
}

/* What the static validator's is worth is said; the others share what is left. */
static double max_of_test(const struct group *group, const struct task_test *test)
{
	if (test->is_static)
		return test->points;
	if (group->effective.aggregation != AGGREGATION_SUM)
		return group->max_score;
	return (group->max_score - group->static_points) / (double)(group->tests - group->static_tests);
}

/* Where a checker scores what it may not: a judge_error, by the format. */
static double score_of_test(struct scoring *scoring, const struct group *group, size_t test,
			    const struct run_report *run)
{
	bool accepted = verdict_is_pass(run->verdict), says = run->has_score || run->has_multiplier;
	double max = max_of_test(group, &scoring->task->tests[test]);

	if (run->has_score && run->has_multiplier)
		scoring_fault(scoring, "Test %zu was given both a score and a multiplier", test + 1);
	else if (says && group->effective.aggregation == AGGREGATION_PASS_FAIL)
		scoring_fault(scoring, "Test %zu was given a score, and its group passes or fails", test + 1);
	else if (says && !accepted)
		scoring_fault(scoring, "Test %zu was given a score, and not accepted", test + 1);
	else if (run->has_multiplier && (!group->is_bounded || run->multiplier < 0 || run->multiplier > 1))
		scoring_fault(scoring, "Test %zu was given a multiplier that cannot be", test + 1);
	else if (run->has_score &&
		 (run->score < 0 || (group->is_bounded && scoring_is_less(max, run->score))))
		scoring_fault(scoring, "Test %zu was given a score that cannot be", test + 1);
	else if (accepted && !run->has_score && !group->is_bounded)
		scoring_fault(scoring, "Test %zu needs a score, and was given none", test + 1);
	else if (accepted)
		return run->has_multiplier ? run->multiplier * max : run->has_score ? run->score : max;
	return 0;
}

/* Nothing that comes can make it better. */
static bool is_lost(const struct group *group)
{
	enum aggregation aggregation = group->effective.aggregation;

	return (aggregation == AGGREGATION_PASS_FAIL && group->failed) ||
	       (aggregation == AGGREGATION_MIN && group->tally.count > 0 && group->tally.least <= 0);
}

static void fail(struct scoring *scoring, struct group *group)
{
	for (; group; group = group->parent) {
		group->failed = true;
		scoring_stop_dependents(scoring, group);
	}
}

static void count(struct scoring *scoring, struct group *group, enum verdict verdict, double score)
{
	tally_add(&group->tally, verdict, score);
	if (scoring->task->early_stop && scores(group) && is_lost(group))
		scoring_stop(group);
}

static void note(struct scoring *scoring, struct group *own, size_t test, const struct run_report *run)
{
	struct group *group = scored(own);

	if (!verdict_is_pass(run->verdict))
		fail(scoring, group);
	if (scoring->task->groups->pass_fail && scoring->task->early_stop && scoring->groups[0].failed)
		scoring_stop(&scoring->groups[0]);
	else if (!scoring->task->groups->pass_fail)
		count(scoring, group, run->verdict,
		      scores(group) && run->verdict != VERDICT_SKIPPED
			      ? score_of_test(scoring, group, test, run)
			      : 0);
	else
		tally_add(&group->tally, run->verdict, 0);
}

static double score_of(const struct group *group)
{
	switch (group->effective.aggregation) {
	case AGGREGATION_SUM: return group->tally.sum;
	case AGGREGATION_MIN: return group->tally.least;
	default: return group->failed ? 0 : group->max_score;
	}
}

static void end(struct scoring *scoring, struct group *group)
{
	if (scoring->task->groups->pass_fail || !scores(group)) {
		group->verdict = group->failed ? group->tally.first : VERDICT_ACCEPTED;
		return;
	}
	group->score = score_of(group);
	if (group->is_bounded && scoring_is_less(group->max_score, group->score))
		scoring_fault(scoring, "The score of group '%s' is more than it can be", group->name);
	group->verdict = group->tally.first != VERDICT_ACCEPTED && group->score <= 0 ? group->tally.first
			 : group->is_bounded && scoring_is_less(group->score, group->max_score)
				 ? VERDICT_PARTIAL
				 : VERDICT_ACCEPTED;
	if (!is_secret(group))
		count(scoring, group->parent, group->verdict, group->score);
}

static void finish(struct scoring *scoring, struct report *report)
{
	const struct group *all = scoring_group(scoring, secret);

	report->verdict = scoring->first_failure;
	if (scoring->task->groups->pass_fail || !all)
		return;
	report->score = all->score;
	report->has_max_score = all->is_bounded;
	report->max_score = all->max_score;
	report->verdict = scoring_verdict(scoring, all->score, all->is_bounded, all->max_score);
}

const struct rules scoring_2025_09 = { .prepare = prepare, .note = note, .end = end, .finish = finish };
