/* The corpus: each program of hostile/ is one attack, and gets the outcome that its row says. After each, the
 * same lane runs the probe twice: as the next run of the same submission, and as another submission. All
 * attacks share one lane, so that what one leaves behind shows.
 *
 * How to add an attack: a file in hostile/ that exits with 0 when everything was refused (attempt.h), its name
 * in hostile/meson.build, a row here. `test_hostile NAME` runs one alone (with * as a wildcard). */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

enum {
	EXITED = 1 << BOX_EXITED,
	SIGNALED = 1 << BOX_SIGNALED,
	CPU = 1 << BOX_CPU_LIMIT,
	WALL = 1 << BOX_WALL_LIMIT,
	MEMORY = 1 << BOX_MEMORY_LIMIT,
	OUTPUT = 1 << BOX_OUTPUT_LIMIT,
	FILE_SIZE = 1 << BOX_FILE_LIMIT,
	TIME = CPU | WALL,
};

struct attack {
	const char *name;      /* of the program; with .py, run by the host's Python */
	unsigned int outcomes; /* any of these */
	int code;              /* the exit code or the signal, where that is the outcome */
	const char *says;      /* somewhere on stdout; NULL: nothing is asked */
	bool collects;         /* "out" is fetched afterwards */
	const char *collected; /* what must be in there, and nothing else; NULL: nothing may */
	const char *argument;  /* of the program, or CANARIES, HOST_SOCKET, HOST_NAME */
	struct limits limits;  /* where not 0, in place of the usual ones */
};

#define CANARIES    "(canaries)"
#define HOST_SOCKET "(socket)"
#define HOST_NAME   "(name)"
#define MIB         (1 << 20)
#define MS          1000
#define USUAL       .limits = { 0 }
#define SHORT       .limits = { .cpu_time_us = 200 * MS, .wall_time_us = 400 * MS }
#define BUSY        .limits = { .cpu_time_us = 200 * MS }
#define SLEEPER     .limits = { .wall_time_us = 300 * MS }
#define SMALL       .limits = { .memory_bytes = 32 * MIB }
#define MANY_NAMES  .limits = { .inodes = 16384, .disk_bytes = 64 * MIB }

static const struct attack attacks[] = {
	/* processes */
	{ "fork_bomb", TIME, 0, SHORT },
	{ "fork_bomb_setsid", TIME, 0, SHORT },
	{ "fork_bomb_threads", TIME, 0, SHORT },
	{ "fork_bomb_vfork", TIME, 0, SHORT },
	{ "exec_loop", TIME, 0, SHORT },
	{ "orphans", EXITED, 0, "parent done", USUAL },
	{ "orphans_write", EXITED, 0, "parent done", USUAL },
	{ "orphans_burn", CPU, 0, BUSY },
	{ "subreaper", EXITED, 0, "parent done", USUAL },
	{ "sibling", EXITED, 3, "still the first", USUAL },
	{ "leader_exits", EXITED, 5, "from the last thread", USUAL },
	{ "zombies", EXITED, 0, "all refused", USUAL },
	{ "kill_everybody", EXITED, 0, "kill 1: EPERM", USUAL },
	{ "signal_queue", EXITED, 0, "all refused", USUAL },

	/* memory */
	{ "memory_heap", MEMORY, 0, SMALL },
	{ "memory_stack", MEMORY, 0, SMALL },
	{ "memory_mmap", MEMORY, 0, SMALL },
	{ "memory_shared", MEMORY, 0, SMALL },
	{ "memory_memfd", MEMORY, 0, SMALL },
	{ "memory_tmpfs", MEMORY, 0, .limits = { .memory_bytes = 32 * MIB, .disk_bytes = 512 * MIB } },
	{ "memory_static", MEMORY, 0, SMALL },
	{ "memory_children", MEMORY, 0, SMALL },
	{ "memory_pipes", MEMORY, 0, .limits = { .memory_bytes = 32 * MIB, .open_files = 4096 } },
	{ "memory_sockets", MEMORY, 0, .limits = { .memory_bytes = 32 * MIB, .open_files = 4096 } },
	{ "memory_page_tables", MEMORY, 0, SMALL },
	{ "memory_oom_score", MEMORY, 0, SMALL },
	{ "memory_huge_pages", EXITED, 0, "all refused", USUAL },

	/* time and signals */
	{ "sleep_forever", WALL, 0, "good night", SLEEPER },
	{ "spin_ignoring", CPU, 0, BUSY },
	{ "spin_children", CPU, 0, BUSY },
	{ "stop_self", WALL, 0, SLEEPER },
	{ "stop_parent", EXITED, 0, "stop init: EPERM", USUAL },

	/* streams */
	{ "flood_stdout", OUTPUT, 0, USUAL },
	{ "flood_stderr", OUTPUT, 0, USUAL },
	{ "flood_both", OUTPUT, 0, USUAL },
	{ "drip", WALL, 0, "ddddd", SLEEPER },
	{ "close_streams", EXITED, 5, "before", USUAL },
	{ "nonblocking_streams", OUTPUT, 0, USUAL },
	{ "reopen_streams", EXITED, 0, "all refused", USUAL },

	/* disk, descriptors */
	{ "disk_bytes", EXITED, 0, "all refused", USUAL },
	{ "disk_inodes", EXITED, 0, "all refused", .limits = { .inodes = 2000 } },
	{ "huge_folder", EXITED, 0, "all refused", MANY_NAMES },
	{ "deep_folders", EXITED, 0, "all refused", USUAL },
	{ "odd_names", EXITED, 0, "all refused", .collects = true },
	{ "unlinked_files", EXITED, 0, "all refused", USUAL },
	{ "in_flight", EXITED, 0, "all refused", USUAL },
	{ "descriptors", EXITED, 0, "all refused", USUAL },
	{ "core_dump", SIGNALED, 6, "no core", USUAL },

	/* looking around */
	{ "read_proc", EXITED, 0, "all refused", USUAL },
	{ "read_host", EXITED, 0, "/etc/shadow: ENOENT", .argument = CANARIES },
	{ "devices", EXITED, 0, "all refused", USUAL },
	{ "write_everywhere", EXITED, 0, "all refused", USUAL },
	{ "chroot", EXITED, 0, "chroot /box/jail: ENOSYS", USUAL },
	{ "leaks", EXITED, 0, "all refused", .argument = HOST_NAME },
	{ "ptrace", EXITED, 0, "PTRACE_TRACEME: ENOSYS", USUAL },
	{ "foreign_memory", EXITED, 0, "process_vm_readv init: ENOSYS", USUAL },

	/* the kernel's interfaces */
	{ "namespaces", EXITED, 0, "clone3: ENOSYS", USUAL },
	{ "mounts", EXITED, 0, "mount tmpfs: ENOSYS", USUAL },
	{ "handles", EXITED, 0, "open_by_handle_at: ENOSYS", USUAL },
	{ "keyring", EXITED, 0, "add_key: ENOSYS", USUAL },
	{ "sysv_ipc", EXITED, 0, "shmget: ENOSYS", USUAL },
	{ "message_queues", EXITED, 0, "mq_open: ENOSYS", USUAL },
	{ "sockets", EXITED, 0, "vsock: EAFNOSUPPORT", USUAL },
	{ "host_socket", EXITED, 0, "all refused", .argument = HOST_SOCKET },
	{ "io_uring", EXITED, 0, "io_uring_setup: ENOSYS", USUAL },
	{ "bpf", EXITED, 0, "bpf program: ENOSYS", USUAL },
	{ "perf", EXITED, 0, "perf_event_open self: ENOSYS", USUAL },
	{ "userfaultfd", EXITED, 0, "userfaultfd: ENOSYS", USUAL },
	{ "clocks", EXITED, 0, "clock_settime: ENOSYS", USUAL },
	{ "machine", EXITED, 0, "reboot: ENOSYS", USUAL },
	{ "terminal", EXITED, 0, "TIOCSTI: ENOSYS", USUAL },
	{ "prctl", EXITED, 0, "PR_SET_MM: ENOSYS", USUAL },
	{ "rlimits", EXITED, 0, "all refused", USUAL },
	{ "affinity", EXITED, 0, "one processor: yes", USUAL },
	{ "identity", EXITED, 0, "setuid 0: EPERM", USUAL },
	{ "setuid_tools", EXITED, 0, "all refused", USUAL },
	{ "xattrs", EXITED, 0, "all refused", USUAL },
	{ "unknown_calls", EXITED, 0, "all refused", USUAL },
#ifdef __x86_64__
	{ "int80", EXITED, 0, "all refused", USUAL },
	{ "x32", EXITED, 0, "all refused", USUAL },
#endif

	/* what is planted for the judge, and for the next run */
	{ "plant_symlinks", EXITED, 0, "all refused", .collects = true },
	{ "plant_folder", EXITED, 0, "all refused", .collects = true, .collected = "good" },
	{ "plant_fifo", EXITED, 0, "all refused", .collects = true },
	{ "plant_sparse", EXITED, 0, "all refused", .collects = true, .limits = { .file_bytes = 1 << 30 } },
	{ "plant_many", EXITED, 0, "all refused", .collects = true, MANY_NAMES },
	{ "plant_deep", EXITED, 0, "all refused", .collects = true },
	{ "plant_race", EXITED, 0, "all refused", .collects = true, .collected = "good" },
	{ "plant_unreadable", EXITED, 0, "all refused", .collects = true },
	{ "plant_hard_link", EXITED, 0, "all refused", .collects = true, .collected = "\177ELF" },
	{ "replace_placed", EXITED, 0, "unlink: EPERM", USUAL },
	{ "leave_files", EXITED, 0, "all refused", USUAL },
	{ "memory_file_left", EXITED, 0, "from memory", USUAL },
	{ "nest.py", EXITED, 0, "no more threads", .limits = { .inodes = 1000 } },
	{ "reach.py", EXITED, 0, "init's environment", USUAL },
};
enum { ATTACKS = sizeof attacks / sizeof attacks[0] };

enum { CANARY_COUNT = 3, COLLECT_BYTES = 1 << 20 };
static const char canary_text[] = "canary: nobody in a box may read or change this\n";

static struct lane *lane;
static char canaries[CANARY_COUNT][64];
static char host_socket_name[64], host_name[256];
static uint64_t last_session;

/* ---- one attack ---- */

static struct limits limits_of(const struct attack *attack)
{
	const struct limits *changes = &attack->limits;
	struct limits limits = support_limits();
	/* What has something to say before its time is up needs the time to say it. */
	const int slowness = attack->says || !(attack->outcomes & TIME) ? support_slowness() : 1;
#define TAKE(name) limits.name = changes->name ? changes->name : limits.name
	if (changes->cpu_time_us)
		limits.cpu_time_us = changes->cpu_time_us * slowness;
	if (changes->wall_time_us)
		limits.wall_time_us = changes->wall_time_us * slowness;
	TAKE(memory_bytes);
	TAKE(output_bytes);
	TAKE(file_bytes);
	TAKE(disk_bytes);
	TAKE(inodes);
	TAKE(processes);
	TAKE(open_files);
#undef TAKE
	return limits;
}

static void fill_arguments(const struct attack *attack, const char **argv)
{
	static char path[64];
	bool python = strstr(attack->name, ".py") != NULL;
	snprintf(path, sizeof path, "/box/%s", attack->name);
	if (python)
		*argv++ = "/usr/bin/python3";
	*argv++ = path;
	if (attack->argument && strcmp(attack->argument, CANARIES) == 0)
		for (int i = 0; i < CANARY_COUNT; i++)
			*argv++ = canaries[i];
	else if (attack->argument && strcmp(attack->argument, HOST_SOCKET) == 0)
		*argv++ = host_socket_name;
	else if (attack->argument && strcmp(attack->argument, HOST_NAME) == 0)
		*argv++ = host_name;
	else if (attack->argument)
		*argv++ = attack->argument;
	*argv = NULL;
}

static struct box_spec attack_spec(const struct attack *attack, const char **argv, int bundle)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "HOME=/box", NULL };
	bool asks = strcmp(attack->name, "reopen_streams") == 0;
	fill_arguments(attack, argv);
	return (struct box_spec){
		.argv = argv,
		.environment = environment,
		.session = last_session,
		.bundle_fd = bundle,
		.stdin_fd = -1,
		.stdin_data = asks ? "question" : NULL, /* without: what all runs have in common */
		.stdin_size = asks ? 8 : 0,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.collect = attack->collects ? "out" : NULL,
		.collect_bytes = COLLECT_BYTES,
		.limits = limits_of(attack),
	};
}

static int check_collected_file(const struct bundle_file *file, void *context)
{
	const struct attack *attack = context;
	if (attack->collected ? strncmp(file->data, attack->collected, strlen(attack->collected)) != 0
			      : file->size > 0)
		fail_msg("%s: collected %s, which holds %.40s", attack->name, file->name,
			 (const char *)file->data);
	return 0;
}

static void check_attack(const struct attack *attack, const struct box_spec *spec,
			 const struct box_result *result)
{
	struct error err = { 0 };
	if (!(attack->outcomes & 1u << result->outcome))
		support_expect(attack->name, result, (enum box_outcome)__builtin_ctz(attack->outcomes),
			       attack->code);
	support_expect(attack->name, result, result->outcome, attack->code);
	if (attack->says && !strstr(result->stdout_data, attack->says))
		fail_msg("%s: does not say '%s' but: %s", attack->name, attack->says, result->stdout_data);
	assert_true(result->stdout_size <= (size_t)spec->limits.output_bytes);
	assert_true(result->stderr_size <= (size_t)spec->limits.output_bytes);
	if (result->outcome == BOX_OUTPUT_LIMIT)
		assert_true(result->stdout_cut || result->stderr_cut);
	if (result->processes_peak != BOX_UNKNOWN)
		assert_in_range(result->processes_peak, 1, (uint64_t)spec->limits.processes);
	if (result->memory_bytes != BOX_UNKNOWN)
		assert_in_range(result->memory_bytes, 0, (uint64_t)spec->limits.memory_bytes + MIB);
	if (result->collected_fd >= 0 &&
	    bundle_visit(result->collected_fd, check_collected_file, (void *)(uintptr_t)attack, &err) < 0)
		fail_msg("%s: a bad bundle: %s", attack->name, err.text);
}

/* `names`: what was placed beside the probe. */
static void probe(const char *after, uint64_t session, int bundle, const char *names)
{
	char processes[16], memory[16];
	static const char *const environment[] = { NULL };
	struct box_spec spec = {
		.argv = (const char *const[]){ "/box/probe", processes, memory, "probe", names, NULL },
		.environment = environment,
		.session = session,
		.bundle_fd = bundle,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
	struct box_result result;
	if (support_slowness() > 1)
		spec.limits.memory_bytes /= 4;
	snprintf(processes, sizeof processes, "%d", spec.limits.processes);
	snprintf(memory, sizeof memory, "%lld", (long long)spec.limits.memory_bytes / 8 * 5);
	support_run(lane, &spec, &result);
	support_expect(after, &result, BOX_EXITED, 0);
	int pid = 0;
	if (sscanf(result.stdout_data, "pid %d", &pid) != 1 || pid < 2 || (session == 0 && pid > 3))
		fail_msg("%s: the probe's process number is %d", after, pid);
	box_result_free(&result);
}

static void attack_and_probe(void **state)
{
	const struct attack *attack = *state;
	char program[64], after[128];
	const char *argv[CANARY_COUNT + 4];
	struct box_result result;
	snprintf(program, sizeof program, "hostile/%s", attack->name);
	last_session++;
	cleanup_fd int both = support_bundle((const char *const[]){ program, "probe" }, 2);
	cleanup_fd int alone = support_bundle((const char *const[]){ "probe" }, 1);

	struct box_spec spec = attack_spec(attack, argv, both);
	support_run(lane, &spec, &result);
	check_attack(attack, &spec, &result);
	box_result_free(&result);

	snprintf(after, sizeof after, "the probe after %s, same submission", attack->name);
	probe(after, last_session, both, attack->name);
	snprintf(after, sizeof after, "the probe after %s, another submission", attack->name);
	probe(after, 0, alone, NULL);
}

/* ---- attacks that need more than one run ---- */

struct neighbour {
	pthread_t thread;
	struct lane *lane;
	struct attack attack;
	struct box_result result;
	int bundle;
};

static void *neighbour_main(void *context)
{
	struct neighbour *neighbour = context;
	const char *argv[CANARY_COUNT + 4];
	struct error err = { 0 };
	struct box_spec spec = attack_spec(&neighbour->attack, argv, neighbour->bundle);
	spec.session = 0;
	if (box_run(neighbour->lane, &spec, &neighbour->result, &err) < 0)
		neighbour->result.outcome = BOX_INTERNAL_ERROR;
	return NULL;
}

/* Runs `program FIRST` in a lane of its own until it is cancelled, meanwhile `program SECOND` in the shared one. */
static void two_at_once(const char *program, const char *first, const char *second, const char *says)
{
	char file[64];
	snprintf(file, sizeof file, "hostile/%s", program);
	cleanup_fd int bundle = support_bundle((const char *const[]){ file }, 1);
	struct neighbour neighbour = {
		.lane = support_lane(),
		.attack = { .name = program, .argument = first, .limits = { .wall_time_us = 3000 * MS } },
		.bundle = bundle
	};
	assert_int_equal(pthread_create(&neighbour.thread, NULL, neighbour_main, &neighbour), 0);
	usleep(300 *
	       1000); /* the neighbour is under way; were it not, this test would prove less, not fail */

	struct attack attack = { .name = program, .argument = second };
	const char *argv[CANARY_COUNT + 4];
	struct box_result result;
	struct box_spec spec = attack_spec(&attack, argv, bundle);
	spec.session = 0;
	support_run(lane, &spec, &result);
	box_cancel(neighbour.lane);
	pthread_join(neighbour.thread, NULL);
	lane_free(neighbour.lane);
	support_expect(program, &result, BOX_EXITED, 0);
	if (says && !strstr(result.stdout_data, says))
		fail_msg("%s %s: does not say '%s' but: %s", program, second, says, result.stdout_data);
	support_expect("the neighbour", &neighbour.result, BOX_CANCELLED, 0);
	if (strstr(neighbour.result.stdout_data, "breach"))
		fail_msg("%s %s: %s", program, first, neighbour.result.stdout_data);
	box_result_free(&result);
	box_result_free(&neighbour.result);
}

static void boxes_do_not_meet(void **state)
{
	(void)state;
	two_at_once("abstract_socket", "listen", "connect", "connect to the other box: ECONNREFUSED");
}

static void boxes_do_not_talk_by_locks(void **state)
{
	(void)state;
	two_at_once("channel_lock", "hold", "try", NULL);
}

static void boxes_do_not_talk_by_watching(void **state)
{
	(void)state;
	two_at_once("channel_watch", "listen", "speak", NULL);
}

static void boxes_do_not_starve_each_other(void **state)
{
	(void)state;
	two_at_once("inotify_hoard", NULL, "one", "one instance can be had: yes");
}

/* A script whose interpreter is "the program that is being started": whatever runs then, it runs inside. */
static void script_runs_the_starter(void **state)
{
	(void)state;
	static const char script[] = "#!/proc/self/exe\n";
	struct error err = { 0 };
	int bundle_fd = -1;
	const struct bundle_file file = { "script", script, sizeof script - 1, true };
	assert_int_equal(bundle_make(&file, 1, &bundle_fd, &err), 0);
	cleanup_fd int bundle = bundle_fd;
	struct box_spec spec = {
		.argv = (const char *const[]){ "/box/script", NULL },
		.bundle_fd = bundle,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
	struct box_result result = { .collected_fd = -1 };
	if (box_run(lane, &spec, &result, &err) == 0)
		assert_true(result.outcome != BOX_EXITED || result.exit_code != 0);
	box_result_free(&result);
	cleanup_fd int alone = support_bundle((const char *const[]){ "probe" }, 1);
	probe("the probe after a script of the starter", 0, alone, NULL);
}

/* The caller's own descriptor as stdin: two runs get the same bytes, and the host's copy stays as it is. */
static void streams_of_the_caller(void **state)
{
	(void)state;
	struct error err = { 0 };
	static const struct attack attack = { .name = "reopen_streams" };
	const char *argv[CANARY_COUNT + 4];
	cleanup_fd int question = fd_sealed("question", "question", 8, &err);
	cleanup_fd int bundle = support_bundle((const char *const[]){ "hostile/reopen_streams" }, 1);
	for (int i = 0; i < 2; i++) {
		struct box_result result;
		struct box_spec spec = attack_spec(&attack, argv, bundle);
		cleanup_fd int stdin_fd = fd_reopen_readonly(question);
		spec.session = 0;
		spec.stdin_fd = stdin_fd;
		support_run(lane, &spec, &result);
		support_expect("reopen_streams", &result, BOX_EXITED, 0);
		box_result_free(&result);
	}
	char bytes[16] = "";
	assert_int_equal(pread(question, bytes, sizeof bytes, 0), 8);
	assert_string_equal(bytes, "question");
}

/* ---- the host, before and after ---- */

static int host_listener = -1;

static void make_canary(int index, const char *folder)
{
	snprintf(canaries[index], sizeof canaries[index], "%s/arena-canary-XXXXXX", folder);
	cleanup_fd int fd = mkstemp(canaries[index]);
	assert_true(fd >= 0 && fd_write_all(fd, canary_text, sizeof canary_text) == 0);
	assert_int_equal(fchmod(fd, 0666), 0); /* so that only the box keeps anybody from it */
}

static void check_canary(const char *path)
{
	char text[sizeof canary_text + 8] = "";
	struct stat status = { 0 };
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &status) == 0);
	assert_int_equal(read(fd, text, sizeof text), sizeof canary_text);
	assert_string_equal(text, canary_text);
	assert_int_equal(status.st_mode & 07777, 0666);
	assert_int_equal(status.st_nlink, 1);
}

static void listen_on_the_host(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(host_socket_name, sizeof host_socket_name, "arena-canary-%d", (int)getpid());
	snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s", host_socket_name);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(host_socket_name));
	host_listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(host_listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(host_listener, 5), 0);
}

static int set_up(void **state)
{
	if (support_open(state) < 0)
		return -1;
	static const char *const folders[CANARY_COUNT] = { "/tmp", "/var/tmp", "/dev/shm" };
	for (int i = 0; i < CANARY_COUNT; i++)
		make_canary(i, folders[i]);
	gethostname(host_name, sizeof host_name - 1);
	listen_on_the_host();
	lane = support_lane();
	return 0;
}

static void host_is_untouched(void **state)
{
	(void)state;
	for (int i = 0; i < CANARY_COUNT; i++)
		check_canary(canaries[i]);
	assert_int_equal(accept(host_listener, NULL, NULL), -1);
}

static int tear_down(void **state)
{
	for (int i = 0; i < CANARY_COUNT; i++)
		unlink(canaries[i]);
	close_fd(&host_listener);
	lane_free(lane);
	return support_close(state);
}

/* As under nohup, in a shell's background job, or of a parent that used posix_spawn, which leaves libc's own
 * two signals ignored: the probe looks that no program inherits it. */
static void ignore_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, 32, 33 };
	const struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} ignored = { .handler = SIG_IGN };
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		syscall(SYS_rt_sigaction, numbers[i], &ignored, NULL, sizeof ignored.mask);
}

int main(int argc, char **argv)
{
	ignore_signals();
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(boxes_do_not_meet),
		cmocka_unit_test(boxes_do_not_talk_by_locks),
		cmocka_unit_test(boxes_do_not_talk_by_watching),
		cmocka_unit_test(boxes_do_not_starve_each_other),
		cmocka_unit_test(script_runs_the_starter),
		cmocka_unit_test(streams_of_the_caller),
		cmocka_unit_test(host_is_untouched),
	};
	enum { OTHERS = sizeof others / sizeof others[0] };
	static struct CMUnitTest tests[ATTACKS + OTHERS];
	for (size_t i = 0; i < ATTACKS; i++)
		tests[i] = (struct CMUnitTest){ .name = attacks[i].name,
						.test_func = attack_and_probe,
						.initial_state = (void *)(uintptr_t)&attacks[i] };
	memcpy(tests + ATTACKS, others, sizeof others);
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("hostile", tests, set_up, tear_down);
}
