/* /api/admin/queue, workers, deliveries: what the execution service tells those who may ask it, passed on. */
#include <string.h>

#include "audit.h"
#include "base/log.h"
#include "handlers.h"
#include "remote.h"
#include "reply.h"

/* Its refusals in our words. */
static void pass_on(struct http_exchange *x, const struct remote_answer *answer)
{
	const json_t *detail = json_object_get(answer->json, "detail");

	if (answer->status < 400)
		http_reply_json(x, answer->status, json_incref(answer->json));
	else if (json_is_array(detail)) /* a list of faults in what we passed on, which is the query */
		reply_error(x, 400, "%s",
			    json_string_value(json_object_get(json_array_get(detail, 0), "msg")));
	else
		reply_error(x, answer->status, "%s",
			    json_is_string(detail) ? json_string_value(detail)
						   : "The execution service refused");
}

static void ask(struct http_exchange *x, const char *method, const char *path)
{
	const char *query = http_query_text(x);
	const char *whole = *query ? pool_printf(http_pool(x), "%s?%s", path, query) : path;
	const struct remote_answer *answer;

	if (!whole)
		reply_failure(x, &(struct error){ .text = "out of memory" });
	else if ((answer = remote_ask(x, &(struct remote_request){ .method = method, .path = whole })))
		pass_on(x, answer);
}

void admin_queue(struct http_exchange *x)
{
	ask(x, "GET", "/api/queue/stats");
}

void admin_workers(struct http_exchange *x)
{
	ask(x, "GET", "/api/v1/workers");
}

void admin_deliveries(struct http_exchange *x)
{
	ask(x, "GET", "/api/v1/webhooks");
}

/* ---- sending one again ---- */

struct replay {
	struct pool *pool;
	struct audit_origin origin;
	const char *object;
};

static int note_work(struct db_tx *tx, void *context, struct error *err)
{
	struct replay *r = context;

	return audit_note(tx, r->pool, &r->origin, "delivery.replay", r->object, NULL, err);
}

/* Once, with the answer in hand: what was not done is not noted. */
void admin_delivery_replay(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct replay replay = { .pool = http_pool(x), .origin = audit_origin_of(x) };
	struct error err;
	int64_t id;

	if (!path_id(x, "Delivery", &id))
		return;
	const char *path = pool_printf(replay.pool, "/api/v1/webhooks/%lld/replay", (long long)id);
	const struct remote_answer *answer =
		remote_ask(x, &(struct remote_request){ .method = "POST", .path = path });
	if (!answer)
		return;
	replay.object = pool_printf(replay.pool, "delivery %lld", (long long)id);
	if (answer->status < 400 && db_write(backend->db, note_work, &replay, &err) < 0)
		log_error("a replay could not be noted", LOG_INT("delivery", id),
			  LOG_TEXT("error", err.text));
	pass_on(x, answer);
}
