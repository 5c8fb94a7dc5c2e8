/* Problems, their submissions and the replicas that run them, as they lie in the database. */
#include "../db/scratch.h"

#include <string.h>

#include "backend/database.h"
#include "judging_store.h"
#include "problem_store.h"

static const struct caller ann = { 1, ROLE_INSTRUCTOR }, bob = { 2, ROLE_STUDENT },
			   eve = { 3, ROLE_INSTRUCTOR }, root = { 4, ROLE_ADMIN };

static int set_up(void **state)
{
	struct error err;

	if (scratch_set_up(state) < 0)
		return -1;
	struct scratch *scratch = *state;
	assert_ok(db_migrate(scratch->db, backend_migrations, backend_migration_count, &err), &err);
	for (int id = 1; id <= 4; id++) {
		char sql[256];

		snprintf(sql, sizeof sql,
			 "INSERT INTO account (id, username, username_key, email, email_key, password_hash, "
			 "role,"
			 " created_ms) VALUES (%d, 'u%d', 'u%d', 'e%d', 'e%d', '', 'student', 1)",
			 id, id, id, id, id);
		scratch_do(scratch, sql);
	}
	return 0;
}

/* One transaction of a test: what fails in it is asserted outside. */
struct step {
	int (*work)(struct db_tx *tx, struct pool *pool, void *context, struct error *err);
	void *context;
	struct pool *pool;
};

static int step_work(struct db_tx *tx, void *context, struct error *err)
{
	struct step *step = context;

	return step->work(tx, step->pool, step->context, err);
}

static int do_step(struct scratch *scratch, struct pool *pool,
		   int (*work)(struct db_tx *, struct pool *, void *, struct error *), void *context)
{
	struct step step = { work, context, pool };
	struct error err;
	int code = db_write(scratch->db, step_work, &step, &err);

	assert_ok(code, &err);
	return code;
}

/* ---- problems ---- */

static struct problem_case sum_cases[] = { { "1 2", "3", false }, { "7 8", "15", true } };
static const char *const sum_tags[] = { "zeta", "arrays" };

static struct problem sum_problem(bool is_public)
{
	return (struct problem){ .author_id = 1,
				 .title = "A 100% Sum",
				 .description = "Add.",
				 .difficulty = "easy",
				 .constraints = "",
				 .input_format = "",
				 .output_format = "",
				 .examples = "[]",
				 .starter_code = "{}",
				 .time_limit_ms = 1000,
				 .memory_limit_mb = 64,
				 .is_public = is_public,
				 .tags = sum_tags,
				 .tag_count = 2,
				 .cases = sum_cases,
				 .cases_loaded = 2 };
}

static int insert(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	return problem_insert(tx, pool, 1000, context, err);
}

static int64_t put_problem(struct scratch *scratch, struct pool *pool, bool is_public)
{
	struct problem problem = sum_problem(is_public);

	do_step(scratch, pool, insert, &problem);
	return problem.id;
}

struct loading {
	int64_t id;
	struct caller caller;
	enum problem_part part;
	struct problem problem;
};

static int load(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	struct loading *l = context;

	return problem_load(tx, pool, l->id, l->caller, l->part, &l->problem, err);
}

static void a_problem_comes_back_as_it_was(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct loading all = { put_problem(*state, pool, true), bob, PROBLEM_ALL_CASES, { 0 } };

	assert_int_equal(do_step(*state, pool, load, &all), 1);
	assert_string_equal(all.problem.title, "A 100% Sum");
	assert_int_equal(all.problem.tag_count, 2);
	assert_string_equal(all.problem.tags[0], "zeta");
	assert_string_equal(all.problem.tags[1], "arrays");
	assert_int_equal(all.problem.cases_loaded, 2);
	assert_string_equal(all.problem.cases[1].input, "7 8");
	assert_true(all.problem.cases[1].hidden);
	assert_int_equal(all.problem.case_count, 2);
	assert_int_equal(all.problem.hidden_count, 1);

	struct loading visible = { all.id, bob, PROBLEM_VISIBLE_CASES, { 0 } };
	assert_int_equal(do_step(*state, pool, load, &visible), 1);
	assert_int_equal(visible.problem.cases_loaded, 1);
	assert_string_equal(visible.problem.cases[0].input, "1 2");
}

static void who_may_see_a_problem(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	int64_t public = put_problem(*state, pool, true), own = put_problem(*state, pool, false);
	const struct {
		struct caller caller;
		int64_t id;
		int expected;
	} rows[] = {
		{ ann, public, 1 },  { bob, public, 1 }, { eve, public, 1 },
		{ root, public, 1 }, { ann, own, 1 },    { bob, own, 0 },
		{ eve, own, 0 },     { root, own, 1 },   { root, 999, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct loading loading = { rows[i].id, rows[i].caller, PROBLEM_ALONE, { 0 } };

		if (do_step(*state, pool, load, &loading) != rows[i].expected)
			fail_msg("row %zu", i);
	}
	struct problem problem = sum_problem(true);
	assert_true(problem_is_own(&problem, ann) && problem_is_own(&problem, root));
	assert_false(problem_is_own(&problem, eve) || problem_is_own(&problem, bob));
	assert_false(problem_is_own(&problem, (struct caller){ 1, ROLE_STUDENT }));
}

static void a_contest_shows_its_problems_to_those_in_it(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct loading loading = { put_problem(*state, pool, false), bob, PROBLEM_ALONE, { 0 } };
	char sql[256];

	scratch_do(*state,
		   "INSERT INTO contest (id, external_id, owner_id, title, is_active, created_ms, mirror_ms)"
		   " VALUES (5, 'x', 1, 'c', 1, 1, 0)");
	snprintf(sql, sizeof sql,
		 "INSERT INTO contest_problem (contest_id, problem_id, position) VALUES (5, %lld, 1)",
		 (long long)loading.id);
	scratch_do(*state, sql);
	assert_int_equal(do_step(*state, pool, load, &loading), 0);
	scratch_do(*state, "INSERT INTO participant (contest_id, user_id, joined_ms) VALUES (5, 2, 1)");
	assert_int_equal(do_step(*state, pool, load, &loading), 1);
	scratch_do(*state, "UPDATE contest SET start_ms = 99999999999999");
	assert_int_equal(do_step(*state, pool, load, &loading), 0);
}

static int update(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	return problem_update(tx, pool, 500, context, err);
}

static void the_second_of_two_changes_is_refused(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct problem first = sum_problem(true), second;
	struct problem_case one[] = { { "x", "y", false } };

	do_step(*state, pool, insert, &first);
	second = first;
	first.cases = one;
	first.cases_loaded = 1;
	first.title = "Other";
	assert_int_equal(do_step(*state, pool, update, &first), 1);
	assert_int_equal(first.updated_ms, 1001); /* though the clock says 500 */
	assert_int_equal(do_step(*state, pool, update, &second), 0);
	struct loading loading = { first.id, bob, PROBLEM_ALL_CASES, { 0 } };
	do_step(*state, pool, load, &loading);
	assert_string_equal(loading.problem.title, "Other");
	assert_int_equal(loading.problem.cases_loaded, 1);
	first.cases = NULL; /* stay as they are */
	assert_int_equal(do_step(*state, pool, update, &first), 1);
	do_step(*state, pool, load, &loading);
	assert_string_equal(loading.problem.cases[0].expected_output, "y");
}

struct finding {
	struct problem_filter filter;
	struct problem *problems;
	size_t count;
	int64_t total;
};

static int list(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	struct finding *f = context;

	return problem_list(tx, pool, &f->filter, &f->problems, &f->count, &f->total, err);
}

static void lists_are_filtered(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct problem hard = sum_problem(true);

	put_problem(*state, pool, true);
	put_problem(*state, pool, false);
	hard.title = "Gr\xc3\xb6\xc3\x9f"
		     "e_x";
	hard.difficulty = "hard";
	hard.tag_count = 1;
	do_step(*state, pool, insert, &hard);
	const struct {
		struct problem_filter filter;
		int64_t total;
	} rows[] = {
		{ { .caller = bob, .limit = 9 }, 2 },
		{ { .caller = ann, .limit = 9 }, 3 },
		{ { .caller = root, .limit = 1, .skip = 1 }, 3 },
		{ { .caller = bob, .limit = 9, .difficulty = "hard" }, 1 },
		{ { .caller = bob, .limit = 9, .tag = "arrays" }, 1 },
		{ { .caller = bob, .limit = 9, .tag = "zeta" }, 2 },
		{ { .caller = bob, .limit = 9, .tag = "zeta", .difficulty = "easy" }, 1 },
		{ { .caller = bob, .limit = 9, .text = "sum" }, 1 },
		{ { .caller = bob, .limit = 9, .text = "100%" }, 1 },
		{ { .caller = bob, .limit = 9, .text = "1%0" }, 0 },
		{ { .caller = bob, .limit = 9, .text = "E_X" }, 1 },
		{ { .caller = bob, .limit = 9, .text = "_" }, 1 },
		{ { .caller = bob, .limit = 9, .text = "\\" }, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct finding finding = { .filter = rows[i].filter };

		do_step(*state, pool, list, &finding);
		if (finding.total != rows[i].total)
			fail_msg("row %zu: %lld", i, (long long)finding.total);
		if (rows[i].filter.limit == 9 && (int64_t)finding.count != finding.total)
			fail_msg("row %zu: %zu", i, finding.count);
		if (finding.count > 0)
			assert_string_equal(finding.problems[finding.count - 1].tags[0], "zeta");
	}
}

static int delete_one(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	return problem_delete(tx, pool, *(int64_t *)context, err);
}

static struct submission hand_in(int64_t problem_id, const char *replica)
{
	return (struct submission){ .way = WAY_RUN,
				    .replica = replica,
				    .user_id = 2,
				    .problem_id = problem_id,
				    .language = "python",
				    .code = "pass",
				    .created_ms = 1 };
}

static int insert_submission(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	return submission_insert(tx, pool, context, err);
}

static void a_problem_with_submissions_is_kept_for_them(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	int64_t unused = put_problem(*state, pool, true), used = put_problem(*state, pool, true);
	struct submission submission = hand_in(used, "r");
	struct loading loading = { used, root, PROBLEM_ALONE, { 0 } };

	do_step(*state, pool, insert_submission, &submission);
	assert_int_equal(do_step(*state, pool, delete_one, &unused), 1);
	assert_int_equal(do_step(*state, pool, delete_one, &used), 1);
	assert_int_equal(do_step(*state, pool, delete_one, &used), 0);
	assert_int_equal(do_step(*state, pool, load, &loading), 0);
	assert_int_equal(scratch_ask(*state, "SELECT COUNT(*) FROM problem"), 1);
	assert_int_equal(scratch_ask(*state, "SELECT COUNT(*) FROM problem_case"), 2);
}

/* ---- submissions ---- */

struct ending {
	int64_t id;
	struct submission end;
};

static int end_one(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	struct ending *e = context;

	return submission_end(tx, pool, e->id, &e->end, err);
}

static int load_submission(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	struct submission *submission = context;

	return submission_load(tx, pool, submission->id, submission, err);
}

static void a_submission_ends_once(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct submission s = hand_in(put_problem(*state, pool, true), "r");
	struct ending first = { .end = { .state = SUBMISSION_COMPLETED,
					 .verdict = "accepted",
					 .execution_us = 5,
					 .cpu_us = -1,
					 .memory_bytes = 7,
					 .score = 10000,
					 .is_correct = 1,
					 .passed = 2,
					 .total = 2,
					 .results = "[]",
					 .completed_ms = 9 } };
	struct ending second = first;

	do_step(*state, pool, insert_submission, &s);
	first.id = second.id = s.id;
	second.end.verdict = "wrong_answer";
	assert_int_equal(do_step(*state, pool, load_submission, &s), 1);
	assert_int_equal(s.state, SUBMISSION_PENDING);
	assert_int_equal(s.score, -1);
	assert_int_equal(s.completed_ms, 0);
	assert_int_equal(do_step(*state, pool, end_one, &first), 1);
	assert_int_equal(do_step(*state, pool, end_one, &second), 0);
	do_step(*state, pool, load_submission, &s);
	assert_string_equal(s.verdict, "accepted");
	assert_int_equal(s.state, SUBMISSION_COMPLETED);
	assert_int_equal(s.cpu_us, -1);
	assert_int_equal(s.score, 10000);
	assert_string_equal(s.results, "[]");
}

/* ---- replicas ---- */

static struct replica_beat beat_of(struct scratch *scratch, struct pool *pool, const char *replica,
				   int64_t now_ms, bool alone)
{
	struct replica_beat beat = {
		.replica = replica, .now_ms = now_ms, .silent_ms = 100, .alone = alone, .pool = pool
	};
	struct error err;

	assert_ok(db_write(scratch->db, judging_beat_work, &beat, &err), &err);
	return beat;
}

static void what_a_dead_replica_had_is_taken_by_one_other(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	int64_t problem = put_problem(*state, pool, true);
	struct submission of_a = hand_in(problem, "a"), of_b = hand_in(problem, "b");

	assert_int_equal(beat_of(*state, pool, "a", 1000, false).taken_count, 0);
	assert_int_equal(beat_of(*state, pool, "b", 1000, false).taken_count, 0);
	do_step(*state, pool, insert_submission, &of_a);
	do_step(*state, pool, insert_submission, &of_b);
	assert_int_equal(beat_of(*state, pool, "b", 1100, false).taken_count, 0);
	struct replica_beat taking = beat_of(*state, pool, "b", 1101, false);
	assert_int_equal(taking.taken_count, 1);
	assert_int_equal(taking.taken[0], of_a.id);
	assert_int_equal(beat_of(*state, pool, "c", 1101, false).taken_count, 0);
}

static void whoever_is_alone_takes_everything_that_is_open(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	int64_t problem = put_problem(*state, pool, true);
	struct submission open = hand_in(problem, "a"), done = hand_in(problem, "a");
	struct ending end = { .end = { .state = SUBMISSION_COMPLETED, .score = -1, .completed_ms = 3 } };

	beat_of(*state, pool, "a", 1000, true);
	do_step(*state, pool, insert_submission, &open);
	do_step(*state, pool, insert_submission, &done);
	end.id = done.id;
	do_step(*state, pool, end_one, &end);
	struct replica_beat taking = beat_of(*state, pool, "b", 1000, true);
	assert_int_equal(taking.taken_count, 1);
	assert_int_equal(taking.taken[0], open.id);
}

static int tell(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	return judging_tell_work(tx, context, err);
}

static void progress_is_replaced_and_gone_with_the_end(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct submission s = hand_in(put_problem(*state, pool, true), "a");
	struct run_told *told = calloc(1, sizeof *told + 8);
	struct ending end = { .end = { .state = SUBMISSION_COMPLETED, .score = -1, .completed_ms = 3 } };

	do_step(*state, pool, insert_submission, &s);
	told->id = end.id = s.id;
	memcpy(told->tests, "{}", 3);
	do_step(*state, pool, tell, told);
	do_step(*state, pool, tell, told);
	assert_int_equal(scratch_ask(*state, "SELECT updates FROM submission_live"), 2);
	do_step(*state, pool, load_submission, &s);
	assert_int_equal(s.state, SUBMISSION_RUNNING);
	do_step(*state, pool, end_one, &end);
	do_step(*state, pool, tell, told); /* too late */
	assert_int_equal(scratch_ask(*state, "SELECT COUNT(*) FROM submission_live"), 0);
	do_step(*state, pool, load_submission, &s);
	assert_int_equal(s.state, SUBMISSION_COMPLETED);
	free(told);
}

static int remove_one(struct db_tx *tx, struct pool *pool, void *context, struct error *err)
{
	return judging_remove_work(tx, context, err);
}

static void only_ones_own_refused_run_is_removed(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct submission s = hand_in(put_problem(*state, pool, true), "a");

	do_step(*state, pool, insert_submission, &s);
	struct run_removal others = { .id = s.id, .replica = "b", .pool = pool };
	struct run_removal own = { .id = s.id, .replica = "a", .pool = pool };
	do_step(*state, pool, remove_one, &others);
	assert_false(others.removed);
	do_step(*state, pool, remove_one, &own);
	assert_true(own.removed);
	assert_int_equal(do_step(*state, pool, load_submission, &s), 0);
}

#define backend_test(f) cmocka_unit_test_setup_teardown(f, set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		backend_test(a_problem_comes_back_as_it_was),
		backend_test(who_may_see_a_problem),
		backend_test(a_contest_shows_its_problems_to_those_in_it),
		backend_test(the_second_of_two_changes_is_refused),
		backend_test(lists_are_filtered),
		backend_test(a_problem_with_submissions_is_kept_for_them),
		backend_test(a_submission_ends_once),
		backend_test(what_a_dead_replica_had_is_taken_by_one_other),
		backend_test(whoever_is_alone_takes_everything_that_is_open),
		backend_test(progress_is_replaced_and_gone_with_the_end),
		backend_test(only_ones_own_refused_run_is_removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
