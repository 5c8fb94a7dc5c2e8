/* The corpus: each program of hostile/ is one attack, and gets the outcome that its row says (attacks.c). While
 * it runs, a bystander looks out in another box; after it, the same lane runs the probe twice: as the next run of
 * the same submission, and as another submission. All attacks share one lane, so that what one leaves behind
 * shows; at the end the host is as it was, and no lane's network has seen a packet.
 *
 * `test_hostile NAME` runs one alone (with * as a wildcard), `test_hostile --list` prints the table as JSON. */
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

#include "attacks.h"
#include "base/cleanup.h"
#include "base/fd.h"

#define MIB (1 << 20)
#define MS  1000

enum { CANARY_COUNT = 3, COLLECT_BYTES = 1 << 20, TESTS_MAX = 512 };
static const char canary_text[] = "canary: nobody in a box may read or change this\n";

static struct lane *lane, *aside; /* the attacks', and the bystander's */
static pid_t keepers[2];          /* of both; -1 where the lane maker is another's */
static char canaries[CANARY_COUNT][64];
static char host_socket_name[64], host_name[256];
static uint64_t last_session;

/* ---- one attack ---- */

static struct limits limits_of(const struct attack *attack)
{
	const struct limits *changes = &attack->limits;
	struct limits limits = support_limits();
	const unsigned int time_limits = 1u << BOX_CPU_LIMIT | 1u << BOX_WALL_LIMIT;
	/* What has something to say before its time is up needs the time to say it. */
	const int slowness = attack->says || !(attack->outcomes & time_limits) ? support_slowness() : 1;
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

/* Probe and bystander look at what namespaces and mounts do, and there are none: what counts is the attack's own end, and
 * the host's canaries. tiers.c has the attacks that this tier does not stop. */
static bool restricted(void)
{
	return sandbox_tier(support_sandbox()) == SANDBOX_RESTRICTED;
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
	/* A process that is being killed is still given the huge page that it asked for. */
	if (result->memory_bytes != BOX_UNKNOWN && !restricted())
		assert_in_range(result->memory_bytes, 0, (uint64_t)spec->limits.memory_bytes + 4 * MIB);
	if (result->collected_fd >= 0 &&
	    bundle_visit(result->collected_fd, check_collected_file, (void *)(uintptr_t)attack, &err) < 0)
		fail_msg("%s: a bad bundle: %s", attack->name, err.text);
}

/* `names`: what was placed beside the probe. */
static void probe(const char *after, uint64_t session, int bundle, const char *names)
{
	if (restricted())
		return;
	char processes[16], memory[16];
	const bool one_id = sandbox_tier(support_sandbox()) == SANDBOX_ONE_ID;
	const char *const environment[] = { one_id ? "ONE_ID=yes" : NULL, NULL };
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
	spec.limits.memory_bytes /= 4; /* less than an attack may have left behind */
	snprintf(processes, sizeof processes, "%d", spec.limits.processes);
	snprintf(memory, sizeof memory, "%lld", (long long)spec.limits.memory_bytes / 8 * 5);
	support_run(lane, &spec, &result);
	support_expect(after, &result, BOX_EXITED, 0);
	int pid = 0;
	if (sscanf(result.stdout_data, "pid %d", &pid) != 1 || pid < 2 ||
	    (support_numbers_begin_anew() && pid != 2))
		fail_msg("%s: the probe's process number is %d", after, pid);
	box_result_free(&result);
}

/* ---- the run beside ---- */

struct bystander {
	pthread_t thread;
	int gate[2]; /* its stdin; closed when it is to end */
	int bundle, failed;
	struct box_result result;
	struct error err;
};

static void *bystander_main(void *context)
{
	struct bystander *bystander = context;
	static const char *const environment[] = { NULL };
	struct box_spec spec = {
		.argv = (const char *const[]){ "/box/bystander", support_slowness() > 1 ? "200" : "5", NULL },
		.environment = environment,
		.bundle_fd = bystander->bundle,
		.stdin_fd = bystander->gate[0],
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
	spec.limits.cpu_time_us *= 15;
	spec.limits.wall_time_us *= 15;
	bystander->failed = box_run(aside, &spec, &bystander->result, &bystander->err);
	return NULL;
}

static void bystander_begin(struct bystander *bystander)
{
	*bystander = (struct bystander){ .result.collected_fd = -1 };
	bystander->bundle = support_bundle((const char *const[]){ "bystander" }, 1);
	assert_int_equal(pipe2(bystander->gate, O_CLOEXEC), 0);
	assert_int_equal(pthread_create(&bystander->thread, NULL, bystander_main, bystander), 0);
}

static void bystander_end(struct bystander *bystander)
{
	close_fd(&bystander->gate[1]);
	pthread_join(bystander->thread, NULL);
	close_fd(&bystander->gate[0]);
	close_fd(&bystander->bundle);
}

static void check_bystander(const char *attack, struct bystander *bystander)
{
	char beside[128];
	snprintf(beside, sizeof beside, "the bystander of %s", attack);
	if (bystander->failed < 0)
		fail_msg("%s: %s", beside, bystander->err.text);
	support_expect(beside, &bystander->result, BOX_EXITED, 0);
	assert_non_null(strstr(bystander->result.stdout_data, "rounds"));
	box_result_free(&bystander->result);
}

static void attack_and_probe(void **state)
{
	struct bystander bystander;
	const struct attack *attack = *state;
	char program[64], after[128];
	const char *argv[CANARY_COUNT + 4];
	struct box_result result;
	snprintf(program, sizeof program, "hostile/%s", attack->name);
	last_session++;
	cleanup_fd int both = support_bundle((const char *const[]){ program, "probe" }, 2);
	cleanup_fd int alone = support_bundle((const char *const[]){ "probe" }, 1);

	struct box_spec spec = attack_spec(attack, argv, both);
	struct error err = { 0 };
	result = (struct box_result){ .collected_fd = -1 };
	const bool beside = !restricted();
	if (beside)
		bystander_begin(&bystander);
	int ran = box_run(lane, &spec, &result, &err);
	if (beside)
		bystander_end(&bystander);
	if (ran < 0)
		fail_msg("%s: the box failed: %s", attack->name, err.text);
	check_attack(attack, &spec, &result);
	if (beside)
		check_bystander(attack->name, &bystander);
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
	const struct attack_pair *pair = *state;
	two_at_once(pair->name, pair->first, pair->second, pair->says);
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
	assert_int_equal(status.st_uid, geteuid());
	assert_int_equal(status.st_gid, getegid());
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
	keepers[0] = support_youngest_keeper();
	aside = support_lane();
	keepers[1] = support_youngest_keeper();
	return 0;
}

/* The kernel's own counters of a network namespace: one line of names, one of values, a pair a protocol. */
static void check_protocols(pid_t keeper)
{
	char path[64], names[2048], values[2048];
	snprintf(path, sizeof path, "/proc/%d/net/snmp", (int)keeper);
	FILE *table = fopen(path, "re");
	int protocols = 0;
	assert_non_null(table);
	for (; fgets(names, sizeof names, table) && fgets(values, sizeof values, table); protocols++) {
		char *save_name, *save_value, *value = strtok_r(values, " \n", &save_value);
		for (char *name = strtok_r(names, " \n", &save_name); name && value;
		     name = strtok_r(NULL, " \n", &save_name), value = strtok_r(NULL, " \n", &save_value))
			if (strncmp(name, "Out", 3) == 0 && strcmp(value, "0") != 0)
				fail_msg("a box sent: %s %s", name, value);
	}
	fclose(table);
	assert_true(protocols > 2);
}

static void check_interfaces(pid_t keeper)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%d/net/dev", (int)keeper);
	FILE *table = fopen(path, "re");
	assert_non_null(table);
	while (fgets(line, sizeof line, table)) {
		const char *counts = strchr(line, ':');
		if (counts && strpbrk(counts, "123456789"))
			fail_msg("an interface of a box saw packets: %s", line);
	}
	fclose(table);
}

static void no_packet_was_sent(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		if (keepers[i] > 0) {
			check_interfaces(keepers[i]);
			check_protocols(keepers[i]);
		} else {
			print_message("left out: the lane maker is another process's; its lanes are not ours "
				      "to find\n");
		}
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
	lane_free(aside);
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
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		attacks_print();
		return 0;
	}
	ignore_signals();
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(script_runs_the_starter),
		cmocka_unit_test(streams_of_the_caller),
		cmocka_unit_test(no_packet_was_sent),
		cmocka_unit_test(host_is_untouched),
	};
	enum { OTHERS = sizeof others / sizeof others[0] };
	static struct CMUnitTest tests[TESTS_MAX];
	static char names[TESTS_MAX][96];
	size_t count = 0;
	for (size_t i = 0; i < attack_count; i++, count++)
		tests[count] = (struct CMUnitTest){ .name = attacks[i].name,
						    .test_func = attack_and_probe,
						    .initial_state = (void *)(uintptr_t)&attacks[i] };
	for (size_t i = 0; i < attack_pair_count; i++, count++) {
		const struct attack_pair *pair = &attack_pairs[i];
		snprintf(names[count], sizeof names[count], "two boxes: %s %s", pair->name, pair->second);
		tests[count] = (struct CMUnitTest){ .name = names[count],
						    .test_func = boxes_do_not_meet,
						    .initial_state = (void *)(uintptr_t)pair };
	}
	memcpy(tests + count, others, sizeof others);
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return support_run_tests("hostile", tests, count + OTHERS, set_up, tear_down);
}
