#include "kattis_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

/* ---- whose rules ---- */

static bool is_group(const char *name)
{
	const char *below = strncmp(name, "secret/", 7) == 0 ? name + 7 : NULL;

	return strcmp(name, "secret") == 0 || (below && !strchr(below, '/'));
}

/* Why what it says of scores is ignored; NULL: it is not. */
static const char *why_not(const struct package *package, const struct data_folders *folders,
			   const struct data_folder *folder)
{
	const struct group_settings *legacy = &folder->legacy;
	bool scores = legacy->has_accept_score || legacy->has_reject_score || legacy->has_least ||
		      legacy->has_most || folder->has_newer;

	if (folders->newer && folder->has_legacy)
		return "verdicts and scores are by the rules of 2025-09: those of testdata.yaml are ignored";
	if (!folders->newer && folder->has_newer)
		return "scores are by the legacy format's rules: those of test_group.yaml are ignored";
	if (!package->scoring && scores)
		return "scores are for scoring problems; they are ignored";
	if (folder->has_newer && !is_group(folder->name))
		return "scores are for secret and the groups right below it; they are ignored";
	return NULL;
}

/* A draft's packages may have test_group.yaml's version and testdata.yaml's words: those count then. */
static void settle(struct package *package, struct data_folders *folders)
{
	bool legacy = false, newer = false;

	for (size_t i = 0; i < folders->count; i++) {
		legacy = legacy || folders->items[i].has_legacy;
		newer = newer || folders->items[i].has_newer;
	}
	folders->newer = package->format == PACKAGE_2025_09 && (newer || !legacy);
	for (size_t i = 0; i < folders->count; i++) {
		struct data_folder *folder = &folders->items[i];
		const char *why = why_not(package, folders, folder);

		if (why)
			package_note(&package->notes, folder->path, 0, "%s", why);
		folder->has_legacy = folder->has_legacy && !folders->newer;
		folder->has_newer =
			folder->has_newer && folders->newer && package->scoring && is_group(folder->name);
	}
}

/* Static validations are sample's, secret's and its groups'. */
static int put_statics(const struct data_folders *folders, struct pool *pool, struct package *package,
		       struct error *err)
{
	package->statics = pool_array(pool, folders->count + 1, sizeof *package->statics);
	if (!package->statics)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < folders->count; i++) {
		const struct data_folder *folder = &folders->items[i];
		const char *why = !package->static_validator ? "there is no static validator"
				  : strcmp(folder->name, "sample") != 0 && !is_group(folder->name)
					  ? "it is for sample, secret and the groups right below that"
					  : NULL;

		if (folder->has_static && why)
			package_note(&package->notes, folder->path, 0, "static_validation_score: %s", why);
		else if (folder->has_static)
			package->statics[package->static_count++] = folder->statics;
	}
	if (package->static_validator && package->static_count == 0)
		package_note(&package->notes, package->static_validator->path, 0,
			     "no group has a static_validation_score: it is never asked");
	return 0;
}

/* ---- all folders ---- */

/* "secret/1" of "data/secret/1/testdata.yaml"; NULL: another file, or one that a test brings. */
static const char *folder_name(const char *path, const char *file_name, struct pool *pool)
{
	const char *rest = path + strlen("data/"), *slash = strrchr(path, '/');

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
	folder->path = file->path;
	folder->legacy.name = folder->name;
	folder->newer.name = folder->name;
	test_settings_read(&settings, &folder->tests);
	grading_read_legacy(&settings, folder);
	grading_read_newer(&settings, folder);
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
	settle(package, &folders);
	*ret_folders = folders;
	return put_statics(&folders, pool, package, err);
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

static size_t put_settings(const struct data_folders *folders, struct group_settings *settings)
{
	size_t count = 0;

	for (size_t i = 0; i < folders->count; i++)
		if (folders->items[i].has_legacy || folders->items[i].has_newer)
			settings[count++] =
				folders->newer ? folders->items[i].newer : folders->items[i].legacy;
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
		folders->items[0] = (struct data_folder){ .name = "", .legacy = { .name = "" } };
		folders->count++;
	}
	grading_read_problem(&problem, &folders->items[0]);
	return 0;
}

int data_folders_groups(const struct package_tree *tree, const struct data_folders *ret_folders,
			struct pool *pool, struct package *package, struct error *err)
{
	struct data_folders folders = *ret_folders;
	struct task_groups *groups = pool_alloc(pool, sizeof *groups);
	int code = 0;

	if (!groups)
		return error_set(err, -ENOMEM, "out of memory");
	if (package->format != PACKAGE_2025_09)
		code = add_problem_grading(tree, &folders, pool, package, err);
	groups->settings = pool_array(pool, folders.count + 1, sizeof *groups->settings);
	if (code < 0 || !groups->settings)
		return code < 0 ? code : error_set(err, -ENOMEM, "out of memory");
	groups->rules = folders.newer ? SCORING_2025_09 : SCORING_LEGACY;
	groups->pass_fail = !package->scoring;
	groups->count = put_settings(&folders, groups->settings);
	if ((!package->scoring && groups->count == 0) || package->test_count == 0)
		return 0; /* the first test that fails decides */
	code = check(groups, pool, package, err);
	if (code == 0)
		package->groups = groups;
	return code;
}
