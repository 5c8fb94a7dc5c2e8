/* One slot: waits for a task, judges it, reports. A report is held and sent again until the service has
 * answered, or the lease is lost, or the worker has to end. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "inside.h"

enum {
	REPORT_MS = 30000,
	PAUSE_MAX_MS = 2000,
	RETRY_DELAY_MS = 1000,
	RETRY_DELAY_MAX_MS = 60000,
};

/* ---- telling the service ---- */

static json_t *job_message(const struct worker *worker, const struct assignment *assignment)
{
	json_t *message = service_message(worker);

	json_object_set_new(message, "job", json_integer(assignment->job));
	json_object_set_new(message, "lease", json_string(assignment->lease));
	return message;
}

/* Worth another try: no answer, or one that is not about this job. */
static bool may_change(int code, int status)
{
	return code < 0 || status >= 500 || status == 401 || status == 408 || status == 426 || status == 429;
}

/* Sends until there is an answer: its status, or -ECANCELED when it is pointless by now. */
static int send_until_answered(struct slot *slot, const char *route, const json_t *message)
{
	struct worker *worker = slot->worker;
	struct backoff backoff = { 0 };

	for (;;) {
		cleanup_json json_t *reply = NULL;
		struct error err = { 0 };
		int status = 0;
		int code =
			service_post(worker, slot->client, route, message, REPORT_MS, &status, &reply, &err);

		if (!may_change(code, status))
			return status;
		log_warning("report not taken yet", LOG_TEXT("route", route), LOG_INT("status", status),
			    LOG_TEXT("error", err.text));
		pthread_mutex_lock(&worker->lock);
		bool goes_on = !slot->lost && backoff_wait(worker, &backoff, PAUSE_MAX_MS) && !slot->lost;
		pthread_mutex_unlock(&worker->lock);
		if (!goes_on)
			return -ECANCELED;
	}
}

static int64_t retry_delay_ms(int attempt)
{
	int64_t delay_ms = RETRY_DELAY_MS;

	for (int i = 1; i < attempt && delay_ms < RETRY_DELAY_MAX_MS; i++)
		delay_ms *= 2;
	return delay_ms;
}

/* `fault`: the attempt failed, rather than was given up. */
static void hand_back(struct slot *slot, const struct assignment *assignment, bool fault, const char *reason)
{
	struct worker *worker = slot->worker;
	cleanup_json json_t *message = job_message(worker, assignment);

	json_object_set_new(message, "count_attempt", json_boolean(fault));
	json_object_set_new(message, "delay_ms",
			    json_integer(fault ? retry_delay_ms(assignment->attempt) : 0));
	json_object_set_new(message, "reason", json_text(reason, strlen(reason)));
	log_at(fault ? LOG_ERROR : LOG_INFO, "handing back", LOG_INT("submission", assignment->submission_id),
	       LOG_INT("attempt", assignment->attempt), LOG_TEXT("reason", reason));
	send_until_answered(slot, "return", message);
	metrics_add(worker->metrics, METRIC_RETURNED, 1, METRIC_NO_LABELS);
}

/* Tests may overlap a little; nothing is less than no overhead. */
static void note_report(struct metrics *metrics, const struct report *report, int64_t whole_us)
{
	int64_t spent_us = report->compile_cached ? 0 : report->compile_us;

	for (size_t i = 0; i < report->run_count; i++)
		spent_us += report->runs[i].wall_us > 0 ? report->runs[i].wall_us : 0;
	metrics_add(metrics, METRIC_JUDGED, 1, METRIC_LABELS(verdict_name(report->verdict)));
	metrics_observe(metrics, METRIC_TASK_TIME, whole_us, METRIC_NO_LABELS);
	metrics_observe(metrics, METRIC_OVERHEAD_TIME, whole_us > spent_us ? whole_us - spent_us : 0,
			METRIC_NO_LABELS);
}

static void deliver(struct slot *slot, const struct assignment *assignment, struct report *report,
		    int64_t judging_us)
{
	struct worker *worker = slot->worker;
	cleanup_json json_t *message = job_message(worker, assignment);
	struct error err;
	json_t *json;

	if (fit_report(report, assignment->task.judged, worker->report_max_bytes, &json, &err) < 0) {
		hand_back(slot, assignment, true, err.text);
		return;
	}
	json_object_set_new(message, "report", json);
	int status = send_until_answered(slot, "finish", message);
	if (status == 200)
		log_info("judged", LOG_INT("submission", assignment->submission_id),
			 LOG_TEXT("verdict", verdict_name(report->verdict)));
	else if (status == 409 || status == -ECANCELED)
		log_warning("result dropped", LOG_INT("submission", assignment->submission_id),
			    LOG_INT("status", status));
	else
		hand_back(slot, assignment, true, "The execution service refused the report");
	note_report(worker->metrics, report, judging_us);
}

/* ---- one task ---- */

/* False: it is lost or must go back before it began. */
static bool begin(struct slot *slot)
{
	struct worker *worker = slot->worker;

	pthread_mutex_lock(&worker->lock);
	slot->judging = !slot->lost && !worker->draining;
	bool begins = slot->judging;
	if (begins)
		live_begin(slot);
	pthread_mutex_unlock(&worker->lock);
	return begins;
}

/* True when the lease was lost meanwhile. */
static bool end(struct slot *slot)
{
	struct worker *worker = slot->worker;

	pthread_mutex_lock(&worker->lock);
	slot->judging = false;
	bool lost = slot->lost;
	pthread_mutex_unlock(&worker->lock);
	if (lost)
		metrics_add(worker->metrics, METRIC_LOST, 1, METRIC_NO_LABELS);
	return lost;
}

static void run_assignment(struct slot *slot, struct assignment *assignment)
{
	struct report report = { .verdict = VERDICT_CANCELLED };
	struct error err = { 0 };
	int code = blobs_fill(slot, assignment, &err);
	int64_t began_us = clock_monotonic_us();

	if (code == 0 && begin(slot))
		code = judge_run(slot->judge, &assignment->task, live_note_test, slot, assignment->pool,
				 &report, &err);
	if (end(slot))
		log_info("dropped: the lease is lost", LOG_INT("submission", assignment->submission_id));
	else if (code < 0)
		hand_back(slot, assignment, code != -ECANCELED, err.text);
	else if (report.verdict == VERDICT_CANCELLED)
		hand_back(slot, assignment, false, "The worker stopped");
	else
		deliver(slot, assignment, &report, clock_monotonic_us() - began_us);
}

/* ---- the tests of other slots ---- */

static void offer(struct crew *crew, void *context)
{
	struct slot *slot = context;

	pthread_mutex_lock(&slot->worker->lock);
	slot->crew = crew;
	pthread_cond_broadcast(&slot->worker->changed);
	pthread_mutex_unlock(&slot->worker->lock);
}

static void withdraw(struct crew *crew, void *context)
{
	struct slot *slot = context;

	(void)crew;
	pthread_mutex_lock(&slot->worker->lock);
	slot->crew = NULL;
	pthread_mutex_unlock(&slot->worker->lock);
}

void slot_share(struct slot *slot)
{
	judge_set_sharing(slot->judge, &(struct judge_sharing){ offer, withdraw, slot });
}

/* With the lock held, which it lets go of meanwhile. False: nobody needs help. */
static bool help_somebody(struct slot *slot)
{
	struct worker *worker = slot->worker;
	struct crew *crew = NULL;

	for (size_t i = 0; i < worker->slot_count && !crew && !worker->draining; i++)
		if (worker->slots[i].crew && crew_join(worker->slots[i].crew, slot->judge))
			crew = worker->slots[i].crew;
	if (!crew)
		return false;
	slot->helping = true;
	pthread_mutex_unlock(&worker->lock);
	crew_help(crew, slot->judge);
	pthread_mutex_lock(&worker->lock);
	slot->helping = false;
	metrics_add(worker->metrics, METRIC_HELPED, 1, METRIC_NO_LABELS);
	return true;
}

static struct assignment *wait_for_assignment(struct slot *slot)
{
	struct worker *worker = slot->worker;

	pthread_mutex_lock(&worker->lock);
	while (!slot->assignment && !worker->finished)
		if (!help_somebody(slot))
			worker_wait(worker, 0);
	struct assignment *assignment = slot->assignment;
	pthread_mutex_unlock(&worker->lock);
	return assignment;
}

static void become_idle(struct slot *slot)
{
	struct worker *worker = slot->worker;

	pthread_mutex_lock(&worker->lock);
	struct assignment *assignment = slot->assignment;
	slot->assignment = NULL;
	pthread_cond_broadcast(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	if (is_direct(worker))
		worker_direct_say_idle(worker, assignment->job);
	pool_free(assignment->pool);
}

void *slot_main(void *argument)
{
	struct slot *slot = argument;
	struct assignment *assignment;

	while ((assignment = wait_for_assignment(slot))) {
		log_set_request_id(assignment->request_id);
		run_assignment(slot, assignment);
		log_set_request_id(NULL);
		become_idle(slot);
	}
	return NULL;
}
