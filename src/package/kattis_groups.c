#include "kattis_groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

static const char data[] = "data/";

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

static void read_legacy(struct settings *settings, const struct package *package, struct data_folder *folder)
{
	struct group_settings *group = &folder->settings;
	const char *grading = settings_text(settings, "grading");
	const char *flags = settings_text(settings, "grader_flags");
	bool custom = grading && strcmp(grading, "custom") == 0;

	read_scores(settings, group);
	if (custom)
		package_note(settings->notes, settings->path, 0,
			     "grading: a program that grades is not run: the default grader is");
	group->grader_flags = custom ? NULL : flags;
	if (!package->scoring &&
	    (group->has_accept_score || group->has_reject_score || group->has_least || group->has_most))
		package_note(settings->notes, settings->path, 0,
			     "scores are for scoring problems, and this one passes or fails");
	folder->grades = says_something(group);
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
static void read_problem_grading(struct settings *problem, struct data_folder *root)
{
	struct group_settings usual = { 0 };
	struct settings grading;

	settings_within(problem, "grading", &grading);
	read_scores(&grading, &usual);
	const char *objective = settings_text(&grading, "objective");
	(void)settings_get(&grading, "show_test_data_groups");
	settings_close(&grading);
	add_usual(&root->settings, &usual);
	/* The most is then the worst, and nobody who has less is `partial`. */
	if (objective && strcmp(objective, "min") == 0) {
		root->settings.has_most = false;
		package_note(
			problem->notes, problem->path, 0,
			"grading.objective: the least score is the best, and ranks are made by the most");
	}
	root->grades = says_something(&root->settings);
}

/* ---- 2025-09 ---- */

static void read_max_score(struct settings *settings, struct group_settings *group)
{
	const struct yaml_node *value = settings_get(settings, "max_score");

	if (!value)
		return;
	if (value->kind == YAML_TEXT && strcmp(value->text, "unbounded") == 0)
		group->is_unbounded = true;
	else
		group->has_max_score = settings_number(settings, "max_score", 0, 1e15, &group->max_score);
}

static void read_aggregation(struct settings *settings, struct group_settings *group)
{
	static const struct {
		const char *name;
		enum aggregation aggregation;
	} known[] = { { "pass-fail", AGGREGATION_PASS_FAIL },
		      { "sum", AGGREGATION_SUM },
		      { "min", AGGREGATION_MIN } };
	const struct yaml_node *value = settings_get(settings, "score_aggregation");

	for (size_t i = 0; value && value->kind == YAML_TEXT && i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].name, value->text) == 0)
			group->aggregation = known[i].aggregation;
	if (value && group->aggregation == AGGREGATION_USUAL)
		settings_note(settings, value, "must be pass-fail, sum or min; it is ignored");
}

static void read_static(struct settings *settings, struct package *package)
{
	const struct yaml_node *score = settings_get(settings, "static_validation_score");
	const char *const *args = settings_words(settings, "static_validator_args");

	if (args && !package->static_args)
		package->static_args = args;
	if (score && (score->kind != YAML_TEXT || strcmp(score->text, "pass-fail") != 0))
		settings_note(settings, score,
			      "is not added to the score: static validation passes or fails");
}

static bool is_group(const char *name)
{
	const char *below = strncmp(name, "secret/", 7) == 0 ? name + 7 : NULL;

	return strcmp(name, "secret") == 0 || (below && !strchr(below, '/'));
}

static void read_2025_09(struct settings *settings, struct package *package, struct data_folder *folder)
{
	struct group_settings *group = &folder->settings;

	read_max_score(settings, group);
	read_aggregation(settings, group);
	group->needs = settings_list(settings, "require_pass");
	read_static(settings, package);
	folder->grades = group->has_max_score || group->is_unbounded ||
			 group->aggregation != AGGREGATION_USUAL || (group->needs && group->needs[0]);
	if (!folder->grades || (package->scoring && is_group(folder->name)))
		return;
	package_note(settings->notes, settings->path, 0,
		     package->scoring
			     ? "scores are for secret and the groups right below it; they are ignored"
			     : "scores are for scoring problems; they are ignored");
	*group = (struct group_settings){ .name = folder->name };
	folder->grades = false;
}

/* ---- all folders ---- */

/* "secret/1" of "data/secret/1/testdata.yaml"; NULL: another file, or one that a test brings. */
static const char *folder_name(const char *path, const char *file_name, struct pool *pool)
{
	const char *rest = path + sizeof data - 1, *slash = strrchr(path, '/');

	if (strcmp(slash + 1, file_name) != 0 || strstr(path, ".files/"))
		return NULL;
	return slash < rest ? "" : pool_memdup(pool, rest, (size_t)(slash - rest));
}

static int compare_folders(const void *left, const void *right)
{
	const struct data_folder *l = left, *r = right;

	return strcmp(l->name, r->name);
}

static const struct data_folder *find(const struct data_folders *folders, const char *name)
{
	struct data_folder key = { .name = name };

	return folders->count == 0
		       ? NULL
		       : bsearch(&key, folders->items, folders->count, sizeof key, compare_folders);
}

static int read_folder(const struct package_file *file, struct pool *pool, struct package *package,
		       struct data_folder *folder, struct error *err)
{
	struct settings settings;
	int code = settings_open(file, pool, &package->notes, &settings, err);

	if (code < 0)
		return code;
	folder->settings.name = folder->name;
	test_settings_read(&settings, &folder->tests);
	if (package->format == PACKAGE_2025_09)
		read_2025_09(&settings, package, folder);
	else
		read_legacy(&settings, package, folder);
	settings_close(&settings);
	return 0;
}

/* Both names are read in every version; where a folder has both, its version's own. */
static const struct package_file *settings_file(const struct package_tree *tree, struct package *package,
						const struct package_file *file)
{
	static const char *const names[] = { "testdata.yaml", "test_group.yaml" };
	bool newer = package->format == PACKAGE_2025_09;
	const char *slash = strrchr(file->path, '/');
	char other[PACKAGE_PATH_BYTES_MAX + 32];

	if (strcmp(slash + 1, names[newer]) == 0)
		return file;
	snprintf(other, sizeof other, "%.*s/%s", (int)(slash - file->path), file->path, names[newer]);
	if (!package_tree_find(tree, other))
		return file;
	package_note(&package->notes, file->path, 0, "%s beside it counts", names[newer]);
	return NULL;
}

int data_folders_read(const struct package_tree *tree, struct pool *pool, struct package *package,
		      struct data_folders *ret_folders, struct error *err)
{
	size_t count, first = package_tree_below(tree, "data", &count);
	struct data_folders folders = { .items = pool_array(pool, SCORING_GROUPS_MAX + 1,
							    sizeof *folders.items) };
	int code = 0;

	if (!folders.items)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = first; i < first + count && code == 0; i++) {
		const struct package_file *file = &tree->files[i];
		const char *name = folder_name(file->path, "testdata.yaml", pool);

		if (!name)
			name = folder_name(file->path, "test_group.yaml", pool);
		if (!name || !settings_file(tree, package, file))
			continue;
		if (folders.count == SCORING_GROUPS_MAX)
			return error_set(err, -E2BIG, "there are more than %d groups of tests",
					 SCORING_GROUPS_MAX);
		struct data_folder *folder = &folders.items[folders.count++];
		folder->name = name;
		code = read_folder(file, pool, package, folder, err);
	}
	if (code < 0)
		return code;
	if (folders.count > 0)
		qsort(folders.items, folders.count, sizeof *folders.items, compare_folders);
	*ret_folders = folders;
	return 0;
}

struct test_settings data_folders_settings(const struct data_folders *folders, const char *name)
{
	struct test_settings settings = { 0 };
	char prefix[PACKAGE_PATH_BYTES_MAX + 1] = "";
	const struct data_folder *folder = find(folders, "");

	if (folder)
		settings = folder->tests;
	for (size_t at = 0; name[0]; at++) {
		size_t end = at + strcspn(name + at, "/");

		memcpy(prefix, name, end);
		prefix[end] = '\0';
		folder = find(folders, prefix);
		if (folder)
			settings = test_settings_over(&settings, &folder->tests);
		at = end;
		if (name[at] == '\0')
			break;
	}
	return settings;
}

/* ---- groups ---- */

/* Scoring itself knows what it can do with them. */
static int check(const struct task_groups *groups, struct pool *pool, const struct package *package,
		 struct error *err)
{
	struct task_test *tests = pool_array(pool, package->test_count + 1, sizeof *tests);
	struct task task = { .tests = tests,
			     .test_count = package->test_count,
			     .groups = (struct task_groups *)groups };
	struct scoring *scoring;

	if (!tests)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < package->test_count; i++)
		tests[i] = (struct task_test){ .group = package->tests[i].group,
					       .points = package->tests[i].points };
	return scoring_new(&task, pool, &scoring, err) < 0 ? error_wrap(err, "the groups of tests") : 0;
}

static size_t put_settings(const struct data_folders *folders, struct group_settings *settings, bool *grade)
{
	size_t count = 0;

	for (size_t i = 0; i < folders->count; i++) {
		*grade = *grade || folders->items[i].grades;
		if (folders->items[i].grades)
			settings[count++] = folders->items[i].settings;
	}
	return count;
}

/* The root's place is there even when it has no file. */
static int add_problem_grading(const struct package_tree *tree, struct data_folders *folders,
			       struct pool *pool, struct package *package, struct error *err)
{
	struct settings problem;
	int code =
		settings_open(package_tree_find(tree, "problem.yaml"), pool, &package->notes, &problem, err);

	if (code < 0 || !settings_get(&problem, "grading"))
		return code;
	if (!find(folders, "")) {
		memmove(folders->items + 1, folders->items, folders->count * sizeof *folders->items);
		folders->items[0] = (struct data_folder){ .name = "", .settings = { .name = "" } };
		folders->count++;
	}
	read_problem_grading(&problem, &folders->items[0]);
	return 0;
}

int data_folders_groups(const struct package_tree *tree, const struct data_folders *ret_folders,
			struct pool *pool, struct package *package, struct error *err)
{
	bool newer = package->format == PACKAGE_2025_09, grade = package->scoring;
	struct data_folders folders = *ret_folders;
	struct task_groups *groups = pool_alloc(pool, sizeof *groups);
	int code = 0;

	if (!groups)
		return error_set(err, -ENOMEM, "out of memory");
	if (!newer)
		code = add_problem_grading(tree, &folders, pool, package, err);
	groups->settings = pool_array(pool, folders.count + 1, sizeof *groups->settings);
	if (code < 0 || !groups->settings)
		return code < 0 ? code : error_set(err, -ENOMEM, "out of memory");
	groups->rules = newer ? SCORING_2025_09 : SCORING_LEGACY;
	groups->pass_fail = !package->scoring;
	groups->count = put_settings(&folders, groups->settings, &grade);
	if (!grade || package->test_count == 0)
		return 0; /* the first test that fails decides */
	code = check(groups, pool, package, err);
	if (code == 0)
		package->groups = groups;
	return code;
}
