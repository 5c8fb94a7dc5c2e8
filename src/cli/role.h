/* role.h - the lives of the backend, of the execution service and of the worker, from start to SIGTERM. Each is a
 * process; `arena serve` has all as children, `arena backend`, `arena execution` and `arena worker` are just one.
 *
 * SIGTERM and SIGINT must be blocked before. All return the exit status. */
#pragma once

#include <signal.h>
#include <stddef.h>

#include "base/config.h"
#include "lang/lang.h"
#include "sandbox/box.h"

/* Blocks what the roles wait for; before any thread is made. */
void role_block_signals(sigset_t *stop);

/* Called once when all is up, with the addresses that are listened on (NULL-ended). */
typedef void role_ready_fn(const char *const *addresses, void *context);

/* `backend_token` may be "": there is no backend on this machine. */
int role_execution(const struct config *config, const struct catalogue *catalogue, const char *worker_token,
		   const char *backend_token, role_ready_fn *ready, void *context);

/* `direct` is taken over: backend.h says what it is, and what `direct_missing` is for. */
int role_backend(const struct config *config, const struct catalogue *catalogue, int direct,
		 const char *direct_missing, role_ready_fn *ready, void *context);

struct worker_role {
	const struct config *config;
	const struct catalogue *catalogue;
	struct sandbox *sandbox;
	const char *const *services, *const *languages; /* as in worker/worker.h */
	const char *ca_file;
	const char *token;
	int direct; /* the same */
	size_t slots;
};
int role_worker(const struct worker_role *role, role_ready_fn *ready, void *context);
