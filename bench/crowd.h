/* crowd.h - thousands of clients that wait, in one thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum crowd_kind { CROWD_POLL, CROWD_EVENTS, CROWD_WEBSOCKET };

struct crowd {
	int epoll;
	struct waiter *waiters; /* owned */
	size_t count, answered;
	size_t dropped; /* ended without an answer */
	size_t refused; /* of those: with a status of 400 and more */
};

/* `count` clients, each waiting for one of the submissions in turn, connected at an even pace. */
int crowd_join(struct crowd *crowd, enum crowd_kind kind, int port, const int64_t *submissions,
	       size_t submission_count, size_t count, struct error *err);
/* Reads until each has its answer or has lost its connection, at most so long. */
void crowd_await(struct crowd *crowd, int64_t wait_ms);
void crowd_leave(struct crowd *crowd); /* accepts one that nobody joined */
