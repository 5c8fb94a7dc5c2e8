/* Runs as handlers see them: parked until they are over.
 *
 * The exchange may end before its run does, and the other way round; what both know lives until the later end. */
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "reply.h"
#include "runner.h"

enum { PARK_MS = 3600000 };

struct shared {
	atomic_int holders; /* the exchange, the run */
	struct http_server *server;
	struct runner *runner;
	uint64_t run; /* the exchange's own */
	char key[KEY_BYTES];

	atomic_bool done; /* from then on nobody writes what follows */
	struct runner_result result;
	struct pool *pool; /* of the report */
	char why[256];
};

/* http_memory() */
struct parked {
	struct shared *shared; /* NULL: not started */
};

static void let_go(struct shared *shared)
{
	if (atomic_fetch_sub(&shared->holders, 1) > 1)
		return;
	pool_free(shared->pool);
	free(shared);
}

/* The exchange is over: nobody waits any more. */
static void leave(void *memory)
{
	struct parked *parked = memory;
	struct shared *shared = parked->shared;

	if (!shared)
		return;
	if (!atomic_load(&shared->done))
		runner_cancel(shared->runner, shared->run);
	let_go(shared);
}

static void note_done(void *context, const struct runner_result *result)
{
	struct shared *shared = context;

	shared->pool = take_pointer(result->pool);
	shared->result = *result;
	shared->result.pool = &shared->pool;
	snprintf(shared->why, sizeof shared->why, "%s", result->why);
	shared->result.why = shared->why;
	atomic_store(&shared->done, true);
	http_wake(shared->server, shared->key);
	let_go(shared);
}

const struct runner_result *run_result(struct http_exchange *x)
{
	static const struct runner_result gone = { .code = -EHOSTDOWN,
						   .retry_s = 5,
						   .why = "The program could not be run in time: try again" };
	struct parked *parked = http_memory(x, sizeof *parked, leave);

	if (!parked || !parked->shared)
		return NULL;
	return atomic_load(&parked->shared->done) ? &parked->shared->result : &gone;
}

static struct shared *share(struct http_exchange *x)
{
	static atomic_uint_fast64_t last;
	const struct backend *backend = http_context(x);
	struct shared *shared = calloc(1, sizeof *shared);

	if (!shared)
		return NULL;
	atomic_init(&shared->holders, 2);
	shared->server = http_server_of(x);
	shared->runner = backend->runner;
	snprintf(shared->key, sizeof shared->key, "run %" PRIu64, (uint64_t)atomic_fetch_add(&last, 1));
	return shared;
}

void run_start(struct http_exchange *x, const struct task *task)
{
	struct parked *parked = http_memory(x, sizeof *parked, leave);
	struct shared *shared = parked ? share(x) : NULL;
	struct error err = { .code = -ENOMEM, .text = "out of memory" };
	char user[32];

	if (!shared) {
		reply_failure(x, &err);
		return;
	}
	snprintf(user, sizeof user, "user %" PRId64, caller_of(x).user_id);
	const struct runner_events events = { .done = note_done, .context = shared };
	if (runner_run(shared->runner, task, http_request_id(x), user, &events, &shared->run, &err) < 0) {
		free(shared);
		reply_failure(x, &err);
		return;
	}
	parked->shared = shared;
	if (!http_park(x, shared->key, PARK_MS))
		run_failed(x, run_result(x));
}

bool run_failed(struct http_exchange *x, const struct runner_result *result)
{
	char seconds[16];

	if (result->code == 0)
		return false;
	if (result->code == -EMSGSIZE) {
		reply_error(x, 413, "%s", result->why);
		return true;
	}
	snprintf(seconds, sizeof seconds, "%d", result->retry_s > 0 ? result->retry_s : 1);
	http_set_header(x, "Retry-After", seconds);
	reply_error(x, 503, "%s", result->why);
	return true;
}
