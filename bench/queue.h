/* queue.h - the queue's figures: jobs a second through a whole cycle, and what a long transaction does to claims. */
#pragma once

#include "bench/bench.h"

int bench_queue(const struct bench_options *options, struct error *err);
int bench_queue_held(const struct bench_options *options, struct error *err);
