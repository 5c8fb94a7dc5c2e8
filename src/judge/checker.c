/* A program that judges: an output validator, a checker, or an interactor.
 *
 * It is as little trusted as the program that it judges: compiled and run in boxes, under limits of its own, each run
 * in a box that nobody had before, of another lane than the program's. A shell stands around it there, because a
 * checker leaves files whatever it exits with, and only what exits with 0 is collected:
 *
 *     .judge/input, .judge/answer, .judge/output       placed, read-only
 *     .judge/kept/                                     placed: what it said in the pass before
 *     .judge/left/status                               how it exited
 *     .judge/left/feedback/                            what it wants to say
 *     .judge/left/output                               what an interactor wants to be checked
 *     .sources/                                        placed, in the first three's stead: what a static validator judges
 *
 * All that comes out is bounded, and what it says reaches no message that is shown with a hidden test. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "inside.h"

enum { OWN_FILES = 3 };

static const char script[] =
	"/usr/bin/mkdir -p .judge/left/feedback &&"
	"{ [ ! -d .judge/kept ] || /usr/bin/cp -R .judge/kept/. .judge/left/feedback; } &&"
	"{ \"$@\"; echo $? > .judge/left/status; }";
/* A static validator is in the folder of what it looks at. */
static const char static_script[] = "/usr/bin/mkdir -p .judge/left/feedback && cd .sources &&"
				    "{ \"$@\"; echo $? > /box/.judge/left/status; }";
static const char folder[] = ".judge/", feedback_folder[] = ".judge/left/feedback/";

struct checker {
	const struct task_program *program;
	const char *name; /* "checker" */
	struct job job;   /* its own: compiled, and never run by that name */
	struct bundle_file *files;
	size_t file_count;
};

/* ---- once a task ---- */

/* The program's files, so that each run's can be put beside them. What stands in the way of ours is left out. */
static int keep_files(struct checker *checker, struct error *err)
{
	size_t count = 0;
	int code = job_keep_files(&checker->job, OWN_FILES, &checker->files, &count, err);

	for (size_t i = 0; i < count && code == 0; i++)
		if (strncmp(checker->files[i].name, folder, sizeof folder - 1) != 0)
			checker->files[checker->file_count++] = checker->files[i];
	return code;
}

/* It does not compile, or nobody waits any more. */
static int tell_no_checker(struct job *job, const char *name, const struct report *made, struct error *err)
{
	struct report *report = job->report;

	report->verdict = made->verdict;
	if (made->verdict == VERDICT_CANCELLED)
		return 0;
	report->verdict = VERDICT_JUDGE_ERROR;
	report->message = pool_printf(job->pool, "The %s does not compile", name);
	report->checker_output = made->compile_output;
	report->checker_output_size = made->compile_output_size;
	return report->message ? 0 : error_set(err, -ENOMEM, "out of memory");
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

int checker_prepare(struct job *job, const struct task_program *program, const char *name,
		    const struct checker **ret_checker, struct error *err)
{
	struct checker *checker = new_checker(job, program);

	if (!checker)
		return error_set(err, -ENOMEM, "out of memory");
	checker->name = name;
	int code = job_open(&checker->job, err);
	if (code == 0 && checker->job.report->compile == COMPILE_NONE)
		code = job_prepare(&checker->job, err);
	bool compiled = code == 0 && checker->job.bundle_fd >= 0;
	if (compiled)
		code = keep_files(checker, err);
	close_fd(&checker->job.bundle_fd);
	if (code < 0)
		return error_wrap(err, "make the %s ready", name);
	if (!compiled)
		return tell_no_checker(job, name, checker->job.report, err);
	*ret_checker = checker;
	return 0;
}

/* ---- once a test ---- */

static const char *const icpc_args[] = { ".judge/input", ".judge/answer", feedback_folder, NULL };
static const char *const testlib_args[] = { ".judge/input", ".judge/output", ".judge/answer", NULL };
static const char *const interactor_args[] = { ".judge/input", ".judge/left/output", ".judge/answer", NULL };
static const char *const static_args[] = { "/box/.judge/left/feedback/", NULL };

static bool interacts(const struct question *question)
{
	return question->in >= 0;
}

static const char *const *convention_args(const struct question *question)
{
	if (question->sources)
		return static_args;
	if (question->checker->program->convention == CONVENTION_ICPC)
		return icpc_args;
	return interacts(question) ? interactor_args : testlib_args;
}

/* A word that names one of the program's files, or a folder of them, finds it from another folder, too. */
static const char *absolute(const struct checker *checker, const char *word, struct pool *pool)
{
	for (size_t i = 0; i < checker->file_count; i++) {
		size_t size = strlen(word);
		const char *name = checker->files[i].name;

		if (size > 0 && strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == '/'))
			return pool_printf(pool, "/box/%s", word);
	}
	return word;
}

static const char *const *run_command(const struct question *question, struct pool *pool)
{
	const struct checker *checker = question->checker;
	const char *const *words = checker->job.plan.run_argv;
	size_t count = 0;

	if (!question->sources)
		return words;
	while (words[count])
		count++;
	const char **moved = pool_array(pool, count + 1, sizeof *moved);
	for (size_t i = 0; moved && i < count; i++)
		if (!(moved[i] = absolute(checker, words[i], pool)))
			return NULL;
	return moved;
}

/* The shell, the program with what its convention wants, the problem's and the test's own arguments. */
static const char *const *command(const struct job *job, const struct question *question)
{
	static const char *const shell[] = { "/usr/bin/sh", "-c", script, "checker", NULL };
	static const char *const elsewhere[] = { "/usr/bin/sh", "-c", static_script, "checker", NULL };
	const char *const *parts[] = { question->sources ? elsewhere : shell,
				       run_command(question, job->pool),
				       question->first_args,
				       convention_args(question),
				       question->args,
				       question->test_args };

	return parts[1] ? job_join(job->pool, parts, sizeof parts / sizeof parts[0]) : NULL;
}

/* On the standard input is what an output validator reads. */
static bool reads_output(const struct question *question)
{
	return !interacts(question) && question->checker->program->convention == CONVENTION_ICPC;
}

/* The files that a question adds to the checker's, each as it is or in a folder. */
struct adding {
	struct bundle_file *files;
	size_t count;
	struct pool *pool;
	bool failed; /* memory is out */
};

static void add(struct adding *adding, const char *below, const struct bundle_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bundle_file *added = &adding->files[adding->count++];

		*added = files[i];
		if (*below)
			added->name = pool_printf(adding->pool, "%s%s", below, files[i].name);
		adding->failed = adding->failed || !added->name;
	}
}

static void add_question(struct adding *adding, const struct question *question)
{
	const struct task_test *test = question->test;
	const struct bundle_file own[OWN_FILES] = {
		{ .name = ".judge/input", .data = question->input, .size = question->input_size },
		{ .name = ".judge/answer", .data = test->answer, .size = test->answer_size },
		{ .name = ".judge/output", .data = question->output, .size = question->output_size },
	};

	if (question->sources)
		add(adding, ".sources/", question->sources, question->source_count);
	else
		add(adding, "", own,
		    reads_output(question) || interacts(question) ? OWN_FILES - 1 : OWN_FILES);
	add(adding, "", question->kept, question->kept_count);
}

/* What is placed is no use of what the checker itself may have. */
static int bundle_question(const struct job *job, const struct question *question, struct limits *limits,
			   int *bundle_fd, struct error *err)
{
	const struct checker *checker = question->checker;
	size_t room = checker->file_count + OWN_FILES + question->kept_count + question->source_count;
	struct adding adding = { .files = pool_array(job->pool, room, sizeof *adding.files),
				 .pool = job->pool };

	if (!adding.files)
		return error_set(err, -ENOMEM, "out of memory");
	add(&adding, "", checker->files, checker->file_count);
	add_question(&adding, question);
	if (adding.failed)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < adding.count; i++) {
		limits->disk_bytes += (int64_t)adding.files[i].size;
		limits->memory_bytes += (int64_t)adding.files[i].size;
	}
	return bundle_make(adding.files, adding.count, bundle_fd, err);
}

int checker_begin(const struct job *job, const struct question *question, struct error *err)
{
	const struct checker *checker = question->checker;
	bool reads = reads_output(question);
	struct limits limits = checker->job.limits;
	cleanup_fd int bundle_fd = -1;
	struct lane *lane;
	int code = judge_side_lane(job->judge, &lane, err);

	limits.wall_time_us += question->patience_us;
	if (code == 0)
		code = bundle_question(job, question, &limits, &bundle_fd, err);
	if (code < 0)
		return code;
	const struct box_spec spec = {
		.argv = command(job, question),
		.environment = checker->job.plan.environment,
		.bundle_fd = bundle_fd,
		.stdin_fd = question->in,
		.stdin_data = reads ? question->output : NULL,
		.stdin_size = reads ? question->output_size : 0,
		.stdout_fd = question->out,
		.stderr_fd = -1,
		.collect = ".judge/left",
		.collect_bytes = checker->job.limits.output_bytes,
		.cancelled = &job->judge->cancelled,
		.limits = limits,
	};
	if (!spec.argv)
		return error_set(err, -ENOMEM, "out of memory");
	return box_begin(lane, &spec, err);
}

int checker_end(const struct job *job, const struct question *question, struct check *check,
		struct error *err)
{
	const struct checker *checker = question->checker;
	cleanup_with(box_result_free) struct box_result result = { .collected_fd = -1 };
	int code = box_end(job->judge->side_lane, &result, err);

	if (code == 0)
		code = checker_read(checker->program, checker->name, &checker->job.limits, &result, job->pool,
				    check, err);
	return code < 0 ? error_wrap(err, "run the %s", checker->name) : 0;
}

int checker_run(const struct job *job, const struct question *question, struct check *check,
		struct error *err)
{
	int code = checker_begin(job, question, err);

	if (code < 0)
		return error_wrap(err, "run the %s", question->checker->name);
	return checker_end(job, question, check, err);
}
