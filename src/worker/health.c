/* GET /health, /health/ready and /metrics of a worker. */
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

/* ---- metrics ---- */

/* clang-format off */
const struct metric_spec worker_metrics[METRIC_COUNT] = {
[METRIC_CONNECTED] = { .kind = METRIC_GAUGE, "arena_worker_connected", "Whether the execution service answers: 1 or 0." },
[METRIC_SLOTS] = { .kind = METRIC_GAUGE, "arena_worker_slots", "Tasks that can run at once." },
[METRIC_SLOTS_IDLE] = { .kind = METRIC_GAUGE, "arena_worker_slots_idle", "Slots without a task." },
[METRIC_JUDGED] = { .kind = METRIC_COUNTER, "arena_worker_judged_total", "Tasks judged.", { "verdict" } },
[METRIC_RETURNED] = { .kind = METRIC_COUNTER, "arena_worker_returned_total", "Tasks handed back." },
[METRIC_LOST] = { .kind = METRIC_COUNTER, "arena_worker_lost_total", "Tasks whose lease was lost while they ran." },
[METRIC_HELPED] = { .kind = METRIC_COUNTER, "arena_worker_helped_total", "How often an idle slot ran tests of another slot's task." },
[METRIC_TASK_TIME] = { .kind = METRIC_HISTOGRAM, "arena_worker_task_seconds", "Time of whole tasks.", .unit = METRIC_MICROSECONDS },
[METRIC_OVERHEAD_TIME] = { .kind = METRIC_HISTOGRAM, "arena_worker_overhead_seconds", "Time of tasks beyond compile and runs: boxes and comparison.", .unit = METRIC_MICROSECONDS },
};
/* clang-format on */

static void collect(struct metrics *metrics, void *context)
{
	struct worker *worker = context;

	pthread_mutex_lock(&worker->lock);
	metrics_set(metrics, METRIC_CONNECTED, worker->connected, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_SLOTS, (int64_t)worker->slot_count, METRIC_NO_LABELS);
	metrics_set(metrics, METRIC_SLOTS_IDLE, (int64_t)worker_idle_slots(worker), METRIC_NO_LABELS);
	pthread_mutex_unlock(&worker->lock);
}

static void metrics(struct http_exchange *x)
{
	struct worker *worker = http_context(x);
	cleanup_buffer struct buffer text = { 0 };

	metrics_write(worker->metrics, collect, worker, &text);
	metrics_write_process(&text);
	http_reply(x, 200, METRICS_CONTENT_TYPE, text.data, text.size);
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
