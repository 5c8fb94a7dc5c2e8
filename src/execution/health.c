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
	struct pool *pool;
	struct queue_counts counts;
	struct queue_session *sessions; /* as the database has them */
	size_t session_count;
};

static int count_work(struct db_tx *tx, void *context, struct error *err)
{
	struct waiting *w = context;
	int code = queue_count(tx, &w->counts, err);

	return code < 0 ? code
			: queue_sessions(tx, w->pool, clock_wall_ms(), &w->sessions, &w->session_count, err);
}

/* Those that are connected here, of whom the database may not have heard yet, and others' that it knows of: what is
 * taken here, they do. */
static size_t count_workers(struct execution *service, const struct waiting *waiting)
{
	size_t workers = sessions_count(service->sessions).workers;

	for (size_t i = 0; db_is_shared(service->db) && i < waiting->session_count; i++)
		workers += !sessions_knows(service->sessions, waiting->sessions[i].id);
	return workers;
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
	struct waiting waiting = { .pool = http_pool(x) };
	json_t *services = json_object();
	struct error err;
	bool ready;

	ready = say(services, "database", db_ping(service->db, &err), &err);
	ready = say(services, "queue", db_read(service->db, count_work, &waiting, &err), &err) && ready;
	size_t workers = count_workers(service, &waiting);
	json_object_set_new(services, "workers", json_integer((json_int_t)workers));
	json_t *reply = json_pack("{s:s, s:o}", "status", "ready", "services", services);
	if (workers == 0)
		json_object_set_new(reply, "detail", json_string("No worker is connected"));
	if (!ready || workers == 0)
		json_object_set_new(reply, "status", json_string("unavailable"));
	http_reply_json(x, ready && workers > 0 ? 200 : 503, reply);
}
