/* outcome.h - a report seen as the one result that a client shows. Pure functions. */
#pragma once

#include "base/pool.h"
#include "model/report.h"
#include "model/state.h"

/* What the report makes of its submission: completed is "run to its end". */
enum submission_state outcome_state(const struct report *report, bool judged);

/* Why the report cannot be an answer to a task with so many tests (0: a plain run), or NULL when it can. */
const char *outcome_misfit(const struct report *report, int64_t tests);

struct outcome {
	const struct run_report
		*shown; /* the run whose output stands for all: the first that failed, else the */
			/* first; NULL when nothing ran */
	const struct run_report *slowest;
	int64_t cpu_us, memory_bytes; /* the most that any run took; -1: unknown */
	const char *error;            /* NULL when there is nothing wrong */
	size_t error_size;
};
/* NULL memory aside, always complete; `error` may live in the pool. */
void outcome_of(const struct report *report, struct pool *pool, struct outcome *outcome);

/* What went wrong in one run, in the author's eyes: NULL for one that passed or merely answered wrong. */
const char *outcome_run_error(const struct run_report *run, struct pool *pool, size_t *size);
