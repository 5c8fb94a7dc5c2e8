/* From a task to the body of POST /api/execute. */
#include <errno.h>

#include "base/cleanup.h"
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

static json_t *tests_json(const struct task *task, bool judge)
{
	json_t *list = json_array();

	for (size_t i = 0; i < task->test_count; i++) {
		const struct task_test *test = &task->tests[i];
		json_t *json = json_pack("{s:o, s:o}", "input", text_json(test->input, test->input_size),
					 judge ? "answer" : "expectedOutput",
					 text_json(test->answer, test->answer_size));

		if (json && test->group)
			json_object_set_new(json, "group", json_string(test->group));
		if (json && test->hidden)
			json_object_set_new(json, "hidden", json_true());
		if (!json || json_array_append_new(list, json) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *validator_json(const struct task *task)
{
	json_t *json = json_pack("{s:s}", "kind", validator_name(task->validator)), *args = json_array();

	for (const char *const *arg = task->validator_args; arg && *arg; arg++)
		json_array_append_new(args, json_string(*arg));
	json_object_set_new(json, "args", args);
	return json;
}

static void put_judge(json_t *body, const struct task *task, const struct config *config)
{
	json_t *judge = json_pack("{s:o, s:o, s:b}", "tests", tests_json(task, true), "validator",
				  validator_json(task), "early_stop", task->early_stop);

	if (judge)
		put_limits(judge, task, config);
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
		     (task->validator_args && task->validator_args[0]);

	for (size_t i = 0; i < task->test_count; i++)
		needs = needs || task->tests[i].hidden || task->tests[i].group;
	return task->judged && needs;
}

static bool is_sayable(const struct task *task)
{
	bool sayable = task->file_count == 1 && !task->files[0].name && !task->args[0] &&
		       utf8_valid(task->files[0].data, task->files[0].size);

	for (size_t i = 0; i < task->test_count; i++) {
		const struct task_test *test = &task->tests[i];

		sayable = sayable && !test->input_blob && !test->answer_blob &&
			  test->compare == task->judged && utf8_valid(test->input, test->input_size) &&
			  utf8_valid(test->answer, test->answer_size);
	}
	return sayable;
}

int queue_request_encode(const struct task *task, const struct config *config, struct buffer *body,
			 bool *needs_judge, struct error *err)
{
	cleanup_json json_t *json = NULL;

	if (!is_sayable(task))
		return error_set(err, -EOPNOTSUPP, "the queue API has no words for this run");
	*needs_judge = needs_form(task);
	json = json_pack("{s:o, s:s}", "code", text_json(task->files[0].data, task->files[0].size),
			 "language", task->language);
	if (json)
		(*needs_judge ? put_judge : task->judged ? put_tests : put_input)(json, task, config);
	if (!json || json_write(json, body) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}
