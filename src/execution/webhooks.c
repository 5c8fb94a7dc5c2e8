/* /api/v1/webhooks: what was sent, what was not, and sending it again. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "delivery.h"
#include "outbox.h"
#include "reply.h"
#include "webhook.h"

enum { LIST_MAX = 1000 };

static const char *const states[] = { "pending", "delivered", "dead" };

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *time_or_null(int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	return wall_ms > 0 ? json_string(clock_format(wall_ms, text)) : json_null();
}

static json_t *render_delivery(struct http_exchange *x, const struct outbox_row *row)
{
	const struct execution *service = http_context(x);
	bool ended = row->ended_ms > 0;
	const char *url = row->url ? row->url : webhook_backend_url(service->config, http_pool(x));

	return json_pack("{s:I, s:s, s:I, s:o, s:s, s:I, s:o, s:o, s:o, s:o}", "delivery_id",
			 (json_int_t)row->id, "webhook_id", row->message, "submission_id",
			 (json_int_t)row->submission_id, "url", text_or_null(url), "status", row->state,
			 "attempts", (json_int_t)row->attempts, "response", text_or_null(row->response),
			 "created_at", time_or_null(row->created_ms), "next_attempt_at",
			 time_or_null(ended ? 0 : row->due_ms), "completed_at", time_or_null(row->ended_ms));
}

/* ---- the list ---- */

struct listing {
	struct pool *pool;
	struct outbox_filter filter;
	struct outbox_row *rows;
	size_t count;
	bool with_log;
	struct outbox_attempt *attempts;
	size_t attempt_count;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;
	int code = outbox_list(tx, l->pool, &l->filter, &l->rows, &l->count, err);

	if (code == 0 && l->count > 0 && l->with_log)
		code = outbox_log(tx, l->pool, l->rows[0].id, &l->attempts, &l->attempt_count, err);
	return code;
}

static void check_state(const char *state, struct problems *problems)
{
	static const struct place query = { NULL, "query", 0 };

	for (size_t i = 0; state && i < sizeof states / sizeof states[0]; i++)
		if (strcmp(state, states[i]) == 0)
			return;
	if (state)
		problem_at(problems, &(struct place){ &query, "status", 0 }, "enum",
			   "must be pending, delivered or dead");
}

void webhook_list(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct listing listing = { .pool = http_pool(x) };
	int64_t submission_id;
	struct error err;

	problems_open(&problems);
	submission_id = query_int(x, "submission_id", 0, INT64_MAX, 0, &problems);
	listing.filter = (struct outbox_filter){
		.state = http_query(x, "status"),
		.submission_id = http_query(x, "submission_id") ? &submission_id : NULL,
		.skip = query_int(x, "skip", 0, INT64_MAX, 0, &problems),
		.limit = query_int(x, "limit", 1, LIST_MAX, 100, &problems),
	};
	check_state(listing.filter.state, &problems);
	if (problems_any(&problems)) {
		reply_problems(x, &problems);
		return;
	}
	if (db_read(service->db, list_work, &listing, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < listing.count; i++)
		json_array_append_new(list, render_delivery(x, &listing.rows[i]));
	http_reply_json(x, 200, list);
}

/* ---- one ---- */

static json_t *render_log(const struct listing *listing)
{
	json_t *list = json_array();

	for (size_t i = 0; i < listing->attempt_count; i++) {
		const struct outbox_attempt *attempt = &listing->attempts[i];

		json_array_append_new(
			list, json_pack("{s:I, s:o, s:I, s:o, s:o}", "attempt", (json_int_t)attempt->number,
					"at", time_or_null(attempt->at_ms), "duration_ms",
					(json_int_t)(attempt->took_us / 1000), "http_status",
					attempt->status ? json_integer(attempt->status) : json_null(),
					"response", text_or_null(attempt->response)));
	}
	return list;
}

/* False after having replied. */
static bool find_delivery(struct http_exchange *x, const int64_t *id, struct listing *listing)
{
	struct execution *service = http_context(x);
	struct error err;

	*listing = (struct listing){ .pool = http_pool(x),
				     .filter = { .id = id, .limit = 1 },
				     .with_log = true };
	if (db_read(service->db, list_work, listing, &err) < 0)
		reply_failure(x, &err);
	else if (listing->count == 0)
		reply_error(x, 404, "Delivery not found");
	else
		return true;
	return false;
}

static void reply_delivery(struct http_exchange *x, int64_t id)
{
	struct listing listing;

	if (!find_delivery(x, &id, &listing))
		return;
	json_t *json = render_delivery(x, &listing.rows[0]);
	json_object_set_new(json, "log", render_log(&listing));
	http_reply_json(x, 200, json);
}

void webhook_get(struct http_exchange *x)
{
	int64_t id;

	if (path_id(x, &id))
		reply_delivery(x, id);
}

/* ---- again ---- */

struct replaying {
	struct pool *pool;
	int64_t id, now_ms;
};

static int replay_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct replaying *r = context;

	return outbox_replay(tx, r->pool, r->id, r->now_ms, err);
}

void webhook_replay(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct replaying replaying = { .pool = http_pool(x), .now_ms = clock_wall_ms() };
	struct error err;

	if (!path_id(x, &replaying.id))
		return;
	int found = db_write(service->db, replay_work, &replaying, &err);
	if (found < 0) {
		reply_failure(x, &err);
	} else if (found == 0) {
		reply_error(x, 404, "Delivery not found");
	} else {
		deliveries_wake(service->deliveries);
		http_reply_json(x, 200,
				json_pack("{s:s, s:I}", "message", "Webhook queued again", "delivery_id",
					  (json_int_t)replaying.id));
	}
}
