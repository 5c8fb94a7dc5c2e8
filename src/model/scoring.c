#include "model/scoring.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scoring_inside.h"

static const struct rules *const all_rules[] = {
	[SCORING_LEGACY] = &scoring_legacy,
	[SCORING_2025_09] = &scoring_2025_09,
	[SCORING_POLYGON] = &scoring_polygon,
};

/* ---- what the rules share ---- */

/* The lower the worse; those that are not there are no failures of a program. */
static int badness(enum verdict verdict)
{
	static const enum verdict order[] = { VERDICT_JUDGE_ERROR,           VERDICT_RUNTIME_ERROR,
					      VERDICT_MEMORY_LIMIT_EXCEEDED, VERDICT_TIME_LIMIT_EXCEEDED,
					      VERDICT_OUTPUT_LIMIT_EXCEEDED, VERDICT_WRONG_ANSWER };
	int i = 0;

	while (i < (int)(sizeof order / sizeof order[0]) && order[i] != verdict)
		i++;
	return i;
}

void tally_add(struct tally *tally, enum verdict verdict, double score)
{
	if (tally->count == 0)
		*tally = (struct tally){
			.least = score, .most = score, .worst = VERDICT_ACCEPTED, .first = VERDICT_ACCEPTED
		};
	tally->count++;
	tally->sum += score;
	tally->least = score < tally->least ? score : tally->least;
	tally->most = score > tally->most ? score : tally->most;
	if (verdict_is_pass(verdict)) {
		tally->any_accepted = true;
		return;
	}
	if (tally->first == VERDICT_ACCEPTED)
		tally->first = verdict;
	if (badness(verdict) < badness(tally->worst))
		tally->worst = verdict;
}

struct group *scoring_group(struct scoring *scoring, const char *name)
{
	for (size_t i = 0; i < scoring->group_count; i++)
		if (strcmp(scoring->groups[i].name, name) == 0)
			return &scoring->groups[i];
	return NULL;
}

void scoring_stop(struct group *group)
{
	group->stopped = true;
}

static bool needs(const struct group *group, const char *name)
{
	for (const char *const *need = group->settings ? group->settings->needs : NULL; need && *need; need++)
		if (strcmp(*need, name) == 0)
			return true;
	return false;
}

void scoring_stop_dependents(struct scoring *scoring, const struct group *group)
{
	for (size_t i = 0; i < scoring->group_count; i++)
		if (needs(&scoring->groups[i], group->name))
			scoring_stop(&scoring->groups[i]);
}

bool scoring_has_needs(struct scoring *scoring, const struct group *group)
{
	for (const char *const *need = group->settings ? group->settings->needs : NULL; need && *need;
	     need++) {
		const struct group *needed = scoring_group(scoring, *need);

		if (needed && needed->failed)
			return false;
	}
	return true;
}

void scoring_fault(struct scoring *scoring, const char *format, ...)
{
	char text[512];
	va_list arguments;

	if (scoring->fault)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	scoring->fault = pool_strdup(scoring->pool, text);
	scoring->failed = scoring->failed || !scoring->fault;
}

/* Sums of thirds are not exact. */
bool scoring_is_less(double score, double than)
{
	double size = fabs(than) > 1 ? fabs(than) : 1;

	return score < than - 1e-9 * size;
}

enum verdict scoring_verdict(const struct scoring *scoring, double score, bool is_bounded, double max_score)
{
	if (is_bounded && !scoring_is_less(score, max_score) && max_score > 0)
		return VERDICT_ACCEPTED;
	if (scoring->first_failure == VERDICT_ACCEPTED)
		return is_bounded && scoring_is_less(score, max_score) ? VERDICT_PARTIAL : VERDICT_ACCEPTED;
	return score > 0 ? VERDICT_PARTIAL : scoring->first_failure;
}

/* ---- the tree ---- */

static const struct group_settings *settings_of(const struct task_groups *groups, const char *name)
{
	for (size_t i = 0; i < groups->count; i++)
		if (strcmp(groups->settings[i].name, name) == 0)
			return &groups->settings[i];
	return NULL;
}

/* With the groups above it, which come first. */
static struct group *add_group(struct scoring *scoring, const char *name, size_t length)
{
	char own[SCORING_NAME_BYTES_MAX + 1];
	struct group *parent = length > 0 ? &scoring->groups[0] : NULL;

	if (length >= sizeof own)
		return NULL;
	memcpy(own, name, length);
	own[length] = '\0';
	struct group *group = scoring_group(scoring, own);
	if (group)
		return group;
	const char *slash = scoring->rules->flat ? NULL : strrchr(own, '/');
	if (slash && slash > own && !(parent = add_group(scoring, name, (size_t)(slash - own))))
		return NULL;
	if (scoring->group_count == SCORING_GROUPS_MAX)
		return NULL;
	group = &scoring->groups[scoring->group_count++];
	*group = (struct group){ .name = pool_strdup(scoring->pool, own),
				 .parent = parent,
				 .settings = settings_of(scoring->task->groups, own),
				 .verdict = VERDICT_ACCEPTED };
	scoring->failed = scoring->failed || !group->name;
	return group->name ? group : NULL;
}

static int add_tests(struct scoring *scoring, struct error *err)
{
	const struct task *task = scoring->task;
	struct group *group = add_group(scoring, "", 0);

	for (size_t i = 0; i < task->test_count && group; i++) {
		const char *name = task->tests[i].group ? task->tests[i].group : "";

		if (strcmp(group->name, name) != 0)
			group = add_group(scoring, name, strlen(name));
		if (!group)
			break;
		scoring->of_test[i] = (size_t)(group - scoring->groups);
		group->own_tests++;
		group->points += task->tests[i].points;
		for (struct group *above = group; above; above = above->parent) {
			above->tests_left = ++above->tests;
			above->static_tests += task->tests[i].is_static;
			above->static_points += task->tests[i].is_static ? task->tests[i].points : 0;
		}
	}
	if (scoring->failed)
		return error_set(err, -ENOMEM, "out of memory");
	return group ? 0
		     : error_set(err, -EINVAL, "there may be %d groups, with names of %d bytes",
				 SCORING_GROUPS_MAX, SCORING_NAME_BYTES_MAX);
}

int scoring_new(const struct task *task, struct pool *pool, struct scoring **ret_scoring, struct error *err)
{
	struct scoring *scoring = pool_alloc(pool, sizeof *scoring);

	if (!scoring ||
	    !(scoring->of_test = pool_array(pool, task->test_count + 1, sizeof *scoring->of_test)))
		return error_set(err, -ENOMEM, "out of memory");
	scoring->task = task;
	scoring->pool = pool;
	scoring->rules = all_rules[task->groups->rules];
	scoring->first_failure = VERDICT_ACCEPTED;
	int code = add_tests(scoring, err);
	if (code == 0)
		code = scoring->rules->prepare(scoring, err);
	if (code == 0)
		*ret_scoring = scoring;
	return code;
}

/* ---- noting ---- */

bool scoring_skips(const struct scoring *scoring, size_t test)
{
	for (const struct group *group = &scoring->groups[scoring->of_test[test]]; group;
	     group = group->parent)
		if (group->stopped)
			return true;
	return false;
}

void scoring_note(struct scoring *scoring, size_t test, const struct run_report *run)
{
	struct group *group = &scoring->groups[scoring->of_test[test]];

	if (run->verdict != VERDICT_SKIPPED) {
		for (struct group *above = group; above; above = above->parent)
			above->ran = true;
		if (!verdict_is_pass(run->verdict) && scoring->first_failure == VERDICT_ACCEPTED)
			scoring->first_failure = run->verdict;
		if (run->verdict == VERDICT_JUDGE_ERROR)
			scoring_fault(scoring, "%s", run->message ? run->message : "The judge failed");
	}
	scoring->rules->note(scoring, group, test, run);
	for (; group; group = group->parent)
		if (--group->tests_left == 0) {
			group->over = true;
			scoring->rules->end(scoring, group);
		}
}

/* ---- the report ---- */

static int put_groups(const struct scoring *scoring, struct pool *pool, struct report *report,
		      struct error *err)
{
	struct group_report *list = pool_array(pool, scoring->group_count, sizeof *list);

	if (!list)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 1; i < scoring->group_count; i++) {
		const struct group *group = &scoring->groups[i];

		list[i - 1] = (struct group_report){ .name = group->name,
						     .verdict = group->ran ? group->verdict : VERDICT_SKIPPED,
						     .score = group->ran ? group->score : 0,
						     .has_max_score = group->is_bounded,
						     .max_score = group->is_bounded ? group->max_score : 0 };
	}
	report->groups = list;
	report->group_count = scoring->group_count - 1; /* the root is the report itself */
	return 0;
}

int scoring_finish(struct scoring *scoring, struct pool *pool, struct report *report, struct error *err)
{
	scoring->rules->finish(scoring, report);
	report->has_score = !scoring->task->groups->pass_fail;
	if (scoring->fault) {
		report->verdict = VERDICT_JUDGE_ERROR;
		report->message = scoring->fault;
		report->score = 0;
	}
	if (scoring->failed)
		return error_set(err, -ENOMEM, "out of memory");
	return put_groups(scoring, pool, report, err);
}
