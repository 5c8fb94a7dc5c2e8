/* runner.h - runs programs for the backend, in the way that EXECUTION_MODE says: by its own worker (direct), or by the
 * queue service with the former to fall back on.
 *
 * Nobody waits in a thread: a run is handed in, and its end is told. Every run that was accepted is told of exactly
 * once, whatever happens to worker and service. */
#pragma once

#include "base/fields.h"
#include "inside.h"
#include "model/progress.h"
#include "model/report.h"
#include "model/task.h"

struct runner;
struct test_data;

struct runner_options {
	const struct config *config;
	struct metrics *metrics; /* or NULL */
	struct test_data *data;  /* what tasks name by hash; or NULL */
	int direct; /* taken over: the socket by which a worker is asked for (cli/nursery.h); -1: none */
	const char *direct_missing; /* why there is none; or NULL */
};
/* Waits until the first worker is there, or is known not to come. -ENODEV when it does not and the mode is direct. */
int runner_start(const struct runner_options *options, struct runner **runner, struct error *err);
/* Those under way are told -ECANCELED, as are those that come later; every other callback has returned when this
 * does. Accepts NULL. Between http_server_stop() and http_server_free(). */
void runner_stop(struct runner *runner);
void runner_free(struct runner *runner); /* after http_server_free(); accepts NULL */

enum runner_way { RUNNER_DIRECT, RUNNER_QUEUE };
struct runner_result {
	/* 0: *report tells. -EAGAIN: too much to do, come again in retry_s. -EHOSTDOWN: nobody could run it (retry_s).
	 * -EMSGSIZE: it is too large. -ECANCELED. */
	int code;
	enum runner_way way; /* that it ended in */
	const struct report
		*report; /* as long as the callback lasts; longer for who takes *pool (take_pointer()) */
	struct pool **pool;
	int retry_s;
	const char *why; /* a sentence that a user may read; "" for 0 */
};

struct runner_events {
	/* From a thread of the runner's, which they must not keep for long. Progress may be NULL, and may never come. */
	void (*progress)(void *context, const struct progress *progress);
	void (*done)(void *context, const struct runner_result *result);
	void *context;
	bool is_late;
};

/* Copies the task. *id is for runner_cancel(). Negative: nothing will be told (-ENOMEM; everything else is told).
 * `events->is_late`: nobody waits for it, so whatever else there is comes first, and it may take its time. */
int runner_run(struct runner *runner, const struct task *task, const char *request_id, const char *user,
	       const struct runner_events *events, uint64_t *id, struct error *err);
/* It then ends soon, with -ECANCELED or with what came first. An id that is over does nothing. */
void runner_cancel(struct runner *runner, uint64_t id);

/* What GET /api/execution/status and /api/health tell. */
struct runner_status {
	bool queue_mode, queue_available, direct_available;
	const char *breaker; /* of the queue service: "closed", "open", "half-open" */
	int64_t queue_running;
	int64_t fallbacks;
	char last_reason[256];    /* "" for none */
	char direct_missing[256]; /* the same, of what keeps direct execution from working */
	int64_t direct_running, direct_waiting, direct_slots;
};
void runner_look(struct runner *runner, struct runner_status *status);

/* The same, after having asked the queue service for its health where nobody does so all the time (EXECUTION_MODE=direct)
 * and the last answer is some seconds old. Blocks as long as that takes. */
void runner_look_again(struct runner *runner, struct runner_status *status);

/* What /api/health tells of it: {"mode", "queueServiceAvailable", "directAvailable"}. */
json_t *execution_health(const struct backend *backend);

/* ---- for handlers ----
 *
 *     const struct runner_result *result = run_result(x);
 *     if (!result) {
 *             ...decode the request into a task...
 *             run_start(x, &task);
 *             return;
 *     }
 *     if (run_failed(x, result))
 *             return;
 *     ...reply with result->report...
 *
 * run_start() parks the exchange; its handler runs again when the run is over, and the result lives until it replies.
 * A client that goes away cancels its run. Uses http_memory(). */
const struct runner_result *run_result(struct http_exchange *x); /* NULL: not started */
void run_start(struct http_exchange *x, const struct task *task);
/* True after having replied: 503 with Retry-After and a clear sentence. */
bool run_failed(struct http_exchange *x, const struct runner_result *result);

/* ---- tasks ----
 * Texts are borrowed, all the way into the task: what they stand in must live until run_start() or runner_run().
 *
 * By id or alias, whatever the case; NULL when there is none. */
const struct offered_language *language_find(const struct backend *backend, const char *name);

/* Decodes "code" and "language" of a body, checked against LIMIT_CODE and the languages; notes what is wrong. */
struct program {
	struct text code;
	const struct offered_language *language;
};
void field_program(struct fields *fields, const struct backend *backend, struct program *program);

/* One plain run of it with this input, under the default limits of the queue API. False: memory is out. */
bool task_of_run(const struct backend *backend, struct pool *pool, const struct program *program,
		 struct text input, struct task *task);
/* It judged on tests (comparison by tokens), with the limits of a problem. */
struct program_test {
	const char *input, *expected_output;
	bool hidden;
};
bool task_of_tests(const struct backend *backend, struct pool *pool, const struct program *program,
		   const struct program_test *tests, size_t count, int64_t time_limit_ms,
		   int64_t memory_limit_mb, struct task *task);

/* {"output", "error", "runtime", "memory", "exitCode", "verdict", "outputTruncated"} of a plain run, `error` absent when
 * there is none. NULL: memory is out. */
json_t *run_json(const struct report *report);
