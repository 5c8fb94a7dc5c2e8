/* kattis.h - the parts of kattis_read(). */
#pragma once

#include "inside.h"
#include "settings.h"

/* A package that is being read. */
struct kattis {
	const struct package_tree *tree;
	const struct catalogue *catalogue;
	struct pool *pool;
	struct package *package;
	struct settings problem; /* problem.yaml; nothing is said when there is none */
	bool has_problem;
	enum { VALIDATION_UNSAID, VALIDATION_DEFAULT, VALIDATION_CUSTOM } validation;
	struct error *err;
};

/* kattis_problem.c: what problem.yaml says, but for the names; limits and time with the package's defaults. */
void kattis_problem_read(struct kattis *kattis);

/* kattis_words.c: who made it and what may be done with it; names. */
void kattis_credits_read(struct kattis *kattis);
void kattis_names_read(struct kattis *kattis);

/* kattis_statements.c: statements, and a name from one where problem.yaml has none. */
void kattis_statements_read(struct kattis *kattis);
const char *kattis_name_in_statement(const struct package_file *file, struct pool *pool);
