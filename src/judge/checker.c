/* A program that judges outputs: an output validator, or a checker.
 *
 * It is as little trusted as the program that it judges: compiled and run in boxes, under limits of its own, each run
 * in a box that nobody had before, of another lane than the program's. A shell stands around it there, because a
 * checker leaves files whatever it exits with, and only what exits with 0 is collected:
 *
 *     .judge/input, .judge/answer, .judge/output       placed, read-only
 *     .judge/left/status                               how it exited
 *     .judge/left/feedback/                            what it wants to say
 *
 * All that comes out is bounded, and what it says reaches no message that is shown with a hidden test. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "inside.h"
#include "model/message.h"

enum { WORDS_BYTES_MAX = 16 << 10, CONVENTION_ARGS = 3, OWN_FILES = 3 };

static const char script[] =
	"/usr/bin/mkdir -p .judge/left/feedback && { \"$@\"; echo $? > .judge/left/status; }";
static const char folder[] = ".judge/", feedback_folder[] = ".judge/left/feedback/";

struct checker {
	const struct task_program *program;
	struct job job; /* its own: compiled, and never run by that name */
	struct bundle_file *files;
	size_t file_count;
};

/* ---- once a task ---- */

/* The program's files, so that each run's can be put beside them. What stands in the way of ours is left out. */
static int keep_file(const struct bundle_file *file, void *context)
{
	struct checker *checker = context;
	struct bundle_file *kept = &checker->files[checker->file_count];

	if (strncmp(file->name, folder, sizeof folder - 1) == 0)
		return 0;
	*kept = *file;
	kept->name = pool_strdup(checker->job.pool, file->name);
	kept->data = pool_memdup(checker->job.pool, file->data, file->size);
	checker->file_count++;
	return kept->name && kept->data ? 0 : -ENOMEM;
}

static int count_file(const struct bundle_file *file, void *context)
{
	(void)file;
	++*(size_t *)context;
	return 0;
}

static int keep_files(struct checker *checker, struct error *err)
{
	struct job *job = &checker->job;
	size_t count = 0;
	int code = bundle_visit(job->bundle_fd, count_file, &count, err);

	if (code == 0 && !(checker->files = pool_array(job->pool, count + OWN_FILES, sizeof *checker->files)))
		code = error_set(err, -ENOMEM, "out of memory");
	return code < 0 ? code : bundle_visit(job->bundle_fd, keep_file, checker, err);
}

/* It does not compile, or nobody waits any more. */
static int tell_no_checker(struct job *job, const struct report *made)
{
	struct report *report = job->report;

	report->verdict = made->verdict;
	if (made->verdict == VERDICT_CANCELLED)
		return 0;
	report->verdict = VERDICT_JUDGE_ERROR;
	report->message = "The checker does not compile";
	report->checker_output = made->compile_output;
	report->checker_output_size = made->compile_output_size;
	return 0;
}

static struct checker *new_checker(struct job *job, const struct task_program *program)
{
	static const char *const no_args[] = { NULL };
	struct checker *checker = pool_alloc(job->pool, sizeof *checker);
	struct task *task = pool_alloc(job->pool, sizeof *task);
	struct report *report = pool_alloc(job->pool, sizeof *report);

	if (!checker || !task || !report)
		return NULL;
	*task = (struct task){ .language = program->language,
			       .files = program->files,
			       .file_count = program->file_count,
			       .args = no_args,
			       .limits = program->limits,
			       .compile_limits = program->compile_limits };
	report->compile_output = "";
	checker->program = program;
	checker->job = (struct job){
		.judge = job->judge, .task = task, .pool = job->pool, .report = report, .bundle_fd = -1
	};
	return checker;
}

int checker_prepare(struct job *job, struct error *err)
{
	struct checker *checker = new_checker(job, job->task->checker);

	if (!checker)
		return error_set(err, -ENOMEM, "out of memory");
	int code = job_open(&checker->job, err);
	if (code == 0 && checker->job.report->compile == COMPILE_NONE)
		code = job_prepare(&checker->job, err);
	bool compiled = code == 0 && checker->job.bundle_fd >= 0;
	if (compiled)
		code = keep_files(checker, err);
	close_fd(&checker->job.bundle_fd);
	if (code < 0)
		return error_wrap(err, "make the checker ready");
	if (!compiled)
		return tell_no_checker(job, checker->job.report);
	job->checker = checker;
	return 0;
}

/* ---- once a test ---- */

static const char *const icpc_args[] = { ".judge/input", ".judge/answer", feedback_folder, NULL };
static const char *const testlib_args[] = { ".judge/input", ".judge/output", ".judge/answer", NULL };

static size_t count_of(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

/* The shell, the program with what its convention wants, the problem's and the test's own arguments. */
static const char *const *command(const struct checker *checker, const struct job *job,
				  const struct task_test *test)
{
	static const char *const shell[] = { "/usr/bin/sh", "-c", script, "checker", NULL };
	const char *const *parts[] = { shell, checker->job.plan.run_argv,
				       checker->program->convention == CONVENTION_ICPC ? icpc_args
										       : testlib_args,
				       job->task->validator_args, test->validator_args };
	enum { PARTS = sizeof parts / sizeof parts[0] };
	size_t count = 0;

	for (size_t i = 0; i < PARTS; i++)
		count += count_of(parts[i]);
	const char **argv = pool_array(job->pool, count + 1, sizeof *argv);
	count = 0;
	for (size_t i = 0; argv && i < PARTS; i++)
		for (const char *const *word = parts[i]; word && *word; word++)
			argv[count++] = *word;
	return argv;
}

static int bundle_test(const struct checker *checker, const struct job *job, const struct task_test *test,
		       const char *output, size_t output_size, int *bundle_fd, struct error *err)
{
	const struct bundle_file own[OWN_FILES] = {
		{ .name = ".judge/input", .data = test->input, .size = test->input_size },
		{ .name = ".judge/answer", .data = test->answer, .size = test->answer_size },
		{ .name = ".judge/output", .data = output, .size = output_size },
	};
	/* On the standard input is what an output validator reads. */
	size_t own_count = checker->program->convention == CONVENTION_ICPC ? OWN_FILES - 1 : OWN_FILES;
	struct bundle_file *files = pool_array(job->pool, checker->file_count + OWN_FILES, sizeof *files);

	if (!files)
		return error_set(err, -ENOMEM, "out of memory");
	memcpy(files, checker->files, checker->file_count * sizeof *files);
	memcpy(files + checker->file_count, own, own_count * sizeof *own);
	return bundle_make(files, checker->file_count + own_count, bundle_fd, err);
}

static int64_t bytes_of(const struct bundle_file *files, size_t count)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += (int64_t)files[i].size;
	return bytes;
}

/* What is placed is no use of what the checker itself may have. */
static struct limits limits_of(const struct checker *checker, const struct task_test *test,
			       size_t output_size)
{
	struct limits limits = checker->job.limits;
	int64_t placed = bytes_of(checker->files, checker->file_count) + (int64_t)test->input_size +
			 (int64_t)test->answer_size + (int64_t)output_size;

	limits.disk_bytes += placed;
	limits.memory_bytes += placed;
	return limits;
}

static int run(const struct job *job, const struct task_test *test, const char *output, size_t output_size,
	       struct box_result *result, struct error *err)
{
	const struct checker *checker = job->checker;
	bool reads = checker->program->convention == CONVENTION_ICPC;
	cleanup_fd int bundle_fd = -1;
	struct lane *lane;
	int code = judge_side_lane(job->judge, &lane, err);

	if (code == 0)
		code = bundle_test(checker, job, test, output, output_size, &bundle_fd, err);
	if (code < 0)
		return code;
	const struct box_spec spec = {
		.argv = command(checker, job, test),
		.environment = checker->job.plan.environment,
		.bundle_fd = bundle_fd,
		.stdin_fd = -1,
		.stdin_data = reads ? output : NULL,
		.stdin_size = reads ? output_size : 0,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.collect = ".judge/left",
		.collect_bytes = checker->job.limits.output_bytes,
		.cancelled = &job->judge->cancelled,
		.limits = limits_of(checker, test, output_size),
	};
	if (!spec.argv)
		return error_set(err, -ENOMEM, "out of memory");
	return box_run(lane, &spec, result, err);
}

/* ---- what it left ---- */

struct left {
	struct pool *pool;
	struct check *check;
	int status; /* -1: unknown */
	bool bad_number;
	bool failed; /* memory is out */
};

static const char *words(struct left *left, const void *bytes, size_t *size)
{
	*size = *size > WORDS_BYTES_MAX ? WORDS_BYTES_MAX : *size;
	const char *copy = pool_memdup(left->pool, bytes, *size);
	left->failed = left->failed || !copy;
	return copy;
}

static int read_status(const struct bundle_file *file)
{
	char text[8] = "", *end;

	if (file->size >= sizeof text)
		return -1;
	memcpy(text, file->data, file->size);
	long status = strtol(text, &end, 10);
	return end > text && *end == '\n' && status >= 0 && status <= 255 ? (int)status : -1;
}

static int take_file(const struct bundle_file *file, void *context)
{
	struct left *left = context;
	struct check *check = left->check;
	const char *name = file->name + sizeof ".judge/left/" - 1;

	if (strcmp(name, "status") == 0) {
		left->status = read_status(file);
	} else if (strcmp(name, "feedback/judgemessage.txt") == 0) {
		check->judge_message_size = file->size;
		check->judge_message = words(left, file->data, &check->judge_message_size);
	} else if (strcmp(name, "feedback/teammessage.txt") == 0) {
		check->team_message_size = file->size;
		check->team_message = words(left, file->data, &check->team_message_size);
	} else if (strcmp(name, "feedback/score.txt") == 0) {
		check->has_score = true;
		left->bad_number |= !checker_number(file->data, file->size, &check->score);
	} else if (strcmp(name, "feedback/score_multiplier.txt") == 0) {
		check->has_multiplier = true;
		left->bad_number |= !checker_number(file->data, file->size, &check->multiplier);
	}
	return 0;
}

/* ---- what it means ---- */

static const char *failure_of_box(const struct checker *checker, const struct box_result *result,
				  struct pool *pool)
{
	const struct limits *limits = &checker->job.limits;

	switch (result->outcome) {
	case BOX_CPU_LIMIT:
	case BOX_WALL_LIMIT:
		return pool_printf(pool, "The checker took longer than %.2f s",
				   (double)limits->cpu_time_us / 1e6);
	case BOX_MEMORY_LIMIT:
		return pool_printf(pool, "The checker used more than %lld MB of memory",
				   (long long)(limits->memory_bytes >> 20));
	case BOX_OUTPUT_LIMIT:
		return pool_printf(pool, "The checker wrote more than %lld KB",
				   (long long)(limits->output_bytes >> 10));
	case BOX_EXITED:
		if (result->exit_code == 0)
			return pool_printf(pool, "The checker left more than %lld KB, or nothing",
					   (long long)(limits->output_bytes >> 10));
		break;
	default: break;
	}
	return pool_strdup(pool, "The checker was ended");
}

/* A shell tells a signal as 128 and its number. */
static const char *failure_of_status(int status, struct pool *pool)
{
	char name[SIGNAL_NAME_BYTES];

	if (status < 0)
		return pool_strdup(pool, "The checker was ended");
	if (status > 128)
		return pool_printf(pool, "The checker was killed by %s", signal_name(status - 128, name));
	return pool_printf(pool, "The checker exited with code %d", status);
}

static int judge_end(const struct checker *checker, const struct box_result *result, struct left *left,
		     struct error *err)
{
	enum convention convention = checker->program->convention;
	struct check *check = left->check;
	int code = bundle_visit(result->collected_fd, take_file, left, err);

	if (code < 0)
		return code;
	if (checker_points(convention, left->status, result->stderr_data, result->stderr_size, &check->score))
		check->has_score = true;
	check->comparison = checker_comparison(convention, left->status, check->has_score, check->score);
	if (check->comparison == COMPARISON_FAILED)
		check->failure = failure_of_status(left->status, left->pool);
	if (check->comparison == COMPARISON_EQUAL && left->bad_number) {
		check->comparison = COMPARISON_FAILED;
		check->failure = "The checker gave a score that is no number";
	}
	return 0;
}

/* testlib's checkers speak on their standard error, and so does one that fails. */
static void take_last_words(const struct checker *checker, const struct box_result *result, struct left *left)
{
	struct check *check = left->check;

	if (check->judge_message || result->stderr_size == 0 ||
	    (checker->program->convention == CONVENTION_ICPC && check->comparison != COMPARISON_FAILED))
		return;
	check->judge_message_size = result->stderr_size;
	check->judge_message = words(left, result->stderr_data, &check->judge_message_size);
}

int checker_run(const struct job *job, const struct task_test *test, const char *output, size_t output_size,
		struct check *check, struct error *err)
{
	cleanup_with(box_result_free) struct box_result result = { .collected_fd = -1 };
	struct left left = { .pool = job->pool, .check = check, .status = -1 };
	int code = run(job, test, output, output_size, &result, err);

	*check = (struct check){ .comparison = COMPARISON_FAILED };
	if (code == 0 && result.collected_fd >= 0)
		code = judge_end(job->checker, &result, &left, err);
	else if (code == 0 && result.outcome == BOX_CANCELLED)
		check->cancelled = true;
	else if (code == 0)
		check->failure = failure_of_box(job->checker, &result, job->pool);
	if (code < 0)
		return error_wrap(err, "run the checker");
	take_last_words(job->checker, &result, &left);
	if (left.failed || (check->comparison == COMPARISON_FAILED && !check->cancelled && !check->failure))
		return error_set(err, -ENOMEM, "keep what the checker said: out of memory");
	return 0;
}
