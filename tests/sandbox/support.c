#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "tiers.h"

enum { PROGRAM_BYTES_MAX = 64 << 20, DESCENDANTS_MAX = 4096, GROUP_TESTS_MAX = 512 };

static struct sandbox *sandbox;
static bool own_maker;
static int actor_bundle = -1;
static struct utsname host_name;
static int mounts_before;

/* ---- the host's side ---- */

static int count_entries(const char *folder)
{
	DIR *entries = opendir(folder);
	int count = 0;
	if (!entries)
		return 0;
	for (struct dirent *entry; (entry = readdir(entries));)
		count += entry->d_name[0] != '.';
	closedir(entries);
	return count;
}

static int count_mounts(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	int count = 0;
	for (int letter; mounts && (letter = fgetc(mounts)) != EOF;)
		count += letter == '\n';
	if (mounts)
		fclose(mounts);
	return count;
}

/* Parents come before children in `found`; its new count. */
static int add_children(pid_t parent, pid_t *found, int count)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", (int)parent);
	DIR *tasks = opendir(path);
	for (struct dirent *task; tasks && (task = readdir(tasks));) {
		char list[128];
		int child;
		snprintf(list, sizeof list, "/proc/%d/task/%.20s/children", (int)parent, task->d_name);
		FILE *children = task->d_name[0] == '.' ? NULL : fopen(list, "re");
		while (children && count < DESCENDANTS_MAX && fscanf(children, "%d", &child) == 1)
			found[count++] = child;
		if (children)
			fclose(children);
	}
	if (tasks)
		closedir(tasks);
	return count;
}

static int find_descendants(pid_t *found)
{
	int count = add_children(getpid(), found, 0);
	for (int i = 0; i < count; i++)
		count = add_children(found[i], found, count);
	return count;
}

void support_host_state(struct host_state *state)
{
	static pid_t found[DESCENDANTS_MAX];
	*state = (struct host_state){ .descriptors = count_entries("/proc/self/fd"),
				      .mounts = count_mounts() };
	state->descendants = find_descendants(found);
	for (int i = 0; i < state->descendants; i++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/fd", (int)found[i]);
		state->descendants_descriptors += count_entries(path);
	}
}

int support_descendants(pid_t *found, int most)
{
	static pid_t all[DESCENDANTS_MAX];
	int count = find_descendants(all);
	count = count < most ? count : most;
	memcpy(found, all, (size_t)count * sizeof *found);
	return count;
}

/* The keepers are the lane maker's children. */
pid_t support_youngest_keeper(void)
{
	pid_t found[DESCENDANTS_MAX];
	int makers = add_children(getpid(), found, 0);
	int all = makers > 0 ? add_children(found[0], found, makers) : 0;
	pid_t youngest = -1;
	for (int i = makers; i < all; i++)
		youngest = found[i] > youngest ? found[i] : youngest;
	return youngest;
}

static int folders_found;
static char folder_prefix[32];

static int visit_folder(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)place;
	if (type == FTW_D && strstr(path, folder_prefix))
		folders_found++;
	return 0;
}

/* The maker names its folder arena-PID; it is this process's only child that is not a box's. */
int support_cgroup_folders(void)
{
	static pid_t maker;
	pid_t children[DESCENDANTS_MAX];
	if (add_children(getpid(), children, 0) > 0)
		maker = children[0];
	snprintf(folder_prefix, sizeof folder_prefix, "/arena-%d", (int)maker);
	folders_found = 0;
	nftw("/sys/fs/cgroup", visit_folder, 16, FTW_PHYS | FTW_MOUNT);
	for (const char *const *name = (const char *const[]){ "memory", "pids", "cpuacct", "unified", NULL };
	     *name; name++) {
		char path[64];
		snprintf(path, sizeof path, "/sys/fs/cgroup/%s", *name);
		nftw(path, visit_folder, 16, FTW_PHYS | FTW_MOUNT);
	}
	return folders_found;
}

/* ---- what is run ---- */

static struct CMUnitTest group_tests[GROUP_TESTS_MAX];
static size_t group_test_count;

static void left_out(void **state)
{
	printf("left out: %s\n", (const char *)*state);
	skip();
}

static void leave_out_tests(void)
{
	for (size_t i = 0; i < group_test_count; i++) {
		const char *lack = tier_leaves_out(sandbox_tier(sandbox), group_tests[i].name);
		if (lack)
			group_tests[i] = (struct CMUnitTest){ .name = group_tests[i].name,
							      .test_func = left_out,
							      .initial_state = (void *)(uintptr_t)lack };
	}
}

int support_run_tests(const char *group, const struct CMUnitTest *tests, size_t count,
		      CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
	if (count > GROUP_TESTS_MAX)
		return -1;
	memcpy(group_tests, tests, count * sizeof *tests);
	group_test_count = count;
	/* What cmocka's macro calls, which takes the size of an array. */
	return _cmocka_run_group_tests(group, group_tests, count, set_up, tear_down);
}

/* ---- the connection ---- */

int support_open(void **state)
{
	(void)state;
	struct error err = { 0 };
	const struct sandbox_options options = { .socket_path = getenv("SANDBOX_SOCKET"),
						 .program = LANE_MAKER,
						 .allow_restricted = getenv("SANDBOX_ALLOW_RESTRICTED") };
	own_maker = !options.socket_path;
	uname(&host_name);
	mounts_before = count_mounts();
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* whatever outlives the lane maker becomes ours, and is found */
	if (sandbox_open(&options, &sandbox, &err) < 0) {
		fprintf(stderr, "sandbox_open: %s\n", err.text);
		return -1;
	}
	support_cgroup_folders();
	leave_out_tests();
	actor_bundle = support_bundle((const char *const[]){ "actor" }, 1);
	return 0;
}

/* No process of the lanes' and no control group may outlive the connection. They end in their own time. */
int support_close(void **state)
{
	(void)state;
	struct utsname now;
	int waited_ms = 0;
	bool was_open = sandbox != NULL;
	sandbox_close(sandbox);
	close_fd(&actor_bundle);
	if (!was_open || !own_maker)
		return 0;
	while ((waitpid(-1, NULL, WNOHANG) >= 0 || support_cgroup_folders() > 0) && waited_ms < 5000) {
		usleep(10 * 1000);
		waited_ms += 10;
	}
	int failed = 0;
	if (waitpid(-1, NULL, WNOHANG) >= 0)
		failed = fprintf(stderr, "processes of the sandbox are left\n");
	if (support_cgroup_folders() > 0)
		failed = fprintf(stderr, "%d folders of control groups are left\n", support_cgroup_folders());
	if (count_mounts() != mounts_before)
		failed = fprintf(stderr, "the host's mounts changed\n");
	if (uname(&now) < 0 || strcmp(now.nodename, host_name.nodename) != 0)
		failed = fprintf(stderr, "the host's name changed\n");
	return failed ? -1 : 0;
}

struct sandbox *support_sandbox(void)
{
	return sandbox;
}
bool support_own_maker(void)
{
	return own_maker;
}

struct lane *support_lane(void)
{
	struct error err = { 0 };
	struct lane *lane = NULL;
	if (lane_new(sandbox, &lane, &err) < 0)
		fail_msg("lane_new: %s", err.text);
	return lane;
}

/* ---- runs ---- */

int support_slowness(void)
{
	const char *text = getenv("SLOWNESS");
	int slowness = text ? atoi(text) : 1;
	return slowness > 1 ? slowness : 1;
}

bool support_numbers_begin_anew(void)
{
	return access("/proc/sys/kernel/ns_last_pid", F_OK) == 0;
}

struct limits support_limits(void)
{
	return (struct limits){
		.cpu_time_us = 2000000 * support_slowness(),
		.wall_time_us = 4000000 * support_slowness(),
		.memory_bytes = 64 << 20,
		.output_bytes = 64 << 10,
		.file_bytes = 8 << 20,
		.disk_bytes = 4 << 20,
		.inodes = 4096,
		.processes = 32,
		.open_files = 64,
		.cpus = 1,
	};
}

static void load_program(const char *program, struct bundle_file *file)
{
	char path[512];
	struct error err = { 0 };
	struct buffer bytes = { 0 };
	const char *slash = strrchr(program, '/');
	snprintf(path, sizeof path, "%s/%s", SANDBOX_PROGRAMS, program);
	if (file_read_all(path, PROGRAM_BYTES_MAX, &bytes, &err) < 0)
		fail_msg("%s", err.text);
	*file = (struct bundle_file){ slash ? slash + 1 : program, bytes.data, bytes.size, true };
}

int support_bundle(const char *const *programs, size_t count)
{
	struct bundle_file files[8];
	struct error err = { 0 };
	int bundle = -1;
	assert_true(count <= 8);
	for (size_t i = 0; i < count; i++)
		load_program(programs[i], &files[i]);
	if (bundle_make(files, count, &bundle, &err) < 0)
		fail_msg("bundle_make: %s", err.text);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)files[i].data);
	return bundle;
}

void support_actor(struct actor_run *run, const char *arguments)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "HOME=/box", NULL };
	size_t count = 1;
	char *save = NULL;
	snprintf(run->text, sizeof run->text, "%s", arguments);
	run->argv[0] = "/box/actor";
	for (char *word = strtok_r(run->text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_true(count < sizeof run->argv / sizeof run->argv[0] - 1);
		run->argv[count++] = word;
	}
	run->argv[count] = NULL;
	run->spec = (struct box_spec){
		.argv = run->argv,
		.environment = environment,
		.bundle_fd = actor_bundle,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
}

void support_run(struct lane *lane, const struct box_spec *spec, struct box_result *result)
{
	struct error err = { 0 };
	*result = (struct box_result){ .collected_fd = -1 };
	if (box_run(lane, spec, result, &err) < 0)
		fail_msg("the box failed: %s (%d)", err.text, err.code);
}

void support_act(struct lane *lane, const char *arguments, struct box_result *result)
{
	struct actor_run run;
	support_actor(&run, arguments);
	support_run(lane, &run.spec, result);
}

void support_expect(const char *what, const struct box_result *result, enum box_outcome outcome, int code)
{
	int got = outcome == BOX_EXITED ? result->exit_code : outcome == BOX_SIGNALED ? result->signal : code;
	if (result->outcome == outcome && got == code)
		return;
	fail_msg("%s: %s, exit %d, signal %d, cpu %lld us, wall %lld us, %lld bytes; expected %s "
		 "%d\n%.2000s%.1000s",
		 what, box_outcome_name(result->outcome), result->exit_code, result->signal,
		 (long long)result->cpu_us, (long long)result->wall_us, (long long)result->memory_bytes,
		 box_outcome_name(outcome), code, result->stdout_data ? result->stdout_data : "",
		 result->stderr_data ? result->stderr_data : "");
}
