#include "judging.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "judging_inside.h"
#include "metrics.h"

enum { ENDS_AT_ONCE = 64, AFTER_FAILURE_US = 1000000, LOOK_FOR_REJUDGES_US = 5000000 };

/* ---- lists ---- */

void judging_put(struct judging *judging, struct judging_run **list, struct judging_run *run)
{
	pthread_mutex_lock(&judging->lock);
	run->next = *list;
	*list = run;
	pthread_cond_signal(&judging->wake);
	pthread_mutex_unlock(&judging->lock);
}

void judging_put_told(struct judging *judging, struct run_told *told)
{
	struct run_told *older = NULL;

	pthread_mutex_lock(&judging->lock);
	for (struct run_told **at = &judging->told; *at; at = &(*at)->next) {
		if ((*at)->id != told->id)
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

/* ---- writing ---- */

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

static void announce_end(struct judging *judging, struct judging_run *run)
{
	if (run->ending.was_first && run->rejudge_id == 0) {
		metrics_add(judging->backend->metrics, METRIC_SUBMISSIONS, 1,
			    METRIC_LABELS(run->ending.end.verdict));
		log_info("submission", LOG_INT("submission", run->id),
			 LOG_TEXT("to", submission_state_name(run->ending.end.state)),
			 LOG_TEXT("verdict", run->ending.end.verdict));
	}
	if (run->rejudge_id == 0)
		wake_watchers(judging, run->id);
	judging_run_free(run);
}

/* The runner has room again: those that were put off come before whoever is new, the oldest first. */
static void hasten(struct judging *judging, size_t count)
{
	pthread_mutex_lock(&judging->lock);
	for (; count > 0; count--) {
		struct judging_run *oldest = NULL;

		for (struct judging_run *run = judging->later; run; run = run->next)
			if (run->due_us > 0 && (!oldest || run->id < oldest->id))
				oldest = run;
		if (!oldest)
			break;
		oldest->due_us = 0;
	}
	pthread_mutex_unlock(&judging->lock);
}

/* All of them in one transaction, or when that does not work out, each in its own. */
static void write_ends(struct judging *judging, struct judging_run **runs, size_t count)
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
			judging_put(judging, &judging->ended, runs[i]);
		return;
	}
	for (size_t i = 0; i < count; i++)
		announce_end(judging, runs[i]);
	hasten(judging, count);
}

static void write_all_ends(struct judging *judging, struct judging_run *ended)
{
	struct judging_run *runs[ENDS_AT_ONCE];

	while (ended) {
		size_t count = 0;

		for (; ended && count < ENDS_AT_ONCE; ended = ended->next)
			runs[count++] = ended;
		write_ends(judging, runs, count);
	}
}

/* The row first: whoever is told that there is nothing finds nothing. */
static void write_refusals(struct judging *judging, struct judging_run *run)
{
	for (struct judging_run *next; run; run = next) {
		cleanup_pool struct pool *pool = pool_new();
		struct run_removal removal = { .id = run->id, .replica = judging->replica, .pool = pool };
		struct error err = { .text = "out of memory" };
		int code =
			pool ? db_write(judging->backend->db, judging_remove_work, &removal, &err) : -ENOMEM;

		next = run->next;
		if (database_failed(judging, code, &err)) {
			judging_run_put_off(run, run->retry_s);
			continue;
		}
		if (removal.removed)
			judging_client_refuse(run->client, run->retry_s, run->why);
		wake_watchers(judging, run->id);
		judging_run_free(run);
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
		struct judging_run *run = judging_run_new(judging, beat.taken[i], NULL);

		if (run)
			judging_run_resume(run);
	}
}

/* No more at once than keep the slots busy: who comes next may be somebody who waits. */
static void look_for_rejudges(struct judging *judging)
{
	struct backend *backend = judging->backend;
	cleanup_pool struct pool *pool = pool_new();
	struct rejudge_taking taking = { .replica = judging->replica,
					 .now_ms = clock_wall_ms(),
					 .pool = pool };
	struct error err = { .text = "out of memory" };

	pthread_mutex_lock(&judging->lock);
	taking.limit = judging->rejudging < REJUDGES_TAKEN ? REJUDGES_TAKEN - judging->rejudging : 0;
	judging->next_rejudge_us =
		db_is_shared(backend->db) ? clock_monotonic_us() + LOOK_FOR_REJUDGES_US : INT64_MAX;
	pthread_mutex_unlock(&judging->lock);
	int code = pool ? db_write(backend->db, judging_rejudge_work, &taking, &err) : -ENOMEM;
	if (database_failed(judging, code, &err)) {
		judging->next_rejudge_us = judging->quiet_until_us;
		return;
	}
	for (size_t i = 0; i < taking.count; i++) {
		struct judging_run *run = judging_run_new_again(judging, &taking.items[i]);

		if (run)
			judging_run_resume(run);
	}
}

void judging_look_for_rejudges(struct judging *judging)
{
	pthread_mutex_lock(&judging->lock);
	judging->next_rejudge_us = 0;
	pthread_cond_signal(&judging->wake);
	pthread_mutex_unlock(&judging->lock);
}

void judging_rejudge_over(struct judging *judging)
{
	pthread_mutex_lock(&judging->lock);
	judging->rejudging--;
	judging->next_rejudge_us = 0;
	pthread_cond_signal(&judging->wake);
	pthread_mutex_unlock(&judging->lock);
}

static void resume_due(struct judging_run *due)
{
	for (struct judging_run *next; due; due = next) {
		next = due->next;
		judging_run_resume(due);
	}
}

/* ---- what the thread waits for ---- */

static void *take(void *list)
{
	return take_pointer_at(list);
}

/* Those of `later` whose time has come, off the list. */
static struct judging_run *take_due(struct judging *judging, int64_t now_us)
{
	struct judging_run *due = NULL;

	for (struct judging_run **at = &judging->later; *at;) {
		struct judging_run *run = *at;

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
	until_us = earlier(until_us, judging->next_rejudge_us);
	for (const struct judging_run *run = judging->later; run; run = run->next)
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
		bool beats = judging->next_beat_us <= now_us, looks = judging->next_rejudge_us <= now_us;
		struct judging_run *ended = take(&judging->ended), *refused = take(&judging->refused);
		struct judging_run *due = take_due(judging, now_us);
		struct run_told *told = take(&judging->told);
		last = judging->stopping;
		pthread_mutex_unlock(&judging->lock);

		write_told(judging, told);
		write_all_ends(judging, ended);
		write_refusals(judging, refused);
		if (beats)
			beat(judging);
		resume_due(due);
		if (looks && !last)
			look_for_rejudges(judging);
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

static void free_runs(struct judging_run *run)
{
	for (struct judging_run *next; run; run = next) {
		next = run->next;
		judging_run_free(run);
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
