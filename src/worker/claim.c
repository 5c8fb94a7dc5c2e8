/* Takes tasks for whichever slots are idle: one long-poll at a time, never for more than can start at once. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "inside.h"

enum { CLAIM_WAIT_MS = 20000, CLAIM_SLACK_MS = 10000, PAUSE_MAX_MS = 5000 };

static bool is_wanted(const struct worker *worker, const struct language *language)
{
	const char *const *wanted = worker->languages;

	while (wanted && *wanted && strcmp(*wanted, language->id) != 0)
		wanted++;
	return language->available && (!wanted || *wanted);
}

static json_t *language_list(const struct worker *worker)
{
	const struct catalogue *catalogue = worker->catalogue;
	json_t *list = json_array();

	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		if (is_wanted(worker, catalogue_at(catalogue, i)))
			json_array_append_new(list, json_string(catalogue_at(catalogue, i)->id));
	return list;
}

static json_t *claim_message(const struct worker *worker, size_t idle)
{
	json_t *message = service_message(worker);
	struct utsname host;

	uname(&host);
	json_object_set_new(message, "worker", json_string(worker->name));
	json_object_set_new(message, "arch", json_string(host.machine));
	json_object_set_new(message, "languages", language_list(worker));
	json_object_set_new(message, "slots", json_integer((json_int_t)idle));
	json_object_set_new(message, "lanes", json_integer((json_int_t)worker->slot_count));
	json_object_set_new(message, "wait_ms", json_integer(CLAIM_WAIT_MS));
	return message;
}

/* ---- from an answer to assignments ---- */

struct assignment *assignment_read(const json_t *json, struct error *err)
{
	struct pool *pool = pool_new();
	struct assignment *assignment = pool ? pool_alloc(pool, sizeof *assignment) : NULL;
	struct json_reader reader;

	if (!assignment) {
		pool_free(pool);
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	assignment->pool = pool;
	json_reader_open(&reader, json, "job", err);
	assignment->job = json_need_int(&reader, "job", 1, INT64_MAX);
	assignment->submission_id = json_get_int(&reader, "submission_id", 0, INT64_MAX, 0);
	assignment->attempt = (int)json_get_int(&reader, "attempt", 1, 1000, 1);
	const char *lease = json_need_text(&reader, "lease", NULL);
	const char *request_id = json_get_text(&reader, "request_id", NULL, NULL);
	const json_t *task = json_get_any(&reader, "task");
	if (!reader.failed && task_decode(task, pool, &assignment->task, err) == 0) {
		assignment->lease = pool_strdup(pool, lease);
		assignment->request_id = request_id ? pool_strdup(pool, request_id) : NULL;
		return assignment;
	}
	pool_free(pool);
	return NULL;
}

/* A slot is idle for each, as no more were asked for; one too many goes back by its deadline. */
bool worker_assign(struct worker *worker, struct assignment *assignment)
{
	bool assigned = false;

	pthread_mutex_lock(&worker->lock);
	for (size_t i = 0; i < worker->slot_count && !assigned; i++) {
		struct slot *slot = &worker->slots[i];

		if (slot->assignment)
			continue;
		slot->assignment = assignment;
		slot->lost = false;
		if (slot->helping)
			judge_cancel(slot->judge);
		assigned = true;
	}
	pthread_cond_broadcast(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	return assigned;
}

static void take_jobs(struct worker *worker, const json_t *reply)
{
	const json_t *jobs = json_object_get(reply, "jobs");
	int64_t lease_ms = json_integer_value(json_object_get(reply, "lease_ms"));
	int64_t report_max = json_integer_value(json_object_get(reply, "report_max_bytes"));

	pthread_mutex_lock(&worker->lock);
	if (lease_ms > 0)
		worker->lease_ms = lease_ms;
	if (report_max > 0)
		worker->report_max_bytes = report_max;
	pthread_mutex_unlock(&worker->lock);
	for (size_t i = 0; i < json_array_size(jobs); i++) {
		struct error err = { 0 };
		struct assignment *assignment = assignment_read(json_array_get(jobs, i), &err);

		if (!assignment) {
			log_error("task not understood", LOG_TEXT("error", err.text));
		} else if (!worker_assign(worker, assignment)) {
			log_error("more tasks than were asked for", LOG_INT("job", assignment->job));
			pool_free(assignment->pool);
		}
	}
}

/* ---- the loop ---- */

/* True: the service answered as it should. */
static bool claim_once(struct worker *worker, size_t idle)
{
	cleanup_json json_t *message = claim_message(worker, idle), *reply = NULL;
	struct error err = { 0 };
	int status = 0;
	int code = service_post(worker, worker->claim_client, "claim", message,
				CLAIM_WAIT_MS + CLAIM_SLACK_MS, &status, &reply, &err);

	if (code == 0 && status == 200) {
		service_connected(worker, true, NULL);
		take_jobs(worker, reply);
		return true;
	}
	if (code == 0) {
		const char *detail = json_string_value(json_object_get(reply, "detail"));

		error_set(&err, -EPROTO, "claim was answered with %d: %s", status, detail ? detail : "");
	}
	if (code != -ECANCELED)
		service_connected(worker, false, err.text);
	return false;
}

/* How many slots are idle, once one is; 0: no more claims. */
static size_t wait_for_idle(struct worker *worker)
{
	size_t idle = 0;

	pthread_mutex_lock(&worker->lock);
	while (!worker->stopping && (idle = worker_idle_slots(worker)) == 0)
		worker_wait(worker, 0);
	bool stopping = worker->stopping;
	pthread_mutex_unlock(&worker->lock);
	return stopping ? 0 : idle;
}

void *claim_main(void *argument)
{
	struct worker *worker = argument;
	struct backoff backoff = { 0 };
	size_t idle;

	while ((idle = wait_for_idle(worker)) > 0) {
		if (claim_once(worker, idle)) {
			backoff.pause_ms = 0;
			continue;
		}
		pthread_mutex_lock(&worker->lock);
		if (!worker->stopping)
			backoff_wait(worker, &backoff, PAUSE_MAX_MS);
		pthread_mutex_unlock(&worker->lock);
	}
	return NULL;
}
