/* Token buckets over a clock that the test turns, in a table too small for all, and from several threads. */
#include "raw.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/rate.h"

enum { SECOND = 1000000 };

static struct rate_limits *make(size_t buckets)
{
	struct rate_limits *limits = NULL;
	assert_int_equal(rate_limits_new(buckets, &limits, NULL), 0);
	return limits;
}

/* 60 a minute, 3 at once. */
static const struct {
	int64_t at_us;
	bool allowed;
	int64_t remaining, reset_s, retry_s;
} takes[] = {
	{ 0, true, 2, 1, 0 },       { 0, true, 1, 2, 0 },           { 0, true, 0, 3, 0 },
	{ 0, false, 0, 3, 1 },      { SECOND / 2, false, 0, 3, 1 }, { SECOND, true, 0, 3, 0 },
	{ SECOND, false, 0, 3, 1 }, { 3 * SECOND, true, 1, 2, 0 },  { 60 * SECOND, true, 2, 1, 0 },
};

static void a_bucket_fills_and_empties(void **state)
{
	struct rate_limits *limits = make(100);
	const struct rate rate = { .per_minute = 60, .burst = 3 };
	for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++) {
		struct rate_answer answer = rate_take(limits, "key 1", &rate, takes[i].at_us);
		if (answer.allowed != takes[i].allowed || answer.remaining != takes[i].remaining ||
		    answer.reset_s != takes[i].reset_s || answer.retry_s != takes[i].retry_s ||
		    answer.limit != 3)
			fail_msg("row %zu: %d %d %d %d", i, answer.allowed, (int)answer.remaining,
				 (int)answer.reset_s, (int)answer.retry_s);
	}
	assert_true(rate_take(limits, "key 2", &rate, SECOND).allowed);
	rate_limits_free(limits);
}

static void what_is_put_back_can_be_taken_again(void **state)
{
	struct rate_limits *limits = make(100);
	const struct rate rate = { .per_minute = 60, .burst = 2 };
	for (int i = 0; i < 10; i++) {
		assert_true(rate_take(limits, "a", &rate, 0).allowed);
		rate_put_back(limits, "a", &rate, 0);
	}
	assert_true(rate_take(limits, "a", &rate, 0).allowed);
	assert_true(rate_take(limits, "a", &rate, 0).allowed);
	assert_false(rate_take(limits, "a", &rate, 0).allowed);
	/* What nobody took makes no bucket larger. */
	for (int i = 0; i < 10; i++)
		rate_put_back(limits, "b", &rate, SECOND);
	assert_true(rate_take(limits, "b", &rate, SECOND).allowed);
	assert_true(rate_take(limits, "b", &rate, SECOND).allowed);
	assert_false(rate_take(limits, "b", &rate, SECOND).allowed);
	rate_put_back(limits, "c", &(struct rate){ 0 }, 0);
	rate_limits_free(limits);
}

static void who_keeps_asking_is_not_punished_for_it(void **state)
{
	struct rate_limits *limits = make(100);
	const struct rate rate = { .per_minute = 60, .burst = 1 };
	int allowed = 0;
	for (int64_t now = 0; now < 100 * SECOND; now += SECOND / 10)
		allowed += rate_take(limits, "a", &rate, now).allowed;
	assert_int_equal(allowed, 100);
	rate_limits_free(limits);
}

static void rates_of_nothing_and_of_much(void **state)
{
	struct rate_limits *limits = make(1);
	struct rate_answer answer = rate_take(limits, "a", &(struct rate){ 0 }, 0);
	assert_true(answer.allowed);
	assert_int_equal(answer.limit, -1);
	for (int i = 0; i < 1000; i++)
		assert_true(rate_take(limits, "a", &(struct rate){ 60000000, 1000 }, 0).allowed);
	assert_false(rate_take(limits, "a", &(struct rate){ 60000000, 1000 }, 0).allowed);
	/* A rate that was lowered meanwhile. */
	assert_false(rate_take(limits, "a", &(struct rate){ 60, 1 }, 0).allowed);
	assert_true(rate_take(limits, "a", &(struct rate){ 60, 0 }, 2 * SECOND).allowed);
	rate_limits_free(limits);
}

static void the_greedy_are_remembered_in_a_crowd(void **state)
{
	struct rate_limits *limits = make(64);
	const struct rate rate = { .per_minute = 60, .burst = 100 };
	for (int i = 0; i < 100; i++)
		assert_true(rate_take(limits, "greedy", &rate, 0).allowed);
	for (int i = 0; i < 10000; i++) {
		char key[32];
		snprintf(key, sizeof key, "one of many %d", i);
		assert_true(rate_take(limits, key, &rate, 0).allowed);
	}
	assert_false(rate_take(limits, "greedy", &rate, 0).allowed);
	rate_limits_free(limits);
}

static atomic_int allowed_together;

static void *take_many(void *limits)
{
	const struct rate rate = { .per_minute = 1, .burst = 1000 };
	for (int i = 0; i < 1000; i++)
		allowed_together += rate_take(limits, "shared", &rate, 0).allowed;
	return NULL;
}

static void threads_share_a_bucket(void **state)
{
	struct rate_limits *limits = make(10);
	pthread_t threads[4];
	allowed_together = 0;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_many, limits), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(allowed_together, 1000);
	rate_limits_free(limits);
}

static void addresses_become_keys(void **state)
{
	char key[RATE_ADDRESS_BYTES];
	assert_string_equal(rate_address("10.0.0.1", key), "address 10.0.0.1");
	assert_string_equal(rate_address("2001:db8:1:2:3:4:5:6", key), "address 2001:db8:1:2::/64");
	assert_string_equal(rate_address("::ffff:10.0.0.1", key), "address ::ffff:10.0.0.1");
}

static struct rate_limits *shared;

static void limited(struct http_exchange *x)
{
	struct rate_answer answer = rate_take(shared, http_peer(x), &(struct rate){ 1, 2 }, 0);
	rate_show(x, &answer);
	http_reply_empty(x, answer.allowed ? 204 : 429);
}

static void clients_are_told(void **state)
{
	static const struct http_route routes[] = { { "GET", "/", limited } };
	static const struct {
		int status;
		const char *remaining, *reset, *retry;
	} answers[] = { { 204, "1", "60", NULL }, { 204, "0", "120", NULL }, { 429, "0", "120", "60" } };
	shared = make(10);
	struct http_server *server =
		raw_serve((struct http_server_options){ .routes = routes, .route_count = 1 });
	for (size_t i = 0; i < 3; i++) {
		struct raw_response response;
		assert_int_equal(raw_ask(raw_port(server), "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &response),
				 answers[i].status);
		assert_string_equal(raw_header(&response, "X-RateLimit-Limit"), "2");
		assert_string_equal(raw_header(&response, "X-RateLimit-Remaining"), answers[i].remaining);
		assert_string_equal(raw_header(&response, "X-RateLimit-Reset"), answers[i].reset);
		const char *retry = raw_header(&response, "Retry-After");
		assert_int_equal(retry != NULL, answers[i].retry != NULL);
		if (retry)
			assert_string_equal(retry, answers[i].retry);
		raw_free(&response);
	}
	http_server_free(server);
	rate_limits_free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_fills_and_empties),
		cmocka_unit_test(who_keeps_asking_is_not_punished_for_it),
		cmocka_unit_test(what_is_put_back_can_be_taken_again),
		cmocka_unit_test(rates_of_nothing_and_of_much),
		cmocka_unit_test(the_greedy_are_remembered_in_a_crowd),
		cmocka_unit_test(threads_share_a_bucket),
		cmocka_unit_test(addresses_become_keys),
		cmocka_unit_test(clients_are_told),
	};
	return cmocka_run_group_tests_name("net rate", tests, NULL, NULL);
}
