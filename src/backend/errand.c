#include "errand.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "judged.h"
#include "mirror.h"
#include "problem_task.h"
#include "queue_message.h"
#include "submission_store.h"
#include "told.h"

enum { CONTEST_TRIES = 8, DATA_TRIES = 4 };

int64_t mirror_retry_ms(int64_t tries, int64_t retry_s)
{
	int64_t ms = 1000 << (tries < 0 ? 0 : tries > 6 ? 6 : tries), least_ms = retry_s * 1000;

	ms = ms < 60000 ? ms : 60000;
	return ms > least_ms ? ms : least_ms;
}

int64_t mirror_look_ms(int64_t first_s, int64_t tries)
{
	int64_t ms = first_s * 1000 << (tries < 0 ? 0 : tries > 10 ? 10 : tries);

	return ms < 600000 ? ms : 600000;
}

struct taking {
	struct db_tx *tx;
	const struct backend *backend;
	struct pool *pool;
	int64_t now_ms;
	struct errand *errands;
	struct errand_request *requests;
	size_t count;
};

/* ---- what to ask ---- */

static json_t *text(const char *bytes)
{
	return bytes ? json_text(bytes, strlen(bytes)) : json_null();
}

static json_t *contest_body(const struct mirrored_contest *contest)
{
	return json_pack("{s:o, s:o, s:b, s:o}", "title", text(contest->title), "description",
			 text(contest->description), "is_active", contest->is_active, "external_id",
			 text(contest->external_id));
}

static json_t *judge_of_cases(const struct problem *problem)
{
	json_t *tests = json_array();

	for (size_t i = 0; i < problem->cases_loaded; i++) {
		const struct problem_case *its = &problem->cases[i];

		json_array_append_new(tests, json_pack("{s:o, s:o, s:b}", "input", text(its->input), "answer",
						       text(its->expected_output), "hidden", its->hidden));
	}
	return json_pack("{s:o, s:{s:s}, s:{s:I, s:I}}", "tests", tests, "validator", "kind", "tokens",
			 "limits", "cpu_time_ms", (json_int_t)problem->time_limit_ms, "memory_mb",
			 (json_int_t)problem->memory_limit_mb);
}

/* The body's `judge`, of a problem whose task is known. */
struct judge_part {
	json_t *judge, *files;
	struct data_wish *data;
	bool impossible; /* nothing will ever judge it */
};

static void free_names(void *names)
{
	free(names);
}

static int judge_of_package(const struct taking *t, const struct submission *submission,
			    const struct problem *problem, struct judge_part *part, struct error *err)
{
	struct program program = { .code = { submission->code, strlen(submission->code) },
				   .language = language_find(t->backend, submission->language) };
	struct task task;
	int code = program.language ? problem_task(t->backend, t->pool, &program, problem, &task, err)
				    : error_set(err, -EINVAL, "a language that is not known any more");

	if (code < 0)
		return code;
	part->judge = judge_json(&task);
	part->files = judge_files_json(&task);
	struct data_wish *data = pool_alloc(t->pool, sizeof *data);
	if (!part->judge || !data)
		return error_set(err, -ENOMEM, "out of memory");
	code = data_names_of(&task, &data->names, &data->count);
	if (code == 0 && data->names && pool_defer(t->pool, free_names, data->names) < 0)
		code = -ENOMEM;
	if (code < 0)
		return error_set(err, -ENOMEM, "out of memory");
	part->data = data;
	return 0;
}

static json_t *submission_body(const struct submission *submission, const struct judge_part *part,
			       int64_t remote_contest)
{
	json_t *body = json_pack("{s:o, s:o, s:I, s:o}", "code", text(submission->code), "language",
				 text(submission->language), "user_id", (json_int_t)submission->user_id,
				 "external_id", text(submission->external_id));

	if (remote_contest != 0)
		json_object_set_new(body, "contest_id", json_integer(remote_contest));
	if (submission->contest_id != 0)
		json_object_set_new(body, "priority", json_string("contest"));
	if (part->judge)
		json_object_set_new(body, "judge", part->judge);
	else
		json_object_set_new(body, "input_data", text(submission->input_data));
	if (json_array_size(part->files) > 0)
		json_object_set_new(body, "files", part->files);
	else
		json_decref(part->files);
	return body;
}

/* ---- what is due ---- */

static void release_body(void *body)
{
	json_decref(body);
}

static int add(struct taking *t, const struct errand *errand, const struct errand_request *request,
	       struct error *err)
{
	if (request->body && pool_defer(t->pool, release_body, request->body) < 0) {
		json_decref(request->body);
		return error_set(err, -ENOMEM, "out of memory");
	}
	if (!request->path)
		return error_set(err, -ENOMEM, "out of memory");
	t->errands[t->count] = *errand;
	t->requests[t->count++] = *request;
	return 0;
}

static int add_contest(struct taking *t, enum errand_kind kind, int64_t submission_id, int64_t tries,
		       const struct mirrored_contest *contest, struct error *err)
{
	bool known = contest->remote_id != 0;
	const char *path = known ? pool_printf(t->pool, "/api/v1/contests/%" PRId64, contest->remote_id)
				 : "/api/v1/contests/";

	return add(t,
		   &(struct errand){ .kind = kind,
				     .submission_id = submission_id,
				     .contest_id = contest->id,
				     .remote_id = contest->remote_id,
				     .revision = contest->revision,
				     .tries = tries },
		   &(struct errand_request){
			   .method = known ? "PUT" : "POST", .path = path, .body = contest_body(contest) },
		   err);
}

static int add_look(struct taking *t, const struct dispatch *dispatch, const struct submission *submission,
		    struct error *err)
{
	return add(t,
		   &(struct errand){ .kind = LOOK,
				     .submission_id = submission->id,
				     .remote_id = submission->remote_id,
				     .tries = dispatch->tries },
		   &(struct errand_request){ .method = "GET",
					     .path = pool_printf(t->pool, "/api/v1/submissions/%" PRId64,
								 submission->remote_id),
					     .request_id = dispatch->request_id },
		   err);
}

static int make_judge(const struct taking *t, const struct submission *submission, struct judge_part *part,
		      struct error *err)
{
	struct problem problem = { 0 };
	int found = submission->problem_id == 0 ? 0
						: problem_load_any(t->tx, t->pool, submission->problem_id,
								   PROBLEM_TO_JUDGE, &problem, err);

	*part = (struct judge_part){ 0 };
	if (found <= 0)
		return found;
	if (problem.package.version == 0) {
		part->judge = judge_of_cases(&problem);
		return 0;
	}
	int code = judge_of_package(t, submission, &problem, part, err);
	part->impossible = code < 0 && code != -ENOMEM;
	if (part->impossible)
		log_error("submission cannot be judged", LOG_INT("submission", submission->id),
			  LOG_TEXT("error", err->text));
	return part->impossible ? 0 : code;
}

static int end_unjudged(const struct taking *t, int64_t submission_id, struct error *err)
{
	struct submission end;

	judged_fail(-1, t->now_ms, &end);
	int code = submission_end(t->tx, t->pool, submission_id, &end, err);
	return code < 0 ? code : dispatch_end(t->tx, submission_id, err);
}

static int add_send(struct taking *t, const struct dispatch *dispatch, const struct submission *submission,
		    int64_t remote_contest, struct error *err)
{
	struct judge_part part;
	int code = make_judge(t, submission, &part, err);

	if (code < 0 || part.impossible)
		return code < 0 ? code : end_unjudged(t, submission->id, err);
	return add(t,
		   &(struct errand){ .kind = SEND,
				     .submission_id = submission->id,
				     .contest_id = submission->contest_id,
				     .tries = dispatch->tries,
				     .with_contest = remote_contest != 0,
				     .with_data = part.data && part.data->count > 0 },
		   &(struct errand_request){ .method = "POST",
					     .path = "/api/v1/submissions/",
					     .request_id = dispatch->request_id,
					     .trace = dispatch->trace,
					     .body = submission_body(submission, &part, remote_contest),
					     .data = part.data },
		   err);
}

/* Which of a submission's errands is next. Of a contest that is not active the service would take none: what was
 * handed in before goes without it. */
static int add_dispatch(struct taking *t, const struct dispatch *dispatch, struct error *err)
{
	struct submission submission;
	struct mirrored_contest contest = { 0 };
	int code = submission_load(t->tx, t->pool, dispatch->submission_id, &submission, err);

	if (code < 0)
		return code;
	if (code == 0 || submission.completed_ms != 0)
		return dispatch_end(t->tx, dispatch->submission_id, err);
	if (dispatch->sent && submission.remote_id != 0)
		return add_look(t, dispatch, &submission, err);
	if (submission.contest_id != 0 &&
	    (code = mirror_load(t->tx, t->pool, submission.contest_id, &contest, err)) < 0)
		return code;
	if (contest.is_active && contest.mirrored == 0)
		return add_contest(t, SEND_CONTEST, submission.id, dispatch->tries, &contest, err);
	return add_send(t, dispatch, &submission, contest.is_active ? contest.remote_id : 0, err);
}

static int take_contests(struct taking *t, int64_t until_ms, size_t limit, struct error *err)
{
	struct mirrored_contest *contests;
	int64_t *removed;
	size_t count, i;
	int code = mirror_take(t->tx, t->pool, t->now_ms, until_ms, limit, &contests, &count, err);

	for (i = 0; code == 0 && i < count; i++)
		code = add_contest(t, TELL_CONTEST, 0, contests[i].tries, &contests[i], err);
	if (code == 0)
		code = removal_take(t->tx, t->pool, t->now_ms, until_ms, limit, &removed, &count, err);
	for (i = 0; code == 0 && i < count; i++)
		code = add(t, &(struct errand){ .kind = REMOVE_CONTEST, .remote_id = removed[i] },
			   &(struct errand_request){
				   .method = "DELETE",
				   .path = pool_printf(t->pool, "/api/v1/contests/%" PRId64, removed[i]) },
			   err);
	return code;
}

int errands_take(struct db_tx *tx, const struct backend *backend, struct pool *pool, int64_t now_ms,
		 int64_t until_ms, size_t limit, struct errand **errands, struct errand_request **requests,
		 size_t *count, struct error *err)
{
	struct taking t = { .tx = tx, .backend = backend, .pool = pool, .now_ms = now_ms };
	struct dispatch *dispatches;
	size_t dispatch_count;

	t.errands = pool_array(pool, 3 * limit, sizeof *t.errands);
	t.requests = pool_array(pool, 3 * limit, sizeof *t.requests);
	if (!t.errands || !t.requests)
		return error_set(err, -ENOMEM, "out of memory");
	int code = take_contests(&t, until_ms, limit, err);
	if (code == 0)
		code = dispatch_take(tx, pool, now_ms, until_ms, limit, &dispatches, &dispatch_count, err);
	for (size_t i = 0; code == 0 && i < dispatch_count; i++)
		code = add_dispatch(&t, &dispatches[i], err);
	*errands = t.errands;
	*requests = t.requests;
	*count = t.count;
	return code;
}

/* ---- what came of it ---- */

/* Notes what an answer says of a contest: 1 when the service knows it now, 0 when not, or not yet. */
static int note_contest(struct db_tx *tx, struct pool *pool, const struct errand *errand,
			const struct remote_answer *answer, int64_t now_ms, struct error *err)
{
	int64_t id = json_integer_value(json_object_get(answer->json, "id"));
	int64_t again_ms = now_ms + mirror_retry_ms(errand->tries, answer->retry_s);
	int code;

	if (answer->status == 404 && errand->remote_id != 0)
		return mirror_stale(tx, errand->contest_id, true, now_ms, err);
	if ((answer->status != 200 && answer->status != 201) || id <= 0) {
		if (answer->failure == 0)
			log_warning("execution service refused a contest",
				    LOG_INT("contest", errand->contest_id),
				    LOG_INT("status", answer->status));
		return mirror_failed(tx, errand->contest_id, again_ms, err);
	}
	/* 200 to a POST: it had it, as it was when it was told before. */
	bool exact = answer->status == 201 || errand->remote_id != 0;
	code = mirror_known(tx, pool, errand->contest_id, id, exact ? errand->revision : 1, now_ms, err);
	return code < 0 ? code : 1;
}

static int fail(struct db_tx *tx, const struct errand *errand, int failure, const char *why, int64_t retry_s,
		int64_t now_ms, struct error *err)
{
	return dispatch_failed(tx,
			       &(struct dispatch){ .submission_id = errand->submission_id,
						   .failure = failure,
						   .why = why,
						   .retry_s = retry_s },
			       now_ms + mirror_retry_ms(errand->tries, retry_s), err);
}

static int note_contest_first(struct db_tx *tx, struct pool *pool, const struct errand *errand,
			      const struct remote_answer *answer, int64_t now_ms, struct error *err)
{
	int code = note_contest(tx, pool, errand, answer, now_ms, err);

	if (code < 0)
		return code;
	if (answer->failure != 0)
		return fail(tx, errand, answer->failure, answer->why, answer->retry_s, now_ms, err);
	if (code > 0 || errand->tries < CONTEST_TRIES)
		return dispatch_unsent(tx, errand->submission_id, now_ms, err);
	return fail(tx, errand, 503, "The execution service does not take this contest; try again", 30,
		    now_ms, err);
}

/* The sentence of an error: {"detail": text}, or the first of {"detail": [{"msg"}]}. */
static const char *detail_of(const json_t *json)
{
	const json_t *detail = json_object_get(json, "detail");
	const char *said = json_string_value(detail);

	if (!said)
		said = json_string_value(json_object_get(json_array_get(detail, 0), "msg"));
	return said ? said : "it does not say why";
}

/* Nothing that is sent again would be taken: its user sees why. */
static int refuse(struct db_tx *tx, struct pool *pool, const struct errand *errand,
		  const struct remote_answer *answer, int64_t now_ms, struct error *err)
{
	struct submission end = { .state = SUBMISSION_ERROR,
				  .verdict = verdict_name(VERDICT_JUDGE_ERROR),
				  .error_output = pool_printf(pool, "The execution service refused it: %s",
							      detail_of(answer->json)),
				  .execution_us = -1,
				  .cpu_us = -1,
				  .memory_bytes = -1,
				  .score = -1,
				  .is_correct = -1,
				  .passed = -1,
				  .total = -1,
				  .completed_ms = now_ms };

	log_warning("execution service refused a submission", LOG_INT("submission", errand->submission_id),
		    LOG_INT("status", answer->status));
	int code = submission_end(tx, pool, errand->submission_id, &end, err);
	return code < 0 ? code : dispatch_end(tx, errand->submission_id, err);
}

/* What an answer that names the submission says of it. 0, or -EINVAL when it says nothing. */
static int note_told(struct db_tx *tx, struct pool *pool, const struct errand *errand,
		     const struct told *told, int64_t tries, int64_t look_s, int64_t now_ms,
		     struct error *err)
{
	struct submission submission;
	int code = submission_load(tx, pool, errand->submission_id, &submission, err);

	if (code <= 0)
		return code < 0 ? code : dispatch_end(tx, errand->submission_id, err);
	if (submission.remote_id != told->remote_id)
		code = submission_set_remote(tx, pool, submission.id, told->remote_id, err);
	if (code >= 0)
		code = dispatch_sent(tx, submission.id, tries, now_ms + mirror_look_ms(look_s, tries), err);
	if (code >= 0 && submission.completed_ms != 0)
		return dispatch_end(tx, submission.id, err); /* its webhook was faster */
	if (code >= 0)
		code = told_apply(tx, pool, &submission, told, now_ms, err);
	return code < 0 ? code : 0;
}

static int note_sent(struct db_tx *tx, struct pool *pool, const struct errand *errand,
		     const struct remote_answer *answer, int64_t look_s, int64_t now_ms, struct error *err)
{
	struct told told;
	int status = answer->status;

	if (answer->failure != 0)
		return fail(tx, errand, answer->failure, answer->why, answer->retry_s, now_ms, err);
	if ((status == 404 || status == 400) && errand->with_contest && errand->tries < CONTEST_TRIES) {
		int code = mirror_stale(tx, errand->contest_id, status == 404, now_ms, err);

		return code < 0 ? code : dispatch_unsent(tx, errand->submission_id, now_ms, err);
	}
	if (status == 404 && errand->with_data && errand->tries < DATA_TRIES)
		return fail(tx, errand, 503, "The execution service lacks test data; try again", 1, now_ms,
			    err);
	if (status >= 400)
		return refuse(tx, pool, errand, answer, now_ms, err);
	if (told_decode(answer->json, pool, &told, NULL) < 0 || told.remote_id <= 0)
		return fail(tx, errand, 503,
			    "The execution service gave an answer that makes no sense; try again", 5, now_ms,
			    err);
	return note_told(tx, pool, errand, &told, 0, look_s, now_ms, err);
}

/* A number that is another's there (its database was lost), or nobody's: it is sent again, under its own id. */
static int note_looked(struct db_tx *tx, struct pool *pool, const struct errand *errand,
		       const struct remote_answer *answer, int64_t look_s, int64_t now_ms, struct error *err)
{
	struct submission submission;
	struct told told;
	int code = submission_load(tx, pool, errand->submission_id, &submission, err);

	if (code <= 0)
		return code < 0 ? code : dispatch_end(tx, errand->submission_id, err);
	bool sense = answer->status == 200 && told_decode(answer->json, pool, &told, NULL) == 0;
	bool another = sense && told.external_id && strcmp(told.external_id, submission.external_id) != 0;

	if (answer->status == 404 || another)
		return dispatch_unsent(tx, errand->submission_id, now_ms, err);
	if (sense)
		return note_told(tx, pool, errand, &told, errand->tries + 1, look_s, now_ms, err);
	return dispatch_sent(tx, errand->submission_id, errand->tries + 1,
			     now_ms + mirror_retry_ms(errand->tries, answer->retry_s), err);
}

int errand_note(struct db_tx *tx, struct pool *pool, const struct errand *errand,
		const struct remote_answer *answer, int64_t look_s, int64_t now_ms, struct error *err)
{
	int code = 0;

	switch (errand->kind) {
	case TELL_CONTEST: code = note_contest(tx, pool, errand, answer, now_ms, err); break;
	case SEND_CONTEST: code = note_contest_first(tx, pool, errand, answer, now_ms, err); break;
	case SEND: code = note_sent(tx, pool, errand, answer, look_s, now_ms, err); break;
	case LOOK: code = note_looked(tx, pool, errand, answer, look_s, now_ms, err); break;
	case REMOVE_CONTEST: /* a failure leaves it, and it is due again */
		if (answer->failure == 0)
			code = removal_done(tx, errand->remote_id, err);
		break;
	}
	return code < 0 ? code : 0;
}
