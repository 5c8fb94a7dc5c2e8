/* Keeps the leases alive. The service parks each heartbeat for a third of a lease and answers early when one
 * was taken away (its submission was cancelled): that run is then ended at once. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "inside.h"

enum { BEAT_SLACK_MS = 10000, PAUSE_MAX_MS = 1000, SAY_MS = 300 };

/* With the lock held. */
static json_t *lease_list(const struct worker *worker)
{
	json_t *list = json_array();

	for (size_t i = 0; i < worker->slot_count; i++) {
		const struct assignment *assignment = worker->slots[i].assignment;

		if (assignment && !worker->slots[i].lost)
			json_array_append_new(list,
					      json_pack("{s:I, s:s}", "job", (json_int_t)assignment->job,
							"lease", assignment->lease));
	}
	return list;
}

static json_t *beat_message(struct worker *worker, int64_t *wait_ms)
{
	json_t *message = service_message(worker);

	pthread_mutex_lock(&worker->lock);
	*wait_ms = worker->lease_ms / 3;
	json_object_set_new(message, "leases", lease_list(worker));
	pthread_mutex_unlock(&worker->lock);
	json_object_set_new(message, "worker", json_string(worker->name));
	json_object_set_new(message, "lanes", json_integer((json_int_t)worker->slot_count));
	json_object_set_new(message, "wait_ms", json_integer(*wait_ms));
	return message;
}

static bool names(const json_t *list, const char *lease)
{
	const json_t *element;
	size_t i;

	json_array_foreach(list, i, element) if (json_is_string(element) &&
						 strcmp(json_string_value(element), lease) == 0) return true;
	return false;
}

/* Ends what was lost; also what was lost before and had not begun yet when it was told to end. */
static void drop_lost(struct worker *worker, const json_t *lost)
{
	pthread_mutex_lock(&worker->lock);
	for (size_t i = 0; i < worker->slot_count; i++) {
		struct slot *slot = &worker->slots[i];

		if (slot->assignment && names(lost, slot->assignment->lease))
			slot->lost = true;
		if (slot->assignment && slot->lost && slot->judging)
			judge_cancel(slot->judge);
	}
	pthread_cond_broadcast(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
}

static bool beat_once(struct worker *worker)
{
	int64_t wait_ms;
	cleanup_json json_t *message = beat_message(worker, &wait_ms), *reply = NULL;
	struct error err = { 0 };
	int status = 0;
	int code = service_post(worker, worker->beat_client, "heartbeat", message, wait_ms + BEAT_SLACK_MS,
				&status, &reply, &err);

	drop_lost(worker, code == 0 && status == 200 ? json_object_get(reply, "lost") : NULL);
	if (code == 0 && status != 200)
		error_set(&err, -EPROTO, "heartbeat was answered with %d", status);
	if (code != -ECANCELED)
		service_connected(worker, code == 0 && status == 200, err.text);
	return code == 0 && status == 200;
}

void *heartbeat_main(void *argument)
{
	struct worker *worker = argument;
	struct backoff backoff = { 0 };
	bool goes_on = true;

	while (goes_on) {
		bool answered = beat_once(worker);

		pthread_mutex_lock(&worker->lock);
		if (answered)
			backoff.pause_ms = 0;
		goes_on = answered ? !worker->finished : backoff_wait(worker, &backoff, PAUSE_MAX_MS);
		pthread_mutex_unlock(&worker->lock);
	}
	return NULL;
}

/* One message outside the row of heartbeats. */
static bool say(struct worker *worker, const char *what)
{
	cleanup_json json_t *message = service_message(worker), *reply = NULL;
	struct http_client *client;
	struct error err = { 0 };
	int status = 0;

	if (service_client(worker, &client, &err) < 0)
		return false;
	json_object_set_new(message, "worker", json_string(worker->name));
	json_object_set_new(message, "lanes", json_integer((json_int_t)worker->slot_count));
	json_object_set_new(message, what, json_true());
	int code = service_post(worker, client, "heartbeat", message, SAY_MS, &status, &reply, &err);
	http_client_free(client);
	return code == 0 && status == 200;
}

bool heartbeat_stop(struct worker *worker)
{
	return worker->connected && say(worker, "stopping");
}

void heartbeat_leave(struct worker *worker)
{
	if (worker->connected && !say(worker, "leaving"))
		log_info("left without a word");
}
