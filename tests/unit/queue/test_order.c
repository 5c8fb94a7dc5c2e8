/* Who is next: classes, turns between users, capabilities. */
#include "queue_fixture.h"

#include "sql.h"

static void nothing_comes_of_an_empty_queue(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct queue_job *jobs = NULL;
	size_t count = 7;
	const char *python = "python";
	assert_null(take(f, "w", "python"));
	put(f, 1, JOB_SUBMISSION, "python", "ann");
	assert_ok(take_many(f, "w", &python, 1, 0, 0, &jobs, &count, &err), &err);
	assert_int_equal(count, 0);
	assert_ok(take_many(f, "w", NULL, 0, 5, 0, &jobs, &count, &err), &err);
	assert_int_equal(count, 0);
	assert_counts(f, 1, 0, 0);
}

static void a_claim_tells_all_about_a_job(void **state)
{
	struct queue_fixture *f = *state;
	put(f, 41, JOB_CONTEST, "rust", "ann");
	f->now_ms += 5;
	const struct queue_job *job = take(f, "w", "rust");
	assert_non_null(job);
	assert_int_equal(job->submission_id, 41);
	assert_int_equal(job->class, JOB_CONTEST);
	assert_string_equal(job->capability, "rust");
	assert_int_equal(job->attempts, 1);
	assert_int_equal(job->max_attempts, 3);
	assert_int_equal(job->enqueued_ms, START_MS);
	assert_true(strlen(job->lease) >= 32);
	assert_int_equal(holds(f, job), 1);
	assert_counts(f, 0, 1, 0);
}

static void better_classes_go_first(void **state)
{
	struct queue_fixture *f = *state;
	put(f, 1, JOB_REJUDGE, "c", "ann");
	put(f, 2, JOB_SUBMISSION, "c", "ann");
	put(f, 3, JOB_CONTEST, "go", "ann");
	put(f, 4, JOB_INTERACTIVE, "go", "ann");
	put(f, 5, JOB_INTERACTIVE, "c", "ann");
	const int64_t expected[] = { 4, 5, 3, 2, 1, 0 };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_next(f, "c,go", expected[i]);
}

static void a_worker_gets_only_what_it_can_do(void **state)
{
	struct queue_fixture *f = *state;
	put(f, 1, JOB_INTERACTIVE, "rust", "ann");
	put(f, 2, JOB_SUBMISSION, "python", "ann");
	put(f, 3, JOB_SUBMISSION, "Python", "ann");
	assert_next(f, "python,go", 2);
	assert_next(f, "python,go", 0);
	assert_next(f, "go,rust,go", 1);
	assert_counts(f, 1, 0 + 2, 0);
}

static void more_capabilities_than_there_may_be(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct queue_job *jobs;
	size_t count;
	const char *names[QUEUE_CAPABILITIES_MAX + 1];
	for (size_t i = 0; i <= QUEUE_CAPABILITIES_MAX; i++)
		names[i] = pool_printf(f->pool, "language%zu", i);
	put(f, 1, JOB_SUBMISSION, "language119", "ann");
	assert_int_equal(take_many(f, "w", names, QUEUE_CAPABILITIES_MAX + 1, 1, 0, &jobs, &count, &err),
			 -E2BIG);
	assert_ok(take_many(f, "w", names, QUEUE_CAPABILITIES_MAX, 1, 0, &jobs, &count, &err), &err);
	assert_int_equal(count, 1);
}

static void several_at_once_are_in_order_with_a_lease_each(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct queue_job *jobs = NULL;
	size_t count = 0;
	const char *names[] = { "c", "go" };
	for (int i = 1; i <= 6; i++)
		put(f, i, i % 3 ? JOB_SUBMISSION : JOB_CONTEST, i % 2 ? "c" : "go", "ann");
	assert_ok(take_many(f, "w", names, 2, 5, 0, &jobs, &count, &err), &err);
	const int64_t expected[] = { 3, 6, 1, 2, 4 };
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(jobs[i].submission_id, expected[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(jobs[i].lease, jobs[j].lease);
	}
}

static void a_greedy_user_queues_behind_himself(void **state)
{
	struct queue_fixture *f = *state;
	for (int i = 1; i <= 6; i++)
		put(f, i, JOB_SUBMISSION, "c", "greedy");
	put(f, 11, JOB_SUBMISSION, "c", "ann");
	put(f, 12, JOB_SUBMISSION, "c", "ann");
	put(f, 21, JOB_SUBMISSION, "c", "bob");
	const int64_t expected[] = { 1, 11, 21, 2, 12, 3, 4, 5, 6, 0 };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_next(f, "c", expected[i]);
}

/* Who asks for much at once waits longer for his next. */
static void a_costly_job_puts_its_user_further_back(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct queue_entry costly = { 1, JOB_SUBMISSION, "c", "costly", 3, 3 };
	assert_ok(queue_enqueue(&f->tx, NULL, &costly, 1, f->now_ms, &err), &err);
	put(f, 2, JOB_SUBMISSION, "c", "costly");
	for (int i = 11; i <= 15; i++)
		put(f, i, JOB_SUBMISSION, "c", "ann");
	const int64_t expected[] = { 1, 11, 12, 13, 2, 14, 15 };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_next(f, "c", expected[i]);
}

static void a_few_slots_are_kept_for_the_low_classes(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct queue_job *jobs = NULL;
	size_t count = 0;
	const char *c = "c";
	for (int i = 1; i <= 10; i++)
		put(f, i, JOB_INTERACTIVE, "c", "ann");
	put(f, 21, JOB_REJUDGE, "c", "ann");
	put(f, 22, JOB_SUBMISSION, "c", "ann");
	assert_ok(take_many(f, "w", &c, 1, 4, 1, &jobs, &count, &err), &err);
	const int64_t first[] = { 1, 2, 3, 21 };
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(jobs[i].submission_id, first[i]);
	assert_ok(take_many(f, "w", &c, 1, 20, 3, &jobs, &count, &err), &err);
	assert_int_equal(count, 8); /* nothing is left over for want of low ones */
	assert_counts(f, 0, 12, 0);
}

static void an_eighth_is_their_share(void **state)
{
	size_t kept = 0, from[4] = { 0 };
	struct queue_taker taker = { .wanted = 0 };
	struct queue_claim claim = { .takers = &taker, .taker_count = 1 };
	queue_keep(&claim);
	assert_int_equal(taker.kept, 0);
	taker.wanted = 64;
	queue_keep(&claim);
	assert_int_equal(taker.kept, 8);
	taker.wanted = 1;
	for (int i = 0; i < 8000; i++) {
		queue_keep(&claim);
		kept += taker.kept;
		from[claim.kept_from]++;
	}
	assert_in_range(kept, 700, 1300);
	assert_int_equal(from[JOB_INTERACTIVE], 0);
	for (int class = JOB_CONTEST; class <= JOB_REJUDGE; class ++)
		assert_in_range(from[class], 2300, 3100);
}

/* Between one who has filled the queue and one who waits for each answer before he asks again. */
static void a_modest_user_is_served_every_other_time(void **state)
{
	struct queue_fixture *f = *state;
	int64_t submission, modest = 1000, waiting = 0;
	for (int i = 1; i <= 100; i++)
		put(f, i, JOB_SUBMISSION, "c", "greedy");
	for (int served = 0; served < 100; served++) {
		if (!waiting)
			put(f, waiting = ++modest, JOB_SUBMISSION, "c", "modest");
		const struct queue_job *job = take(f, "w", "c");
		if (job->submission_id == waiting)
			waiting = 0;
		assert_int_equal(finish(f, job, &submission), 1);
	}
	assert_int_equal(modest, 1050);
}

/* Who was away does not come back with a credit for it. */
static void idle_time_is_not_saved_up(void **state)
{
	struct queue_fixture *f = *state;
	int64_t submission;
	for (int i = 1; i <= 50; i++)
		put(f, i, JOB_SUBMISSION, "c", "busy");
	for (int i = 1; i <= 40; i++)
		assert_int_equal(finish(f, take(f, "w", "c"), &submission), 1);
	for (int i = 101; i <= 104; i++)
		put(f, i, JOB_SUBMISSION, "c", "returning");
	const int64_t expected[] = { 41, 101, 42, 102, 43, 103, 44, 104, 45 };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_next(f, "c", expected[i]);
}

/* Nothing waits, one job of a long series runs: a newcomer starts beside it and not at the beginning of time. */
static void a_newcomer_starts_beside_what_runs(void **state)
{
	struct queue_fixture *f = *state;
	int64_t submission;
	for (int i = 1; i <= 20; i++)
		put(f, i, JOB_SUBMISSION, "c", "busy");
	for (int i = 1; i <= 19; i++)
		assert_int_equal(finish(f, take(f, "w", "c"), &submission), 1);
	assert_next(f, "c", 20);
	for (int i = 101; i <= 103; i++)
		put(f, i, JOB_SUBMISSION, "c", "new");
	put(f, 21, JOB_SUBMISSION, "c", "busy");
	const int64_t expected[] = { 101, 102, 21, 103 };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_next(f, "c", expected[i]);
}

/* An old job that comes back goes first, and drags nobody with it. */
static void what_comes_back_opens_no_gap(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned returned;
	int64_t submission;
	put(f, 1, JOB_SUBMISSION, "c", "old");
	const struct queue_job *old = take(f, "w", "c");
	for (int i = 101; i <= 130; i++)
		put(f, i, JOB_SUBMISSION, "c", "busy");
	for (int i = 101; i <= 120; i++)
		assert_int_equal(finish(f, take(f, "w", "c"), &submission), 1);
	assert_int_equal(hand_back(f, old, true, 0, &returned), 1);
	for (int i = 201; i <= 203; i++)
		put(f, i, JOB_SUBMISSION, "c", "new");
	const int64_t expected[] = { 1, 121, 201, 122, 202, 123, 203 };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_next(f, "c", expected[i]);
}

/* ---- several takers ---- */

static void claim_for(struct queue_fixture *f, struct queue_taker *takers, size_t count)
{
	struct error err;
	struct queue_claim claim = { .takers = takers,
				     .taker_count = count,
				     .kept_from = JOB_REJUDGE,
				     .now_ms = f->now_ms,
				     .lease_ms = LEASE_MS };
	assert_ok(queue_claim(&f->tx, NULL, &claim, f->pool, &err), &err);
}

static void assert_dealt(const struct queue_taker *taker, size_t count, const int64_t *submissions)
{
	assert_int_equal(taker->count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(taker->jobs[i].submission_id, submissions[i]);
}

static void equals_take_turns(void **state)
{
	struct queue_fixture *f = *state;
	const char *one_way[] = { "c", "go" }, *the_other[] = { "go", "c", "go" };
	struct queue_taker takers[] = { { "a", one_way, 2, 3, 0, NULL, 0 },
					{ "b", the_other, 3, 1, 0, NULL, 0 },
					{ "none", one_way, 2, 0, 0, NULL, 0 },
					{ "c", one_way, 2, 4, 0, NULL, 0 } };
	for (int i = 1; i <= 7; i++)
		put(f, i, JOB_SUBMISSION, i % 2 ? "c" : "go", "ann");
	claim_for(f, takers, 4);
	assert_dealt(&takers[0], 3, (int64_t[]){ 1, 4, 6 });
	assert_dealt(&takers[1], 1, (int64_t[]){ 2 });
	assert_dealt(&takers[2], 0, NULL);
	assert_dealt(&takers[3], 3, (int64_t[]){ 3, 5, 7 });
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < takers[i].count; j++)
			assert_int_equal(holds(f, &takers[i].jobs[j]), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM job WHERE session = 'c' AND attempts = 1"), 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM worker_session"), 3);
}

/* What everybody can do does not go to who could do something else as well, nor to who cannot do it. */
static void who_can_do_least_chooses_first(void **state)
{
	struct queue_fixture *f = *state;
	const char *all[] = { "c", "go", "java" }, *go[] = { "go" }, *none[] = { "rust" };
	struct queue_taker takers[] = { { "all", all, 3, 2, 0, NULL, 0 },
					{ "rust", none, 1, 5, 0, NULL, 0 },
					{ "go", go, 1, 2, 0, NULL, 0 } };
	put(f, 1, JOB_INTERACTIVE, "go", "ann");
	put(f, 2, JOB_SUBMISSION, "go", "bob");
	put(f, 3, JOB_SUBMISSION, "c", "ann");
	put(f, 4, JOB_REJUDGE, "java", "ann");
	put(f, 5, JOB_REJUDGE, "cobol", "ann");
	claim_for(f, takers, 3);
	assert_dealt(&takers[0], 2, (int64_t[]){ 3, 4 });
	assert_dealt(&takers[1], 0, NULL);
	assert_dealt(&takers[2], 2, (int64_t[]){ 1, 2 });
	assert_counts(f, 1, 4, 0);
}

static void what_is_kept_is_kept_for_all_together(void **state)
{
	struct queue_fixture *f = *state;
	const char *c[] = { "c" };
	struct queue_taker takers[] = { { "a", c, 1, 2, 1, NULL, 0 }, { "b", c, 1, 2, 0, NULL, 0 } };
	for (int i = 1; i <= 6; i++)
		put(f, i, i == 6 ? JOB_REJUDGE : JOB_INTERACTIVE, "c", "ann");
	claim_for(f, takers, 2);
	assert_dealt(&takers[0], 2, (int64_t[]){ 1, 3 });
	assert_dealt(&takers[1], 2, (int64_t[]){ 2, 6 });
}

/* In one statement as one after the other: each user behind himself, nobody behind others. */
static void many_are_put_in_as_one_after_the_other(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	const struct queue_entry entries[] = {
		{ 10, JOB_SUBMISSION, "c", "ann", 3, 5 },  { 11, JOB_SUBMISSION, "c", "ann", 3, 1 },
		{ 12, JOB_SUBMISSION, "go", "bob", 3, 1 }, { 13, JOB_SUBMISSION, "c", "ann", 3, 1 },
		{ 14, JOB_SUBMISSION, "c", "cia", 3, 0 },  { 15, JOB_INTERACTIVE, "c", "ann", 3, 1 },
		{ 16, JOB_SUBMISSION, "c", "cia", 3, 1 },
	};
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	assert_ok(queue_enqueue(&f->tx, NULL, entries, 7, f->now_ms, &err), &err);
	/* ann: 0, 1, 6, 7; cia: 0, 1; bob, alone in his language: the clock, which is the same here */
	static const int64_t expected[] = { 15, 1, 12, 14, 10, 16, 11, 13 };
	for (size_t i = 0; i < 8; i++)
		assert_next(f, "c,go", expected[i]);
}

static void a_submission_has_one_job(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	struct queue_entry entry = { 1, JOB_SUBMISSION, "c", "ann", 3, 1 };
	int code = queue_enqueue(&f->tx, NULL, &entry, 1, f->now_ms, &err);
	if (code == 0) /* sent ahead */
		code = f->connection->backend->settle(f->connection, &err);
	assert_int_equal(code, -EEXIST);
}

static void explain(struct queue_fixture *f, const char *sql, size_t values, const char *expected,
		    size_t times)
{
	struct error err;
	struct db_rows rows;
	struct db_value numbers[32] = { 0 };
	struct buffer plan = { 0 };
	const char *explained = pool_printf(f->pool, "EXPLAIN QUERY PLAN %s", sql);
	assert_ok(db_run(&f->tx, f->pool, explained, numbers, values, &rows, &err), &err);
	for (size_t i = 0; i < rows.count; i++)
		buffer_printf(&plan, "%s\n", db_text_at(&rows, i, 3));
	size_t found = 0;
	for (const char *at = buffer_text(&plan); (at = strstr(at, expected)); at++)
		found++;
	if (found != times || strstr(buffer_text(&plan), "SCAN job"))
		fail_msg("%s\n%s", sql, buffer_text(&plan));
	buffer_free(&plan);
}

static void a_claim_walks_its_index(void **state)
{
	struct queue_fixture *f = *state;
	struct buffer sql = { 0 };
	if (f->scratch.postgres)
		skip(); /* the next one is about that */
	queue_pick_sql(3, false, &sql);
	explain(f, buffer_text(&sql), 6, "INDEX job_ready (capability=? AND class>?)", 6);
	buffer_clear(&sql);
	queue_pick_sql(3, true, &sql);
	explain(f, buffer_text(&sql), 18, "INDEX job_ready (capability=? AND class=? AND vt>?)", 24);
	buffer_free(&sql);
	explain(f, "SELECT " QUEUE_FRONT("$1", "$2", "$3", "$4"), 4, "SEARCH ahead USING INDEX job_ready", 1);
	explain(f, "SELECT " QUEUE_FRONT("$1", "$2", "$3", "$4"), 4, "SEARCH ahead USING INDEX job_leased",
		1);
}

/* PostgreSQL plans while the queue is empty, as it mostly is, and believes then that reading all of it costs nothing:
 * it must have no way to do so. */
static void an_empty_table_misleads_nobody(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct db_rows rows;
	cleanup_buffer struct buffer sql = { 0 }, plan = { 0 };
	const struct db_value values[] = { db_int(8), db_int(1), db_int(1), db_text("c"), db_text("go"),
					   db_int(0), db_int(0), db_int(0), db_int(0),    db_int(0),
					   db_int(0), db_int(0), db_int(0) };
	if (!f->scratch.postgres)
		skip(); /* SQLite has statistics only where it is told to make them */
	for (int by_lane = 0; by_lane < 2; by_lane++) {
		buffer_clear(&sql);
		buffer_puts(&sql, "EXPLAIN (COSTS OFF) ");
		queue_pick_sql(2, by_lane, &sql);
		assert_ok(db_run(&f->tx, f->pool, buffer_text(&sql), values, by_lane ? 13 : 5, &rows, &err),
			  &err);
		buffer_clear(&plan);
		for (size_t i = 0; i < rows.count; i++)
			buffer_printf(&plan, "%s\n", db_text_at(&rows, i, 0));
		if (strstr(buffer_text(&plan), "Seq Scan") || strstr(buffer_text(&plan), "Join Filter") ||
		    !strstr(buffer_text(&plan), "Index Scan using job_pkey on job"))
			fail_msg("%s", buffer_text(&plan));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		queue_test(nothing_comes_of_an_empty_queue),
		queue_test(a_claim_tells_all_about_a_job),
		queue_test(better_classes_go_first),
		queue_test(a_worker_gets_only_what_it_can_do),
		queue_test(more_capabilities_than_there_may_be),
		queue_test(several_at_once_are_in_order_with_a_lease_each),
		queue_test(a_greedy_user_queues_behind_himself),
		queue_test(a_costly_job_puts_its_user_further_back),
		queue_test(a_few_slots_are_kept_for_the_low_classes),
		cmocka_unit_test(an_eighth_is_their_share),
		queue_test(a_modest_user_is_served_every_other_time),
		queue_test(idle_time_is_not_saved_up),
		queue_test(a_newcomer_starts_beside_what_runs),
		queue_test(what_comes_back_opens_no_gap),
		queue_test(equals_take_turns),
		queue_test(who_can_do_least_chooses_first),
		queue_test(what_is_kept_is_kept_for_all_together),
		queue_test(many_are_put_in_as_one_after_the_other),
		queue_test(a_submission_has_one_job),
		queue_test(a_claim_walks_its_index),
		queue_test(an_empty_table_misleads_nobody),
	};
	return cmocka_run_group_tests_name("queue order", tests, NULL, NULL);
}
