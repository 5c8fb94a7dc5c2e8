#include "lifecycle.h"

#include <inttypes.h>

#include "base/blobs.h"
#include "base/clock.h"
#include "base/log.h"
#include "contest_store.h"
#include "metrics.h"
#include "model/verdict.h"
#include "outbox.h"
#include "queue/queue.h"
#include "transition.h"

static int enqueue(struct db_tx *tx, const struct execution *service, const struct submission *s,
		   int64_t now_ms, struct error *err)
{
	struct queue_entry entry = { .submission_id = s->id,
				     .class = s->class,
				     .capability = s->language,
				     .user_id = s->user_id,
				     .max_attempts = (int)service->config->attempts,
				     .cost = 1 + s->tests };

	return queue_enqueue(tx, service->marks, &entry, 1, now_ms, err);
}

/* ---- create ---- */

struct creating {
	struct execution *service;
	struct creation *creations;
	size_t count;
	struct pool *pool;
	int64_t now_ms;
};

static int check_contest(struct db_tx *tx, struct creating *c, struct creation *creation, struct error *err)
{
	enum contest_state state = CONTEST_ACTIVE;
	int code = 0;

	if (creation->request->has_contest)
		code = contest_state(tx, c->pool, creation->request->contest_id, &state, err);
	if (code < 0)
		return code;
	creation->outcome = state == CONTEST_MISSING    ? CREATION_NO_CONTEST
			    : state == CONTEST_INACTIVE ? CREATION_CONTEST_INACTIVE
							: CREATION_NEW;
	return 0;
}

/* 1 and *id when it exists by now, whoever created it. */
static int find_or_insert(struct db_tx *tx, struct creating *c, struct creation *creation, int64_t *id,
			  struct error *err)
{
	int code = store_find_twin(tx, c->pool, creation->request, id, err);

	if (code > 0)
		creation->outcome = CREATION_EXISTED;
	else if (code == 0 && creation->lacks_blob)
		creation->outcome = CREATION_NO_BLOB;
	else if (code == 0)
		code = check_contest(tx, c, creation, err);
	if (code != 0 || creation->outcome != CREATION_NEW)
		return code;
	code = store_insert(tx, c->pool, creation->request, c->now_ms, id, err);
	if (code != 0)
		return code;
	creation->outcome = CREATION_EXISTED;
	code = store_find_twin(tx, c->pool, creation->request, id, err);
	return code == 0 ? error_set(err, -EAGAIN, "the submission was created at the same moment") : code;
}

static int create_one(struct db_tx *tx, struct creating *c, struct creation *creation, struct error *err)
{
	int64_t id = 0;
	int code = find_or_insert(tx, c, creation, &id, err);

	if (code > 0 && creation->outcome == CREATION_NEW && creation->request->webhook_url)
		code = outbox_ask(tx, id, creation->request->webhook_url, creation->request->webhook_secret,
				  err);
	if (code >= 0 && id > 0)
		code = store_load(tx, c->pool, id, &creation->submission, err);
	if (code < 0 || creation->outcome != CREATION_NEW || !creation->request->execute)
		return code < 0 ? code : 0;
	return enqueue(tx, c->service, &creation->submission, c->now_ms, err);
}

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct creating *c = context;
	int code = 0;

	for (size_t i = 0; i < c->count && code >= 0; i++)
		code = create_one(tx, c, &c->creations[i], err);
	return code;
}

static void note_creation(struct execution *service, const struct creation *creation)
{
	const struct submission_request *request = creation->request;

	metrics_add(service->metrics, METRIC_SUBMISSIONS, 1,
		    METRIC_LABELS(request->api == API_V1 ? "v1" : "queue"));
	log_info("submission created", LOG_INT("submission", creation->submission.id),
		 LOG_TEXT("language", request->task.language), LOG_TEXT("trace", request->trace));
}

struct touching {
	struct blobs *blobs;
	bool lacks_one;
	struct error *err;
};

static int touch(const struct task_blob *blob, void *context)
{
	struct touching *t = context;
	int found = blob_touch(t->blobs, blob->sha256, t->err);

	t->lacks_one = t->lacks_one || found == 0;
	return found < 0 ? found : 0;
}

/* Marks the blobs that the task names as used: they stay for BLOBS_KEEP from now on. */
static int touch_blobs(struct execution *service, struct creation *creation, struct error *err)
{
	struct touching touching = { .blobs = service->blobs, .err = err };
	int code = task_visit_blobs(&creation->request->task, touch, &touching);

	creation->lacks_blob = touching.lacks_one;
	return code;
}

int lifecycle_create(struct execution *service, struct creation *creations, size_t count, struct pool *pool,
		     struct error *err)
{
	struct creating creating = { .service = service,
				     .creations = creations,
				     .count = count,
				     .pool = pool,
				     .now_ms = clock_wall_ms() };
	bool queued = false;
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++)
		code = touch_blobs(service, &creations[i], err);
	if (code == 0)
		code = db_write(service->db, create_work, &creating, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < count; i++) {
		if (creations[i].outcome != CREATION_NEW)
			continue;
		queued = queued || creations[i].request->execute;
		note_creation(service, &creations[i]);
	}
	if (queued)
		execution_wake(service, KEY_JOBS);
	return 0;
}

const struct refusal *creation_refusal(enum creation_outcome outcome)
{
	static const struct refusal refusals[] = {
		[CREATION_NO_CONTEST] = { 404, "Contest not found" },
		[CREATION_CONTEST_INACTIVE] = { 400, "Contest is not active" },
		[CREATION_NO_BLOB] = { 404, "Blob not found: put what the tests name first" },
	};

	return outcome == CREATION_NEW || outcome == CREATION_EXISTED ? NULL : &refusals[outcome];
}

/* ---- execute again ---- */

struct restart {
	struct execution *service;
	int64_t id, now_ms;
	struct transitions transitions;
	enum submission_state state;
	bool started;
};

static int queue_first_time(struct db_tx *tx, struct restart *r, const struct submission *s,
			    struct error *err)
{
	int code = db_run(tx, r->transitions.pool, "UPDATE submission SET queued = 1 WHERE id = $1",
			  DB_VALUES(db_int(s->id)), NULL, err);

	return code < 0 ? code : enqueue(tx, r->service, s, r->now_ms, err);
}

static int queue_again(struct db_tx *tx, struct restart *r, const struct submission *s, struct error *err)
{
	struct transition transition = { .submission_id = s->id,
					 .to = SUBMISSION_PENDING,
					 .now_ms = r->now_ms };
	int code = transition_make(tx, &r->transitions, transition, err);

	if (code == 0)
		code = store_put_report(tx, r->transitions.pool, s->id, NULL, 0, err);
	if (code == 0)
		code = queue_dead_forget(tx, s->id, err);
	return code < 0 ? code : enqueue(tx, r->service, s, r->now_ms, err);
}

static int restart_work(struct db_tx *tx, void *context, struct error *err)
{
	struct restart *r = context;
	struct submission submission;
	int code = store_load_to_change(tx, r->transitions.pool, r->id, &submission, err);

	r->transitions.count = 0;
	if (code == 0)
		return error_set(err, -ENOENT, "Submission not found");
	if (code < 0)
		return code;
	r->state = submission.state;
	r->started = submission.state == SUBMISSION_PENDING || submission.state == SUBMISSION_ERROR;
	if (submission.state == SUBMISSION_ERROR)
		return queue_again(tx, r, &submission, err);
	if (submission.state == SUBMISSION_PENDING && !submission.queued)
		return queue_first_time(tx, r, &submission, err);
	return 0;
}

int lifecycle_execute(struct execution *service, int64_t id, struct pool *pool, enum submission_state *state,
		      struct error *err)
{
	struct restart restart = { .service = service,
				   .id = id,
				   .now_ms = clock_wall_ms(),
				   .transitions = { .service = service, .pool = pool } };
	int code = db_write(service->db, restart_work, &restart, err);

	if (code < 0)
		return code;
	transitions_announce(service, &restart.transitions);
	if (restart.started)
		execution_wake(service, KEY_JOBS);
	*state = restart.state;
	return restart.started;
}

/* ---- cancel ---- */

struct cancellation {
	const char *job;
	int64_t now_ms;
	struct transitions transitions;
	enum submission_state state;
	char session[UUID_TEXT_BYTES]; /* of the worker that runs it, maybe at another replica */
};

static int cancel_work(struct db_tx *tx, void *context, struct error *err)
{
	struct cancellation *c = context;
	struct submission submission;
	int code = store_load_job(tx, c->transitions.pool, c->job, &submission, err);

	c->transitions.count = 0;
	if (code == 0)
		return error_set(err, -ENOENT, "Job not found");
	if (code > 0)
		code = queue_cancel(tx, submission.id, c->session, err);
	if (code >= 0)
		code = store_load_to_change(tx, c->transitions.pool, submission.id, &submission, err);
	if (code < 0)
		return code;
	c->state = submission.state;
	if (submission_state_is_final(submission.state))
		return 0;
	struct transition transition = { .submission_id = submission.id,
					 .to = SUBMISSION_CANCELLED,
					 .now_ms = c->now_ms,
					 .verdict = verdict_name(VERDICT_CANCELLED) };
	return transition_make(tx, &c->transitions, transition, err);
}

/* The worker that runs it hears of it through its heartbeat, which is parked under its session's key. */
static void tell_worker(struct execution *service, int64_t submission_id)
{
	char session[UUID_TEXT_BYTES], key[KEY_BYTES];

	if (sessions_end(service->sessions, submission_id, true, session))
		execution_wake(service, key_session(session, key));
}

int lifecycle_cancel(struct execution *service, const char *job, struct pool *pool,
		     enum submission_state *state, struct error *err)
{
	struct cancellation cancellation = { .job = job,
					     .now_ms = clock_wall_ms(),
					     .transitions = { .service = service, .pool = pool } };
	int code = db_write(service->db, cancel_work, &cancellation, err);

	if (code < 0)
		return code;
	transitions_announce(service, &cancellation.transitions);
	for (size_t i = 0; i < cancellation.transitions.count; i++)
		tell_worker(service, cancellation.transitions.items[i].submission_id);
	if (cancellation.session[0] != '\0') {
		char key[KEY_BYTES];

		execution_wake(service, key_session(cancellation.session, key));
	}
	*state = cancellation.state;
	return !submission_state_is_final(cancellation.state) || cancellation.state == SUBMISSION_CANCELLED;
}

/* ---- read ---- */

struct reading {
	int64_t id;
	const char *job;
	struct pool *pool;
	struct submission submission;
	int found;
};

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;

	r->found = r->job ? store_load_job(tx, r->pool, r->job, &r->submission, err)
			  : store_load(tx, r->pool, r->id, &r->submission, err);
	return r->found < 0 ? r->found : 0;
}

int lifecycle_read(struct execution *service, int64_t id, const char *job, struct pool *pool,
		   struct submission *submission, struct error *err)
{
	struct reading reading = { .id = id, .job = job, .pool = pool };
	int code = db_read(service->db, read_work, &reading, err);

	if (code == 0 && reading.found)
		*submission = reading.submission;
	return code < 0 ? code : reading.found;
}

struct reading_many {
	struct reading_one *ones;
	size_t count;
	struct pool *pool;
};

static int read_many_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading_many *r = context;
	int code = 0;

	for (size_t i = 0; i < r->count && code >= 0; i++) {
		code = store_load(tx, r->pool, r->ones[i].id, &r->ones[i].submission, err);
		r->ones[i].found = code > 0;
	}
	return code < 0 ? code : 0;
}

int lifecycle_read_many(struct execution *service, struct reading_one *ones, size_t count, struct pool *pool,
			struct error *err)
{
	struct reading_many reading = { ones, count, pool };

	return db_read(service->db, read_many_work, &reading, err);
}

/* ---- count ---- */

struct counting {
	struct pool *pool;
	struct lifecycle_figures figures;
};

static int count_work(struct db_tx *tx, void *context, struct error *err)
{
	struct counting *c = context;
	int code = queue_count(tx, &c->figures.queue, err);

	return code < 0 ? code : store_count(tx, c->pool, &c->figures.counts, &c->figures.count, err);
}

int lifecycle_count(struct execution *service, struct pool *pool, struct lifecycle_figures *figures,
		    struct error *err)
{
	struct counting counting = { .pool = pool };
	int code = db_read(service->db, count_work, &counting, err);

	if (code == 0)
		*figures = counting.figures;
	return code;
}
