/* GET /api/v1/workers: who is there to run programs. */
#include "base/clock.h"
#include "queue/queue.h"
#include "reply.h"

struct listing {
	struct pool *pool;
	struct queue_session *sessions;
	size_t count;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return queue_sessions(tx, l->pool, clock_wall_ms(), &l->sessions, &l->count, err);
}

static json_t *render_session(const struct queue_session *session)
{
	char seen[CLOCK_TEXT_BYTES];

	return json_pack("{s:s, s:s, s:I}", "session", session->id, "seen_at",
			 clock_format(session->seen_ms, seen), "jobs", (json_int_t)session->jobs);
}

/* Workers are those of all replicas; slots are counted where each is connected. */
void worker_list(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct sessions_figures here = sessions_count(service->sessions);
	struct listing listing = { .pool = http_pool(x) };
	json_t *list = json_array();
	struct error err;

	if (db_read(service->db, list_work, &listing, &err) < 0) {
		json_decref(list);
		reply_failure(x, &err);
		return;
	}
	for (size_t i = 0; i < listing.count; i++)
		json_array_append_new(list, render_session(&listing.sessions[i]));
	http_reply_json(x, 200,
			json_pack("{s:o, s:{s:I, s:I, s:I}}", "workers", list, "connected_here", "workers",
				  (json_int_t)here.workers, "slots", (json_int_t)here.slots, "busy",
				  (json_int_t)here.busy));
}
