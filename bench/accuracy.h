/* accuracy.h - whether limits and figures are right on a busy machine. */
#pragma once

#include "bench/bench.h"

int bench_accuracy(const struct bench_options *options, struct error *err);
