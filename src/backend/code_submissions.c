/* /api/code-execution/submissions: programs that the execution service runs.
 *
 * A submission is written down before the service hears of it, with an id of ours, under which the service takes it
 * once however often it is sent (mirror.h does). Its user waits, parked, until the service has it, and is then told
 * 201. When the service cannot be had the user is told 503, and the submission stays: it is sent when the service is
 * back, and the user's next try, which is the same request, finds it instead of making a second one. Once the user
 * has been told of it, the same request is a new submission. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "code_submission.h"
#include "dispatch_store.h"
#include "handlers.h"
#include "mirror.h"
#include "reply.h"
#include "runner.h"

enum { MARGIN_MS = 2000, RETRY_S = 5 };

/* ---- decoding ---- */

static const char *decode_language(struct fields *fields, const struct backend *backend)
{
	struct text name = field_text(fields, "language", REQUIRED, 64);
	const struct offered_language *language = name.bytes ? language_find(backend, name.bytes) : NULL;

	if (name.bytes && !language)
		problem_at(fields->problems, &(struct place){ &fields->place, "language", 0 },
			   "unsupported_language", "is none that we know: %s", name.bytes);
	return language ? language->id : NULL;
}

/* A database's text ends at a NUL. */
static const char *decode_body_text(struct fields *fields, const char *name, enum need need, int64_t max,
				    struct pool *pool)
{
	struct text text = field_text(fields, name, need, (size_t)max);

	return text.bytes ? pool_memdup(pool, text.bytes, text.size) : "";
}

/* False after having replied. */
static bool decode_submission(struct http_exchange *x, struct submission *submission)
{
	static const struct place body_place = { NULL, "body", 0 };
	const struct backend *backend = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct pool *pool = http_pool(x);
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		submission->contest_id = field_int(&fields, "contest", 1, INT64_MAX, 0);
		submission->problem_id = field_int(&fields, "problem", 1, INT64_MAX, 0);
		submission->code =
			decode_body_text(&fields, "code", REQUIRED, backend->config->code_bytes, pool);
		submission->language = decode_language(&fields, backend);
		submission->input_data =
			decode_body_text(&fields, "input_data", OPTIONAL, backend->config->input_bytes, pool);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

/* ---- handing in ---- */

/* What an exchange remembers while it waits. */
struct waiting {
	int64_t submission_id;
	bool is_new;
};

/* False after having replied. */
static bool hand_in(struct http_exchange *x, struct waiting *waiting)
{
	struct backend *backend = http_context(x);
	struct handing handing = { .pool = http_pool(x),
				   .caller = caller_of(x),
				   .request_id = http_request_id(x),
				   .trace = http_trace(x),
				   .submission = { .way = WAY_SERVICE,
						   .user_id = caller_of(x).user_id,
						   .created_ms = http_arrived_ms(x) } };
	struct error err;

	if (!decode_submission(x, &handing.submission))
		return false;
	if (code_submission_hand_in(backend->db, &handing, &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	switch (handing.handed) {
	case HANDED:
	case HANDED_BEFORE:
		waiting->submission_id = handing.submission.id;
		waiting->is_new = handing.handed == HANDED;
		mirror_wake(backend->mirror);
		return true;
	case HANDED_NO_CONTEST: reply_error(x, 404, "Contest not found"); break;
	case HANDED_CLOSED: reply_error(x, 400, "The contest is not open"); break;
	case HANDED_FULL: reply_error(x, 409, "The contest is full"); break;
	case HANDED_NO_PROBLEM: reply_error(x, 404, "Problem not found"); break;
	case HANDED_LANGUAGE: reply_error(x, 400, "The problem does not take this language"); break;
	case HANDED_FOREIGN: reply_error(x, 400, "The contest does not have this problem"); break;
	}
	return false;
}

/* ---- what became of it ---- */

struct looking {
	struct pool *pool;
	int64_t id;
	bool found, dispatched;
	struct submission submission;
	struct dispatch dispatch;
};

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct looking *l = context;
	int code = submission_load(tx, l->pool, l->id, &l->submission, err);

	l->found = code > 0;
	if (code > 0)
		code = dispatch_load(tx, l->pool, l->id, &l->dispatch, err);
	l->dispatched = code > 0;
	return code < 0 ? code : 0;
}

static int answered_work(struct db_tx *tx, void *context, struct error *err)
{
	const int64_t *id = context;

	return dispatch_answered(tx, *id, err);
}

static void reply_handed_in(struct http_exchange *x, const struct submission *submission)
{
	struct backend *backend = http_context(x);
	int64_t id = submission->id;
	struct error err;

	if (db_write(backend->db, answered_work, &id, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 201, code_submission_json(submission, SUBMISSION_WHOLE));
}

static void reply_not_sent(struct http_exchange *x, int status, int64_t retry_s, const char *why)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, retry_s > 0 ? retry_s : RETRY_S);
	http_set_header(x, "Retry-After", text);
	reply_error(x, status, "%s. The submission is kept, and the same request does not make a second one",
		    why);
}

/* Without the "; try again" at its end: what is said after it says more. */
static const char *reason_of(struct pool *pool, const char *why)
{
	const char *end = strrchr(why, ';');
	const char *reason = pool_strdup(pool, why);

	if (reason && end)
		((char *)reason)[end - why] = '\0';
	return reason ? reason : why;
}

void code_submission_post(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct waiting *waiting = http_memory(x, sizeof *waiting, NULL);
	struct looking looking = { .pool = http_pool(x) };
	struct error err = { .text = "out of memory" };
	char key[KEY_BYTES];

	if (waiting && waiting->submission_id == 0 && !hand_in(x, waiting))
		return;
	looking.id = waiting ? waiting->submission_id : 0;
	if (!waiting || db_read(backend->db, look_work, &looking, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	const struct dispatch *dispatch = &looking.dispatch;
	if (!looking.found)
		reply_error(x, 404, "Submission not found"); /* an admin was faster */
	else if (!looking.dispatched || dispatch->sent || looking.submission.completed_ms != 0)
		reply_handed_in(x, &looking.submission);
	else if (dispatch->failure != 0)
		reply_not_sent(x, dispatch->failure, dispatch->retry_s,
			       reason_of(looking.pool, dispatch->why));
	else if (!http_park(x, key_submission(looking.id, key),
			    backend->config->service_timeout_ms + MARGIN_MS))
		reply_not_sent(x, 503, RETRY_S, "The execution service did not answer in time");
}

/* ---- reading ---- */

struct reading {
	struct pool *pool;
	struct caller caller;
	struct page page;
	struct submission_filter filter;
	int64_t id, total;
	struct submission *submissions;
	size_t count;
	bool may;
};

/* Whoever runs a contest sees what is handed in to it. */
static int owns_contest(struct db_tx *tx, const struct reading *r, int64_t contest_id, struct error *err)
{
	struct db_rows rows;

	if (contest_id == 0)
		return 0;
	int code = db_run(tx, r->pool, "SELECT 1 FROM contest WHERE id = $1 AND owner_id = $2",
			  DB_VALUES(db_int(contest_id), db_int(r->caller.user_id)), &rows, err);
	return code < 0 ? code : rows.count > 0;
}

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;

	r->submissions = pool_alloc(r->pool, sizeof *r->submissions);
	if (!r->submissions)
		return error_set(err, -ENOMEM, "out of memory");
	int code = submission_load(tx, r->pool, r->id, r->submissions, err);
	r->count = code > 0;
	r->may = code > 0 && (r->caller.role == ROLE_ADMIN || r->submissions->user_id == r->caller.user_id);
	if (code <= 0 || r->may)
		return code < 0 ? code : 0;
	code = owns_contest(tx, r, r->submissions->contest_id, err);
	r->may = code > 0;
	return code < 0 ? code : 0;
}

/* Others' are not there. */
void code_submission_get(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading = { .pool = http_pool(x), .caller = caller_of(x) };
	struct error err;

	if (!path_id(x, "Submission", &reading.id))
		return;
	if (db_read(backend->db, read_work, &reading, &err) < 0)
		reply_failure(x, &err);
	else if (!reading.may)
		reply_error(x, 404, "Submission not found");
	else
		reply_tagged(x, code_submission_json(reading.submissions, SUBMISSION_WHOLE));
}

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;
	int code = 0;

	r->may = r->caller.role == ROLE_ADMIN || r->filter.user_id == r->caller.user_id;
	if (!r->may && (code = owns_contest(tx, r, r->filter.contest_id, err)) > 0)
		r->may = true;
	if (code < 0)
		return code;
	if (!r->may && r->filter.user_id == 0) {
		r->filter.user_id = r->caller.user_id;
		r->may = true;
	}
	return r->may ? submission_list(tx, r->pool, &r->filter, &r->submissions, &r->count, &r->total, err)
		      : 0;
}

/* False after having replied. */
static bool decode_filter(struct http_exchange *x, struct reading *r)
{
	cleanup_problems struct problems problems = { 0 };
	static const struct place query_place = { NULL, "query", 0 };
	enum submission_state state;

	if (!page_of(x, &r->page))
		return false;
	problems_open(&problems);
	r->filter.user_id = query_int(x, "user", 1, INT64_MAX, 0, &problems);
	r->filter.contest_id = query_int(x, "contest", 1, INT64_MAX, 0, &problems);
	r->filter.problem_id = query_int(x, "problem", 1, INT64_MAX, 0, &problems);
	r->filter.state = http_query(x, "status");
	r->filter.language = http_query(x, "language");
	r->filter.skip = (r->page.number - 1) * r->page.size;
	r->filter.limit = r->page.size;
	if (r->filter.state && !submission_state_from_name(r->filter.state, &state))
		problem_at(&problems, &(struct place){ &query_place, "status", 0 }, "enum",
			   "must be pending, running, completed, error or cancelled");
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

void code_submission_get_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading = { .pool = http_pool(x), .caller = caller_of(x) };
	struct error err;

	if (!decode_filter(x, &reading))
		return;
	if (db_read(backend->db, list_work, &reading, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	if (!reading.may) {
		reply_error(x, 403, "Other users' submissions are for admins");
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < reading.count; i++)
		json_array_append_new(list, code_submission_json(&reading.submissions[i], SUBMISSION_LISTED));
	http_reply_json(x, 200, page_json(x, &reading.page, reading.total, list));
}
