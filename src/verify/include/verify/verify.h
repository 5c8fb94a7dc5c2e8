/* verify.h - whether a problem package is what its author says of it.
 *
 * Validators are compiled; each input is shown to the input validators, each output that the package claims to be right or
 * wrong to the output validator; a time limit that is not given is made of the submissions that are to be in time, each
 * alone; then all submissions are judged, several at a time, and what came is compared with what their author expects. One
 * that was too slow has to be so alone, too.
 *
 * A verifier belongs to one thread; verify_cancel() may come from any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "lang/lang.h"
#include "package/package.h"
#include "sandbox/box.h"

struct verifier;

struct verify_options {
	struct sandbox *sandbox;
	const struct catalogue *catalogue; /* probed */
	size_t jobs;                       /* judged at once, as far as memory allows */
	double time_limit_s;               /* stands in for the package's; 0: none does */
	/* How much is done of what; from any thread, one at a time. May be NULL. */
	void (*progress)(void *context, size_t done, size_t total);
	void *context;
};
int verify_open(const struct verify_options *options, struct verifier **verifier, struct error *err);
void verify_close(struct verifier *verifier); /* accepts NULL */
/* verify_package() then ends soon, with -ECANCELED. One that comes between two runs is lost: say it again. */
void verify_cancel(struct verifier *verifier);

struct verify_validator {
	const struct package_program *program;
	const char *role;    /* "output validator", "interactor", "static validator", "input validator" */
	bool ok;             /* it compiles; or it is an input validator that is left out */
	const char *message; /* why not, or why it is left out; or NULL */
};

/* An input, or a claim of the package's. */
struct verify_check {
	const char *path; /* "secret/1", "invalid_output/wrong" */
	bool ok;
	const char *message; /* why not, or NULL */
};

struct verify_submission {
	const struct package_submission *submission;
	bool judged; /* else there is no verdict: it is not to be run, or its language is not here */
	enum verdict verdict;
	bool ok;
	int64_t time_us, memory_bytes; /* the most of any test; -1: nothing was run */
	bool has_score;
	double score;
	const char *deciding_test; /* or NULL */
	const char *message;       /* why it is not as expected, or why there is no verdict; or NULL */
};

struct verification {
	bool ok;
	double time_limit_s;
	bool inferred; /* the limit was made of the submissions */
	struct verify_validator *validators;
	size_t validator_count;
	struct verify_check *checks;
	size_t check_count;
	struct verify_submission *submissions; /* in the package's order */
	size_t submission_count;
	struct package_notes notes; /* beside the package's */
};

/* All in the pool. Negative: it could not be verified (no box, out of memory, cancelled). */
int verify_package(struct verifier *verifier, const struct package *package, struct pool *pool,
		   struct verification *verification, struct error *err);
