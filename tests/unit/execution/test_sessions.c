/* Who is here, what they hold, and what they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sessions.h"

static const int64_t SECOND = 1000000, LIFE = 15000000;

static void a_silent_worker_is_given_up(void **state)
{
	struct sessions *sessions = sessions_new(LIFE);
	struct pool *pool = pool_new();
	size_t count;

	assert_true(sessions_see(sessions, "a", 2, 0));
	assert_false(sessions_see(sessions, "a", 2, SECOND));
	assert_true(sessions_see(sessions, "b", 3, 5 * SECOND));
	sessions_expire(sessions, SECOND + LIFE - 1, pool, &count);
	assert_int_equal(count, 0);
	const char **gone = sessions_expire(sessions, SECOND + LIFE, pool, &count);
	assert_int_equal(count, 1);
	assert_string_equal(gone[0], "a");
	assert_int_equal(sessions_count(sessions).workers, 1);
	assert_int_equal(sessions_count(sessions).slots, 3);
	pool_free(pool);
	sessions_free(sessions);
}

static void a_broken_connection_leaves_two_seconds(void **state)
{
	struct sessions *sessions = sessions_new(LIFE);
	struct pool *pool = pool_new();
	size_t count;

	sessions_see(sessions, "a", 1, 0);
	sessions_disconnected(sessions, "a", SECOND);
	sessions_see(sessions, "a", 1, 2 * SECOND); /* it came back */
	sessions_expire(sessions, 4 * SECOND, pool, &count);
	assert_int_equal(count, 0);
	sessions_disconnected(sessions, "a", 4 * SECOND);
	sessions_expire(sessions, 6 * SECOND, pool, &count);
	assert_int_equal(count, 1);
	pool_free(pool);
	sessions_free(sessions);
}

static void a_lease_that_is_taken_away_is_told_once(void **state)
{
	struct sessions *sessions = sessions_new(LIFE);
	struct pool *pool = pool_new();
	char holder[UUID_TEXT_BYTES];
	size_t count;

	sessions_see(sessions, "a", 2, 0);
	sessions_lend(sessions, "a", 1, "lease-1");
	sessions_lend(sessions, "a", 2, "lease-2");
	assert_int_equal(sessions_count(sessions).busy, 2);
	assert_true(sessions_end(sessions, 2, true, holder));
	assert_string_equal(holder, "a");
	assert_false(sessions_end(sessions, 2, true, holder));
	assert_true(sessions_end(sessions, 1, false, NULL));
	const char **lost = sessions_take_lost(sessions, "a", pool, &count);
	assert_int_equal(count, 1);
	assert_string_equal(lost[0], "lease-2");
	sessions_take_lost(sessions, "a", pool, &count);
	assert_int_equal(count, 0);
	assert_int_equal(sessions_count(sessions).busy, 0);
	pool_free(pool);
	sessions_free(sessions);
}

static void a_worker_that_leaves_is_forgotten(void **state)
{
	struct sessions *sessions = sessions_new(LIFE);

	sessions_see(sessions, "a", 1, 0);
	sessions_lend(sessions, "a", 1, "lease-1");
	sessions_forget(sessions, "a");
	sessions_forget(sessions, "a");
	assert_false(sessions_end(sessions, 1, false, NULL));
	assert_int_equal(sessions_count(sessions).workers, 0);
	sessions_free(sessions);
}

static void a_worker_that_stops_is_not_counted(void **state)
{
	struct sessions *sessions = sessions_new(LIFE);

	sessions_see(sessions, "a", 2, 0);
	sessions_lend(sessions, "a", 1, "lease-1");
	assert_true(sessions_takes_tasks(sessions, "a"));
	assert_false(sessions_takes_tasks(sessions, "b"));
	sessions_close(sessions, "a");
	sessions_see(sessions, "a", 2, SECOND);
	assert_false(sessions_takes_tasks(sessions, "a"));
	assert_int_equal(sessions_count(sessions).workers, 0);
	assert_int_equal(sessions_count(sessions).slots, 0);
	assert_int_equal(sessions_count(sessions).busy, 1);
	sessions_free(sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_worker_is_given_up),
		cmocka_unit_test(a_broken_connection_leaves_two_seconds),
		cmocka_unit_test(a_lease_that_is_taken_away_is_told_once),
		cmocka_unit_test(a_worker_that_leaves_is_forgotten),
		cmocka_unit_test(a_worker_that_stops_is_not_counted),
	};

	return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
