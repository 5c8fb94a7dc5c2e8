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
	const char *path; /* of the file */
	struct test_settings tests;
	/* What it says of verdicts and scores in the words of testdata.yaml, and in those of test_group.yaml. */
	bool has_legacy, has_newer;
	struct group_settings legacy, newer;
	bool has_static; /* a static validation of the group */
	struct package_static statics;
};
struct data_folders {
	struct data_folder *items; /* by name */
	size_t count;
	bool newer; /* it is test_group.yaml's rules that hold */
};

/* All of them, and package->statics. */
int data_folders_read(const struct package_tree *tree, struct pool *pool, struct package *package,
		      struct data_folders *folders, struct error *err);
/* What holds for tests right in the folder `name`: the nearest that says something counts, setting by setting. */
struct test_settings data_folders_settings(const struct data_folders *folders, const char *name);
/* Keys of tests and of folders alike; `own` is what the file says itself. */
void test_settings_read(struct settings *settings, struct test_settings *own);
/* What `own` says, and else what `inherited` does. */
struct test_settings test_settings_over(const struct test_settings *inherited,
					const struct test_settings *own);

/* kattis_grading.c: the words of testdata.yaml, of problem.yaml's `grading` (from before there were groups; the root's where
 * that says nothing itself), and of test_group.yaml. */
void grading_read_legacy(struct settings *settings, struct data_folder *folder);
void grading_read_problem(struct settings *problem, struct data_folder *root);
void grading_read_newer(struct settings *settings, struct data_folder *folder);

/* package->groups, when they are needed; checked with the tests that there are. -EINVAL: nobody can score by that. */
int data_folders_groups(const struct package_tree *tree, const struct data_folders *folders,
			struct pool *pool, struct package *package, struct error *err);
