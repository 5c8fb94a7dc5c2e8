/* Runs that begin before the last one's result was fetched: order, limits, cancelling, a keeper that dies. */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lane *lane;

static int begin_actor(const char *arguments, uint64_t session)
{
	struct actor_run run;
	struct error err = { 0 };
	support_actor(&run, arguments);
	run.spec.session = session;
	int code = box_begin(lane, &run.spec, &err);
	memset(&run, 0xee, sizeof run); /* nothing of it may be needed any more */
	return code;
}

static void end_as(const char *what, enum box_outcome outcome, int code, const char *expected)
{
	struct box_result result;
	struct error err = { 0 };
	if (box_end(lane, &result, &err) < 0)
		fail_msg("%s: %s", what, err.text);
	support_expect(what, &result, outcome, code);
	if (expected && strcmp(result.stdout_data, expected) != 0)
		fail_msg("%s: says '%s', expected '%s'", what, result.stdout_data, expected);
	box_result_free(&result);
}

static void results_come_in_order(void **state)
{
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < BOX_AHEAD_MAX; i++) {
			char arguments[32];
			snprintf(arguments, sizeof arguments, "exit %d", 10 * round + i);
			assert_int_equal(begin_actor(arguments, round), 0);
		}
		assert_int_equal(begin_actor("exit 0", round), -EBUSY);
		for (int i = 0; i < BOX_AHEAD_MAX; i++)
			end_as("exit", BOX_EXITED, 10 * round + i, NULL);
	}
	struct box_result result;
	assert_int_equal(box_end(lane, &result, NULL), -ENOENT);
}

/* More than a pipe holds, of a run whose turn to be read comes last. */
static void outputs_stay_apart(void **state)
{
	assert_int_equal(begin_actor("arguments one", 21), 0);
	assert_int_equal(begin_actor("output 1 65536", 21), 0);
	assert_int_equal(begin_actor("arguments three", 21), 0);
	end_as("one", BOX_EXITED, 0, NULL);
	struct box_result result;
	assert_int_equal(box_end(lane, &result, NULL), 0);
	support_expect("output", &result, BOX_EXITED, 0);
	assert_int_equal(result.stdout_size, 65536);
	box_result_free(&result);
	end_as("three", BOX_EXITED, 0, NULL);
}

static void nothing_is_left_for_the_next(void **state)
{
	assert_int_equal(begin_actor("write kept 10", 31), 0);
	assert_int_equal(begin_actor("read kept", 31), 0);
	assert_int_equal(begin_actor("write kept 10", 32), 0);
	assert_int_equal(begin_actor("read kept", 33), 0);
	end_as("write", BOX_EXITED, 0, NULL);
	end_as("read what the run before wrote", BOX_EXITED, 1, NULL);
	end_as("write", BOX_EXITED, 0, NULL);
	end_as("read what another session wrote", BOX_EXITED, 1, NULL);
}

static void a_limit_is_for_one_run(void **state)
{
	struct actor_run run;
	assert_int_equal(begin_actor("exit 1", 41), 0);
	support_actor(&run, "spin 60000000");
	run.spec.session = 41;
	run.spec.limits.cpu_time_us = 100000;
	assert_int_equal(box_begin(lane, &run.spec, NULL), 0);
	assert_int_equal(begin_actor("exit 3", 41), 0);
	end_as("before", BOX_EXITED, 1, NULL);
	end_as("spin", BOX_CPU_LIMIT, 0, NULL);
	end_as("behind", BOX_EXITED, 3, NULL);
}

/* One that floods its output has to be told so while the next one waits. */
static void a_flood_ends_one_run(void **state)
{
	assert_int_equal(begin_actor("output 1 50000000", 51), 0);
	assert_int_equal(begin_actor("exit 3", 51), 0);
	end_as("flood", BOX_OUTPUT_LIMIT, 0, NULL);
	end_as("behind", BOX_EXITED, 3, NULL);
}

static void cancelling_ends_all_that_began(void **state)
{
	assert_int_equal(begin_actor("sleep 60000000", 61), 0);
	assert_int_equal(begin_actor("sleep 60000000", 61), 0);
	assert_int_equal(begin_actor("sleep 60000000", 0), 0);
	box_cancel(lane);
	for (int i = 0; i < 3; i++)
		end_as("cancelled", BOX_CANCELLED, 0, NULL);
	assert_int_equal(begin_actor("exit 5", 61), 0);
	end_as("after", BOX_EXITED, 5, NULL);
}

static void a_dead_keeper_loses_them_all(void **state)
{
	struct box_result result;
	struct error err = { 0 };
	struct host_state before, after;
	if (!support_own_maker())
		skip(); /* the keeper belongs to another process's lane maker */
	support_host_state(&before);
	for (int i = 0; i < 3; i++)
		assert_int_equal(begin_actor("sleep 60000000", 71), 0);
	kill(support_youngest_keeper(), SIGKILL);
	for (int i = 0; i < 3; i++) {
		assert_true(box_end(lane, &result, &err) < 0);
		assert_non_null(strstr(err.text, "keeper is gone"));
		assert_int_equal(result.outcome, BOX_INTERNAL_ERROR);
	}
	assert_int_equal(begin_actor("exit 6", 71), 0);
	end_as("in a lane made anew", BOX_EXITED, 6, NULL);
	support_host_state(&after);
	assert_int_equal(after.descriptors, before.descriptors);
}

/* Freed with runs under way: they end, and what they held is given back (the group's tear-down looks). */
static void a_lane_is_freed_meanwhile(void **state)
{
	struct host_state before, after;
	support_host_state(&before);
	struct lane *kept = lane;
	lane = support_lane();
	assert_int_equal(begin_actor("sleep 60000000", 81), 0);
	assert_int_equal(begin_actor("sleep 60000000", 81), 0);
	lane_free(lane);
	lane = kept;
	support_host_state(&after);
	assert_int_equal(after.descriptors, before.descriptors);
}

static int open_lane(void **state)
{
	if (support_open(state) < 0)
		return -1;
	lane = support_lane();
	return 0;
}

static int close_lane(void **state)
{
	lane_free(lane);
	return support_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_in_order),
		cmocka_unit_test(outputs_stay_apart),
		cmocka_unit_test(nothing_is_left_for_the_next),
		cmocka_unit_test(a_limit_is_for_one_run),
		cmocka_unit_test(a_flood_ends_one_run),
		cmocka_unit_test(cancelling_ends_all_that_began),
		cmocka_unit_test(a_dead_keeper_loses_them_all),
		cmocka_unit_test(a_lane_is_freed_meanwhile),
	};
	return cmocka_run_group_tests(tests, open_lane, close_lane);
}
