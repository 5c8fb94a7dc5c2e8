/* The execution service: it owns submissions, their jobs and their results, and nothing else does.
 *
 * Clients create submissions and wait for them; workers claim their jobs over HTTP, like any client, and never
 * see the database. Threads: the server's loop and its pool of handlers (net), the database's writer (db), one
 * reaper, and two for webhooks (delivery.c, and net's outbound). What may be lost at any moment is only memory: every answer of 201, 202 and of a finished job
 * was on the disk before it was given. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base/blobs.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "delivery.h"
#include "dispatch.h"
#include "execution/database.h"
#include "metrics.h"
#include "net/rate.h"
#include "routes.h"
#include "service.h"
#include "work.h"

enum { RATE_BUCKETS = 65536 };

static int migrate(struct execution *service, struct pool *pool, struct error *err)
{
	size_t count = 0;
	const struct db_migration *all = execution_all_migrations(pool, &count);

	return all ? db_migrate(service->db, all, count, err) : error_set(err, -ENOMEM, "out of memory");
}

static int open_blobs(struct execution *service, struct pool *pool, struct error *err)
{
	const struct config *config = service->config;
	const char *folder = config->blobs_dir;

	if (*folder == '\0' && !(folder = pool_printf(pool, "%s/blobs", config->data_dir)))
		return error_set(err, -ENOMEM, "out of memory");
	return blobs_open(folder, config->blobs_max_mb << 20, config->blobs_keep_s, &service->blobs, err);
}

static int listen_for_requests(struct execution *service, struct error *err)
{
	const struct config *config = service->config;
	struct http_server_options options = {
		.listen = config->execution_listen,
		.routes = service->routes,
		.route_count = execution_route_count,
		.context = service,
		.threads = (size_t)config->http_threads,
		.queue = (size_t)config->http_queue,
		.connections = (size_t)config->http_connections,
		.body_bytes = (size_t)config->http_body_bytes,
		.head_ms = config->http_head_ms,
		.body_ms = config->http_body_ms,
		.idle_ms = config->http_idle_ms,
		.reply_error = execution_reply_error,
		.admit = execution_admit,
		.trusted_proxies = config->trusted_proxies,
		.origins = config->cors_origins,
		.on_done = metrics_note_request,
	};

	struct http_server *server;
	int code = http_server_start(&options, &server, err);
	if (code == 0)
		service->server = server;
	return code;
}

static int start_metrics(struct execution *service, struct error *err)
{
	int code = metrics_new(execution_metrics, METRIC_COUNT, &service->metrics, err);

	if (code == 0)
		db_observe(service->db, (struct db_observer){ metrics_note_transaction, service->metrics });
	return code;
}

/* Without a key: whatever it is, for wakes may have been missed. */
static void hear_wake(void *context, const char *key)
{
	struct execution *service = context;
	struct http_server *server = service->server;

	bool jobs = key && strcmp(key, KEY_JOBS) == 0;

	if (!key || jobs)
		dispatcher_wake(service->dispatcher);
	if (server && !jobs)
		http_wake(server, key);
}

static int start(struct execution *service, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	int code;

	service->sessions = sessions_new(service->config->lease_s * 1000000);
	service->marks = queue_marks_new();
	service->keys = key_cache_new();
	service->routes = execution_http_routes();
	if (!pool || !service->sessions || !service->marks || !service->keys || !service->routes)
		return error_set(err, -ENOMEM, "out of memory");
	if ((code = rate_limits_new(RATE_BUCKETS, &service->rates, err)) < 0 ||
	    (code = execution_open_database(service->config, &service->db, err)) < 0 ||
	    (code = start_metrics(service, err)) < 0 || (code = migrate(service, pool, err)) < 0 ||
	    (service->keys_needed && (code = access_first_key(service, err)) < 0) ||
	    (!db_is_shared(service->db) && (code = work_recover(service, pool, err)) < 0) ||
	    (code = db_gather_new(service->db, work_finish_gathered, service, &service->finishes, err)) < 0 ||
	    (code = dispatcher_start(service, &service->dispatcher, err)) < 0 ||
	    (code = db_bus_start(service->db, hear_wake, service, &service->bus, err)) < 0 ||
	    (code = deliveries_start(service, &service->deliveries, err)) < 0 ||
	    (code = open_blobs(service, pool, err)) < 0 || (code = listen_for_requests(service, err)) < 0)
		return code;
	return reaper_start(service, err);
}

int execution_start(const struct execution_options *options, struct execution **execution, struct error *err)
{
	struct execution *service = calloc(1, sizeof *service);

	if (!service)
		return error_set(err, -ENOMEM, "out of memory");
	service->config = options->config;
	service->languages = options->languages;
	service->language_count = options->language_count;
	service->worker_token = options->worker_token ? options->worker_token : "";
	service->backend_token = options->backend_token ? options->backend_token : "";
	service->keys_needed = access_keys_needed(options->config);
	service->started_us = clock_monotonic_us();
	int code = start(service, err);
	if (code < 0)
		execution_stop(service, 0);
	else
		*execution = service;
	return code;
}

const char *const *execution_addresses(const struct execution *execution)
{
	return http_server_addresses(execution->server);
}

void execution_stop(struct execution *execution, int64_t grace_ms)
{
	if (!execution)
		return;
	reaper_stop(execution);
	if (execution->server)
		http_server_stop(execution->server, grace_ms);
	db_bus_stop(execution->bus);
	execution->bus = NULL;
	dispatcher_stop(execution->dispatcher);
	if (execution->server)
		http_server_free(execution->server);
	dispatcher_free(execution->dispatcher);
	deliveries_stop(execution->deliveries);
	db_gather_free(execution->finishes);
	db_close(execution->db);
	queue_marks_free(execution->marks);
	metrics_free(execution->metrics);
	sessions_free(execution->sessions);
	key_cache_free(execution->keys);
	blobs_close(execution->blobs);
	rate_limits_free(execution->rates);
	free(execution->routes);
	free(execution);
}
