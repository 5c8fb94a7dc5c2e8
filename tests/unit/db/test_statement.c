/* Values, parameters, rows, and what a transaction keeps and drops. */
#include "scratch.h"

#include <limits.h>
#include <string.h>

/* Results are carried out of the work: asserting in it would leave the writer's thread by longjmp. */
struct question {
	const char *sql;
	const struct db_value *values;
	size_t count;
	struct pool *pool;
	struct db_rows rows;
};

static int run_question(struct db_tx *tx, void *context, struct error *err)
{
	struct question *question = context;
	return db_run(tx, question->pool, question->sql, question->values, question->count, &question->rows,
		      err);
}

static void values_come_back_as_they_were(void **state)
{
	struct scratch *scratch = *state;
	scratch_do(scratch, "CREATE TABLE t (id BIGINT, a BIGINT, b TEXT, c BLOB, d TEXT, e BLOB, f TEXT)");
	cleanup_pool struct pool *pool = pool_new();
	struct error err;
	struct question put = {
		.sql = "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING a, b, c, d, e, f",
		.values =
			(struct db_value[]){ db_int(7), db_int(INT64_MIN),
					     db_text_sized("a\xc3\xa4 not this", 3), db_blob("\xff\0\x80", 3),
					     db_text(""), db_blob("", 0), db_text(NULL) },
		.count = 7,
		.pool = pool,
	};
	assert_ok(db_write(scratch->db, run_question, &put, &err), &err);
	assert_int_equal(put.rows.changed, 1);

	struct question get = { .sql = "SELECT a, b, c, d, e, f FROM t", .pool = pool };
	assert_ok(db_read(scratch->db, run_question, &get, &err), &err);
	for (int from = 0; from < 2; from++) {
		const struct db_rows *rows = from ? &put.rows : &get.rows;
		assert_int_equal(rows->count, 1);
		assert_int_equal(rows->columns, 6);
		assert_true(db_int_at(rows, 0, 0, 0) == INT64_MIN);
		assert_int_equal(db_at(rows, 0, 1)->type, DB_TEXT);
		assert_int_equal(db_at(rows, 0, 1)->size, 3);
		assert_memory_equal(db_at(rows, 0, 1)->bytes, "a\xc3\xa4", 4);
		assert_int_equal(db_at(rows, 0, 2)->type, DB_BLOB);
		assert_memory_equal(db_at(rows, 0, 2)->bytes, "\xff\0\x80", 4);
		assert_string_equal(db_text_at(rows, 0, 3), "");
		assert_int_equal(db_at(rows, 0, 4)->type, DB_BLOB);
		assert_int_equal(db_at(rows, 0, 4)->size, 0);
		assert_int_equal(db_at(rows, 0, 5)->type, DB_NULL);
		assert_null(db_text_at(rows, 0, 5));
		assert_int_equal(db_int_at(rows, 0, 5, -5), -5);
		assert_int_equal(db_at(rows, 1, 0)->type, DB_NULL);
		assert_int_equal(db_at(rows, 0, 6)->type, DB_NULL);
	}
}

static void many_rows_keep_their_order(void **state)
{
	struct scratch *scratch = *state;
	cleanup_pool struct pool *pool = pool_new();
	struct error err;
	struct question get = {
		.sql = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
		       " SELECT i, 'row ' || i FROM n",
		.pool = pool,
	};
	assert_ok(db_read(scratch->db, run_question, &get, &err), &err);
	assert_int_equal(get.rows.count, 1000);
	for (size_t i = 0; i < get.rows.count; i++) {
		char expected[32];
		snprintf(expected, sizeof expected, "row %zu", i);
		assert_int_equal(db_int_at(&get.rows, i, 0, -1), i);
		assert_string_equal(db_text_at(&get.rows, i, 1), expected);
	}
}

/* Bytes that are no text: SQLite keeps them, PostgreSQL does not, and says so. */
static void a_text_that_is_none_is_refused_or_kept(void **state)
{
	struct scratch *scratch = *state;
	static const struct {
		const char *bytes;
		size_t size;
	} texts[] = { { "a\0b", 3 }, { "\xff", 1 } };
	scratch_do(scratch, "CREATE TABLE t (a TEXT)");
	for (size_t i = 0; i < 2; i++) {
		struct db_value value = db_text_sized(texts[i].bytes, texts[i].size);
		struct scratch_statement put = { "INSERT INTO t VALUES ($1)", &value, 1, 0, 0 };
		struct error err;
		assert_int_equal(db_write(scratch->db, scratch_work, &put, &err),
				 scratch->postgres ? -EILSEQ : 0);
	}
}

static const struct {
	const char *story, *sql;
	size_t values;
	int64_t answer; /* or negative: the failure's code */
} parameters[] = {
	{ "in order", "SELECT $1 * 100 + $2", 2, 102 },
	{ "the second first", "SELECT $2 * 100 + $1", 2, 201 },
	{ "one twice", "SELECT $1 + $2 * 10 + $1 * 100", 2, 121 },
	{ "none", "SELECT 5", 0, 5 },
	{ "beyond nine", "SELECT $11 * 100 + $1 + $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 + $10", 11, 1155 },
	{ "one missing", "SELECT $1 + $2", 1, -EINVAL },
	{ "one too many", "SELECT $1", 2, -EINVAL },
	{ "number zero", "SELECT $0", 1, -EINVAL },
	{ "no number", "SELECT ?", 1, -EINVAL },
	{ "a name", "SELECT :one", 1, -EINVAL },
	{ "two statements", "SELECT 1; SELECT 2", 0, -EINVAL },
	{ "no statement", "", 0, -EINVAL },
	{ "no SQL", "SELEKT 1", 0, -EINVAL },
	{ "a text in double quotes", "SELECT \"text\"", 0, -EINVAL },
	{ "a fraction", "SELECT 0.5", 0, -EINVAL },
	{ "a write among reads", "CREATE TABLE t (a BIGINT)", 0, -EROFS },
};

static void parameters_go_by_their_numbers(void **state)
{
	struct scratch *scratch = *state;
	struct db_value values[11];
	for (size_t i = 0; i < 11; i++)
		values[i] = db_int((int64_t)i + 1);
	for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
		struct error err = { 0 };
		struct scratch_statement statement = { parameters[i].sql, values, parameters[i].values, 0,
						       0 };
		int64_t got = db_read(scratch->db, scratch_work, &statement, &err);
		if (got == 0)
			got = statement.answer;
		else
			assert_true(err.text[0] != '\0' && err.code == got);
		if (got != parameters[i].answer)
			fail_msg("%s: %lld, expected %lld", parameters[i].story, (long long)got,
				 (long long)parameters[i].answer);
	}
}

static void values_do_not_stay_behind(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	struct db_value value = db_int(1);
	struct scratch_statement statement = { "SELECT CAST($1 AS BIGINT)", &value, 1, 0, 0 };
	assert_ok(db_read(scratch->db, scratch_work, &statement, &err), &err);
	value = db_null();
	assert_ok(db_read(scratch->db, scratch_work, &statement, &err), &err);
	assert_true(statement.answer == INT64_MIN);
}

/* More texts than are kept prepared, each several times. */
static void statements_may_be_many(void **state)
{
	struct scratch *scratch = *state;
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 250; i++) {
			char sql[32];
			snprintf(sql, sizeof sql, "SELECT %d", i);
			assert_int_equal(scratch_ask(scratch, sql), i);
		}
}

static int insert_and_fail(struct db_tx *tx, void *context, struct error *err)
{
	int code = db_run(tx, NULL, "INSERT INTO t VALUES (2)", DB_NO_VALUES, NULL, err);
	return code < 0 ? code : error_set(err, -ECANCELED, "thought better of it");
}

static int insert_and_answer(struct db_tx *tx, void *context, struct error *err)
{
	int code = db_run(tx, NULL, "INSERT INTO t VALUES (3)", DB_NO_VALUES, NULL, err);
	return code < 0 ? code : 42;
}

static void work_that_fails_leaves_nothing(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	scratch_do(scratch, "CREATE TABLE t (a BIGINT PRIMARY KEY)");
	assert_int_equal(db_write(scratch->db, insert_and_fail, NULL, &err), -ECANCELED);
	assert_string_equal(err.text, "thought better of it");
	assert_int_equal(db_write(scratch->db, insert_and_fail, NULL, NULL), -ECANCELED);
	assert_int_equal(db_write(scratch->db, insert_and_answer, NULL, &err), 42);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) * 10 + sum(a) FROM t"), 13);
	assert_int_equal(db_write(scratch->db, insert_and_answer, NULL, &err), -EEXIST);
	assert_non_null(strstr(err.text, scratch_either(scratch, "t.a", "t_pkey")));
}

static void foreign_keys_hold(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	scratch_do(scratch, "CREATE TABLE parent (id BIGINT PRIMARY KEY)");
	scratch_do(scratch, "CREATE TABLE child (parent BIGINT REFERENCES parent (id))");
	assert_int_equal(scratch_try(scratch, "INSERT INTO child VALUES (1)", &err), -EEXIST);
}

static int write_inside(struct db_tx *tx, void *context, struct error *err)
{
	return db_write(context, insert_and_answer, NULL, err);
}

static void a_transaction_inside_another_is_refused(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	scratch_do(scratch, "CREATE TABLE t (a BIGINT)");
	assert_int_equal(db_write(scratch->db, write_inside, scratch->db, &err), -EDEADLK);
	assert_int_equal(db_write(scratch->db, insert_and_answer, NULL, &err), 42);
}

/* Reads, lets a writer commit, reads again. */
struct two_looks {
	struct scratch *scratch;
	struct scratch_statement before, after;
};

static int look_twice(struct db_tx *tx, void *context, struct error *err)
{
	struct two_looks *looks = context;
	int code = scratch_work(tx, &looks->before, err);
	if (code == 0)
		code = db_write(looks->scratch->db, insert_and_answer, NULL, err);
	return code < 0 ? code : scratch_work(tx, &looks->after, err);
}

static void a_reader_sees_one_state_and_stops_no_writer(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	struct two_looks looks = { .scratch = scratch,
				   .before = { .sql = "SELECT count(*) FROM t" },
				   .after = { .sql = "SELECT count(*) FROM t WHERE a > 0" } };
	scratch_do(scratch, "CREATE TABLE t (a BIGINT)");
	assert_ok(db_read(scratch->db, look_twice, &looks, &err), &err);
	assert_int_equal(looks.before.answer, 0);
	assert_int_equal(looks.after.answer, 0);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), 1);
}

static void it_answers(void **state)
{
	struct scratch *scratch = *state;
	struct error err;
	assert_ok(db_ping(scratch->db, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(values_come_back_as_they_were),
		scratch_test(a_text_that_is_none_is_refused_or_kept),
		scratch_test(many_rows_keep_their_order),
		scratch_test(parameters_go_by_their_numbers),
		scratch_test(values_do_not_stay_behind),
		scratch_test(statements_may_be_many),
		scratch_test(work_that_fails_leaves_nothing),
		scratch_test(foreign_keys_hold),
		scratch_test(a_transaction_inside_another_is_refused),
		scratch_test(a_reader_sees_one_state_and_stops_no_writer),
		scratch_test(it_answers),
	};
	return cmocka_run_group_tests_name("db statements", tests, NULL, NULL);
}
