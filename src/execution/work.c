#include "work.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "metrics.h"
#include "model/outcome.h"
#include "queue/queue.h"
#include "transition.h"

static int64_t lease_ms(const struct execution *service)
{
	return service->config->lease_s * 1000;
}

/* ---- claim ---- */

struct claim {
	struct execution *service;
	struct work_taker *takers;
	struct queue_taker *queue_takers;
	size_t taker_count;
	int64_t now_ms;
	struct transitions transitions; /* of all tasks, taker by taker */
};

static int read_tasks(struct db_tx *tx, struct pool *pool, struct work_task *tasks, size_t count,
		      struct error *err)
{
	cleanup_buffer struct buffer ids = { 0 };
	struct db_rows rows;
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		buffer_printf(&ids, "%c%" PRId64, i == 0 ? '[' : ',', tasks[i].submission_id);
	buffer_putc(&ids, ']');
	int code = db_run(
		tx, pool,
		"SELECT submission_id, task FROM submission_source WHERE submission_id " DB_ANY_OF("$1"),
		DB_VALUES(db_text(buffer_text(&ids))), &rows, err);
	if (code < 0)
		return code;
	for (size_t row = 0; row < rows.count; row++)
		for (size_t i = 0; i < count; i++)
			if (tasks[i].submission_id == db_int_at(&rows, row, 0, 0)) {
				tasks[i].task = db_text_at(&rows, row, 1);
				tasks[i].task_size = db_at(&rows, row, 1)->size;
				found++;
			}
	return found == count ? 0 : error_set(err, -EIO, "a submission has no source");
}

/* All tasks lie side by side; each taker has a part of them. */
static int start_tasks(struct db_tx *tx, struct claim *c, struct error *err)
{
	struct pool *pool = c->transitions.pool;
	size_t count = 0, at = 0;

	for (size_t i = 0; i < c->taker_count; i++)
		count += c->queue_takers[i].count;
	struct work_task *tasks = pool_array(pool, count + 1, sizeof *tasks);
	struct transition *items = pool_array(pool, count + 1, sizeof *items);
	if (!tasks || !items)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < c->taker_count; i++) {
		c->takers[i].tasks = tasks + at;
		c->takers[i].count = c->queue_takers[i].count;
		for (size_t j = 0; j < c->takers[i].count; j++, at++) {
			const struct queue_job *job = &c->queue_takers[i].jobs[j];

			tasks[at] = (struct work_task){ .queue_job = job->id,
							.submission_id = job->submission_id,
							.attempt = job->attempts,
							.lease = pool_strdup(pool, job->lease) };
			items[at] = (struct transition){ .submission_id = job->submission_id,
							 .to = SUBMISSION_RUNNING,
							 .now_ms = c->now_ms,
							 .attempts = job->attempts };
		}
	}
	int code = count > 0 ? read_tasks(tx, pool, tasks, count, err) : 0;
	if (code == 0)
		code = transition_make_all(tx, c->service, pool, items, count, err);
	for (size_t i = 0; i < count && code == 0; i++)
		tasks[i].request_id = items[i].request_id;
	c->transitions.items = items;
	c->transitions.count = count;
	return code;
}

static int claim_work(struct db_tx *tx, void *context, struct error *err)
{
	struct claim *c = context;
	struct queue_claim claim = { .takers = c->queue_takers,
				     .taker_count = c->taker_count,
				     .now_ms = c->now_ms,
				     .lease_ms = lease_ms(c->service) };

	for (size_t i = 0; i < c->taker_count; i++)
		c->queue_takers[i] = (struct queue_taker){ .session = c->takers[i].session,
							   .capabilities = c->takers[i].languages,
							   .capability_count = c->takers[i].language_count,
							   .wanted = c->takers[i].wanted };
	queue_keep(&claim);
	int code = queue_claim(tx, c->service->marks, &claim, c->transitions.pool, err);

	return code < 0 ? code : start_tasks(tx, c, err);
}

static void note_claim(struct metrics *metrics, const struct queue_job *job, int64_t now_ms)
{
	const char *class = job_class_name(job->class);
	int64_t waited_ms = now_ms > job->enqueued_ms ? now_ms - job->enqueued_ms : 0;

	metrics_add(metrics, METRIC_CLAIMS, 1, METRIC_LABELS(class, job->capability));
	metrics_observe(metrics, METRIC_QUEUE_TIME, waited_ms * 1000, METRIC_LABELS(class));
}

int work_claim(struct execution *service, struct work_taker *takers, size_t taker_count, struct pool *pool,
	       struct error *err)
{
	struct claim claim = { .service = service,
			       .takers = takers,
			       .queue_takers = pool_array(pool, taker_count, sizeof *claim.queue_takers),
			       .taker_count = taker_count,
			       .now_ms = clock_wall_ms(),
			       .transitions = { .service = service, .pool = pool } };
	/* A lease that a power cut takes back was random, and the job is there. */
	int code = claim.queue_takers ? db_write_relaxed(service->db, claim_work, &claim, err)
				      : error_set(err, -ENOMEM, "out of memory");

	if (code < 0)
		return code;
	for (size_t i = 0; i < taker_count; i++)
		for (size_t j = 0; j < takers[i].count; j++) {
			note_claim(service->metrics, &claim.queue_takers[i].jobs[j], claim.now_ms);
			sessions_lend(service->sessions, takers[i].session, takers[i].tasks[j].submission_id,
				      takers[i].tasks[j].lease);
		}
	transitions_announce(service, &claim.transitions);
	return 0;
}

/* ---- heartbeat ---- */

struct heartbeat {
	struct execution *service;
	const char *session;
	const struct work_lease *leases;
	size_t count;
	struct pool *pool;
	const char **lost;
	size_t lost_count;
};

static int heartbeat_work(struct db_tx *tx, void *context, struct error *err)
{
	struct heartbeat *h = context;
	const char **held = pool_array(h->pool, h->count + 1, sizeof *held);
	size_t held_count = 0;

	h->lost = pool_array(h->pool, h->count + 1, sizeof *h->lost);
	h->lost_count = 0;
	for (size_t i = 0; i < h->count; i++) {
		int64_t submission_id;
		int holds = queue_holds(tx, h->leases[i].queue_job, h->leases[i].lease, &submission_id, err);

		if (holds < 0)
			return holds;
		if (holds)
			held[held_count++] = h->leases[i].lease;
		else
			h->lost[h->lost_count++] = h->leases[i].lease;
	}
	return queue_heartbeat(tx, h->service->marks, h->session, held, held_count, clock_wall_ms(),
			       lease_ms(h->service), err);
}

int work_heartbeat(struct execution *service, const char *session, const struct work_lease *leases,
		   size_t count, struct pool *pool, const char ***lost, size_t *lost_count, struct error *err)
{
	struct heartbeat heartbeat = {
		.service = service, .session = session, .leases = leases, .count = count, .pool = pool
	};
	int code = db_write(service->db, heartbeat_work, &heartbeat, err);

	if (code < 0)
		return code;
	*lost = heartbeat.lost;
	*lost_count = heartbeat.lost_count;
	return 0;
}

/* ---- the end of a submission ---- */

static int put_report(struct db_tx *tx, struct pool *pool, int64_t submission_id, const struct report *report,
		      struct error *err)
{
	cleanup_json json_t *json = NULL;
	cleanup_buffer struct buffer text = { 0 };
	int code = report_encode(report, &json, err);

	if (code < 0)
		return code;
	if (json_write(json, &text) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return store_put_report(tx, pool, submission_id, text.data, text.size, err);
}

static int end_submission(struct db_tx *tx, struct transitions *transitions, int64_t submission_id,
			  const struct report *report, bool judged, int64_t now_ms, struct error *err)
{
	struct transition transition = { .submission_id = submission_id,
					 .to = outcome_state(report, judged),
					 .now_ms = now_ms,
					 .verdict = verdict_name(report->verdict) };
	int code = put_report(tx, transitions->pool, submission_id, report, err);

	return code < 0 ? code : transition_make(tx, transitions, transition, err);
}

/* A submission that we could not run ends like any other: with a report. */
static int end_dead(struct db_tx *tx, struct transitions *transitions, int64_t submission_id,
		    const char *reason, int64_t now_ms, struct error *err)
{
	struct report report = { .verdict = VERDICT_JUDGE_ERROR, .compile_output = "", .message = reason };

	return end_submission(tx, transitions, submission_id, &report, false, now_ms, err);
}

static int back_to_pending(struct db_tx *tx, struct transitions *transitions, int64_t submission_id,
			   int64_t delay_ms, int64_t now_ms, struct error *err)
{
	return transition_make(
		tx, transitions,
		(struct transition){ .submission_id = submission_id,
				     .to = SUBMISSION_PENDING,
				     .now_ms = now_ms,
				     .delayed_until_ms = delay_ms > 0 ? now_ms + delay_ms : 0 },
		err);
}

/* One caller's; whoever does it fills in what stands below, in the caller's pool. */
struct finish {
	struct work_lease lease;
	const struct report *report;
	int64_t now_ms;
	struct pool *pool;

	int64_t submission_id; /* 0: stale */
	int64_t tests, began_ms;
	const char *language;
	struct transition transition;
};

static int end_jobs(struct db_tx *tx, struct pool *pool, struct finish *const *finishes, size_t count,
		    struct error *err)
{
	struct queue_end *ends = pool_array(pool, count, sizeof *ends);
	int code;

	if (!ends)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		ends[i] = (struct queue_end){ finishes[i]->lease.queue_job, finishes[i]->lease.lease, 0 };
	code = queue_finish(tx, ends, count, err);
	for (size_t i = 0; i < count && code == 0; i++)
		finishes[i]->submission_id = ends[i].submission_id;
	return code;
}

/* Those that are not stale, and what is known of their submissions. */
static int read_finished(struct db_tx *tx, struct pool *pool, struct finish **finishes, size_t count,
			 struct error *err)
{
	cleanup_buffer struct buffer ids = { 0 };
	struct db_rows rows;

	for (size_t i = 0; i < count; i++)
		buffer_printf(&ids, "%c%" PRId64, i == 0 ? '[' : ',', finishes[i]->submission_id);
	buffer_putc(&ids, ']');
	int code = db_run(tx, pool,
			  "SELECT id, tests, language, executed_ms FROM submission WHERE id " DB_ANY_OF("$1"),
			  DB_VALUES(db_text(buffer_text(&ids))), &rows, err);
	for (size_t row = 0; code == 0 && row < rows.count; row++)
		for (size_t i = 0; i < count; i++) {
			struct finish *f = finishes[i];

			if (f->submission_id != db_int_at(&rows, row, 0, 0))
				continue;
			f->tests = db_int_at(&rows, row, 1, 0);
			f->language = pool_strdup(f->pool, db_text_at(&rows, row, 2));
			f->began_ms = db_int_at(&rows, row, 3, f->now_ms);
		}
	return code;
}

static int put_result(struct db_tx *tx, struct pool *pool, struct finish *f, struct error *err)
{
	const char *misfit = outcome_misfit(f->report, f->tests);

	if (misfit)
		return error_set(err, -EINVAL, "report: %s", misfit);
	f->transition = (struct transition){ .submission_id = f->submission_id,
					     .to = outcome_state(f->report, f->tests > 0),
					     .now_ms = f->now_ms,
					     .verdict = verdict_name(f->report->verdict) };
	return put_report(tx, pool, f->submission_id, f->report, err);
}

static int end_submissions(struct db_tx *tx, struct execution *service, struct pool *pool,
			   struct finish **finishes, size_t count, struct error *err)
{
	struct transition *items = pool_array(pool, count, sizeof *items);
	int code = items ? read_finished(tx, pool, finishes, count, err)
			 : error_set(err, -ENOMEM, "out of memory");

	for (size_t i = 0; i < count && code == 0; i++) {
		code = put_result(tx, pool, finishes[i], err);
		items[i] = finishes[i]->transition;
	}
	if (code == 0)
		code = transition_make_all(tx, service, pool, items, count, err);
	for (size_t i = 0; i < count && code == 0; i++) {
		const char *request_id = items[i].request_id;

		finishes[i]->transition = items[i];
		finishes[i]->transition.request_id =
			request_id ? pool_strdup(finishes[i]->pool, request_id) : NULL;
	}
	return code;
}

int work_finish_gathered(struct db_tx *tx, void *service, void *const *items, size_t count, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct finish **held = pool ? pool_array(pool, count, sizeof(struct finish *)) : NULL;
	size_t held_count = 0;
	int code = held ? end_jobs(tx, pool, (struct finish *const *)items, count, err)
			: error_set(err, -ENOMEM, "out of memory");

	for (size_t i = 0; i < count && code == 0; i++)
		if (((struct finish *)items[i])->submission_id != 0)
			held[held_count++] = items[i];
	return code < 0 || held_count == 0 ? code : end_submissions(tx, service, pool, held, held_count, err);
}

/* The leases behind these transitions are over. */
static void end_loans(struct execution *service, const struct transitions *transitions, bool lost)
{
	char session[UUID_TEXT_BYTES], key[KEY_BYTES];

	for (size_t i = 0; i < transitions->count; i++)
		if (sessions_end(service->sessions, transitions->items[i].submission_id, lost, session) &&
		    lost)
			execution_wake(service, key_session(session, key));
}

int work_finish(struct execution *service, struct work_lease lease, const struct report *report,
		struct pool *pool, struct error *err)
{
	struct finish finish = { .lease = lease, .report = report, .now_ms = clock_wall_ms(), .pool = pool };
	int code = db_gather_run(service->finishes, &finish, err);

	if (code < 0 || finish.submission_id == 0)
		return code;
	struct transitions transitions = { .service = service, .items = &finish.transition, .count = 1 };
	metrics_note_report(service->metrics, finish.language, report,
			    (finish.now_ms - finish.began_ms) * 1000);
	end_loans(service, &transitions, false);
	transitions_announce(service, &transitions);
	return 1;
}

/* ---- taking back ---- */

struct giving_back {
	struct work_lease lease;
	bool count_attempt;
	int64_t delay_ms, now_ms;
	const char *reason;
	struct transitions transitions;
	bool held;
};

static int return_work(struct db_tx *tx, void *context, struct error *err)
{
	struct giving_back *g = context;
	struct queue_returned returned;
	int held = queue_return(tx, g->lease.queue_job, g->lease.lease, g->count_attempt, g->delay_ms,
				g->now_ms, &returned, err);

	g->transitions.count = 0;
	g->held = held > 0;
	if (held <= 0)
		return held;
	if (returned.dead)
		return end_dead(tx, &g->transitions, returned.submission_id, g->reason, g->now_ms, err);
	return back_to_pending(tx, &g->transitions, returned.submission_id, g->delay_ms, g->now_ms, err);
}

int work_return(struct execution *service, struct work_lease lease, bool count_attempt, int64_t delay_ms,
		const char *reason, struct pool *pool, struct error *err)
{
	struct giving_back giving_back = { .lease = lease,
					   .count_attempt = count_attempt,
					   .delay_ms = delay_ms,
					   .now_ms = clock_wall_ms(),
					   .reason = reason,
					   .transitions = { .service = service, .pool = pool } };
	int code = db_write(service->db, return_work, &giving_back, err);

	if (code < 0)
		return code;
	end_loans(service, &giving_back.transitions, false);
	transitions_announce(service, &giving_back.transitions);
	execution_wake(service, KEY_JOBS);
	return giving_back.held;
}

struct reaping {
	struct execution *service;
	const char *const *sessions;
	size_t session_count;
	bool left; /* by their own word */
	int64_t now_ms;
	struct transitions transitions;
};

static int reap_one_session(struct db_tx *tx, struct reaping *r, const char *session, struct error *err)
{
	struct queue_returned *returned = NULL;
	size_t count = 0;
	int code = queue_reap(tx, r->service->marks, session, r->now_ms, r->transitions.pool, &returned,
			      &count, err);

	for (size_t i = 0; i < count && code >= 0; i++)
		code = returned[i].dead
			       ? end_dead(tx, &r->transitions, returned[i].submission_id,
					  "No worker could finish it: each stopped answering while it ran",
					  r->now_ms, err)
			       : back_to_pending(tx, &r->transitions, returned[i].submission_id, 0, r->now_ms,
						 err);
	return code < 0 ? code : 0;
}

static int reap_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reaping *r = context;
	int code = 0;

	r->transitions.count = 0;
	for (size_t i = 0; i < r->session_count && code == 0; i++)
		code = r->left || !db_is_shared(r->service->db)
			       ? reap_one_session(tx, r, r->sessions[i], err)
			       : queue_session_doubted(tx, r->sessions[i], r->now_ms - SESSIONS_COME_BACK_MS,
						       r->now_ms, err);
	return code < 0 ? code : reap_one_session(tx, r, NULL, err);
}

int work_reap(struct execution *service, const char *const *sessions, size_t session_count, bool left,
	      struct pool *pool, struct error *err)
{
	struct reaping reaping = { .service = service,
				   .left = left,
				   .sessions = sessions,
				   .session_count = session_count,
				   .now_ms = clock_wall_ms(),
				   .transitions = { .service = service, .pool = pool } };
	int code = db_write(service->db, reap_work, &reaping, err);

	if (code < 0)
		return code;
	end_loans(service, &reaping.transitions, true);
	transitions_announce(service, &reaping.transitions);
	if (reaping.transitions.count > 0)
		execution_wake(service, KEY_JOBS);
	return (int)reaping.transitions.count;
}

/* ---- a new start ---- */

struct recovery {
	int64_t now_ms;
	struct transitions transitions;
};

static int recover_work(struct db_tx *tx, void *context, struct error *err)
{
	struct recovery *r = context;
	struct db_rows rows;
	int code = queue_recover(tx, r->now_ms, err);

	r->transitions.count = 0;
	if (code >= 0)
		code = db_run(tx, r->transitions.pool,
			      "SELECT id FROM submission WHERE state = $1 ORDER BY id",
			      DB_VALUES(db_text(submission_state_name(SUBMISSION_RUNNING))), &rows, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < rows.count && code == 0; i++)
		code = back_to_pending(tx, &r->transitions, db_int_at(&rows, i, 0, 0), 0, r->now_ms, err);
	return code;
}

int work_recover(struct execution *service, struct pool *pool, struct error *err)
{
	struct recovery recovery = { .now_ms = clock_wall_ms(),
				     .transitions = { .service = service, .pool = pool } };
	int code = db_write(service->db, recover_work, &recovery, err);

	if (code < 0)
		return error_wrap(err, "take back what was running at the last stop");
	transitions_announce(service, &recovery.transitions);
	return 0;
}
