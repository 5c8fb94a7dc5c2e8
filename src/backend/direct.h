/* direct.h - runs by the backend's own worker (`arena worker --direct`), which is a process of its own and may die.
 *
 * One thread speaks to it, hands out no more runs than it has slots, and tells how each ended; the others wait here,
 * up to a bound. A worker that dies, says what makes no sense, or holds a run for longer than its limits allow is
 * replaced; what it had is run once more by the next. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "model/progress.h"
#include "model/report.h"

struct direct;
struct test_data;

struct direct_options {
	int control; /* taken over: the socket by which a worker is asked for (cli/nursery.h) */
	size_t queue_max;
	size_t message_max;     /* bytes, either way */
	struct test_data *data; /* what tasks name by hash; or NULL */
};
int direct_start(const struct direct_options *options, struct direct **direct, struct error *err);
/* Waits until the first worker is there (true), or is known not to come. */
bool direct_await(struct direct *direct, int64_t timeout_ms);
/* Ends all runs with -ECANCELED; every callback has returned when this does. Runs that come later end at once. */
void direct_stop(struct direct *direct);
void direct_free(struct direct *direct); /* after direct_stop(); accepts NULL */

struct direct_run;
struct direct_end {
	int code;           /* 0, -EAGAIN, -EHOSTDOWN, -ECANCELED, -EMSGSIZE */
	struct pool **pool; /* where the report lives: whoever wants to keep it takes it (take_pointer()) */
	struct report *report; /* for 0 */
	const char *why;       /* a sentence; "" for 0 */
	int retry_s;
};

/* The caller's memory until done(). */
struct direct_run {
	const char *job; /* the JSON form of the task */
	size_t job_size;
	const char *request_id; /* or NULL */
	int64_t tests;          /* 0: a plain run */
	bool is_late;           /* whatever else waits comes first */
	int64_t most_ms;        /* it cannot take longer in a slot, unless the worker is stuck */
	/* Both in the direct's thread, which they must not keep; done() once, whatever happens. */
	void (*progress)(struct direct_run *run, const struct progress *progress); /* or NULL */
	void (*done)(struct direct_run *run, const struct direct_end *end);

	/* direct.c's own */
	struct direct_run *next;
	int tries;
	bool cancelled;
};

void direct_submit(struct direct *direct, struct direct_run *run);
/* It ends soon, with -ECANCELED or with what came first. Also before direct_submit(), which then ends it at once. */
void direct_cancel(struct direct *direct, struct direct_run *run);

struct direct_status {
	bool available;
	int64_t slots, running, waiting;
	char why[160]; /* it is not available; "" */
};
void direct_look(struct direct *direct, struct direct_status *status);
