/* /health, /health/ready, /api/health */
#include "base/clock.h"
#include "handlers.h"
#include "runner.h"

static json_t *healthy(const struct backend *backend)
{
	int64_t uptime_s = (clock_monotonic_us() - backend->started_us) / 1000000;
	char now[CLOCK_TEXT_BYTES];

	clock_format(clock_wall_ms(), now);
	return json_pack("{s:s, s:s, s:I, s:s}", "status", "healthy", "timestamp", now, "uptime",
			 (json_int_t)uptime_s, "version", ARENA_VERSION);
}

/* Answers as long as the process does; asks nobody. */
void health(struct http_exchange *x)
{
	http_reply_json(x, 200, healthy(http_context(x)));
}

/* "connected", or that it is not; why is for the log and for /health/ready. */
static bool look_at_database(struct backend *backend, json_t *services, struct error *err)
{
	bool up = db_ping(backend->db, err) >= 0;

	json_object_set_new(services, "database", json_string(up ? "connected" : "unavailable"));
	return up;
}

void health_ready(struct http_exchange *x)
{
	json_t *services = json_object();
	struct error err;
	bool up = look_at_database(http_context(x), services, &err);
	json_t *reply = json_pack("{s:s, s:o}", "status", up ? "ready" : "unavailable", "services", services);

	if (!up)
		json_object_set_new(reply, "detail", json_sprintf("The database: %s", err.text));
	http_reply_json(x, up ? 200 : 503, reply);
}

void health_api(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	json_t *reply = healthy(backend), *services = json_object();
	struct error err;

	if (!look_at_database(backend, services, &err))
		json_object_set_new(reply, "status", json_string("unhealthy"));
	json_object_set_new(services, "execution", execution_health(backend));
	json_object_set_new(reply, "services", services);
	http_reply_json(x, 200, reply);
}
