/* What was stored under an older schema is there under the newest, under its old names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema.h"
#include "store.h"

static int put_old_row(struct db_tx *tx, void *pool, struct error *err)
{
	int code = db_run(
		tx, pool,
		"INSERT INTO submission (id, job, api, user_id, external_id, idempotency_key, language,"
		" class, tests, state, queued, created_ms) VALUES (7, 'j', 'v1', 'ann', 'e', 'k',"
		" 'python', 2, 0, 'completed', 1, 1)",
		DB_NO_VALUES, NULL, err);

	if (code < 0)
		return code;
	return db_run(tx, pool,
		      "INSERT INTO submission_source (submission_id, code, input_data, task)"
		      " VALUES (7, 'print(1)', '', '{}')",
		      DB_NO_VALUES, NULL, err);
}

static int find_by(struct db_tx *tx, struct pool *pool, struct submission_request request, struct error *err)
{
	int64_t id = 0;
	int found = store_find_twin(tx, pool, &request, &id, err);

	assert_true(found >= 0);
	if (found)
		assert_int_equal(id, 7);
	return found;
}

static int look(struct db_tx *tx, void *pool, struct error *err)
{
	struct submission submission;

	assert_int_equal(store_load(tx, pool, 7, &submission, err), 1);
	assert_string_equal(submission.external_id, "e");
	assert_string_equal(submission.code, "print(1)");
	assert_true(find_by(tx, pool, (struct submission_request){ .external_id = "e", .user_id = "" }, err));
	assert_true(find_by(tx, pool, (struct submission_request){ .idempotency_key = "k", .user_id = "ann" },
			    err));
	assert_false(find_by(tx, pool,
			     (struct submission_request){ .idempotency_key = "k", .user_id = "bob" }, err));
	assert_false(find_by(tx, pool,
			     (struct submission_request){ .key_id = 3, .external_id = "e", .user_id = "" },
			     err));
	return 0;
}

static void submissions_of_the_first_schema_are_kept(void **state)
{
	char folder[] = "/tmp/schema-XXXXXX", url[64], command[64];
	cleanup_pool struct pool *pool = pool_new();
	struct error err = { 0 };
	struct db *db;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(url, sizeof url, "sqlite:%s/x.db", folder);
	assert_int_equal(db_open(url, &db, &err), 0);
	assert_int_equal(db_migrate(db, execution_migrations, 1, &err), 0);
	assert_int_equal(db_write(db, put_old_row, pool, &err), 0);
	if (db_migrate(db, execution_migrations, execution_migration_count, &err) < 0)
		fail_msg("%s", err.text);
	if (db_read(db, look, pool, &err) < 0)
		fail_msg("%s", err.text);
	db_close(db);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(submissions_of_the_first_schema_are_kept) };
	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
