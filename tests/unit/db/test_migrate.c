#include "scratch.h"

#include <string.h>

static const struct db_migration first[] = {
	{ 1, "one", "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);" },
	{ 100, "hundred", "CREATE TABLE hundred (a BIGINT);" },
};
/* A later version: a number between two that are there. */
static const struct db_migration second[] = {
	{ 1, "one", "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1);" },
	{ 2, "two", "INSERT INTO one VALUES (2);" },
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

static void a_newer_database_is_refused_untouched(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	assert_ok(db_migrate(scratch->db, second, 3, &err), &err);
	assert_int_equal(db_migrate(scratch->db, first, 2, &err), -EPROTO);
	assert_non_null(strstr(err.text, "newer version of this program"));
	assert_non_null(strstr(err.text, "migration 2, two"));
	assert_ok(db_migrate(scratch->db, second, 3, &err), &err);
}

static void a_broken_one_leaves_nothing_of_itself(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	assert_int_equal(db_migrate(scratch->db, broken, 3, &err), -EINVAL);
	assert_non_null(strstr(err.text, "migration 101, broken"));
	assert_non_null(strstr(err.text, "nowhere"));
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
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
		scratch_test(a_newer_database_is_refused_untouched),
		scratch_test(a_broken_one_leaves_nothing_of_itself),
		scratch_test(a_number_stands_for_one_thing),
	};
	return cmocka_run_group_tests_name("db migrations", tests, NULL, NULL);
}
