/* bench.h - the figures that count, as programs that anyone can run: `arena bench NAME...`.
 *
 * A figure is measured against a baseline, interleaved with it in the same run, because machines are noisy
 * and absolutes mean little. How to add one: a function in a file here, a row in bench.c's table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "lang/lang.h"
#include "sandbox/box.h"

/* NULL-ended. */
extern const char *const bench_names[];

struct bench_options {
	const char *const *names; /* NULL-ended; empty: all */
	bool json;                /* one object a line; else a table */
	int64_t runs;             /* of accuracy: so many each; 0: as many as the figures are known for */
	struct sandbox *sandbox;
	const struct config *config; /* what a submission may use when it does not say */
	struct catalogue *catalogue; /* not yet probed */
};

/* Prints each figure on standard output as it is had. */
int bench_run(const struct bench_options *options, struct error *err);
