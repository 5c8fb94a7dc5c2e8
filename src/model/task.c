/* The task's JSON form:
 *
 *     {"language": "cpp", "judged": true, "early_stop": false, "args": ["-v"],
 *      "validator": "float", "validator_args": ["float_tolerance", "1e-6"],
 *      "files": [{"name": "main.cpp", "data": "..."}],          no name: the language chooses
 *      "tests": [{"input": "1 2", "answer": "3",                no answer: a plain run
 *                 "group": "1/2", "hidden": true, "validator_args": ["case_sensitive"], "points": 5,
 *                 "args": ["-n"], "files": [...], "output": "3", "static": true}],
 *      "groups": {...},                                         as in groups.c
 *      "checker": {"language": "cpp", "convention": "icpc", "files": [...], "limits": {...}, "compile_limits": {...}},
 *      "interactor": {...}, "static_validator": {...}, "passes": 2,      as checker is
 *      "input_file": "in.txt", "output_file": "out.txt",
 *      "limits": {"cpu_time_us": 1000000, ...}, "compile_limits": {...}}
 *
 * Data, arguments, inputs and answers are json_bytes(): text, or {"base64": "..."}; all but arguments also
 * {"sha256": "..."}. There may be no file where every test has its output. What is as it usually is (validator "tokens", no arguments, no group, not hidden, no checker, no groups) is
 * left out, so that workers of the version before understand the usual task; what is not they refuse, and hand back. */
#include "model/task.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "wire.h"

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

static struct task_file *decode_files(struct json_reader *parent, size_t min, struct pool *pool,
				      size_t *count)
{
	const json_t *list;
	struct task_file *files =
		wire_need_list(parent, "files", min, TASK_FILES_MAX, pool, sizeof *files, &list, count);

	for (size_t i = 0; i < *count && !parent->failed; i++) {
		struct json_reader reader;

		wire_open_element(&reader, list, "files", i, pool, parent->err);
		files[i].name = wire_get_text(&reader, "name", pool);
		files[i].data = need_data(&reader, "data", pool, &files[i].size, &files[i].blob);
		parent->failed = json_reader_done(&reader);
	}
	return files;
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

static bool has(const struct json_reader *reader, const char *name)
{
	return !reader->failed && json_object_get(reader->object, name);
}

static const char *const *get_args(struct json_reader *reader, const char *name, size_t max,
				   struct pool *pool)
{
	return has(reader, name) ? decode_args(reader, name, max, pool) : NULL;
}

static void decode_test(struct json_reader *reader, struct pool *pool, struct task_test *test)
{
	test->input = need_data(reader, "input", pool, &test->input_size, &test->input_blob);
	test->compare = json_get_any(reader, "answer") != NULL;
	test->answer = "";
	if (test->compare)
		test->answer = need_data(reader, "answer", pool, &test->answer_size, &test->answer_blob);
	test->group = wire_get_text(reader, "group", pool);
	test->hidden = json_get_bool(reader, "hidden", false);
	test->validator_args = get_args(reader, "validator_args", TASK_VALIDATOR_ARGS_MAX, pool);
	wire_get_number(reader, "points", &test->points);
	test->args = get_args(reader, "args", TASK_ARGS_MAX, pool);
	if (has(reader, "files"))
		test->files = decode_files(reader, 0, pool, &test->file_count);
	if (has(reader, "output"))
		test->output = need_data(reader, "output", pool, &test->output_size, &test->output_blob);
	test->is_static = json_get_bool(reader, "static", false);
}

static void decode_tests(struct json_reader *parent, struct pool *pool, struct task *task)
{
	const json_t *list;

	task->tests = wire_need_list(parent, "tests", 1, TASK_TESTS_MAX, pool, sizeof *task->tests, &list,
				     &task->test_count);
	for (size_t i = 0; i < task->test_count && !parent->failed; i++) {
		struct json_reader reader;

		wire_open_element(&reader, list, "tests", i, pool, parent->err);
		decode_test(&reader, pool, &task->tests[i]);
		parent->failed = json_reader_done(&reader);
	}
}

static struct task_program *get_program(struct json_reader *parent, const char *name, struct pool *pool)
{
	const json_t *object = json_get_object(parent, name);
	struct task_program *program = object ? pool_alloc(pool, sizeof *program) : NULL;
	struct json_reader reader;

	if (object && !program)
		wire_fail_memory(parent);
	if (!program || parent->failed)
		return NULL;
	json_reader_open(&reader, object, name, parent->err);
	program->language = wire_need_text(&reader, "language", pool);
	program->files = decode_files(&reader, 1, pool, &program->file_count);
	const char *convention = json_need_text(&reader, "convention", NULL);
	if (!reader.failed && !convention_from_name(convention, &program->convention))
		wire_fail(&reader, "convention", "must be " CONVENTION_NAMES);
	wire_need_limits(&reader, "limits", &program->limits);
	wire_need_limits(&reader, "compile_limits", &program->compile_limits);
	parent->failed = json_reader_done(&reader);
	return program;
}

static void decode_validator(struct json_reader *reader, struct pool *pool, struct task *task)
{
	const char *name = json_get_text(reader, "validator", "tokens", NULL);

	if (!reader->failed && !validator_from_name(name, &task->validator))
		wire_fail(reader, "validator", "must be " VALIDATOR_NAMES);
	task->validator_args = get_args(reader, "validator_args", TASK_VALIDATOR_ARGS_MAX, pool);
	task->checker = get_program(reader, "checker", pool);
	task->interactor = get_program(reader, "interactor", pool);
	task->static_validator = get_program(reader, "static_validator", pool);
	task->input_file = wire_get_text(reader, "input_file", pool);
	task->output_file = wire_get_text(reader, "output_file", pool);
	task->passes = (int)json_get_int(reader, "passes", 0, TASK_PASSES_MAX, 0);
}

static struct task_groups *get_groups(struct json_reader *reader, struct pool *pool)
{
	const json_t *object = json_get_object(reader, "groups");
	struct task_groups *groups = object ? pool_alloc(pool, sizeof *groups) : NULL;

	if (object && !groups)
		wire_fail_memory(reader);
	if (groups && !reader->failed)
		reader->failed = groups_decode(object, "groups", pool, groups, reader->err);
	return groups;
}

/* What cannot be judged for want of a program. */
static void check_programs(struct json_reader *reader, const struct task *task)
{
	for (size_t i = 0; i < task->test_count && !reader->failed; i++) {
		char path[32];

		snprintf(path, sizeof path, "tests[%zu].static", i);
		if (task->tests[i].is_static && !task->static_validator)
			wire_fail(reader, path, "needs a static_validator");
	}
	if (!reader->failed && task->file_count == 0 && task_needs_program(task))
		wire_fail(reader, "files", "must not be empty, unless every test has its output");
}

/* Arguments that nobody understands are refused here, before anything is run. */
static void check_rules(struct json_reader *reader, const struct task *task)
{
	struct compare_rules rules;
	struct error err;

	if (!reader->failed && task_rules(task, NULL, &rules, &err) < 0)
		wire_fail(reader, "validator_args", err.text);
	for (size_t i = 0; i < task->test_count && !reader->failed; i++) {
		char path[48];

		snprintf(path, sizeof path, "tests[%zu].validator_args", i);
		if (task->tests[i].validator_args && task_rules(task, &task->tests[i], &rules, &err) < 0)
			wire_fail(reader, path, err.text);
	}
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
	decoded.groups = get_groups(&reader, pool);
	decoded.args = decode_args(&reader, "args", TASK_ARGS_MAX, pool);
	decoded.files = decode_files(&reader, 0, pool, &decoded.file_count);
	decode_tests(&reader, pool, &decoded);
	check_programs(&reader, &decoded);
	check_rules(&reader, &decoded);
	wire_need_limits(&reader, "limits", &decoded.limits);
	wire_need_limits(&reader, "compile_limits", &decoded.compile_limits);
	if (json_reader_done(&reader) < 0)
		return reader.failed ? reader.failed : -EINVAL;
	*task = decoded;
	return 0;
}

/* ---- looking at one ---- */

struct visitor {
	int (*visit)(const struct task_blob *blob, void *context);
	void *context;
};

static int visit_one(const struct visitor *visitor, const char *blob, const char **bytes, size_t *size)
{
	return blob ? visitor->visit(&(struct task_blob){ blob, bytes, size }, visitor->context) : 0;
}

static int visit_files(const struct visitor *visitor, struct task_file *files, size_t count)
{
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++)
		code = visit_one(visitor, files[i].blob, &files[i].data, &files[i].size);
	return code;
}

static int visit_test(const struct visitor *visitor, struct task_test *test)
{
	int code = visit_one(visitor, test->input_blob, &test->input, &test->input_size);

	if (code == 0)
		code = visit_one(visitor, test->answer_blob, &test->answer, &test->answer_size);
	if (code == 0)
		code = visit_one(visitor, test->output_blob, &test->output, &test->output_size);
	return code == 0 ? visit_files(visitor, test->files, test->file_count) : code;
}

int task_visit_blobs(const struct task *task, int (*visit)(const struct task_blob *blob, void *context),
		     void *context)
{
	const struct visitor visitor = { visit, context };
	const struct task_program *programs[] = { task->checker, task->interactor, task->static_validator };
	int code = visit_files(&visitor, task->files, task->file_count);

	for (size_t i = 0; i < sizeof programs / sizeof programs[0] && code == 0; i++)
		if (programs[i])
			code = visit_files(&visitor, programs[i]->files, programs[i]->file_count);
	for (size_t i = 0; i < task->test_count && code == 0; i++)
		code = visit_test(&visitor, &task->tests[i]);
	return code;
}

bool task_needs_program(const struct task *task)
{
	for (size_t i = 0; i < task->test_count; i++)
		if (task->tests[i].is_static || !task->tests[i].output)
			return true;
	return false;
}

int task_rules(const struct task *task, const struct task_test *test, struct compare_rules *rules,
	       struct error *err)
{
	const char *args[2 * TASK_VALIDATOR_ARGS_MAX + 1];
	const char *const *lists[] = { task->validator_args, test ? test->validator_args : NULL };
	bool judged_by_program = task->checker || task->interactor || (test && test->is_static);
	size_t count = 0;

	for (size_t i = 0; i < 2 && !judged_by_program; i++)
		for (const char *const *arg = lists[i]; arg && *arg && count < 2 * TASK_VALIDATOR_ARGS_MAX;
		     arg++)
			args[count++] = *arg;
	args[count] = NULL;
	return compare_rules_parse(task->validator, args, rules, err);
}
