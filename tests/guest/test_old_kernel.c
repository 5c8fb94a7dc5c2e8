/* What is told of a run where the kernel cannot tell it (old_kernel.c takes memory.peak, pids.peak and cgroup.kill
 * away): an unknown figure, never a wrong one; and every limit is kept all the same. */
#include "../sandbox/support.h"

#include <signal.h>

#define MIB (1 << 20)

static struct lane *lane;

static void expect_of(const char *arguments, const struct limits *limits, enum box_outcome outcome)
{
	struct actor_run run;
	struct box_result result;
	support_actor(&run, arguments);
	run.spec.limits = *limits;
	support_run(lane, &run.spec, &result);
	support_expect(arguments, &result, outcome, outcome == BOX_EXITED ? 0 : SIGKILL);
	assert_int_equal(result.memory_bytes, BOX_UNKNOWN);
	assert_int_equal(result.processes_peak, BOX_UNKNOWN);
	assert_in_range(result.cpu_us, outcome == BOX_CPU_LIMIT ? limits->cpu_time_us : 0, INT64_MAX);
	assert_in_range(result.wall_us, 1, INT64_MAX);
	box_result_free(&result);
}

static void peaks_are_unknown(void **state)
{
	(void)state;
	const struct limits limits = support_limits();
	expect_of("exit 0", &limits, BOX_EXITED);
	expect_of("heap 10485760", &limits, BOX_EXITED);
	expect_of("spin-children 4 1000", &limits, BOX_EXITED);
}

static void memory_is_limited(void **state)
{
	(void)state;
	struct limits limits = support_limits();
	limits.memory_bytes = 16 * MIB;
	expect_of("heap 25165824", &limits, BOX_MEMORY_LIMIT);
	expect_of("child-heap 25165824", &limits, BOX_MEMORY_LIMIT);
	expect_of("exit 0", &limits, BOX_EXITED);
}

/* All of the run's processes end, without cgroup.kill too: support_close() looks for survivors. */
static void time_is_limited(void **state)
{
	(void)state;
	struct limits limits = support_limits();
	limits.cpu_time_us = 300000;
	expect_of("spin 0", &limits, BOX_CPU_LIMIT);
	expect_of("spin-children 8 0", &limits, BOX_CPU_LIMIT);
	limits = support_limits();
	limits.wall_time_us = 500000;
	expect_of("sleep 60000000", &limits, BOX_WALL_LIMIT);
	limits = support_limits();
	expect_of("exit 0", &limits, BOX_EXITED);
}

static int set_up(void **state)
{
	if (support_open(state) < 0)
		return -1;
	lane = support_lane();
	return 0;
}

static int tear_down(void **state)
{
	lane_free(lane);
	return support_close(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(peaks_are_unknown),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(time_is_limited),
	};
	return cmocka_run_group_tests_name("old kernel", tests, set_up, tear_down);
}
