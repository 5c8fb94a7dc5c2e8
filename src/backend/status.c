/* GET /api/execution/status, and the part of /api/health that tells the same in short. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "handlers.h"
#include "runner.h"

static const char *mode_name(const struct runner_status *status)
{
	return status->queue_mode ? "queue" : "direct";
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_text(text, strlen(text)) : json_null();
}

json_t *execution_health(const struct backend *backend)
{
	struct runner_status status;

	runner_look(backend->runner, &status);
	return json_pack("{s:s, s:b, s:b}", "mode", mode_name(&status), "queueServiceAvailable",
			 status.queue_available, "directAvailable", status.direct_available);
}

static json_t *config_json(const struct config *config)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I}", "queueUrl", config->queue_url, "pollInterval",
			 (json_int_t)config->queue_poll_ms, "maxPollTime",
			 (json_int_t)config->queue_max_poll_ms, "timeout",
			 (json_int_t)config->queue_timeout_ms, "queuePercent",
			 (json_int_t)config->queue_percent);
}

void execution_status(struct http_exchange *x)
{
	const struct backend *backend = http_context(x);
	struct runner_status status;
	char now[CLOCK_TEXT_BYTES];

	runner_look_again(backend->runner, &status);
	json_t *direct = json_pack(
		"{s:b, s:o, s:I, s:I, s:I}", "available", status.direct_available, "reason",
		text_or_null(status.direct_missing), "slots", (json_int_t)status.direct_slots, "running",
		(json_int_t)status.direct_running, "waiting", (json_int_t)status.direct_waiting);
	json_t *queue = json_pack("{s:b, s:s, s:I}", "available", status.queue_available, "breaker",
				  status.breaker, "running", (json_int_t)status.queue_running);
	http_reply_json(x, 200,
			json_pack("{s:s, s:b, s:b, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "mode",
				  mode_name(&status), "queueServiceAvailable", status.queue_available,
				  "directAvailable", status.direct_available, "config",
				  config_json(backend->config), "timestamp",
				  clock_format(clock_wall_ms(), now), "uptime",
				  (json_int_t)((clock_monotonic_us() - backend->started_us) / 1000000),
				  "fallbacks", (json_int_t)status.fallbacks, "lastFallbackReason",
				  text_or_null(status.last_reason), "direct", direct, "queue", queue));
}
