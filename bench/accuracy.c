/* accuracy.c - whether limits and figures are right on a busy machine.
 *
 * A process a processor burns beside the boxes, which have the lower weight; a lane a processor, all at work
 * at once. While verdicts are counted the burners are nice, so that a thousand runs take minutes: CPU time is
 * what judges. Every run is a fresh process of program.c.
 *
 * accuracy-stopped-below  programs that used 0.9 of the CPU limit by their own clock and were stopped: 0
 * accuracy-passed-above   programs that used 1.1 of it and were not: 0
 * accuracy-cpu-*          CPU time used beyond the limit when a program that never ends was stopped, by one
 *                         process on the lane's processor, by four threads and four processes on all
 * accuracy-wall-*         last sign of life beyond the wall limit, which is counted from the request, of a
 *                         program that naps and one that never rests
 * accuracy-answer-*       the answer to the same, beyond the limit: what is killed still needs a turn to die
 * accuracy-figure-*       CPU time as reported against what the program's own getrusage(2) says
 * accuracy-figure-wrong   of these, the runs further apart than 2 ms and 2 %: 0 */
#include "accuracy.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "load.h"
#include "samples.h"

/* program_bytes.S */
extern const char bench_program[], bench_program_end[];

enum {
	VERDICT_RUNS = 1000,
	STOP_RUNS = 200,
	FIGURE_RUNS = 100,
	VERDICT_LIMIT_US =
		100000, /* a tenth of it is more than what a virtual machine now and then takes away */
	LIMIT_US = 20000,
	WALL_US = 50000,
	FIGURE_US = 50000,
	FAR_US = 60000000,
	NICE = 10,
};

/* ---- one run ---- */

struct trial {
	const char *how;
	int64_t us;
	int cpus;
	int64_t cpu_limit_us, wall_limit_us;
};

/* A trial that was made. */
struct made {
	const struct trial *trial;
	struct box_result result;
	int64_t start_us, end_us;
	int64_t sign_us; /* the program's last, by the same clock; 0: none */
};

static int run_trial(struct lane *lane, int bundle, int signs, struct made *made, struct error *err)
{
	const struct trial *trial = made->trial;
	char us[24];
	const char *const argv[] = { "/box/program", trial->how, us, NULL };
	snprintf(us, sizeof us, "%lld", (long long)trial->us);
	struct box_spec spec = {
		.argv = argv,
		.session = 1,
		.bundle_fd = bundle,
		.stdin_fd = -1,
		.stdout_fd = signs,
		.stderr_fd = -1,
		.limits = { .cpu_time_us = trial->cpu_limit_us,
			    .wall_time_us = trial->wall_limit_us,
			    .memory_bytes = 64 << 20,
			    .output_bytes = 65536,
			    .file_bytes = 1 << 20,
			    .disk_bytes = 64 << 20,
			    .inodes = 1024,
			    .processes = 16,
			    .open_files = 64,
			    .cpus = trial->cpus },
	};
	made->start_us = clock_monotonic_us();
	int code = box_run(lane, &spec, &made->result, err);
	made->end_us = clock_monotonic_us();
	if (signs < 0 || pread(signs, &made->sign_us, sizeof made->sign_us, 0) != sizeof made->sign_us)
		made->sign_us = 0;
	return code;
}

/* ---- many of them, on all lanes ---- */

/* What one run is worth, or an error: it ended in a way that it must not. */
typedef int judge_fn(const struct made *made, double *value, struct error *err);

struct work {
	const struct trial *trial;
	judge_fn *judge, *judge_too; /* the second may be NULL */
	int bundle;
	atomic_long left;
	pthread_mutex_t lock; /* of what follows */
	struct samples *samples, *samples_too;
	struct error err;
	int code;
};

struct worker {
	struct work *work;
	struct lane *lane;
	pthread_t thread;
};

static void *work_off(void *context)
{
	struct worker *worker = context;
	struct work *work = worker->work;
	while (atomic_fetch_sub(&work->left, 1) > 0) {
		struct made made = { .trial = work->trial };
		struct error err = { 0 };
		double value = 0, value_too = 0;
		cleanup_fd int signs = work->judge_too ? memfd_create("signs", MFD_CLOEXEC) : -1;
		int code = run_trial(worker->lane, work->bundle, signs, &made, &err);
		if (code == 0)
			code = work->judge(&made, &value, &err);
		if (code == 0 && work->judge_too)
			code = work->judge_too(&made, &value_too, &err);
		box_result_free(&made.result);
		pthread_mutex_lock(&work->lock);
		if (code == 0) {
			samples_add(work->samples, value);
			if (work->judge_too)
				samples_add(work->samples_too, value_too);
		} else {
			work->code = code;
			work->err = err;
			atomic_store(&work->left, 0);
		}
		pthread_mutex_unlock(&work->lock);
	}
	return NULL;
}

struct bench {
	const struct bench_options *options;
	struct lane *lanes[LOAD_MAX];
	size_t lane_count;
	int bundle;
};

/* `work` says what: a trial, who judges it, where the values go. */
static int repeat(struct bench *bench, struct work work, long runs, struct error *err)
{
	struct worker workers[LOAD_MAX];
	work.bundle = bench->bundle;
	atomic_init(&work.left, bench->options->runs > 0 ? (long)bench->options->runs : runs);
	pthread_mutex_init(&work.lock, NULL);
	for (size_t i = 0; i < bench->lane_count; i++) {
		workers[i] = (struct worker){ .work = &work, .lane = bench->lanes[i] };
		if (pthread_create(&workers[i].thread, NULL, work_off, &workers[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < bench->lane_count; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_mutex_destroy(&work.lock);
	return work.code < 0 ? error_set(err, work.code, "%s", work.err.text) : 0;
}

static void print(const struct bench *bench, const char *name, const char *unit, struct samples *values)
{
	figure_print(&(struct figure){ .name = name, .unit = unit, .values = values }, bench->options->json);
}

/* So many of the samples, as a figure of its own. */
static void print_count(const struct bench *bench, const char *name, double count, size_t of)
{
	struct samples one = { 0 };
	samples_add(&one, count);
	figure_print(&(struct figure){ .name = name, .unit = "runs", .values = &one, .runs = of },
		     bench->options->json);
	samples_free(&one);
}

static int unexpected(const struct made *made, struct error *err)
{
	return error_set(err, -EIO, "'%s %lld' ended with %s, exit code %d", made->trial->how,
			 (long long)made->trial->us, box_outcome_name(made->result.outcome),
			 made->result.exit_code);
}

static bool ended_well(const struct made *made)
{
	return made->result.outcome == BOX_EXITED && made->result.exit_code == 0;
}

/* ---- verdicts at 0.9 and 1.1 ---- */

static int judge_verdict(const struct made *made, double *value, struct error *err)
{
	bool stopped = made->result.outcome == BOX_CPU_LIMIT;
	if (!stopped && !ended_well(made))
		return unexpected(made, err);
	*value = stopped != (made->trial->us > made->trial->cpu_limit_us);
	return 0;
}

static double sum(const struct samples *samples)
{
	double total = 0;
	for (size_t i = 0; i < samples->count; i++)
		total += samples->values[i];
	return total;
}

static int verdicts(struct bench *bench, struct error *err)
{
	static const struct {
		const char *name;
		int64_t us;
	} rows[] = { { "accuracy-stopped-below", VERDICT_LIMIT_US * 9 / 10 },
		     { "accuracy-passed-above", VERDICT_LIMIT_US * 11 / 10 } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct trial trial = { "spin", rows[i].us, 1, VERDICT_LIMIT_US, FAR_US };
		struct samples wrong = { 0 };
		struct work work = { .trial = &trial, .judge = judge_verdict, .samples = &wrong };
		int code = repeat(bench, work, VERDICT_RUNS, err);
		if (code == 0)
			print_count(bench, rows[i].name, sum(&wrong), wrong.count);
		samples_free(&wrong);
		if (code < 0)
			return code;
	}
	return 0;
}

/* ---- how late limits take effect ---- */

static int judge_cpu_stop(const struct made *made, double *value, struct error *err)
{
	if (made->result.outcome != BOX_CPU_LIMIT)
		return unexpected(made, err);
	*value = (double)(made->result.cpu_us - made->trial->cpu_limit_us) / 1000;
	return 0;
}

static int judge_last_sign(const struct made *made, double *value, struct error *err)
{
	if (made->result.outcome != BOX_WALL_LIMIT)
		return unexpected(made, err);
	int64_t late_us = made->sign_us - made->start_us - made->trial->wall_limit_us;
	*value = late_us > 0 ? (double)late_us / 1000 : 0;
	return 0;
}

static int judge_answer(const struct made *made, double *value, struct error *err)
{
	*value = (double)(made->end_us - made->start_us - made->trial->wall_limit_us) / 1000;
	return 0;
}

static int cpu_stops(struct bench *bench, struct error *err)
{
	static const struct {
		const char *name, *how;
		int cpus;
	} rows[] = { { "accuracy-cpu-spin", "spin", 1 },
		     { "accuracy-cpu-threads", "threads", 0 },
		     { "accuracy-cpu-children", "children", 0 } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct trial trial = { rows[i].how, 0, rows[i].cpus, LIMIT_US, FAR_US };
		struct samples late = { 0 };
		struct work work = { .trial = &trial, .judge = judge_cpu_stop, .samples = &late };
		int code = repeat(bench, work, STOP_RUNS, err);
		if (code == 0)
			print(bench, rows[i].name, "ms", &late);
		samples_free(&late);
		if (code < 0)
			return code;
	}
	return 0;
}

static int wall_stops(struct bench *bench, struct error *err)
{
	static const struct {
		const char *name, *answer_name, *how;
	} rows[] = { { "accuracy-wall-naps", "accuracy-answer-naps", "naps" },
		     { "accuracy-wall-spin", "accuracy-answer-spin", "signs" } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct trial trial = { rows[i].how, 0, 1, FAR_US, WALL_US };
		struct samples late = { 0 }, answers = { 0 };
		struct work work = { .trial = &trial,
				     .judge = judge_last_sign,
				     .judge_too = judge_answer,
				     .samples = &late,
				     .samples_too = &answers };
		int code = repeat(bench, work, STOP_RUNS, err);
		if (code == 0) {
			print(bench, rows[i].name, "ms", &late);
			print(bench, rows[i].answer_name, "ms", &answers);
		}
		samples_free(&late);
		samples_free(&answers);
		if (code < 0)
			return code;
	}
	return 0;
}

/* ---- figures ---- */

static int judge_figure(const struct made *made, double *value, struct error *err)
{
	if (!ended_well(made))
		return unexpected(made, err);
	*value = (double)(made->result.cpu_us - strtoll(made->result.stdout_data, NULL, 10));
	return 0;
}

static size_t count_wrong(const struct samples *errors_us, int64_t us)
{
	const double allowed_us = us * 2 / 100 > 2000 ? (double)us * 0.02 : 2000;
	size_t wrong = 0;
	for (size_t i = 0; i < errors_us->count; i++)
		wrong += errors_us->values[i] > allowed_us || errors_us->values[i] < -allowed_us;
	return wrong;
}

static int figures(struct bench *bench, struct error *err)
{
	static const struct {
		const char *name, *how;
	} rows[] = { { "accuracy-figure-spin", "spin" },
		     { "accuracy-figure-call", "call" },
		     { "accuracy-figure-threads", "threads" },
		     { "accuracy-figure-forks", "forks" },
		     { "accuracy-figure-sleep", "sleep" } };
	size_t wrong = 0, all = 0;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct trial trial = { rows[i].how, FIGURE_US, 0, FAR_US, FAR_US };
		struct samples errors_us = { 0 };
		struct work work = { .trial = &trial, .judge = judge_figure, .samples = &errors_us };
		int code = repeat(bench, work, FIGURE_RUNS, err);
		if (code == 0)
			print(bench, rows[i].name, "us", &errors_us);
		wrong += count_wrong(&errors_us, FIGURE_US);
		all += errors_us.count;
		samples_free(&errors_us);
		if (code < 0)
			return code;
	}
	print_count(bench, "accuracy-figure-wrong", (double)wrong, all);
	return 0;
}

int bench_accuracy(const struct bench_options *options, struct error *err)
{
	struct bench bench = { .options = options, .bundle = -1 };
	struct load load = { 0 };
	const struct bundle_file file = { "program", bench_program,
					  (size_t)(bench_program_end - bench_program), true };
	int code = bundle_make(&file, 1, &bench.bundle, err);
	for (size_t wanted = load_processors(); code == 0 && bench.lane_count < wanted; bench.lane_count++)
		if ((code = lane_new(options->sandbox, &bench.lanes[bench.lane_count], err)) < 0)
			break;
	if (code == 0)
		code = load_start(&load, NICE, err);
	if (code == 0)
		code = verdicts(&bench, err);
	load_end(&load);
	if (code == 0)
		code = load_start(&load, 0, err);
	if (code == 0)
		code = cpu_stops(&bench, err);
	if (code == 0)
		code = wall_stops(&bench, err);
	if (code == 0)
		code = figures(&bench, err);
	load_end(&load);
	for (size_t i = 0; i < bench.lane_count; i++)
		lane_free(bench.lanes[i]);
	close_fd(&bench.bundle);
	return code;
}
