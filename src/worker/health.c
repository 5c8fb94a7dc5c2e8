/* GET /health, /health/ready and /metrics of a worker. */
#include <inttypes.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "inside.h"

static void health(struct http_exchange *x)
{
	char now[CLOCK_TEXT_BYTES];

	clock_format(clock_wall_ms(), now);
	http_reply_json(x, 200,
			json_pack("{s:s, s:s, s:s}", "status", "healthy", "timestamp", now, "version",
				  ARENA_VERSION));
}

static void ready(struct http_exchange *x)
{
	struct worker *worker = http_context(x);

	pthread_mutex_lock(&worker->lock);
	bool connected = worker->connected, stopping = worker->stopping;
	size_t idle = worker_idle_slots(worker);
	pthread_mutex_unlock(&worker->lock);
	bool is_ready = connected && !stopping;
	http_reply_json(x, is_ready ? 200 : 503,
			json_pack("{s:s, s:{s:s, s:I, s:I}}", "status",
				  is_ready   ? "ready"
				  : stopping ? "stopping"
					     : "unavailable",
				  "services", "execution", connected ? "connected" : "disconnected", "slots",
				  (json_int_t)worker->slot_count, "idle", (json_int_t)idle));
}

static void put(struct buffer *text, const char *name, const char *type, const char *help, uint64_t value)
{
	buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, type, name,
		      value);
}

static void metrics(struct http_exchange *x)
{
	struct worker *worker = http_context(x);
	cleanup_buffer struct buffer text = { 0 };

	pthread_mutex_lock(&worker->lock);
	put(&text, "arena_worker_connected", "gauge", "Whether the execution service answers.",
	    worker->connected);
	put(&text, "arena_worker_slots", "gauge", "Tasks that can run at once.", worker->slot_count);
	put(&text, "arena_worker_slots_idle", "gauge", "Slots without a task.", worker_idle_slots(worker));
	put(&text, "arena_worker_returned_total", "counter", "Tasks handed back.", worker->returned);
	put(&text, "arena_worker_lost_total", "counter", "Tasks whose lease was lost while they ran.",
	    worker->lost);
	buffer_puts(&text, "# HELP arena_worker_judged_total Tasks judged.\n"
			   "# TYPE arena_worker_judged_total counter\n");
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		buffer_printf(&text, "arena_worker_judged_total{verdict=\"%s\"} %" PRIu64 "\n",
			      verdict_name((enum verdict)i), worker->judged[i]);
	pthread_mutex_unlock(&worker->lock);
	http_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", text.data, text.size);
}

static const struct http_route routes[] = {
	{ "GET", "/health", health },
	{ "GET", "/health/ready", ready },
	{ "GET", "/metrics", metrics },
};

int health_start(struct worker *worker, struct error *err)
{
	const struct config *config = worker->config;
	struct http_server_options options = {
		.listen = config->worker_listen,
		.routes = routes,
		.route_count = sizeof routes / sizeof routes[0],
		.context = worker,
		.threads = 1,
		.queue = 64,
		.connections = 256,
		.body_bytes = 1024,
		.head_ms = config->http_head_ms,
		.body_ms = config->http_body_ms,
		.idle_ms = config->http_idle_ms,
	};

	return http_server_start(&options, &worker->health, err);
}
