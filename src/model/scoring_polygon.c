/* Polygon: tests have points, groups a policy, and a group may depend on others, all of whose tests must pass. */
#include "scoring_inside.h"

static int prepare(struct scoring *scoring, struct error *err)
{
	(void)err;
	for (size_t i = 0; i < scoring->group_count; i++) {
		struct group *group = &scoring->groups[i];

		if (group->settings)
			group->effective = *group->settings;
		if (group->effective.complete && group->effective.has_points)
			group->points = group->effective.points;
		group->is_bounded = true;
		group->max_score = group->points;
	}
	return 0;
}

/* A checker's points stand for the test's own. */
static void note(struct scoring *scoring, struct group *group, size_t test, const struct run_report *run)
{
	double points = scoring->task->tests[test].points, got = run->has_score ? run->score : points;
	bool passed = verdict_is_pass(run->verdict);

	tally_add(&group->tally, run->verdict, passed ? got : 0);
	if (passed && !scoring_is_less(got, points))
		return;
	group->failed = true;
	scoring_stop_dependents(scoring, group);
	if (scoring->task->early_stop && (group->effective.complete || scoring->task->groups->pass_fail))
		scoring_stop(scoring->task->groups->pass_fail ? &scoring->groups[0] : group);
}

static void end(struct scoring *scoring, struct group *group)
{
	(void)scoring;
	group->score = !group->effective.complete ? group->tally.sum : group->failed ? 0 : group->points;
	group->verdict = group->tally.count > 0 ? group->tally.first : VERDICT_ACCEPTED;
}

/* Also on groups that come later: until nothing changes. */
static void apply_dependencies(struct scoring *scoring)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < scoring->group_count; i++) {
			struct group *group = &scoring->groups[i];

			if (scoring_has_needs(scoring, group))
				continue;
			changed = changed || !group->failed;
			group->failed = true;
			group->score = 0;
		}
	}
}

static void finish(struct scoring *scoring, struct report *report)
{
	double score = 0, max_score = 0;

	apply_dependencies(scoring);
	for (size_t i = 0; i < scoring->group_count; i++) {
		score += scoring->groups[i].score;
		max_score += scoring->groups[i].max_score;
	}
	report->verdict = scoring->first_failure;
	if (scoring->task->groups->pass_fail)
		return;
	report->score = score;
	report->has_max_score = true;
	report->max_score = max_score;
	report->verdict = scoring_verdict(scoring, score, true, max_score);
}

const struct rules scoring_polygon = {
	.flat = true, .prepare = prepare, .note = note, .end = end, .finish = finish
};
