/* What only cgroup v2 has: namespaces of groups, a leaf a run, and places where lanes can and cannot be made.
 * Meant for the guest, where nobody else uses the hierarchy. */
#include "../sandbox/support.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MIB    (1 << 20)
#define GROUPS "/sys/fs/cgroup"

static struct lane *lane;

static struct box_spec spec_of(const char *const *argv)
{
	return (struct box_spec){
		.argv = argv,
		.bundle_fd = -1,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
}

static void it_is_version_2(void **state)
{
	(void)state;
	assert_int_equal(sandbox_cgroup_version(support_sandbox()), SANDBOX_CGROUP_V2);
}

/* Neither where on the host it is, nor whose lane. */
static void a_program_sees_its_own_group(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct box_result result;
		struct box_spec spec =
			spec_of((const char *const[]){ "/usr/bin/cat", "/proc/self/cgroup", NULL });
		support_run(lane, &spec, &result);
		support_expect("cat", &result, BOX_EXITED, 0);
		if (strcmp(result.stdout_data, "0::/box0/run\n") != 0)
			assert_string_equal(result.stdout_data, "0::/box1/run\n");
		box_result_free(&result);
	}
}

static int64_t memory_of(const char *arguments, uint64_t session)
{
	struct actor_run run;
	struct box_result result;
	support_actor(&run, arguments);
	run.spec.session = session;
	support_run(lane, &run.spec, &result);
	support_expect(arguments, &result, BOX_EXITED, 0);
	int64_t bytes = result.memory_bytes;
	box_result_free(&result);
	return bytes;
}

/* Also where the kernel cannot reset a peak: every run has a leaf of its own. */
static void a_runs_peak_is_its_own(void **state)
{
	(void)state;
	if (memory_of("exit 0", 1) == BOX_UNKNOWN) /* before Linux 5.19 */
		return;
	assert_in_range(memory_of("heap 20971520", 1), 20 * MIB, 26 * MIB);
	assert_in_range(memory_of("exit 0", 1), 1, 4 * MIB);
	assert_in_range(memory_of("heap 10485760", 1), 10 * MIB, 16 * MIB);
}

/* ---- where the lane maker is started ---- */

static void write_to(const char *path, const char *text)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(path);
		_exit(100);
	}
}

static void needs_root(void)
{
	if (geteuid() == 0)
		return;
	printf("left out: only root moves among the groups of this test\n");
	skip();
}

/* As systemd has it: a leaf below a group that hands nothing down. */
static void enter_a_scope(void)
{
	mkdir(GROUPS "/user.slice", 0755);
	mkdir(GROUPS "/user.slice/session.scope", 0755);
	write_to(GROUPS "/user.slice/session.scope/cgroup.procs", "0");
}

/* As containers have it: what is the root in here is not the hierarchy's, and is where everybody is. */
static void enter_a_container(void)
{
	mkdir(GROUPS "/container", 0755);
	write_to(GROUPS "/container/cgroup.procs", "0");
	if (unshare(CLONE_NEWCGROUP | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || umount2(GROUPS, MNT_DETACH) < 0 ||
	    mount("cgroup2", GROUPS, "cgroup2", 0, NULL) < 0)
		_exit(100);
}

/* 0 when a program was run in a lane of a lane maker that was started here. */
static int run_here(struct error *err)
{
	struct sandbox *sandbox = NULL;
	struct lane *here = NULL;
	struct box_result result;
	const struct box_spec spec = spec_of((const char *const[]){ "/usr/bin/true", NULL });
	int code = sandbox_open(&(struct sandbox_options){ .program = LANE_MAKER }, &sandbox, err);
	if (code < 0)
		return code;
	code = lane_new(sandbox, &here, err);
	if (code == 0) {
		code = box_run(here, &spec, &result, err);
		if (code == 0 && (result.outcome != BOX_EXITED || result.exit_code != 0))
			code = -EIO;
		box_result_free(&result);
	}
	lane_free(here);
	sandbox_close(sandbox);
	return code;
}

static void expect_of_child(int (*child_main)(void))
{
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(child_main());
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static int in_a_scope(void)
{
	struct error err = { 0 };
	enter_a_scope();
	if (run_here(&err) == 0)
		return 0;
	fprintf(stderr, "in a scope: %s\n", err.text);
	return 1;
}

static void a_scope_will_do(void **state)
{
	(void)state;
	needs_root();
	expect_of_child(in_a_scope);
}

/* The error says what to do; what it says is done, and helps. */
static int in_a_container(void)
{
	static const char before_advice[] = "move them: ";
	struct error err = { 0 };
	enter_a_container();
	int code = run_here(&err);
	const char *advice = strstr(err.text, before_advice);
	if (code != -EBUSY || !advice) {
		fprintf(stderr, "in a container: %d %s\n", code, err.text);
		return 1;
	}
	if (system(advice + strlen(before_advice)) < 0)
		return 2;
	if (run_here(&err) == 0)
		return 0;
	fprintf(stderr, "in a container, as advised: %s\n", err.text);
	return 3;
}

static void a_busy_container_gets_advice(void **state)
{
	(void)state;
	needs_root();
	expect_of_child(in_a_container);
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
		cmocka_unit_test(it_is_version_2),
		cmocka_unit_test(a_program_sees_its_own_group),
		cmocka_unit_test(a_runs_peak_is_its_own),
		cmocka_unit_test(a_scope_will_do),
		cmocka_unit_test(a_busy_container_gets_advice),
	};
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("unified", tests, set_up, tear_down);
}
