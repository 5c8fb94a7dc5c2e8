/* progress.h - what a worker tells of a task while it runs, as a value, and its one JSON form: which tests are done
 * and how, and the first bytes that the run under way has written. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/pool.h"
#include "model/verdict.h"

enum { PROGRESS_OUTPUT_BYTES = 64 << 10, PROGRESS_VERDICTS_MAX = 10000 };

struct progress {
	size_t done, total;           /* tests */
	const enum verdict *verdicts; /* of the first ones that are done, in order */
	size_t verdict_count;         /* at most `done`, and PROGRESS_VERDICTS_MAX */
	const char *output;           /* standard output so far, any bytes; NULL: not told */
	size_t output_size;           /* at most PROGRESS_OUTPUT_BYTES */
	bool output_cut;              /* there was more */
};

/* Adds the fields of its JSON form to `object`: false when memory is out. */
bool progress_put(json_t *object, const struct progress *progress);
/* Reads them from an open reader, which fails where they are at fault; into the pool. */
void progress_read(struct json_reader *reader, struct pool *pool, struct progress *progress);
