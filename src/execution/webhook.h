/* webhook.h - where a webhook goes, what it looks like, and what follows an attempt to send one. Pure functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/pool.h"
#include "net/outbound.h"

/* ---- secrets ----
 * A list with commas, of which the first signs. "whsec_..." is base64 for Standard Webhooks' signature. */

/* NULL when every "whsec_..." of the list is one, else what is wrong. */
const char *webhook_secret_fault(const char *secrets);

/* Whether a webhook to this URL may go to an address that is not public: when the configuration lets all, or it
 * is the backend's scheme, host and port. */
bool webhook_may_be_private(const struct config *config, const char *url);

/* Where the backend hears of results; in the pool, NULL when memory is out. */
const char *webhook_backend_url(const struct config *config, struct pool *pool);
/* What those are signed with; "" when nothing is set. */
const char *webhook_backend_secrets(const struct config *config);

struct webhook_attempt {
	const char *message; /* webhook-id: the same for all attempts */
	int64_t now_ms;
	const char *secrets;    /* NULL or "": unsigned */
	const char *request_id; /* of the request that made the submission, or NULL */
	const char *trace;      /* its traceparent, or NULL */
	const char *body;
	size_t body_size;
};
/* "Name: value" each, NULL-ended, in the pool; NULL when memory is out. */
const char *const *webhook_headers(const struct webhook_attempt *attempt, struct pool *pool);

/* ---- after an attempt ---- */

struct webhook_schedule {
	int64_t delays_ms[CONFIG_DELAYS_MAX]; /* before the second attempt, the third, ... */
	int count;
};
/* From the form that the configuration accepts. */
struct webhook_schedule webhook_schedule(const char *seconds);

enum webhook_fate {
	WEBHOOK_DELIVERED,
	WEBHOOK_AGAIN, /* after delay_ms, which is not before the receiver asked for it */
	WEBHOOK_DEAD,
	WEBHOOK_UNSENT, /* this was no attempt; after delay_ms */
};
struct webhook_outcome {
	enum webhook_fate fate;
	int64_t delay_ms;
	char response
		[200]; /* "Success: 200", "Error: HTTP 500", "Error: Webhook timeout", ...; "" when unsent */
};
/* How long an answer (429 or 503, with Retry-After) asks to be left alone, an hour at most; 0: it does not. */
int64_t webhook_asked_ms(const struct outbound_result *result);

/* `attempts` with this one; `age_ms` since the delivery was recorded or replayed; `dice` is any number, for the
 * jitter. */
void webhook_outcome(const struct webhook_schedule *schedule, int attempts, int64_t age_ms, uint32_t dice,
		     const struct outbound_result *result, struct webhook_outcome *outcome);
