/* A pool of lanes under ten thousand runs: what it holds afterwards is what it held before, in numbers. */
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LANES = 3, RUNS = 10000, SETTLE_MS = 10000 };

static struct lane *lanes[LANES];

/* What a contest's programs do, and how often in a hundred. */
static const struct {
	const char *arguments;
	int until;
	enum box_outcome outcome;
	int code;
} mix[] = {
	{ "exit 0", 60, BOX_EXITED, 0 },
	{ "exit 7", 70, BOX_EXITED, 7 },
	{ "signal 11", 76, BOX_SIGNALED, 11 },
	{ "write /tmp/left 100000", 84, BOX_EXITED, 0 },
	{ "tree /box/t", 88, BOX_EXITED, 0 },
	{ "children 5", 92, BOX_EXITED, 0 },
	{ "output 1 200000", 95, BOX_OUTPUT_LIMIT, 0 },
	{ "names /tmp", 97, BOX_EXITED, 0 },
	{ "heap 100000000", 99, BOX_MEMORY_LIMIT, 0 },
	{ "spin 60000000", 100, BOX_CPU_LIMIT, 0 },
};

struct pool_thread {
	struct lane *lane;
	int first, runs;
	char failure[256];
};

static void check(struct pool_thread *thread, size_t kind, const struct box_result *result)
{
	bool right = result->outcome == mix[kind].outcome &&
		     (result->outcome != BOX_EXITED || result->exit_code == mix[kind].code);
	/* Programs that make things say how far they came; what counts here is that the box stands. */
	bool makes = strchr("wtcn", mix[kind].arguments[0]) != NULL && result->outcome == BOX_EXITED;
	if (!right && !makes && !thread->failure[0])
		snprintf(thread->failure, sizeof thread->failure, "%s: %s, exit %d, signal %d",
			 mix[kind].arguments, box_outcome_name(result->outcome), result->exit_code,
			 result->signal);
}

static void *run_many(void *context)
{
	struct pool_thread *thread = context;
	for (int i = 0; i < thread->runs && !thread->failure[0]; i++) {
		int number = thread->first + i, draw = (number * 37) % 100;
		size_t kind = 0;
		struct actor_run run;
		struct box_result result;
		struct error err = { 0 };
		while (draw >= mix[kind].until)
			kind++;
		support_actor(&run, mix[kind].arguments);
		run.spec.session = number % 5 ? 1 + (uint64_t)number / 10 : 0;
		run.spec.limits.wall_time_us = 60000000;
		run.spec.limits.cpu_time_us = mix[kind].outcome == BOX_CPU_LIMIT ? 20000 : 2000000;
		if (box_run(thread->lane, &run.spec, &result, &err) < 0)
			snprintf(thread->failure, sizeof thread->failure, "%s: %.200s", mix[kind].arguments,
				 err.text);
		else
			check(thread, kind, &result);
		box_result_free(&result);
	}
	return NULL;
}

static void run_all(int runs)
{
	pthread_t threads[LANES];
	static struct pool_thread work[LANES];
	for (int i = 0; i < LANES; i++) {
		work[i] = (struct pool_thread){ .lane = lanes[i], .first = i * runs, .runs = runs / LANES };
		assert_int_equal(pthread_create(&threads[i], NULL, run_many, &work[i]), 0);
	}
	for (int i = 0; i < LANES; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < LANES; i++)
		if (work[i].failure[0])
			fail_msg("lane %d: %s", i, work[i].failure);
}

/* Of the lane maker and all that it made: resident memory of its own, kB. */
static long memory_of_lanes(void)
{
	pid_t found[64];
	long total_kb = 0;
	int count = support_descendants(found, 64);
	for (int i = 0; i < count; i++) {
		char path[64], line[128];
		long kb;
		snprintf(path, sizeof path, "/proc/%d/status", (int)found[i]);
		FILE *status = fopen(path, "re");
		while (status && fgets(line, sizeof line, status))
			if (sscanf(line, "RssAnon: %ld", &kb) == 1)
				total_kb += kb;
		if (status)
			fclose(status);
	}
	return total_kb;
}

struct numbers {
	struct host_state host;
	int folders;
	long memory_kb;
};

/* When the last boxes have been cleared away and the next are prepared. */
static struct numbers settled(void)
{
	struct numbers now = { 0 }, before;
	int same = 0;
	for (int waited_ms = 0; same < 10 && waited_ms < SETTLE_MS; waited_ms += 20) {
		before = now;
		support_host_state(&now.host);
		now.folders = support_cgroup_folders();
		bool still = before.folders == now.folders &&
			     before.host.descendants == now.host.descendants &&
			     before.host.descendants_descriptors == now.host.descendants_descriptors;
		same = still ? same + 1 : 0;
		usleep(20000);
	}
	now.memory_kb = memory_of_lanes();
	return now;
}

static void ten_thousand_runs_leave_nothing(void **state)
{
	const int runs = RUNS / support_slowness();
	run_all(runs / 20); /* every lane has had each kind of program */
	struct numbers before = settled();
	run_all(runs);
	struct numbers after = settled();
	printf("%d runs in %d lanes: descriptors %d, of lanes %d; processes %d; mounts %d; groups %d; memory "
	       "%ld kB\n",
	       runs, LANES, after.host.descriptors, after.host.descendants_descriptors,
	       after.host.descendants, after.host.mounts, after.folders, after.memory_kb);
	assert_int_equal(after.host.descriptors, before.host.descriptors);
	assert_int_equal(after.host.mounts, before.host.mounts);
	assert_int_equal(after.folders, before.folders);
	if (!support_own_maker())
		return;
	assert_int_equal(after.host.descendants, before.host.descendants);
	assert_int_equal(after.host.descendants_descriptors, before.host.descendants_descriptors);
#ifndef __SANITIZE_ADDRESS__                                         /* which keeps what was freed */
	assert_in_range(after.memory_kb, 0, before.memory_kb + 512); /* a leak of 50 bytes a run would show */
#endif
}

static int set_up(void **state)
{
	if (support_open(state) < 0)
		return -1;
	for (int i = 0; i < LANES; i++)
		lanes[i] = support_lane();
	return 0;
}

static int tear_down(void **state)
{
	for (int i = 0; i < LANES; i++)
		lane_free(lanes[i]);
	return support_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ten_thousand_runs_leave_nothing) };
	return cmocka_run_group_tests_name("pool", tests, set_up, tear_down);
}
