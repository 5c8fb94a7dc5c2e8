/* The task's JSON form:
 *
 *     {"language": "cpp", "judged": true, "early_stop": false, "args": ["-v"],
 *      "validator": "float", "validator_args": ["float_tolerance", "1e-6"],
 *      "files": [{"name": "main.cpp", "data": "..."}],          no name: the language chooses
 *      "tests": [{"input": "1 2", "answer": "3",                no answer: a plain run
 *                 "group": "1/2", "hidden": true}],
 *      "limits": {"cpu_time_us": 1000000, ...}, "compile_limits": {...}}
 *
 * Data, arguments, inputs and answers are json_bytes(): text, or {"base64": "..."}; the last two also
 * {"sha256": "..."}. What is as it usually is (validator "tokens", no arguments, no group, not hidden) is left out, so that
 * workers of the version before understand the usual task. */
#include "model/task.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "wire.h"

static const struct {
	const char *name;
	size_t offset;
	bool wide; /* int64_t, else int */
	int64_t min, max;
} limit_fields[] = {
#define WIDE(field, max)                                             \
	{                                                            \
#field, offsetof(struct limits, field), true, 1, max \
	}
#define NARROW(field, min)                                                  \
	{                                                                   \
#field, offsetof(struct limits, field), false, min, INT_MAX \
	}
	WIDE(cpu_time_us, INT64_C(1) << 40), /* 12 days */
	WIDE(wall_time_us, INT64_C(1) << 40),
	WIDE(memory_bytes, INT64_C(1) << 50),
	WIDE(output_bytes, INT64_C(1) << 32),
	WIDE(file_bytes, INT64_C(1) << 50),
	WIDE(disk_bytes, INT64_C(1) << 50),
	NARROW(inodes, 1),
	NARROW(processes, 1),
	NARROW(open_files, 1),
	NARROW(cpus, 0),
#undef WIDE
#undef NARROW
};

enum { LIMIT_FIELDS = sizeof limit_fields / sizeof limit_fields[0] };

/* ---- encoding ---- */

static json_t *limits_json(const struct limits *limits)
{
	json_t *json = json_object();
	bool ok = true;

	for (size_t i = 0; i < LIMIT_FIELDS && ok; i++) {
		const char *field = (const char *)limits + limit_fields[i].offset;
		int64_t value = limit_fields[i].wide ? *(const int64_t *)field : *(const int *)field;

		ok = wire_put(json, limit_fields[i].name, json_integer(value));
	}
	return wire_whole(json, ok);
}

static json_t *file_json(const struct task_file *file)
{
	json_t *json = json_object();
	bool ok = (!file->name || wire_put(json, "name", json_string(file->name))) &&
		  wire_put_bytes(json, "data", file->data, file->size);

	return wire_whole(json, ok);
}

static json_t *files_json(const struct task *task)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < task->file_count && ok; i++)
		ok = json_array_append_new(list, file_json(&task->files[i])) == 0;
	return wire_whole(list, ok);
}

static bool put_data(json_t *json, const char *name, const char *bytes, size_t size, const char *blob)
{
	return blob ? wire_put(json, name, json_pack("{s:s}", "sha256", blob))
		    : wire_put_bytes(json, name, bytes, size);
}

static json_t *test_json(const struct task_test *test)
{
	json_t *json = json_object();
	bool ok = put_data(json, "input", test->input, test->input_size, test->input_blob) &&
		  (!test->compare ||
		   put_data(json, "answer", test->answer, test->answer_size, test->answer_blob)) &&
		  (!test->group || wire_put(json, "group", json_string(test->group))) &&
		  (!test->hidden || wire_put(json, "hidden", json_true()));

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

static json_t *args_json(const char *const *args)
{
	json_t *list = json_array();
	bool ok = true;

	for (; *args && ok; args++)
		ok = json_array_append_new(list, json_bytes(*args, strlen(*args))) == 0;
	return wire_whole(list, ok);
}

/* What jansson would refuse with no more to say than "it failed". */
static int check_names(const struct task *task, struct error *err)
{
	if (!utf8_valid(task->language, strlen(task->language)))
		return error_set(err, -EINVAL, "language: must be UTF-8");
	for (size_t i = 0; i < task->file_count; i++) {
		const char *name = task->files[i].name;

		if (name && !utf8_valid(name, strlen(name)))
			return error_set(err, -EINVAL, "files[%zu].name: must be UTF-8", i);
	}
	return 0;
}

int task_encode(const struct task *task, json_t **json, struct error *err)
{
	cleanup_json json_t *object = NULL;

	if (check_names(task, err) < 0)
		return err ? err->code : -EINVAL;
	object = json_object();
	if (!wire_put(object, "language", json_string(task->language)) ||
	    !wire_put(object, "judged", json_boolean(task->judged)) ||
	    !wire_put(object, "early_stop", json_boolean(task->early_stop)) ||
	    (task->validator != VALIDATOR_TOKENS &&
	     !wire_put(object, "validator", json_string(validator_name(task->validator)))) ||
	    (task->validator_args && !wire_put(object, "validator_args", args_json(task->validator_args))) ||
	    !wire_put(object, "args", args_json(task->args)) ||
	    !wire_put(object, "files", files_json(task)) || !wire_put(object, "tests", tests_json(task)) ||
	    !wire_put(object, "limits", limits_json(&task->limits)) ||
	    !wire_put(object, "compile_limits", limits_json(&task->compile_limits)))
		return error_set(err, -ENOMEM, "encode a task: out of memory");
	*json = take_pointer(&object);
	return 0;
}

/* ---- decoding ---- */

static void decode_limits(struct json_reader *parent, const char *name, struct limits *limits)
{
	const json_t *object = json_get_object(parent, name);
	struct json_reader reader;

	if (parent->failed)
		return;
	if (!object) {
		wire_fail(parent, name, "is required");
		return;
	}
	json_reader_open(&reader, object, name, parent->err);
	for (size_t i = 0; i < LIMIT_FIELDS; i++) {
		char *field = (char *)limits + limit_fields[i].offset;
		int64_t value = json_need_int(&reader, limit_fields[i].name, limit_fields[i].min,
					      limit_fields[i].max);

		if (limit_fields[i].wide)
			*(int64_t *)field = value;
		else
			*(int *)field = (int)value;
	}
	parent->failed = json_reader_done(&reader);
}

static void decode_files(struct json_reader *parent, struct pool *pool, struct task *task)
{
	const json_t *list;

	task->files = wire_need_list(parent, "files", 1, TASK_FILES_MAX, pool, sizeof *task->files, &list,
				     &task->file_count);
	for (size_t i = 0; i < task->file_count && !parent->failed; i++) {
		struct task_file *file = &task->files[i];
		struct json_reader reader;

		wire_open_element(&reader, list, "files", i, pool, parent->err);
		file->name = wire_get_text(&reader, "name", pool);
		file->data = wire_need_bytes(&reader, "data", pool, &file->size);
		parent->failed = json_reader_done(&reader);
	}
}

static bool is_sha256(const char *text)
{
	return text && strlen(text) == SHA256_TEXT_BYTES - 1 &&
	       strspn(text, "0123456789abcdef") == SHA256_TEXT_BYTES - 1;
}

/* Bytes, or a blob's name; then the bytes are empty. */
static const char *need_data(struct json_reader *reader, const char *name, struct pool *pool, size_t *size,
			     const char **blob)
{
	const json_t *value = json_get_any(reader, name);
	const char *sha256 = json_string_value(json_object_get(value, "sha256"));

	if (!sha256)
		return wire_need_bytes(reader, name, pool, size);
	if (json_object_size(value) != 1 || !is_sha256(sha256))
		wire_fail(reader, name, "must be {\"sha256\": 64 hex digits}");
	else if (!(*blob = pool_strdup(pool, sha256)))
		wire_fail_memory(reader);
	*size = 0;
	return "";
}

static void decode_tests(struct json_reader *parent, struct pool *pool, struct task *task)
{
	const json_t *list;

	task->tests = wire_need_list(parent, "tests", 1, TASK_TESTS_MAX, pool, sizeof *task->tests, &list,
				     &task->test_count);
	for (size_t i = 0; i < task->test_count && !parent->failed; i++) {
		struct task_test *test = &task->tests[i];
		struct json_reader reader;

		wire_open_element(&reader, list, "tests", i, pool, parent->err);
		test->input = need_data(&reader, "input", pool, &test->input_size, &test->input_blob);
		test->compare = json_get_any(&reader, "answer") != NULL;
		test->answer = "";
		if (test->compare)
			test->answer =
				need_data(&reader, "answer", pool, &test->answer_size, &test->answer_blob);
		test->group = wire_get_text(&reader, "group", pool);
		test->hidden = json_get_bool(&reader, "hidden", false);
		parent->failed = json_reader_done(&reader);
	}
}

/* NULL-ended. */
static const char *const *decode_args(struct json_reader *parent, const char *name, size_t max,
				      struct pool *pool)
{
	const json_t *list;
	size_t count;
	const char **args = wire_need_list(parent, name, 0, max, pool, sizeof *args, &list, &count);

	for (size_t i = 0; i < count && !parent->failed; i++) {
		char path[48];
		size_t size = 0;

		snprintf(path, sizeof path, "%s[%zu]", name, i);
		parent->failed =
			json_bytes_decode(json_array_get(list, i), path, pool, &args[i], &size, parent->err);
		if (!parent->failed && memchr(args[i], '\0', size))
			wire_fail(parent, path, "must not hold NUL");
	}
	return args;
}

static void decode_validator(struct json_reader *reader, struct pool *pool, struct task *task)
{
	const char *name = json_get_text(reader, "validator", "tokens", NULL);
	struct compare_rules rules;
	struct error err;

	if (!reader->failed && !validator_from_name(name, &task->validator))
		wire_fail(reader, "validator", "must be " VALIDATOR_NAMES);
	if (!reader->failed && json_object_get(reader->object, "validator_args"))
		task->validator_args = decode_args(reader, "validator_args", TASK_VALIDATOR_ARGS_MAX, pool);
	if (!reader->failed && compare_rules_parse(task->validator, task->validator_args, &rules, &err) < 0)
		wire_fail(reader, "validator_args", err.text);
}

int task_decode(const json_t *json, struct pool *pool, struct task *task, struct error *err)
{
	struct task decoded = { 0 };
	struct json_reader reader;

	json_reader_open(&reader, json, "", err);
	decoded.language = wire_need_text(&reader, "language", pool);
	decoded.judged = json_get_bool(&reader, "judged", false);
	decoded.early_stop = json_get_bool(&reader, "early_stop", false);
	decode_validator(&reader, pool, &decoded);
	decoded.args = decode_args(&reader, "args", TASK_ARGS_MAX, pool);
	decode_files(&reader, pool, &decoded);
	decode_tests(&reader, pool, &decoded);
	decode_limits(&reader, "limits", &decoded.limits);
	decode_limits(&reader, "compile_limits", &decoded.compile_limits);
	if (json_reader_done(&reader) < 0)
		return reader.failed ? reader.failed : -EINVAL;
	*task = decoded;
	return 0;
}
