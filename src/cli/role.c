#include "role.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/backend.h"
#include "base/log.h"
#include "command.h"
#include "execution/execution.h"
#include "seed.h"
#include "startup.h"
#include "worker/worker.h"

/* For what runs, and for what is being answered. After its grace a worker still takes up to a second, to hand
 * back what it has and to say goodbye to a service that may not answer; see serve.c for the 10 s in all. */
enum { WORKER_GRACE_MS = 3500, EXECUTION_GRACE_MS = 2000, BACKEND_GRACE_MS = 1500 };

void role_block_signals(sigset_t *stop)
{
	sigemptyset(stop);
	sigaddset(stop, SIGTERM);
	sigaddset(stop, SIGINT);
	sigprocmask(SIG_BLOCK, stop, NULL);
}

/* SIGINT only where it is not ignored: a supervisor's children leave the terminal's to him. (Blocked, it would
 * reach sigwait(3) all the same.) */
static void wait_for_stop(void)
{
	struct sigaction interrupt;
	sigset_t stop;
	int number;
	role_block_signals(&stop);
	if (sigaction(SIGINT, NULL, &interrupt) == 0 && interrupt.sa_handler == SIG_IGN)
		sigdelset(&stop, SIGINT);
	sigwait(&stop, &number);
	log_info("stopping", LOG_INT("signal", number));
}

/* ---- the services ---- */

static struct offered_language *describe_languages(const struct catalogue *catalogue, struct pool *pool)
{
	size_t count = catalogue_count(catalogue);
	struct offered_language *languages = pool_array(pool, count, sizeof *languages);
	for (size_t i = 0; languages && i < count; i++) {
		const struct language *language = catalogue_at(catalogue, i);
		languages[i] = (struct offered_language){
			.id = language->id,
			.name = language->name,
			.version = language->available ? language->version : NULL,
			.aliases = language->aliases,
			.extensions = language->extensions,
			.unavailable_reason = language->available ? NULL : language->unavailable_reason,
			.unlisted = language->unlisted,
		};
	}
	return languages;
}

int role_execution(const struct config *config, const struct catalogue *catalogue, const char *worker_token,
		   const char *backend_token, role_ready_fn *ready, void *context)
{
	struct error err = { 0 };
	struct execution *execution;
	cleanup_pool struct pool *pool = pool_new();
	struct execution_options options = {
		.config = config,
		.languages = pool ? describe_languages(catalogue, pool) : NULL,
		.language_count = catalogue_count(catalogue),
		.worker_token = worker_token,
		.backend_token = backend_token,
	};
	if (!options.languages)
		error_set(&err, -ENOMEM, "out of memory");
	if (!options.languages || execution_start(&options, &execution, &err) < 0)
		return startup_failed(&err);
	ready(execution_addresses(execution), context);
	wait_for_stop();
	execution_stop(execution, EXECUTION_GRACE_MS);
	log_info("stopped", LOG_TEXT("role", "execution"));
	return STATUS_OK;
}

int role_backend(const struct config *config, const struct catalogue *catalogue, int direct,
		 const char *direct_missing, role_ready_fn *ready, void *context)
{
	struct error err = { 0 };
	struct backend *backend;
	cleanup_pool struct pool *pool = pool_new();
	struct backend_options options = {
		.config = config,
		.languages = pool ? describe_languages(catalogue, pool) : NULL,
		.language_count = catalogue_count(catalogue),
		.direct = direct,
		.direct_missing = direct_missing,
	};
	if (!options.languages)
		error_set(&err, -ENOMEM, "out of memory");
	if (!options.languages || backend_start(&options, &backend, &err) < 0)
		return startup_failed(&err);
	ready(backend_addresses(backend), context);
	struct seed *seed = seed_start(backend, config, catalogue);
	wait_for_stop();
	seed_stop(seed);
	backend_stop(backend, BACKEND_GRACE_MS);
	log_info("stopped", LOG_TEXT("role", "backend"));
	return STATUS_OK;
}

/* ---- the worker ---- */

/* When nobody else wants the processor or the disk: programs wait for neither. */
static void *read_ahead(void *catalogue)
{
	enum { OF_THIS_THREAD = 1, IDLE_CLASS = 3 << 13, LOWEST = 19 }; /* ioprio_set(2), setpriority(2) */
	syscall(SYS_ioprio_set, OF_THIS_THREAD, 0, IDLE_CLASS);
	setpriority(PRIO_PROCESS, (id_t)gettid(), LOWEST);
	catalogue_read_ahead(catalogue);
	return NULL;
}

struct watch {
	struct sandbox *sandbox;
	atomic_bool gone;
};

/* Without a lane maker a worker would take one task after the other, and fail at each. */
static void *watch_maker(void *object)
{
	struct watch *watch = object;
	sandbox_wait_gone(watch->sandbox);
	watch->gone = true;
	log_error("the lane maker is gone");
	kill(getpid(), SIGTERM);
	return NULL;
}

int role_worker(const struct worker_role *role, role_ready_fn *ready, void *context)
{
	struct error err = { 0 };
	struct worker *worker;
	struct worker_options options = {
		.config = role->config,
		.sandbox = role->sandbox,
		.catalogue = role->catalogue,
		.services = role->services,
		.languages = role->languages,
		.ca_file = role->ca_file,
		.token = role->token,
		.direct = role->direct,
		.slots = role->slots,
	};
	struct watch watch = { .sandbox = role->sandbox };
	pthread_t reader, watcher;
	bool watching = pthread_create(&watcher, NULL, watch_maker, &watch) == 0;
	bool reading = pthread_create(&reader, NULL, read_ahead, (void *)role->catalogue) == 0;
	int code = worker_start(&options, &worker, &err);
	if (code == 0) {
		ready((const char *const[]){ NULL }, context);
		wait_for_stop();
		worker_stop(worker, WORKER_GRACE_MS);
	}
	if (reading) {
		pthread_cancel(reader);
		pthread_join(reader, NULL);
	}
	if (watching) {
		pthread_cancel(watcher);
		pthread_join(watcher, NULL);
	}
	if (code < 0)
		return startup_failed(&err);
	return watch.gone ? STATUS_FAILED : STATUS_OK;
}
