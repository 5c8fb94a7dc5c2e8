#include "scratch.h"

#include <pthread.h>
#include <string.h>

static const struct db_migration first[] = {
	{ 1, "one", "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);" },
	{ 100, "hundred", "CREATE TABLE hundred (a BIGINT);" },
};
/* A later version: a number between two that are there, which only adds. */
static const struct db_migration second[] = {
	{ 1, "one", "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);" },
	{ 2, "two", "INSERT INTO one VALUES (2);" },
	{ 100, "hundred", "CREATE TABLE hundred (a BIGINT);" },
};
/* And one that takes away what the second does not use any more, but the first does. */
static const struct db_migration third[] = {
	{ 1, "one", "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);" },
	{ 2, "two", "INSERT INTO one VALUES (2);" },
	{ 3, "three", "/*needs 2*/ DROP TABLE hundred;" },
	{ 100, "hundred", "CREATE TABLE hundred (a BIGINT);" },
};
static const struct db_migration broken[] = {
	{ 1, "one", "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);" },
	{ 100, "hundred", "CREATE TABLE hundred (a BIGINT);" },
	{ 101, "broken", "CREATE TABLE half (a BIGINT); INSERT INTO nowhere VALUES (1);" },
};
static const struct db_migration doubled[] = { { 1, "one", "SELECT 1;" }, { 1, "other", "SELECT 1;" } };

static void each_runs_once_and_new_ones_join(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	for (int start = 0; start < 3; start++) {
		assert_ok(db_migrate(scratch->db, first, 2, &err), &err);
		assert_int_equal(scratch_ask(scratch, "SELECT sum(a) FROM one"), 1);
		scratch_close(scratch);
		scratch_open(scratch);
	}
	assert_ok(db_migrate(scratch->db, second, 3, &err), &err);
	assert_int_equal(scratch_ask(scratch, "SELECT sum(a) FROM one"), 3);
	assert_int_equal(
		scratch_ask(scratch, "SELECT sum(number) FROM schema_migrations WHERE applied_at > 0"), 103);
}

static void the_release_before_works_on(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	assert_ok(db_migrate(scratch->db, first, 2, &err), &err);
	assert_ok(db_migrate(scratch->db, second, 3, &err), &err);
	assert_ok(db_migrate(scratch->db, first, 2, &err), &err);
	assert_ok(db_migrate(scratch->db, third, 4, &err), &err);
	assert_ok(db_migrate(scratch->db, second, 3, &err), &err);
}

static void a_newer_database_is_refused_untouched(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	assert_ok(db_migrate(scratch->db, first, 2, &err), &err);
	assert_ok(db_migrate(scratch->db, third, 4, &err), &err);
	assert_int_equal(db_migrate(scratch->db, first, 2, &err), -EPROTO);
	assert_non_null(strstr(err.text, "newer version of this program"));
	assert_non_null(strstr(err.text, "migration 3, three"));
	assert_int_equal(db_migrate(scratch->db, broken, 3, &err), -EPROTO);
	assert_ok(db_migrate(scratch->db, third, 4, &err), &err);
}

static void what_has_been_is_told(void **state)
{
	struct scratch *scratch = *state;
	cleanup_pool struct pool *pool = pool_new();
	struct db_migration_state *states;
	struct error err;
	size_t count;
	assert_ok(db_migration_states(scratch->db, first, 2, pool, &states, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_int_equal(states[1].number, 100);
	assert_true(states[1].known && states[1].applied_ms == 0);
	assert_ok(db_migrate(scratch->db, second, 3, &err), &err);
	assert_ok(db_migration_states(scratch->db, first, 2, pool, &states, &count, &err), &err);
	assert_int_equal(count, 3);
	assert_string_equal(states[1].name, "two");
	assert_true(!states[1].known && states[1].applied_ms > 0);
	assert_true(states[2].known && states[2].applied_ms > 0);
}

/* As the first release made it. */
static void a_table_of_the_first_release_is_taken_over(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	scratch_do(scratch, "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
			    " applied_at BIGINT NOT NULL)");
	scratch_do(scratch, "CREATE TABLE one (a BIGINT)");
	scratch_do(scratch, "INSERT INTO schema_migrations VALUES (1, 'one', 5)");
	assert_ok(db_migrate(scratch->db, second, 3, &err), &err);
	assert_int_equal(scratch_ask(scratch, "SELECT sum(a) FROM one"), 2);
}

/* ---- several at once ---- */

static void *migrate_alone(void *argument)
{
	struct scratch own = { 0 };
	struct error err = { 0 };
	memcpy(own.url, argument, sizeof own.url);
	if (db_open(own.url, &own.db, &err) < 0 || db_migrate(own.db, second, 3, &err) < 0)
		return strdup(err.text);
	scratch_close(&own);
	return NULL;
}

static void replicas_that_start_together_agree(void **state)
{
	struct scratch *scratch = *state;
	pthread_t threads[8];
	if (!scratch->postgres)
		skip(); /* one process has the file to itself */
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, migrate_alone, scratch->url), 0);
	for (size_t i = 0; i < 8; i++) {
		void *complaint;
		pthread_join(threads[i], &complaint);
		if (complaint)
			fail_msg("%s", (char *)complaint);
	}
	assert_int_equal(scratch_ask(scratch, "SELECT sum(a) FROM one"), 3);
}

static void a_broken_one_leaves_nothing_of_itself(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	assert_int_equal(db_migrate(scratch->db, broken, 3, &err), -EINVAL);
	assert_non_null(strstr(err.text, "migration 101, broken"));
	assert_non_null(strstr(err.text, "nowhere"));
	assert_int_equal(scratch_try(scratch, "SELECT count(*) FROM half", &err), -EINVAL);
	assert_ok(db_migrate(scratch->db, first, 2, &err), &err);
}

static void a_number_stands_for_one_thing(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	assert_int_equal(db_migrate(scratch->db, doubled, 2, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(each_runs_once_and_new_ones_join),
		scratch_test(the_release_before_works_on),
		scratch_test(a_newer_database_is_refused_untouched),
		scratch_test(what_has_been_is_told),
		scratch_test(a_table_of_the_first_release_is_taken_over),
		scratch_test(replicas_that_start_together_agree),
		scratch_test(a_broken_one_leaves_nothing_of_itself),
		scratch_test(a_number_stands_for_one_thing),
	};
	return cmocka_run_group_tests_name("db migrations", tests, NULL, NULL);
}
