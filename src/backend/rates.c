#include "rates.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "metrics.h"
#include "net/rate.h"
#include "reply.h"

bool rates_count(const struct http_exchange *x)
{
	const struct config *config = ((const struct backend *)http_context(x))->config;

	return config->production || config_beyond_loopback(config->backend_listen) || !http_over_loopback(x);
}

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

/* ---- signing in ---- */

/* Ten guesses, then one in ten seconds: a person who errs does not notice, and who guesses needs years for a list of
 * common passwords. A school is one address. */
static const struct rate by_name = { .per_minute = 6, .burst = 10 };
static const struct rate by_address = { .per_minute = 60, .burst = 100 };

enum { THROTTLE_KEY_BYTES = 320 };

static const char *name_key(const char *name, char key[THROTTLE_KEY_BYTES])
{
	int size = snprintf(key, THROTTLE_KEY_BYTES, "sign-in %s", name);

	for (int i = 0; i < size && i < THROTTLE_KEY_BYTES; i++)
		key[i] = (char)tolower((unsigned char)key[i]);
	return key;
}

static const char *address_key(struct http_exchange *x, char key[THROTTLE_KEY_BYTES])
{
	char address[RATE_ADDRESS_BYTES];

	snprintf(key, THROTTLE_KEY_BYTES, "sign-in from %s", rate_address(http_peer(x), address));
	return key;
}

static bool throttle(struct http_exchange *x, const char *key, const struct rate *rate)
{
	const struct backend *backend = http_context(x);
	struct rate_answer answer = rate_take(backend->rates, key, rate, clock_monotonic_us());

	if (answer.allowed)
		return true;
	rate_show(x, &answer);
	metrics_add(backend->metrics, METRIC_SIGN_INS, 1, METRIC_LABELS("throttled"));
	reply_error(x, 429, "Too many attempts; try again in %" PRId64 " s", answer.retry_s);
	return false;
}

bool throttle_take_address(struct http_exchange *x)
{
	char key[THROTTLE_KEY_BYTES];

	return !rates_count(x) || throttle(x, address_key(x, key), &by_address);
}

bool throttle_take(struct http_exchange *x, const char *name)
{
	char key[THROTTLE_KEY_BYTES];

	return throttle_take_address(x) && throttle(x, name_key(name, key), &by_name);
}

void throttle_put_back(struct http_exchange *x, const char *name)
{
	const struct backend *backend = http_context(x);
	char key[THROTTLE_KEY_BYTES];

	rate_put_back(backend->rates, name_key(name, key), &by_name, clock_monotonic_us());
	if (rates_count(x))
		rate_put_back(backend->rates, address_key(x, key), &by_address, clock_monotonic_us());
}
