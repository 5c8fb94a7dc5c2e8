/* What a folder says of verdicts and scores, in the words of either version. */
#include <math.h>
#include <string.h>

#include "kattis_groups.h"

/* ---- legacy ---- */

/* "A B", or a list of the two. */
static void read_range(struct settings *settings, struct group_settings *group)
{
	const struct yaml_node *value = settings_get(settings, "range");
	const char *const *ends = value ? settings_words_of(settings, value) : NULL;
	double least, most;

	if (!value)
		return;
	if (!ends || !ends[0] || !ends[1] || ends[2] || !settings_parse_number(ends[0], true, &least) ||
	    !settings_parse_number(ends[1], true, &most) || least > most) {
		settings_note(settings, value, "must be two numbers, the smaller first; it is ignored");
		return;
	}
	group->has_least = isfinite(least);
	group->has_most = isfinite(most);
	group->least = group->has_least ? least : 0;
	group->most = group->has_most ? most : 0;
}

static enum on_reject on_reject_of(const struct settings *settings, const struct yaml_node *value)
{
	const char *text = value->kind == YAML_TEXT ? value->text : "";

	/* The last three are from before there were groups. */
	if (strcmp(text, "break") == 0 || strcmp(text, "first_error") == 0)
		return ON_REJECT_BREAK;
	if (strcmp(text, "continue") == 0 || strcmp(text, "worst_error") == 0 || strcmp(text, "grade") == 0)
		return ON_REJECT_CONTINUE;
	settings_note(settings, value, "must be break or continue; it is ignored");
	return ON_REJECT_INHERITED;
}

static void read_scores(struct settings *settings, struct group_settings *group)
{
	const struct yaml_node *on_reject = settings_get(settings, "on_reject");

	if (on_reject)
		group->on_reject = on_reject_of(settings, on_reject);
	group->has_accept_score =
		settings_number(settings, "accept_score", -1e15, 1e15, &group->accept_score);
	group->has_reject_score =
		settings_number(settings, "reject_score", -1e15, 1e15, &group->reject_score);
	read_range(settings, group);
}

static bool says_something(const struct group_settings *group)
{
	return group->on_reject != ON_REJECT_INHERITED || group->grader_flags || group->has_accept_score ||
	       group->has_reject_score || group->has_least || group->has_most;
}

void grading_read_legacy(struct settings *settings, struct data_folder *folder)
{
	struct group_settings *group = &folder->legacy;
	const struct yaml_node *grading = settings_get(settings, "grading");
	const char *flags = settings_text(settings, "grader_flags");
	bool custom = grading && grading->kind == YAML_TEXT && strcmp(grading->text, "custom") == 0;

	read_scores(settings, group);
	if (custom)
		settings_note(settings, grading,
			      "is custom, but a program that grades is not run: the default grader is");
	group->grader_flags = custom ? NULL : flags;
	folder->has_legacy = says_something(group);
}

/* The root's where that says nothing itself. */
static void add_usual(struct group_settings *group, const struct group_settings *usual)
{
	if (group->on_reject == ON_REJECT_INHERITED)
		group->on_reject = usual->on_reject;
	if (!group->has_accept_score) {
		group->has_accept_score = usual->has_accept_score;
		group->accept_score = usual->accept_score;
	}
	if (!group->has_reject_score) {
		group->has_reject_score = usual->has_reject_score;
		group->reject_score = usual->reject_score;
	}
	if (!group->has_least && !group->has_most) {
		group->has_least = usual->has_least;
		group->least = usual->least;
		group->has_most = usual->has_most;
		group->most = usual->most;
	}
}

/* problem.yaml's `grading`, from before there were groups. */
void grading_read_problem(struct settings *problem, struct data_folder *root)
{
	struct group_settings usual = { 0 };
	struct settings grading;

	settings_within(problem, "grading", &grading);
	read_scores(&grading, &usual);
	const char *objective = settings_text(&grading, "objective");
	(void)settings_get(&grading, "show_test_data_groups");
	settings_close(&grading);
	add_usual(&root->legacy, &usual);
	/* The most is then the worst, and nobody who has less is `partial`. */
	if (objective && strcmp(objective, "min") == 0) {
		root->legacy.has_most = false;
		package_note(
			problem->notes, problem->path, 0,
			"grading.objective: the least score is the best, and ranks are made by the most");
	}
	root->has_legacy = says_something(&root->legacy);
}

/* ---- 2025-09 ---- */

static void read_max_score(struct settings *settings, const char *key, struct group_settings *group)
{
	const struct yaml_node *value = settings_get(settings, key);

	if (!value)
		return;
	if (value->kind == YAML_TEXT && strcmp(value->text, "unbounded") == 0)
		group->is_unbounded = true;
	else
		group->has_max_score = settings_number(settings, key, 0, 1e15, &group->max_score);
}

static void read_aggregation(struct settings *settings, const char *key, struct group_settings *group)
{
	static const struct {
		const char *name;
		enum aggregation aggregation;
	} known[] = { { "pass-fail", AGGREGATION_PASS_FAIL },
		      { "sum", AGGREGATION_SUM },
		      { "min", AGGREGATION_MIN } };
	const struct yaml_node *value = settings_get(settings, key);
	size_t i = 0;

	while (value && i < sizeof known / sizeof known[0] &&
	       (value->kind != YAML_TEXT || strcmp(known[i].name, value->text) != 0))
		i++;
	if (value && i < sizeof known / sizeof known[0])
		group->aggregation = known[i].aggregation;
	else if (value)
		settings_note(settings, value, "must be pass-fail, sum or min; it is ignored");
}

static void read_static(struct settings *settings, struct data_folder *folder)
{
	const struct yaml_node *score = settings_get(settings, "static_validation_score");
	const char *const *args = settings_words(settings, "static_validator_args");
	bool passes = score && score->kind == YAML_TEXT && strcmp(score->text, "pass-fail") == 0;

	folder->statics = (struct package_static){ .group = folder->name, .args = args };
	folder->has_static = passes || settings_number(settings, "static_validation_score", 0, 1e15,
						       &folder->statics.points);
	if (args && !folder->has_static)
		package_note(settings->notes, settings->path, 0,
			     "static_validator_args without static_validation_score: nobody is asked");
}

/* In `scoring` a draft had shorter names for the same. */
void grading_read_newer(struct settings *settings, struct data_folder *folder)
{
	struct group_settings *group = &folder->newer;
	struct settings draft;

	settings_within(settings, "scoring", &draft);
	read_max_score(&draft, "score", group);
	read_aggregation(&draft, "aggregation", group);
	group->needs = settings_list(&draft, "require_pass");
	settings_close(&draft);
	read_max_score(settings, "max_score", group);
	read_aggregation(settings, "score_aggregation", group);
	const char *const *needs = settings_list(settings, "require_pass");
	if (needs)
		group->needs = needs;
	read_static(settings, folder);
	folder->has_newer = group->has_max_score || group->is_unbounded ||
			    group->aggregation != AGGREGATION_USUAL || (group->needs && group->needs[0]);
}
