#include "judging.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "judged.h"
#include "judging_store.h"
#include "metrics.h"
#include "runner.h"

enum {
	ENDS_AT_ONCE = 64,
	AFTER_FAILURE_US = 1000000,
	RETRY_MAX_S = 15,
	WHY_BYTES = 160,
};

struct judging {
	struct backend *backend;
	char replica[UUID_TEXT_BYTES];
	int64_t beat_us; /* between two signs of life */

	pthread_t thread;
	bool thread_runs;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t wake;
	bool stopping;
	struct run *ended, *refused, *later;
	struct run_told *told;
	int64_t next_beat_us;
	int64_t quiet_until_us; /* the database has just failed */
};

/* One submission that the runner has, or will have again. */
struct run {
	struct run *next;
	struct judging *judging;
	int64_t id;
	int refusals;
	struct judging_client *client; /* or NULL */
	int64_t due_us;                /* of those in `later` */
	int retry_s;                   /* of those in `refused` */
	char why[WHY_BYTES];

	struct pool *pool; /* NULL while the runner does not have it */
	struct judged_case *cases;
	size_t count;
	struct run_end ending;
};

/* ---- clients ---- */

struct judging_client {
	atomic_int references;
	atomic_bool gone;
	atomic_int retry_s;  /* 0: not refused */
	char why[WHY_BYTES]; /* before retry_s */
};

struct judging_client *judging_client_new(void)
{
	struct judging_client *client = calloc(1, sizeof *client);

	if (client)
		atomic_store(&client->references, 1);
	return client;
}

static void let_go(struct judging_client *client)
{
	if (client && atomic_fetch_sub(&client->references, 1) == 1)
		free(client);
}

void judging_client_leave(struct judging_client *client)
{
	if (client)
		atomic_store(&client->gone, true);
	let_go(client);
}

int judging_client_refused(const struct judging_client *client, const char **why)
{
	int retry_s = atomic_load(&client->retry_s);

	if (retry_s > 0)
		*why = client->why;
	return retry_s;
}

static bool waits(const struct judging_client *client)
{
	return client && !atomic_load(&client->gone);
}

/* ---- runs ---- */

static struct run *run_new(struct judging *judging, int64_t id, struct judging_client *client)
{
	struct run *run = calloc(1, sizeof *run);

	if (!run)
		return NULL;
	run->judging = judging;
	run->id = id;
	run->client = client;
	if (client)
		atomic_fetch_add(&client->references, 1);
	return run;
}

static void forget_work(struct run *run)
{
	pool_free(run->pool);
	run->pool = NULL;
	run->cases = NULL;
	run->count = 0;
}

static void run_free(struct run *run)
{
	forget_work(run);
	let_go(run->client);
	free(run);
}

static void put(struct judging *judging, struct run **list, struct run *run)
{
	pthread_mutex_lock(&judging->lock);
	run->next = *list;
	*list = run;
	pthread_cond_signal(&judging->wake);
	pthread_mutex_unlock(&judging->lock);
}

/* ---- what the runner tells, in its threads ---- */

static struct run_told *told_of(int64_t id, const struct progress *progress)
{
	cleanup_json json_t *verdicts = json_array(), *json = NULL;
	cleanup_buffer struct buffer text = { 0 };
	json_int_t passed = 0;

	for (size_t i = 0; i < progress->verdict_count; i++) {
		json_array_append_new(verdicts, json_string(verdict_name(progress->verdicts[i])));
		passed += verdict_is_pass(progress->verdicts[i]);
	}
	json = json_pack("{s:I, s:I, s:I, s:O}", "done", (json_int_t)progress->done, "total",
			 (json_int_t)progress->total, "passed", passed, "verdicts", verdicts);
	struct run_told *told = NULL;
	if (json && json_write(json, &text) == 0)
		told = malloc(sizeof *told + text.size + 1);
	if (told) {
		told->next = NULL;
		told->id = id;
		memcpy(told->tests, buffer_text(&text), text.size + 1);
	}
	return told;
}

/* Only the newest of each counts. What the program has written is not looked at: it may be of a hidden case. */
static void hear_progress(void *context, const struct progress *progress)
{
	struct run *run = context;
	struct judging *judging = run->judging;
	struct run_told *told = told_of(run->id, progress), *older = NULL;

	if (!told)
		return;
	pthread_mutex_lock(&judging->lock);
	for (struct run_told **at = &judging->told; *at; at = &(*at)->next) {
		if ((*at)->id != run->id)
			continue;
		older = *at;
		*at = older->next;
		break;
	}
	told->next = judging->told;
	judging->told = told;
	pthread_cond_signal(&judging->wake);
	pthread_mutex_unlock(&judging->lock);
	free(older);
}

static int64_t backoff_us(const struct run *run, int retry_s)
{
	int growing = 1 << (run->refusals < 6 ? run->refusals : 6);
	int wait_s = growing > retry_s ? growing : retry_s;

	return (int64_t)(wait_s < RETRY_MAX_S ? wait_s : RETRY_MAX_S) * 1000000;
}

static void put_off(struct run *run, int retry_s)
{
	forget_work(run);
	run->due_us = clock_monotonic_us() + backoff_us(run, retry_s);
	run->refusals++;
	put(run->judging, &run->judging->later, run);
}

static void refuse(struct run *run, int retry_s, const char *why)
{
	if (!waits(run->client)) {
		log_info("submission put off", LOG_INT("submission", run->id), LOG_TEXT("reason", why));
		put_off(run, retry_s);
		return;
	}
	run->retry_s = retry_s > 0 ? retry_s : 1;
	snprintf(run->why, sizeof run->why, "%s", why);
	put(run->judging, &run->judging->refused, run);
}

static void hear_end(void *context, const struct runner_result *result)
{
	struct run *run = context;

	if (result->code == -ECANCELED) {
		run_free(run); /* we stop; its row stays open */
	} else if (result->code < 0) {
		refuse(run, result->retry_s, result->why);
	} else if (!judged_end(result->report, run->cases, run->count, clock_wall_ms(), run->pool,
			       &run->ending.end)) {
		put_off(run, 1);
	} else {
		run->ending.id = run->id;
		run->ending.pool = run->pool;
		put(run->judging, &run->judging->ended, run);
	}
}

/* ---- handing in ---- */

/* What results show of the visible cases; the task itself is copied by the runner. */
static bool keep_cases(struct run *run, const struct problem *problem)
{
	run->pool = pool_new();
	run->cases = run->pool ? pool_array(run->pool, problem->cases_loaded + 1, sizeof *run->cases) : NULL;
	if (!run->cases)
		return false;
	run->count = problem->cases_loaded;
	for (size_t i = 0; i < run->count; i++) {
		const struct problem_case *its = &problem->cases[i];

		run->cases[i].hidden = its->hidden;
		if (!its->hidden &&
		    (!judged_keep_text(run->pool, its->input, &run->cases[i].input) ||
		     !judged_keep_text(run->pool, its->expected_output, &run->cases[i].expected_output)))
			return false;
	}
	return true;
}

static bool make_task(struct backend *backend, struct pool *pool, const struct submission *submission,
		      const struct problem *problem, struct task *task)
{
	struct program program = { .code = { submission->code, strlen(submission->code) },
				   .language = language_find(backend, submission->language) };
	struct program_test *tests = pool_array(pool, problem->cases_loaded + 1, sizeof *tests);

	for (size_t i = 0; tests && i < problem->cases_loaded; i++)
		tests[i] = (struct program_test){ problem->cases[i].input, problem->cases[i].expected_output,
						  problem->cases[i].hidden };
	return tests && task_of_tests(backend, pool, &program, tests, problem->cases_loaded,
				      problem->time_limit_ms, problem->memory_limit_mb, task);
}

/* Whatever the reason, the run is told of later: by the runner, or because it is put off. */
static void hand_in(struct run *run, const struct submission *submission, const struct problem *problem)
{
	struct judging *judging = run->judging;
	struct runner_events events = { .progress = hear_progress, .done = hear_end, .context = run };
	cleanup_pool struct pool *pool = pool_new();
	char user[32];
	struct task task;
	struct error err;
	uint64_t id;

	snprintf(user, sizeof user, "user %" PRId64, submission->user_id);
	if (!pool || !keep_cases(run, problem) ||
	    !make_task(judging->backend, pool, submission, problem, &task) ||
	    runner_run(judging->backend->runner, &task, log_request_id(), user, &events, &id, &err) < 0)
		refuse(run, 1, "Too much to do; try again");
}

void judging_hand_in(struct judging *judging, const struct submission *submission,
		     const struct problem *problem, struct judging_client *client)
{
	struct run *run = run_new(judging, submission->id, client);

	if (run)
		hand_in(run, submission, problem);
	else
		log_error("submission not handed in", LOG_INT("submission", submission->id));
}

/* ---- handing in what lies in the database ---- */

struct loading {
	int64_t id;
	struct pool *pool;
	struct submission submission;
	struct problem problem;
	bool open, judgeable;
};

static int load_work(struct db_tx *tx, void *context, struct error *err)
{
	struct loading *l = context;
	int code = submission_load(tx, l->pool, l->id, &l->submission, err);

	l->open = code > 0 && l->submission.completed_ms == 0;
	l->judgeable = false;
	if (code < 0 || !l->open)
		return code < 0 ? code : 0;
	code = problem_load_any(tx, l->pool, l->submission.problem_id, PROBLEM_ALL_CASES, &l->problem, err);
	l->judgeable = code > 0 && l->problem.cases_loaded > 0;
	return code < 0 ? code : 0;
}

/* Its problem is gone, or its language: nothing will ever judge it. */
static void end_unjudged(struct run *run, int64_t total)
{
	run->pool = pool_new();
	if (!run->pool) {
		put_off(run, 1);
		return;
	}
	run->ending = (struct run_end){ .id = run->id, .pool = run->pool };
	judged_fail(total, clock_wall_ms(), &run->ending.end);
	put(run->judging, &run->judging->ended, run);
}

static void resume(struct run *run)
{
	struct backend *backend = run->judging->backend;
	cleanup_pool struct pool *pool = pool_new();
	struct loading loading = { .id = run->id, .pool = pool };
	const struct offered_language *language = NULL;
	struct error err = { .text = "out of memory" };

	if (!pool || db_read(backend->db, load_work, &loading, &err) < 0) {
		log_warning("submission not read", LOG_INT("submission", run->id),
			    LOG_TEXT("error", err.text));
		put_off(run, 1);
		return;
	}
	if (!loading.open) {
		run_free(run); /* somebody has ended or deleted it meanwhile */
		return;
	}
	language = language_find(backend, loading.submission.language);
	if (loading.judgeable && language && !language->unavailable_reason)
		hand_in(run, &loading.submission, &loading.problem);
	else
		end_unjudged(run, loading.judgeable ? (int64_t)loading.problem.cases_loaded : 0);
}

/* ---- the thread ---- */

static void wake_watchers(struct judging *judging, int64_t id)
{
	char key[KEY_BYTES];

	backend_wake(judging->backend, key_submission(id, key));
}

static bool database_failed(struct judging *judging, int code, const struct error *err)
{
	if (code >= 0)
		return false;
	log_error("submissions not written", LOG_TEXT("error", err->text));
	judging->quiet_until_us = clock_monotonic_us() + AFTER_FAILURE_US;
	return true;
}

static void announce_end(struct judging *judging, struct run *run)
{
	if (run->ending.was_first) {
		metrics_add(judging->backend->metrics, METRIC_SUBMISSIONS, 1,
			    METRIC_LABELS(run->ending.end.verdict));
		log_info("submission", LOG_INT("submission", run->id),
			 LOG_TEXT("to", submission_state_name(run->ending.end.state)),
			 LOG_TEXT("verdict", run->ending.end.verdict));
	}
	wake_watchers(judging, run->id);
	run_free(run);
}

/* The runner has room again: those that were put off come before whoever is new, the oldest first. */
static void hasten(struct judging *judging, size_t count)
{
	pthread_mutex_lock(&judging->lock);
	for (; count > 0; count--) {
		struct run *oldest = NULL;

		for (struct run *run = judging->later; run; run = run->next)
			if (run->due_us > 0 && (!oldest || run->id < oldest->id))
				oldest = run;
		if (!oldest)
			break;
		oldest->due_us = 0;
	}
	pthread_mutex_unlock(&judging->lock);
}

/* All of them in one transaction, or when that does not work out, each in its own. */
static void write_ends(struct judging *judging, struct run **runs, size_t count)
{
	struct run_end *items[ENDS_AT_ONCE];
	struct run_ends ends = { .items = items, .count = count };
	struct error err;

	for (size_t i = 0; i < count; i++)
		items[i] = &runs[i]->ending;
	int code = db_write(judging->backend->db, judging_end_work, &ends, &err);
	if (code < 0 && code != -EAGAIN && count > 1) {
		for (size_t i = 0; i < count; i++)
			write_ends(judging, &runs[i], 1);
		return;
	}
	if (database_failed(judging, code, &err)) {
		for (size_t i = 0; i < count; i++)
			put(judging, &judging->ended, runs[i]);
		return;
	}
	for (size_t i = 0; i < count; i++)
		announce_end(judging, runs[i]);
	hasten(judging, count);
}

static void write_all_ends(struct judging *judging, struct run *ended)
{
	struct run *runs[ENDS_AT_ONCE];

	while (ended) {
		size_t count = 0;

		for (; ended && count < ENDS_AT_ONCE; ended = ended->next)
			runs[count++] = ended;
		write_ends(judging, runs, count);
	}
}

/* The row first: whoever is told that there is nothing finds nothing. */
static void write_refusals(struct judging *judging, struct run *run)
{
	for (struct run *next; run; run = next) {
		cleanup_pool struct pool *pool = pool_new();
		struct run_removal removal = { .id = run->id, .replica = judging->replica, .pool = pool };
		struct error err = { .text = "out of memory" };
		int code =
			pool ? db_write(judging->backend->db, judging_remove_work, &removal, &err) : -ENOMEM;

		next = run->next;
		if (database_failed(judging, code, &err)) {
			put_off(run, run->retry_s);
			continue;
		}
		if (removal.removed) {
			memcpy(run->client->why, run->why, WHY_BYTES);
			atomic_store(&run->client->retry_s, run->retry_s);
		}
		wake_watchers(judging, run->id);
		run_free(run);
	}
}

static void write_told(struct judging *judging, struct run_told *told)
{
	struct error err;
	int code = told ? db_write(judging->backend->db, judging_tell_work, told, &err) : 0;

	if (code < 0)
		log_warning("progress not written", LOG_TEXT("error", err.text));
	for (struct run_told *next; told; told = next) {
		next = told->next;
		if (code >= 0)
			wake_watchers(judging, told->id);
		free(told);
	}
}

/* On a database that nobody else can use one look is enough: whoever had it before is dead. */
static void beat(struct judging *judging)
{
	struct backend *backend = judging->backend;
	cleanup_pool struct pool *pool = pool_new();
	struct replica_beat beat = { .replica = judging->replica,
				     .now_ms = clock_wall_ms(),
				     .silent_ms = backend->config->lease_s * 1000,
				     .alone = !db_is_shared(backend->db),
				     .pool = pool };
	struct error err = { .text = "out of memory" };
	int code = pool ? db_write(backend->db, judging_beat_work, &beat, &err) : -ENOMEM;

	if (database_failed(judging, code, &err)) {
		judging->next_beat_us = judging->quiet_until_us;
		return;
	}
	judging->next_beat_us = beat.taken_count == RUNS_TAKEN ? 0
				: beat.alone                   ? INT64_MAX
							       : clock_monotonic_us() + judging->beat_us;
	if (beat.taken_count > 0)
		log_info("submissions taken up", LOG_INT("count", (int64_t)beat.taken_count));
	for (size_t i = 0; i < beat.taken_count; i++) {
		struct run *run = run_new(judging, beat.taken[i], NULL);

		if (run)
			resume(run);
	}
}

static void resume_due(struct run *due)
{
	for (struct run *next; due; due = next) {
		next = due->next;
		resume(due);
	}
}

/* ---- what the thread waits for ---- */

static void *take(void *list)
{
	return take_pointer_at(list);
}

/* Those of `later` whose time has come, off the list. */
static struct run *take_due(struct judging *judging, int64_t now_us)
{
	struct run *due = NULL;

	for (struct run **at = &judging->later; *at;) {
		struct run *run = *at;

		if (run->due_us > now_us) {
			at = &run->next;
			continue;
		}
		*at = run->next;
		run->next = due;
		due = run;
	}
	return due;
}

static int64_t earlier(int64_t left, int64_t right)
{
	return left < right ? left : right;
}

/* 0: there is something to do now. */
static int64_t wait_until_us(const struct judging *judging, int64_t now_us)
{
	int64_t until_us = INT64_MAX;

	if (judging->ended || judging->refused)
		until_us = judging->quiet_until_us;
	if (judging->told)
		until_us = 0;
	until_us = earlier(until_us, judging->next_beat_us);
	for (const struct run *run = judging->later; run; run = run->next)
		until_us = earlier(until_us, run->due_us);
	return until_us > now_us ? until_us : 0;
}

static void wait_for_work(struct judging *judging)
{
	for (;;) {
		int64_t until_us = wait_until_us(judging, clock_monotonic_us());
		struct timespec until = { .tv_sec = until_us / 1000000,
					  .tv_nsec = (long)(until_us % 1000000) * 1000 };

		if (until_us == 0 || judging->stopping)
			return;
		if (until_us == INT64_MAX)
			pthread_cond_wait(&judging->wake, &judging->lock);
		else
			pthread_cond_timedwait(&judging->wake, &judging->lock, &until);
	}
}

static void *work(void *context)
{
	struct judging *judging = context;
	bool last = false;

	while (!last) {
		pthread_mutex_lock(&judging->lock);
		wait_for_work(judging);
		int64_t now_us = clock_monotonic_us();
		bool beats = judging->next_beat_us <= now_us;
		struct run *ended = take(&judging->ended), *refused = take(&judging->refused);
		struct run *due = take_due(judging, now_us);
		struct run_told *told = take(&judging->told);
		last = judging->stopping;
		pthread_mutex_unlock(&judging->lock);

		write_told(judging, told);
		write_all_ends(judging, ended);
		write_refusals(judging, refused);
		if (beats)
			beat(judging);
		resume_due(due);
	}
	return NULL;
}

/* ---- life ---- */

const char *judging_replica(const struct judging *judging)
{
	return judging->replica;
}

static void make_lock(struct judging *judging)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&judging->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&judging->wake, &attributes);
	pthread_condattr_destroy(&attributes);
}

static int start_thread(struct judging *judging, struct error *err)
{
	errno = pthread_create(&judging->thread, NULL, work, judging);
	judging->thread_runs = errno == 0;
	return errno == 0 ? 0 : error_errno(err, "start the thread that judges");
}

int judging_start(struct backend *backend, struct judging **judging, struct error *err)
{
	struct judging *made = calloc(1, sizeof *made);

	if (!made)
		return error_set(err, -ENOMEM, "out of memory");
	made->backend = backend;
	made->beat_us = backend->config->lease_s * 1000000 / 3;
	random_uuid(made->replica);
	make_lock(made);
	beat(made); /* before anything is ours: the others must know that we live */
	int code = start_thread(made, err);
	if (code < 0)
		judging_free(made);
	else
		*judging = made;
	return code;
}

/* What is open is others' from now on; should that not be said, they find out. */
static void leave(struct judging *judging)
{
	struct replica_beat last = { .replica = judging->replica };
	struct error err;

	if (db_write(judging->backend->db, judging_leave_work, &last, &err) < 0)
		log_warning("not signed off", LOG_TEXT("error", err.text));
}

static void free_runs(struct run *run)
{
	for (struct run *next; run; run = next) {
		next = run->next;
		run_free(run);
	}
}

void judging_stop(struct judging *judging)
{
	if (!judging || !judging->thread_runs)
		return;
	pthread_mutex_lock(&judging->lock);
	judging->stopping = true;
	pthread_cond_signal(&judging->wake);
	pthread_mutex_unlock(&judging->lock);
	pthread_join(judging->thread, NULL);
	judging->thread_runs = false;
	leave(judging);
}

void judging_free(struct judging *judging)
{
	if (!judging)
		return;
	judging_stop(judging);
	free_runs(judging->ended);
	free_runs(judging->refused);
	free_runs(judging->later);
	for (struct run_told *next, *told = judging->told; told; told = next) {
		next = told->next;
		free(told);
	}
	pthread_cond_destroy(&judging->wake);
	pthread_mutex_destroy(&judging->lock);
	free(judging);
}
