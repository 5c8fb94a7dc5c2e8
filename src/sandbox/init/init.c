/* init.c - how a box begins, and how a program is started in it.
 *
 * Set-up is a recipe (`steps`): enter the cgroup, mount /proc, /box and /tmp, drop what is not needed,
 * load the filter, say READY. Then one run after the other:
 *
 *     receive run_message + three streams
 *     vfork: the child becomes the program (own session, limits, uid, streams, exec)
 *     wait for the child's end or for RUN_KILL; reap orphans on the way
 *     kill(-1): whatever is left of the run dies; reap until nobody is there
 *     send ended_message
 *
 * vfork, because copying even a small process costs more than the rest of a run together. The child shares
 * this memory until it execs: it changes nothing but `exec_error`. Nobody of the program's uid is alive at
 * that moment, so nobody can reach into it. A program that was itself pid 1 would get wrong signals
 * (abort() would look like SIGSEGV), so init is never the program. */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
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

struct init {
	const struct init_setup *setup;
	int signals;   /* signalfd of SIGCHLD */
	int lane_proc; /* the keeper's /proc, writable: for oom_score_adj and ns_last_pid alone */
	int last_pid;  /* ns_last_pid; -1 where the kernel has none */
};

static union {
	struct run_message run;
	char bytes[sizeof(struct run_message) + RUN_TEXT_MAX];
} request;
static const char *strings[RUN_STRINGS_MAX + 4];
static const char *arguments[RUN_STRINGS_MAX + 1], *environment[RUN_STRINGS_MAX + 1];
static volatile int exec_error;

/* ---- set-up ---- */

static int enter_cgroup(struct init *init)
{
	return init->setup->cgroups->init_enter(init->setup->group);
}

/* The lane's own proc has to be visible for another to be mounted, and stays beneath the new one. */
static int mount_proc(struct init *init)
{
	init->lane_proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int context = fsopen("proc", FSOPEN_CLOEXEC);
	if (init->lane_proc < 0 || context < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_SET_STRING, "hidepid", "invisible", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	int proc = fsmount(context, FSMOUNT_CLOEXEC,
			   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (proc < 0 || move_mount(proc, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	close(proc);
	close(context);
	init->last_pid = openat(init->lane_proc, "sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	return 0;
}

static int mount_box(struct init *init)
{
	if (move_mount(init->setup->box_fd, "", AT_FDCWD, "/box", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    move_mount(init->setup->tmp_fd, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	close(init->setup->box_fd);
	close(init->setup->tmp_fd);
	return 0;
}

static int take_signals(struct init *init)
{
	sigset_t children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &children, NULL) < 0)
		return -errno;
	init->signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	return init->signals < 0 ? -errno : 0;
}

static int drop_capabilities(struct init *init)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	data[0].effective = data[0].permitted = 1u << CAP_KILL | 1u << CAP_SETUID | 1u << CAP_SETGID;
	data[1].effective = data[1].permitted = 1u << (CAP_CHECKPOINT_RESTORE - 32); /* forget_numbers() */
	umask(022);
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int load_filter(struct init *init)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	int code = init->setup->one_id ? filter_load(&filter_one_id) : 0;
	return code < 0 ? code : filter_load(init->setup->filter);
}

/* A child that does nothing: the pages that a first run would have to copy are copied now, aside. */
static int rehearse(struct init *init)
{
	pid_t child = vfork();
	if (child == 0)
		_exit(0);
	request.run.kind = 0;
	arguments[0] = environment[0] = strings[0] = NULL;
	return child < 0 || waitpid(child, NULL, 0) != child ? -errno : 0;
}

static const struct {
	const char *name;
	int (*run)(struct init *init);
} steps[] = {
	{ "enter the box's cgroup", enter_cgroup },
	{ "mount /proc", mount_proc },
	{ "mount /box and /tmp", mount_box },
	{ "take signals", take_signals },
	{ "drop capabilities", drop_capabilities },
	{ "load the system call filter", load_filter },
	{ "rehearse", rehearse },
};
enum { STEPS = sizeof steps / sizeof steps[0] };

const char *init_step_name(int step)
{
	return step >= 0 && step < STEPS ? steps[step].name : "start";
}

/* ---- the child, until it is the program ---- */

/* Below what the host allows; nobody in here could raise that. */
static int set_limit(int resource, rlim_t wanted)
{
	struct rlimit limit;
	if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
		return -1;
	if (wanted < limit.rlim_max)
		limit.rlim_max = wanted;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit((__rlimit_resource_t)resource, &limit);
}

static int set_limits(const struct limits *limits)
{
	const struct {
		int resource;
		rlim_t most;
	} table[] = {
		{ RLIMIT_CPU, limits->cpu_time_us / 1000000 + 2 }, /* a backstop: the keeper is more exact */
		{ RLIMIT_FSIZE, limits->file_bytes },
		{ RLIMIT_NOFILE, limits->open_files },
		/* 1, not 0: 0 does not stop a core_pattern that is a pipe, which would run as the host's root. */
		{ RLIMIT_CORE, 1 },
		{ RLIMIT_MEMLOCK, 64 * 1024 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_SIGPENDING, 1024 },
		{ RLIMIT_NICE, 0 },
		{ RLIMIT_RTPRIO, 0 },
		{ RLIMIT_STACK, RLIM_INFINITY }, /* memory bounds the stack */
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (set_limit(table[i].resource, table[i].most) < 0)
			return -1;
	return 0;
}

/* The kernel's choice when memory is out: the program, never the init. */
static void offer_to_oom_killer(const struct init *init)
{
	int fd = openat(init->lane_proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t ignored = write(fd, "1000", 4);
		(void)ignored;
		close(fd);
	}
}

/* Above 2 first, so that no stream overwrites another on its way down. */
static int take_streams(int streams[3])
{
	int high[3];
	for (int i = 0; i < 3; i++)
		if ((high[i] = fcntl(streams[i], F_DUPFD, 3)) < 0)
			return -1;
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0)
			return -1;
	return (int)syscall(SYS_close_range, 3u, ~0u, 0u);
}

static _Noreturn void become_program(const struct init *init, int streams[3], const char *folder)
{
	const int program_uid = PROGRAM_UID, program_gid = PROGRAM_GID;
	sigset_t none;
	sigemptyset(&none);
	offer_to_oom_killer(init);
	if (init->setup->cgroups->version == SANDBOX_CGROUP_V2 && filter_load(&filter_program_only) < 0)
		goto failed;
	/* The streams before the limits: our own numbers may lie above them. */
	if (setsid() < 0 || take_streams(streams) < 0 || set_limits(&request.run.limits) < 0)
		goto failed;
	/* Where there is one id the kernel refuses setgroups(2), to everybody (user_namespaces(7)). */
	if ((!init->setup->one_id && syscall(SYS_setgroups, 0, NULL) < 0) ||
	    syscall(SYS_setresgid, program_gid, program_gid, program_gid) < 0 ||
	    syscall(SYS_setresuid, program_uid, program_uid, program_uid) < 0 || chdir(folder) < 0)
		goto failed;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
	execve(arguments[0], (char *const *)(uintptr_t)arguments, (char *const *)(uintptr_t)environment);
failed:
	exec_error = errno;
	_exit(127);
}

/* ---- one run ---- */

static int read_request(const char **folder)
{
	const struct run_message *run = &request.run;
	size_t count = (size_t)run->argument_count + run->environment_count;
	if (message_split(request.run.text, run->text_bytes, strings, count + 2) < 0)
		return -EINVAL;
	memcpy(arguments, strings, run->argument_count * sizeof *strings);
	arguments[run->argument_count] = NULL;
	memcpy(environment, strings + run->argument_count, run->environment_count * sizeof *strings);
	environment[run->environment_count] = NULL;
	*folder = strings[count];
	return 0;
}

/* clone3(2) with the memory shared, as vfork does it. Inline, because the child goes on with the parent's
 * stack: a function that both returned from would find its return address overwritten. */
static inline __attribute__((always_inline)) long clone3_shared(const struct clone_args *args)
{
#if defined(__x86_64__)
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_clone3), "D"(args), "S"(sizeof *args)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long number __asm__("x8") = SYS_clone3;
	register long first __asm__("x0") = (long)args;
	register long second __asm__("x1") = (long)sizeof *args;
	__asm__ volatile("svc 0" : "+r"(first) : "r"(number), "r"(second) : "memory");
	return first;
#else
#error "this architecture needs its system call instruction here"
#endif
}

/* Every run begins with the same process number: how far the last one had counted is nobody's to read. Nobody
 * but init is alive now. */
static void forget_numbers(const struct init *init)
{
	if (init->last_pid >= 0) {
		ssize_t ignored = pwrite(init->last_pid, "1", 1, 0);
		(void)ignored;
	}
}

/* In v2 the child is born in the run's own leaf; in v1 it inherits the init's cgroups. */
static pid_t spawn(const struct init *init, int streams[3], const char *folder, int leaf)
{
	exec_error = 0;
	forget_numbers(init);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* or the child may not write its oom_score_adj */
	const struct clone_args args = {
		.flags = CLONE_INTO_CGROUP | CLONE_VM | CLONE_VFORK,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)leaf,
	};
	long child = leaf >= 0 ? clone3_shared(&args) : vfork();
	if (child == 0)
		become_program(init, streams, folder);
	if (child < 0)
		return leaf >= 0 ? (pid_t)child : -errno;
	return (pid_t)child;
}

struct reaped {
	bool first_ended;
	int first_status;
	int64_t system_us, total_us;
};

static void reap(pid_t first, int flags, struct reaped *reaped)
{
	int status;
	struct rusage used;
	for (pid_t pid;
	     (pid = wait4(-1, &status, flags | __WALL, &used)) > 0 || (pid < 0 && errno == EINTR);) {
		if (pid < 0)
			continue;
		int64_t user = used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec;
		int64_t system = used.ru_stime.tv_sec * 1000000 + used.ru_stime.tv_usec;
		reaped->system_us += system;
		reaped->total_us += user + system;
		if (pid == first) {
			reaped->first_ended = true;
			reaped->first_status = status;
		}
	}
}

/* True when the keeper wants this run ended. The end of the keeper ends everything. */
static bool kill_wanted(const struct init *init)
{
	struct stop_message stop;
	int fds[MESSAGE_FDS_MAX];
	size_t count;
	ssize_t size = message_receive(init->setup->socket, &stop, sizeof stop, MSG_DONTWAIT, fds, &count);
	if (size == 0)
		_exit(0);
	message_close_fds(fds);
	return size == sizeof stop && stop.kind == RUN_KILL && stop.sequence == request.run.sequence;
}

static void wait_for_end(const struct init *init, pid_t first, struct reaped *reaped)
{
	while (!reaped->first_ended) {
		struct pollfd events[2] = { { init->signals, POLLIN, 0 },
					    { init->setup->socket, POLLIN, 0 } };
		if (poll(events, 2, -1) < 0 && errno != EINTR)
			_exit(1); /* nothing could be said about this run: the keeper hears the end of us */
		if (events[0].revents) {
			struct signalfd_siginfo ignored;
			while (read(init->signals, &ignored, sizeof ignored) > 0) {
			}
			reap(first, WNOHANG, reaped);
		}
		if (events[1].revents && kill_wanted(init))
			return;
	}
}

static void run(const struct init *init, int streams[3], int leaf)
{
	const char *folder;
	struct reaped reaped = { 0 };
	struct ended_message ended = { .kind = ENDED_RUN, .sequence = request.run.sequence };
	int code = read_request(&folder);
	int64_t start_us = clock_monotonic_us();
	pid_t first = code < 0 ? code : spawn(init, streams, folder, leaf);
	for (int i = 0; i < 3; i++)
		close(streams[i]);
	close_fd(&leaf);
	if (first > 0) {
		wait_for_end(init, first, &reaped);
		ended.wall_us = clock_monotonic_us() - start_us;
		kill(-1, SIGKILL);
		reap(first, 0, &reaped);
	}
	ended.code = first < 0 ? first : -exec_error;
	ended.wait_status = reaped.first_status;
	ended.system_us = reaped.system_us;
	ended.total_us = reaped.total_us;
	if (message_send(init->setup->socket, &ended, sizeof ended, NULL, 0, NULL, 0) < 0)
		_exit(1);
}

static _Noreturn void serve(const struct init *init)
{
	for (;;) {
		int fds[MESSAGE_FDS_MAX];
		size_t count;
		ssize_t size = message_receive(init->setup->socket, &request, sizeof request, 0, fds, &count);
		if (size <= 0)
			_exit(0);
		if (request.run.kind == RUN_START && count >= 3)
			run(init, fds, fds[3]); /* the fourth, where there is one: the run's cgroup */
		else
			message_close_fds(fds); /* a late RUN_KILL of a run that is over */
	}
}

_Noreturn void init_main(const struct init_setup *setup)
{
	struct init init = { .setup = setup, .signals = -1, .lane_proc = -1, .last_pid = -1 };
	struct ended_message said = { .kind = ENDED_READY };
	prctl(PR_SET_NAME, "arena-init");
	for (int i = 0; i < STEPS && said.code == 0; i++) {
		said.code = steps[i].run(&init);
		said.step = i;
	}
	if (said.code < 0)
		said.kind = ENDED_FAILED;
	if (message_send(setup->socket, &said, sizeof said, NULL, 0, NULL, 0) < 0 || said.code < 0)
		_exit(1);
	serve(&init);
}
