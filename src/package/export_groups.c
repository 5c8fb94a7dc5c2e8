/* Names of tests, and groups of them, in another format's rules.
 *
 * Within one set of rules they stay as they are, and the legacy format's do in every version, for that is how they are read.
 * Otherwise polygon's become those of 2025-09, and those of 2025-09 the legacy format's, which gives the same scores but for
 * what is noted. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export.h"

/* ---- polygon: flat names become paths ---- */

static bool is_known(const struct export *export, const char *group)
{
	for (size_t i = 0; i < export->polygon_group_count; i++)
		if (strcmp(export->polygon_groups[i], group) == 0)
			return true;
	return false;
}

/* Those of secret tests, by their first ones: folders are judged by their names. Without any there is nothing. */
static void find_polygon_groups(struct export *export)
{
	const struct package *package = export->package;
	bool any = false;

	export->polygon_groups =
		pool_array(export->pool, package->test_count + 1, sizeof *export->polygon_groups);
	export->failed = export->failed || !export->polygon_groups;
	for (size_t i = 0; i < package->test_count && !export->failed; i++) {
		const struct package_test *test = &package->tests[i];

		if (test->sample || is_known(export, test->group))
			continue;
		export->polygon_groups[export->polygon_group_count++] = test->group;
		any = any || test->group[0];
	}
	if (!any)
		export->polygon_group_count = 0;
}

static const char *tidy(struct export *export, const char *name)
{
	char *text = pool_strdup(export->pool, name);

	export->failed = export->failed || !text;
	for (char *at = text; at && *at; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *at))
			*at = '_';
	return text ? text : "";
}

/* "secret/02-large"; NULL: no secret test's group is called so. */
static const char *group_folder(struct export *export, const char *group)
{
	for (size_t i = 0; i < export->polygon_group_count; i++)
		if (strcmp(export->polygon_groups[i], group) == 0)
			return group[0] ? export_text(export, "secret/%02zu-%s", i + 1, tidy(export, group))
					: export_text(export, "secret/%02zu", i + 1);
	return NULL;
}

static const char *polygon_name(struct export *export, size_t test)
{
	const struct package_test *it = &export->package->tests[test];
	const char *folder = it->sample ? "sample" : "secret";

	if (!it->sample && export->polygon_group_count > 0)
		folder = group_folder(export, it->group);
	return export_text(export, "%s/%05zu", folder ? folder : "secret", test + 1);
}

static void name_tests(struct export *export)
{
	const struct package *package = export->package;

	export->test_names = pool_array(export->pool, package->test_count + 1, sizeof *export->test_names);
	export->failed = export->failed || !export->test_names;
	if (package->format == PACKAGE_POLYGON)
		find_polygon_groups(export);
	for (size_t i = 0; i < package->test_count && !export->failed; i++)
		export->test_names[i] =
			package->format == PACKAGE_POLYGON ? polygon_name(export, i) : package->tests[i].name;
}

/* ---- groups that are being made ---- */

struct maker {
	struct export *export;
	struct task_groups *groups;
	size_t room;
};

static bool maker_open(struct maker *maker, struct export *export, enum scoring_rules rules, size_t room)
{
	*maker = (struct maker){ .export = export, .room = room };
	maker->groups = pool_alloc(export->pool, sizeof *maker->groups);
	if (maker->groups)
		maker->groups->settings = pool_array(export->pool, room, sizeof *maker->groups->settings);
	export->failed = export->failed || !maker->groups || !maker->groups->settings;
	if (export->failed)
		return false;
	maker->groups->rules = rules;
	return true;
}

static struct group_settings *make_group(struct maker *maker, const char *name)
{
	struct group_settings *group = &maker->groups->settings[maker->groups->count++];

	group->name = name;
	return group;
}

static const struct group_settings *find_group(const struct task_groups *groups, const char *name)
{
	for (size_t i = 0; i < groups->count; i++)
		if (strcmp(groups->settings[i].name, name) == 0)
			return &groups->settings[i];
	return NULL;
}

/* ---- polygon to 2025-09 ---- */

/* The points of a group's secret tests, and whether each has as many. */
static double points_of(const struct package *package, const char *group, bool *even)
{
	double sum = 0, first = NAN;

	*even = true;
	for (size_t i = 0; i < package->test_count; i++) {
		const struct package_test *test = &package->tests[i];

		if (test->sample || (group && strcmp(test->group, group) != 0))
			continue;
		if (isnan(first))
			first = test->points;
		*even = *even && test->points == first;
		sum += test->points;
	}
	return sum;
}

static void note_uneven(struct export *export, const char *folder)
{
	export_note(export, NULL, 0,
		    "the tests of %s have different points, which 2025-09 cannot say: they share them evenly",
		    folder);
}

/* Groups that are needed pass or fail there, and come before. */
static bool may_be_needed(const struct export *export, const char *needed, const char *by)
{
	const struct group_settings *said = find_group(export->package->groups, needed);

	for (size_t i = 0; i < export->polygon_group_count; i++) {
		if (strcmp(export->polygon_groups[i], by) == 0)
			return false;
		if (strcmp(export->polygon_groups[i], needed) == 0)
			return said && said->complete;
	}
	return false;
}

static const char *const *needs_of(struct export *export, const struct group_settings *group)
{
	size_t count = 0, kept = 0;

	while (group->needs && group->needs[count])
		count++;
	const char **needs = pool_array(export->pool, count + 1, sizeof *needs);
	export->failed = export->failed || !needs;
	for (size_t i = 0; needs && i < count; i++) {
		const char *folder = group_folder(export, group->needs[i]);

		if (!folder) /* its tests are all samples */
			needs[kept++] = "sample";
		else if (may_be_needed(export, group->needs[i], group->name))
			needs[kept++] = folder;
		else
			export_note(
				export, NULL, 0,
				"the group %s depends on %s, of which not all is needed, or which is behind "
				"it: that is left out",
				group->name, group->needs[i]);
	}
	return needs;
}

static double add_polygon_group(struct maker *maker, const char *name)
{
	const struct package *package = maker->export->package;
	const struct group_settings *said = find_group(package->groups, name);
	struct group_settings *group = make_group(maker, group_folder(maker->export, name));
	bool complete = said && said->complete, even;
	double points = points_of(package, name, &even);

	group->has_max_score = true;
	group->max_score = said && said->has_points ? said->points : points;
	group->aggregation = complete ? AGGREGATION_PASS_FAIL : AGGREGATION_SUM;
	if (said && said->needs && said->needs[0])
		group->needs = needs_of(maker->export, said);
	if (!complete && !even)
		note_uneven(maker->export, group->name ? group->name : name);
	return group->max_score;
}

static const struct task_groups *newer_of_polygon(struct export *export)
{
	const struct package *package = export->package;
	struct group_settings *secret;
	struct maker maker;
	bool even;

	if (!maker_open(&maker, export, SCORING_2025_09, package->test_count + 2))
		return NULL;
	secret = make_group(&maker, "secret");
	secret->has_max_score = true;
	secret->aggregation = AGGREGATION_SUM;
	if (export->polygon_group_count == 0) {
		secret->max_score = points_of(package, NULL, &even);
		if (!even)
			note_uneven(export, "secret");
	}
	for (size_t i = 0; i < export->polygon_group_count; i++)
		secret->max_score += add_polygon_group(&maker, export->polygon_groups[i]);
	return maker.groups;
}

/* ---- 2025-09 to legacy ---- */

/* What the rules make of silence. */
static struct group_settings settled(const struct task_groups *groups, const char *name)
{
	const struct group_settings *said = find_group(groups, name);
	struct group_settings group = { .name = name };
	bool secret = strcmp(name, "secret") == 0;

	if (said)
		group = *said;
	if (group.aggregation == AGGREGATION_USUAL)
		group.aggregation = secret ? AGGREGATION_SUM : AGGREGATION_PASS_FAIL;
	if (secret && !group.has_max_score && !group.is_unbounded) {
		group.has_max_score = true;
		group.max_score = 100;
	}
	return group;
}

static size_t tests_in(const struct export *export, const char *folder)
{
	size_t count = 0, size = strlen(folder);

	for (size_t i = 0; i < export->package->test_count; i++)
		count += strncmp(export->test_names[i], folder, size) == 0 &&
			 export->test_names[i][size] == '/';
	return count;
}

static void put_range(const struct group_settings *newer, struct group_settings *group)
{
	group->has_least = true;
	group->has_most = newer->has_max_score;
	group->most = newer->max_score;
}

/* One that adds up goes on behind a failure, and is accepted when something is; others end with it. */
static void put_rules(const struct group_settings *newer, struct group_settings *group)
{
	bool sum = newer->aggregation == AGGREGATION_SUM;

	group->on_reject = sum ? ON_REJECT_CONTINUE : ON_REJECT_BREAK;
	group->grader_flags = sum ? "first_error sum accept_if_any_accepted" : "first_error min";
	put_range(newer, group);
}

static void add_legacy_group(struct maker *maker, const struct group_settings *newer, size_t tests)
{
	struct group_settings *group = make_group(maker, newer->name);
	bool sum = newer->aggregation == AGGREGATION_SUM;

	put_rules(newer, group);
	group->has_accept_score = newer->has_max_score;
	group->accept_score = sum && tests > 0 ? newer->max_score / (double)tests : newer->max_score;
	if (newer->needs && newer->needs[0])
		export_note(maker->export, NULL, 0, "%s: the legacy format has no require_pass", newer->name);
}

/* The folder right below secret that a test is in; NULL: it is in secret itself. */
static const char *scored_folder(struct export *export, const char *test)
{
	const char *below = strncmp(test, "secret/", 7) == 0 ? test + 7 : "", *slash = strchr(below, '/');

	return slash ? export_text(export, "%.*s", (int)(slash - test), test) : NULL;
}

static const struct task_groups *legacy_of_newer(struct export *export, const struct task_groups *newer)
{
	const struct group_settings secret = settled(newer, "secret");
	struct maker maker;
	bool nested = false;

	if (!maker_open(&maker, export, SCORING_LEGACY, export->package->test_count + 3))
		return NULL;
	struct group_settings *root = make_group(&maker, "");
	put_rules(&secret, root);
	root->grader_flags = secret.aggregation == AGGREGATION_SUM
				     ? "ignore_sample first_error sum accept_if_any_accepted"
				     : "ignore_sample first_error min";
	struct group_settings *all = make_group(&maker, "secret");
	put_rules(&secret, all);
	for (size_t i = 0; i < export->package->test_count && !export->failed; i++) {
		const char *folder = scored_folder(export, export->test_names[i]);

		if (!folder || find_group(maker.groups, folder))
			continue;
		const struct group_settings group = settled(newer, folder);
		add_legacy_group(&maker, &group, tests_in(export, folder));
		nested = true;
	}
	if (!nested) {
		maker.groups->count--;
		*all = (struct group_settings){ 0 };
		add_legacy_group(&maker, &secret, tests_in(export, "secret"));
	}
	if (export->package->output_validator)
		export_note(export, NULL, 0,
			    "the legacy format has no score_multiplier.txt: a validator gives points there");
	return maker.groups;
}

/* ---- whichever ---- */

/* A word of its own says whose rules hold. */
static const struct task_groups *legacy_rules(struct export *export, const struct task_groups *groups)
{
	struct maker maker;

	export_note(export, NULL, 0,
		    "verdicts and scores are by the legacy format's rules, which other judges do not have in "
		    "2025-09");
	if (groups->count > 0)
		return groups;
	if (!maker_open(&maker, export, SCORING_LEGACY, 1))
		return NULL;
	make_group(&maker, "")->on_reject = ON_REJECT_BREAK;
	return maker.groups;
}

static const struct task_groups *groups_of(struct export *export)
{
	const struct task_groups *groups = export->package->groups;

	if (groups && groups->rules == SCORING_POLYGON && !export->failed)
		groups = export->package->scoring ? newer_of_polygon(export) : NULL;
	if (!groups || export->failed)
		return NULL;
	if (groups->rules == SCORING_LEGACY)
		return export->newer ? legacy_rules(export, groups) : groups;
	return export->newer ? groups : legacy_of_newer(export, groups);
}

void export_names(struct export *export)
{
	name_tests(export);
	if (!export->failed)
		export->groups = groups_of(export);
}

/* ---- written ---- */

static void put_number(struct buffer *out, const char *key, double number)
{
	buffer_printf(out, "%s: ", key);
	yaml_put_number(out, number);
	buffer_putc(out, '\n');
}

static void put_legacy(const struct group_settings *group, struct buffer *out)
{
	if (group->on_reject != ON_REJECT_INHERITED)
		buffer_printf(out, "on_reject: %s\n",
			      group->on_reject == ON_REJECT_BREAK ? "break" : "continue");
	if (group->grader_flags) {
		buffer_puts(out, "grader_flags: ");
		yaml_put_text(out, group->grader_flags);
		buffer_putc(out, '\n');
	}
	if (group->has_accept_score)
		put_number(out, "accept_score", group->accept_score);
	if (group->has_reject_score)
		put_number(out, "reject_score", group->reject_score);
	if (!group->has_least && !group->has_most)
		return;
	buffer_puts(out, "range: ");
	if (group->has_least)
		yaml_put_number(out, group->least);
	else
		buffer_puts(out, "-inf");
	buffer_putc(out, ' ');
	if (group->has_most)
		yaml_put_number(out, group->most);
	else
		buffer_puts(out, "inf");
	buffer_putc(out, '\n');
}

static void put_newer(const struct group_settings *group, struct buffer *out)
{
	static const char *const names[] = {
		[AGGREGATION_PASS_FAIL] = "pass-fail", [AGGREGATION_SUM] = "sum", [AGGREGATION_MIN] = "min"
	};

	if (group->is_unbounded)
		buffer_puts(out, "max_score: unbounded\n");
	else if (group->has_max_score)
		put_number(out, "max_score", group->max_score);
	if (group->aggregation != AGGREGATION_USUAL)
		buffer_printf(out, "score_aggregation: %s\n", names[group->aggregation]);
	if (group->needs && group->needs[0]) {
		buffer_puts(out, "require_pass: ");
		yaml_put_list(out, group->needs);
		buffer_putc(out, '\n');
	}
}

static void put_static(struct export *export, const struct package_static *statics)
{
	struct buffer *out = export_folder(export, statics->group);

	if (!out)
		return;
	if (statics->points > 0)
		put_number(out, "static_validation_score", statics->points);
	else
		buffer_puts(out, "static_validation_score: pass-fail\n");
	if (statics->args) {
		buffer_puts(out, "static_validator_args: ");
		yaml_put_list(out, statics->args);
		buffer_putc(out, '\n');
	}
}

void export_group_settings(struct export *export)
{
	const struct task_groups *groups = export->groups;

	for (size_t i = 0; groups && i < groups->count; i++) {
		struct buffer *out = export_folder(export, groups->settings[i].name);

		if (out && groups->rules == SCORING_LEGACY)
			put_legacy(&groups->settings[i], out);
		else if (out)
			put_newer(&groups->settings[i], out);
	}
	for (size_t i = 0; i < export->package->static_count; i++)
		put_static(export, &export->package->statics[i]);
}
