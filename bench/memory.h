/* memory.h - what a service takes that has nothing to do. */
#pragma once

#include "bench/bench.h"

int bench_memory_idle(const struct bench_options *options, struct error *err);
