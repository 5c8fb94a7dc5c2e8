/* waiters.h - ten thousand clients that wait for a result, of each kind. */
#pragma once

#include "bench/bench.h"

int bench_waiters(const struct bench_options *options, struct error *err);
