/* judge/ turns a task into its report. It knows languages and boxes, and nothing of HTTP or databases.
 *
 *     judge.c     the recipe: plan, prepare, run the tests
 *     compile.c   sources to a program; start.c where a Java program starts; cache.c keeps programs for the next time, programs.c on the disk
 *     crew.c      all tests, by one judge or by several; run.c one test
 *     compare.c   is the output the answer? checker.c asks a program, checker_words.c understands what it said
 *     play.c      tests of several passes, or with an interactor: interact.c
 *     place.c     files besides the program's, and in the streams' place; given.c tests where nothing is run */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "inside.h"

int judge_new(struct sandbox *sandbox, const struct catalogue *catalogue, struct judge **judge,
	      struct error *err)
{
	cleanup_free struct judge *made = calloc(1, sizeof *made);
	int code;

	if (!made)
		return error_set(err, -ENOMEM, "make a judge: out of memory");
	made->catalogue = catalogue;
	made->sandbox = sandbox;
	made->streams = (struct judge_streams){ -1, -1, -1 };
	code = lane_new(sandbox, &made->lane, err);
	if (code < 0)
		return error_wrap(err, "make a judge");
	*judge = take_pointer(&made);
	return 0;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	cache_clear(&judge->cache);
	lane_free(judge->side_lane);
	lane_free(judge->lane);
	free(judge);
}

void judge_set_programs(struct judge *judge, struct programs *programs)
{
	judge->programs = programs;
}

void judge_set_streams(struct judge *judge, const struct judge_streams *streams)
{
	judge->streams = *streams;
}

void judge_set_output(struct judge *judge, judge_output_fn *output, void *context)
{
	judge->output = output;
	judge->output_context = context;
}

/* ---- the others of this process ---- */

enum { QUIET_WAIT_US = 1000000, QUIET_LOOK_US = 2000 };

static atomic_int at_work;

void judge_at_work(int change)
{
	atomic_fetch_add(&at_work, change);
}

/* One after the other: who waits here is at work no more than who runs nothing. */
void judge_await_quiet(const struct judge *judge)
{
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	int64_t until_us = clock_monotonic_us() + QUIET_WAIT_US;
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };

	judge_at_work(-1);
	bool has_turn = pthread_mutex_clocklock(&turn, CLOCK_MONOTONIC, &until) == 0;
	while (atomic_load(&at_work) > 0 && clock_monotonic_us() < until_us &&
	       !atomic_load(&judge->cancelled))
		usleep(QUIET_LOOK_US);
	judge_at_work(1);
	if (has_turn)
		pthread_mutex_unlock(&turn);
}

uint64_t job_new_session(void)
{
	static _Atomic uint64_t last;

	return atomic_fetch_add(&last, 1) + 1;
}

/* ---- planning ---- */

/* A name that cannot be, and the like: the author's error, told as a compiler would. */
static int refuse_sources(struct job *job, const struct error *why, struct error *err)
{
	const char *text = pool_strdup(job->pool, why->text);

	if (!text)
		return error_set(err, -ENOMEM, "out of memory");
	job->report->verdict = VERDICT_COMPILE_ERROR;
	job->report->compile = COMPILE_ERROR;
	job->report->compile_output = text;
	job->report->compile_output_size = strlen(text);
	return 0;
}

static int plan_sources(struct job *job, struct error *err)
{
	const struct task *task = job->task;
	struct lang_source *files = pool_array(job->pool, task->file_count, sizeof *files);
	struct error why = { 0 };
	int code;

	if (!files)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < task->file_count; i++)
		files[i] =
			(struct lang_source){ task->files[i].name, task->files[i].data, task->files[i].size };
	code = lang_plan(job->language, files, task->file_count, task->args, job->limits.memory_bytes,
			 job->compile_limits.memory_bytes, job->pool, &job->plan, &why);
	for (size_t i = 0; i < task->test_count && code == 0; i++)
		code = lang_plan_check_words(&job->plan, task->tests[i].args, &why);
	if (code == -EINVAL)
		return refuse_sources(job, &why, err);
	return code < 0 ? error_set(err, code, "%s", why.text) : 0;
}

int job_open(struct job *job, struct error *err)
{
	const struct task *task = job->task;

	job->language = catalogue_find(job->judge->catalogue, task->language);
	if (!job->language)
		return error_set(err, -ENOENT, "unknown language %.50s", task->language);
	job->limits = task->limits;
	job->compile_limits = task->compile_limits;
	limits_raise(&job->limits, &job->language->minimum);
	limits_raise(&job->compile_limits, &job->language->compile_minimum);
	job->session = job_new_session();
	return plan_sources(job, err);
}

/* ---- running ---- */

/* The program itself is no use of the disk that the author is charged for. */
static void add_program_to_disk(struct job *job)
{
	struct stat status;

	if (fstat(job->bundle_fd, &status) == 0)
		job->limits.disk_bytes += status.st_size;
}

/* Until the first that is not to be had: the report says why. */
static int prepare_judges(struct job *job, bool *ready, struct error *err)
{
	const struct task *task = job->task;
	const struct {
		const struct task_program *program;
		const char *name;
		const struct checker **checker;
	} judges[] = { { task->checker, "checker", &job->checker },
		       { task->interactor, "interactor", &job->interactor },
		       { task->static_validator, "static validator", &job->static_validator } };
	int code = 0;

	*ready = true;
	for (size_t i = 0; i < sizeof judges / sizeof judges[0] && code == 0 && *ready; i++) {
		if (!judges[i].program)
			continue;
		code = checker_prepare(job, judges[i].program, judges[i].name, judges[i].checker, err);
		*ready = *judges[i].checker != NULL;
	}
	return code;
}

static int prepare_program(struct job *job, bool *ready, struct error *err)
{
	int code = job_open(job, err);

	if (code == 0 && job->report->compile == COMPILE_NONE)
		code = job_prepare(job, err);
	*ready = code == 0 && job->bundle_fd >= 0;
	if (*ready) {
		add_program_to_disk(job);
		code = job_prepare_places(job, err);
	}
	return code;
}

/* Of answers that were submitted there is none. */
static int prepare(struct job *job, bool *ready, struct error *err)
{
	int code = 0;

	job->limits = job->task->limits;
	*ready = true;
	if (task_needs_program(job->task))
		code = prepare_program(job, ready, err);
	return code < 0 || !*ready ? code : prepare_judges(job, ready, err);
}

int judge_run(struct judge *judge, const struct task *task, judge_progress_fn *progress, void *context,
	      struct pool *pool, struct report *report, struct error *err)
{
	struct report made = { .compile_output = "" };
	struct job job = { .judge = judge, .task = task, .pool = pool, .report = &made, .bundle_fd = -1 };
	bool ready = false;
	int code;

	atomic_store(&judge->cancelled, false);
	judge_at_work(1);
	code = prepare(&job, &ready, err);
	if (code == 0 && ready)
		code = job_run_tests(&job, progress, context, err);
	judge_at_work(-1);
	close_fd(&job.bundle_fd);
	if (code < 0)
		return job.language ? error_wrap(err, "judge a %s program", job.language->name) : code;
	*report = made;
	return 0;
}

void judge_cancel(struct judge *judge)
{
	atomic_store(&judge->cancelled, true);
	judge_end_runs(judge);
}

void judge_end_runs(struct judge *judge)
{
	struct lane *side_lane = atomic_load(&judge->side_lane);

	box_cancel(judge->lane);
	if (side_lane)
		box_cancel(side_lane);
}

int judge_side_lane(struct judge *judge, struct lane **ret_lane, struct error *err)
{
	struct lane *lane = atomic_load(&judge->side_lane);

	if (!lane) {
		int code = lane_new(judge->sandbox, &lane, err);

		if (code < 0)
			return error_wrap(err, "make a lane for a program that judges");
		atomic_store(&judge->side_lane, lane);
	}
	*ret_lane = lane;
	return 0;
}
