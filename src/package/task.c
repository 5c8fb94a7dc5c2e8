/* From a package to the task that judges one program by it. */
#include <errno.h>
#include <string.h>

#include "package/package.h"

/* ---- programs ---- */

static int make_program(const struct package *package, const char *who, const struct package_program *program,
			struct pool *pool, struct task_program **ret_program, struct error *err)
{
	struct task_program *made;

	if (!program)
		return 0;
	if (!program->language)
		return error_set(err, -ENOTSUP, "%s: the %s cannot be run here: %s", program->path, who,
				 program->why_not ? program->why_not : "no language is known for it");
	made = pool_alloc(pool, sizeof *made);
	if (!made)
		return error_set(err, -ENOMEM, "out of memory");
	*made = (struct task_program){ .language = program->language,
				       .files = program->files,
				       .file_count = program->file_count,
				       .convention = package->convention,
				       .limits = package->validation_limits,
				       .compile_limits = package->validation_compile_limits };
	*ret_program = made;
	return 0;
}

/* The output validator talks to the program of an interactive problem, unless somebody else does. */
static int make_programs(const struct package *package, struct pool *pool, struct task *task,
			 struct error *err)
{
	bool talks = package->interactive && !package->interactor;
	int code = make_program(package, talks ? "interactor" : "output validator", package->output_validator,
				pool, talks ? &task->interactor : &task->checker, err);

	if (code == 0 && package->interactor)
		code = make_program(package, "interactor", package->interactor, pool, &task->interactor, err);
	if (code == 0 && package->static_count > 0)
		code = make_program(package, "static validator", package->static_validator, pool,
				    &task->static_validator, err);
	return code;
}

/* ---- the program that is judged ---- */

/* "LANGUAGE/file", or "default/file" where the language has none. */
static size_t include_of(const struct package *package, const char *language, size_t from)
{
	size_t size = strlen(language), i = from;

	for (; i < package->include_count; i++)
		if (strncmp(package->includes[i].name, language, size) == 0 &&
		    package->includes[i].name[size] == '/')
			break;
	return i;
}

/* In the place of a file of the same name, or behind; a driver, which is called as a main file is, starts the program. */
static void include(struct task *task, struct task_file file)
{
	size_t at = 0;

	while (at < task->file_count && strcmp(task->files[at].name, file.name) != 0)
		at++;
	if (at == task->file_count)
		task->file_count++;
	if (strncmp(file.name, "main.", 5) == 0 && at > 0) {
		task->files[at] = task->files[0];
		at = 0;
	}
	task->files[at] = file;
}

static int put_program(const struct package *package, const struct package_program *program,
		       struct pool *pool, struct task *task, struct error *err)
{
	size_t room = program->file_count + package->include_count + 1;
	struct task_file *files = pool_array(pool, room, sizeof *files);
	const char *folder = program->language;

	if (!program->language)
		return error_set(err, -ENOTSUP, "%s: %s", program->path,
				 program->why_not ? program->why_not : "no language is known for it");
	if (!files)
		return error_set(err, -ENOMEM, "out of memory");
	if (include_of(package, folder, 0) == package->include_count)
		folder = "default";
	task->language = program->language;
	task->files = files;
	for (; task->file_count < program->file_count; task->file_count++)
		files[task->file_count] = program->files[task->file_count];
	for (size_t i = include_of(package, folder, 0); i < package->include_count;
	     i = include_of(package, folder, i + 1)) {
		struct task_file file = package->includes[i];

		file.name += strlen(folder) + 1;
		include(task, file);
	}
	return 0;
}

/* ---- tests ---- */

static bool is_in(const char *group, const char *folder)
{
	size_t size = strlen(folder);

	return strncmp(group, folder, size) == 0 && (group[size] == '\0' || group[size] == '/');
}

/* The sources are looked at before the group's first test. */
static void put_statics(const struct package *package, size_t index, struct task *task)
{
	const char *group = package->tests[index].group;
	const char *before = index > 0 ? package->tests[index - 1].group : NULL;

	for (size_t i = 0; i < package->static_count && task->static_validator; i++) {
		const struct package_static *its = &package->statics[i];

		if (is_in(group, its->group) && !(before && is_in(before, its->group)))
			task->tests[task->test_count++] = (struct task_test){ .input = "",
									      .answer = "",
									      .compare = true,
									      .group = its->group,
									      .hidden = true,
									      .validator_args = its->args,
									      .points = its->points,
									      .is_static = true };
	}
}

static struct task_test test_of(const struct package_test *test)
{
	return (struct task_test){ .input = test->input,
				   .input_size = test->input_size,
				   .answer = test->answer,
				   .answer_size = test->answer_size,
				   .compare = true,
				   .group = *test->group ? test->group : NULL,
				   .hidden = !test->sample && !test->full_feedback,
				   .validator_args = test->validator_args,
				   .points = test->points,
				   .args = test->args,
				   .files = test->files,
				   .file_count = test->file_count };
}

static int put_tests(const struct package *package, struct pool *pool, struct task *task, struct error *err)
{
	task->tests = pool_array(pool, package->test_count + package->static_count + 1, sizeof *task->tests);
	if (!task->tests)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < package->test_count; i++) {
		put_statics(package, i, task);
		task->tests[task->test_count++] = test_of(&package->tests[i]);
	}
	return task->test_count > 0 ? 0 : error_set(err, -EINVAL, "the package has no tests");
}

/* ---- answers in a program's place ---- */

/* An author's programs are run here, too: what they print is as good as if it were submitted. */
static bool is_answers(const struct package *package, const struct package_program *program)
{
	return package->submit_answer && program->language && strcmp(program->language, "text") == 0;
}

/* "secret/1.out", or "1.out" where all lie in one folder. */
static bool is_answer_to(const char *file, const char *test)
{
	const char *dot = strrchr(file, '.'), *slash = strrchr(test, '/');
	size_t size = dot ? (size_t)(dot - file) : strlen(file);

	if (slash && !memchr(file, '/', size))
		test = slash + 1;
	return strlen(test) == size && memcmp(file, test, size) == 0;
}

/* NULL: there is none. A file that is no folder's is the answer to each test. */
static const struct task_file *answer_to(const struct package_program *program, const char *test)
{
	const char *slash = strrchr(program->path, '/');

	if (slash && strcmp(slash + 1, program->files[0].name) == 0)
		return &program->files[0];
	for (size_t i = 0; i < program->file_count; i++)
		if (is_answer_to(program->files[i].name, test))
			return &program->files[i];
	return NULL;
}

static void put_answers(const struct package *package, const struct package_program *program,
			struct task *task)
{
	const struct package_test *test = package->tests;

	task->language = program->language;
	for (size_t i = 0; i < task->test_count; i++) {
		if (task->tests[i].is_static)
			continue;
		const struct task_file *answer = answer_to(program, test++->name);

		task->tests[i].output = answer ? answer->data : "";
		task->tests[i].output_size = answer ? answer->size : 0;
	}
}

/* ---- limits ---- */

/* Two programs that talk wait for each other. */
static void put_time(const struct package *package, double time_limit_s, struct task *task)
{
	double limit_us = 1e6 * (package->time.given ? package->time.limit_s : time_limit_s);
	double spare_us = limit_us / 2 > 1e6 ? limit_us / 2 : 1e6;

	task->limits.cpu_time_us = (int64_t)limit_us;
	task->limits.wall_time_us = (int64_t)((package->interactive ? 2 : 1) * (limit_us + spare_us));
}

/* ---- the whole ---- */

int package_task(const struct package *package, const struct package_program *program, double time_limit_s,
		 struct pool *pool, struct task *task, struct error *err)
{
	static const char *const no_args[] = { NULL };
	struct task made = {
		.args = no_args,
		.judged = true,
		.early_stop = !package->groups,
		.validator = package->validator,
		.validator_args = package->validator_args,
		.passes = package->passes,
		.input_file = package->input_file,
		.output_file = package->output_file,
		.groups = package->groups,
		.limits = package->limits,
		.compile_limits = package->compile_limits,
	};

	put_time(package, time_limit_s, &made);
	int code = make_programs(package, pool, &made, err);
	if (code == 0)
		code = put_tests(package, pool, &made, err);
	if (code == 0 && program && is_answers(package, program))
		put_answers(package, program, &made);
	else if (code == 0 && program)
		code = put_program(package, program, pool, &made, err);
	if (code == 0)
		*task = made;
	return code;
}
