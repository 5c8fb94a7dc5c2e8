/* How the worker speaks to the execution service: one POST, JSON both ways (docs/api.md, "Workers"). */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "inside.h"

enum { PAUSE_FIRST_MS = 100, REPLY_FLOOR_BYTES = 1 << 20, PATIENT_MS = 5000 };

json_t *service_message(const struct worker *worker)
{
	return json_pack("{s:i, s:s}", "protocol", WORKER_PROTOCOL, "session", worker->session);
}

/* A claim's answer holds a task a slot, each as large as the service lets a body be. */
static size_t reply_max(const struct worker *worker)
{
	return REPLY_FLOOR_BYTES + (size_t)worker->config->http_body_bytes * worker->slot_count;
}

const char *service_url(const struct worker *worker)
{
	return worker->services[atomic_load(&worker->service)];
}

int service_client(const struct worker *worker, struct http_client **client, struct error *err)
{
	int code = http_client_new(client, err);

	if (code == 0 && worker->ca_file)
		http_client_trust(*client, worker->ca_file);
	return code;
}

/* No answer, or one of who cannot answer now. A short wait in vain shows nothing. */
static bool is_away(int code, int status, int64_t timeout_ms)
{
	if (code == -ETIMEDOUT)
		return timeout_ms >= PATIENT_MS;
	if (code < 0)
		return code != -ECANCELED && code != -EMSGSIZE && code != -ENOMEM;
	return status == 502 || status == 503 || status == 504;
}

/* Several threads may find so at once: one step for all. */
static void turn_to_next(struct worker *worker, size_t from)
{
	if (worker->service_count > 1 &&
	    atomic_compare_exchange_strong(&worker->service, &from, (from + 1) % worker->service_count))
		log_info("turning to another service", LOG_TEXT("service", service_url(worker)));
}

int service_post(struct worker *worker, struct http_client *client, const char *route, const json_t *message,
		 int64_t timeout_ms, int *status, json_t **reply, struct error *err)
{
	cleanup_buffer struct buffer url = { 0 }, body = { 0 }, answer = { 0 };

	if (is_direct(worker)) {
		*reply = NULL;
		return worker_direct_post(worker, route, message, status, err);
	}
	size_t service = atomic_load(&worker->service);

	buffer_printf(&url, "%s/internal/v1/%s", worker->services[service], route);
	if (url.failed || json_write(message, &body) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	struct http_client_request request = { .method = "POST",
					       .url = url.data,
					       .bearer = worker->token,
					       .request_id = *log_request_id() ? log_request_id() : NULL,
					       .body = body.data,
					       .body_size = body.size,
					       .timeout_ms = timeout_ms,
					       .response_max_bytes = reply_max(worker) };
	int code = http_client_run(client, &request, status, &answer, err);
	if (is_away(code, *status, timeout_ms))
		turn_to_next(worker, service);
	if (code < 0)
		return code;
	*reply = NULL;
	if (answer.size > 0)
		json_parse(answer.data, answer.size, reply, NULL);
	return 0;
}

void service_connected(struct worker *worker, bool connected, const char *why)
{
	pthread_mutex_lock(&worker->lock);
	bool changed = (worker->connected != connected || !worker->has_tried) && !worker->stopping;
	worker->connected = connected;
	worker->has_tried = true;
	pthread_mutex_unlock(&worker->lock);
	if (changed && connected)
		log_info("connected", LOG_TEXT("service", service_url(worker)));
	else if (changed)
		log_warning("service not reachable", LOG_TEXT("service", service_url(worker)),
			    LOG_TEXT("error", why));
}

bool backoff_wait(struct worker *worker, struct backoff *backoff, int64_t max_ms)
{
	unsigned char dice;

	backoff->pause_ms = backoff->pause_ms > 0 ? 2 * backoff->pause_ms : PAUSE_FIRST_MS;
	if (backoff->pause_ms > max_ms)
		backoff->pause_ms = max_ms;
	random_bytes(&dice, 1);
	/* Half to one and a half of it. */
	int64_t until_us = clock_monotonic_us() + backoff->pause_ms * (500 + dice * 1000 / 255);
	while (!worker->finished && worker_wait(worker, until_us))
		;
	return !worker->finished;
}
