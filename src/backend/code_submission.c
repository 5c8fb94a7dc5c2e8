#include "code_submission.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/json.h"
#include "dispatch_store.h"
#include "problem_store.h"
#include "reply.h"

/* ---- handing in ---- */

/* What makes two requests of one user the same. */
static const char *digest_of(const struct submission *s, char digest[SHA256_TEXT_BYTES])
{
	cleanup_buffer struct buffer text = { 0 };

	buffer_printf(&text, "%" PRId64 " %" PRId64 " %s %zu ", s->contest_id, s->problem_id, s->language,
		      strlen(s->code));
	buffer_puts(&text, s->code);
	buffer_puts(&text, s->input_data);
	if (text.failed)
		return NULL;
	sha256_text(text.data, text.size, digest);
	return digest;
}

static int join(struct db_tx *tx, struct handing *h, struct error *err)
{
	static const enum handed answers[] = { [JOIN_DONE] = HANDED,
					       [JOIN_TWICE] = HANDED,
					       [JOIN_FULL] = HANDED_FULL,
					       [JOIN_CLOSED] = HANDED_CLOSED,
					       [JOIN_NO_CONTEST] = HANDED_NO_CONTEST };
	const struct submission *s = &h->submission;
	enum join answer;
	int code =
		participant_join(tx, h->pool, s->contest_id, h->caller.user_id, s->created_ms, &answer, err);

	if (code == 0)
		h->handed = answers[answer];
	return code;
}

/* The contest's own problems are open to those who have joined, which this transaction may just have done. */
static int check_problem(struct db_tx *tx, struct handing *h, struct error *err)
{
	const struct submission *s = &h->submission;
	struct problem problem;
	struct db_rows rows;
	int code = problem_load(tx, h->pool, s->problem_id, h->caller, PROBLEM_ALONE, &problem, err);

	if (code <= 0) {
		h->handed = HANDED_NO_PROBLEM;
		return code;
	}
	if (!problem_takes(&problem, s->language)) {
		h->handed = HANDED_LANGUAGE;
		return 0;
	}
	if ((code = problem_keep(tx, h->pool, s->problem_id, err)) < 0 || s->contest_id == 0)
		return code < 0 ? code : 0;
	code = db_run(tx, h->pool, "SELECT 1 FROM contest_problem WHERE contest_id = $1 AND problem_id = $2",
		      DB_VALUES(db_int(s->contest_id), db_int(s->problem_id)), &rows, err);
	if (code == 0 && rows.count == 0)
		h->handed = HANDED_FOREIGN;
	return code;
}

static int write_down(struct db_tx *tx, struct handing *h, const char *digest, struct error *err)
{
	struct submission *s = &h->submission;

	s->external_id = NULL;
	int code = submission_insert(tx, h->pool, s, err);
	return code < 0 ? code
			: dispatch_insert(tx,
					  &(struct dispatch){ .submission_id = s->id,
							      .request_id = h->request_id,
							      .trace = h->trace },
					  h->caller.user_id, digest, s->created_ms, err);
}

/* Failing rolls back, so that who is refused has not joined. */
static int hand_in_work(struct db_tx *tx, void *context, struct error *err)
{
	struct handing *h = context;
	struct submission *s = &h->submission;
	char digest[SHA256_TEXT_BYTES];

	h->handed = HANDED;
	if (!digest_of(s, digest))
		return error_set(err, -ENOMEM, "out of memory");
	int code = dispatch_repeat(tx, h->pool, h->caller.user_id, digest, s->created_ms, &s->id, err);
	if (code != 0) {
		h->handed = HANDED_BEFORE;
		return code < 0 ? code : 0;
	}
	if (s->contest_id != 0)
		code = join(tx, h, err);
	if (code == 0 && h->handed == HANDED && s->problem_id != 0)
		code = check_problem(tx, h, err);
	if (code < 0)
		return code;
	return h->handed == HANDED ? write_down(tx, h, digest, err) : error_set(err, -ECANCELED, "refused");
}

int code_submission_hand_in(struct db *db, struct handing *handing, struct error *err)
{
	int code = db_write(db, hand_in_work, handing, err);

	return code == -ECANCELED ? 0 : code;
}

/* ---- how it is shown ---- */

enum { LIST_TEXT_BYTES = 4096 };

static json_t *text_or_null(const char *text, size_t max, bool *cut)
{
	size_t size = text ? strlen(text) : 0;

	*cut = *cut || size > max;
	return text ? json_text(text, size < max ? size : max) : json_null();
}

static json_t *id_or_null(int64_t id)
{
	return id != 0 ? json_integer(id) : json_null();
}

static json_t *known_or_null(int64_t number)
{
	return number >= 0 ? json_integer(number) : json_null();
}

static json_t *score_or_null(int64_t score)
{
	return score >= 0 ? json_sprintf("%" PRId64 ".%02" PRId64, score / 100, score % 100) : json_null();
}

static void put_figures(json_t *json, const struct submission *s)
{
	json_object_set_new(json, "execution_time",
			    s->execution_us >= 0 ? json_sprintf("%.3fs", (double)s->execution_us / 1e6)
						 : json_null());
	json_object_set_new(json, "memory_usage",
			    s->memory_bytes >= 0 ? json_sprintf("%.1fMB", (double)s->memory_bytes / (1 << 20))
						 : json_null());
	json_object_set_new(json, "cpu_time_ms",
			    known_or_null(s->cpu_us < 0 ? -1 : (s->cpu_us + 500) / 1000));
	json_object_set_new(json, "memory_bytes", known_or_null(s->memory_bytes));
	json_object_set_new(json, "score", score_or_null(s->score));
	json_object_set_new(json, "is_correct",
			    s->is_correct >= 0 ? json_boolean(s->is_correct) : json_null());
	json_object_set_new(json, "passed_count", known_or_null(s->passed));
	json_object_set_new(json, "total_test_cases", known_or_null(s->total));
}

/* {"points", "max_points", "groups": [{..., "max_score"}]}, where the problem has them. */
static void put_scores(json_t *json, const struct submission *s)
{
	cleanup_json json_t *scores = s->scores ? json_loads(s->scores, 0, NULL) : NULL;
	json_t *groups = json_object_get(scores, "groups"), *group;
	size_t i;

	json_array_foreach(groups, i, group)
	{
		if (json_object_get(group, "maxScore"))
			json_object_set(group, "max_score", json_object_get(group, "maxScore"));
		json_object_del(group, "maxScore");
	}
	if (json_object_get(scores, "points"))
		json_object_set(json, "points", json_object_get(scores, "points"));
	if (json_object_get(scores, "maxPoints"))
		json_object_set(json, "max_points", json_object_get(scores, "maxPoints"));
	if (groups)
		json_object_set(json, "groups", groups);
}

static void put_results(json_t *json, const struct submission *s)
{
	cleanup_json json_t *results = s->results ? json_loads(s->results, JSON_ALLOW_NUL, NULL) : NULL;

	json_object_set(json, "test_results", results ? results : json_null());
}

json_t *code_submission_json(const struct submission *s, enum code_submission_form form)
{
	size_t max = form == SUBMISSION_LISTED ? LIST_TEXT_BYTES : SIZE_MAX;
	bool cut = false;
	json_t *json = json_pack(
		"{s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "id", (json_int_t)s->id,
		"microservice_submission_id", id_or_null(s->remote_id), "user", (json_int_t)s->user_id,
		"contest", id_or_null(s->contest_id), "problem", id_or_null(s->problem_id), "code",
		text_or_null(s->code, max, &cut), "language", text_or_null(s->language, max, &cut),
		"input_data", text_or_null(s->input_data, max, &cut), "status",
		submission_state_name(s->state), "verdict", text_or_null(s->verdict, max, &cut), "output",
		text_or_null(s->output, max, &cut), "error_output", text_or_null(s->error_output, max, &cut));

	put_figures(json, s);
	put_scores(json, s);
	if (form == SUBMISSION_WHOLE)
		put_results(json, s);
	json_object_set_new(json, "truncated", json_boolean(cut));
	json_object_set_new(json, "created_at", json_time(s->created_ms));
	json_object_set_new(json, "completed_at", json_time(s->completed_ms));
	return json;
}
