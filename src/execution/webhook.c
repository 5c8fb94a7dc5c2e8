#include "webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static const char standard_prefix[] = "whsec_";
enum { PREFIX_SIZE = sizeof standard_prefix - 1, GRACE_MS = 3600000, ASKED_MAX_MS = 3600000 };

/* ---- secrets ---- */

/* The next of the list without the blanks around it; false at the end. */
static bool next_secret(const char **list, const char **secret, size_t *size)
{
	*list += strspn(*list, ", ");
	*secret = *list;
	*size = strcspn(*list, ",");
	*list += *size;
	while (*size > 0 && (*secret)[*size - 1] == ' ')
		--*size;
	return *size > 0;
}

static bool is_standard(const char *secret, size_t size)
{
	return size >= PREFIX_SIZE && memcmp(secret, standard_prefix, PREFIX_SIZE) == 0;
}

const char *webhook_secret_fault(const char *secrets)
{
	const char *secret;
	size_t size;

	while (next_secret(&secrets, &secret, &size)) {
		cleanup_buffer struct buffer key = { 0 };

		if (is_standard(secret, size) &&
		    (base64_decode(secret + PREFIX_SIZE, size - PREFIX_SIZE, &key) < 0 || key.size == 0))
			return "what follows whsec_ must be base64";
	}
	return NULL;
}

/* ---- where to ---- */

bool webhook_may_be_private(const struct config *config, const char *url)
{
	char theirs[OUTBOUND_ORIGIN_BYTES], backend[OUTBOUND_ORIGIN_BYTES];

	if (config->webhook_allow_private)
		return true;
	return *config->backend_url && outbound_check(config->backend_url, true, backend, NULL) == 0 &&
	       outbound_check(url, true, theirs, NULL) == 0 && strcmp(theirs, backend) == 0;
}

const char *webhook_backend_url(const struct config *config, struct pool *pool)
{
	size_t size = strlen(config->backend_url);

	while (size > 0 && config->backend_url[size - 1] == '/')
		size--;
	return pool_printf(pool, "%.*s/api/webhooks/code-execution/", (int)size, config->backend_url);
}

const char *webhook_backend_secrets(const struct config *config)
{
	return *config->backend_secret ? config->backend_secret : config->backend_secret_too;
}

/* ---- signatures ---- */

/* "v1,<base64>" over id.timestamp.body. */
static const char *standard_signature(const struct webhook_attempt *attempt, const char *secret, size_t size,
				      struct pool *pool)
{
	cleanup_buffer struct buffer content = { 0 }, key = { 0 }, text = { 0 };
	unsigned char digest[SHA256_BYTES];

	if (!is_standard(secret, size) || base64_decode(secret + PREFIX_SIZE, size - PREFIX_SIZE, &key) < 0) {
		buffer_clear(&key);
		buffer_append(&key, secret, size);
	}
	buffer_printf(&content, "%s.%" PRId64 ".", attempt->message, attempt->now_ms / 1000);
	buffer_append(&content, attempt->body, attempt->body_size);
	if (content.failed || key.failed)
		return NULL;
	hmac_sha256(key.data, key.size, content.data, content.size, digest);
	base64_encode(digest, sizeof digest, &text);
	return text.failed ? NULL : pool_printf(pool, "webhook-signature: v1,%s", text.data);
}

static const char *plain_signature(const struct webhook_attempt *attempt, const char *secret, size_t size,
				   struct pool *pool)
{
	char text[SHA256_TEXT_BYTES];

	hmac_sha256_text(secret, size, attempt->body, attempt->body_size, text);
	return pool_printf(pool, "X-Webhook-Secret: %s", text);
}

const char *const *webhook_headers(const struct webhook_attempt *attempt, struct pool *pool)
{
	const char **headers = pool_array(pool, 8, sizeof *headers);
	const char *secrets = attempt->secrets ? attempt->secrets : "", *secret;
	size_t count = 0, size;

	if (!headers)
		return NULL;
	headers[count++] = "Content-Type: application/json";
	headers[count++] = pool_printf(pool, "webhook-id: %s", attempt->message);
	headers[count++] = pool_printf(pool, "webhook-timestamp: %" PRId64, attempt->now_ms / 1000);
	if (next_secret(&secrets, &secret, &size)) {
		headers[count++] = standard_signature(attempt, secret, size, pool);
		headers[count++] = plain_signature(attempt, secret, size, pool);
	}
	if (attempt->request_id)
		headers[count++] = pool_printf(pool, "X-Request-Id: %s", attempt->request_id);
	if (attempt->trace)
		headers[count++] = pool_printf(pool, "traceparent: %s", attempt->trace);
	for (size_t i = 0; i < count; i++)
		if (!headers[i])
			return NULL;
	return headers;
}

/* ---- after an attempt ---- */

struct webhook_schedule webhook_schedule(const char *seconds)
{
	struct webhook_schedule schedule = { 0 };

	for (char *end; schedule.count < CONFIG_DELAYS_MAX; seconds = end + 1) {
		schedule.delays_ms[schedule.count++] = strtoll(seconds, &end, 10) * 1000;
		if (*end != ',')
			break;
	}
	return schedule;
}

static int64_t whole_ms(const struct webhook_schedule *schedule)
{
	int64_t sum_ms = 0;

	for (int i = 0; i < schedule->count; i++)
		sum_ms += schedule->delays_ms[i];
	return sum_ms;
}

/* Nine to eleven tenths, so that what failed together does not come back together. */
static int64_t jitter(int64_t delay_ms, uint32_t dice)
{
	int64_t tenth_ms = delay_ms / 10;

	return delay_ms - tenth_ms + (int64_t)((double)tenth_ms * 2 * (double)dice / UINT32_MAX);
}

int64_t webhook_asked_ms(const struct outbound_result *result)
{
	bool busy = result->end == OUTBOUND_ANSWERED && (result->status == 429 || result->status == 503);

	if (!busy || result->retry_after_s <= 0)
		return 0;
	return result->retry_after_s < ASKED_MAX_MS / 1000 ? result->retry_after_s * 1000 : ASKED_MAX_MS;
}

/* By the schedule, but not before the receiver wants it: up to a tenth after that, so that not all come at once. */
static int64_t delay_of(const struct webhook_schedule *schedule, int attempts, uint32_t dice,
			const struct outbound_result *result)
{
	int64_t planned_ms = jitter(schedule->delays_ms[attempts - 1], dice);
	int64_t asked_ms = webhook_asked_ms(result);
	int64_t wanted_ms = asked_ms + (int64_t)((double)asked_ms / 10 * (double)dice / UINT32_MAX);

	return wanted_ms > planned_ms ? wanted_ms : planned_ms;
}

static void say_response(const struct outbound_result *result, struct webhook_outcome *outcome)
{
	char *text = outcome->response;
	size_t size = sizeof outcome->response;

	if (result->end == OUTBOUND_TIMEOUT)
		snprintf(text, size, "Error: Webhook timeout");
	else if (result->end != OUTBOUND_ANSWERED)
		snprintf(text, size, "Error: %s", result->why);
	else if (outcome->fate == WEBHOOK_DELIVERED)
		snprintf(text, size, "Success: %d", result->status);
	else
		snprintf(text, size, "Error: HTTP %d", result->status);
}

static enum webhook_fate fate_of(const struct webhook_schedule *schedule, int attempts,
				 const struct outbound_result *result)
{
	int status = result->end == OUTBOUND_ANSWERED ? result->status : 0;

	if (status >= 200 && status < 300)
		return WEBHOOK_DELIVERED;
	/* The receiver wants no more of it; or it is at a place where we do not go. */
	if (status == 410 || result->end == OUTBOUND_REFUSED)
		return WEBHOOK_DEAD;
	return attempts > schedule->count ? WEBHOOK_DEAD : WEBHOOK_AGAIN;
}

void webhook_outcome(const struct webhook_schedule *schedule, int attempts, int64_t age_ms, uint32_t dice,
		     const struct outbound_result *result, struct webhook_outcome *outcome)
{
	*outcome = (struct webhook_outcome){ .fate = WEBHOOK_UNSENT };
	if (result->end == OUTBOUND_CANCELLED)
		return;
	if (result->end == OUTBOUND_POSTPONED) {
		/* Among very many for one dead receiver, some might never have their turn. */
		outcome->delay_ms = jitter(result->retry_ms + 100, dice);
		if (age_ms < whole_ms(schedule) + GRACE_MS)
			return;
		outcome->fate = WEBHOOK_DEAD;
	} else {
		outcome->fate = fate_of(schedule, attempts, result);
	}
	if (outcome->fate == WEBHOOK_AGAIN)
		outcome->delay_ms = delay_of(schedule, attempts, dice, result);
	say_response(result, outcome);
}
