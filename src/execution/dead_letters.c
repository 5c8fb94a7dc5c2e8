/* /api/v1/dead-letters: jobs that no worker could finish, and putting them into the queue again. */
#include "base/clock.h"
#include "base/json.h"
#include "lifecycle.h"
#include "queue/queue.h"
#include "reply.h"

enum { LIST_MAX = 1000 };

struct listing {
	struct pool *pool;
	int64_t submission_id, skip, limit;
	struct queue_dead_letter *letters;
	size_t count;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return queue_dead_list(tx, l->pool, l->submission_id, l->skip, l->limit, &l->letters, &l->count, err);
}

static json_t *render_letter(const struct queue_dead_letter *letter)
{
	char at[CLOCK_TEXT_BYTES];

	return json_pack("{s:I, s:s, s:s, s:s, s:i, s:s, s:s}", "submission_id",
			 (json_int_t)letter->submission_id, "language", letter->capability, "class",
			 job_class_name(letter->class), "user_id", letter->user_id, "attempts",
			 letter->attempts, "reason", letter->reason, "at", clock_format(letter->at_ms, at));
}

static json_t *render_letters(const struct listing *listing)
{
	json_t *list = json_array();

	for (size_t i = 0; i < listing->count; i++)
		json_array_append_new(list, render_letter(&listing->letters[i]));
	return list;
}

void dead_letter_list(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct listing listing = { .pool = http_pool(x) };
	struct error err;

	problems_open(&problems);
	listing.skip = query_int(x, "skip", 0, INT64_MAX, 0, &problems);
	listing.limit = query_int(x, "limit", 1, LIST_MAX, 100, &problems);
	if (problems_any(&problems))
		reply_problems(x, &problems);
	else if (db_read(service->db, list_work, &listing, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 200, render_letters(&listing));
}

/* The letter that the path names; NULL after having replied. */
static const struct queue_dead_letter *find_letter(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct listing listing = { .pool = http_pool(x), .limit = 1 };
	struct error err;

	if (!path_id(x, &listing.submission_id))
		return NULL;
	if (db_read(service->db, list_work, &listing, &err) < 0)
		reply_failure(x, &err);
	else if (listing.count == 0)
		reply_error(x, 404, "Dead letter not found");
	return listing.count > 0 ? &listing.letters[0] : NULL;
}

void dead_letter_get(struct http_exchange *x)
{
	const struct queue_dead_letter *letter = find_letter(x);

	if (letter)
		http_reply_json(x, 200, render_letter(letter));
}

void dead_letter_requeue(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	const struct queue_dead_letter *letter = find_letter(x);
	enum submission_state state;
	struct error err;

	if (!letter)
		return;
	if (lifecycle_execute(service, letter->submission_id, http_pool(x), &state, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 202,
				json_pack("{s:I, s:s}", "submission_id", (json_int_t)letter->submission_id,
					  "status", submission_state_name(state)));
}
