/* Time limits and figures while every processor is busy: verdicts by CPU time, figures as the program has them
 * itself, a run's end also when its init does not hear. `arena bench accuracy` measures the same at length. */
#include "support.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BURNERS_MAX = 64, VERDICT_RUNS = 50, LIMIT_US = 60000, FAR_US = 60000000, MS = 1000 };

static struct lane *lane;
static pid_t burners[BURNERS_MAX];
static int burner_count;

/* ---- other work ---- */

static _Noreturn void burn(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (volatile unsigned long i = 0;; i++) {
	}
}

/* Nice, so that fifty runs do not take long; the processors are busy all the same. */
static int start_burners(void **state)
{
	cpu_set_t set;
	pid_t parent = getpid();
	int wanted = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	for (burner_count = 0; burner_count < wanted && burner_count < BURNERS_MAX; burner_count++) {
		burners[burner_count] = fork();
		if (burners[burner_count] == 0) {
			if (nice(10) < 0)
				_exit(1);
			burn(parent);
		}
		if (burners[burner_count] < 0)
			return -1;
	}
	return 0;
}

static int end_burners(void **state)
{
	while (burner_count > 0) {
		kill(burners[--burner_count], SIGKILL);
		waitpid(burners[burner_count], NULL, 0);
	}
	return 0;
}

/* ---- verdicts ---- */

static void run_within(const char *arguments, int64_t cpu_us, int64_t wall_us, struct box_result *result)
{
	struct actor_run run;
	support_actor(&run, arguments);
	run.spec.session = 5;
	run.spec.limits.cpu_time_us = cpu_us;
	run.spec.limits.wall_time_us = wall_us;
	run.spec.limits.cpus = 1;
	support_run(lane, &run.spec, result);
}

/* What the last line "used N" says. */
static int64_t used_of(const struct box_result *result)
{
	const char *word = strstr(result->stdout_data, "used ");
	if (!word) {
		fail_msg("the program does not say what it used: '%s'", result->stdout_data);
		return -1;
	}
	return strtoll(word + strlen("used "), NULL, 10);
}

static bool is_stopped_at(int percent)
{
	char arguments[32];
	struct box_result result;
	snprintf(arguments, sizeof arguments, "spin %d", LIMIT_US / 100 * percent);
	run_within(arguments, LIMIT_US, FAR_US, &result);
	bool stopped = result.outcome == BOX_CPU_LIMIT;
	if (!stopped)
		support_expect(arguments, &result, BOX_EXITED, 0);
	assert_int_equal(stopped, result.cpu_us > LIMIT_US);
	box_result_free(&result);
	return stopped;
}

/* What the host takes away from a virtual machine may be charged to the program, by its own clock too: a run that
 * was stopped gets two more chances. */
static void below_its_limit_a_program_goes_on(void **state)
{
	for (int i = 0; i < VERDICT_RUNS / support_slowness(); i++) {
		int tries = 3;
		while (is_stopped_at(90))
			if (--tries == 0)
				fail_msg("run %d was stopped", i);
	}
}

static void above_it_none_does(void **state)
{
	for (int i = 0; i < VERDICT_RUNS / support_slowness(); i++)
		if (!is_stopped_at(110))
			fail_msg("run %d was not stopped", i);
}

static void threads_together_have_one_limit(void **state)
{
	struct box_result result;
	struct actor_run run;
	support_actor(&run, "spin-children 4 0");
	run.spec.limits.cpu_time_us = LIMIT_US;
	run.spec.limits.wall_time_us = FAR_US;
	support_run(lane, &run.spec, &result);
	support_expect("four that spin", &result, BOX_CPU_LIMIT, 0);
	assert_true(result.cpu_us > LIMIT_US);
	box_result_free(&result);
}

/* ---- figures ---- */

static int compare_numbers(const void *left, const void *right)
{
	int64_t l = *(const int64_t *)left, r = *(const int64_t *)right;
	return (l > r) - (l < r);
}

/* Within 2 ms or 2 %, by the median of some runs: one may be charged with what the host took away. */
static void expect_own_figure(const char *arguments)
{
	enum { RUNS = 5 };
	int64_t errors_us[RUNS], used_us = 0;
	for (int i = 0; i < RUNS; i++) {
		struct box_result result;
		support_act(lane, arguments, &result);
		support_expect(arguments, &result, BOX_EXITED, 0);
		used_us = used_of(&result);
		errors_us[i] = llabs(result.cpu_us - used_us);
		assert_int_equal(result.cpu_user_us + result.cpu_system_us, result.cpu_us);
		box_result_free(&result);
	}
	qsort(errors_us, RUNS, sizeof errors_us[0], compare_numbers);
	const int64_t allowed_us = used_us / 50 > 2 * MS ? used_us / 50 : 2 * MS;
	if (errors_us[RUNS / 2] > allowed_us * support_slowness())
		fail_msg("%s: %lld us beside what it says itself", arguments, (long long)errors_us[RUNS / 2]);
}

static void figures_are_the_programs_own(void **state)
{
	expect_own_figure("used spin 50000");
	expect_own_figure("used exit 0");
	expect_own_figure("used sleep 50000");
	expect_own_figure("used spin-children 4 10000");
	expect_own_figure("used fork 100");
	expect_own_figure("used swallow /usr/bin/python3");
	expect_own_figure("used write /tmp/file 500000");
}

/* ---- the end, whatever the init does ---- */

/* Both inits of the lane: the one that runs the program, and the next. */
static void stop_inits(void)
{
	char path[64], list[256] = "";
	int keeper = (int)support_youngest_keeper();
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", keeper, keeper);
	FILE *children = fopen(path, "re");
	assert_non_null(children);
	assert_non_null(fgets(list, sizeof list, children));
	fclose(children);
	for (char *at = list, *end; strtol(at, &end, 10) > 0; at = end)
		assert_int_equal(kill((pid_t)strtol(at, NULL, 10), SIGSTOP), 0);
}

static void an_init_that_does_not_hear_is_ended(void **state)
{
	if (!support_own_maker()) {
		print_message("left out: the keepers are another process's children\n");
		skip();
	}
	struct lane *other = support_lane();
	struct box_result result;
	struct actor_run run;
	support_actor(&run, "spin 0");
	run.spec.limits.cpu_time_us = FAR_US;
	run.spec.limits.wall_time_us = 300 * MS * support_slowness();
	assert_int_equal(box_begin(other, &run.spec, NULL), 0);
	usleep(100000 * (useconds_t)support_slowness());
	stop_inits();
	assert_int_equal(box_end(other, &result, NULL), 0);
	support_expect("beneath an init that is stopped", &result, BOX_WALL_LIMIT, 0);
	assert_true(result.wall_us >= run.spec.limits.wall_time_us);
	box_result_free(&result);
	support_act(other, "exit 0", &result); /* the lane has made itself another */
	support_expect("exit 0", &result, BOX_EXITED, 0);
	box_result_free(&result);
	lane_free(other);
}

/* ---- priorities ---- */

/* The watchman's is nobody else's: a program that had it would stop the machine. */
static void no_program_has_priority(void **state)
{
	for (uint64_t session = 0; session < 2; session++)
		for (int i = 0; i < 3; i++) {
			struct box_result result;
			struct actor_run run;
			support_actor(&run, "policy");
			run.spec.session = session;
			support_run(lane, &run.spec, &result);
			support_expect("policy", &result, BOX_EXITED, SCHED_OTHER);
			box_result_free(&result);
		}
}

static void the_keeper_has_given_it_back(void **state)
{
	if (!support_own_maker()) {
		print_message("left out: the keepers are another process's children\n");
		skip();
	}
	assert_int_equal(sched_getscheduler(support_youngest_keeper()), SCHED_OTHER);
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
		cmocka_unit_test_setup_teardown(below_its_limit_a_program_goes_on, start_burners,
						end_burners),
		cmocka_unit_test_setup_teardown(above_it_none_does, start_burners, end_burners),
		cmocka_unit_test_setup_teardown(threads_together_have_one_limit, start_burners, end_burners),
		cmocka_unit_test_setup_teardown(figures_are_the_programs_own, start_burners, end_burners),
		cmocka_unit_test(an_init_that_does_not_hear_is_ended),
		cmocka_unit_test(no_program_has_priority),
		cmocka_unit_test(the_keeper_has_given_it_back),
	};
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("timing", tests, set_up, tear_down);
}
