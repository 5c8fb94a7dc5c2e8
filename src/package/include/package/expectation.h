/* expectation.h - what the author of a problem expects of a submission, and whether it came. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "model/report.h"

/* A set of verdicts: bit `1 << verdict`. */
typedef uint32_t verdict_set;
#define VERDICT_BIT(verdict) ((verdict_set)1 << (verdict))

struct expectation {
	const char *groups;    /* NULL: of the whole; else a glob of test groups or tests ("secret/{1,2}*") */
	verdict_set whole;     /* the submission's own verdict is one of these; 0: any */
	verdict_set permitted; /* every test's verdict is one of these; 0: any */
	verdict_set required;  /* at least one test's is one of these; 0: nothing is required */
	bool has_score;        /* least <= score <= most */
	double least, most;
	const char *message; /* some test's judge message holds this; or NULL */
};

/* One line a person reads: "accepted", "wrong_answer or time_limit_exceeded", "any"; in the pool. */
const char *expectation_words(const struct expectation *expectation, struct pool *pool);

/* Whether a report is as expected; NULL, or why not as one sentence in the pool. `test_names` ("secret/1/a") belong to
 * the report's runs, in order. */
const char *expectation_fails(const struct expectation *expectation, const struct report *report,
			      const char *const *test_names, struct pool *pool);

/* Globs of the format: `*` and `?` do not cross a slash, `{a,b}`; a pattern of a folder holds all that is in it. */
bool package_glob_matches(const char *pattern, const char *path);
