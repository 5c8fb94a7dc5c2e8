/* From a task to its JSON; task.c says what that looks like. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/task.h"
#include "wire.h"

static bool put_data(json_t *json, const char *name, const char *bytes, size_t size, const char *blob)
{
	return blob ? wire_put(json, name, json_pack("{s:s}", "sha256", blob))
		    : wire_put_bytes(json, name, bytes, size);
}

static json_t *file_json(const struct task_file *file)
{
	json_t *json = json_object();
	bool ok = (!file->name || wire_put(json, "name", json_string(file->name))) &&
		  put_data(json, "data", file->data, file->size, file->blob);

	return wire_whole(json, ok);
}

static json_t *files_json(const struct task_file *files, size_t count)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++)
		ok = json_array_append_new(list, file_json(&files[i])) == 0;
	return wire_whole(list, ok);
}

static json_t *args_json(const char *const *args)
{
	json_t *list = json_array();
	bool ok = true;

	for (; *args && ok; args++)
		ok = json_array_append_new(list, json_bytes(*args, strlen(*args))) == 0;
	return wire_whole(list, ok);
}

static json_t *test_json(const struct task_test *test)
{
	json_t *json = json_object();
	bool ok = put_data(json, "input", test->input, test->input_size, test->input_blob) &&
		  (!test->compare ||
		   put_data(json, "answer", test->answer, test->answer_size, test->answer_blob)) &&
		  (!test->group || wire_put(json, "group", json_string(test->group))) &&
		  (!test->hidden || wire_put(json, "hidden", json_true())) &&
		  (!test->validator_args ||
		   wire_put(json, "validator_args", args_json(test->validator_args))) &&
		  (test->points == 0 || wire_put(json, "points", json_real(test->points))) &&
		  (!test->args || wire_put(json, "args", args_json(test->args))) &&
		  (test->file_count == 0 ||
		   wire_put(json, "files", files_json(test->files, test->file_count))) &&
		  (!test->output ||
		   put_data(json, "output", test->output, test->output_size, test->output_blob)) &&
		  (!test->is_static || wire_put(json, "static", json_true()));

	return wire_whole(json, ok);
}

static json_t *tests_json(const struct task *task)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < task->test_count && ok; i++)
		ok = json_array_append_new(list, test_json(&task->tests[i])) == 0;
	return wire_whole(list, ok);
}

static json_t *program_json(const struct task_program *program)
{
	json_t *json = json_object();
	bool ok = wire_put(json, "language", json_string(program->language)) &&
		  wire_put(json, "convention", json_string(convention_name(program->convention))) &&
		  wire_put(json, "files", files_json(program->files, program->file_count)) &&
		  wire_put(json, "limits", wire_limits(&program->limits)) &&
		  wire_put(json, "compile_limits", wire_limits(&program->compile_limits));

	return wire_whole(json, ok);
}

/* What jansson would refuse with no more to say than "it failed". */
static int check_files(const char *where, const struct task_file *files, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (files[i].name && !utf8_valid(files[i].name, strlen(files[i].name)))
			return error_set(err, -EINVAL, "%sfiles[%zu].name: must be UTF-8", where, i);
	return 0;
}

static int check_program(const char *where, const struct task_program *program, struct error *err)
{
	if (!program)
		return 0;
	if (!utf8_valid(program->language, strlen(program->language)))
		return error_set(err, -EINVAL, "%slanguage: must be UTF-8", where);
	return check_files(where, program->files, program->file_count, err);
}

static int check_names(const struct task *task, struct error *err)
{
	const struct task_program own = { .language = task->language,
					  .files = task->files,
					  .file_count = task->file_count };
	int code = check_program("", &own, err);

	if (code == 0)
		code = check_program("checker.", task->checker, err);
	if (code == 0)
		code = check_program("interactor.", task->interactor, err);
	if (code == 0)
		code = check_program("static_validator.", task->static_validator, err);
	for (size_t i = 0; i < task->test_count && code == 0; i++) {
		char where[32];

		snprintf(where, sizeof where, "tests[%zu].", i);
		code = check_files(where, task->tests[i].files, task->tests[i].file_count, err);
	}
	return code;
}

static bool put_program(json_t *object, const char *name, const struct task_program *program)
{
	return !program || wire_put(object, name, program_json(program));
}

static bool put_text(json_t *object, const char *name, const char *text)
{
	return !text || wire_put(object, name, json_string(text));
}

/* What the usual task does not have. */
static bool put_unusual(json_t *object, const struct task *task)
{
	return (task->validator == VALIDATOR_TOKENS ||
		wire_put(object, "validator", json_string(validator_name(task->validator)))) &&
	       (!task->validator_args ||
		wire_put(object, "validator_args", args_json(task->validator_args))) &&
	       put_program(object, "checker", task->checker) &&
	       put_program(object, "interactor", task->interactor) &&
	       put_program(object, "static_validator", task->static_validator) &&
	       put_text(object, "input_file", task->input_file) &&
	       put_text(object, "output_file", task->output_file) &&
	       (task->passes <= 1 || wire_put(object, "passes", json_integer(task->passes))) &&
	       (!task->groups || wire_put(object, "groups", groups_encode(task->groups)));
}

int task_encode(const struct task *task, json_t **json, struct error *err)
{
	cleanup_json json_t *object = NULL;
	int code = check_names(task, err);

	if (code < 0)
		return code;
	object = json_object();
	if (!wire_put(object, "language", json_string(task->language)) ||
	    !wire_put(object, "judged", json_boolean(task->judged)) ||
	    !wire_put(object, "early_stop", json_boolean(task->early_stop)) || !put_unusual(object, task) ||
	    !wire_put(object, "args", args_json(task->args)) ||
	    !wire_put(object, "files", files_json(task->files, task->file_count)) ||
	    !wire_put(object, "tests", tests_json(task)) ||
	    !wire_put(object, "limits", wire_limits(&task->limits)) ||
	    !wire_put(object, "compile_limits", wire_limits(&task->compile_limits)))
		return error_set(err, -ENOMEM, "encode a task: out of memory");
	*json = take_pointer(&object);
	return 0;
}
