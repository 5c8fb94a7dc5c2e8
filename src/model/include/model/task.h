/* task.h - what a worker is asked to do, as a value, and its one JSON form (the worker protocol's).
 *
 * A task is decoded into a pool and lives as long as the pool. Encoding and decoding are each other's
 * inverse; decoding refuses what it does not know with the path of the field. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/pool.h"
#include "model/checker.h"
#include "model/scoring.h"
#include "model/validator.h"

enum {
	TASK_PASSES_MAX = 100,
	TASK_FILES_MAX = 1000,
	TASK_TESTS_MAX = 10000,
	TASK_ARGS_MAX = 1000,
	TASK_VALIDATOR_ARGS_MAX = 64
};

struct task_file {
	const char *name;
	const char *data; /* any bytes, NUL behind for convenience */
	size_t size;
	const char *blob; /* as below, or NULL */
};

/* Bytes that lie elsewhere are named by their SHA-256 (lower-case hex); whoever judges the task fetches them
 * first and puts them in the place of the empty ones here. */
struct task_test {
	const char *input, *answer;
	size_t input_size, answer_size;
	const char *input_blob, *answer_blob; /* or NULL */
	bool compare;                         /* false: a plain run, no answer to compare with */
	const char *group;                    /* the caller's own, or NULL */
	bool hidden;                          /* what is in it is not shown with the result */
	const char *const *validator_args; /* further ones, behind the task's; NULL-ended, or NULL for none */
	double points;                     /* where the groups' rules have them */
	const char *const *args; /* the program's further ones, behind the task's; NULL-ended, or NULL */
	struct task_file
		*files; /* that the program finds in its folder for this test alone, in place of its own */
	size_t file_count;
	/* Judged as if the program had written it, and nothing is run: an answer that was submitted, or an output that a
	 * validator is tried on. NULL: the program is run. */
	const char *output;
	size_t output_size;
	const char *output_blob; /* then `output` is "" */
	bool is_static; /* no run either: the static validator looks at the sources; its worth is `points` */
};

/* A program that judges: it is compiled and run like any other, in boxes and with limits of its own. */
struct task_program {
	const char *language;
	struct task_file *files; /* as the task's */
	size_t file_count;
	enum convention convention;
	struct limits limits, compile_limits;
};

/* Where every test has its output there is nothing to run: no file is needed, and the language is "text". */
struct task {
	const char *language;
	struct task_file *files; /* the first is the main one; name NULL: the language chooses */
	size_t file_count;
	const char *const *args; /* NULL-ended, never NULL */
	struct task_test *tests; /* at least one; a plain run is one test without compare */
	size_t test_count;
	bool judged;     /* tests are compared and reported one by one; else one plain run */
	bool early_stop; /* the first failing test ends the run */
	enum validator validator;
	const char *const *validator_args; /* NULL-ended, or NULL for none; checked, or the checker's own */
	struct task_program *checker;      /* judges outputs in the validator's place; or NULL */
	struct task_program
		*interactor; /* talks to the program, and judges it where there is no checker; or NULL */
	int passes;          /* at most so many runs a test; 0 and 1: one */
	/* Judges the sources, in the tests that ask for it; its arguments are theirs alone. NULL: there are none. */
	struct task_program *static_validator;
	const char *
		input_file; /* the program reads its input there, and nothing on its standard input; or NULL */
	const char
		*output_file; /* what it leaves there is its output, and not its standard output; or NULL */
	struct task_groups *groups; /* how tests make a score; or NULL: the first that fails decides */
	struct limits limits;
	struct limits compile_limits;
};

/* Bytes that lie elsewhere, and where they belong. */
struct task_blob {
	const char *sha256;
	const char **bytes;
	size_t *size;
};
/* Visits all that the task names; ends at the first visit that does not return 0, with what that returned. */
int task_visit_blobs(const struct task *task, int (*visit)(const struct task_blob *blob, void *context),
		     void *context);

/* Whether some test needs the sources: is run, or looks at them. */
bool task_needs_program(const struct task *task);

/* The validator's rules for this test; as compare_rules_parse(). */
int task_rules(const struct task *task, const struct task_test *test, struct compare_rules *rules,
	       struct error *err);

int task_encode(const struct task *task, json_t **json, struct error *err);
int task_decode(const json_t *json, struct pool *pool, struct task *task, struct error *err);
