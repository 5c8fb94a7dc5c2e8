/* /api/v1/submissions */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lifecycle.h"
#include "render.h"
#include "reply.h"

enum { LIST_MAX = 1000 };

static void reply_submission(struct http_exchange *x, int status, const struct submission *submission)
{
	json_t *json;
	struct error err;

	if (render_submission(submission, RENDER_WHOLE, http_pool(x), &json, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, status, json);
}

void submission_post(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct request_rules rules = { service->config, service->languages, service->language_count };
	cleanup_problems struct problems problems = { 0 };
	struct submission_request request;
	struct creation creation = { .request = &request };
	struct error err;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	request_decode(API_V1, &rules, body, size, http_header(x, "Idempotency-Key"), http_pool(x), &request,
		       &problems);
	request_name_origin(x, &request);
	if (problems_any(&problems)) {
		reply_problems(x, &problems);
		return;
	}
	if (lifecycle_create(service, &creation, 1, http_pool(x), &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	const struct refusal *refusal = creation_refusal(creation.outcome);
	if (refusal)
		reply_error(x, refusal->status, "%s", refusal->text);
	else
		reply_submission(x, creation.outcome == CREATION_EXISTED ? 200 : 201, &creation.submission);
}

void submission_get(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct submission submission;
	struct error err;
	int64_t id, wait_ms;

	if (!path_id(x, &id))
		return;
	problems_open(&problems);
	wait_ms = query_wait_ms(x, &problems);
	if (problems_any(&problems)) {
		reply_problems(x, &problems);
		return;
	}
	int found = lifecycle_read(service, id, NULL, http_pool(x), &submission, &err);
	if (found < 0)
		reply_failure(x, &err);
	else if (found == 0)
		reply_error(x, 404, "Submission not found");
	else if (submission_state_is_final(submission.state) || !park_for_submission(x, id, wait_ms))
		reply_submission(x, 200, &submission);
}

void submission_execute(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	enum submission_state state;
	struct error err;
	int64_t id;

	if (!path_id(x, &id))
		return;
	int started = lifecycle_execute(service, id, http_pool(x), &state, &err);
	if (started == -ENOENT)
		reply_error(x, 404, "Submission not found");
	else if (started < 0)
		reply_failure(x, &err);
	else if (started == 0)
		reply_error(x, 400, "Cannot execute submission with status: %s",
			    submission_state_name(state));
	else
		http_reply_json(x, 200,
				json_pack("{s:s, s:I}", "message", "Execution started", "submission_id",
					  (json_int_t)id));
}

/* ---- the list ---- */

struct listing {
	struct pool *pool;
	struct store_filter filter;
	struct submission *submissions;
	size_t count;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return store_list(tx, l->pool, &l->filter, &l->submissions, &l->count, err);
}

static int render_list(const struct listing *listing, json_t **json, struct error *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < listing->count; i++) {
		json_t *element;
		int code = render_submission(&listing->submissions[i], RENDER_LISTED, listing->pool, &element,
					     err);

		if (code < 0) {
			json_decref(list);
			return code;
		}
		json_array_append_new(list, element);
	}
	*json = list;
	return 0;
}

static void query_filter(struct http_exchange *x, int64_t *contest_id, struct store_filter *filter,
			 struct problems *problems)
{
	static const struct place query = { NULL, "query", 0 };
	enum submission_state state;

	*contest_id = query_int(x, "contest_id", INT64_MIN, INT64_MAX, 0, problems);
	*filter = (struct store_filter){
		.user_id = http_query(x, "user_id"),
		.contest_id = http_query(x, "contest_id") ? contest_id : NULL,
		.state = http_query(x, "status"),
		.skip = query_int(x, "skip", 0, INT64_MAX, 0, problems),
		.limit = query_int(x, "limit", 1, LIST_MAX, 100, problems),
	};
	if (filter->state && !submission_state_from_name(filter->state, &state))
		problem_at(problems, &(struct place){ &query, "status", 0 }, "enum",
			   "must be pending, running, completed, error or cancelled");
}

void submission_list(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct listing listing = { .pool = http_pool(x) };
	cleanup_problems struct problems problems = { 0 };
	struct error err;
	int64_t contest_id;
	json_t *json;

	problems_open(&problems);
	query_filter(x, &contest_id, &listing.filter, &problems);
	if (problems_any(&problems))
		reply_problems(x, &problems);
	else if (db_read(service->db, list_work, &listing, &err) < 0 ||
		 render_list(&listing, &json, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 200, json);
}
