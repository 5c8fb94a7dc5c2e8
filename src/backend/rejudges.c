/* /api/admin/rejudges: judging again, looking at what would change, and only then changing it. */
#include <inttypes.h>
#include <stdio.h>

#include "audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "handlers.h"
#include "judging.h"
#include "list.h"
#include "problem_store.h"
#include "rejudge_store.h"
#include "reply.h"

enum { REASON_BYTES_MAX = 500 };

/* ---- JSON ---- */

static const char *const scope_fields[] = { "submissionId", "problemId", "contestId" };

static json_t *id_or_null(int64_t id)
{
	return id != 0 ? json_integer(id) : json_null();
}

static json_t *score_json(int64_t score)
{
	return score >= 0 ? json_sprintf("%" PRId64 ".%02" PRId64, score / 100, score % 100) : json_null();
}

static json_t *rejudge_json(const struct rejudge *r)
{
	return json_pack("{s:I, s:s, s:I, s:s, s:o, s:s, s:{s:I, s:I, s:I}, s:o, s:o, s:o, s:o}", "id",
			 (json_int_t)r->id, "state", rejudge_state_name(r->state), scope_fields[r->scope],
			 (json_int_t)r->scope_id, "reason", r->reason, "createdBy", id_or_null(r->actor_id),
			 "scope", rejudge_scope_name(r->scope), "counts", "total", (json_int_t)r->total,
			 "judged", (json_int_t)r->judged, "changed", (json_int_t)r->changed, "createdAt",
			 json_time(r->created_ms), "judgedAt", json_time(r->judged_ms), "appliedAt",
			 json_time(r->applied_ms), "undoneAt", json_time(r->undone_ms));
}

static json_t *change_json(const struct rejudge_change *c)
{
	return json_pack("{s:I, s:I, s:I, s:{s:s?, s:o}, s:{s:s?, s:o}}", "submission",
			 (json_int_t)c->submission_id, "user", (json_int_t)c->user_id, "problem",
			 (json_int_t)c->problem_id, "before", "status", c->before, "score",
			 score_json(c->before_score), "after", "status", c->after, "score",
			 score_json(c->after_score));
}

/* ---- creating ---- */

struct creation {
	struct pool *pool;
	struct caller caller;
	struct audit_origin origin;
	struct rejudge wanted, rejudge;
	int status; /* what it is refused with; 0: it is not */
	const char *why;
};

static int refuse(struct creation *c, int status, const char *why)
{
	c->status = status;
	c->why = why;
	return 0;
}

/* An instructor's own: the problem itself, or a submission to it. Contests, which have several authors, are admins'. */
static int check_problem(struct db_tx *tx, struct creation *c, int64_t problem_id, struct error *err)
{
	struct problem problem;
	int code = problem_load_any(tx, c->pool, problem_id, PROBLEM_ALONE, &problem, err);

	if (code == 0)
		return refuse(c, 404, "Problem not found");
	if (code > 0 && c->caller.role != ROLE_ADMIN && !problem_is_own(&problem, c->caller))
		return refuse(c, 403, "Only a problem's author and admins may have it judged again");
	return code < 0 ? code : 0;
}

static int check_submission(struct db_tx *tx, struct creation *c, struct error *err)
{
	struct submission submission;
	int code = submission_load(tx, c->pool, c->wanted.scope_id, &submission, err);

	if (code < 0)
		return code;
	if (code == 0)
		return refuse(c, 404, "Submission not found");
	if (submission.problem_id == 0)
		return refuse(c, 400, "The submission is to no problem: there is nothing to judge");
	if (submission.completed_ms == 0)
		return refuse(c, 409, "The submission has not been judged yet");
	return check_problem(tx, c, submission.problem_id, err);
}

static int check_contest(struct db_tx *tx, struct creation *c, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, c->pool, "SELECT id FROM contest WHERE id = $1",
			  DB_VALUES(db_int(c->wanted.scope_id)), &rows, err);

	if (code == 0 && rows.count == 0)
		return refuse(c, 404, "Contest not found");
	if (code == 0 && c->caller.role != ROLE_ADMIN)
		return refuse(c, 403, "Only admins may have a contest judged again");
	return code;
}

static int check_scope(struct db_tx *tx, struct creation *c, struct error *err)
{
	switch (c->wanted.scope) {
	case REJUDGE_SUBMISSION: return check_submission(tx, c, err);
	case REJUDGE_PROBLEM: return check_problem(tx, c, c->wanted.scope_id, err);
	case REJUDGE_CONTEST: return check_contest(tx, c, err);
	}
	return error_set(err, -EINVAL, "no scope");
}

static int note(struct db_tx *tx, struct pool *pool, const struct audit_origin *origin, const char *action,
		const struct rejudge *r, struct error *err)
{
	cleanup_json json_t *detail =
		json_pack("{s:I, s:s}", scope_fields[r->scope], (json_int_t)r->scope_id, "reason", r->reason);
	cleanup_buffer struct buffer text = { 0 };
	const char *object = pool_printf(pool, "rejudge %" PRId64, r->id);

	if (!object || !detail || json_write(detail, &text) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	const char *kept = pool_strdup(pool, text.data);
	return audit_note(tx, pool, origin, action, object, kept, err);
}

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct creation *c = context;

	c->status = 0;
	c->rejudge = c->wanted;
	int code = check_scope(tx, c, err);
	if (code < 0 || c->status != 0)
		return code;
	code = rejudge_insert(tx, c->pool, &c->rejudge, err);
	if (code == 0)
		return refuse(c, 400, "There is nothing that was judged before");
	return code < 0 ? code : note(tx, c->pool, &c->origin, "rejudge.create", &c->rejudge, err);
}

/* Which one of the three it is. False after having replied. */
static bool decode(struct http_exchange *x, struct rejudge *wanted)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size, given = 0;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		for (size_t i = 0; i < sizeof scope_fields / sizeof scope_fields[0]; i++) {
			int64_t id = field_int(&fields, scope_fields[i], 1, INT64_MAX, 0);

			if (id == 0)
				continue;
			wanted->scope = (enum rejudge_scope)i;
			wanted->scope_id = id;
			given++;
		}
		struct text reason = field_text(&fields, "reason", OPTIONAL, REASON_BYTES_MAX);
		wanted->reason = pool_strdup(http_pool(x), reason.bytes ? reason.bytes : "");
		fields_done(&fields);
		if (given != 1 && fields.object && !problems_any(&problems))
			problem_at(&problems, &body_place, "missing",
				   "one of submissionId, problemId and contestId is required");
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

void rejudge_post(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct creation c = { .pool = http_pool(x),
			      .caller = caller_of(x),
			      .origin = audit_origin_of(x),
			      .wanted = { .actor_id = caller_of(x).user_id, .created_ms = clock_wall_ms() } };
	char location[64];
	struct error err;

	if (!decode(x, &c.wanted))
		return;
	if (db_write(backend->db, create_work, &c, &err) < 0) {
		reply_failure(x, &err);
	} else if (c.status != 0) {
		reply_error(x, c.status, "%s", c.why);
	} else {
		judging_look_for_rejudges(backend->judging);
		snprintf(location, sizeof location, "/api/admin/rejudges/%" PRId64, c.rejudge.id);
		http_set_header(x, "Location", location);
		http_reply_json(x, 202, rejudge_json(&c.rejudge));
	}
}

/* ---- reading ---- */

struct reading {
	struct pool *pool;
	struct caller caller;
	int64_t id;
	struct page page;
	struct rejudge rejudge;
	struct rejudge_change *changes;
	size_t count;
	bool found;
};

static bool may_see(struct caller caller, const struct rejudge *rejudge)
{
	return caller.role == ROLE_ADMIN || caller.user_id == rejudge->actor_id;
}

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;
	int code = rejudge_load(tx, r->pool, r->id, false, &r->rejudge, err);

	r->found = code > 0 && may_see(r->caller, &r->rejudge);
	if (code < 0 || !r->found)
		return code < 0 ? code : 0;
	return rejudge_changes(tx, r->pool, r->id, (r->page.number - 1) * r->page.size, r->page.size,
			       &r->changes, &r->count, err);
}

/* `changed` is a page of those that are another than before. */
void rejudge_get(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading r = { .pool = http_pool(x), .caller = caller_of(x) };
	struct error err;

	if (!path_id(x, "Rejudge", &r.id) || !page_of(x, &r.page))
		return;
	if (db_read(backend->db, read_work, &r, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	if (!r.found) {
		reply_error(x, 404, "Rejudge not found");
		return;
	}
	json_t *json = rejudge_json(&r.rejudge), *list = json_array();
	for (size_t i = 0; i < r.count; i++)
		json_array_append_new(list, change_json(&r.changes[i]));
	json_object_set_new(json, "changed", list);
	http_reply_json(x, 200, json);
}

struct listing {
	struct pool *pool;
	struct caller caller;
	struct list_asked asked;
	struct rejudge *rejudges;
	size_t count;
	int64_t total;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return rejudge_list(tx, l->pool, l->caller.role == ROLE_ADMIN ? 0 : l->caller.user_id, l->asked.skip,
			    l->asked.limit, &l->rejudges, &l->count, &l->total, err);
}

void rejudge_get_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct listing l = { .pool = http_pool(x), .caller = caller_of(x) };
	struct error err;

	if (!list_of(x, &l.asked))
		return;
	if (db_read(backend->db, list_work, &l, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(list, rejudge_json(&l.rejudges[i]));
	reply_list(x, &l.asked, l.total, list);
}

/* ---- what is done with one ---- */

enum step { STEP_APPLY, STEP_UNDO, STEP_CANCEL };

static const struct {
	const char *action, *refusal;
	unsigned from; /* states, as bits */
} steps[] = {
	[STEP_APPLY] = { "rejudge.apply",
			 "Only a rejudge whose submissions have all been judged can be applied",
			 1 << REJUDGE_JUDGED | 1 << REJUDGE_UNDONE },
	[STEP_UNDO] = { "rejudge.undo", "Only a rejudge that was applied can be undone",
			1 << REJUDGE_APPLIED },
	[STEP_CANCEL] = { "rejudge.cancel", "A rejudge that was applied is undone, not cancelled",
			  1 << REJUDGE_RUNNING | 1 << REJUDGE_JUDGED | 1 << REJUDGE_UNDONE |
				  1 << REJUDGE_CANCELLED },
};

struct doing {
	struct pool *pool;
	struct caller caller;
	struct audit_origin origin;
	int64_t id, now_ms;
	enum step step;
	bool found, fits;
	struct rejudge rejudge;
};

static int take_step(struct db_tx *tx, struct doing *d, struct error *err)
{
	switch (d->step) {
	case STEP_APPLY: return rejudge_apply(tx, d->pool, d->id, d->now_ms, err);
	case STEP_UNDO: return rejudge_undo(tx, d->pool, d->id, d->now_ms, err);
	case STEP_CANCEL: return rejudge_cancel(tx, d->id, err);
	}
	return error_set(err, -EINVAL, "no step");
}

static int do_work(struct db_tx *tx, void *context, struct error *err)
{
	struct doing *d = context;
	int code = rejudge_load(tx, d->pool, d->id, true, &d->rejudge, err);

	d->found = code > 0 && may_see(d->caller, &d->rejudge);
	d->fits = d->found && (steps[d->step].from >> d->rejudge.state & 1) != 0;
	if (code < 0 || !d->fits)
		return code < 0 ? code : 0;
	code = take_step(tx, d, err);
	if (code == 0)
		code = note(tx, d->pool, &d->origin, steps[d->step].action, &d->rejudge, err);
	if (code == 0)
		code = rejudge_load(tx, d->pool, d->id, false, &d->rejudge, err);
	return code < 0 ? code : 0;
}

static void do_step(struct http_exchange *x, enum step step)
{
	struct backend *backend = http_context(x);
	struct doing d = { .pool = http_pool(x),
			   .caller = caller_of(x),
			   .origin = audit_origin_of(x),
			   .now_ms = clock_wall_ms(),
			   .step = step };
	struct error err;

	if (!path_id(x, "Rejudge", &d.id))
		return;
	int code = db_write(backend->db, do_work, &d, &err);
	if (code == -EBUSY)
		reply_error(x, 409, "%s", err.text);
	else if (code < 0)
		reply_failure(x, &err);
	else if (!d.found)
		reply_error(x, 404, "Rejudge not found");
	else if (!d.fits)
		reply_error(x, 409, "%s", steps[step].refusal);
	else if (step == STEP_CANCEL)
		http_reply_empty(x, 204);
	else
		http_reply_json(x, 200, rejudge_json(&d.rejudge));
}

void rejudge_post_apply(struct http_exchange *x)
{
	do_step(x, STEP_APPLY);
}

void rejudge_post_undo(struct http_exchange *x)
{
	do_step(x, STEP_UNDO);
}

void rejudge_delete_one(struct http_exchange *x)
{
	do_step(x, STEP_CANCEL);
}
