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
#include "model/validator.h"

enum { TASK_FILES_MAX = 1000, TASK_TESTS_MAX = 10000, TASK_ARGS_MAX = 1000, TASK_VALIDATOR_ARGS_MAX = 16 };

struct task_file {
	const char *name;
	const char *data; /* any bytes, NUL behind for convenience */
	size_t size;
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
};

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
	const char *const *validator_args; /* NULL-ended, or NULL for none; checked */
	struct limits limits;
	struct limits compile_limits;
};

int task_encode(const struct task *task, json_t **json, struct error *err);
int task_decode(const json_t *json, struct pool *pool, struct task *task, struct error *err);
