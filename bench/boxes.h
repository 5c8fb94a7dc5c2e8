/* boxes.h - the sandbox's figures: `/bin/true` in a box against the same bare. */
#pragma once

#include "bench/bench.h"

int bench_box_next(const struct bench_options *options, struct error *err);
int bench_box_idle(const struct bench_options *options, struct error *err);
int bench_box_fresh(const struct bench_options *options, struct error *err);
int bench_box_throughput(const struct bench_options *options, struct error *err);
