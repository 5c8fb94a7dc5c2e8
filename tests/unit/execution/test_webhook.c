#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "webhook.h"

/* ---- headers ---- */

/* The signatures were computed with Python's hmac and base64; the first row's is the example of the Standard
 * Webhooks specification's libraries. */
static const char example_body[] = "{\"test\": 2432232314}";
static const struct {
	const char *secrets;
	const char *standard, *plain; /* NULL: unsigned */
} signatures[] = {
	{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	  "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	  "X-Webhook-Secret: 80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c" },
	{ "secret", "webhook-signature: v1,QhlSMIJS/+71IQLjjmkiCGkWoueir474RayJQKtDu+0=",
	  "X-Webhook-Secret: c4be5c092d907fa240f2da524c1fd82913705379274d113cacd5ec3a667ad4d4" },
	{ " secret , older", "webhook-signature: v1,QhlSMIJS/+71IQLjjmkiCGkWoueir474RayJQKtDu+0=",
	  "X-Webhook-Secret: c4be5c092d907fa240f2da524c1fd82913705379274d113cacd5ec3a667ad4d4" },
	{ NULL, NULL, NULL },
	{ "", NULL, NULL },
	{ " , ", NULL, NULL },
};

static const char *header_of(const char *const *headers, const char *name)
{
	for (; *headers; headers++)
		if (strncmp(*headers, name, strlen(name)) == 0)
			return *headers;
	return NULL;
}

static void is_same(size_t row, const char *got, const char *expected)
{
	if (!got != !expected || (got && strcmp(got, expected) != 0))
		fail_msg("row %zu: %s, expected %s", row, got ? got : "none", expected ? expected : "none");
}

static void the_first_secret_signs_twice(void **state)
{
	for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct webhook_attempt attempt = { .message = "msg_p5jXN8AQM9LWM0D4loKWxJek",
						   .now_ms = 1614265330999,
						   .secrets = signatures[i].secrets,
						   .body = example_body,
						   .body_size = sizeof example_body - 1 };
		const char *const *headers = webhook_headers(&attempt, pool);
		is_same(i, header_of(headers, "webhook-id:"), "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek");
		is_same(i, header_of(headers, "webhook-timestamp:"), "webhook-timestamp: 1614265330");
		is_same(i, header_of(headers, "webhook-signature:"), signatures[i].standard);
		is_same(i, header_of(headers, "X-Webhook-Secret:"), signatures[i].plain);
		is_same(i, header_of(headers, "X-Request-Id:"), NULL);
	}
}

static void the_client_s_request_is_named(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct webhook_attempt attempt = {
		.message = "m", .request_id = "r1", .trace = "00-1-2-01", .body = ""
	};
	const char *const *headers = webhook_headers(&attempt, pool);
	is_same(0, header_of(headers, "X-Request-Id:"), "X-Request-Id: r1");
	is_same(0, header_of(headers, "traceparent:"), "traceparent: 00-1-2-01");
}

static void broken_secrets_are_found(void **state)
{
	assert_null(webhook_secret_fault(""));
	assert_null(webhook_secret_fault("any text"));
	assert_null(webhook_secret_fault("a, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
	assert_non_null(webhook_secret_fault("whsec_"));
	assert_non_null(webhook_secret_fault("a,whsec_not base64!"));
}

/* ---- after an attempt ---- */

static const struct {
	const char *story;
	struct outbound_result result;
	int attempts;
	int64_t age_ms;
	enum webhook_fate fate;
	int64_t least_ms, most_ms;
	const char *response;
} outcomes[] = {
	{ "taken",
	  { .end = OUTBOUND_ANSWERED, .status = 200 },
	  1,
	  0,
	  WEBHOOK_DELIVERED,
	  0,
	  0,
	  "Success: 200" },
	{ "taken, without a word",
	  { .end = OUTBOUND_ANSWERED, .status = 204 },
	  9,
	  0,
	  WEBHOOK_DELIVERED,
	  0,
	  0,
	  "Success: 204" },
	{ "broken",
	  { .end = OUTBOUND_ANSWERED, .status = 500 },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  900,
	  1100,
	  "Error: HTTP 500" },
	{ "still broken",
	  { .end = OUTBOUND_ANSWERED, .status = 500 },
	  2,
	  0,
	  WEBHOOK_AGAIN,
	  27000,
	  33000,
	  "Error: HTTP 500" },
	{ "the last time but one",
	  { .end = OUTBOUND_ANSWERED, .status = 500 },
	  3,
	  0,
	  WEBHOOK_AGAIN,
	  540000,
	  660000,
	  "Error: HTTP 500" },
	{ "the last time",
	  { .end = OUTBOUND_ANSWERED, .status = 500 },
	  4,
	  0,
	  WEBHOOK_DEAD,
	  0,
	  0,
	  "Error: HTTP 500" },
	{ "moved",
	  { .end = OUTBOUND_ANSWERED, .status = 302 },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  900,
	  1100,
	  "Error: HTTP 302" },
	{ "not wanted now",
	  { .end = OUTBOUND_ANSWERED, .status = 404 },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  900,
	  1100,
	  "Error: HTTP 404" },
	{ "not wanted any more",
	  { .end = OUTBOUND_ANSWERED, .status = 410 },
	  1,
	  0,
	  WEBHOOK_DEAD,
	  0,
	  0,
	  "Error: HTTP 410" },
	{ "too slow",
	  { .end = OUTBOUND_TIMEOUT, .why = "Timeout was reached" },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  900,
	  1100,
	  "Error: Webhook timeout" },
	{ "nobody there",
	  { .end = OUTBOUND_FAILED, .why = "Couldn't connect to server" },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  900,
	  1100,
	  "Error: Couldn't connect to server" },
	{ "busy, and says for how long",
	  { .end = OUTBOUND_ANSWERED, .status = 429, .retry_after_s = 100 },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  100000,
	  110000,
	  "Error: HTTP 429" },
	{ "away, and says for how long",
	  { .end = OUTBOUND_ANSWERED, .status = 503, .retry_after_s = 100 },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  100000,
	  110000,
	  "Error: HTTP 503" },
	{ "busy for less than we would wait anyway",
	  { .end = OUTBOUND_ANSWERED, .status = 429, .retry_after_s = 2 },
	  3,
	  0,
	  WEBHOOK_AGAIN,
	  540000,
	  660000,
	  "Error: HTTP 429" },
	{ "busy for ever: an hour",
	  { .end = OUTBOUND_ANSWERED, .status = 503, .retry_after_s = INT64_MAX },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  3600000,
	  3960000,
	  "Error: HTTP 503" },
	{ "busy until a time that is over",
	  { .end = OUTBOUND_ANSWERED, .status = 503, .retry_after_s = -5 },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  900,
	  1100,
	  "Error: HTTP 503" },
	{ "what goes with a failure is no wish",
	  { .end = OUTBOUND_ANSWERED, .status = 500, .retry_after_s = 100 },
	  1,
	  0,
	  WEBHOOK_AGAIN,
	  900,
	  1100,
	  "Error: HTTP 500" },
	{ "busy at the last attempt",
	  { .end = OUTBOUND_ANSWERED, .status = 429, .retry_after_s = 100 },
	  4,
	  0,
	  WEBHOOK_DEAD,
	  0,
	  0,
	  "Error: HTTP 429" },
	{ "not to be gone to",
	  { .end = OUTBOUND_REFUSED, .why = "the address ::1 is loopback" },
	  1,
	  0,
	  WEBHOOK_DEAD,
	  0,
	  0,
	  "Error: the address ::1 is loopback" },
	{ "left alone",
	  { .end = OUTBOUND_POSTPONED, .why = "left alone", .retry_ms = 5000 },
	  1,
	  0,
	  WEBHOOK_UNSENT,
	  4500,
	  5700,
	  "" },
	{ "left alone for all its time",
	  { .end = OUTBOUND_POSTPONED, .why = "left alone", .retry_ms = 5000 },
	  1,
	  999999999,
	  WEBHOOK_DEAD,
	  0,
	  6000,
	  "Error: left alone" },
	{ "we stop",
	  { .end = OUTBOUND_CANCELLED, .why = "we are stopping" },
	  1,
	  0,
	  WEBHOOK_UNSENT,
	  0,
	  0,
	  "" },
};

static void each_answer_has_its_outcome(void **state)
{
	static const uint32_t dice[] = { 0, UINT32_MAX / 3, UINT32_MAX };
	struct webhook_schedule schedule = webhook_schedule("1,30,600");
	assert_int_equal(schedule.count, 3);
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
		for (size_t d = 0; d < sizeof dice / sizeof dice[0]; d++) {
			struct webhook_outcome got;
			webhook_outcome(&schedule, outcomes[i].attempts, outcomes[i].age_ms, dice[d],
					&outcomes[i].result, &got);
			if (got.fate != outcomes[i].fate || strcmp(got.response, outcomes[i].response) != 0 ||
			    got.delay_ms < outcomes[i].least_ms || got.delay_ms > outcomes[i].most_ms)
				fail_msg("%s: fate %d after %lld ms, \"%s\"", outcomes[i].story, got.fate,
					 (long long)got.delay_ms, got.response);
		}
}

static void the_default_schedule_takes_75_hours(void **state)
{
	struct webhook_schedule schedule = webhook_schedule("1,30,600,3600,14400,36000,57600,72000,86400");
	int64_t sum_ms = 0;
	for (int i = 0; i < schedule.count; i++)
		sum_ms += schedule.delays_ms[i];
	assert_int_equal(schedule.count + 1, 10);
	assert_int_equal(sum_ms / 3600000, 75);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_secret_signs_twice),
		cmocka_unit_test(the_client_s_request_is_named),
		cmocka_unit_test(broken_secrets_are_found),
		cmocka_unit_test(each_answer_has_its_outcome),
		cmocka_unit_test(the_default_schedule_takes_75_hours),
	};
	return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
