/* What a lease allows, how it ends, and what a clock that steps does to it. */
#include "queue_fixture.h"

static void a_job_is_finished_once(void **state)
{
	struct queue_fixture *f = *state;
	int64_t submission;
	put(f, 7, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *job = take(f, "w", "c");
	assert_int_equal(finish(f, job, &submission), 1);
	assert_int_equal(submission, 7);
	assert_int_equal(finish(f, job, &submission), 0);
	assert_int_equal(submission, -1);
	assert_counts(f, 0, 0, 0);
}

static void a_stale_lease_changes_nothing(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned returned = { .job_id = -1 }, *reaped;
	int64_t submission;
	put(f, 7, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *old = take(f, "w1", "c");
	f->now_ms += LEASE_MS;
	assert_int_equal(reap(f, NULL, &reaped), 1);
	for (int again = 0; again < 2; again++) { /* while it waits, and while another has it */
		assert_int_equal(holds(f, old), 0);
		assert_int_equal(finish(f, old, &submission), 0);
		assert_int_equal(hand_back(f, old, true, 0, &returned), 0);
		assert_int_equal(returned.job_id, -1);
		beat(f, "w1", old);
		assert_counts(f, 1 - again, again, 0);
		if (again == 0)
			assert_int_equal(take(f, "w2", "c")->attempts, 2);
	}
	assert_int_equal(ask(f, "SELECT state_until FROM job"), START_MS + 2 * LEASE_MS);
}

static void no_lease_and_another_jobs_lease_are_stale(void **state)
{
	struct queue_fixture *f = *state;
	int64_t submission = -1;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	put(f, 2, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *one = take(f, "w", "c");
	put(f, 3, JOB_SUBMISSION, "c", "ann");
	assert_int_equal(finish_with(f, one->id + 1, one->lease, &submission), 0);
	assert_int_equal(finish_with(f, one->id + 1, "", &submission), 0);
	assert_int_equal(finish_with(f, one->id + 1, NULL, &submission), 0);
	assert_int_equal(submission, -1);
	assert_counts(f, 2, 1, 0);
}

static void several_end_at_once_each_on_its_own(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	const struct queue_job *jobs[4];
	for (int i = 0; i < 4; i++) {
		put(f, i + 1, JOB_SUBMISSION, "c", "ann");
		jobs[i] = take(f, "w", "c");
	}
	struct queue_end ends[] = {
		{ jobs[0]->id, jobs[0]->lease, -1 }, { jobs[1]->id, jobs[0]->lease, -1 },
		{ jobs[1]->id, "\"}' \\", -1 },      { jobs[2]->id, NULL, -1 },
		{ jobs[2]->id, jobs[2]->lease, -1 }, { jobs[2]->id, jobs[2]->lease, -1 },
		{ jobs[3]->id, "no.such[0]", -1 },   { jobs[3]->id, jobs[3]->lease, -1 },
		{ INT64_MAX, jobs[1]->lease, -1 },
	};
	static const int64_t expected[] = { 1, 0, 0, 0, 3, 0, 0, 4, 0 };
	assert_ok(queue_finish(&f->tx, ends, 9, &err), &err);
	for (int i = 0; i < 9; i++)
		assert_int_equal(ends[i].submission_id, expected[i]);
	assert_counts(f, 0, 1, 0);
	assert_int_equal(holds(f, jobs[1]), 1);
}

static void silence_ends_a_lease_and_a_heartbeat_keeps_it(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned *reaped;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	put(f, 2, JOB_SUBMISSION, "c", "bob");
	const struct queue_job *spoken_for = take(f, "w1", "c");
	const struct queue_job *silent = take(f, "w2", "c");
	f->now_ms += LEASE_MS - 1;
	assert_int_equal(reap(f, NULL, &reaped), 0);
	beat(f, "w1", spoken_for);
	f->now_ms += 1;
	assert_int_equal(reap(f, NULL, &reaped), 1);
	assert_int_equal(reaped[0].job_id, silent->id);
	assert_int_equal(reaped[0].submission_id, 2);
	assert_false(reaped[0].dead);
	assert_int_equal(holds(f, spoken_for), 1);
	assert_int_equal(holds(f, silent), 0);
	assert_next(f, "c", 2);
}

static void a_session_speaks_for_its_own_jobs_only(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned *reaped;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *job = take(f, "w1", "c");
	f->now_ms += LEASE_MS - 1;
	beat(f, "w2", job);
	f->now_ms += 1;
	assert_int_equal(reap(f, NULL, &reaped), 1);
}

/* The answer to a claim was lost on its way: the worker lives and does not know of the job. */
static void what_a_live_session_does_not_name_comes_back(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned *reaped;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *job = take(f, "w", "c");
	f->now_ms += 5000;
	beat(f, "w", job);
	f->now_ms += 9999;
	beat(f, "w", NULL); /* may still be on its way */
	assert_int_equal(reap(f, NULL, &reaped), 0);
	f->now_ms += 1;
	beat(f, "w", NULL);
	assert_int_equal(reap(f, NULL, &reaped), 1);
	assert_int_equal(holds(f, job), 0);
}

static void a_session_that_ends_gives_all_back(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned *reaped;
	for (int i = 1; i <= 4; i++)
		put(f, i, JOB_SUBMISSION, "c", "ann");
	take(f, "w1", "c");
	const struct queue_job *other = take(f, "w2", "c");
	take(f, "w1", "c");
	assert_int_equal(reap(f, "w1", &reaped), 2);
	assert_int_equal(reaped[0].submission_id, 1);
	assert_int_equal(reaped[1].submission_id, 3);
	assert_int_equal(holds(f, other), 1);
	assert_counts(f, 3, 1, 0);
	assert_next(f, "c", 1);
}

static void handing_back_may_cost_an_attempt_or_not(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned returned;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	for (int i = 0; i < 10; i++) {
		const struct queue_job *job = take(f, "w", "c");
		assert_int_equal(job->attempts, 1);
		assert_int_equal(hand_back(f, job, false, 0, &returned), 1);
		assert_int_equal(returned.submission_id, 1);
		assert_false(returned.dead);
	}
	assert_int_equal(hand_back(f, take(f, "w", "c"), true, 0, &returned), 1);
	assert_int_equal(take(f, "w", "c")->attempts, 2);
}

static void a_delayed_job_waits(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned returned;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	assert_int_equal(hand_back(f, take(f, "w", "c"), true, 2000, &returned), 1);
	assert_counts(f, 0, 0, 1);
	f->now_ms += 1999;
	assert_next(f, "c", 0);
	f->now_ms += 1;
	assert_next(f, "c", 1);
}

static void spent_attempts_end_as_a_dead_letter(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned returned = { 0 }, *reaped;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	put(f, 2, JOB_SUBMISSION, "c", "bob");
	for (int attempt = 1; attempt <= 3; attempt++) {
		const struct queue_job *handed = take(f, "w1", "c");
		assert_int_equal(handed->attempts, attempt);
		take(f, "w2", "c");
		f->now_ms += 10;
		assert_int_equal(hand_back(f, handed, true, 0, &returned), 1);
		assert_int_equal(returned.dead, attempt == 3);
		assert_int_equal(reap(f, "w2", &reaped), 1);
		assert_int_equal(reaped[0].dead, attempt == 3);
		f->now_ms += attempt < 3 ? queue_backoff_ms(attempt) : 0;
	}
	assert_next(f, "c", 0);
	assert_counts(f, 0, 0, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM dead_letter WHERE attempts = 3 AND length(reason) > 5"),
			 2);
	assert_int_equal(ask(f, "SELECT at FROM dead_letter WHERE submission_id = 1"), f->now_ms);
	put(f, 1, JOB_SUBMISSION, "c", "ann"); /* executed again by its owner */
	assert_int_equal(take(f, "w", "c")->attempts, 1);
}

static void what_fails_again_and_again_waits_longer(void **state)
{
	for (int attempts = 0; attempts < 10; attempts++)
		assert_true(queue_backoff_ms(attempts) <= queue_backoff_ms(attempts + 1));
	assert_int_equal(queue_backoff_ms(1), 0);
	assert_int_equal(queue_backoff_ms(2), 1000);
}

/* Its connection broke at one replica, and it came back to another. */
static void a_doubted_session_ends_unless_it_spoke_elsewhere(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct queue_returned *reaped;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	put(f, 2, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *speaks = take(f, "w1", "c");
	take(f, "w2", "c");
	f->now_ms += 1;
	beat(f, "w1", speaks);
	assert_ok(queue_session_doubted(&f->tx, "w1", f->now_ms - 1, f->now_ms, &err), &err);
	assert_ok(queue_session_doubted(&f->tx, "w2", f->now_ms - 1, f->now_ms, &err), &err);
	struct queue_session *sessions;
	size_t count;
	assert_ok(queue_sessions(&f->tx, f->pool, f->now_ms, &sessions, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(sessions[0].id, "w1");
	assert_int_equal(reap(f, NULL, &reaped), 1);
	assert_int_equal(reaped[0].submission_id, 2);
	assert_int_equal(holds(f, speaks), 1);
	f->now_ms += 10 * LEASE_MS;
	assert_int_equal(reap(f, NULL, &reaped), 1);
	f->now_ms += 10 * LEASE_MS;
	reap(f, NULL, &reaped);
	assert_int_equal(ask(f, "SELECT count(*) FROM worker_session"), 0);
}

static void a_cancelled_job_is_gone_in_any_state(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	struct queue_returned returned;
	int64_t submission;
	for (int i = 1; i <= 3; i++)
		put(f, i, JOB_SUBMISSION, "c", "ann");
	assert_int_equal(hand_back(f, take(f, "w", "c"), true, 1000, &returned), 1);
	const struct queue_job *running = take(f, "w", "c");
	for (int i = 1; i <= 3; i++) {
		char session[UUID_TEXT_BYTES];
		assert_int_equal(queue_cancel(&f->tx, i, session, &err), 1);
		assert_string_equal(session, running->submission_id == i ? "w" : "");
		assert_int_equal(queue_cancel(&f->tx, i, NULL, &err), 0);
	}
	assert_counts(f, 0, 0, 0);
	assert_int_equal(holds(f, running), 0);
	assert_int_equal(finish(f, running, &submission), 0);
}

static void a_new_start_takes_everything_back_uncounted(void **state)
{
	struct queue_fixture *f = *state;
	struct error err;
	for (int i = 1; i <= 3; i++)
		put(f, i, JOB_SUBMISSION, "c", "ann");
	for (int start = 0; start < 5; start++) {
		const struct queue_job *first = take(f, "w", "c"), *second = take(f, "w", "c");
		assert_int_equal(first->submission_id, 1);
		assert_int_equal(second->submission_id, 2);
		assert_int_equal(first->attempts, 1);
		assert_int_equal(queue_recover(&f->tx, f->now_ms, &err), 2);
		assert_counts(f, 3, 0, 0);
		assert_int_equal(holds(f, first), 0);
	}
	assert_int_equal(queue_recover(&f->tx, f->now_ms, &err), 0);
}

/* ---- the clock ---- */

static void a_clock_set_back_delays_nobody_longer(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned returned, *reaped;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	put(f, 2, JOB_SUBMISSION, "c", "bob");
	assert_int_equal(hand_back(f, take(f, "w", "c"), true, 1000, &returned), 1);
	const struct queue_job *job = take(f, "w", "c");
	f->now_ms -= 3600000;
	assert_int_equal(reap(f, NULL, &reaped), 0); /* the lease starts anew */
	assert_int_equal(holds(f, job), 1);
	assert_next(f, "c", 1); /* the delay cannot be told any more: over */
	f->now_ms += LEASE_MS - 1;
	assert_int_equal(reap(f, NULL, &reaped), 0);
	f->now_ms += 1;
	assert_int_equal(reap(f, NULL, &reaped), 2);
	assert_int_equal(holds(f, job), 0);
}

static void a_clock_set_back_leaves_a_living_worker_its_job(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned *reaped;
	int64_t submission;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *job = take(f, "w", "c");
	f->now_ms -= 3600000;
	for (int i = 0; i < 10; i++) {
		f->now_ms += 5000;
		beat(f, "w", job);
		assert_int_equal(reap(f, NULL, &reaped), 0);
	}
	assert_int_equal(finish(f, job, &submission), 1);
}

static void a_clock_set_forward_costs_an_attempt_at_most(void **state)
{
	struct queue_fixture *f = *state;
	struct queue_returned *reaped;
	int64_t submission;
	put(f, 1, JOB_SUBMISSION, "c", "ann");
	const struct queue_job *job = take(f, "w", "c");
	f->now_ms += 3600000;
	assert_int_equal(reap(f, NULL, &reaped), 1);
	assert_int_equal(finish(f, job, &submission), 0);
	const struct queue_job *again = take(f, "w", "c");
	assert_int_equal(again->attempts, 2);
	assert_int_equal(finish(f, again, &submission), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		queue_test(a_job_is_finished_once),
		queue_test(a_stale_lease_changes_nothing),
		queue_test(no_lease_and_another_jobs_lease_are_stale),
		queue_test(several_end_at_once_each_on_its_own),
		queue_test(silence_ends_a_lease_and_a_heartbeat_keeps_it),
		queue_test(a_session_speaks_for_its_own_jobs_only),
		queue_test(what_a_live_session_does_not_name_comes_back),
		queue_test(a_session_that_ends_gives_all_back),
		queue_test(handing_back_may_cost_an_attempt_or_not),
		queue_test(a_delayed_job_waits),
		queue_test(spent_attempts_end_as_a_dead_letter),
		cmocka_unit_test(what_fails_again_and_again_waits_longer),
		queue_test(a_doubted_session_ends_unless_it_spoke_elsewhere),
		queue_test(a_cancelled_job_is_gone_in_any_state),
		queue_test(a_new_start_takes_everything_back_uncounted),
		queue_test(a_clock_set_back_delays_nobody_longer),
		queue_test(a_clock_set_back_leaves_a_living_worker_its_job),
		queue_test(a_clock_set_forward_costs_an_attempt_at_most),
	};
	return cmocka_run_group_tests_name("queue leases", tests, NULL, NULL);
}
