/* Who takes part in a contest, and how they stand: join, participants, leaderboard. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "handlers.h"
#include "participant.h"
#include "reply.h"

/* "87.50" */
static json_t *score_text(int64_t hundredths)
{
	return hundredths < 0 ? json_null()
			      : json_sprintf("%" PRId64 ".%02" PRId64, hundredths / 100, hundredths % 100);
}

static json_t *rank_or_null(int64_t rank)
{
	return rank > 0 ? json_integer(rank) : json_null();
}

static json_t *participant_json(const struct participant *p)
{
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "id", (json_int_t)p->id, "contest",
			 (json_int_t)p->contest_id, "user", (json_int_t)p->user_id, "username",
			 json_text(p->username, strlen(p->username)), "joined_at", json_time(p->joined_ms),
			 "final_score", score_text(p->final_score), "rank", rank_or_null(p->rank));
}

/* ---- joining ---- */

struct joining {
	struct pool *pool;
	int64_t contest_id, user_id, at_ms;
	enum join join;
	struct participant participant;
};

static int join_work(struct db_tx *tx, void *context, struct error *err)
{
	struct joining *j = context;
	int code = participant_join(tx, j->pool, j->contest_id, j->user_id, j->at_ms, &j->join, err);

	if (code == 0 && j->join == JOIN_DONE)
		code = participant_load(tx, j->pool, j->contest_id, j->user_id, &j->participant, err);
	return code < 0 ? code : 0;
}

void contest_join(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct joining joining = { .pool = http_pool(x),
				   .user_id = caller_of(x).user_id,
				   .at_ms = http_arrived_ms(x) };
	struct error err;

	if (!path_id(x, "Contest", &joining.contest_id))
		return;
	if (db_write(backend->db, join_work, &joining, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	switch (joining.join) {
	case JOIN_DONE: http_reply_json(x, 201, participant_json(&joining.participant)); break;
	case JOIN_TWICE: reply_error(x, 409, "You have joined this contest already"); break;
	case JOIN_FULL: reply_error(x, 409, "The contest is full"); break;
	case JOIN_CLOSED: reply_error(x, 400, "The contest is not open"); break;
	case JOIN_NO_CONTEST: reply_error(x, 404, "Contest not found"); break;
	}
}

/* ---- lists ---- */

struct listing {
	struct pool *pool;
	int64_t contest_id, total;
	struct page page;
	enum participant_order order;
	bool found;
	struct participant *participants;
	size_t count;
	struct problem_score *scores;
	size_t score_count;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;
	struct db_rows rows;
	int code = db_run(tx, l->pool, "SELECT participants FROM contest WHERE id = $1",
			  DB_VALUES(db_int(l->contest_id)), &rows, err);

	if (code < 0)
		return code;
	l->found = rows.count > 0;
	l->total = db_int_at(&rows, 0, 0, 0);
	code = participant_list(tx, l->pool, l->contest_id, l->order, (l->page.number - 1) * l->page.size,
				l->page.size, &l->participants, &l->count, err);
	if (code == 0 && l->order == BY_RANK)
		code = participant_scores(tx, l->pool, l->contest_id, l->participants, l->count, &l->scores,
					  &l->score_count, err);
	return code;
}

/* What each of a leaderboard's rows says of the problems. */
static json_t *scores_json(const struct listing *l, int64_t user_id)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->score_count; i++)
		if (l->scores[i].user_id == user_id)
			json_array_append_new(list, json_pack("{s:I, s:o}", "problem",
							      (json_int_t)l->scores[i].problem_id, "score",
							      score_text(l->scores[i].best)));
	return list;
}

static void reply_list(struct http_exchange *x, enum participant_order order)
{
	struct backend *backend = http_context(x);
	struct listing listing = { .pool = http_pool(x), .order = order };
	struct error err;

	if (!path_id(x, "Contest", &listing.contest_id) || !page_of(x, &listing.page))
		return;
	if (db_read(backend->db, list_work, &listing, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	if (!listing.found) {
		reply_error(x, 404, "Contest not found");
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < listing.count; i++) {
		json_t *json = participant_json(&listing.participants[i]);

		if (order == BY_RANK)
			json_object_set_new(json, "problems",
					    scores_json(&listing, listing.participants[i].user_id));
		json_array_append_new(list, json);
	}
	reply_tagged(x, page_json(x, &listing.page, listing.total, list));
}

void contest_get_participants(struct http_exchange *x)
{
	reply_list(x, BY_JOINING);
}

void contest_get_leaderboard(struct http_exchange *x)
{
	reply_list(x, BY_RANK);
}
