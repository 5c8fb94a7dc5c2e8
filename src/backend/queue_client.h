/* queue_client.h - runs by the queue service at EXECUTION_QUEUE_URL.
 *
 * A run is submitted, then asked for until it has ended: with ?wait= at a service that then really waits, otherwise
 * each EXECUTION_POLL_INTERVAL; within EXECUTION_MAX_POLL_TIME in all, each request within EXECUTION_TIMEOUT. One that
 * does not end well there has its job cancelled. Which of them should be tried at all, queue_breaker.h decides. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/pool.h"
#include "model/report.h"
#include "queue_message.h"

struct queue_client;

/* Begins to look at the service's health. */
int queue_client_start(const struct config *config, struct queue_client **client, struct error *err);
/* As direct_stop() and direct_free() (direct.h). Jobs that are under way there are cancelled, as far as the service hears of
 * it within a second. */
void queue_client_stop(struct queue_client *client);
void queue_client_free(struct queue_client *client);

struct queue_run;
struct queue_end {
	int code;              /* 0, -ECANCELED, or -EIO: it did not run there */
	struct pool **pool;    /* as in direct.h */
	struct report *report; /* for 0 */
	const char *why;       /* for the log and the status; "" for 0 */
};

/* The caller's memory until done(). */
struct queue_run {
	const char *body; /* of POST /api/execute */
	size_t body_size;
	struct queue_asked asked;
	bool needs_judge;
	bool has_data; /* it names test data that lies at the service */
	int64_t patience_ms; /* 0: EXECUTION_MAX_POLL_TIME; else that long, and being late is not the service's fault */
	const char *request_id; /* or NULL */
	/* Both in the client's thread: how its tests are, where the service says so (NULL: not asked for); and once, its end. */
	void (*progress)(struct queue_run *run, const struct progress *progress);
	void (*done)(struct queue_run *run, const struct queue_end *end);

	/* queue_client.c's own */
	struct queue_run *next;
	struct asking *asking;     /* the request under way, or NULL */
	char key[UUID_TEXT_BYTES]; /* of the request that submits */
	char id[QUEUE_JOB_ID_BYTES];
	size_t seen; /* tests */
	int64_t asked_us, next_us, until_us;
	bool cancelled;
};

/* Whether this run may go there now; true must be followed by queue_client_submit(). Else `why` says why not. */
enum { QUEUE_WHY_BYTES = 256 };
bool queue_client_admits(struct queue_client *client, bool needs_judge, char why[QUEUE_WHY_BYTES]);
void queue_client_submit(struct queue_client *client, struct queue_run *run);
/* As direct_cancel(). */
void queue_client_cancel(struct queue_client *client, struct queue_run *run);

struct queue_status {
	bool available; /* and what keeps it from being so is known: `breaker` */
	const char *breaker;
	int64_t running;
};
void queue_client_look(struct queue_client *client, struct queue_status *status);
