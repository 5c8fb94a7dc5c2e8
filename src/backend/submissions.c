/* GET and DELETE /api/submissions */
#include <inttypes.h>

#include "audit.h"
#include "handlers.h"
#include "list.h"
#include "reply.h"
#include "submission_view.h"

/* ---- read ---- */

void submission_get(struct http_exchange *x)
{
	struct seen seen;
	struct error err;
	int64_t id;

	if (!path_id(x, "Submission", &id))
		return;
	int found = submission_look(http_context(x), http_pool(x), id, caller_of(x), &seen, &err);
	if (found < 0)
		reply_failure(x, &err);
	else if (found == 0)
		reply_error(x, 404, "Submission not found");
	else
		reply_tagged(x, submission_whole_json(&seen, http_pool(x)));
}

/* ---- the list ---- */

struct listing {
	struct pool *pool;
	struct caller caller;
	struct submission_filter filter;
	struct submission *submissions;
	size_t count;
	int64_t total;
};

/* One's own; to an instructor's problem everybody's; to an admin everything. */
static int narrow(struct db_tx *tx, struct listing *l, struct submission_filter *filter, struct error *err)
{
	struct problem problem;
	int code = 0;

	*filter = l->filter;
	if (l->caller.role == ROLE_ADMIN)
		return 0;
	if (l->caller.role == ROLE_INSTRUCTOR && filter->problem_id != 0)
		code = problem_load_any(tx, l->pool, filter->problem_id, PROBLEM_ALONE, &problem, err);
	if (code <= 0 || !problem_is_own(&problem, l->caller))
		filter->user_id = l->caller.user_id;
	return code < 0 ? code : 0;
}

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;
	struct submission_filter filter;
	int code = narrow(tx, l, &filter, err);

	return code < 0 ? code
			: submission_list(tx, l->pool, &filter, &l->submissions, &l->count, &l->total, err);
}

static const char *query_filter(struct http_exchange *x, const char *name)
{
	const char *text = http_query(x, name);

	return text && *text ? text : NULL;
}

/* ?status= is a verdict, or the state of what has none. False after having replied. */
static bool decode_filter(struct http_exchange *x, struct submission_filter *filter)
{
	cleanup_problems struct problems problems = { 0 };
	const char *status = query_filter(x, "status");
	enum submission_state state;

	problems_open(&problems);
	*filter = (struct submission_filter){
		.user_id = query_int(x, "userId", 1, INT64_MAX, 0, &problems),
		.problem_id = query_int(x, "problemId", 1, INT64_MAX, 0, &problems),
		.contest_id = query_int(x, "contestId", 1, INT64_MAX, 0, &problems),
		.language = query_filter(x, "language"),
	};
	if (status && submission_state_from_name(status, &state) && !submission_state_is_final(state))
		filter->state = status;
	else
		filter->verdict = status;
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

void submission_get_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct listing listing = { .pool = http_pool(x), .caller = caller_of(x) };
	struct list_asked asked;
	struct error err;

	if (!list_of(x, &asked) || !decode_filter(x, &listing.filter))
		return;
	listing.filter.skip = asked.skip;
	listing.filter.limit = asked.limit;
	if (db_read(backend->db, list_work, &listing, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < listing.count; i++)
		json_array_append_new(list, submission_json(&listing.submissions[i], listing.pool));
	reply_list(x, &asked, listing.total, list);
}

/* ---- delete ---- */

struct removal {
	struct pool *pool;
	int64_t id;
	struct audit_origin origin;
	bool done;
};

static int remove_work(struct db_tx *tx, void *context, struct error *err)
{
	struct removal *r = context;
	struct submission submission;
	int code = submission_load(tx, r->pool, r->id, &submission, err);

	r->done = code > 0;
	if (code <= 0)
		return code;
	const char *object = pool_printf(r->pool, "submission %" PRId64, r->id);
	const char *detail =
		pool_printf(r->pool, "{\"userId\":%" PRId64 ",\"problemId\":%" PRId64 ",\"status\":\"%s\"}",
			    submission.user_id, submission.problem_id, submission_status(&submission));
	if (!object || !detail)
		return error_set(err, -ENOMEM, "out of memory");
	code = submission_delete(tx, r->pool, r->id, err);
	r->done = code > 0;
	return code <= 0 ? code
			 : audit_note(tx, r->pool, &r->origin, "submission.delete", object, detail, err);
}

void submission_delete_one(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct removal removal = { .pool = http_pool(x), .origin = audit_origin_of(x) };
	struct error err;
	char key[KEY_BYTES];

	if (!path_id(x, "Submission", &removal.id))
		return;
	if (db_write(backend->db, remove_work, &removal, &err) < 0) {
		reply_failure(x, &err);
	} else if (!removal.done) {
		reply_error(x, 404, "Submission not found");
	} else {
		backend_wake(backend, key_submission(removal.id, key));
		http_reply_empty(x, 204);
	}
}
