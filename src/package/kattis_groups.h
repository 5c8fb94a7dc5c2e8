/* kattis_groups.h - test_group.yaml and testdata.yaml: what folders of tests say of the tests in them. */
#pragma once

#include "settings.h"

/* What a test inherits, or says itself; NULL: nothing is said. */
struct test_settings {
	const char *const *args, *const *validator_args, *const *input_args;
	const struct package_named_args *named_input_args; /* stands in for input_args where it is not NULL */
	bool has_feedback, full_feedback;
	const char *hint, *description;
};

/* A folder with a file of settings. */
struct data_folder {
	const char *name; /* below data/: "secret/1", or "" */
	struct test_settings tests;
	bool grades; /* its settings say something of verdicts or scores */
	struct group_settings settings;
};
struct data_folders {
	struct data_folder *items; /* by name */
	size_t count;
};

/* All of them. package->static_args, too. */
int data_folders_read(const struct package_tree *tree, struct pool *pool, struct package *package,
		      struct data_folders *folders, struct error *err);
/* What holds for tests right in the folder `name`: the nearest that says something counts, setting by setting. */
struct test_settings data_folders_settings(const struct data_folders *folders, const char *name);
/* Keys of tests and of folders alike; `own` is what the file says itself. */
void test_settings_read(struct settings *settings, struct test_settings *own);
/* What `own` says, and else what `inherited` does. */
struct test_settings test_settings_over(const struct test_settings *inherited,
					const struct test_settings *own);

/* package->groups, when they are needed; checked with the tests that there are. -EINVAL: nobody can score by that. */
int data_folders_groups(const struct package_tree *tree, const struct data_folders *folders,
			struct pool *pool, struct package *package, struct error *err);
