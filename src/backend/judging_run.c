#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "judging_inside.h"
#include "problem_task.h"
#include "runner.h"

enum { RETRY_MAX_S = 15 };

/* ---- runs ---- */

struct judging_run *judging_run_new(struct judging *judging, int64_t id, struct judging_client *client)
{
	struct judging_run *run = calloc(1, sizeof *run);

	if (!run)
		return NULL;
	run->judging = judging;
	run->id = id;
	run->client = client;
	judging_client_hold(client);
	return run;
}

struct judging_run *judging_run_new_again(struct judging *judging, const struct rejudge_item *item)
{
	struct judging_run *run = judging_run_new(judging, item->submission_id, NULL);

	if (!run)
		return NULL;
	run->rejudge_id = item->rejudge_id;
	pthread_mutex_lock(&judging->lock);
	judging->rejudging++;
	pthread_mutex_unlock(&judging->lock);
	return run;
}

static void forget_work(struct judging_run *run)
{
	pool_free(run->pool);
	run->pool = NULL;
	run->cases = NULL;
	run->count = 0;
}

void judging_run_free(struct judging_run *run)
{
	forget_work(run);
	judging_client_let_go(run->client);
	if (run->rejudge_id != 0)
		judging_rejudge_over(run->judging);
	free(run);
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

/* What the program has written is not looked at: it may be of a hidden case. */
static void hear_progress(void *context, const struct progress *progress)
{
	struct judging_run *run = context;
	struct run_told *told = told_of(run->id, progress);

	if (told)
		judging_put_told(run->judging, told);
}

static int64_t backoff_us(const struct judging_run *run, int retry_s)
{
	int growing = 1 << (run->refusals < 6 ? run->refusals : 6);
	int wait_s = growing > retry_s ? growing : retry_s;

	return (int64_t)(wait_s < RETRY_MAX_S ? wait_s : RETRY_MAX_S) * 1000000;
}

void judging_run_put_off(struct judging_run *run, int retry_s)
{
	forget_work(run);
	run->due_us = clock_monotonic_us() + backoff_us(run, retry_s);
	run->refusals++;
	judging_put(run->judging, &run->judging->later, run);
}

static void refuse(struct judging_run *run, int retry_s, const char *why)
{
	if (!judging_client_waits(run->client)) {
		log_info("submission put off", LOG_INT("submission", run->id), LOG_TEXT("reason", why));
		judging_run_put_off(run, retry_s);
		return;
	}
	run->retry_s = retry_s > 0 ? retry_s : 1;
	snprintf(run->why, sizeof run->why, "%s", why);
	judging_put(run->judging, &run->judging->refused, run);
}

static void hear_end(void *context, const struct runner_result *result)
{
	struct judging_run *run = context;

	if (result->code == -ECANCELED) {
		judging_run_free(run); /* we stop; its row stays open */
	} else if (result->code < 0) {
		refuse(run, result->retry_s, result->why);
	} else if (!judged_end(result->report, run->package_version > 0 ? BY_PACKAGE : BY_CASES, run->cases,
			       run->count, clock_wall_ms(), run->pool, &run->ending.end)) {
		judging_run_put_off(run, 1);
	} else {
		run->ending.end.package_version = run->package_version;
		run->ending.id = run->id;
		run->ending.rejudge_id = run->rejudge_id;
		run->ending.pool = run->pool;
		judging_put(run->judging, &run->judging->ended, run);
	}
}

/* ---- handing in ---- */

/* What results show of the visible cases; the task itself is copied by the runner. */
static bool keep_cases(struct judging_run *run, const struct problem *problem)
{
	run->pool = pool_new();
	run->cases = run->pool ? pool_array(run->pool, problem->cases_loaded + 1, sizeof *run->cases) : NULL;
	if (!run->cases)
		return false;
	run->count = problem->cases_loaded;
	run->package_version = problem->package.version;
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

static int make_task(struct backend *backend, struct pool *pool, const struct submission *submission,
		     const struct problem *problem, struct task *task, struct error *err)
{
	struct program program = { .code = { submission->code, strlen(submission->code) },
				   .language = language_find(backend, submission->language) };

	return problem_task(backend, pool, &program, problem, task, err);
}

/* Whatever the reason, the run is told of later: by the runner, or because it is put off. */
static void hand_in(struct judging_run *run, const struct submission *submission,
		    const struct problem *problem)
{
	struct judging *judging = run->judging;
	bool again = run->rejudge_id != 0;
	struct runner_events events = {
		.progress = again ? NULL : hear_progress, .done = hear_end, .context = run, .is_late = again
	};
	cleanup_pool struct pool *pool = pool_new();
	char user[32];
	struct task task;
	struct error err;
	uint64_t id;

	snprintf(user, sizeof user, "user %" PRId64, submission->user_id);
	if (!pool || !keep_cases(run, problem) ||
	    make_task(judging->backend, pool, submission, problem, &task, &err) < 0 ||
	    runner_run(judging->backend->runner, &task, log_request_id(), user, &events, &id, &err) < 0)
		refuse(run, 1, "Too much to do; try again");
}

void judging_hand_in(struct judging *judging, const struct submission *submission,
		     const struct problem *problem, struct judging_client *client)
{
	struct judging_run *run = judging_run_new(judging, submission->id, client);

	if (run)
		hand_in(run, submission, problem);
	else
		log_error("submission not handed in", LOG_INT("submission", submission->id));
}

/* ---- handing in what lies in the database ---- */

struct loading {
	int64_t id, rejudge_id;
	struct pool *pool;
	struct submission submission;
	struct problem problem;
	bool open, judgeable;
};

static int load_work(struct db_tx *tx, void *context, struct error *err)
{
	struct loading *l = context;
	int code = submission_load(tx, l->pool, l->id, &l->submission, err);

	l->open = code > 0 && (l->submission.completed_ms == 0 || l->rejudge_id != 0);
	l->judgeable = false;
	if (l->open && l->rejudge_id != 0)
		code = rejudge_wants(tx, l->pool, &(struct rejudge_item){ l->rejudge_id, l->id }, err);
	l->open = l->open && code > 0;
	if (code < 0 || !l->open)
		return code < 0 ? code : 0;
	code = problem_load_any(tx, l->pool, l->submission.problem_id, PROBLEM_TO_JUDGE, &l->problem, err);
	l->judgeable = code > 0 && l->problem.cases_loaded > 0;
	return code < 0 ? code : 0;
}

/* Its problem is gone, or its language: nothing will ever judge it. */
static void end_unjudged(struct judging_run *run, int64_t total)
{
	run->pool = pool_new();
	if (!run->pool) {
		judging_run_put_off(run, 1);
		return;
	}
	run->ending = (struct run_end){ .id = run->id, .rejudge_id = run->rejudge_id, .pool = run->pool };
	judged_fail(total, clock_wall_ms(), &run->ending.end);
	judging_put(run->judging, &run->judging->ended, run);
}

void judging_run_resume(struct judging_run *run)
{
	struct backend *backend = run->judging->backend;
	cleanup_pool struct pool *pool = pool_new();
	struct loading loading = { .id = run->id, .rejudge_id = run->rejudge_id, .pool = pool };
	const struct offered_language *language = NULL;
	struct error err = { .text = "out of memory" };

	if (!pool || db_read(backend->db, load_work, &loading, &err) < 0) {
		log_warning("submission not read", LOG_INT("submission", run->id),
			    LOG_TEXT("error", err.text));
		judging_run_put_off(run, 1);
		return;
	}
	if (!loading.open) {
		judging_run_free(run); /* somebody has ended or deleted it meanwhile */
		return;
	}
	language = language_find(backend, loading.submission.language);
	if (loading.judgeable && language && !language->unavailable_reason)
		hand_in(run, &loading.submission, &loading.problem);
	else
		end_unjudged(run, loading.judgeable ? (int64_t)loading.problem.cases_loaded : 0);
}
