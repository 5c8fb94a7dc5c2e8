/* pump.h - some connections that ask the same again and again, each as soon as it was answered, in one thread: a load
 * that takes as little as can be from the machine that is measured. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "samples.h"

struct pump {
	int epoll, port;
	const char *request, *expected;
	size_t size;
	struct pump_client *clients; /* owned */
	size_t count;
};

/* To 127.0.0.1:`port`. `request` is sent as it is; an answer is right when its status is 200 and `expected` is in its
 * body. Both are borrowed. */
int pump_open(struct pump *pump, int port, const char *request, const char *expected, size_t connections,
	      struct error *err);
/* Asks until `answers` have come, right ones all; how long each took, in us, goes to `latencies` unless that is
 * NULL. */
int pump_run(struct pump *pump, size_t answers, struct samples *latencies, struct error *err);
void pump_close(struct pump *pump); /* accepts one that was not opened */
