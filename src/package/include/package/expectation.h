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

/* What the format calls AC, WA, TLE and RTE, of a test: memory is the program's own fault as a crash is, and who writes too
 * much has not written what was asked for. */
#define VERDICTS_ACCEPTED  (VERDICT_BIT(VERDICT_ACCEPTED) | VERDICT_BIT(VERDICT_OK))
#define VERDICTS_WRONG     (VERDICT_BIT(VERDICT_WRONG_ANSWER) | VERDICT_BIT(VERDICT_OUTPUT_LIMIT_EXCEEDED))
#define VERDICTS_TOO_SLOW  VERDICT_BIT(VERDICT_TIME_LIMIT_EXCEEDED)
#define VERDICTS_RUN_ERROR (VERDICT_BIT(VERDICT_RUNTIME_ERROR) | VERDICT_BIT(VERDICT_MEMORY_LIMIT_EXCEEDED))

/* Zero expects nothing but that the judge did not fail, and that it compiles. */
struct expectation {
	const char *groups; /* NULL: of the whole; else a glob of test groups or tests ("secret/{1,2}*") */
	verdict_set
		whole; /* the submission's own verdict is one of these; 0: any. Alone allows compile_error */
	verdict_set permitted; /* every test's verdict is one of these; 0: any */
	verdict_set required;  /* at least one test's is one of these; 0: nothing is required */
	bool has_score;        /* least <= score <= most; with `groups` of the groups that are called so */
	double least, most;
	const char *message; /* some test's judge message holds this; or NULL */
	/* The time limit is to be above that of the tests that this is about, or below. */
	bool sets_time_limit, exceeds_time;
};

/* One line a person reads: "accepted", "wrong_answer or time_limit_exceeded", "any"; in the pool. NULL: out of memory. */
const char *expectation_words(const struct expectation *expectation, struct pool *pool);

/* Whether a report is as expected; NULL, or why not as one sentence in the pool, without its full stop. `test_names`
 * ("secret/1/a") belong to the report's runs, in order; tests that were skipped, and those behind the last run, are not
 * looked at. A judge_error is never expected. */
const char *expectation_fails(const struct expectation *expectation, const struct report *report,
			      const char *const *test_names, struct pool *pool);

/* Whether it is about that test. */
bool expectation_is_about(const struct expectation *expectation, const char *test_name);

/* Globs of the format: `*` and `?` do not cross a slash, `{a,b}`; a pattern of a folder holds all that is in it. One that is
 * longer holds nothing. */
enum { PACKAGE_GLOB_BYTES_MAX = 255 };
bool package_glob_matches(const char *pattern, const char *path);
/* The same without what is in a folder. */
bool package_glob_is(const char *pattern, const char *path);
