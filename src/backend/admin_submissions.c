/* /api/admin/submissions and /api/admin/statistics: everybody's programs, and how many there were. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "handlers.h"
#include "model/verdict.h"
#include "reply.h"
#include "submission_view.h"

static const struct place query_place = { NULL, "query", 0 };

/* ---- the list ---- */

struct listing {
	struct pool *pool;
	struct submission_filter filter;
	struct submission *submissions;
	size_t count;
	int64_t total;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return submission_list(tx, l->pool, &l->filter, &l->submissions, &l->count, &l->total, err);
}

static const char *query_or_null(struct http_exchange *x, const char *name)
{
	const char *text = http_query(x, name);

	return text && *text ? text : NULL;
}

/* False after having replied. */
static bool filter_of(struct http_exchange *x, const struct page *page, struct submission_filter *filter)
{
	cleanup_problems struct problems problems = { 0 };
	enum submission_state state;
	enum verdict verdict;

	problems_open(&problems);
	*filter = (struct submission_filter){
		.user_id = query_int(x, "user", 1, INT64_MAX, 0, &problems),
		.problem_id = query_int(x, "problem", 1, INT64_MAX, 0, &problems),
		.contest_id = query_int(x, "contest", 1, INT64_MAX, 0, &problems),
		.state = query_or_null(x, "status"),
		.verdict = query_or_null(x, "verdict"),
		.language = query_or_null(x, "language"),
		.from_ms = query_time(x, "from", 0, &problems),
		.to_ms = query_time(x, "to", 0, &problems),
		.skip = (page->number - 1) * page->size,
		.limit = page->size,
	};
	if (filter->state && !submission_state_from_name(filter->state, &state))
		problem_at(&problems, &(struct place){ &query_place, "status", 0 }, "enum",
			   "must be pending, running, completed, error or cancelled");
	if (filter->verdict && !verdict_from_name(filter->verdict, &verdict))
		problem_at(&problems, &(struct place){ &query_place, "verdict", 0 }, "enum",
			   "must be a verdict such as wrong_answer");
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

static json_t *listed_json(const struct submission *s, struct pool *pool)
{
	json_t *json = submission_json(s, pool);

	json_object_set_new(json, "state", json_string(submission_state_name(s->state)));
	json_object_set_new(json, "verdict", s->verdict ? json_string(s->verdict) : json_null());
	json_object_set_new(json, "externalId", json_string(s->external_id));
	return json;
}

void admin_submission_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct listing l = { .pool = http_pool(x) };
	struct page page;
	struct error err;

	if (!page_of(x, &page) || !filter_of(x, &page, &l.filter))
		return;
	if (db_read(backend->db, list_work, &l, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *results = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(results, listed_json(&l.submissions[i], l.pool));
	http_reply_json(x, 200, page_json(x, &page, l.total, results));
}

/* ---- statistics ---- */

enum { DAY_MS = 86400000, DAYS = 30, DAYS_MAX = 366 };

struct statistics {
	struct pool *pool;
	int64_t from_ms, to_ms;
	struct db_rows counts, totals;
};

/* Days are UTC's. What has no verdict yet is counted by its state. */
static int statistics_work(struct db_tx *tx, void *context, struct error *err)
{
	struct statistics *s = context;
	int code =
		db_run(tx, s->pool,
		       "SELECT created_ms / 86400000, language, COALESCE(verdict, state), count(*)"
		       " FROM submission WHERE created_ms >= $1 AND created_ms < $2"
		       " GROUP BY created_ms / 86400000, language, COALESCE(verdict, state) ORDER BY 1, 2, 3",
		       DB_VALUES(db_int(s->from_ms), db_int(s->to_ms)), &s->counts, err);

	if (code < 0)
		return code;
	return db_run(
		tx, s->pool,
		"SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM problem WHERE deleted = 0),"
		" (SELECT count(*) FROM contest), (SELECT count(*) FROM submission)",
		DB_NO_VALUES, &s->totals, err);
}

static json_t *count_json(const struct db_rows *rows, size_t row)
{
	char day[CLOCK_TEXT_BYTES];

	clock_format(db_int_at(rows, row, 0, 0) * DAY_MS, day);
	return json_pack("{s:s#, s:s, s:s, s:I}", "date", day, (int)sizeof "2024-01-15" - 1, "language",
			 db_text_at(rows, row, 1), "verdict", db_text_at(rows, row, 2), "count",
			 (json_int_t)db_int_at(rows, row, 3, 0));
}

static json_t *statistics_json(const struct statistics *s)
{
	static const char *const totals[] = { "users", "problems", "contests", "submissions" };
	json_t *counts = json_array(), *sums = json_object();

	for (size_t i = 0; i < s->counts.count; i++)
		json_array_append_new(counts, count_json(&s->counts, i));
	for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++)
		json_object_set_new(sums, totals[i], json_integer(db_int_at(&s->totals, 0, i, 0)));
	return json_pack("{s:o, s:o, s:o, s:o}", "from", json_time(s->from_ms), "to", json_time(s->to_ms),
			 "totals", sums, "submissions", counts);
}

void admin_statistics(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct statistics s = { .pool = http_pool(x) };
	int64_t now_ms = clock_wall_ms();
	struct error err;

	problems_open(&problems);
	s.to_ms = query_time(x, "to", now_ms + 1, &problems);
	s.from_ms = query_time(x, "from", (s.to_ms / DAY_MS - DAYS + 1) * DAY_MS, &problems);
	if (s.to_ms < s.from_ms || s.to_ms - s.from_ms > (int64_t)DAYS_MAX * DAY_MS)
		problem_at(&problems, &(struct place){ &query_place, "from", 0 }, "range",
			   "must be before `to`, and at most %d days", DAYS_MAX);
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	else if (db_read(backend->db, statistics_work, &s, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 200, statistics_json(&s));
}
