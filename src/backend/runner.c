/* Which way each run goes, and that each is told of exactly once.
 *
 * A run belongs to whoever runs it: the queue client (queue_client.c), then perhaps, once, the backend's own worker
 * (direct.c). Both end each run that they were given exactly once, from a thread of theirs; a cancel goes to both, as
 * only one has it, and it must not be lost on the way from one to the other. */
#include "runner.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "data_sender.h"
#include "direct.h"
#include "metrics.h"
#include "queue_client.h"
#include "queue_probe.h"

enum {
	FIRST_WORKER_MS = 60000,
	MESSAGE_SLACK_BYTES = 1 << 20,
	STUCK_SLACK_MS = 60000,
	EXCERPT_BYTES = 50,
	RETRY_S = 5,
	LATE_PATIENCE_MS = 86400000, /* of a run that comes behind all others */
};

struct run {
	struct run *next;
	struct runner *runner;
	uint64_t id;
	struct runner_events events;
	bool cancelled;
	struct buffer job;  /* the task's JSON */
	struct buffer body; /* what the queue service gets; empty for a run that does not go there */
	char *request_id;
	struct direct_run direct;
	struct queue_run queue;
	struct data_wish wish; /* what must lie at the queue service before */
};

struct runner {
	const struct config *config;
	struct metrics *metrics;
	struct direct *direct; /* NULL: there is none */
	char direct_missing[256];
	struct queue_client *queue; /* NULL: the mode is direct */
	struct data_sender *sender; /* the same */
	struct queue_probe *probe;  /* NULL: the mode is queue */

	pthread_mutex_t lock;
	struct run *runs;
	uint64_t last_id;
	int64_t shared; /* runs of which the queue service got its share */
	int64_t fallbacks;
	char last_reason[256];
};

/* ---- the end of a run ---- */

static void free_run(struct run *run)
{
	buffer_free(&run->job);
	buffer_free(&run->body);
	free(run->wish.names);
	free(run->request_id);
	free(run);
}

static void forget(struct run *run)
{
	struct runner *runner = run->runner;

	pthread_mutex_lock(&runner->lock);
	for (struct run **slot = &runner->runs; *slot; slot = &(*slot)->next) {
		if (*slot != run)
			continue;
		*slot = run->next;
		break;
	}
	pthread_mutex_unlock(&runner->lock);
}

static const char *way_name(enum runner_way way)
{
	return way == RUNNER_QUEUE ? "queue" : "direct";
}

static const char *outcome_name(int code)
{
	switch (code) {
	case 0: return "done";
	case -ECANCELED: return "cancelled";
	case -EAGAIN: return "full";
	default: return "failed";
	}
}

static void end_run(struct run *run, const struct runner_result *result)
{
	forget(run);
	metrics_add(run->runner->metrics, METRIC_RUNS, 1,
		    METRIC_LABELS(way_name(result->way), outcome_name(result->code)));
	run->events.done(run->events.context, result);
	free_run(run);
}

/* ---- direct ---- */

static struct run *run_of_direct(struct direct_run *direct)
{
	return (struct run *)(void *)((char *)direct - offsetof(struct run, direct));
}

static void direct_progressed(struct direct_run *direct, const struct progress *progress)
{
	struct run *run = run_of_direct(direct);

	run->events.progress(run->events.context, progress);
}

static void direct_done(struct direct_run *direct, const struct direct_end *end)
{
	struct run *run = run_of_direct(direct);
	const struct runner_result result = {
		.code = end->code,
		.way = RUNNER_DIRECT,
		.report = end->report,
		.pool = end->pool,
		.retry_s = end->retry_s,
		.why = end->why,
	};

	end_run(run, &result);
}

/* Without a worker the runner itself tells so, in the caller's thread: there is no other. */
static void run_directly(struct run *run)
{
	struct runner *runner = run->runner;
	struct pool *none = NULL;

	if (runner->direct) {
		direct_submit(runner->direct, &run->direct);
		return;
	}
	end_run(run, &(struct runner_result){ .code = -EHOSTDOWN,
					      .way = RUNNER_DIRECT,
					      .pool = &none,
					      .retry_s = RETRY_S,
					      .why = "Programs cannot be run at the moment" });
}

/* ---- by the queue service ---- */

static void note_fallback(struct runner *runner, const char *reason)
{
	pthread_mutex_lock(&runner->lock);
	runner->fallbacks++;
	snprintf(runner->last_reason, sizeof runner->last_reason, "%s", reason);
	pthread_mutex_unlock(&runner->lock);
	metrics_add(runner->metrics, METRIC_FALLBACKS, 1, METRIC_NO_LABELS);
}

static void log_direct(const struct run *run)
{
	log_info("[EXEC-SERVICE] Using direct execution", LOG_INT("run", (int64_t)run->id));
}

static struct run *run_of_queue(struct queue_run *queue)
{
	return (struct run *)(void *)((char *)queue - offsetof(struct run, queue));
}

/* Once: direct execution has nobody to fall back on. */
static void fall_back(struct run *run, const char *why)
{
	log_set_request_id(run->request_id);
	log_warning("[EXEC-WRAPPER] Queue execution failed, falling back to direct execution",
		    LOG_INT("run", (int64_t)run->id), LOG_TEXT("reason", why));
	log_direct(run);
	log_set_request_id(NULL);
	note_fallback(run->runner, why);
	run_directly(run);
}

/* What it failed with may be that test data is not there any more. */
static void queue_done(struct queue_run *queue, const struct queue_end *end)
{
	struct run *run = run_of_queue(queue);
	const struct runner_result result = { .code = end->code,
					      .way = RUNNER_QUEUE,
					      .report = end->report,
					      .pool = end->pool,
					      .why = end->why };

	if (end->code == 0 || end->code == -ECANCELED) {
		end_run(run, &result);
		return;
	}
	if (run->wish.count > 0)
		data_sender_forget(run->runner->sender, &run->wish);
	fall_back(run, end->why);
}

/* Of any hundred runs in a row so many as EXECUTION_QUEUE_PERCENT says, evenly. */
static bool has_share(struct runner *runner)
{
	int64_t percent = runner->config->queue_percent;

	pthread_mutex_lock(&runner->lock);
	int64_t number = runner->shared++;
	pthread_mutex_unlock(&runner->lock);
	return (number + 1) * percent / 100 > number * percent / 100;
}

/* What keeps a run from the queue service that should have gone there is a fallback too. */
static void pass_by(struct run *run, const char *why)
{
	log_info("[EXEC-WRAPPER] Not by the queue service", LOG_TEXT("reason", why));
	note_fallback(run->runner, why);
	log_direct(run);
	run_directly(run);
}

static void submit(struct run *run)
{
	struct queue_client *queue = run->runner->queue;
	char why[QUEUE_WHY_BYTES];

	if (!queue_client_admits(queue, run->queue.needs_judge, why)) {
		pass_by(run, why);
		return;
	}
	log_info("[EXEC-SERVICE] Using queue execution", LOG_INT("run", (int64_t)run->id));
	queue_client_submit(queue, &run->queue);
}

static void wish_done(struct data_wish *wish, int code, const char *why)
{
	struct run *run = (struct run *)(void *)((char *)wish - offsetof(struct run, wish));
	struct pool *none = NULL;

	if (code == -ECANCELED)
		end_run(run, &(struct runner_result){ .code = code,
						      .way = RUNNER_QUEUE,
						      .pool = &none,
						      .why = "The backend stops" });
	else if (code < 0)
		fall_back(run, why);
	else
		submit(run);
}

static void queue_progressed(struct queue_run *queue, const struct progress *progress)
{
	struct run *run = run_of_queue(queue);

	run->events.progress(run->events.context, progress);
}

static void name_run(struct run *run, const struct task *task)
{
	run->queue = (struct queue_run){
		.asked = { .tests = task->judged ? task->test_count : 0,
			   .early_stop = task->early_stop,
			   .has_rules = task->groups || task->checker || task->interactor },
		.request_id = run->request_id,
		.has_data = run->wish.count > 0,
		.patience_ms = run->direct.is_late ? LATE_PATIENCE_MS : 0,
		.progress = run->events.progress ? queue_progressed : NULL,
		.done = queue_done,
	};
}

/* A service that does not answer is not sent test data either. */
static bool is_away(struct runner *runner)
{
	struct queue_status status;

	queue_client_look(runner->queue, &status);
	return strcmp(status.breaker, "open") == 0;
}

static void run_by_queue(struct run *run, const struct task *task)
{
	struct runner *runner = run->runner;
	struct error err = { .text = "out of memory" };
	int code = data_names_of(task, &run->wish.names, &run->wish.count);

	name_run(run, task);
	if (code == 0)
		code = queue_request_encode(task, runner->config, run->direct.is_late ? "rejudge" : NULL,
					    &run->body, &run->queue.needs_judge, &err);
	run->queue.body = run->body.data;
	run->queue.body_size = run->body.size;
	run->wish.done = wish_done;
	if (code < 0)
		pass_by(run, err.text);
	else if (run->wish.count > 0 && !is_away(runner))
		data_sender_ask(runner->sender, &run->wish);
	else
		submit(run);
}

/* ---- a new run ---- */

/* All of its tests at their limits, and a good while. */
static int64_t most_ms(const struct task *task)
{
	int64_t passes = task->passes > 1 ? task->passes : 1;
	int64_t one_us = task->limits.wall_time_us +
			 (task->checker ? task->checker->limits.wall_time_us : 0) +
			 (task->interactor ? task->interactor->limits.wall_time_us : 0);
	int64_t runs_us = (int64_t)task->test_count * passes * one_us;

	return (runs_us + task->compile_limits.wall_time_us) / 1000 + STUCK_SLACK_MS;
}

static int encode(const struct task *task, struct buffer *job, struct error *err)
{
	cleanup_json json_t *json = NULL;
	int code = task_encode(task, &json, err);

	if (code == 0 && json_write(json, job) < 0)
		code = error_set(err, -ENOMEM, "out of memory");
	return code;
}

static int make_run(struct runner *runner, const struct task *task, const char *request_id,
		    const struct runner_events *events, struct run **ret_run, struct error *err)
{
	struct run *run = calloc(1, sizeof *run);
	int code = run ? encode(task, &run->job, err) : error_set(err, -ENOMEM, "out of memory");

	if (code == 0 && request_id && !(run->request_id = strdup(request_id)))
		code = error_set(err, -ENOMEM, "out of memory");
	if (code < 0) {
		if (run)
			free_run(run);
		return code;
	}
	run->runner = runner;
	run->events = *events;
	run->direct = (struct direct_run){
		.job = run->job.data,
		.job_size = run->job.size,
		.request_id = run->request_id,
		.tests = task->judged ? (int64_t)task->test_count : 0,
		.is_late = events->is_late,
		.most_ms = most_ms(task),
		.progress = events->progress ? direct_progressed : NULL,
		.done = direct_done,
	};
	*ret_run = run;
	return 0;
}

/* What the program is about is for who looks for a fault, and for nobody else. */
static void log_start(const struct run *run, const struct task *task, const char *user)
{
	char event[96 + EXCERPT_BYTES], excerpt[EXCERPT_BYTES + 1];
	const struct task_file *code = &task->files[0];

	log_info(run->runner->queue ? "[EXEC-WRAPPER] Using execution service in queue mode"
				    : "[EXEC-WRAPPER] Using execution service in direct mode",
		 LOG_TEXT("user", user), LOG_INT("run", (int64_t)run->id),
		 LOG_TEXT("language", task->language));
	snprintf(excerpt, sizeof excerpt, "%.*s", (int)code->size, code->data);
	snprintf(event, sizeof event, "%s Executing %s code: %s...",
		 run->runner->queue ? "[EXEC-WRAPPER]" : "[DIRECT-EXEC]", task->language, excerpt);
	log_debug(event);
}

int runner_run(struct runner *runner, const struct task *task, const char *request_id, const char *user,
	       const struct runner_events *events, uint64_t *id, struct error *err)
{
	struct run *run;
	int code = make_run(runner, task, request_id, events, &run, err);

	if (code < 0)
		return code;
	pthread_mutex_lock(&runner->lock);
	*id = run->id = ++runner->last_id;
	run->next = runner->runs;
	runner->runs = run;
	pthread_mutex_unlock(&runner->lock);
	log_start(run, task, user);
	if (runner->queue && has_share(runner)) {
		run_by_queue(run, task);
	} else {
		log_direct(run);
		run_directly(run);
	}
	return 0;
}

void runner_cancel(struct runner *runner, uint64_t id)
{
	pthread_mutex_lock(&runner->lock);
	struct run *run = runner->runs;
	while (run && run->id != id)
		run = run->next;
	if (run && !run->cancelled) {
		run->cancelled = true;
		if (runner->queue)
			queue_client_cancel(runner->queue, &run->queue);
		if (runner->direct)
			direct_cancel(runner->direct, &run->direct);
	}
	pthread_mutex_unlock(&runner->lock);
}

void runner_look(struct runner *runner, struct runner_status *status)
{
	struct direct_status direct = { 0 };
	struct queue_status queue = { .breaker = "closed" };

	if (runner->direct)
		direct_look(runner->direct, &direct);
	if (runner->queue)
		queue_client_look(runner->queue, &queue);
	else
		queue.available = queue_probe_last(runner->probe);
	*status = (struct runner_status){
		.queue_mode = runner->config->queue_mode,
		.direct_available = direct.available,
		.queue_available = queue.available,
		.breaker = queue.breaker,
		.queue_running = queue.running,
		.direct_running = direct.running,
		.direct_waiting = direct.waiting,
		.direct_slots = direct.slots,
	};
	snprintf(status->direct_missing, sizeof status->direct_missing, "%s",
		 runner->direct ? direct.why : runner->direct_missing);
	pthread_mutex_lock(&runner->lock);
	status->fallbacks = runner->fallbacks;
	memcpy(status->last_reason, runner->last_reason, sizeof status->last_reason);
	pthread_mutex_unlock(&runner->lock);
}

void runner_look_again(struct runner *runner, struct runner_status *status)
{
	if (runner->probe)
		queue_probe_look(runner->probe);
	runner_look(runner, status);
}

/* ---- its life ---- */

static int start_direct(struct runner *runner, const struct runner_options *options, int control,
			struct error *err)
{
	const struct config *config = options->config;
	struct direct_status status;

	snprintf(runner->direct_missing, sizeof runner->direct_missing, "%s",
		 options->direct_missing ? options->direct_missing : "no worker was started for it");
	if (control >= 0) {
		int code = direct_start(
			&(struct direct_options){ .control = control,
						  .queue_max = (size_t)config->direct_queue,
						  .message_max = 6 * (size_t)config->http_body_bytes +
								 MESSAGE_SLACK_BYTES / 2,
						  .data = options->data },
			&runner->direct, err);
		if (code < 0 || direct_await(runner->direct, FIRST_WORKER_MS))
			return code;
		direct_look(runner->direct, &status);
		snprintf(runner->direct_missing, sizeof runner->direct_missing, "%s", status.why);
	}
	if (!config->queue_mode)
		return error_set(err, -ENODEV,
				 "EXECUTION_MODE=direct cannot work here: %s (`arena doctor` says more; "
				 "EXECUTION_MODE=queue needs no worker)",
				 runner->direct_missing);
	log_warning("no direct execution to fall back on", LOG_TEXT("why", runner->direct_missing));
	return 0;
}

static int start_queue(struct runner *runner, const struct runner_options *options, struct error *err)
{
	const struct config *config = options->config;
	int code = data_sender_start(&(struct data_sender_options){ .url = config->queue_url,
								    .key = config->service_key,
								    .timeout_ms = config->queue_timeout_ms,
								    .data = options->data },
				     &runner->sender, err);

	return code < 0 ? code : queue_client_start(config, &runner->queue, err);
}

int runner_start(const struct runner_options *options, struct runner **ret_runner, struct error *err)
{
	cleanup_fd int direct = options->direct;
	struct runner *runner = calloc(1, sizeof *runner);

	if (!runner)
		return error_set(err, -ENOMEM, "out of memory");
	runner->config = options->config;
	runner->metrics = options->metrics;
	pthread_mutex_init(&runner->lock, NULL);
	int code = start_direct(runner, options, take_fd(&direct), err);
	if (code == 0 && runner->config->queue_mode)
		code = start_queue(runner, options, err);
	else if (code == 0)
		code = queue_probe_new(runner->config, &runner->probe, err);
	if (code < 0) {
		runner_stop(runner);
		runner_free(runner);
		return code;
	}
	*ret_runner = runner;
	return 0;
}

void runner_stop(struct runner *runner)
{
	if (runner)
		data_sender_stop(runner->sender); /* before those to whom it hands on */
	if (runner && runner->queue)
		queue_client_stop(runner->queue);
	if (runner && runner->direct)
		direct_stop(runner->direct);
}

void runner_free(struct runner *runner)
{
	if (!runner)
		return;
	data_sender_free(runner->sender);
	queue_client_free(runner->queue);
	queue_probe_free(runner->probe);
	direct_free(runner->direct);
	pthread_mutex_destroy(&runner->lock);
	free(runner);
}
