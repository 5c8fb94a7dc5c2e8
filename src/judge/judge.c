/* judge/ turns a task into its report. It knows languages and boxes, and nothing of HTTP or databases.
 *
 *     judge.c     the recipe: plan, prepare, run the tests in order
 *     compile.c   sources to a program; cache.c keeps programs for the next time, programs.c on the disk
 *     run.c       one test
 *     compare.c   is the output the answer? */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "inside.h"

int judge_new(struct sandbox *sandbox, const struct catalogue *catalogue, struct judge **judge,
	      struct error *err)
{
	cleanup_free struct judge *made = calloc(1, sizeof *made);
	int code;

	if (!made)
		return error_set(err, -ENOMEM, "make a judge: out of memory");
	made->catalogue = catalogue;
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

static int plan(struct job *job, struct error *err)
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
	if (code == -EINVAL)
		return refuse_sources(job, &why, err);
	return code < 0 ? error_set(err, code, "%s", why.text) : 0;
}

/* ---- running ---- */

/* The program itself is no use of the disk that the author is charged for. */
static void add_program_to_disk(struct job *job)
{
	struct stat status;

	if (fstat(job->bundle_fd, &status) == 0)
		job->limits.disk_bytes += status.st_size;
}

static bool may_stop(const struct job *job, enum verdict last)
{
	return last == VERDICT_CANCELLED || (job->task->early_stop && !verdict_is_pass(last));
}

/* So many tests may have begun before the first one's result is looked at. Where a failure ends the task, fewer
 * are run in vain. */
static size_t tests_ahead(const struct task *task)
{
	return task->early_stop ? 2 : BOX_AHEAD_MAX;
}

/* Tests that began and that nobody asks for any more. */
static void abandon_tests(struct job *job, size_t count)
{
	if (count > 0)
		box_cancel(job->judge->lane);
	for (size_t i = 0; i < count; i++) {
		struct box_result result;

		box_end(job->judge->lane, &result, NULL);
		box_result_free(&result);
	}
}

static void add_verdict(struct job *job, enum verdict *verdicts, size_t index)
{
	struct report *report = job->report;

	verdicts[index] = report->runs[index].verdict;
	report->run_count = index + 1;
	report->verdict = verdicts[index] == VERDICT_CANCELLED ? VERDICT_CANCELLED
							       : verdict_of_tests(verdicts, index + 1);
}

static int run_tests(struct job *job, judge_progress_fn *progress, void *context, struct error *err)
{
	const struct task *task = job->task;
	struct report *report = job->report;
	enum verdict *verdicts = pool_array(job->pool, task->test_count, sizeof *verdicts);
	size_t done = 0, pending = 0;
	bool stop = false;
	int code = 0;

	report->runs = pool_array(job->pool, task->test_count, sizeof *report->runs);
	if (!verdicts || !report->runs)
		return error_set(err, -ENOMEM, "out of memory");
	add_program_to_disk(job);
	while (code == 0 && !stop && done < task->test_count) {
		if (pending < tests_ahead(task) && done + pending < task->test_count) {
			code = job_begin_test(job, &task->tests[done + pending], err);
			pending += code == 0;
			continue;
		}
		pending--;
		code = job_end_test(job, &task->tests[done], &report->runs[done], err);
		if (code < 0)
			break;
		add_verdict(job, verdicts, done++);
		if (progress)
			progress(report, done, task->test_count, context);
		stop = may_stop(job, verdicts[done - 1]);
	}
	abandon_tests(job, pending);
	return code < 0 ? error_wrap(err, "test %zu", done + 1) : 0;
}

int judge_run(struct judge *judge, const struct task *task, judge_progress_fn *progress, void *context,
	      struct pool *pool, struct report *report, struct error *err)
{
	struct report made = { .compile_output = "" };
	struct job job = { .judge = judge, .task = task, .pool = pool, .report = &made, .bundle_fd = -1 };
	int code;

	atomic_store(&judge->cancelled, false);
	job.language = catalogue_find(judge->catalogue, task->language);
	if (!job.language)
		return error_set(err, -ENOENT, "unknown language %.50s", task->language);
	job.limits = task->limits;
	job.compile_limits = task->compile_limits;
	limits_raise(&job.limits, &job.language->minimum);
	limits_raise(&job.compile_limits, &job.language->compile_minimum);
	job.session = job_new_session();

	code = plan(&job, err);
	if (code == 0 && made.compile == COMPILE_NONE)
		code = job_prepare(&job, err);
	if (code == 0 && job.bundle_fd >= 0)
		code = run_tests(&job, progress, context, err);
	close_fd(&job.bundle_fd);
	if (code < 0)
		return error_wrap(err, "judge a %s program", job.language->name);
	*report = made;
	return 0;
}

void judge_cancel(struct judge *judge)
{
	atomic_store(&judge->cancelled, true);
	box_cancel(judge->lane);
}
