#include "problem_task.h"

#include <string.h>

#include "base/json.h"

/* ---- a package's ---- */

/* {"LANGUAGE": [{"name", "data"}]}: what lies beside the program. */
static int put_includes(struct pool *pool, const char *language, const char *includes, struct task *task,
			struct error *err)
{
	cleanup_json json_t *json = NULL;
	struct task_file main_file = task->files[0];
	const json_t *list, *file;
	size_t i;
	int code = json_parse(includes, strlen(includes), &json, err);

	list = json_object_get(json, language);
	if (!list)
		list = json_object_get(json, "default");
	if (code < 0 || json_array_size(list) == 0)
		return code;
	task->files = pool_array(pool, json_array_size(list) + 1, sizeof *task->files);
	if (!task->files)
		return error_set(err, -ENOMEM, "out of memory");
	task->files[0] = main_file;
	json_array_foreach(list, i, file)
	{
		struct task_file *made = &task->files[task->file_count];
		const char *name = json_string_value(json_object_get(file, "name"));

		made->name = name ? pool_strdup(pool, name) : NULL;
		code = json_bytes_decode(json_object_get(file, "data"), "data", pool, &made->data,
					 &made->size, err);
		if (code < 0 || !made->name)
			return code < 0 ? code : error_set(err, -EIO, "a file without its name");
		task->file_count++;
	}
	return 0;
}

static int package_task_of(struct pool *pool, const struct program *program, const struct problem *problem,
			   struct task *task, struct error *err)
{
	cleanup_json json_t *json = NULL;
	int code = json_parse(problem->package.task, strlen(problem->package.task), &json, err);

	if (code == 0)
		code = task_decode(json, pool, task, err);
	if (code < 0)
		return code;
	task->language = program->language->id;
	task->files = pool_alloc(pool, sizeof *task->files);
	if (!task->files)
		return error_set(err, -ENOMEM, "out of memory");
	task->files[0] = (struct task_file){ .data = program->code.bytes, .size = program->code.size };
	task->file_count = 1;
	return put_includes(pool, task->language, problem->package.includes, task, err);
}

void task_keep_shown(struct task *task)
{
	size_t kept = 0;

	for (size_t i = 0; i < task->test_count; i++)
		if (!task->tests[i].hidden)
			task->tests[kept++] = task->tests[i];
	task->test_count = kept;
	task->groups = NULL;
	task->early_stop = false;
}

/* ---- either ---- */

int problem_task(const struct backend *backend, struct pool *pool, const struct program *program,
		 const struct problem *problem, struct task *task, struct error *err)
{
	size_t count = problem->cases_loaded;
	struct program_test *tests;

	if (problem->package.version > 0) {
		int code = package_task_of(pool, program, problem, task, err);

		return code < 0 ? error_wrap(err, "the package of problem %lld", (long long)problem->id) : 0;
	}
	tests = pool_array(pool, count + 1, sizeof *tests);
	for (size_t i = 0; tests && i < count; i++)
		tests[i] = (struct program_test){ problem->cases[i].input, problem->cases[i].expected_output,
						  problem->cases[i].hidden };
	return tests && task_of_tests(backend, pool, program, tests, count, problem->time_limit_ms,
				      problem->memory_limit_mb, task)
		       ? 0
		       : error_set(err, -ENOMEM, "out of memory");
}
