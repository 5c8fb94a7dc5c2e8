/* The backend: users, problems, contests and courses, and the runs of their programs.
 *
 * It owns its database and nothing else does; the execution service knows of it what it is told over HTTP. Threads: the
 * server's loop and its pool of handlers (net), the database's writer (db), and those of the parts that speak to others
 * (runner.h, remote.h). Handlers never wait for other services: they park, and are woken by who was told. What may be
 * lost at any moment is only memory. */
#include "backend/backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "first_admin.h"
#include "judging.h"
#include "metrics.h"
#include "mirror.h"
#include "net/rate.h"
#include "remote.h"
#include "reply.h"
#include "routes.h"
#include "runner.h"
#include "session.h"
#include "test_data.h"

enum { RATE_BUCKETS = 65536 };

static int listen_for_requests(struct backend *backend, struct error *err)
{
	const struct config *config = backend->config;
	struct http_server_options options = {
		.listen = config->backend_listen,
		.routes = backend->routes,
		.route_count = backend_route_count,
		.context = backend,
		.threads = (size_t)config->http_threads,
		.queue = (size_t)config->http_queue,
		.connections = (size_t)config->http_connections,
		.body_bytes = (size_t)config->http_body_bytes,
		.head_ms = config->http_head_ms,
		.body_ms = config->http_body_ms,
		.idle_ms = config->http_idle_ms,
		.reply_error = backend_reply_error,
		.admit = backend_admit,
		.body_limit = backend_body_limit,
		.trusted_proxies = config->trusted_proxies,
		.origins = config->cors_origins,
		.on_done = metrics_note_request,
	};

	struct http_server *server;
	int code = http_server_start(&options, &server, err);
	if (code == 0)
		backend->server = server;
	return code;
}

static int start_metrics(struct backend *backend, struct error *err)
{
	int code = metrics_new(backend_metrics, METRIC_COUNT, &backend->metrics, err);

	if (code == 0)
		db_observe(backend->db, (struct db_observer){ metrics_note_transaction, backend->metrics });
	return code;
}

static void hear_wake(void *context, const char *key)
{
	struct backend *backend = context;
	struct http_server *server = backend->server;

	if (!key || strcmp(key, KEY_SESSIONS) == 0)
		session_cache_clear(backend->sign_in);
	if (server)
		http_wake(server, key);
}

void backend_wake(struct backend *backend, const char *key)
{
	db_bus_send(backend->bus, key);
}

const char *key_submission(int64_t submission_id, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "submission %" PRId64, submission_id);
	return key;
}

static int start_runner(struct backend *backend, int *direct, const char *direct_missing, struct error *err)
{
	return runner_start(&(struct runner_options){ .config = backend->config,
						      .metrics = backend->metrics,
						      .data = backend->data,
						      .direct = take_fd(direct),
						      .direct_missing = direct_missing },
			    &backend->runner, err);
}

static int start(struct backend *backend, const struct backend_options *options, struct error *err)
{
	cleanup_fd int direct = options->direct;
	int code;

	backend->routes = backend_http_routes(backend->config);
	if (!backend->routes)
		return error_set(err, -ENOMEM, "out of memory");
	if ((code = sign_in_open(backend->config, &backend->sign_in, err)) < 0 ||
	    (code = rate_limits_new(RATE_BUCKETS, &backend->rates, err)) < 0 ||
	    (code = backend_open_database(backend->config, &backend->db, err)) < 0 ||
	    (code = start_metrics(backend, err)) < 0 ||
	    (code = db_migrate(backend->db, backend_migrations, backend_migration_count, err)) < 0 ||
	    (code = first_admin_make(backend, err)) < 0 ||
	    (code = test_data_sweep(backend->db, clock_wall_ms(), err)) < 0 ||
	    (code = test_data_open(backend->config, backend->db, &backend->data, err)) < 0 ||
	    (code = db_bus_start(backend->db, hear_wake, backend, &backend->bus, err)) < 0 ||
	    (code = start_runner(backend, &direct, options->direct_missing, err)) < 0 ||
	    (code = judging_start(backend, &backend->judging, err)) < 0 ||
	    (code = remote_start(backend, &backend->remote, err)) < 0 ||
	    (code = mirror_start(backend, &backend->mirror, err)) < 0)
		return code;
	return listen_for_requests(backend, err);
}

int backend_start(const struct backend_options *options, struct backend **backend, struct error *err)
{
	struct backend *made = calloc(1, sizeof *made);

	if (!made)
		return error_set(err, -ENOMEM, "out of memory");
	made->config = options->config;
	made->languages = options->languages;
	made->language_count = options->language_count;
	made->started_us = clock_monotonic_us();
	int code = start(made, options, err);
	if (code < 0)
		backend_stop(made, 0);
	else
		*backend = made;
	return code;
}

bool backend_is_first_start(const struct backend *backend)
{
	return backend->is_first_start;
}

struct db *backend_database(struct backend *backend)
{
	return backend->db;
}

const char *const *backend_addresses(const struct backend *backend)
{
	return http_server_addresses(backend->server);
}

/* Who may still wake or be woken ends first; who is looked at by handlers ends last. */
void backend_stop(struct backend *backend, int64_t grace_ms)
{
	if (!backend)
		return;
	if (backend->server)
		http_server_stop(backend->server, grace_ms);
	mirror_stop(backend->mirror);
	remote_stop(backend->remote);
	mirror_free(backend->mirror);
	runner_stop(backend->runner);
	judging_stop(backend->judging);
	db_bus_stop(backend->bus);
	backend->bus = NULL;
	if (backend->server)
		http_server_free(backend->server);
	judging_free(backend->judging);
	runner_free(backend->runner);
	test_data_close(backend->data);
	db_close(backend->db);
	metrics_free(backend->metrics);
	rate_limits_free(backend->rates);
	sign_in_free(backend->sign_in);
	free(backend->routes);
	free(backend);
}
