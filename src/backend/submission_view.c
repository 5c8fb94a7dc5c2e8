#include "submission_view.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "judged.h"
#include "reply.h"

/* ---- who may see ---- */

bool submission_may_see(struct caller caller, int64_t user_id, int64_t author_id)
{
	return caller.user_id == user_id || caller.role == ROLE_ADMIN ||
	       (caller.role == ROLE_INSTRUCTOR && author_id != 0 && caller.user_id == author_id);
}

int submission_see(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller, struct seen *seen,
		   struct error *err)
{
	int code = submission_load(tx, pool, id, &seen->submission, err);

	seen->has_problem = false;
	if (code <= 0)
		return code;
	if (seen->submission.problem_id != 0) {
		code = problem_load_any(tx, pool, seen->submission.problem_id, PROBLEM_ALONE, &seen->problem,
					err);
		seen->has_problem = code > 0;
	}
	if (code < 0)
		return code;
	return submission_may_see(caller, seen->submission.user_id,
				  seen->has_problem ? seen->problem.author_id : 0);
}

struct looking {
	struct pool *pool;
	int64_t id;
	struct caller caller;
	struct seen *seen;
	bool found;
};

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct looking *l = context;
	int code = submission_see(tx, l->pool, l->id, l->caller, l->seen, err);

	l->found = code > 0;
	return code < 0 ? code : 0;
}

int submission_look(struct backend *backend, struct pool *pool, int64_t id, struct caller caller,
		    struct seen *seen, struct error *err)
{
	struct looking looking = { pool, id, caller, seen, false };
	int code = db_read(backend->db, look_work, &looking, err);

	return code < 0 ? code : looking.found;
}

/* ---- JSON ---- */

const char *submission_status(const struct submission *s)
{
	return s->verdict ? s->verdict : submission_state_name(s->state);
}

static json_t *id_json(int64_t id)
{
	return id != 0 ? json_integer(id) : json_null();
}

static json_t *count_json(int64_t count)
{
	return count >= 0 ? json_integer(count) : json_null();
}

static json_t *score_json(int64_t score)
{
	return score >= 0 ? json_sprintf("%" PRId64 ".%02" PRId64, score / 100, score % 100) : json_null();
}

/* What did not run took no time. */
static json_t *figure(const struct submission *s, int64_t value, json_t *(*form)(int64_t))
{
	return form(value < 0 && s->completed_ms != 0 ? 0 : value);
}

/* "points", "maxPoints" and "groups" of a problem that has them. */
static json_t *with_scores(json_t *json, const struct submission *s)
{
	cleanup_json json_t *scores = NULL;
	struct error err;

	if (json && s->scores && json_parse(s->scores, strlen(s->scores), &scores, &err) == 0)
		json_object_update(json, scores);
	return json;
}

json_t *submission_json(const struct submission *s, struct pool *pool)
{
	json_t *json = json_pack(
		"{s:I, s:o, s:I, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s?, s:s?, s:o, s:o, s:o, s:o}",
		"id", (json_int_t)s->id, "problemId", id_json(s->problem_id), "userId",
		(json_int_t)s->user_id, "contestId", id_json(s->contest_id), "code", s->code, "language",
		s->language, "status", submission_status(s), "isCorrect",
		s->is_correct >= 0 ? json_boolean(s->is_correct) : json_null(), "runtime",
		figure(s, s->execution_us, json_runtime), "memory", figure(s, s->memory_bytes, json_memory),
		"score", score_json(s->score), "feedback",
		judged_feedback(pool, s->state, s->verdict, s->passed, s->total), "error", s->error_output,
		"passedCount", count_json(s->passed), "totalTestCases", count_json(s->total), "submittedAt",
		json_time(s->created_ms), "completedAt", json_time(s->completed_ms));
	return with_scores(json, s);
}

static json_t *summary_json(const struct seen *seen)
{
	const struct submission *s = &seen->submission;
	bool judged = s->passed >= 0 && s->total >= 0;

	return json_pack("{s:o, s:o, s:o, s:b, s:s?, s:s?, s:s}", "totalTests", count_json(s->total),
			 "passedTests", count_json(s->passed), "failedTests",
			 count_json(judged ? s->total - s->passed : -1), "allPassed",
			 s->total > 0 && s->passed == s->total, "problemTitle",
			 seen->has_problem ? seen->problem.title : NULL, "difficulty",
			 seen->has_problem ? seen->problem.difficulty : NULL, "mode", "submit");
}

json_t *submission_whole_json(const struct seen *seen, struct pool *pool)
{
	const struct submission *s = &seen->submission;
	json_t *json = submission_json(s, pool), *results = NULL;
	struct error err;

	if (!json || (s->results && json_parse(s->results, strlen(s->results), &results, &err) < 0)) {
		json_decref(json);
		return NULL;
	}
	if (!results)
		results = json_array();
	json_object_set(json, "results", results);
	json_object_set_new(json, "testResults", results);
	json_object_set_new(json, "summary", summary_json(seen));
	return json;
}
