/* kattis_submissions.h - what is said of a submission, and where: its folder, its own tags, submissions.yaml and
 * submissions.json. */
#pragma once

#include "inside.h"
#include "settings.h"

/* ---- kattis_classes.c: names of verdicts ---- */

/* What a folder says of what is in it. */
struct submission_class {
	const char *name;
	verdict_set whole;               /* 0: anything may come of it */
	verdict_set permitted, required; /* in their place from 2023-07 on, where there is one of the two */
};

/* Whatever the case, `-` or `_`; NULL: not known. */
const struct submission_class *submission_class(const char *name, size_t size);
/* The name of one whose whole is just that; NULL: there is none. */
const char *class_of(verdict_set whole);
/* As the class is read in that version. */
struct expectation class_expectation(const struct submission_class *class, enum package_format format);

/* ---- kattis_tags.c: @EXPECTED_RESULTS@ and @EXPECTED_SCORE@ in a submission's files ---- */

struct submission_tags {
	bool unclear;               /* there are some, and the folder decides: why is noted */
	bool has_results, anything; /* anything: somebody is to look at it */
	verdict_set results;
	bool has_score;
	double score;
};

/* The first file that has some decides. */
void submission_tags_read(const struct package_program *program, struct package_notes *notes,
			  struct submission_tags *tags);

/* ---- kattis_submission_files.c: submissions.yaml and submissions.json ---- */

enum { SUBMISSION_PATTERNS_MAX = 200, SUBMISSION_PATTERN_GROUPS_MAX = 24 };

/* What one place says; what it does not say is zero. */
struct said_expectation {
	struct expectation expectation;
	enum { USE_UNSAID, USE_NOT, USE_LOWER, USE_UPPER } use; /* use_for_time_limit */
};

struct submission_pattern {
	const char *pattern; /* below submissions/ */
	int line;
	const char *language, *entry; /* or NULL */
	struct said_expectation whole;
	struct said_expectation *groups; /* of some of the tests */
	size_t group_count;
	bool is_used; /* it is about some submission */
};

struct submission_files {
	struct submission_pattern *patterns;
	size_t pattern_count;
	json_t *json; /* submissions.json, or NULL; freed with the pool */
};

/* What cannot be read is noted, and as if it were not there. -ENOMEM. */
int submission_files_read(const struct package_tree *tree, struct pool *pool, struct package_notes *notes,
			  struct submission_files *files, struct error *err);
/* Of submissions.json; `path` is the submission's. Either may stay as it is. */
void submission_json_find(const struct submission_files *files, const char *path, const char **language,
			  const char **entry);
