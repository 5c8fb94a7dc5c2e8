/* /internal/v1: the worker protocol (docs/api.md, "Workers"). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "dispatch.h"
#include "live_store.h"
#include "reply.h"
#include "worker_request.h"

enum {
	SLOTS_MAX = 1024,
	LEASES_MAX = 1024,
	LANGUAGES_MAX = 256,
	CLAIM_WAIT_MS = 20000,
	CLAIM_WAIT_MAX_MS = 60000,
	DELAY_MAX_MS = 3600000,
};

static void see_worker(struct http_exchange *x, const char *session, const char *worker, int64_t lanes)
{
	struct execution *service = http_context(x);

	if (sessions_see(service->sessions, session, (size_t)lanes, clock_monotonic_us()))
		log_info("worker joined", LOG_TEXT("worker", worker), LOG_TEXT("session", session),
			 LOG_TEXT("peer", http_peer(x)), LOG_INT("lanes", lanes));
}

/* ---- claim ---- */

struct claim_request {
	const char *worker;
	const char **languages;
	size_t language_count;
	int64_t slots, lanes, wait_ms;
};

static void read_languages(struct worker_request *request, struct pool *pool, struct claim_request *claim)
{
	const json_t *list = json_get_array(&request->reader, "languages");
	size_t count = json_array_size(list);

	claim->languages = pool_array(pool, count + 1, sizeof *claim->languages);
	for (size_t i = 0; i < count && i < LANGUAGES_MAX; i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (name)
			claim->languages[claim->language_count++] = name;
	}
	if (!request->reader.failed && claim->language_count != count)
		request->reader.failed = error_set(&request->err, -EINVAL,
						   "languages: must be at most %d strings", LANGUAGES_MAX);
}

static void read_claim(struct worker_request *request, struct pool *pool, struct claim_request *claim)
{
	struct json_reader *reader = &request->reader;

	*claim = (struct claim_request){ 0 };
	claim->worker = json_need_text(reader, "worker", NULL);
	json_get_any(reader, "arch"); /* told, and not needed yet: any task runs on any machine */
	read_languages(request, pool, claim);
	claim->slots = json_need_int(reader, "slots", 1, SLOTS_MAX);
	claim->lanes = json_get_int(reader, "lanes", 1, SLOTS_MAX, claim->slots);
	claim->wait_ms = json_get_int(reader, "wait_ms", 0, CLAIM_WAIT_MAX_MS, CLAIM_WAIT_MS);
}

static json_t *claimed_task(const struct execution *service, const struct work_task *task)
{
	char deadline[CLOCK_TEXT_BYTES];
	json_t *json = NULL;

	if (json_parse(task->task, task->task_size, &json, NULL) < 0)
		return NULL;
	clock_format(clock_wall_ms() + service->config->lease_s * 1000, deadline);
	return json_pack("{s:I, s:I, s:i, s:s, s:s, s:s?, s:o}", "job", (json_int_t)task->queue_job,
			 "submission_id", (json_int_t)task->submission_id, "attempt", task->attempt, "lease",
			 task->lease, "deadline", deadline, "request_id", task->request_id, "task", json);
}

static void reply_claimed(struct http_exchange *x, const struct work_task *tasks, size_t count)
{
	const struct execution *service = http_context(x);
	json_t *reply = worker_reply_new(), *jobs = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(jobs, claimed_task(service, &tasks[i]));
	json_object_set_new(reply, "lease_ms", json_integer(service->config->lease_s * 1000));
	json_object_set_new(reply, "report_max_bytes", json_integer(service->config->http_body_bytes));
	json_object_set_new(reply, "jobs", jobs);
	http_reply_json(x, 200, reply);
}

/* What a claim remembers while it is parked: its arrival alone is a sign of life. */
struct waiting_claim {
	bool arrived;
	struct asking *asking;
};

static void claim_ended(void *object)
{
	struct waiting_claim *waiting = object;

	dispatcher_forget(waiting->asking);
}

/* One that does not wait. */
static void claim_now(struct http_exchange *x, const char *session, const struct claim_request *claim)
{
	struct execution *service = http_context(x);
	struct work_taker taker = { .session = session,
				    .languages = claim->languages,
				    .language_count = claim->language_count,
				    .wanted = (size_t)claim->slots };
	struct error err;

	if (sessions_takes_tasks(service->sessions, session) &&
	    work_claim(service, &taker, 1, http_pool(x), &err) < 0)
		reply_failure(x, &err);
	else
		reply_claimed(x, taker.tasks, taker.count);
}

static void claim_or_wait(struct http_exchange *x, const char *session, const struct claim_request *claim,
			  struct waiting_claim *waiting)
{
	struct execution *service = http_context(x);
	struct work_task *tasks;
	char key[KEY_BYTES];
	size_t count;

	if (!waiting->asking)
		waiting->asking = dispatcher_ask(service->dispatcher, session, claim->languages,
						 claim->language_count, (size_t)claim->slots);
	if (!waiting->asking) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return;
	}
	if (!dispatcher_look(waiting->asking, false, &tasks, &count)) {
		if (http_park(x, key_claim(session, key), claim->wait_ms))
			return;
		dispatcher_look(waiting->asking, true, &tasks, &count);
	}
	reply_claimed(x, tasks, count);
	dispatcher_told(waiting->asking);
}

void worker_claim(struct http_exchange *x)
{
	cleanup_worker_request struct worker_request request = { 0 };
	struct claim_request claim;

	if (!worker_request_open(x, ABOUT_SESSION, &request))
		return;
	read_claim(&request, http_pool(x), &claim);
	if (!worker_request_done(x, &request))
		return;
	struct waiting_claim *waiting = http_memory(x, sizeof *waiting, claim_ended);
	if (!waiting) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return;
	}
	if (!waiting->arrived)
		see_worker(x, request.session, claim.worker, claim.lanes);
	waiting->arrived = true;
	if (claim.wait_ms == 0)
		claim_now(x, request.session, &claim);
	else
		claim_or_wait(x, request.session, &claim, waiting);
}

/* ---- heartbeat ---- */

struct heartbeat_request {
	const char *worker;
	struct work_lease *leases;
	size_t count;
	int64_t lanes, wait_ms;
	bool stopping, leaving;
};

/* What a heartbeat remembers while it is parked. */
struct beat {
	struct execution *service;
	char session[UUID_TEXT_BYTES];
	bool recorded, answered;
};

static void read_leases(struct worker_request *request, struct pool *pool, struct heartbeat_request *beat)
{
	const json_t *list = json_get_array(&request->reader, "leases");
	size_t count = json_array_size(list) <= LEASES_MAX ? json_array_size(list) : LEASES_MAX;

	beat->leases = pool_array(pool, count + 1, sizeof *beat->leases);
	for (size_t i = 0; i < count && !request->reader.failed; i++) {
		struct json_reader reader;

		json_reader_open(&reader, json_array_get(list, i), "leases[]", &request->err);
		beat->leases[i].queue_job = json_need_int(&reader, "job", 1, INT64_MAX);
		beat->leases[i].lease = json_need_text(&reader, "lease", NULL);
		request->reader.failed = json_reader_done(&reader);
		beat->count = i + 1;
	}
}

static void read_heartbeat(struct worker_request *request, int64_t wait_max_ms, struct pool *pool,
			   struct heartbeat_request *beat)
{
	*beat = (struct heartbeat_request){ 0 };
	beat->worker = json_need_text(&request->reader, "worker", NULL);
	beat->lanes = json_get_int(&request->reader, "lanes", 1, SLOTS_MAX, 1);
	beat->stopping = json_get_bool(&request->reader, "stopping", false);
	beat->leaving = json_get_bool(&request->reader, "leaving", false);
	beat->wait_ms = json_get_int(&request->reader, "wait_ms", 0, CLAIM_WAIT_MAX_MS, 0);
	if (beat->wait_ms > wait_max_ms)
		beat->wait_ms = wait_max_ms;
	read_leases(request, pool, beat);
}

static void reply_lost(struct http_exchange *x, const char *const *lost, size_t count)
{
	json_t *reply = worker_reply_new(), *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(lost[i]));
	json_object_set_new(reply, "lost", list);
	http_reply_json(x, 200, reply);
}

/* The exchange is over; without an answer its connection broke, and the worker may be gone. */
static void beat_ended(void *object)
{
	struct beat *beat = object;

	if (beat->recorded && !beat->answered)
		sessions_disconnected(beat->service->sessions, beat->session, clock_monotonic_us());
}

static struct beat *beat_of(struct http_exchange *x, const char *session)
{
	struct execution *service = http_context(x);
	struct beat *beat = http_memory(x, sizeof *beat, beat_ended);

	if (!beat || beat->service)
		return beat;
	snprintf(beat->session, sizeof beat->session, "%s", session);
	beat->service = service;
	return beat;
}

/* A worker that says goodbye gives all back at once. */
static void leave(struct http_exchange *x, const char *session, const char *worker)
{
	struct execution *service = http_context(x);
	struct error err;

	sessions_forget(service->sessions, session);
	if (work_reap(service, &session, 1, true, http_pool(x), &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	log_info("worker left", LOG_TEXT("worker", worker), LOG_TEXT("session", session));
	reply_lost(x, NULL, 0);
}

/* The leases that the worker must drop: those that the database knows better of, once, and those that are
 * taken away while this request is parked. */
static int find_lost(struct http_exchange *x, struct beat *beat, const struct heartbeat_request *request,
		     const char ***lost, size_t *count, struct error *err)
{
	struct execution *service = http_context(x);

	*count = 0;
	if (!beat->recorded || db_is_shared(service->db)) { /* another replica may know more */
		int code = work_heartbeat(service, beat->session, request->leases, request->count,
					  http_pool(x), lost, count, err);

		if (code < 0)
			return code;
		beat->recorded = true;
	}
	if (*count == 0)
		*lost = sessions_take_lost(service->sessions, beat->session, http_pool(x), count);
	return 0;
}

static void answer_beat(struct http_exchange *x, struct beat *beat, const struct heartbeat_request *request)
{
	const char **lost = NULL;
	char key[KEY_BYTES];
	struct error err;
	size_t count;

	if (find_lost(x, beat, request, &lost, &count, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	if (count == 0 && request->wait_ms > 0 &&
	    http_park(x, key_session(beat->session, key), request->wait_ms))
		return;
	beat->answered = true;
	reply_lost(x, lost, count);
}

void worker_heartbeat(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_worker_request struct worker_request request = { 0 };
	struct heartbeat_request heartbeat;

	if (!worker_request_open(x, ABOUT_SESSION, &request))
		return;
	read_heartbeat(&request, service->config->lease_s * 1000 / 3, http_pool(x), &heartbeat);
	if (!worker_request_done(x, &request))
		return;
	if (heartbeat.leaving) {
		leave(x, request.session, heartbeat.worker);
		return;
	}
	struct beat *beat = beat_of(x, request.session);
	if (!beat) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return;
	}
	if (!beat->recorded)
		see_worker(x, request.session, heartbeat.worker, heartbeat.lanes);
	if (heartbeat.stopping) {
		sessions_close(service->sessions, request.session);
		execution_wake(service, KEY_JOBS); /* its claim among them */
		heartbeat.wait_ms = 0;
	}
	answer_beat(x, beat, &heartbeat);
}

/* ---- progress, finish, return ---- */

void worker_progress(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_worker_request struct worker_request request = { 0 };
	struct progress progress;

	if (!worker_request_open(x, ABOUT_JOB, &request))
		return;
	progress_read(&request.reader, http_pool(x), &progress);
	if (!worker_request_done(x, &request))
		return;
	int held = live_tell(service, request.lease, &progress, &request.err);
	if (held < 0)
		reply_failure(x, &request.err);
	else if (held == 0)
		worker_refuse_stale(x, &request);
	else
		http_reply_json(x, 200, worker_reply_new());
}

void worker_finish(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_worker_request struct worker_request request = { 0 };
	struct report report;

	if (!worker_request_open(x, ABOUT_JOB, &request))
		return;
	const json_t *json = json_get_any(&request.reader, "report");
	if (!worker_request_done(x, &request))
		return;
	if (report_decode(json, http_pool(x), &report, &request.err) < 0) {
		error_wrap(&request.err, "report");
		worker_refuse(x, 422, request.err.text);
		return;
	}
	int held = work_finish(service, request.lease, &report, http_pool(x), &request.err);
	if (held == -EINVAL)
		worker_refuse(x, 422, request.err.text);
	else if (held < 0)
		reply_failure(x, &request.err);
	else if (held == 0)
		worker_refuse_stale(x, &request);
	else
		http_reply_json(x, 200, worker_reply_new());
}

void worker_return(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_worker_request struct worker_request request = { 0 };

	if (!worker_request_open(x, ABOUT_JOB, &request))
		return;
	bool count_attempt = json_get_bool(&request.reader, "count_attempt", true);
	int64_t delay_ms = json_get_int(&request.reader, "delay_ms", 0, DELAY_MAX_MS, 0);
	const char *reason = json_get_text(&request.reader, "reason", "The judge failed", NULL);
	if (!worker_request_done(x, &request))
		return;
	log_info("job handed back", LOG_TEXT("session", request.session),
		 LOG_INT("job", request.lease.queue_job), LOG_TEXT("reason", reason));
	int held = work_return(service, request.lease, count_attempt, delay_ms, reason, http_pool(x),
			       &request.err);
	if (held < 0)
		reply_failure(x, &request.err);
	else if (held == 0)
		worker_refuse_stale(x, &request);
	else
		http_reply_json(x, 200, worker_reply_new());
}
