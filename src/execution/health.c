/* /health, /health/ready, /metrics */
#include <inttypes.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "lifecycle.h"
#include "queue/queue.h"
#include "reply.h"

/* Answers as long as the process does; asks nobody. */
void health(struct http_exchange *x)
{
	const struct execution *service = http_context(x);
	int64_t uptime_s = (clock_monotonic_us() - service->started_us) / 1000000;
	char now[CLOCK_TEXT_BYTES];

	clock_format(clock_wall_ms(), now);
	http_reply_json(x, 200,
			json_pack("{s:s, s:s, s:I, s:s}", "status", "healthy", "timestamp", now, "uptime",
				  (json_int_t)uptime_s, "version", ARENA_VERSION));
}

/* ---- ready ---- */

static int count_work(struct db_tx *tx, void *context, struct error *err)
{
	return queue_count(tx, context, err);
}

/* "connected", or what is wrong; false then. */
static bool say(json_t *services, const char *name, int code, const struct error *err)
{
	json_object_set_new(services, name,
			    code < 0 ? json_sprintf("unavailable: %s", err->text) : json_string("connected"));
	return code >= 0;
}

void health_ready(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct sessions_figures workers = sessions_count(service->sessions);
	json_t *services = json_object();
	struct queue_counts counts;
	struct error err;
	bool ready;

	ready = say(services, "database", db_ping(service->db, &err), &err);
	ready = say(services, "queue", db_read(service->db, count_work, &counts, &err), &err) && ready;
	json_object_set_new(services, "workers", json_integer((json_int_t)workers.workers));
	json_t *reply = json_pack("{s:s, s:o}", "status", "ready", "services", services);
	if (workers.workers == 0)
		json_object_set_new(reply, "detail", json_string("No worker is connected"));
	if (!ready || workers.workers == 0)
		json_object_set_new(reply, "status", json_string("unavailable"));
	http_reply_json(x, ready && workers.workers > 0 ? 200 : 503, reply);
}

/* ---- metrics ---- */

static void head(struct buffer *text, const char *name, const char *help)
{
	buffer_printf(text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void gauge(struct buffer *text, const char *name, const char *help, int64_t value)
{
	head(text, name, help);
	buffer_printf(text, "%s %" PRId64 "\n", name, value);
}

static void put_database_metrics(struct buffer *text, const struct lifecycle_figures *f)
{
	head(text, "arena_queue_jobs", "Jobs in the queue.");
	buffer_printf(text, "arena_queue_jobs{state=\"ready\"} %" PRId64 "\n", f->queue.ready);
	buffer_printf(text, "arena_queue_jobs{state=\"leased\"} %" PRId64 "\n", f->queue.leased);
	buffer_printf(text, "arena_queue_jobs{state=\"delayed\"} %" PRId64 "\n", f->queue.delayed);
	head(text, "arena_submissions", "Submissions in the database.");
	for (size_t i = 0; i < f->count; i++)
		buffer_printf(text, "arena_submissions{status=\"%s\",verdict=\"%s\"} %" PRId64 "\n",
			      submission_state_name(f->counts[i].state),
			      f->counts[i].verdict ? f->counts[i].verdict : "", f->counts[i].count);
}

void metrics(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct sessions_figures workers = sessions_count(service->sessions);
	struct lifecycle_figures figures;
	cleanup_buffer struct buffer text = { 0 };
	struct error err;
	bool up = lifecycle_count(service, http_pool(x), &figures, &err) == 0;

	gauge(&text, "arena_uptime_seconds", "Time since the service started.",
	      (clock_monotonic_us() - service->started_us) / 1000000);
	gauge(&text, "arena_database_up", "Whether the database answers.", up);
	gauge(&text, "arena_workers", "Workers that are connected.", (int64_t)workers.workers);
	gauge(&text, "arena_worker_slots", "Tasks that they can run at once.", (int64_t)workers.slots);
	gauge(&text, "arena_worker_slots_busy", "Tasks that they run now.", (int64_t)workers.busy);
	if (up)
		put_database_metrics(&text, &figures);
	http_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", text.data, text.size);
}
