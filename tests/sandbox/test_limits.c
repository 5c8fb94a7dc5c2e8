/* Every limit, with its exact outcome: what ends a run and what only makes a call fail. */
#include "support.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MIB (1 << 20)

static struct lane *lane;

/* One run of the actor with limits of its own. */
struct limited {
	const char *arguments;
	struct limits limits; /* where not 0, instead of the usual */
	enum box_outcome outcome;
	int code; /* exit code or signal */
	const char *says;
};

static bool ends_by_time(const struct limited *limited)
{
	return limited->outcome == BOX_CPU_LIMIT || limited->outcome == BOX_WALL_LIMIT;
}

static struct limits limits_of(const struct limited *limited)
{
	const struct limits *changes = &limited->limits;
	struct limits limits = support_limits();
	const int slowness = ends_by_time(limited) ? 1 : support_slowness();
	const struct {
		int64_t *to;
		int64_t from;
	} wide[] = { { &limits.cpu_time_us, changes->cpu_time_us * slowness },
		     { &limits.wall_time_us, changes->wall_time_us * slowness },
		     { &limits.memory_bytes, changes->memory_bytes },
		     { &limits.output_bytes, changes->output_bytes },
		     { &limits.file_bytes, changes->file_bytes },
		     { &limits.disk_bytes, changes->disk_bytes } };
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
		*wide[i].to = wide[i].from ? wide[i].from : *wide[i].to;
	limits.inodes = changes->inodes ? changes->inodes : limits.inodes;
	limits.processes = changes->processes ? changes->processes : limits.processes;
	limits.open_files = changes->open_files ? changes->open_files : limits.open_files;
	return limits;
}

static void run_limited(const struct limited *limited, struct box_result *result)
{
	struct actor_run run;
	support_actor(&run, limited->arguments);
	run.spec.limits = limits_of(limited);
	support_run(lane, &run.spec, result);
	support_expect(limited->arguments, result, limited->outcome, limited->code);
	if (limited->says && !strstr(result->stdout_data, limited->says))
		fail_msg("%s: does not say '%s' but '%s'", limited->arguments, limited->says,
			 result->stdout_data);
}

/* The rule of the house, a row a case. */
static const struct limited cases[] = {
	/* CPU time: of the program, of the kernel for it, of its children together */
	{ "spin 0", { .cpu_time_us = 150000 }, BOX_CPU_LIMIT, 0, NULL },
	{ "call", { .cpu_time_us = 150000 }, BOX_CPU_LIMIT, 0, NULL },
	{ "spin-children 4 100000", { .cpu_time_us = 200000 }, BOX_CPU_LIMIT, 0, NULL },
	{ "spin 100000", { .cpu_time_us = 1000000 }, BOX_EXITED, 0, NULL },
	{ "sleep 300000", { .cpu_time_us = 150000 }, BOX_EXITED, 0, NULL },

	/* wall time */
	{ "sleep 60000000", { .wall_time_us = 200000 }, BOX_WALL_LIMIT, 0, NULL },
	{ "sleep 100000", { .wall_time_us = 3000000 }, BOX_EXITED, 0, NULL },

	/* memory: resident, of all processes, the stack too; a kill of one's own is none */
	{ "heap 33554432", { .memory_bytes = 32 * MIB }, BOX_MEMORY_LIMIT, 0, NULL },
	{ "heap 25165824", { .memory_bytes = 32 * MIB }, BOX_EXITED, 0, NULL },
	{ "child-heap 67108864", { .memory_bytes = 32 * MIB }, BOX_MEMORY_LIMIT, 0, NULL },
	{ "stack 67108864", { .memory_bytes = 32 * MIB }, BOX_MEMORY_LIMIT, 0, NULL },
	{ "stack 50331648", { .memory_bytes = 64 * MIB }, BOX_EXITED, 0, NULL },
	{ "heap 2097152", { .memory_bytes = MIB }, BOX_MEMORY_LIMIT, 0, NULL },
	{ "stack-limit", { 0 }, BOX_EXITED, 0, "unlimited" },
	{ "write /tmp/file 50331648",
	  { .memory_bytes = 32 * MIB, .disk_bytes = 64 * MIB, .file_bytes = 64 * MIB },
	  BOX_MEMORY_LIMIT,
	  0,
	  NULL },
	{ "signal 9", { 0 }, BOX_SIGNALED, 9, NULL },

	/* output: the cap itself is allowed, a byte more is not */
	{ "output 1 10000", { .output_bytes = 10000 }, BOX_EXITED, 0, NULL },
	{ "output 1 10001", { .output_bytes = 10000 }, BOX_OUTPUT_LIMIT, 0, NULL },
	{ "output 2 10000", { .output_bytes = 10000 }, BOX_EXITED, 0, NULL },
	{ "output 2 10001", { .output_bytes = 10000 }, BOX_OUTPUT_LIMIT, 0, NULL },
	{ "output 1 200000000", { .output_bytes = 10000 }, BOX_OUTPUT_LIMIT, 0, NULL },

	/* file size: a signal, or, when the program ignores that, its failure with a file at the limit */
	{ "write /box/file 100000", { .file_bytes = 100000 }, BOX_EXITED, 0, "left 0" },
	{ "write /box/file 100001", { .file_bytes = 100000 }, BOX_FILE_LIMIT, 0, NULL },
	{ "write-ignoring /box/file 100001", { .file_bytes = 100000 }, BOX_FILE_LIMIT, 0, "left 1 EFBIG" },
	{ "stretch /tmp/file 100001", { .file_bytes = 100000 }, BOX_FILE_LIMIT, 0, NULL },

	/* what only makes a call fail */
	{ "write /box/file 1100000", { .disk_bytes = MIB }, BOX_EXITED, 1, "ENOSPC" },
	{ "write /tmp/file 1100000", { .disk_bytes = MIB }, BOX_EXITED, 1, "ENOSPC" },
	{ "write /dev/shm/file 1100000", { .disk_bytes = MIB }, BOX_EXITED, 1, "ENOSPC" },
	{ "write /tmp/file 1000000", { .disk_bytes = MIB }, BOX_EXITED, 0, "left 0" },
	{ "names /tmp", { .inodes = 100 }, BOX_EXITED, 0, "ENOSPC" },
	{ "names /box", { .inodes = 100 }, BOX_EXITED, 0, "ENOSPC" },
	{ "children", { .processes = 10 }, BOX_EXITED, 0, "children 9 EAGAIN" },
	{ "children", { .processes = 1 }, BOX_EXITED, 0, "children 0 EAGAIN" },
	{ "threads", { .processes = 10 }, BOX_EXITED, 0, "threads 9 EAGAIN" },
	{ "open", { .open_files = 20 }, BOX_EXITED, 0, "opened 17 EMFILE" },
};

static void every_limit_has_its_outcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct box_result result;
		run_limited(&cases[i], &result);
		box_result_free(&result);
	}
}

/* The same rows as test cases of one submission: limits change from run to run in one box. */
static void limits_change_within_a_session(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct box_result result;
		struct actor_run run;
		support_actor(&run, cases[i].arguments);
		run.spec.limits = limits_of(&cases[i]);
		run.spec.session = 77;
		support_run(lane, &run.spec, &result);
		support_expect(cases[i].arguments, &result, cases[i].outcome, cases[i].code);
		if (cases[i].says && !strstr(result.stdout_data, cases[i].says))
			fail_msg("%s: says '%s'", cases[i].arguments, result.stdout_data);
		box_result_free(&result);
	}
}

/* ---- figures ---- */

static void times_are_charged(void **state)
{
	(void)state;
	struct box_result result;
	run_limited(&(struct limited){ "spin 100000", { 0 }, BOX_EXITED, 0, NULL }, &result);
	assert_in_range(result.cpu_us, 95000, 2000000 * support_slowness());
	assert_true(result.wall_us >= 95000);
	assert_int_equal(result.cpu_user_us + result.cpu_system_us, result.cpu_us);
	if (support_slowness() == 1) /* an emulated kernel is busy enough with the start of a program */
		assert_true(result.cpu_user_us > result.cpu_system_us);
	box_result_free(&result);

	run_limited(&(struct limited){ "spin-children 3 50000", { 0 }, BOX_EXITED, 0, NULL }, &result);
	assert_true(result.cpu_us >= 140000); /* children count */
	box_result_free(&result);

	run_limited(&(struct limited){ "sleep 200000", { 0 }, BOX_EXITED, 0, NULL }, &result);
	assert_true(result.wall_us >= 200000);
	assert_true(result.cpu_us < 150000 * support_slowness()); /* sleeping costs nothing */
	box_result_free(&result);
}

static void time_limits_are_reached_first(void **state)
{
	(void)state;
	struct box_result result;
	run_limited(&(struct limited){ "spin 0", { .cpu_time_us = 150000 }, BOX_CPU_LIMIT, 0, NULL },
		    &result);
	assert_true(result.cpu_us >= 150000);
	box_result_free(&result);
	run_limited(&(struct limited){ "sleep 9000000", { .wall_time_us = 200000 }, BOX_WALL_LIMIT, 0, NULL },
		    &result);
	assert_true(result.wall_us >= 200000);
	assert_int_equal(result.exit_code, -1);
	box_result_free(&result);
}

static void memory_is_the_peak(void **state)
{
	(void)state;
	struct box_result result;
	if (sandbox_cgroup_version(support_sandbox()) == SANDBOX_CGROUP_NONE)
		return;
	run_limited(&(struct limited){ "exit 0", { 0 }, BOX_EXITED, 0, NULL }, &result);
	assert_in_range(result.memory_bytes, 1, 4 * MIB);
	box_result_free(&result);
	run_limited(&(struct limited){ "heap 20971520", { 0 }, BOX_EXITED, 0, NULL }, &result);
	assert_in_range(result.memory_bytes, 20 * MIB, 26 * MIB);
	box_result_free(&result);
	run_limited(&(struct limited){ "write /tmp/file 3145728", { 0 }, BOX_EXITED, 0, NULL }, &result);
	assert_in_range(result.memory_bytes, 3 * MIB, 8 * MIB);
	box_result_free(&result);
	run_limited(&(struct limited){ "exit 0", { 0 }, BOX_EXITED, 0, NULL }, &result);
	assert_in_range(result.memory_bytes, 1, 4 * MIB); /* not the lane's past */
	box_result_free(&result);
}

/* Reading the host's files is not memory of the program, and no reason to end it. */
static void page_cache_is_not_memory(void **state)
{
	(void)state;
	struct box_result result;
	const char *large =
		access("/usr/bin/node", R_OK) == 0 ? "swallow /usr/bin/node" : "swallow /usr/bin/python3";
	struct statfs host;
	if (sandbox_cgroup_version(support_sandbox()) == SANDBOX_CGROUP_NONE)
		return;
	if (statfs("/usr", &host) == 0 && host.f_type == HOSTFS_SUPER_MAGIC) {
		print_message("left out: hostfs forgets a file's pages as it is closed; nothing is left to "
			      "take off\n");
		skip();
	}
	for (int i = 0; i < 2; i++) {
		run_limited(&(struct limited){ large, { .memory_bytes = 32 * MIB }, BOX_EXITED, 0, NULL },
			    &result);
		assert_in_range(result.memory_bytes, 1, 6 * MIB);
		box_result_free(&result);
	}
}

/* What earlier runs left in the lane's cgroups (cached files, names looked up) is nobody's memory, and not a
 * gift to the next one either. */
static void the_past_is_no_gift(void **state)
{
	(void)state;
	struct box_result result;
	const struct limits limits = { .memory_bytes = 32 * MIB };
	for (int i = 0; i < (support_slowness() > 1 ? 2 : 4); i++) {
		run_limited(&(struct limited){ "swallow-all /usr/bin",
					       { .memory_bytes = 256 * MIB,
						 .cpu_time_us = 9000000,
						 .wall_time_us = 9000000 },
					       BOX_EXITED,
					       0,
					       NULL },
			    &result);
		box_result_free(&result);
		run_limited(&(struct limited){ "heap 34603008", limits, BOX_MEMORY_LIMIT, 0, NULL }, &result);
		box_result_free(&result);
		run_limited(&(struct limited){ "heap 28311552", limits, BOX_EXITED, 0, NULL }, &result);
		box_result_free(&result);
	}
}

static void processes_are_counted(void **state)
{
	(void)state;
	struct box_result result;
	run_limited(&(struct limited){ "children", { .processes = 20 }, BOX_EXITED, 0, "children 19" },
		    &result);
	if (result.processes_peak != BOX_UNKNOWN)
		assert_int_equal(result.processes_peak, 20);
	box_result_free(&result);
}

/* ---- output ---- */

static void output_up_to_the_cap_is_kept(void **state)
{
	(void)state;
	struct box_result result;
	run_limited(
		&(struct limited){ "output 1 10001", { .output_bytes = 10000 }, BOX_OUTPUT_LIMIT, 0, NULL },
		&result);
	assert_int_equal(result.stdout_size, 10000);
	assert_true(result.stdout_cut);
	assert_false(result.stderr_cut);
	assert_int_equal(result.stderr_size, 0);
	assert_int_equal(strspn(result.stdout_data, "o"), 10000);
	box_result_free(&result);

	run_limited(&(struct limited){ "output 2 10000", { .output_bytes = 10000 }, BOX_EXITED, 0, NULL },
		    &result);
	assert_int_equal(result.stderr_size, 10000);
	assert_false(result.stderr_cut);
	box_result_free(&result);
}

static void excess_may_be_thrown_away(void **state)
{
	(void)state;
	struct box_result result;
	struct actor_run run;
	support_actor(&run, "output 1 3000000");
	run.spec.discard_excess = true;
	support_run(lane, &run.spec, &result);
	support_expect("output, discarded", &result, BOX_EXITED, 0);
	assert_int_equal(result.stdout_size, run.spec.limits.output_bytes);
	assert_true(result.stdout_cut);
	box_result_free(&result);
}

/* ---- processors, nonsense ---- */

static int processors_of(int cpus)
{
	struct box_result result;
	struct actor_run run;
	support_actor(&run, "processors");
	run.spec.limits.cpus = cpus;
	support_run(lane, &run.spec, &result);
	support_expect("processors", &result, BOX_EXITED, 0);
	int count = atoi(result.stdout_data);
	box_result_free(&result);
	return count;
}

static void a_judged_run_has_one_processor(void **state)
{
	(void)state;
	cpu_set_t set;
	assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
	assert_int_equal(processors_of(1), 1);
	assert_int_equal(processors_of(0), CPU_COUNT(&set));
	assert_int_equal(processors_of(1), 1);
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct actor_run run;
		struct box_result result;
		struct error err = { 0 };
		support_actor(&run, "exit 0");
		if (i == 0)
			run.spec.limits.cpu_time_us = 0;
		if (i == 1)
			run.spec.limits.wall_time_us = -1;
		if (i == 2)
			run.spec.limits.memory_bytes = 0;
		if (i == 3)
			run.spec.limits.processes = 0;
		if (i == 4)
			run.spec.limits.open_files = 0;
		if (i == 5)
			run.spec.limits.inodes = -5;
		assert_true(box_run(lane, &run.spec, &result, &err) < 0);
		assert_int_equal(result.outcome, BOX_INTERNAL_ERROR);
		assert_true(err.text[0] != '\0');
		box_result_free(&result);
	}
	struct box_result result;
	support_act(lane, "exit 0", &result); /* the lane is as before */
	support_expect("exit 0", &result, BOX_EXITED, 0);
	box_result_free(&result);
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

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_limit_has_its_outcome),
		cmocka_unit_test(limits_change_within_a_session),
		cmocka_unit_test(times_are_charged),
		cmocka_unit_test(time_limits_are_reached_first),
		cmocka_unit_test(memory_is_the_peak),
		cmocka_unit_test(page_cache_is_not_memory),
		cmocka_unit_test(the_past_is_no_gift),
		cmocka_unit_test(processes_are_counted),
		cmocka_unit_test(output_up_to_the_cap_is_kept),
		cmocka_unit_test(excess_may_be_thrown_away),
		cmocka_unit_test(a_judged_run_has_one_processor),
		cmocka_unit_test(nonsense_is_refused),
	};
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return support_run_group("limits", tests, set_up, tear_down);
}
