/* The plain life of a box: how it ends, what goes in and comes out, sessions, cancelling, lanes side by side. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

static struct lane *lane;

static void act_in(struct lane *where, const char *arguments, uint64_t session, const char *expected)
{
	struct actor_run run;
	struct box_result result;
	support_actor(&run, arguments);
	run.spec.session = session;
	support_run(where, &run.spec, &result);
	support_expect(arguments, &result, BOX_EXITED, 0);
	if (expected && strcmp(result.stdout_data, expected) != 0)
		fail_msg("%s: says '%s', expected '%s'", arguments, result.stdout_data, expected);
	box_result_free(&result);
}

/* ---- ends ---- */

static void exit_codes_and_signals(void **state)
{
	(void)state;
	static const struct {
		const char *arguments;
		enum box_outcome outcome;
		int code;
	} cases[] = {
		{ "exit 0", BOX_EXITED, 0 },        { "exit 1", BOX_EXITED, 1 },
		{ "exit 127", BOX_EXITED, 127 },    { "exit 255", BOX_EXITED, 255 },
		{ "signal 6", BOX_SIGNALED, 6 },    { "signal 9", BOX_SIGNALED, 9 },
		{ "signal 11", BOX_SIGNALED, 11 },  { "signal 13", BOX_SIGNALED, 13 },
		{ "signal 15", BOX_SIGNALED, 15 },  { "signal 8", BOX_SIGNALED, 8 },
		{ "signal 34", BOX_SIGNALED, 34 },  { "signal 2", BOX_SIGNALED, 2 },
		{ "abort", BOX_SIGNALED, SIGABRT }, { "signal 17", BOX_EXITED, 99 },
		{ "signal 24", BOX_SIGNALED, 24 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct box_result result;
		support_act(lane, cases[i].arguments, &result);
		support_expect(cases[i].arguments, &result, cases[i].outcome, cases[i].code);
		assert_int_equal(result.signal, result.outcome == BOX_SIGNALED ? cases[i].code : 0);
		assert_int_equal(result.exit_code, result.outcome == BOX_EXITED ? cases[i].code : -1);
		box_result_free(&result);
	}
}

/* What execve(2) answers, with the program's name; the lane is none the worse for it. */
static void programs_that_cannot_start(void **state)
{
	(void)state;
	static const struct bundle_file files[] = {
		{ "plain", "no program\n", 11, false },
		{ "garbage", "\001\002\003\004", 4, true },
		{ "orphan", "#!/nowhere/interpreter\n", 23, true },
		{ "folder/file", "", 0, false },
	};
	static const struct {
		const char *program;
		int code;
	} cases[] = {
		{ "/box/absent", -ENOENT },   { "/box/plain", -EACCES },  { "/box/garbage", -ENOEXEC },
		{ "/box/orphan", -ENOENT },   { "/box/folder", -EACCES }, { "/usr/bin/absent", -ENOENT },
		{ "/box/plain/x", -ENOTDIR },
	};
	struct error err = { 0 };
	int bundle_fd = -1;
	assert_int_equal(bundle_make(files, sizeof files / sizeof files[0], &bundle_fd, &err), 0);
	cleanup_fd int bundle = bundle_fd;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct box_result result;
		struct actor_run run;
		support_actor(&run, "exit 0");
		run.argv[0] = cases[i].program;
		run.spec.bundle_fd = bundle;
		int code = box_run(lane, &run.spec, &result, &err);
		if (code != cases[i].code || !strstr(err.text, cases[i].program))
			fail_msg("%s: %d, '%s'; expected %d", cases[i].program, code, err.text,
				 cases[i].code);
		assert_int_equal(result.outcome, BOX_INTERNAL_ERROR);
		box_result_free(&result);
	}
	act_in(lane, "exit 0", 0, "");
}

static void a_folder_that_is_not_there(void **state)
{
	(void)state;
	struct box_result result;
	struct actor_run run;
	struct error err = { 0 };
	support_actor(&run, "exit 0");
	run.spec.directory = "/box/absent";
	assert_int_equal(box_run(lane, &run.spec, &result, &err), -ENOENT);
	box_result_free(&result);
}

/* ---- streams ---- */

static void bytes_go_through_unchanged(void **state)
{
	(void)state;
	struct actor_run run;
	struct box_result result;
	char bytes[30000];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	support_actor(&run, "cat");
	run.spec.stdin_data = bytes;
	run.spec.stdin_size = sizeof bytes;
	support_run(lane, &run.spec, &result);
	support_expect("cat", &result, BOX_EXITED, 0);
	assert_int_equal(result.stdout_size, sizeof bytes);
	assert_memory_equal(result.stdout_data, bytes, sizeof bytes);
	assert_int_equal(result.stdout_data[sizeof bytes], '\0');
	box_result_free(&result);

	support_act(lane, "cat", &result); /* nothing on stdin: the end at once */
	support_expect("cat", &result, BOX_EXITED, 0);
	assert_int_equal(result.stdout_size, 0);
	assert_non_null(result.stdout_data);
	box_result_free(&result);
}

static void streams_are_apart(void **state)
{
	(void)state;
	struct box_result result;
	support_act(lane, "both", &result);
	support_expect("both", &result, BOX_EXITED, 0);
	assert_int_equal(result.stdout_size, 8);
	assert_memory_equal(result.stdout_data, "out\0put\xff", 8);
	assert_int_equal(result.stderr_size, 5);
	assert_string_equal(result.stderr_data, "error");
	assert_false(result.stdout_cut || result.stderr_cut);
	box_result_free(&result);
}

static void streams_may_be_descriptors(void **state)
{
	(void)state;
	struct actor_run run;
	struct box_result result;
	char bytes[64] = "";
	cleanup_fd int out = memfd_create("out", MFD_CLOEXEC), errors = memfd_create("errors", MFD_CLOEXEC);
	support_actor(&run, "both");
	run.spec.stdout_fd = out;
	run.spec.stderr_fd = errors;
	support_run(lane, &run.spec, &result);
	support_expect("both", &result, BOX_EXITED, 0);
	assert_null(result.stdout_data);
	assert_null(result.stderr_data);
	assert_int_equal(pread(out, bytes, sizeof bytes, 0), 8);
	assert_memory_equal(bytes, "out\0put\xff", 8);
	assert_int_equal(pread(errors, bytes, sizeof bytes, 0), 5);
	box_result_free(&result);

	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "through a pipe", 14), 14);
	close(ends[1]);
	support_actor(&run, "cat");
	run.spec.stdin_fd = ends[0];
	support_run(lane, &run.spec, &result);
	close(ends[0]);
	assert_string_equal(result.stdout_data, "through a pipe");
	box_result_free(&result);
}

/* ---- what the program sees ---- */

static void arguments_environment_folder(void **state)
{
	(void)state;
	static const char *const environment[] = { "A=1", "EMPTY=", "UTF8=\xc3\xa4", "SPACED=a b", NULL };
	struct actor_run run;
	struct box_result result;
	support_actor(&run, "arguments one");
	run.argv[3] = "";
	run.argv[4] = "two words";
	run.argv[5] = "\xff\n'\"*";
	run.argv[6] = NULL;
	support_run(lane, &run.spec, &result);
	assert_string_equal(result.stdout_data, "one\n\ntwo words\n\xff\n'\"*\n");
	box_result_free(&result);

	support_actor(&run, "environment");
	run.spec.environment = environment;
	support_run(lane, &run.spec, &result);
	assert_string_equal(result.stdout_data, "A=1\nEMPTY=\nUTF8=\xc3\xa4\nSPACED=a b\n");
	box_result_free(&result);
	run.spec.environment = NULL;
	support_run(lane, &run.spec, &result);
	assert_string_equal(result.stdout_data, "");
	box_result_free(&result);

	act_in(lane, "folder", 0, "/box\n");
	support_actor(&run, "folder");
	run.spec.directory = "/tmp";
	support_run(lane, &run.spec, &result);
	assert_string_equal(result.stdout_data, "/tmp\n");
	box_result_free(&result);
}

static void descriptors_of_ours_stay_out(void **state)
{
	(void)state;
	int leaky[20]; /* not close-on-exec: a lane made now must not hand them on either */
	for (int i = 0; i < 20; i++)
		leaky[i] = open("/etc/passwd", O_RDONLY);
	struct lane *other = support_lane();
	act_in(lane, "descriptors", 0, "0 1 2 ");
	act_in(other, "descriptors", 0, "0 1 2 ");
	lane_free(other);
	for (int i = 0; i < 20; i++)
		close(leaky[i]);
}

static void the_most_arguments(void **state)
{
	(void)state;
	struct actor_run run;
	struct box_result result;
	struct error err = { 0 };
	static char large[60000];
	memset(large, 'a', sizeof large - 1);
	support_actor(&run, "arguments x");
	run.argv[2] = large;
	support_run(lane, &run.spec, &result);
	support_expect("large argument", &result, BOX_EXITED, 0);
	assert_int_equal(result.stdout_size, sizeof large);
	box_result_free(&result);

	static char too_large[200000];
	memset(too_large, 'a', sizeof too_large - 1);
	run.argv[2] = too_large;
	assert_true(box_run(lane, &run.spec, &result, &err) < 0);
	assert_true(err.text[0] != '\0');
	box_result_free(&result);
	act_in(lane, "exit 0", 0, "");
}

/* ---- files ---- */

struct seen {
	int count;
	bool program, data, empty;
};

static int see(const struct bundle_file *file, void *context)
{
	struct seen *seen = context;
	seen->count++;
	seen->program |= strcmp(file->name, "out/program") == 0 && file->executable && file->size == 10;
	seen->data |= strcmp(file->name, "out/deep/data") == 0 && !file->executable && file->size == 5000;
	seen->empty |= strcmp(file->name, "out/empty") == 0 && file->size == 0;
	return 0;
}

static int collect(const char *arguments, const char *name, int64_t bytes)
{
	struct actor_run run;
	struct box_result result;
	support_actor(&run, arguments);
	run.spec.collect = name;
	run.spec.collect_bytes = bytes;
	support_run(lane, &run.spec, &result);
	int fd = take_fd(&result.collected_fd);
	box_result_free(&result);
	return fd;
}

static void files_are_placed(void **state)
{
	(void)state;
	static const struct bundle_file files[] = {
		{ "data", "some\0data", 9, false },
		{ "empty", "", 0, false },
		{ "deep/er/program", "#!/bin/sh\necho from a script $0\n", 32, true },
		{ "odd name\n*", "odd", 3, false },
	};
	struct error err = { 0 };
	struct box_result result;
	int bundle_fd = -1;
	assert_int_equal(bundle_make(files, 4, &bundle_fd, &err), 0);
	cleanup_fd int bundle = bundle_fd;
	struct actor_run run;
	support_actor(&run, "");
	run.argv[0] = "/box/deep/er/program";
	run.argv[1] = NULL;
	run.spec.bundle_fd = bundle;
	support_run(lane, &run.spec, &result);
	support_expect("script", &result, BOX_EXITED, 0);
	assert_string_equal(result.stdout_data, "from a script /box/deep/er/program\n");
	box_result_free(&result);

	run.argv[0] = "/usr/bin/cat";
	run.argv[1] = "data";
	run.argv[2] = "empty";
	run.argv[3] = "odd name\n*";
	run.argv[4] = NULL;
	support_run(lane, &run.spec, &result);
	assert_int_equal(result.stdout_size, 12);
	assert_memory_equal(result.stdout_data, "some\0dataodd", 12);
	box_result_free(&result);
	act_in(lane, "mode /box/actor", 0, "755 0\n"); /* not the program's own */
}

static void files_are_collected(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct seen seen = { 0 };
	cleanup_fd int all = collect("tree", "out", 1 << 20);
	assert_true(all >= 0);
	assert_int_equal(bundle_visit(all, see, &seen, &err), 0);
	assert_true(seen.count == 3 && seen.program && seen.data && seen.empty);

	cleanup_fd int one = collect("write /box/out 77", "out", 77);
	seen = (struct seen){ 0 };
	assert_true(one >= 0);
	assert_int_equal(bundle_visit(one, see, &seen, &err), 0);
	assert_int_equal(seen.count, 1);

	assert_int_equal(collect("write /box/out 78", "out", 77), -1);     /* too large */
	assert_int_equal(collect("tree", "out", 5000), -1);                /* together too large */
	assert_int_equal(collect("exit 0", "out", 77), -1);                /* absent */
	assert_int_equal(collect("exit 1", "actor", 1 << 30), -1);         /* not exited with 0 */
	assert_int_equal(collect("exit 0", "../etc/passwd", 1 << 20), -1); /* not beneath */
	assert_int_equal(collect("exit 0", "/etc/passwd", 1 << 20), -1);
}

/* A compiler's output goes into the next box without being unpacked on this side. */
static void collected_programs_run(void **state)
{
	(void)state;
	static const struct bundle_file source = {
		"main.c", "#include <stdio.h>\nint main(void) { puts(\"compiled\"); }\n", 56, false
	};
	struct error err = { 0 };
	struct box_result result;
	int bundle_fd = -1;
	assert_int_equal(bundle_make(&source, 1, &bundle_fd, &err), 0);
	cleanup_fd int bundle = bundle_fd;
	static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	struct box_spec spec = {
		.argv = (const char *const[]){ "/usr/bin/gcc", "-o", "main", "main.c", NULL },
		.environment = environment,
		.bundle_fd = bundle,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.collect = "main",
		.collect_bytes = 1 << 20,
		.limits = support_limits(),
	};
	spec.limits.cpus = 0;
	spec.limits.cpu_time_us = spec.limits.wall_time_us = 30000000;
	spec.limits.memory_bytes = 256 << 20;
	support_run(lane, &spec, &result);
	support_expect("gcc", &result, BOX_EXITED, 0);
	cleanup_fd int compiled = take_fd(&result.collected_fd);
	assert_true(compiled >= 0);
	box_result_free(&result);

	spec.argv = (const char *const[]){ "/box/main", NULL };
	spec.bundle_fd = compiled;
	spec.collect = NULL;
	spec.limits = support_limits();
	support_run(lane, &spec, &result);
	support_expect("main", &result, BOX_EXITED, 0);
	assert_string_equal(result.stdout_data, "compiled\n");
	box_result_free(&result);
}

static void bad_bundles_are_refused(void **state)
{
	(void)state;
	static char long_name[400], deep_name[100];
	memset(long_name, 'n', sizeof long_name - 1);
	for (size_t i = 0; i < 35; i++)
		deep_name[i] = i == 34 ? 'f' : i % 2 ? '/' : 'd'; /* d/d/.../f, 18 deep */
	const char *const names[] = { "",      ".",    "..", "/absolute", "../up",  "a/../b",
				      "a/./b", "a//b", "a/", long_name,   deep_name };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct error err = { 0 };
		int fd = -1;
		struct bundle_file file = { names[i], "x", 1, false };
		if (bundle_make(&file, 1, &fd, &err) == 0)
			fail_msg("'%s' was accepted", names[i]);
		assert_int_equal(fd, -1);
	}

	/* What is no bundle, or one that was changed. */
	struct error err = { 0 };
	struct seen seen = { 0 };
	cleanup_fd int garbage = fd_sealed("garbage", "ARBUNDL1garbage", 15, &err);
	cleanup_fd int empty = fd_sealed("empty", "", 0, &err);
	cleanup_fd int open_file = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(bundle_visit(garbage, see, &seen, &err) < 0);
	assert_true(bundle_visit(empty, see, &seen, &err) < 0);
	assert_true(bundle_visit(open_file, see, &seen, &err) < 0);
	assert_int_equal(seen.count, 0);
	const int bad[] = { garbage, empty, open_file };
	for (int i = 0; i < 3; i++) {
		struct actor_run run;
		struct box_result result;
		support_actor(&run, "exit 0");
		run.spec.bundle_fd = bad[i];
		assert_true(box_run(lane, &run.spec, &result, &err) < 0);
		box_result_free(&result);
	}
	act_in(lane, "exit 0", 0, "");
}

/* Every prefix of a good bundle, and every bundle with one byte changed: refused or read, never past the end. */
static void broken_bundles_are_walked_safely(void **state)
{
	(void)state;
	static const struct bundle_file files[] = { { "one", "11", 2, false }, { "t/wo", "22222", 5, true } };
	struct error err = { 0 };
	int bundle_fd = -1;
	char bytes[512];
	assert_int_equal(bundle_make(files, 2, &bundle_fd, &err), 0);
	cleanup_fd int bundle = bundle_fd;
	ssize_t size = pread(bundle, bytes, sizeof bytes, 0);
	assert_in_range(size, 20, sizeof bytes - 1);
	for (ssize_t at = 0; at < size; at++) {
		struct seen seen = { 0 };
		cleanup_fd int prefix = fd_sealed("prefix", bytes, (size_t)at, &err);
		assert_true(bundle_visit(prefix, see, &seen, &err) < 0);
		for (int bit = 0; bit < 8; bit++) {
			bytes[at] = (char)(bytes[at] ^ 1 << bit);
			cleanup_fd int changed = fd_sealed("changed", bytes, (size_t)size, &err);
			bundle_visit(changed, see, &seen, &err);
			bytes[at] = (char)(bytes[at] ^ 1 << bit);
		}
	}
}

/* ---- sessions ---- */

static void a_session_keeps_its_box_and_wipes_it(void **state)
{
	(void)state;
	act_in(lane, "write /box/left 10", 1, NULL);
	act_in(lane, "list /box", 1, "actor\n");
	act_in(lane, "tree", 1, NULL);
	act_in(lane, "list /box", 1, "actor\n");
	act_in(lane, "write /tmp/left 10", 1, NULL);
	act_in(lane, "list /tmp", 1, "");
	act_in(lane, "list /dev/shm", 1, "");
	act_in(lane, "names /box", 1, NULL);
	act_in(lane, "list /box", 1, "actor\n");
}

/* A box is known by its process namespace. Each run in it has the same process number. */
static long box_of(uint64_t session)
{
	struct actor_run run;
	struct box_result result;
	long number = 0;
	support_actor(&run, "pid");
	run.spec.session = session;
	support_run(lane, &run.spec, &result);
	if (support_numbers_begin_anew())
		assert_int_equal(atoi(result.stdout_data), 2);
	box_result_free(&result);
	run.spec.argv = (const char *const[]){ "/usr/bin/readlink", "/proc/self/ns/pid", NULL };
	support_run(lane, &run.spec, &result);
	assert_int_equal(sscanf(result.stdout_data, "pid:[%ld]", &number), 1);
	box_result_free(&result);
	return number;
}

static void sessions_are_apart(void **state)
{
	(void)state;
	long first = box_of(10), second = box_of(10), other = box_of(11), again = box_of(10);
	assert_int_equal(second, first);
	assert_int_not_equal(other, first);
	assert_int_not_equal(again, other);
	act_in(lane, "write /box/left 10", 20, NULL);
	act_in(lane, "list /box", 21, "actor\n");
	act_in(lane, "list /box", 0, "actor\n");
	act_in(lane, "list /box", 20, "actor\n");
}

static void a_session_may_have_no_files(void **state)
{
	(void)state;
	struct box_result result;
	struct box_spec spec = {
		.argv = (const char *const[]){ "/usr/bin/ls", "-A", "/box", "/tmp", NULL },
		.session = 30,
		.bundle_fd = -1,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = support_limits(),
	};
	for (int i = 0; i < 3; i++) {
		support_run(lane, &spec, &result);
		support_expect("ls", &result, BOX_EXITED, 0);
		assert_string_equal(result.stdout_data, "/box:\n\n/tmp:\n");
		box_result_free(&result);
	}
}

/* ---- cancelling ---- */

struct cancelling {
	struct lane *lane;
	int ready_fd; /* something arrives there when the program is under way; -1: after `delay_us` */
	useconds_t delay_us;
	atomic_bool flag;
};

static void *cancel_main(void *context)
{
	struct cancelling *cancelling = context;
	char word[8];
	if (cancelling->ready_fd >= 0 && read(cancelling->ready_fd, word, sizeof word) <= 0)
		return NULL;
	if (cancelling->delay_us)
		usleep(cancelling->delay_us);
	atomic_store(&cancelling->flag, true);
	box_cancel(cancelling->lane);
	return NULL;
}

static void a_run_is_cancelled(void **state)
{
	(void)state;
	struct actor_run run;
	struct box_result result;
	int ends[2];
	pthread_t thread;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		struct cancelling cancelling = { .lane = lane, .ready_fd = ends[0] };
		assert_int_equal(pthread_create(&thread, NULL, cancel_main, &cancelling), 0);
		support_actor(&run, "ready 60000000");
		run.spec.stdout_fd = ends[1];
		run.spec.session = 40;
		support_run(lane, &run.spec, &result);
		pthread_join(thread, NULL);
		support_expect("ready", &result, BOX_CANCELLED, 0);
		close(ends[0]);
		close(ends[1]);
		box_result_free(&result);
		act_in(lane, "list /box", 40, "actor\n");
	}
	box_cancel(lane); /* nothing is under way */
	act_in(lane, "exit 0", 0, "");
}

/* However early: before the request is sent, while it is on its way, while the program starts. */
static void cancelling_is_never_lost(void **state)
{
	(void)state;
	for (useconds_t delay_us = 0; delay_us < 300; delay_us += 3 * (useconds_t)support_slowness()) {
		if (delay_us % 2)
			act_in(lane, "names /tmp", 41,
			       NULL); /* the next run finds its box gone, and asks again */
		struct actor_run run;
		struct box_result result;
		pthread_t thread;
		struct cancelling cancelling = { .lane = lane, .ready_fd = -1, .delay_us = delay_us };
		support_actor(&run, "sleep 60000000");
		run.spec.session = 41;
		run.spec.cancelled = &cancelling.flag;
		assert_int_equal(pthread_create(&thread, NULL, cancel_main, &cancelling), 0);
		support_run(lane, &run.spec, &result);
		pthread_join(thread, NULL);
		if (result.outcome != BOX_CANCELLED)
			fail_msg("cancelled after %u us: %s", delay_us, box_outcome_name(result.outcome));
		box_result_free(&result);
	}
}

/* ---- lanes ---- */

struct worker {
	pthread_t thread;
	struct lane *lane;
	int number, failures;
};

static void *worker_main(void *context)
{
	struct worker *worker = context;
	for (int i = 0; i < 60 / support_slowness(); i++) {
		char arguments[32];
		struct actor_run run;
		struct box_result result;
		struct error err = { 0 };
		int code = worker->number * 60 + i;
		snprintf(arguments, sizeof arguments, "exit %d", code);
		support_actor(&run, arguments);
		run.spec.session = i % 3 == 0 ? 0 : (uint64_t)i / 6 + 1;
		worker->failures += box_run(worker->lane, &run.spec, &result, &err) < 0 ||
				    result.outcome != BOX_EXITED || result.exit_code != code;
		box_result_free(&result);
	}
	return NULL;
}

static void lanes_side_by_side(void **state)
{
	(void)state;
	enum { WORKERS = 4 };
	struct worker workers[WORKERS] = { 0 };
	for (int i = 0; i < WORKERS; i++) {
		workers[i].lane = support_lane();
		workers[i].number = i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]), 0);
	}
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].failures, 0);
		lane_free(workers[i].lane);
	}
}

static void lanes_come_and_go(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++) {
		struct lane *idle = support_lane();
		if (i % 2)
			act_in(idle, "exit 0", 5, "");
		lane_free(idle);
	}
	lane_free(NULL);
}

static struct host_state settled_state(void)
{
	struct host_state state;
	usleep(300 * 1000); /* ends and beginnings that nobody waits for */
	support_host_state(&state);
	return state;
}

/* A thousand runs leave nothing behind: no descriptor, process, mount or control group. */
static void nothing_piles_up(void **state)
{
	(void)state;
	act_in(lane, "exit 0", 1, "");
	struct host_state before = settled_state();
	int folders = support_cgroup_folders();
	const uint64_t runs = 1000 / (uint64_t)support_slowness();
	for (uint64_t i = 0; i < runs; i++)
		act_in(lane, i % 50 ? "exit 0" : "names /tmp", i % 4 ? 1000 + i / 10 : 0, NULL);
	act_in(lane, "exit 0", 1, "");
	struct host_state after = settled_state();
	for (int i = 0; i < 10 && after.descendants != before.descendants; i++)
		after = settled_state();
	assert_int_equal(after.descriptors, before.descriptors);
	assert_int_equal(after.mounts, before.mounts);
	assert_int_equal(support_cgroup_folders(), folders);
	if (!support_own_maker())
		return;
	assert_true(before.descendants > 1);
	assert_int_equal(after.descendants, before.descendants);
	/* Some more or less, as the next box happens to be made: a leak would be one for every few runs. */
	assert_in_range(after.descendants_descriptors, before.descendants_descriptors - 5,
			before.descendants_descriptors + 5);
}

/* The keeper dies (somebody's out-of-memory killer): one run fails, the next finds a new lane. */
static void a_lane_is_rebuilt(void **state)
{
	(void)state;
	struct box_result result;
	struct actor_run run;
	struct error err = { 0 };
	if (!support_own_maker())
		return;
	struct lane *victim = support_lane();
	act_in(victim, "exit 0", 1, "");
	kill(support_youngest_keeper(), SIGKILL);
	support_actor(&run, "exit 0");
	int code = box_run(victim, &run.spec, &result, &err);
	assert_true(code == 0 || result.outcome == BOX_INTERNAL_ERROR);
	box_result_free(&result);
	act_in(victim, "exit 0", 1, "");
	lane_free(victim);
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
		cmocka_unit_test(exit_codes_and_signals),
		cmocka_unit_test(programs_that_cannot_start),
		cmocka_unit_test(a_folder_that_is_not_there),
		cmocka_unit_test(bytes_go_through_unchanged),
		cmocka_unit_test(streams_are_apart),
		cmocka_unit_test(streams_may_be_descriptors),
		cmocka_unit_test(arguments_environment_folder),
		cmocka_unit_test(descriptors_of_ours_stay_out),
		cmocka_unit_test(the_most_arguments),
		cmocka_unit_test(files_are_placed),
		cmocka_unit_test(files_are_collected),
		cmocka_unit_test(collected_programs_run),
		cmocka_unit_test(bad_bundles_are_refused),
		cmocka_unit_test(broken_bundles_are_walked_safely),
		cmocka_unit_test(a_session_keeps_its_box_and_wipes_it),
		cmocka_unit_test(sessions_are_apart),
		cmocka_unit_test(a_session_may_have_no_files),
		cmocka_unit_test(a_run_is_cancelled),
		cmocka_unit_test(cancelling_is_never_lost),
		cmocka_unit_test(lanes_side_by_side),
		cmocka_unit_test(lanes_come_and_go),
		cmocka_unit_test(nothing_piles_up),
		cmocka_unit_test(a_lane_is_rebuilt),
	};
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return support_run_group("box", tests, set_up, tear_down);
}
