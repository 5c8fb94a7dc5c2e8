/* From a task to the body of POST /api/execute. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "queue_message.h"

/* ---- limits ---- */

static const struct {
	const char *name;
	size_t offset; /* in struct limits */
	bool compile, wide;
	int64_t unit;
} limit_rows[] = {
	{ "cpu_time_ms", offsetof(struct limits, cpu_time_us), false, true, 1000 },
	{ "wall_time_ms", offsetof(struct limits, wall_time_us), false, true, 1000 },
	{ "memory_mb", offsetof(struct limits, memory_bytes), false, true, 1 << 20 },
	{ "processes", offsetof(struct limits, processes), false, false, 1 },
	{ "output_kb", offsetof(struct limits, output_bytes), false, true, 1 << 10 },
	{ "file_mb", offsetof(struct limits, file_bytes), false, true, 1 << 20 },
	{ "compile_time_ms", offsetof(struct limits, cpu_time_us), true, true, 1000 },
	{ "compile_memory_mb", offsetof(struct limits, memory_bytes), true, true, 1 << 20 },
};

static int64_t limit_of(const struct limits *limits, size_t row)
{
	const char *field = (const char *)limits + limit_rows[row].offset;
	int64_t value = limit_rows[row].wide ? *(const int64_t *)field : *(const int *)field;

	return (value + limit_rows[row].unit - 1) / limit_rows[row].unit;
}

static json_t *whole_limits_json(const struct limits *run, const struct limits *compile)
{
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof limit_rows / sizeof limit_rows[0]; i++)
		json_object_set_new(json, limit_rows[i].name,
				    json_integer(limit_of(limit_rows[i].compile ? compile : run, i)));
	return json;
}

/* Those alone that are not what a job of this API gets anyway; NULL: memory is out. */
static json_t *limits_json(const struct task *task, const struct config *config)
{
	struct config usual = *config;
	struct limits run, compile;
	json_t *json = json_object();

	usual.memory_mb = config->queue_memory_mb;
	usual.output_kb = config->queue_output_kb;
	config_limits(&usual, &run, &compile);
	for (size_t i = 0; i < sizeof limit_rows / sizeof limit_rows[0]; i++) {
		int64_t value = limit_of(limit_rows[i].compile ? &task->compile_limits : &task->limits, i);

		if (value != limit_of(limit_rows[i].compile ? &compile : &run, i))
			json_object_set_new(json, limit_rows[i].name, json_integer(value));
	}
	return json;
}

static void put_limits(json_t *object, const struct task *task, const struct config *config)
{
	json_t *limits = limits_json(task, config);

	if (json_object_size(limits) > 0)
		json_object_set_new(object, "limits", limits);
	else
		json_decref(limits);
}

/* ---- tests ---- */

/* NULL for bytes that are no text, which nobody here makes of a user's request. */
static json_t *text_json(const char *bytes, size_t size)
{
	return utf8_valid(bytes, size) ? json_stringn(bytes, size) : NULL;
}

static json_t *data_json(const char *bytes, size_t size, const char *blob)
{
	return blob ? json_pack("{s:s}", "sha256", blob) : text_json(bytes, size);
}

static json_t *texts_json(const char *const *texts)
{
	json_t *list = json_array();

	for (; texts && *texts; texts++)
		json_array_append_new(list, json_text(*texts, strlen(*texts)));
	return list;
}

static json_t *file_json(const struct task_file *file)
{
	cleanup_buffer struct buffer base64 = { 0 };
	json_t *json = json_pack("{s:s}", "name", file->name);

	if (file->blob) {
		json_object_set_new(json, "sha256", json_string(file->blob));
	} else if (utf8_valid(file->data, file->size)) {
		json_object_set_new(json, "content", json_stringn(file->data, file->size));
	} else {
		base64_encode(file->data, file->size, &base64);
		json_object_set_new(json, "content", json_string(buffer_text(&base64)));
		json_object_set_new(json, "encoding", json_string("base64"));
	}
	return json;
}

/* Those that have names; the first may have none, and is then `code`. */
static json_t *files_json(const struct task_file *files, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (files[i].name)
			json_array_append_new(list, file_json(&files[i]));
	return list;
}

static void put_list(json_t *object, const char *name, json_t *list)
{
	if (json_array_size(list) > 0)
		json_object_set_new(object, name, list);
	else
		json_decref(list);
}

/* What only the long form has. */
static void put_details(json_t *json, const struct task_test *test)
{
	if (test->group)
		json_object_set_new(json, "group", json_string(test->group));
	if (test->hidden)
		json_object_set_new(json, "hidden", json_true());
	if (test->is_static)
		json_object_set_new(json, "static", json_true());
	if (test->points != 0)
		json_object_set_new(json, "points", json_real(test->points));
	put_list(json, "validator_args", texts_json(test->validator_args));
	put_list(json, "args", texts_json(test->args));
	put_list(json, "files", files_json(test->files, test->file_count));
}

static json_t *tests_json(const struct task *task, bool judge)
{
	json_t *list = json_array();

	for (size_t i = 0; i < task->test_count; i++) {
		const struct task_test *test = &task->tests[i];
		json_t *json = json_pack("{s:o, s:o}", "input",
					 data_json(test->input, test->input_size, test->input_blob),
					 judge ? "answer" : "expectedOutput",
					 data_json(test->answer, test->answer_size, test->answer_blob));

		if (json && judge)
			put_details(json, test);
		if (!json || json_array_append_new(list, json) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* ---- who judges ---- */

static json_t *program_json(const struct task_program *program)
{
	const struct task_file *first = &program->files[0];
	json_t *json = json_pack("{s:s, s:s, s:o}", "language", program->language, "convention",
				 convention_name(program->convention), "limits",
				 whole_limits_json(&program->limits, &program->compile_limits));

	if (json && !first->name)
		json_object_set_new(json, "code", data_json(first->data, first->size, first->blob));
	if (json)
		put_list(json, "files", files_json(program->files, program->file_count));
	return json;
}

static json_t *validator_json(const struct task *task)
{
	const struct task_program *program = task->checker ? task->checker : task->interactor;
	json_t *json = json_pack("{s:s, s:o}", "kind", program ? "program" : validator_name(task->validator),
				 "args", texts_json(task->validator_args));

	if (json && program)
		json_object_set_new(json, "program", program_json(program));
	return json;
}

static void put_programs(json_t *judge, const struct task *task)
{
	json_object_set_new(judge, "validator", validator_json(task));
	if (task->interactor && task->checker)
		json_object_set_new(judge, "interactor", program_json(task->interactor));
	else if (task->interactor)
		json_object_set_new(judge, "interactive", json_true());
	if (task->static_validator)
		json_object_set_new(judge, "static_validator", program_json(task->static_validator));
	if (task->input_file)
		json_object_set_new(judge, "input_file", json_string(task->input_file));
	if (task->output_file)
		json_object_set_new(judge, "output_file", json_string(task->output_file));
	if (task->passes > 1)
		json_object_set_new(judge, "multipass", json_integer(task->passes));
	if (task->groups)
		json_object_set_new(judge, "groups", groups_encode(task->groups));
}

json_t *judge_json(const struct task *task)
{
	json_t *judge =
		json_pack("{s:o, s:b, s:o}", "tests", tests_json(task, true), "early_stop", task->early_stop,
			  "limits", whole_limits_json(&task->limits, &task->compile_limits));

	if (judge)
		put_programs(judge, task);
	return judge;
}

json_t *judge_files_json(const struct task *task)
{
	return files_json(task->files, task->file_count);
}

static void put_judge(json_t *body, const struct task *task, const struct config *config)
{
	json_t *judge = judge_json(task);

	if (judge) {
		json_object_del(judge, "limits");
		put_limits(judge, task, config);
	}
	json_object_set_new(body, "judge", judge);
}

static void put_tests(json_t *body, const struct task *task, const struct config *config)
{
	json_object_set_new(body, "testCases", tests_json(task, false));
	put_limits(body, task, config);
}

static void put_input(json_t *body, const struct task *task, const struct config *config)
{
	if (task->tests[0].input_size > 0)
		json_object_set_new(body, "input",
				    text_json(task->tests[0].input, task->tests[0].input_size));
	put_limits(body, task, config);
}

/* ---- the whole ---- */

/* Without the form "judge" all tests are seen, and compared by tokens. */
static bool needs_form(const struct task *task)
{
	bool needs = task->early_stop || task->validator != VALIDATOR_TOKENS ||
		     (task->validator_args && task->validator_args[0]) || task->checker || task->interactor ||
		     task->groups;

	for (size_t i = 0; i < task->test_count; i++)
		needs = needs || task->tests[i].hidden || task->tests[i].group || task->tests[i].input_blob ||
			task->tests[i].answer_blob || task->tests[i].args || task->tests[i].file_count > 0;
	return task->judged && needs;
}

static bool is_text(const char *bytes, size_t size, const char *blob)
{
	return blob || utf8_valid(bytes, size);
}

static bool is_sayable(const struct task *task)
{
	const struct task_file *code = &task->files[0];
	bool sayable = !code->name && !code->blob && !task->args[0] && utf8_valid(code->data, code->size);

	for (size_t i = 0; i < task->test_count; i++) {
		const struct task_test *test = &task->tests[i];

		sayable = sayable && !test->output && (test->compare == task->judged || test->is_static) &&
			  (task->judged || !test->input_blob) &&
			  is_text(test->input, test->input_size, test->input_blob) &&
			  is_text(test->answer, test->answer_size, test->answer_blob);
	}
	return sayable;
}

int queue_request_encode(const struct task *task, const struct config *config, const char *priority,
			 struct buffer *body, bool *needs_judge, struct error *err)
{
	cleanup_json json_t *json = NULL;

	if (!is_sayable(task))
		return error_set(err, -EOPNOTSUPP, "the queue API has no words for this run");
	*needs_judge = needs_form(task);
	json = json_pack("{s:o, s:s}", "code", text_json(task->files[0].data, task->files[0].size),
			 "language", task->language);
	if (json)
		put_list(json, "files", files_json(task->files, task->file_count));
	if (json && priority)
		json_object_set_new(json, "priority", json_string(priority));
	if (json)
		(*needs_judge ? put_judge : task->judged ? put_tests : put_input)(json, task, config);
	if (!json || json_write(json, body) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}
