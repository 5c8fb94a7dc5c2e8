#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "db/gather.h"

enum { CALLERS = 24, EACH = 20 };

/* One row, put in by whoever leads. */
struct row {
	int64_t id, company; /* filled in: how many were put in with it */
	bool harmful;
};

static int insert_rows(struct db_tx *tx, void *context, void *const *items, size_t count, struct error *err)
{
	atomic_int *calls = context;
	int code = 0;
	atomic_fetch_add(calls, 1);
	for (size_t i = 0; i < count && code == 0; i++) {
		struct row *row = items[i];
		row->company = (int64_t)count;
		code = row->harmful ? error_set(err, -EINVAL, "row %lld does not please", (long long)row->id)
				    : db_run(tx, NULL, "INSERT INTO t (id) VALUES ($1)",
					     DB_VALUES(db_int(row->id)), NULL, err);
	}
	return code;
}

struct caller {
	struct db_gather *gather;
	int64_t first;
	int64_t harmful;
	int64_t most_company;
	const char *complaint;
};

static void *call(void *argument)
{
	struct caller *caller = argument;
	for (int64_t i = 0; i < EACH; i++) {
		struct error err = { 0 };
		struct row row = { .id = caller->first + i };
		row.harmful = row.id == caller->harmful;
		int code = db_gather_run(caller->gather, &row, &err);
		if (row.company > caller->most_company)
			caller->most_company = row.company;
		if (row.harmful ? code != -EINVAL || !strstr(err.text, "does not please") : code != 0)
			caller->complaint = strdup(err.text);
	}
	return NULL;
}

static struct db_gather *open_gather(struct scratch *scratch, db_gather_work *work, void *context)
{
	struct error err;
	struct db_gather *gather;
	assert_ok(db_gather_new(scratch->db, work, context, &gather, &err), &err);
	return gather;
}

static void each_is_told_of_his_own(void **state)
{
	struct scratch *scratch = *state;
	atomic_int calls = 0;
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];
	int64_t company = 0;
	scratch_do(scratch, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
	struct db_gather *gather = open_gather(scratch, insert_rows, &calls);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ gather, 1 + i * EACH, i % 5 ? 0 : 1 + i * EACH + 7, 0, NULL };
		assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
	}
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], NULL);
		if (callers[i].complaint)
			fail_msg("%s", callers[i].complaint);
		company = callers[i].most_company > company ? callers[i].most_company : company;
	}
	db_gather_free(gather);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), CALLERS * EACH - (CALLERS + 4) / 5);
	if (scratch->postgres) {
		assert_in_range(company, 2, 64);
		assert_true(atomic_load(&calls) < CALLERS * EACH);
	}
}

/* What the database finds out itself, at the latest at the commit, is like what the work says. */
static void a_statement_that_fails_is_its_own_callers_matter(void **state)
{
	struct scratch *scratch = *state;
	atomic_int calls = 0;
	struct error err;
	scratch_do(scratch, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
	struct db_gather *gather = open_gather(scratch, insert_rows, &calls);
	struct row row = { .id = 1 };
	assert_ok(db_gather_run(gather, &row, &err), &err);
	assert_int_equal(db_gather_run(gather, &row, &err), -EEXIST);
	row.id = 2;
	assert_ok(db_gather_run(gather, &row, &err), &err);
	db_gather_free(gather);
}

/* ---- patience ---- */

/* So long that those who wait begin beside it: nobody is forgotten, and nobody's work is done twice. */
static int insert_slowly(struct db_tx *tx, void *context, void *const *items, size_t count, struct error *err)
{
	usleep(45000 + 1000 * (useconds_t)(((struct row *)items[0])->id % 11));
	return insert_rows(tx, context, items, count, err);
}

static void nobody_is_done_twice(void **state)
{
	struct scratch *scratch = *state;
	atomic_int calls = 0;
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];
	scratch_do(scratch, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
	struct db_gather *gather = open_gather(scratch, insert_slowly, &calls);
	size_t count = scratch->postgres ? CALLERS : 1;
	for (size_t i = 0; i < count; i++) {
		callers[i] = (struct caller){ gather, 1 + (int64_t)i * EACH, 0, 0, NULL };
		assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		if (callers[i].complaint)
			fail_msg("%s", callers[i].complaint);
	}
	db_gather_free(gather);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), (int64_t)count * EACH);
}

/* ---- one who waits for a row ---- */

struct holder {
	struct scratch *scratch;
	atomic_bool holds, over;
};

static int hold_row(struct db_tx *tx, void *context, struct error *err)
{
	struct holder *holder = context;
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code =
		db_run(tx, pool, "UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n", DB_NO_VALUES, &rows, err);
	atomic_store(&holder->holds, true);
	while (!atomic_load(&holder->over))
		usleep(1000);
	return code;
}

static void *hold(void *argument)
{
	struct holder *holder = argument;
	return db_write(holder->scratch->db, hold_row, holder, NULL) < 0 ? strdup("not held") : NULL;
}

static int add_to_rows(struct db_tx *tx, void *context, void *const *items, size_t count, struct error *err)
{
	int code = 0;
	for (size_t i = 0; i < count && code == 0; i++) {
		const int64_t *id = items[i];
		code = db_run(tx, NULL, "UPDATE t SET n = n + 1 WHERE id = $1", DB_VALUES(db_int(*id)), NULL,
			      err);
	}
	return code;
}

struct adder {
	struct db_gather *gather;
	int64_t id;
	atomic_int code; /* 1: under way */
};

static void *add(void *argument)
{
	struct adder *adder = argument;
	atomic_store(&adder->code, db_gather_run(adder->gather, &adder->id, NULL));
	return NULL;
}

static void one_that_is_held_up_does_not_hold_up_all(void **state)
{
	struct scratch *scratch = *state;
	struct holder holder = { .scratch = scratch };
	pthread_t holds, adds;
	if (!scratch->postgres)
		skip(); /* its one writer waits for nobody */
	scratch_do(scratch, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
	scratch_do(scratch, "INSERT INTO t VALUES (1, 0), (2, 0)");
	struct db_gather *gather = open_gather(scratch, add_to_rows, NULL);
	assert_int_equal(pthread_create(&holds, NULL, hold, &holder), 0);
	while (!atomic_load(&holder.holds))
		usleep(1000);
	struct adder blocked = { gather, 1, 1 };
	assert_int_equal(pthread_create(&adds, NULL, add, &blocked), 0);
	while (scratch_ask(scratch, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
		usleep(1000);
	int64_t free_one = 2;
	struct error err;
	for (int i = 0; i < 3; i++)
		assert_ok(db_gather_run(gather, &free_one, &err), &err);
	assert_int_equal(atomic_load(&blocked.code), 1);
	atomic_store(&holder.over, true);
	void *complaint;
	pthread_join(holds, &complaint);
	pthread_join(adds, NULL);
	assert_null(complaint);
	assert_int_equal(atomic_load(&blocked.code), 0);
	db_gather_free(gather);
	assert_int_equal(scratch_ask(scratch, "SELECT n FROM t WHERE id = 1"), 2);
	assert_int_equal(scratch_ask(scratch, "SELECT n FROM t WHERE id = 2"), 3);
}

/* ---- a connection that breaks ---- */

struct breaking {
	int times; /* how often the connection is still to break */
};

static int insert_and_break(struct db_tx *tx, void *context, void *const *items, size_t count,
			    struct error *err)
{
	struct breaking *breaking = context;
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = 0;
	for (size_t i = 0; i < count && code == 0; i++) {
		const int64_t *id = items[i];
		code = db_run(tx, NULL, "INSERT INTO t (id) VALUES ($1)", DB_VALUES(db_int(*id)), NULL, err);
	}
	if (code == 0 && breaking->times > 0) {
		breaking->times--;
		code = db_run(tx, pool, "SELECT pg_terminate_backend(pg_backend_pid())", DB_NO_VALUES, &rows,
			      err);
	}
	return code;
}

static void a_broken_connection_costs_nothing_or_is_told(void **state)
{
	struct scratch *scratch = *state;
	struct breaking breaking = { 1 };
	struct error err;
	if (!scratch->postgres)
		skip(); /* has no connection */
	scratch_do(scratch, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
	struct db_gather *gather = open_gather(scratch, insert_and_break, &breaking);
	int64_t id = 1;
	assert_ok(db_gather_run(gather, &id, &err), &err);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), 1);
	id = 2;
	breaking.times = 2;
	assert_int_equal(db_gather_run(gather, &id, &err), -EAGAIN);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM t"), 1);
	assert_ok(db_gather_run(gather, &id, &err), &err);
	db_gather_free(gather);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(each_is_told_of_his_own),
		scratch_test(a_statement_that_fails_is_its_own_callers_matter),
		scratch_test(nobody_is_done_twice),
		scratch_test(one_that_is_held_up_does_not_hold_up_all),
		scratch_test(a_broken_connection_costs_nothing_or_is_told),
	};
	return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}
