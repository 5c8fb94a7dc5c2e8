/* POST /api/submissions: the row, the run, and waiting for its end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "handlers.h"
#include "judging.h"
#include "participant.h"
#include "reply.h"
#include "runner.h"
#include "submission_view.h"

/* ---- create: the row ---- */

enum creation_outcome {
	CREATION_DONE,
	CREATION_NO_PROBLEM,
	CREATION_NO_CONTEST,
	CREATION_NOT_ITS_PROBLEM,
	CREATION_CONTEST_CLOSED,
	CREATION_CONTEST_FULL,
	CREATION_NOT_ITS_LANGUAGE,
};

static const struct {
	int status;
	const char *text;
} refusals[] = {
	[CREATION_NO_PROBLEM] = { 404, "Problem not found" },
	[CREATION_NO_CONTEST] = { 404, "Contest not found" },
	[CREATION_NOT_ITS_PROBLEM] = { 400, "The problem is not one of the contest's" },
	[CREATION_CONTEST_CLOSED] = { 400, "The contest is not open" },
	[CREATION_CONTEST_FULL] = { 409, "The contest is full" },
	[CREATION_NOT_ITS_LANGUAGE] = { 400, "The problem does not take this language" },
};

struct creation {
	struct pool *pool;
	struct caller caller;
	struct submission wanted, submission;
	struct problem problem;
	enum creation_outcome outcome;
};

/* Before anybody joins: who is refused takes no place. */
static int check_contest_problem(struct db_tx *tx, struct creation *c, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, c->pool,
			  "SELECT (SELECT COUNT(*) FROM contest WHERE id = $1), (SELECT COUNT(*) FROM"
			  " contest_problem WHERE contest_id = $1 AND problem_id = $2)",
			  DB_VALUES(db_int(c->wanted.contest_id), db_int(c->wanted.problem_id)), &rows, err);

	if (code < 0)
		return code;
	if (db_int_at(&rows, 0, 0, 0) == 0)
		c->outcome = CREATION_NO_CONTEST;
	else if (db_int_at(&rows, 0, 1, 0) == 0)
		c->outcome = CREATION_NOT_ITS_PROBLEM;
	return 0;
}

static int join_contest(struct db_tx *tx, struct creation *c, struct error *err)
{
	enum join join = JOIN_DONE;
	int code = check_contest_problem(tx, c, err);

	if (code < 0 || c->outcome != CREATION_DONE)
		return code;
	code = participant_join(tx, c->pool, c->wanted.contest_id, c->caller.user_id, c->wanted.created_ms,
				&join, err);
	if (code < 0)
		return code;
	switch (join) {
	case JOIN_DONE:
	case JOIN_TWICE: break;
	case JOIN_FULL: c->outcome = CREATION_CONTEST_FULL; break;
	case JOIN_CLOSED: c->outcome = CREATION_CONTEST_CLOSED; break;
	case JOIN_NO_CONTEST: c->outcome = CREATION_NO_CONTEST; break;
	}
	return 0;
}

/* A contest that is open shows its problems, public or not, to those who take part. */
static int find_problem(struct db_tx *tx, struct creation *c, struct error *err)
{
	int64_t id = c->wanted.problem_id;
	int code = problem_keep(tx, c->pool, id, err);

	if (code > 0)
		code = problem_load(tx, c->pool, id, c->caller, PROBLEM_TO_JUDGE, &c->problem, err);
	if (code == 0)
		c->outcome = CREATION_NO_PROBLEM;
	else if (code > 0 && !problem_takes(&c->problem, c->wanted.language))
		c->outcome = CREATION_NOT_ITS_LANGUAGE;
	return code < 0 ? code : 0;
}

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct creation *c = context;
	int code = 0;

	c->outcome = CREATION_DONE;
	c->submission = c->wanted;
	if (c->wanted.contest_id != 0)
		code = join_contest(tx, c, err);
	if (code == 0 && c->outcome == CREATION_DONE)
		code = find_problem(tx, c, err);
	if (code < 0 || c->outcome != CREATION_DONE)
		return code;
	return submission_insert(tx, c->pool, &c->submission, err);
}

/* ---- create: the request ---- */

/* What stays while a client waits. */
struct posting {
	int64_t id; /* 0: there is no row yet */
	struct judging_client *client;
};

static void posting_destroy(void *memory)
{
	judging_client_leave(((struct posting *)memory)->client);
}

/* False after having replied. */
static bool decode_posting(struct http_exchange *x, struct creation *creation)
{
	static const struct place body_place = { NULL, "body", 0 };
	const struct backend *backend = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct program program = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	*creation = (struct creation){ .pool = http_pool(x),
				       .caller = caller_of(x),
				       .wanted = { .way = WAY_RUN,
						   .replica = judging_replica(backend->judging),
						   .user_id = caller_of(x).user_id,
						   .created_ms = http_arrived_ms(x) } };
	if (json) {
		struct submission *wanted = &creation->wanted;

		fields_open(&fields, json, &body_place, &problems);
		wanted->problem_id = field_int(&fields, "problemId", 1, INT64_MAX, 0);
		if (fields.object && !field_present(&fields, "problemId"))
			problem_at(&problems, &(struct place){ &body_place, "problemId", 0 }, "missing",
				   "is required");
		wanted->contest_id = field_int(&fields, "contestId", 1, INT64_MAX, 0);
		field_program(&fields, backend, &program);
		fields_done(&fields);
		wanted->code = pool_strdup(creation->pool, program.code.bytes ? program.code.bytes : "");
		wanted->language = program.language ? program.language->id : NULL;
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

static void reply_seen(struct http_exchange *x, int status, const struct seen *seen)
{
	char location[64];
	json_t *json = submission_whole_json(seen, http_pool(x));

	if (!json) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return;
	}
	snprintf(location, sizeof location, "/api/submissions/%" PRId64, seen->submission.id);
	http_set_header(x, "Location", location);
	http_reply_json(x, status, json);
}

static bool query_true(struct http_exchange *x, const char *name)
{
	const char *text = http_query(x, name);

	return text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

/* True: the row is there, and the run is on its way. False after having replied, with 202 too. */
static bool create(struct http_exchange *x, struct posting *posting)
{
	struct backend *backend = http_context(x);
	bool async = query_true(x, "async");
	struct creation c;
	struct error err;

	if (!decode_posting(x, &c))
		return false;
	if (!async && !(posting->client = judging_client_new())) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return false;
	}
	if (db_write(backend->db, create_work, &c, &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	if (c.outcome != CREATION_DONE) {
		reply_error(x, refusals[c.outcome].status, "%s", refusals[c.outcome].text);
		return false;
	}
	posting->id = c.submission.id;
	judging_hand_in(backend->judging, &c.submission, &c.problem, posting->client);
	if (async)
		reply_seen(x, 202, &(struct seen){ c.submission, c.problem, true });
	return !async;
}

/* ---- waiting for its end ---- */

static void reply_refused(struct http_exchange *x, int retry_s, const char *why)
{
	char text[16];

	snprintf(text, sizeof text, "%d", retry_s);
	http_set_header(x, "Retry-After", text);
	reply_error(x, 503, "%s", why);
}

/* When the time is over the answer is the one of ?async=true: it is judged all the same. */
static void wait_for_end(struct http_exchange *x, const struct posting *posting)
{
	struct backend *backend = http_context(x);
	const char *why = "";
	int retry_s = judging_client_refused(posting->client, &why);
	struct seen seen;
	struct error err;
	char key[KEY_BYTES];

	if (retry_s > 0) {
		reply_refused(x, retry_s, why);
		return;
	}
	int found = submission_look(backend, http_pool(x), posting->id, caller_of(x), &seen, &err);
	if (found < 0)
		reply_failure(x, &err);
	else if (found > 0 && seen.submission.completed_ms != 0)
		reply_seen(x, 201, &seen);
	else if (http_park(x, key_submission(posting->id, key), backend->config->wait_max_s * 1000))
		return;
	else if (found > 0)
		reply_seen(x, 202, &seen);
	else
		reply_error(x, 404, "Submission not found");
}

void submission_post(struct http_exchange *x)
{
	struct posting *posting = http_memory(x, sizeof *posting, posting_destroy);

	if (!posting)
		reply_failure(x, &(struct error){ .text = "out of memory" });
	else if (posting->id != 0 || create(x, posting))
		wait_for_end(x, posting);
}
