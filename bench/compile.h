/* compile.h - what a program costs before it runs. */
#pragma once

#include "bench/bench.h"

int bench_compile_cached(const struct bench_options *options, struct error *err);
