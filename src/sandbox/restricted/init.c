/* init.c - a subreaper that starts the one program of its box, reaps, and kills what is left.
 *
 * Where Landlock keeps signals in (Linux 6.12) it enters a domain of its own, and each program one within that: so its
 * kill(-1) reaches every process of the box in one system call, and nobody else; and nobody of the box reaches it.
 * Before that a program may signal itself alone, and the tree of processes is walked (tree.c).
 *
 * The rest is as in ../init/init.c, whose messages it speaks. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../filter.h"
#include "../protocol.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "restricted.h"

/* TASKS_SLACK: other lanes fork, too, and a program must not fail for that. */
enum { SIGNALS_MAX = 1024, MEMLOCK_MAX = 65536, TASKS_SLACK = 128 };

static union {
	struct run_message run;
	char bytes[sizeof(struct run_message) + RUN_TEXT_MAX];
} request;
static char text[4 * RUN_TEXT_MAX]; /* with the paths as they are here */
static const char *strings[RUN_STRINGS_MAX + 4];
static const char *arguments[RUN_STRINGS_MAX + 1], *environment[RUN_STRINGS_MAX + 2], *folder;
static int signals, rules, error_pipe[2];

/* ---- set-up ---- */

static int take_signals(const struct box_setup *setup)
{
	sigset_t children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &children, NULL) < 0)
		return -errno;
	signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	return signals < 0 || pipe2(error_pipe, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
}

static int become_reaper(const struct box_setup *setup)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ||
			       prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
			       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
		       ? -errno
		       : 0;
}

static int make_rules(const struct box_setup *setup)
{
	rules = landlock_rules(setup->folder);
	return rules < 0 ? rules : landlock_keep_signals_in();
}

static const struct {
	const char *name;
	int (*run)(const struct box_setup *setup);
} steps[] = {
	{ "become a subreaper", become_reaper },
	{ "take signals", take_signals },
	{ "make Landlock's rules", make_rules },
};
enum { STEPS = sizeof steps / sizeof steps[0] };

const char *restricted_step_name(int step)
{
	return step >= 0 && step < STEPS ? steps[step].name : "start";
}

/* ---- the child, until it is the program ---- */

/* Threads of this user at this moment, other lanes' included: RLIMIT_NPROC counts them all. */
static int64_t tasks_of_user(void)
{
	int64_t tasks = 0;
	DIR *processes = opendir("/proc");
	for (struct dirent *entry; processes && (entry = readdir(processes));) {
		char path[300];
		struct stat status;
		snprintf(path, sizeof path, "/proc/%.255s/task", entry->d_name);
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && stat(path, &status) == 0 &&
		    status.st_uid == geteuid())
			tasks += (int64_t)status.st_nlink - 2;
	}
	if (processes)
		closedir(processes);
	return tasks;
}

/* Downwards only, from what we have ourselves. */
static int set_limit(int resource, rlim_t wanted)
{
	struct rlimit limit;
	if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
		return -errno;
	if (wanted < limit.rlim_max)
		limit.rlim_max = wanted;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit((__rlimit_resource_t)resource, &limit) < 0 ? -errno : 0;
}

static int set_limits(const struct limits *limits)
{
	const struct {
		int resource;
		rlim_t most;
	} rows[] = {
		{ RLIMIT_CPU, (rlim_t)limits->cpu_time_us / 1000000 + 2 },
		{ RLIMIT_FSIZE, (rlim_t)limits->file_bytes },
		{ RLIMIT_NOFILE, (rlim_t)limits->open_files },
		{ RLIMIT_CORE, 1 }, /* not 0: ../init/init.c */
		{ RLIMIT_MEMLOCK, MEMLOCK_MAX },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_SIGPENDING, SIGNALS_MAX },
		{ RLIMIT_NICE, 0 },
		{ RLIMIT_RTPRIO, 0 },
		{ RLIMIT_NPROC, (rlim_t)(tasks_of_user() + limits->processes + TASKS_SLACK) },
		{ RLIMIT_STACK, RLIM_INFINITY },
	};
	int code = 0;
	for (size_t i = 0; code == 0 && i < sizeof rows / sizeof rows[0]; i++)
		code = set_limit(rows[i].resource, rows[i].most);
	return code;
}

static void offer_to_oom_killer(void)
{
	cleanup_fd int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t ignored = write(fd, "1000", 4);
		(void)ignored;
	}
}

/* Above 2 first, so that no stream overwrites another on its way down. Close on exec: the rules are still needed. */
static int take_streams(int streams[3])
{
	int high[3];
	for (int i = 0; i < 3; i++)
		if ((high[i] = fcntl(streams[i], F_DUPFD, 3)) < 0)
			return -errno;
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0)
			return -errno;
	return syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) < 0 ? -errno : 0;
}

/* The table of every box comes last: it refuses seccomp(2) itself. */
static int load_filters(void)
{
	int code = restricted.landlock < RESTRICTED_SCOPES ? filter_load_no_signals() : 0;
	if (code == 0)
		code = filter_load(&filter_restricted);
	if (code == 0)
		code = filter_load(&filter_one_id);
	return code < 0 ? code : filter_load(filter_program(false));
}

static _Noreturn void become_program(int streams[3])
{
	sigset_t none;
	sigemptyset(&none);
	offer_to_oom_killer();
	int code = setsid() < 0 ? -errno : take_streams(streams);
	if (code == 0 && chdir(folder) < 0)
		code = -errno;
	if (code == 0)
		code = set_limits(&request.run.limits);
	umask(022);
	if (code == 0)
		code = landlock_enter(rules);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (code == 0)
		code = load_filters();
	if (code == 0) {
		execve(arguments[0], (char *const *)(uintptr_t)arguments,
		       (char *const *)(uintptr_t)environment);
		code = -errno;
	}
	ssize_t ignored = write(error_pipe[1], &code, sizeof code);
	(void)ignored;
	_exit(127);
}

/* ---- one run ---- */

/* Compilers take /tmp where nobody says otherwise, and that is the host's. */
static int add_temporary_folder(const struct box_setup *setup, size_t count, char *at)
{
	static const char name[] = "TMPDIR=";
	for (size_t i = 0; i < count; i++)
		if (strncmp(environment[i], name, sizeof name - 1) == 0)
			return 0;
	environment[count] = paths_replace("TMPDIR=/tmp", setup->path, &at, text + sizeof text);
	environment[count + 1] = NULL;
	return environment[count] ? 0 : -E2BIG;
}

static int read_request(const struct box_setup *setup)
{
	const struct run_message *run = &request.run;
	size_t count = (size_t)run->argument_count + run->environment_count;
	char *at = text;
	if (message_split(request.run.text, run->text_bytes, strings, count + 2) < 0)
		return -EINVAL;
	for (size_t i = 0; i <= count; i++)
		if (!(strings[i] = paths_replace(strings[i], setup->path, &at, text + sizeof text)))
			return -E2BIG;
	memcpy(arguments, strings, run->argument_count * sizeof *strings);
	arguments[run->argument_count] = NULL;
	memcpy(environment, strings + run->argument_count, run->environment_count * sizeof *strings);
	environment[run->environment_count] = NULL;
	folder = strings[count];
	return add_temporary_folder(setup, run->environment_count, at);
}

struct reaped {
	bool first_ended;
	int first_status;
	int64_t system_us, total_us;
};

static void reap(const struct box_setup *setup, pid_t first, int flags, struct reaped *reaped)
{
	int status;
	struct rusage used;
	for (pid_t pid;
	     (pid = wait4(-1, &status, flags | __WALL, &used)) > 0 || (pid < 0 && errno == EINTR);) {
		if (pid < 0)
			continue;
		int64_t system = used.ru_stime.tv_sec * 1000000 + used.ru_stime.tv_usec;
		reaped->system_us += system;
		reaped->total_us += used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec + system;
		setup->tally->cpu_us = reaped->total_us;
		if (used.ru_maxrss * 1024 > setup->tally->largest_bytes)
			setup->tally->largest_bytes = used.ru_maxrss * 1024;
		if (pid == first) {
			reaped->first_ended = true;
			reaped->first_status = status;
		}
	}
}

static bool kill_wanted(const struct box_setup *setup)
{
	struct stop_message stop;
	int fds[MESSAGE_FDS_MAX];
	size_t count;
	ssize_t size = message_receive(setup->socket, &stop, sizeof stop, MSG_DONTWAIT, fds, &count);
	if (size == 0)
		_exit(0);
	message_close_fds(fds);
	return size == sizeof stop && stop.kind == RUN_KILL && stop.sequence == request.run.sequence;
}

static void wait_for_end(const struct box_setup *setup, pid_t first, struct reaped *reaped)
{
	while (!reaped->first_ended) {
		struct pollfd events[2] = { { signals, POLLIN, 0 }, { setup->socket, POLLIN, 0 } };
		if (poll(events, 2, -1) < 0 && errno != EINTR)
			_exit(1);
		if (events[0].revents) {
			struct signalfd_siginfo ignored;
			while (read(signals, &ignored, sizeof ignored) > 0) {
			}
			reap(setup, first, WNOHANG, reaped);
		}
		if (events[1].revents && kill_wanted(setup))
			return;
	}
}

static void kill_all(void)
{
	if (restricted.landlock >= RESTRICTED_SCOPES)
		kill(-1, SIGKILL); /* in its domain: see above */
	else
		tree_kill(getpid(), 0);
}

/* Linkers make programs executable by chmod(2), which the filter only pretends to do. */
static void mark_program(int above, const char *name)
{
	char magic[4] = "";
	cleanup_fd int fd = openat(above, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && read(fd, magic, sizeof magic) >= 2 &&
	    (memcmp(magic, "\177ELF", 4) == 0 || memcmp(magic, "#!", 2) == 0))
		fchmod(fd, 0755);
}

static void mark_programs(const struct box_setup *setup)
{
	int box = openat(setup->folder, "box", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = box < 0 ? NULL : fdopendir(box);
	for (struct dirent *entry; entries && (entry = readdir(entries));)
		if (entry->d_type == DT_REG)
			mark_program(dirfd(entries), entry->d_name);
	if (entries)
		closedir(entries);
}

static void run(const struct box_setup *setup, int streams[3])
{
	struct reaped reaped = { 0 };
	struct ended_message ended = { .kind = ENDED_RUN, .sequence = request.run.sequence };
	ended.code = read_request(setup);
	int64_t start_us = clock_monotonic_us();
	pid_t first = ended.code < 0 ? ended.code : fork();
	if (first == 0)
		become_program(streams);
	if (first < 0 && ended.code == 0)
		ended.code = -errno;
	for (int i = 0; i < 3; i++)
		close(streams[i]);
	if (first > 0) {
		wait_for_end(setup, first, &reaped);
		ended.wall_us = clock_monotonic_us() - start_us;
		kill_all();
		reap(setup, first, 0, &reaped);
		int code;
		if (read(error_pipe[0], &code, sizeof code) == sizeof code)
			ended.code = code;
		mark_programs(setup);
	}
	ended.wait_status = reaped.first_status;
	ended.system_us = reaped.system_us;
	ended.total_us = reaped.total_us;
	if (message_send(setup->socket, &ended, sizeof ended, NULL, 0, NULL, 0) < 0)
		_exit(1);
}

static _Noreturn void serve(const struct box_setup *setup)
{
	for (;;) {
		int fds[MESSAGE_FDS_MAX];
		size_t count;
		ssize_t size = message_receive(setup->socket, &request, sizeof request, 0, fds, &count);
		if (size <= 0)
			_exit(0);
		if (request.run.kind == RUN_START && count >= 3)
			run(setup, fds);
		else
			message_close_fds(fds);
	}
}

_Noreturn void restricted_init(const struct box_setup *setup)
{
	struct ended_message said = { .kind = ENDED_READY };
	prctl(PR_SET_NAME, "arena-init");
	for (int i = 0; i < STEPS && said.code == 0; i++) {
		said.code = steps[i].run(setup);
		said.step = i;
	}
	if (said.code < 0)
		said.kind = ENDED_FAILED;
	if (message_send(setup->socket, &said, sizeof said, NULL, 0, NULL, 0) < 0 || said.code < 0)
		_exit(1);
	serve(setup);
}
