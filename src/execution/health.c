/* /health, /health/ready */
#include "base/clock.h"
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

struct waiting {
	struct queue_counts counts;
	int64_t workers;
};

static int count_work(struct db_tx *tx, void *context, struct error *err)
{
	struct waiting *waiting = context;
	int code = queue_count(tx, &waiting->counts, err);

	return code < 0 ? code : queue_session_count(tx, clock_wall_ms(), &waiting->workers, err);
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
	struct waiting waiting = { 0 };
	json_t *services = json_object();
	struct error err;
	bool ready;

	ready = say(services, "database", db_ping(service->db, &err), &err);
	ready = say(services, "queue", db_read(service->db, count_work, &waiting, &err), &err) && ready;
	/* Others' workers are ours: what is taken here, they do. */
	if (!ready || !db_is_shared(service->db))
		waiting.workers = (int64_t)sessions_count(service->sessions).workers;
	json_object_set_new(services, "workers", json_integer(waiting.workers));
	json_t *reply = json_pack("{s:s, s:o}", "status", "ready", "services", services);
	if (waiting.workers == 0)
		json_object_set_new(reply, "detail", json_string("No worker is connected"));
	if (!ready || waiting.workers == 0)
		json_object_set_new(reply, "status", json_string("unavailable"));
	http_reply_json(x, ready && waiting.workers > 0 ? 200 : 503, reply);
}
