/* boxes.c - what a box costs.
 *
 * box-next        the next test case of a submission: same box, wiped; seen from the worker and inside
 * box-idle        the same after 60 ms of quiet
 * box-fresh       the first run of a fresh submission, its init prepared ahead: a pause before each run lets
 *                 the preparation end; the CPU time of all involved, preparation included, beside it
 * box-throughput  runs a second on all processors, a lane each, against as many threads of bare runs; the next
 *                 test cases of a submission are sent ahead, as the judge does; beside it one by one, and with two
 *                 lanes a processor */
#include "boxes.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bare.h"
#include "base/clock.h"
#include "samples.h"

static const char program[] = "/bin/true";
static const char bare_name[] = "bare vfork+exec+wait";

enum {
	NEXT_ROUNDS = 1000,
	IDLE_ROUNDS = 60,
	FRESH_ROUNDS = 300,
	QUIET_US = 60000,
	PREPARE_US = 4000, /* an init is ready after some 0.6 ms */
	THROUGHPUT_US = 1500000,
	THROUGHPUT_ROUNDS = 5,
	THREADS_MAX = 64,
};

static int begin_box(struct lane *lane, uint64_t session, struct error *err)
{
	const char *const argv[] = { program, NULL };
	const struct box_spec spec = {
		.argv = argv,
		.session = session,
		.bundle_fd = -1,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.limits = { .cpu_time_us = 1000000,
			    .wall_time_us = 3000000,
			    .memory_bytes = 64 << 20,
			    .output_bytes = 65536,
			    .file_bytes = 1 << 20,
			    .disk_bytes = 256 << 20,
			    .inodes = 16384,
			    .processes = 16,
			    .open_files = 64,
			    .cpus = 0 },
	};
	return box_begin(lane, &spec, err);
}

static int end_box(struct lane *lane, int64_t *inside_us, struct error *err)
{
	struct box_result result;
	int code = box_end(lane, &result, err);
	if (code == 0 && (result.outcome != BOX_EXITED || result.exit_code != 0))
		code = error_set(err, -EIO, "%s in a box: %s", program, box_outcome_name(result.outcome));
	if (inside_us)
		*inside_us = result.inside_us;
	box_result_free(&result);
	return code;
}

static int run_box(struct lane *lane, uint64_t session, int64_t *inside_us, struct error *err)
{
	int code = begin_box(lane, session, err);
	return code < 0 ? code : end_box(lane, inside_us, err);
}

static void print(const struct bench_options *options, const char *name, const char *unit,
		  struct samples *values, const char *baseline, struct samples *base)
{
	struct figure figure = { name, unit, values, baseline, base, 0 };
	figure_print(&figure, options->json);
}

/* Bare and boxed in turn, `pause_us` before each. */
static int interleave(struct lane *lane, int rounds, useconds_t pause_us, bool fresh, struct samples *bare,
		      struct samples *outside, struct samples *inside, struct error *err)
{
	int code = run_box(lane, 1, NULL, err);
	for (int i = 0; code == 0 && i < rounds; i++) {
		int64_t inside_us = 0;
		if (pause_us)
			usleep(pause_us);
		int64_t start_us = clock_monotonic_us();
		code = bare_run(program, err);
		samples_add(bare, (double)(clock_monotonic_us() - start_us));
		if (pause_us)
			usleep(pause_us);
		start_us = clock_monotonic_us();
		if (code == 0)
			code = run_box(lane, fresh ? 0 : 1, &inside_us, err);
		samples_add(outside, (double)(clock_monotonic_us() - start_us));
		samples_add(inside, (double)inside_us);
	}
	return code;
}

static int compare(const struct bench_options *options, const char *name, const char *inside_name, int rounds,
		   useconds_t pause_us, bool fresh, struct error *err)
{
	struct samples bare = { 0 }, outside = { 0 }, inside = { 0 };
	struct lane *lane = NULL;
	int code = lane_new(options->sandbox, &lane, err);
	if (code == 0)
		code = interleave(lane, rounds, pause_us, fresh, &bare, &outside, &inside, err);
	if (code == 0) {
		print(options, name, "us", &outside, bare_name, &bare);
		print(options, inside_name, "us", &inside, bare_name, &bare);
	}
	lane_free(lane);
	samples_free(&bare);
	samples_free(&outside);
	samples_free(&inside);
	return code;
}

int bench_box_next(const struct bench_options *options, struct error *err)
{
	return compare(options, "box-next", "box-next-inside", NEXT_ROUNDS, 0, false, err);
}

int bench_box_idle(const struct bench_options *options, struct error *err)
{
	return compare(options, "box-idle", "box-idle-inside", IDLE_ROUNDS, QUIET_US, false, err);
}

/* ---- the cost of a fresh box, preparation and clearing away included ---- */

static double used_us(int who)
{
	struct rusage used;
	getrusage(who, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static int fresh_cpu(const struct bench_options *options, struct lane *lane, struct samples *bare,
		     struct samples *boxed, struct error *err)
{
	double before = used_us(RUSAGE_SELF) + used_us(RUSAGE_CHILDREN);
	int code = 0;
	for (int i = 0; code == 0 && i < FRESH_ROUNDS; i++, usleep(PREPARE_US))
		code = bare_run(program, err);
	samples_add(bare, (used_us(RUSAGE_SELF) + used_us(RUSAGE_CHILDREN) - before) / FRESH_ROUNDS);
	before = used_us(RUSAGE_SELF) + (double)sandbox_cpu_us(options->sandbox);
	for (int i = 0; code == 0 && i < FRESH_ROUNDS; i++, usleep(PREPARE_US))
		code = run_box(lane, 0, NULL, err);
	samples_add(boxed, (used_us(RUSAGE_SELF) + (double)sandbox_cpu_us(options->sandbox) - before) /
				   FRESH_ROUNDS);
	return code;
}

int bench_box_fresh(const struct bench_options *options, struct error *err)
{
	struct samples bare = { 0 }, boxed = { 0 };
	struct lane *lane = NULL;
	int code = compare(options, "box-fresh", "box-fresh-inside", FRESH_ROUNDS, PREPARE_US, true, err);
	if (code == 0)
		code = lane_new(options->sandbox, &lane, err);
	for (int i = 0; code == 0 && i < 3; i++)
		code = fresh_cpu(options, lane, &bare, &boxed, err);
	if (code == 0)
		print(options, "box-fresh-cpu", "us", &boxed, bare_name, &bare);
	lane_free(lane);
	samples_free(&bare);
	samples_free(&boxed);
	return code;
}

/* ---- all processors ---- */

enum way { BARE, AHEAD, CROWDED, ONE_BY_ONE, FRESH, WAYS };

struct runner {
	struct lane *lane;
	enum way way;
	int64_t until_us;
	long runs;
	struct error err;
	int code;
};

static bool go_on(const struct runner *runner)
{
	return runner->code == 0 && clock_monotonic_us() < runner->until_us;
}

/* As test cases are judged: the lane always has the next ones. */
static void run_ahead(struct runner *runner)
{
	long begun = 0;
	while (go_on(runner) || runner->runs < begun) {
		while (go_on(runner) && begun - runner->runs < BOX_AHEAD_MAX &&
		       (runner->code = begin_box(runner->lane, 1, &runner->err)) == 0)
			begun++;
		if (runner->code < 0)
			return;
		runner->code = end_box(runner->lane, NULL, &runner->err);
		runner->runs++;
	}
}

static void *run_until(void *context)
{
	struct runner *runner = context;
	if (runner->way == AHEAD || runner->way == CROWDED) {
		run_ahead(runner);
		return NULL;
	}
	for (; go_on(runner); runner->runs++)
		runner->code = runner->way == BARE ? bare_run(program, &runner->err)
						   : run_box(runner->lane, runner->way == FRESH ? 0 : 1, NULL,
							     &runner->err);
	return NULL;
}

static int run_all(struct lane *const *lanes, size_t count, enum way way, struct samples *rate,
		   struct error *err)
{
	pthread_t threads[THREADS_MAX];
	static struct runner runners[THREADS_MAX];
	long runs = 0;
	int code = 0;
	int64_t start_us = clock_monotonic_us();
	for (size_t i = 0; i < count; i++) {
		runners[i] =
			(struct runner){ .lane = lanes[i], .way = way, .until_us = start_us + THROUGHPUT_US };
		if (pthread_create(&threads[i], NULL, run_until, &runners[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		runs += runners[i].runs;
		if (runners[i].code < 0 && code == 0)
			code = error_set(err, runners[i].code, "%s", runners[i].err.text);
	}
	samples_add(rate, (double)runs * 1e6 / (double)(clock_monotonic_us() - start_us));
	return code;
}

int bench_box_throughput(const struct bench_options *options, struct error *err)
{
	struct samples rates[WAYS] = { 0 };
	struct lane *lanes[THREADS_MAX] = { NULL };
	cpu_set_t set;
	size_t count = sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
	count = count < THREADS_MAX / 2 ? count : THREADS_MAX / 2;
	size_t crowd = 2 * count;
	int code = 0;
	for (size_t i = 0; code == 0 && i < crowd; i++)
		code = lane_new(options->sandbox, &lanes[i], err);
	for (int i = 0; code == 0 && i < THROUGHPUT_ROUNDS; i++)
		for (enum way way = 0; code == 0 && way < WAYS; way++)
			code = run_all(lanes, way == CROWDED ? crowd : count, way, &rates[way], err);
	static const char *const names[WAYS] = {
		[AHEAD] = "box-throughput",
		[CROWDED] = "box-throughput-crowded",
		[ONE_BY_ONE] = "box-throughput-one-by-one",
		[FRESH] = "box-throughput-fresh",
	};
	for (enum way way = AHEAD; code == 0 && way < WAYS; way++)
		print(options, names[way], "1/s", &rates[way], bare_name, &rates[BARE]);
	for (size_t i = 0; i < crowd; i++)
		lane_free(lanes[i]);
	for (enum way way = 0; way < WAYS; way++)
		samples_free(&rates[way]);
	return code;
}
