/* One system call after the other fails once: in the start of a lane maker, in the making of a lane, in runs.
 *
 * What must hold each time: the call above fails with a code and a text that says what was being done, or it
 * succeeds, and then as if nothing had happened: never a wrong result. What comes next works, and nothing is left
 * behind: no descriptor, process, mount or control group.
 *
 *     test_faults [CALL]       just one of faults.h's calls
 */
#include "faults.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char *const names[] = {
#define CALL(name, error) #name,
	FAULT_CALLS(CALL)
#undef CALL
};

enum { RUNS = 5, SETTLE_MS = 10000 };

static struct fault_plan *plan;
static const char *only;
static int bundle = -1;
static int failed_calls, told;

static const struct sandbox_options options = { .program = LANE_MAKER_FAULTY };

static bool wanted(int call)
{
	return !only || strcmp(only, names[call]) == 0;
}

static void arm(int call, int number)
{
	atomic_store(&plan->fired, 0);
	atomic_store(&plan->countdown, number);
	atomic_store(&plan->call, call);
}

static void disarm(void)
{
	atomic_store(&plan->call, -1);
}

static void count_from_here(void)
{
	for (int i = 0; i < FAULT_COUNT; i++)
		atomic_store(&plan->seen[i], 0);
}

/* Failed: then it said why. */
static void check_error(const char *what, int call, int number, int code, const struct error *err)
{
	if (code < 0 && (!err->text[0] || err->code >= 0))
		fail_msg("%s, %s %d: fails with %d and no word", what, names[call], number, code);
	if (code < 0 && !atomic_load(&plan->fired))
		fail_msg("%s, %s %d: fails by itself: %s", what, names[call], number, err->text);
	told += code < 0;
}

/* ---- what is done again and again ---- */

struct story {
	const char *arguments, *output, *collect;
	uint64_t session;
	int exit_code;
};
static const struct story stories[RUNS] = {
	{ "cat", "some input", NULL, 1, 0 },     { "exit 3", "", NULL, 1, 3 },
	{ "write kept 10", NULL, "kept", 2, 0 }, { "exit 4", "", NULL, 0, 4 },
	{ "cat", "some input", NULL, 3, 0 },
};

static int run_story(struct lane *lane, const struct story *story, const char *what, struct error *err)
{
	struct actor_run run;
	cleanup_with(box_result_free) struct box_result result = { .collected_fd = -1 };
	support_actor(&run, story->arguments);
	run.spec.session = story->session;
	run.spec.bundle_fd = bundle;
	run.spec.stdin_data = "some input";
	run.spec.stdin_size = 10;
	run.spec.collect = story->collect;
	run.spec.collect_bytes = 1 << 20;
	run.spec.limits.wall_time_us = 3000000;
	int code = box_run(lane, &run.spec, &result, err);
	if (code < 0)
		return code;
	support_expect(what, &result, BOX_EXITED, story->exit_code);
	if (story->output && strcmp(result.stdout_data, story->output) != 0)
		fail_msg("%s: says '%s', expected '%s'", what, result.stdout_data, story->output);
	if (story->collect && result.collected_fd < 0)
		return error_set(err, -EIO, "nothing was collected"); /* as the compiler's caller finds it */
	return 0;
}

static void runs_work(struct lane *lane, const char *what)
{
	for (int i = 0; i < RUNS; i++) {
		struct error err = { 0 };
		if (run_story(lane, &stories[i], what, &err) < 0)
			fail_msg("%s, and nothing fails any more: %s", what, err.text);
	}
}

static bool same_state(const struct host_state *left, const struct host_state *right)
{
	return left->descriptors == right->descriptors && left->mounts == right->mounts &&
	       left->descendants == right->descendants &&
	       left->descendants_descriptors == right->descendants_descriptors;
}

/* Ends and preparations take their time; then it must be as before. */
static void nothing_is_left(const char *what, const struct host_state *before)
{
	struct host_state now;
	for (int waited_ms = 0; waited_ms < SETTLE_MS; waited_ms += 5) {
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
		support_host_state(&now);
		if (same_state(before, &now))
			return;
		usleep(5000);
	}
	fail_msg("%s: descriptors %d, mounts %d, descendants %d with %d descriptors; before %d, %d, %d, %d",
		 what, now.descriptors, now.mounts, now.descendants, now.descendants_descriptors,
		 before->descriptors, before->mounts, before->descendants, before->descendants_descriptors);
}

/* ---- the three ---- */

static void a_start_that_fails(void **state)
{
	struct host_state before;
	int counts[FAULT_COUNT];
	struct sandbox *sandbox;
	struct error err = { 0 };
	support_host_state(&before);
	count_from_here();
	if (sandbox_open(&options, &sandbox, &err) < 0)
		fail_msg("%s", err.text);
	for (int i = 0; i < FAULT_COUNT; i++)
		counts[i] = atomic_load(&plan->seen[i]);
	sandbox_close(sandbox);
	nothing_is_left("a start", &before);
	for (int call = 0; call < FAULT_COUNT; call++)
		for (int number = 1; wanted(call) && number <= counts[call]; number++) {
			char what[80];
			snprintf(what, sizeof what, "start, %s %d", names[call], number);
			err = (struct error){ 0 };
			arm(call, number);
			int code = sandbox_open(&options, &sandbox, &err);
			disarm();
			check_error("start", call, number, code, &err);
			failed_calls++;
			if (code == 0)
				sandbox_close(sandbox);
			nothing_is_left(what, &before);
		}
}

static void a_lane_that_fails(void **state)
{
	struct host_state before;
	int counts[FAULT_COUNT];
	struct sandbox *sandbox;
	struct lane *lane;
	struct error err = { 0 };
	assert_int_equal(sandbox_open(&options, &sandbox, NULL), 0);
	support_host_state(&before);
	count_from_here();
	if (lane_new(sandbox, &lane, &err) < 0)
		fail_msg("%s", err.text);
	for (int i = 0; i < FAULT_COUNT; i++)
		counts[i] = atomic_load(&plan->seen[i]);
	lane_free(lane);
	nothing_is_left("a lane", &before);
	for (int call = 0; call < FAULT_COUNT; call++)
		for (int number = 1; wanted(call) && number <= counts[call]; number++) {
			char what[80];
			snprintf(what, sizeof what, "lane, %s %d", names[call], number);
			err = (struct error){ 0 };
			arm(call, number);
			int code = lane_new(sandbox, &lane, &err);
			check_error("lane", call, number, code, &err);
			disarm();
			failed_calls++;
			if (code < 0 && lane_new(sandbox, &lane, &err) < 0) {
				/* The lane maker itself went: whoever holds its socket hears so, and starts another. */
				sandbox_close(sandbox);
				assert_int_equal(sandbox_open(&options, &sandbox, NULL), 0);
				assert_int_equal(lane_new(sandbox, &lane, NULL), 0);
			}
			if (number == 1)
				runs_work(lane, what);
			lane_free(lane);
			nothing_is_left(what, &before);
		}
	sandbox_close(sandbox);
}

/* Runs of one lane; what is prepared behind them is part of it. */
static void runs_that_fail(void **state)
{
	struct host_state before;
	int counts[FAULT_COUNT];
	struct sandbox *sandbox;
	struct lane *lane;
	struct error err = { 0 };
	assert_int_equal(sandbox_open(&options, &sandbox, NULL), 0);
	assert_int_equal(lane_new(sandbox, &lane, NULL), 0);
	runs_work(lane, "before");
	usleep(100000); /* the next init is prepared */
	support_host_state(&before);
	count_from_here();
	runs_work(lane, "counted");
	for (int i = 0; i < FAULT_COUNT; i++)
		counts[i] = atomic_load(&plan->seen[i]);
	for (int call = 0; call < FAULT_COUNT; call++)
		for (int number = 1; wanted(call) && number <= counts[call]; number++) {
			char what[80];
			snprintf(what, sizeof what, "run, %s %d", names[call], number);
			arm(call, number);
			for (int i = 0; i < RUNS; i++) {
				err = (struct error){ 0 };
				check_error("run", call, number, run_story(lane, &stories[i], what, &err),
					    &err);
			}
			disarm();
			failed_calls++;
			runs_work(lane, what);
			nothing_is_left(what, &before);
		}
	lane_free(lane);
	sandbox_close(sandbox);
}

static int set_up(void **state)
{
	int fd = memfd_create("faults", 0);
	if (fd < 0 || ftruncate(fd, sizeof *plan) < 0 || dup2(fd, FAULT_PLAN_FD) < 0)
		return -1;
	close(fd);
	plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, FAULT_PLAN_FD, 0);
	if (plan == MAP_FAILED)
		return -1;
	disarm();
	bundle = support_bundle((const char *const[]){ "actor" }, 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return 0;
}

static int tear_down(void **state)
{
	int folders = support_cgroup_folders();
	printf("%d system calls failed, one at a time; %d times the caller was told\n", failed_calls, told);
	close_fd(&bundle);
	if (folders > 0)
		return fprintf(stderr, "%d folders of control groups are left\n", folders);
	return only || failed_calls > 300 ? 0 : -1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_that_fails),
		cmocka_unit_test(a_lane_that_fails),
		cmocka_unit_test(runs_that_fail),
	};
	only = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests_name("faults", tests, set_up, tear_down);
}
