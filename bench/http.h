/* http.h - from a client's request to its result: HTTP, queue, database, worker and box together. */
#pragma once

#include "bench/bench.h"

int bench_http_run(const struct bench_options *options, struct error *err);
int bench_http_throughput(const struct bench_options *options, struct error *err);
