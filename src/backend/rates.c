#include "rates.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "net/rate.h"
#include "reply.h"

/* A minute's worth may come at once: a contest begins for everybody in the same second. */
static bool take(struct http_exchange *x, const char *key, int64_t per_minute)
{
	const struct backend *backend = http_context(x);
	struct rate rate = { .per_minute = per_minute, .burst = per_minute };
	struct rate_answer answer = rate_take(backend->rates, key, &rate, clock_monotonic_us());

	rate_show(x, &answer);
	if (!answer.allowed)
		reply_error(x, 429, "Too many requests: %" PRId64 " a minute are allowed", per_minute);
	return answer.allowed;
}

bool rates_take_address(struct http_exchange *x)
{
	const struct backend *backend = http_context(x);
	char key[RATE_ADDRESS_BYTES];

	return take(x, rate_address(http_peer(x), key), backend->config->rate_limit_address);
}

bool rates_take_user(struct http_exchange *x, int64_t user_id)
{
	const struct backend *backend = http_context(x);
	char key[32];

	snprintf(key, sizeof key, "user %" PRId64, user_id);
	return take(x, key, backend->config->rate_limit_user);
}
