/* nursery.h - the backend's own worker, which runs programs without a queue (EXECUTION_MODE=direct).
 *
 *     backend ══ control ══ arena worker --direct ── forks ── the worker that works
 *        ╚══════════════════ tasks and reports ═════════════════════╝
 *
 * A worker of the backend may die any time, and then another is wanted, as a user whom the backend cannot become
 * and with rights that it does not have. So one process stands aside which does nothing but that: for each socket
 * that comes down the control socket it forks a worker with it, after ending the one before. It reads nothing
 * else, and ends with the backend, by the end of the control socket, however that came. */
#pragma once

#include "base/config.h"
#include "base/error.h"
#include "child.h"
#include "user.h"

struct nursery_options {
	const struct config *config;
	const char *lanes;  /* socket of the lane maker; NULL: as the configuration says */
	const char *folder; /* data of the worker's own */
	/* Whom the process becomes; NULL: it stays who we are, and, if that is root, becomes the workers' user once it
	 * has started a lane maker. */
	const struct user *user;
};

/* Starts that process; *control is the backend's end (backend/runner.h). Signals and the rest as child_fork(). */
int nursery_start(const struct nursery_options *options, struct child *child, int *control,
		  struct error *err);

/* Is that process: returns in each worker, with its socket; ends itself with the control socket. Its signals must be
 * blocked. */
int nursery_await(int control);
