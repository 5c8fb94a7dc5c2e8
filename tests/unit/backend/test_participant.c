/* Who takes part in a contest, how they stand, and what the execution service is still to be told, as they lie in the
 * database. */
#include "../db/scratch.h"

#include <pthread.h>
#include <string.h>

#include "backend/database.h"
#include "dispatch_store.h"
#include "participant.h"

enum { USERS = 40, PLACES = 10 };

static int set_up(void **state)
{
	struct error err;

	if (scratch_set_up(state) < 0)
		return -1;
	struct scratch *scratch = *state;
	assert_ok(db_migrate(scratch->db, backend_migrations, backend_migration_count, &err), &err);
	for (int id = 1; id <= USERS; id++) {
		char sql[256];

		snprintf(sql, sizeof sql,
			 "INSERT INTO account (id, username, username_key, email, email_key, password_hash, "
			 "role,"
			 " created_ms) VALUES (%d, 'u%d', 'u%d', 'e%d', 'e%d', '', 'student', 1)",
			 id, id, id, id, id);
		scratch_do(scratch, sql);
	}
	scratch_do(scratch,
		   "INSERT INTO contest (id, external_id, owner_id, title, is_active, start_ms, end_ms,"
		   " max_participants, created_ms, mirror_ms) VALUES"
		   " (1, 'one', 1, 'One', 1, 100, 200, 10, 1, 5),"
		   " (2, 'two', 1, 'Two', 1, NULL, NULL, NULL, 1, 9)");
	scratch_do(scratch,
		   "INSERT INTO problem (id, author_id, title, description, difficulty, constraints_text,"
		   " input_format, output_format, examples, starter_code, time_limit_ms, memory_limit_mb, "
		   "is_public,"
		   " created_ms, updated_ms) SELECT id, 1, 'P', '', 'easy', '', '', '', '[]', '{}', 1000, "
		   "64, 1, 1, 1"
		   " FROM account WHERE id <= 3");
	scratch_do(scratch, "INSERT INTO contest_problem (contest_id, problem_id, position) VALUES"
			    " (1, 1, 1), (1, 2, 2), (2, 1, 1)");
	scratch_do(scratch,
		   "INSERT INTO submission (id, external_id, way, user_id, language, code, input_data, state,"
		   " created_ms) SELECT id, username, 'service', id, 'python', '', '', 'pending', 1"
		   " FROM account WHERE id <= 3");
	return 0;
}

/* ---- joining ---- */

struct entry {
	struct scratch *scratch;
	int64_t contest_id, user_id, at_ms;
	enum join join;
};

static int join_work(struct db_tx *tx, void *context, struct error *err)
{
	struct entry *e = context;
	cleanup_pool struct pool *pool = pool_new();

	return participant_join(tx, pool, e->contest_id, e->user_id, e->at_ms, &e->join, err);
}

static enum join join(struct scratch *scratch, int64_t contest_id, int64_t user_id, int64_t at_ms)
{
	struct entry entry = { scratch, contest_id, user_id, at_ms, JOIN_DONE };
	struct error err;

	assert_ok(db_write(scratch->db, join_work, &entry, &err), &err);
	return entry.join;
}

static void the_door_opens_by_the_clock(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(join(scratch, 1, 1, 99), JOIN_CLOSED);
	assert_int_equal(join(scratch, 1, 1, 100), JOIN_DONE);
	assert_int_equal(join(scratch, 1, 1, 150), JOIN_TWICE);
	assert_int_equal(join(scratch, 1, 1, 200), JOIN_CLOSED);
	assert_int_equal(join(scratch, 2, 1, 1), JOIN_DONE);
	assert_int_equal(join(scratch, 3, 1, 150), JOIN_NO_CONTEST);
	scratch_do(scratch, "UPDATE contest SET is_active = 0 WHERE id = 2");
	assert_int_equal(join(scratch, 2, 2, 1), JOIN_CLOSED);
	scratch_do(scratch, "UPDATE contest SET max_participants = 1 WHERE id = 1");
	assert_int_equal(join(scratch, 1, 2, 150), JOIN_FULL);
	assert_int_equal(join(scratch, 1, 1, 150), JOIN_TWICE);
}

static void *join_as_a_thread(void *argument)
{
	struct entry *e = argument;

	e->join = join(e->scratch, e->contest_id, e->user_id, e->at_ms);
	return NULL;
}

static void never_more_than_there_are_places(void **state)
{
	struct scratch *scratch = *state;
	struct entry entries[USERS];
	pthread_t threads[USERS];
	int done = 0, full = 0;

	for (int i = 0; i < USERS; i++) {
		entries[i] = (struct entry){ scratch, 1, i + 1, 150, JOIN_NO_CONTEST };
		assert_int_equal(pthread_create(&threads[i], NULL, join_as_a_thread, &entries[i]), 0);
	}
	for (int i = 0; i < USERS; i++) {
		pthread_join(threads[i], NULL);
		done += entries[i].join == JOIN_DONE;
		full += entries[i].join == JOIN_FULL;
	}
	assert_int_equal(done, PLACES);
	assert_int_equal(full, USERS - PLACES);
	assert_int_equal(scratch_ask(scratch, "SELECT participants FROM contest WHERE id = 1"), PLACES);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM participant"), PLACES);
}

/* ---- scores ---- */

struct mark {
	int64_t user_id, problem_id, score, at_ms;
};

static int note_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct mark *mark = context;
	cleanup_pool struct pool *pool = pool_new();

	return participant_note_score(tx, pool, 1, mark->user_id, mark->problem_id, mark->score, mark->at_ms,
				      err);
}

static int rescore_work(struct db_tx *tx, void *context, struct error *err)
{
	return participant_rescore(tx, 1, err);
}

static void note(struct scratch *scratch, int64_t user_id, int64_t problem_id, int64_t score, int64_t at_ms)
{
	struct mark mark = { user_id, problem_id, score, at_ms };
	struct error err;

	assert_ok(db_write(scratch->db, note_work, &mark, &err), &err);
}

struct board {
	struct pool *pool;
	enum participant_order order;
	int64_t skip, limit;
	struct participant *participants;
	size_t count;
};

static int board_work(struct db_tx *tx, void *context, struct error *err)
{
	struct board *b = context;

	return participant_list(tx, b->pool, 1, b->order, b->skip, b->limit, &b->participants, &b->count,
				err);
}

/* "user:score:rank user:score:rank" */
static void board_is(struct scratch *scratch, enum participant_order order, int64_t skip, int64_t limit,
		     const char *expected)
{
	cleanup_pool struct pool *pool = pool_new();
	struct board board = { .pool = pool, .order = order, .skip = skip, .limit = limit };
	char text[512] = "";
	struct error err;

	assert_ok(db_read(scratch->db, board_work, &board, &err), &err);
	for (size_t i = 0; i < board.count; i++) {
		const struct participant *p = &board.participants[i];
		size_t size = strlen(text);

		snprintf(text + size, sizeof text - size, "%s%lld:%lld:%lld", i > 0 ? " " : "",
			 (long long)p->user_id, (long long)p->final_score, (long long)p->rank);
	}
	assert_string_equal(text, expected);
}

static void the_best_of_each_problem_counts(void **state)
{
	struct scratch *scratch = *state;
	struct error err;

	for (int64_t user = 1; user <= 5; user++)
		assert_int_equal(join(scratch, 1, user, 150), JOIN_DONE);
	note(scratch, 1, 1, 5000, 160);
	note(scratch, 1, 1, 2500, 161);
	note(scratch, 1, 2, 1000, 162);
	note(scratch, 2, 2, 10000, 170);
	note(scratch, 3, 1, 6000, 165);
	note(scratch, 4, 1, 0, 166);
	note(scratch, 5, 3, 10000, 166);  /* none of the contest's */
	note(scratch, 20, 1, 10000, 166); /* has not joined */
	/* Equals in the order in which they came there: what was not better is no step. */
	board_is(scratch, BY_RANK, 0, 9, "2:10000:1 1:6000:2 3:6000:2 4:0:4 5:-1:0");
	board_is(scratch, BY_RANK, 2, 2, "3:6000:2 4:0:4");
	board_is(scratch, BY_JOINING, 0, 9, "1:6000:2 2:10000:1 3:6000:2 4:0:4 5:-1:0");
	board_is(scratch, BY_JOINING, 3, 1, "4:0:4");
	scratch_do(scratch, "DELETE FROM contest_problem WHERE contest_id = 1 AND problem_id = 2");
	assert_ok(db_write(scratch->db, rescore_work, NULL, &err), &err);
	board_is(scratch, BY_RANK, 0, 9, "3:6000:1 1:5000:2 4:0:3 5:-1:0 2:-1:0");
}

/* ---- errands ---- */

/* The lists live in the context's pool. */
struct errands {
	struct pool *pool;
	int64_t id, found;
	struct dispatch *dispatches, dispatch;
	struct mirrored_contest *contests;
	int64_t *removed;
	size_t count;
};

static int hand_in_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct errands *e = context;

	return dispatch_insert(tx, &(struct dispatch){ .submission_id = e->id, .request_id = "r" }, 1,
			       "digest", 1000 + e->id, err);
}

static int repeat_work(struct db_tx *tx, void *context, struct error *err)
{
	struct errands *e = context;
	int code = dispatch_repeat(tx, e->pool, 1, "digest", e->id, &e->found, err);

	if (code == 0)
		e->found = 0;
	return code;
}

static int take_work(struct db_tx *tx, void *context, struct error *err)
{
	struct errands *e = context;

	return dispatch_take(tx, e->pool, e->id, e->id + 500, 2, &e->dispatches, &e->count, err);
}

static int answered_work(struct db_tx *tx, void *context, struct error *err)
{
	return dispatch_answered(tx, ((const struct errands *)context)->id, err);
}

static int failed_work(struct db_tx *tx, void *context, struct error *err)
{
	struct errands *e = context;

	return dispatch_failed(
		tx, &(struct dispatch){ .submission_id = e->id, .failure = 429, .why = "busy", .retry_s = 7 },
		9000, err);
}

static int load_work(struct db_tx *tx, void *context, struct error *err)
{
	struct errands *e = context;

	return dispatch_load(tx, e->pool, e->id, &e->dispatch, err);
}

static int end_work(struct db_tx *tx, void *context, struct error *err)
{
	return dispatch_end(tx, ((const struct errands *)context)->id, err);
}

static int sweep_work(struct db_tx *tx, void *context, struct error *err)
{
	return dispatch_sweep(tx, ((const struct errands *)context)->id, err);
}

static int do_it(struct scratch *scratch, db_work *work, struct errands *errands, int64_t id)
{
	struct error err;

	errands->id = id;
	int code = db_write(scratch->db, work, errands, &err);
	assert_ok(code, &err);
	return code;
}

static void until_its_user_knows_it_is_the_same(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct scratch *scratch = *state;
	struct errands e = { .pool = pool };

	do_it(scratch, hand_in_work, &e, 1);
	do_it(scratch, repeat_work, &e, 2000);
	assert_int_equal(e.found, 1);
	do_it(scratch, repeat_work, &e, 1001 + REPEAT_MS);
	assert_int_equal(e.found, 0);
	do_it(scratch, answered_work, &e, 1);
	do_it(scratch, repeat_work, &e, 2000);
	assert_int_equal(e.found, 0);
	/* One that ended before its user knew waits for him, for a while. */
	do_it(scratch, hand_in_work, &e, 2);
	do_it(scratch, end_work, &e, 2);
	do_it(scratch, repeat_work, &e, 3000);
	assert_int_equal(e.found, 2);
	do_it(scratch, sweep_work, &e, 1001 + REPEAT_MS);
	assert_int_equal(do_it(scratch, load_work, &e, 2), 1);
	do_it(scratch, sweep_work, &e, 1003 + REPEAT_MS);
	assert_int_equal(do_it(scratch, load_work, &e, 2), 0);
	do_it(scratch, end_work, &e, 1);
	assert_int_equal(scratch_ask(scratch, "SELECT count(*) FROM dispatch"), 0);
}

static void what_is_taken_is_out_of_sight(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct scratch *scratch = *state;
	struct errands e = { .pool = pool };

	for (int64_t id = 1; id <= 3; id++)
		do_it(scratch, hand_in_work, &e, id);
	do_it(scratch, take_work, &e, 1000);
	assert_int_equal(e.count, 0);
	do_it(scratch, take_work, &e, 1010);
	assert_int_equal(e.count, 2);
	do_it(scratch, take_work, &e, 1010);
	assert_int_equal(e.count, 1);
	assert_int_equal(e.dispatches[0].submission_id, 3);
	do_it(scratch, take_work, &e, 1010);
	assert_int_equal(e.count, 0);
	do_it(scratch, failed_work, &e, 3);
	do_it(scratch, take_work, &e, 1510); /* the leases are over; what failed has its own time */
	assert_int_equal(e.count, 2);
	assert_int_equal(do_it(scratch, load_work, &e, 3), 1);
	assert_int_equal(e.dispatch.failure, 429);
	assert_int_equal(e.dispatch.retry_s, 7);
	assert_string_equal(e.dispatch.why, "busy");
	assert_int_equal(e.dispatch.tries, 1);
}

static int take_contests_work(struct db_tx *tx, void *context, struct error *err)
{
	struct errands *e = context;

	return mirror_take(tx, e->pool, e->id, e->id + 500, 9, &e->contests, &e->count, err);
}

static int known_work(struct db_tx *tx, void *context, struct error *err)
{
	struct errands *e = context;

	return mirror_known(tx, e->pool, e->id, 70 + e->id, 1, 10, err);
}

static int removals_work(struct db_tx *tx, void *context, struct error *err)
{
	struct errands *e = context;

	return removal_take(tx, e->pool, e->id, e->id + 500, 9, &e->removed, &e->count, err);
}

static void a_contest_is_told_once_a_revision(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct scratch *scratch = *state;
	struct errands e = { .pool = pool };

	do_it(scratch, take_contests_work, &e, 5);
	assert_int_equal(e.count, 1);
	assert_string_equal(e.contests[0].external_id, "one");
	do_it(scratch, known_work, &e, 1);
	do_it(scratch, take_contests_work, &e, 1000);
	assert_int_equal(e.count, 1); /* the other one alone */
	scratch_do(scratch, "UPDATE contest SET revision = 2, mirror_ms = 1 WHERE id = 1");
	do_it(scratch, take_contests_work, &e, 1001);
	assert_int_equal(e.count, 1);
	assert_int_equal(e.contests[0].remote_id, 71);
	/* What was deleted here while it was told there is deleted there. */
	do_it(scratch, known_work, &e, 9);
	do_it(scratch, removals_work, &e, 1000);
	assert_int_equal(e.count, 1);
	assert_int_equal(e.removed[0], 79);
}

#define database_test(f) cmocka_unit_test_setup_teardown(f, set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		database_test(the_door_opens_by_the_clock),
		database_test(never_more_than_there_are_places),
		database_test(the_best_of_each_problem_counts),
		database_test(until_its_user_knows_it_is_the_same),
		database_test(what_is_taken_is_out_of_sight),
		database_test(a_contest_is_told_once_a_revision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
