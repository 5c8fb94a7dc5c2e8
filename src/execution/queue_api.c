/* /api/execute, /api/jobs, /api/stats, /api/languages: the queue API, another view of the same rows. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "lifecycle.h"
#include "live_store.h"
#include "render.h"
#include "reply.h"

/* ---- POST /api/execute ---- */

/* What a POST that waits remembers while it is parked. */
struct posted {
	bool done;
	int64_t submission_id;
};

/* Decodes and creates; false after having replied. */
static bool create_job(struct http_exchange *x, struct submission *submission)
{
	struct execution *service = http_context(x);
	struct request_rules rules = { service->config, service->languages, service->language_count };
	cleanup_problems struct problems problems = { 0 };
	struct submission_request request;
	struct creation creation = { .request = &request };
	struct error err;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	query_wait_ms(x, &problems);
	request_decode(API_QUEUE, &rules, body, size, http_header(x, "Idempotency-Key"), http_pool(x),
		       &request, &problems);
	request_name_origin(x, &request);
	if (problems_any(&problems)) {
		reply_problems(x, &problems);
		return false;
	}
	if (lifecycle_create(service, &creation, 1, http_pool(x), &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	const struct refusal *refusal = creation_refusal(creation.outcome);
	if (refusal) {
		reply_error(x, refusal->status, "%s", refusal->text);
		return false;
	}
	*submission = creation.submission;
	return true;
}

static void reply_queued(struct http_exchange *x, const struct submission *submission)
{
	http_reply_json(x, 202,
			json_pack("{s:s, s:s, s:s}", "jobId", submission->job, "status", "queued", "message",
				  "Code execution job submitted successfully"));
}

/* A program's failure is a result; that we could not run it is an error of ours. */
static void reply_result(struct http_exchange *x, const struct submission *submission)
{
	const char *reason = render_failed_reason(submission, http_pool(x));
	struct error err;
	json_t *json;

	if (reason) {
		bool cancelled = submission->state == SUBMISSION_CANCELLED;

		http_reply_json(x, cancelled ? 409 : 503,
				json_pack("{s:o, s:s}", "error", json_text(reason, strlen(reason)), "jobId",
					  submission->job));
	} else if (render_result(submission, http_pool(x), &json, &err) < 0) {
		reply_failure(x, &err);
	} else {
		json_object_set_new(json, "jobId", json_string(submission->job));
		http_reply_json(x, 200, json);
	}
}

void queue_execute(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct posted *posted = http_memory(x, sizeof *posted, NULL);
	struct submission submission;
	struct problems ignored = { 0 }; /* create_job() looked at them */
	struct error err = { .text = "out of memory" };

	if (!posted) {
		reply_failure(x, &err);
		return;
	}
	if (!posted->done) {
		if (!create_job(x, &submission))
			return;
		posted->done = true;
		posted->submission_id = submission.id;
	} else if (lifecycle_read(service, posted->submission_id, NULL, http_pool(x), &submission, &err) <=
		   0) {
		reply_failure(x, &err);
		return;
	}
	int64_t wait_ms = query_wait_ms(x, &ignored);
	if (wait_ms > 0 && submission_state_is_final(submission.state))
		reply_result(x, &submission);
	else if (!park_for_submission(x, submission.id, wait_ms))
		reply_queued(x, &submission);
}

/* ---- /api/jobs/{jobId} ---- */

static void reply_job(struct http_exchange *x, const struct submission *submission,
		      const struct progress *progress)
{
	struct error err;
	json_t *json;

	if (render_job(submission, progress, clock_wall_ms(), http_pool(x), &json, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 200, json);
}

/* Whoever says how many tests are known waits for one more, too. */
struct waiting {
	int64_t ms;
	int64_t seen; /* -1: for the end alone */
};

static bool park_for_job(struct http_exchange *x, const struct submission *submission,
			 const struct progress *progress, struct waiting waiting)
{
	char key[KEY_BYTES];

	if (submission_state_is_final(submission->state))
		return false;
	if (waiting.seen < 0)
		return park_for_submission(x, submission->id, waiting.ms);
	return waiting.ms > 0 && !(progress && progress->done > (size_t)waiting.seen) &&
	       http_park(x, key_live(submission->id, key), waiting.ms);
}

void queue_job_get(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct submission submission;
	struct live live = { 0 };
	struct error err;

	problems_open(&problems);
	const struct waiting waiting = {
		.ms = query_wait_ms(x, &problems),
		.seen = query_int(x, "seen", 0, TASK_TESTS_MAX, -1, &problems),
	};
	if (problems_any(&problems)) {
		reply_problems(x, &problems);
		return;
	}
	int found = lifecycle_read(service, 0, http_param(x, "jobId"), http_pool(x), &submission, &err);
	if (found > 0 && submission.state == SUBMISSION_RUNNING)
		found = live_look(service, submission.id, NULL, NULL, http_pool(x), &live, &err);
	const struct progress *progress = live.has_progress ? &live.progress : NULL;
	if (found < 0)
		reply_failure(x, &err);
	else if (found == 0)
		reply_error(x, 404, "Job not found");
	else if (!park_for_job(x, &submission, progress, waiting))
		reply_job(x, &submission, progress);
}

void queue_job_delete(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	enum submission_state state;
	struct error err;
	int cancelled = lifecycle_cancel(service, http_param(x, "jobId"), http_pool(x), &state, &err);

	if (cancelled == -ENOENT)
		reply_error(x, 404, "Job not found");
	else if (cancelled < 0)
		reply_failure(x, &err);
	else if (cancelled == 0)
		reply_error(x, 409, "Job has already ended");
	else
		http_reply_json(x, 200, json_pack("{s:s}", "message", "Job cancelled successfully"));
}

/* ---- figures ---- */

void queue_stats(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct lifecycle_figures figures;
	int64_t completed = 0, failed = 0;
	struct error err;

	if (lifecycle_count(service, http_pool(x), &figures, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	for (size_t i = 0; i < figures.count; i++) {
		const struct store_count *c = &figures.counts[i];

		if (submission_state_is_final(c->state))
			*(render_is_failed(c->state, c->verdict) ? &failed : &completed) += c->count;
	}
	const struct queue_counts *queue = &figures.queue;
	int64_t total = queue->ready + queue->leased + queue->delayed + completed + failed;
	http_reply_json(x, 200,
			json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "waiting", (json_int_t)queue->ready,
				  "active", (json_int_t)queue->leased, "completed", (json_int_t)completed,
				  "failed", (json_int_t)failed, "delayed", (json_int_t)queue->delayed,
				  "total", (json_int_t)total));
}

static json_t *language_details(const struct offered_language *language)
{
	json_t *extensions = json_array();

	for (const char *const *extension = language->extensions; extension && *extension; extension++)
		json_array_append_new(extensions, json_string(*extension));
	return json_pack("{s:s, s:s, s:s?, s:o}", "id", language->id, "name", language->name, "version",
			 language->version, "extensions", extensions);
}

void queue_languages(struct http_exchange *x)
{
	const struct execution *service = http_context(x);
	const struct config *config = service->config;
	json_t *names = json_array(), *details = json_array();

	for (size_t i = 0; i < service->language_count; i++) {
		const struct offered_language *language = &service->languages[i];

		if (language->unavailable_reason || language->unlisted)
			continue;
		json_array_append_new(names, json_string(language->id));
		json_array_append_new(details, language_details(language));
	}
	json_t *limits = json_pack(
		"{s:I, s:o, s:o, s:I, s:I, s:I}", "timeLimit", (json_int_t)(config->cpu_time_ms / 1000),
		"memoryLimit", json_sprintf("%lldm", (long long)config->queue_memory_mb), "outputLimit",
		json_sprintf("%lldk", (long long)config->queue_output_kb), "compileTimeLimit",
		(json_int_t)(config->compile_time_ms / 1000), "maxCodeSize", (json_int_t)config->code_bytes,
		"maxInputSize", (json_int_t)config->input_bytes);
	http_reply_json(
		x, 200,
		json_pack("{s:o, s:o, s:o}", "languages", names, "limits", limits, "details", details));
}
