/* Who may do what: the rule as a table, and the routes that it is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access.h"
#include "routes.h"

enum { READ = SCOPE_READ, WORKER = SCOPE_WORKER, ADMIN = SCOPE_ADMIN };

/* Development: on loopback, no keys needed. */
#define DEVELOPMENT .keys_needed = false, .over_loopback = true
#define REMOTE      .keys_needed = true, .over_loopback = false

static const struct {
	const char *story;
	struct access_facts facts;
	enum access expected;
} cases[] = {
	{ "a route for everybody, from anywhere", { .wanted = SCOPE_NONE, REMOTE }, ACCESS_GRANTED },
	{ "even with a wrong key", { .wanted = SCOPE_NONE, REMOTE, .key = KEY_WRONG }, ACCESS_GRANTED },
	{ "a route without a row's scopes is nobody's",
	  { .wanted = 0, DEVELOPMENT, .key = KEY_RIGHT, .key_scopes = 15 },
	  ACCESS_SCOPE },
	{ "nor without a key", { .wanted = 0, DEVELOPMENT }, ACCESS_UNKNOWN },

	{ "development", { .wanted = READ, DEVELOPMENT }, ACCESS_GRANTED },
	{ "development: the admin too", { .wanted = ADMIN, DEVELOPMENT }, ACCESS_GRANTED },
	{ "development: but no worker", { .wanted = WORKER, DEVELOPMENT }, ACCESS_UNKNOWN },
	{ "development: what workers share with clients",
	  { .wanted = READ | WORKER, DEVELOPMENT },
	  ACCESS_GRANTED },
	{ "development: a key that is shown counts",
	  { .wanted = READ, DEVELOPMENT, .key = KEY_WRONG },
	  ACCESS_UNKNOWN },
	{ "development: and so do its scopes",
	  { .wanted = READ, DEVELOPMENT, .key = KEY_RIGHT, .key_scopes = WORKER },
	  ACCESS_SCOPE },
	{ "forwarded, or from elsewhere", { .wanted = READ, .over_loopback = false }, ACCESS_UNKNOWN },
	{ "loopback where keys are needed",
	  { .wanted = READ, .keys_needed = true, .over_loopback = true },
	  ACCESS_UNKNOWN },

	{ "no key", { .wanted = READ, REMOTE }, ACCESS_UNKNOWN },
	{ "a wrong key", { .wanted = READ, REMOTE, .key = KEY_WRONG }, ACCESS_UNKNOWN },
	{ "a revoked key",
	  { .wanted = READ, REMOTE, .key = KEY_REVOKED, .key_scopes = READ },
	  ACCESS_UNKNOWN },
	{ "an expired key",
	  { .wanted = READ, REMOTE, .key = KEY_EXPIRED, .key_scopes = READ },
	  ACCESS_UNKNOWN },
	{ "development: an expired key that is shown counts",
	  { .wanted = READ, DEVELOPMENT, .key = KEY_EXPIRED, .key_scopes = READ },
	  ACCESS_UNKNOWN },
	{ "the right key", { .wanted = READ, REMOTE, .key = KEY_RIGHT, .key_scopes = READ }, ACCESS_GRANTED },
	{ "one of several",
	  { .wanted = READ | WORKER, REMOTE, .key = KEY_RIGHT, .key_scopes = WORKER | ADMIN },
	  ACCESS_GRANTED },
	{ "another's scope",
	  { .wanted = READ, REMOTE, .key = KEY_RIGHT, .key_scopes = ADMIN },
	  ACCESS_SCOPE },

	{ "the worker token", { .wanted = WORKER, REMOTE, .worker_token = true }, ACCESS_GRANTED },
	{ "the worker token on a client's route",
	  { .wanted = READ, REMOTE, .worker_token = true },
	  ACCESS_UNKNOWN },
	{ "the backend's token", { .wanted = READ, REMOTE, .backend_token = true }, ACCESS_GRANTED },
	{ "the backend's token on an admin's route",
	  { .wanted = ADMIN, REMOTE, .backend_token = true },
	  ACCESS_GRANTED },
	{ "the backend's token on a worker's route",
	  { .wanted = WORKER, REMOTE, .backend_token = true },
	  ACCESS_UNKNOWN },
	{ "a worker's key",
	  { .wanted = WORKER, REMOTE, .key = KEY_RIGHT, .key_scopes = WORKER },
	  ACCESS_GRANTED },
};

static void the_rule_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (access_decide(&cases[i].facts) != cases[i].expected)
			fail_msg("%s", cases[i].story);
}

static void every_route_says_who_may_use_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < execution_route_count; i++) {
		const struct execution_route *route = &execution_routes[i];

		if (route->scopes == 0 || (route->scopes & SCOPE_NONE && route->scopes != SCOPE_NONE))
			fail_msg("%s %s: scopes are missing or contradict", route->method, route->path);
		if (strncmp(route->path, "/internal/", 10) == 0 && route->scopes != SCOPE_WORKER)
			fail_msg("%s %s: is for workers alone", route->method, route->path);
	}
}

static void scopes_have_names(void **state)
{
	char text[KEY_SCOPES_BYTES];

	(void)state;
	for (unsigned scopes = 1; scopes < 1U << KEY_SCOPES; scopes++)
		assert_int_equal(key_scopes_parse(key_scopes_text(scopes, text)), scopes);
	assert_int_equal(key_scopes_parse("read,submit"), SCOPE_READ | SCOPE_SUBMIT);
	const char *const wrong[] = { "", ",", "read,", "reads", "read, submit", "READ", "rea" };
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(key_scopes_parse(wrong[i]), 0);
}

static void keys_are_long_and_differ(void **state)
{
	char one[KEY_SECRET_BYTES], other[KEY_SECRET_BYTES];

	(void)state;
	key_secret(one);
	key_secret(other);
	assert_int_equal(strlen(one), KEY_SECRET_BYTES - 1);
	assert_memory_equal(one, "ak_", 3);
	assert_string_not_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_holds),
		cmocka_unit_test(every_route_says_who_may_use_it),
		cmocka_unit_test(scopes_have_names),
		cmocka_unit_test(keys_are_long_and_differ),
	};
	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
