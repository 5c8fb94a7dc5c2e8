/* kattis_test.h - one .in file and what belongs to it. */
#pragma once

#include "inside.h"
#include "kattis_groups.h"

enum { DATA_JOINED_MAX = 4 << 20 };

/* data/, while it is read. */
struct data {
	const struct package_tree *tree;
	struct pool *pool;
	struct package *package;
	struct data_folders folders;
	const char *const *checked; /* the validator's arguments that were looked at last */
	size_t joined;              /* arguments of input validators, of all tests together */
	struct error *err;
};

/* What an .in file has beside it. */
struct test_base {
	const char *path;   /* "data/secret/1" */
	const char *name;   /* "secret/1" */
	const char *folder; /* "secret" */
	const struct package_file *input;
	struct test_settings settings; /* inherited ones are in it */
};

int data_out_of_memory(const struct data *data);

bool path_ends_with(const char *path, const char *ending); /* and something is before it */
/* The format's rule for names, and `+`: whoever has another name has the file ignored. */
bool path_is_odd(const char *path);
/* An .in file that makes a test, or a claim. */
bool path_is_input(const char *path);

/* The file of that ending; NULL: there is none. Needs base->path alone. */
const struct package_file *test_beside(const struct data *data, const struct test_base *base,
				       const char *ending);

/* With the program's own arguments where an input validator hears of them. */
int test_base_open(struct data *data, const struct package_file *input, struct test_base *base);
/* A test, made of it all; bounded as a judge will have it. */
int test_read(struct data *data, const struct package_file *input, bool sample, struct package_test *test);
