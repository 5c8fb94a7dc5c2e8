/* testdata.yaml: what a group says counts below it, setting by setting, until another says otherwise. */
#include <math.h>
#include <string.h>

#include "scoring_inside.h"

enum flag { WORST_ERROR, FIRST_ERROR, ALWAYS_ACCEPT, SUM, AVG, MIN, MAX, IGNORE_SAMPLE, ANY_ACCEPTED };

static const struct {
	const char *name;
	enum flag flag;
} flag_names[] = {
	{ "worst_error", WORST_ERROR },
	{ "no_errors", WORST_ERROR }, /* an older name */
	{ "first_error", FIRST_ERROR },
	{ "always_accept", ALWAYS_ACCEPT },
	{ "sum", SUM },
	{ "avg", AVG },
	{ "min", MIN },
	{ "max", MAX },
	{ "ignore_sample", IGNORE_SAMPLE },
	{ "accept_if_any_accepted", ANY_ACCEPTED },
};
enum { FLAGS = sizeof flag_names / sizeof flag_names[0] };

/* What the default grader is asked to do: of the modes the last one that is named. */
struct grading {
	enum flag verdict, score;
	bool ignores_sample, any_accepted;
};

static bool parse(const char *flags, struct grading *grading)
{
	*grading = (struct grading){ .verdict = WORST_ERROR, .score = SUM };
	for (size_t length; *(flags += strspn(flags, " \t\n")); flags += length) {
		size_t i = 0;

		length = strcspn(flags, " \t\n");
		while (i < FLAGS && !(strlen(flag_names[i].name) == length &&
				      strncmp(flag_names[i].name, flags, length) == 0))
			i++;
		if (i == FLAGS)
			return false;
		switch (flag_names[i].flag) {
		case WORST_ERROR:
		case FIRST_ERROR:
		case ALWAYS_ACCEPT: grading->verdict = flag_names[i].flag; break;
		case SUM:
		case AVG:
		case MIN:
		case MAX: grading->score = flag_names[i].flag; break;
		case IGNORE_SAMPLE: grading->ignores_sample = true; break;
		case ANY_ACCEPTED: grading->any_accepted = true; break;
		}
	}
	return true;
}

static struct grading grading_of(const struct group *group)
{
	struct grading grading;

	parse(group->effective.grader_flags, &grading);
	/* Only the root has a sample. */
	grading.ignores_sample = grading.ignores_sample && !group->parent;
	return grading;
}

static void inherit(struct group *group)
{
	static const struct group_settings nothing;
	static const struct group_settings usual = { .on_reject = ON_REJECT_BREAK,
						     .accept_score = 1,
						     .grader_flags = "" };
	const struct group_settings *own = group->settings ? group->settings : &nothing;
	struct group_settings *effective = &group->effective;

	*effective = group->parent ? group->parent->effective : usual;
	if (own->on_reject != ON_REJECT_INHERITED)
		effective->on_reject = own->on_reject;
	if (own->has_accept_score)
		effective->accept_score = own->accept_score;
	if (own->has_reject_score)
		effective->reject_score = own->reject_score;
	if (own->has_least || own->has_most) {
		effective->has_least = own->has_least;
		effective->has_most = own->has_most;
		effective->least = own->least;
		effective->most = own->most;
	}
	if (own->grader_flags)
		effective->grader_flags = own->grader_flags;
	group->is_bounded = effective->has_most;
	group->max_score = effective->most;
}

static int prepare(struct scoring *scoring, struct error *err)
{
	struct grading grading;

	for (size_t i = 0; i < scoring->group_count; i++) {
		struct group *group = &scoring->groups[i];

		inherit(group);
		if (!parse(group->effective.grader_flags, &grading))
			return error_set(err, -EINVAL, "group '%s': the default grader does not know '%.64s'",
					 group->name, group->effective.grader_flags);
	}
	return 0;
}

static bool is_ignored(const struct group *group)
{
	return group->parent && !group->parent->parent && strcmp(group->name, "sample") == 0 &&
	       grading_of(group->parent).ignores_sample;
}

static void count(struct group *group, enum verdict verdict, double score)
{
	tally_add(&group->tally, verdict, score);
	if (!verdict_is_pass(verdict) && group->effective.on_reject == ON_REJECT_BREAK)
		scoring_stop(group);
}

static void note(struct scoring *scoring, struct group *group, size_t test, const struct run_report *run)
{
	const struct group_settings *settings = &group->effective;
	double accepted = run->has_score ? run->score : settings->accept_score;

	(void)scoring;
	(void)test;
	if (run->verdict != VERDICT_SKIPPED)
		count(group, run->verdict, verdict_is_pass(run->verdict) ? accepted : settings->reject_score);
}

static double score_of(const struct tally *tally, enum flag mode)
{
	switch (mode) {
	case AVG: return tally->count > 0 ? tally->sum / (double)tally->count : 0;
	case MIN: return tally->least;
	case MAX: return tally->most;
	default: return tally->sum;
	}
}

static enum verdict verdict_of(const struct tally *tally, const struct grading *grading)
{
	if (tally->count == 0 || grading->verdict == ALWAYS_ACCEPT ||
	    (grading->any_accepted && tally->any_accepted))
		return VERDICT_ACCEPTED;
	return grading->verdict == FIRST_ERROR ? tally->first : tally->worst;
}

static void end(struct scoring *scoring, struct group *group)
{
	struct grading grading = grading_of(group);

	(void)scoring;
	group->score = score_of(&group->tally, grading.score);
	group->verdict = verdict_of(&group->tally, &grading);
	if (group->parent && group->ran && !is_ignored(group))
		count(group->parent, group->verdict, group->score);
}

/* A range is what its author promised: a score beyond is told, and stays what it is. */
static void check_range(struct scoring *scoring, const struct group *group, struct report *report)
{
	const struct group_settings *range = &group->effective;
	bool beyond = (range->has_least && scoring_is_less(group->score, range->least)) ||
		      (range->has_most && scoring_is_less(range->most, group->score));

	if (!beyond || report->warning || !group->ran)
		return;
	report->warning = pool_printf(scoring->pool, "The score %g of group '%s' is not from %g to %g",
				      group->score, group->name, range->has_least ? range->least : -INFINITY,
				      range->has_most ? range->most : INFINITY);
	scoring->failed = scoring->failed || !report->warning;
}

static void finish(struct scoring *scoring, struct report *report)
{
	struct group *root = &scoring->groups[0];
	bool scores = !scoring->task->groups->pass_fail;

	report->verdict = root->verdict;
	report->has_max_score = scores && root->is_bounded;
	report->max_score = report->has_max_score ? root->max_score : 0;
	if (!scores)
		return;
	for (size_t i = 0; i < scoring->group_count; i++)
		check_range(scoring, &scoring->groups[i], report);
	if (!verdict_is_pass(root->verdict))
		return;
	report->score = root->score;
	if (root->is_bounded && scoring_is_less(root->score, root->max_score))
		report->verdict = VERDICT_PARTIAL;
}

const struct rules scoring_legacy = { .prepare = prepare, .note = note, .end = end, .finish = finish };
