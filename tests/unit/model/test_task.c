/* A task goes over the wire as text and comes back the same; what is wrong is refused with its path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"
#include "model/task.h"

#define BYTES(literal) .data = literal, .size = sizeof literal - 1

#define RUN_LIMITS                                                                                       \
	{                                                                                                \
		.cpu_time_us = 1000000, .wall_time_us = 3000000, .memory_bytes = 256 << 20,              \
		.output_bytes = 1 << 20, .file_bytes = 16 << 20, .disk_bytes = 64 << 20, .inodes = 4096, \
		.processes = 64, .open_files = 256, .cpus = 1,                                           \
	}
static const struct limits run_limits = RUN_LIMITS;
#define COMPILE_LIMITS                                                                                \
	{                                                                                             \
		.cpu_time_us = INT64_C(1) << 40, .wall_time_us = 1, .memory_bytes = INT64_C(1) << 40, \
		.output_bytes = 1, .file_bytes = 1, .disk_bytes = 1, .inodes = 1, .processes = 1,     \
		.open_files = INT32_MAX, .cpus = 0,                                                   \
	}
static const struct limits compile_limits = COMPILE_LIMITS;

static struct task_file files[] = {
	{ BYTES("print('\xc3\xa4')\n") },
	{ .name = "data/\xc3\xa4.bin", BYTES("\xff\xfe\0\x80 raw") },
	{ .name = "empty", BYTES("") },
};
#define TEST(in, out, compared)                                                                         \
	{                                                                                               \
		.input = in, .input_size = sizeof in - 1, .answer = out, .answer_size = sizeof out - 1, \
		.compare = compared                                                                     \
	}
static struct task_test tests_of_task[] = {
	TEST("1 2\n", "3\n", true),
	TEST("", "", true),
	TEST("a\0b", "\xc3(", true),
	TEST("plain", "", false),
};
static const char *const args[] = { "-v", "", "\xff", NULL };

static const struct task task = {
	.language = "python",
	.files = files,
	.file_count = 3,
	.args = args,
	.tests = tests_of_task,
	.test_count = 4,
	.judged = true,
	.early_stop = true,
	.limits = RUN_LIMITS,
	.compile_limits = COMPILE_LIMITS,
};

/* Through text, as the wire does it. */
static json_t *sent(const struct task *original)
{
	struct error err = { 0 };
	cleanup_json json_t *json = NULL;
	cleanup_buffer struct buffer text = { 0 };
	json_t *parsed = NULL;

	if (task_encode(original, &json, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(json_write(json, &text), 0);
	if (json_parse(text.data, text.size, &parsed, &err) < 0)
		fail_msg("%s", err.text);
	return parsed;
}

static void assert_bytes(const char *got, size_t got_size, const char *expected, size_t size)
{
	assert_int_equal(got_size, size);
	assert_memory_equal(got, expected, size);
	assert_int_equal(got[size], 0);
}

static void a_task_comes_back_as_it_was(void **state)
{
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = sent(&task);
	struct task got;

	(void)state;
	if (task_decode(json, pool, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(got.language, "python");
	assert_true(got.judged);
	assert_true(got.early_stop);
	assert_memory_equal(&got.limits, &run_limits, sizeof run_limits);
	assert_memory_equal(&got.compile_limits, &compile_limits, sizeof compile_limits);
	assert_int_equal(got.file_count, 3);
	assert_null(got.files[0].name);
	assert_string_equal(got.files[1].name, files[1].name);
	for (size_t i = 0; i < got.file_count; i++)
		assert_bytes(got.files[i].data, got.files[i].size, files[i].data, files[i].size);
	assert_int_equal(got.test_count, 4);
	for (size_t i = 0; i < got.test_count; i++) {
		const struct task_test *expected = &tests_of_task[i];

		assert_bytes(got.tests[i].input, got.tests[i].input_size, expected->input,
			     expected->input_size);
		assert_bytes(got.tests[i].answer, got.tests[i].answer_size, expected->answer,
			     expected->answer_size);
		assert_int_equal(got.tests[i].compare, expected->compare);
	}
	for (size_t i = 0; args[i]; i++)
		assert_string_equal(got.args[i], args[i]);
	assert_null(got.args[3]);
}

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void what_a_judge_asks_for_comes_back(void **state)
{
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct task_test of_blobs[] = {
		{ .input = "",
		  .input_blob = HASH,
		  .answer = "",
		  .answer_blob = HASH,
		  .compare = true,
		  .group = "1/2",
		  .hidden = true },
		{ .input = "x", .input_size = 1, .answer = "" },
	};
	struct task judged = task, got;

	(void)state;
	judged.tests = of_blobs;
	judged.test_count = 2;
	judged.validator = VALIDATOR_FLOAT;
	judged.validator_args = (const char *const[]){ "float_tolerance", "1e-6", NULL };
	cleanup_json json_t *json = sent(&judged);
	if (task_decode(json, pool, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got.validator, VALIDATOR_FLOAT);
	assert_string_equal(got.validator_args[0], "float_tolerance");
	assert_string_equal(got.validator_args[1], "1e-6");
	assert_null(got.validator_args[2]);
	assert_string_equal(got.tests[0].input_blob, HASH);
	assert_string_equal(got.tests[0].answer_blob, HASH);
	assert_true(got.tests[0].compare && got.tests[0].hidden);
	assert_string_equal(got.tests[0].group, "1/2");
	assert_null(got.tests[1].input_blob);
	assert_null(got.tests[1].group);
	assert_false(got.tests[1].hidden);
}

static void a_checker_comes_back(void **state)
{
	static struct task_file own[] = { { BYTES("int main") },
					  { .name = "testlib.h", .data = "", .blob = HASH } };
	struct task_program checker = { .language = "cpp",
					.files = own,
					.file_count = 2,
					.convention = CONVENTION_TESTLIB,
					.limits = RUN_LIMITS,
					.compile_limits = COMPILE_LIMITS };
	struct task_test test = { .input = "",
				  .answer = "",
				  .compare = true,
				  .validator_args = (const char *const[]){ "any", NULL } };
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct task judged = task, got;

	(void)state;
	judged.tests = &test;
	judged.test_count = 1;
	judged.checker = &checker;
	judged.validator_args = (const char *const[]){ "whatever it takes", NULL };
	judged.groups = &(struct task_groups){ .rules = SCORING_POLYGON };
	judged.interactor = &checker;
	judged.passes = 3;
	test.points = 2.5;
	cleanup_json json_t *json = sent(&judged);
	if (task_decode(json, pool, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(got.checker);
	assert_string_equal(got.checker->language, "cpp");
	assert_int_equal(got.checker->convention, CONVENTION_TESTLIB);
	assert_int_equal(got.checker->file_count, 2);
	assert_null(got.checker->files[0].blob);
	assert_string_equal(got.checker->files[1].name, "testlib.h");
	assert_string_equal(got.checker->files[1].blob, HASH);
	assert_memory_equal(&got.checker->limits, &run_limits, sizeof run_limits);
	assert_string_equal(got.validator_args[0], "whatever it takes");
	assert_string_equal(got.tests[0].validator_args[0], "any");
	assert_non_null(got.interactor);
	assert_string_equal(got.interactor->files[1].blob, HASH);
	assert_int_equal(got.passes, 3);
	assert_non_null(got.groups);
	assert_int_equal(got.groups->rules, SCORING_POLYGON);
	assert_true(got.tests[0].points == 2.5);
	assert_null(got.tests[0].validator_args[1]);
}

static void what_only_some_tests_have_comes_back(void **state)
{
	static struct task_file own[] = { { .name = "in.txt", BYTES("7") },
					  { .name = "far", .data = "", .blob = HASH } };
	struct task_test tests[] = {
		{ .input = "",
		  .answer = "",
		  .args = (const char *const[]){ "-n", "\xff", NULL },
		  .files = own,
		  .file_count = 2 },
		{ .input = "", .answer = "", .output = "", .output_blob = HASH, .compare = true },
		{ .input = "", .answer = "", .output = "", .compare = true },
		{ .input = "",
		  .answer = "",
		  .is_static = true,
		  .validator_args = (const char *const[]){ "its own", NULL } },
	};
	static struct task_file static_file = { BYTES("exit 42") };
	struct task_program program = { .language = "script",
					.files = &static_file,
					.file_count = 1,
					.limits = RUN_LIMITS,
					.compile_limits = COMPILE_LIMITS };
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct task judged = task, got;

	(void)state;
	judged.tests = tests;
	judged.test_count = 4;
	judged.static_validator = &program;
	judged.input_file = "a.in";
	judged.output_file = "a.out";
	cleanup_json json_t *json = sent(&judged);
	if (task_decode(json, pool, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(got.tests[0].args[1], "\xff");
	assert_null(got.tests[0].args[2]);
	assert_int_equal(got.tests[0].file_count, 2);
	assert_string_equal(got.tests[0].files[0].name, "in.txt");
	assert_string_equal(got.tests[0].files[1].blob, HASH);
	assert_null(got.tests[0].output);
	assert_string_equal(got.tests[1].output_blob, HASH);
	assert_string_equal(got.tests[2].output, "");
	assert_null(got.tests[2].output_blob);
	assert_string_equal(got.tests[3].validator_args[0], "its own");
	assert_true(got.tests[3].is_static && !got.tests[2].is_static);
	assert_string_equal(got.static_validator->language, "script");
	assert_string_equal(got.input_file, "a.in");
	assert_string_equal(got.output_file, "a.out");
}

static void answers_need_no_program(void **state)
{
	struct task_test tests[] = { { .input = "", .answer = "", .compare = true, .output = "3" },
				     { .input = "", .answer = "", .compare = true, .output = "" } };
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	struct task judged = task, got;

	(void)state;
	judged.file_count = 0;
	judged.tests = tests;
	judged.test_count = 2;
	assert_false(task_needs_program(&judged));
	cleanup_json json_t *json = sent(&judged);
	if (task_decode(json, pool, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got.file_count, 0);
	tests[1].output = NULL;
	assert_true(task_needs_program(&judged));
}

struct visited {
	size_t count;
	const char **bytes[8];
};

static int note_blob(const struct task_blob *blob, void *context)
{
	struct visited *visited = context;

	assert_string_equal(blob->sha256, HASH);
	visited->bytes[visited->count++] = blob->bytes;
	return visited->count == 6 ? 7 : 0;
}

static void all_that_lies_elsewhere_is_visited(void **state)
{
	struct task_file main_file = { .data = "", .blob = HASH };
	struct task_program checker = { .files = &(struct task_file){ .data = "", .blob = HASH },
					.file_count = 1 };
	struct task_test tests[] = {
		{ .input_blob = HASH },
		{ .answer_blob = HASH },
		{ .output_blob = HASH,
		  .files = &(struct task_file){ .data = "", .blob = HASH },
		  .file_count = 1 },
		{ .input_blob = HASH },
	};
	struct task asked = {
		.files = &main_file, .file_count = 1, .checker = &checker, .tests = tests, .test_count = 3
	};
	struct visited visited = { 0 };

	(void)state;
	assert_int_equal(task_visit_blobs(&asked, note_blob, &visited), 7);
	assert_ptr_equal(visited.bytes[0], &main_file.data);
	assert_ptr_equal(visited.bytes[1], &checker.files[0].data);
	assert_ptr_equal(visited.bytes[2], &tests[0].input);
	assert_ptr_equal(visited.bytes[3], &tests[1].answer);
	assert_ptr_equal(visited.bytes[4], &tests[2].output);
	assert_ptr_equal(visited.bytes[5], &tests[2].files[0].data);
	asked.test_count = 4;
	visited.count = 0;
	assert_int_equal(task_visit_blobs(&asked, note_blob, &visited), 7);
	assert_int_equal(visited.count, 6); /* and ends there */
}

/* Workers of the version before refuse fields that they do not know. */
static void the_usual_task_has_no_new_fields(void **state)
{
	cleanup_json json_t *json = sent(&task);
	const json_t *test = json_array_get(json_object_get(json, "tests"), 0);

	(void)state;
	assert_null(json_object_get(json, "validator"));
	assert_null(json_object_get(json, "checker"));
	assert_null(json_object_get(json, "interactor"));
	assert_null(json_object_get(json, "passes"));
	assert_null(json_object_get(json, "groups"));
	assert_null(json_object_get(test, "points"));
	assert_null(json_object_get(test, "validator_args"));
	assert_null(json_object_get(test, "group"));
	assert_null(json_object_get(test, "hidden"));
	assert_null(json_object_get(json, "static_validator"));
	assert_null(json_object_get(json, "input_file"));
	assert_null(json_object_get(json, "output_file"));
	assert_null(json_object_get(test, "args"));
	assert_null(json_object_get(test, "files"));
	assert_null(json_object_get(test, "output"));
	assert_null(json_object_get(test, "static"));
}

static void names_that_are_not_utf8_are_not_sent(void **state)
{
	struct task_file file = { .name = "\xff", .data = "" };
	struct task bad = task;
	struct error err = { 0 };
	json_t *json = NULL;

	(void)state;
	bad.files = &file;
	bad.file_count = 1;
	assert_int_equal(task_encode(&bad, &json, &err), -EINVAL);
	assert_string_equal(err.text, "files[0].name: must be UTF-8");
	assert_null(json);
	bad.language = "\xff";
	assert_int_equal(task_encode(&bad, &json, &err), -EINVAL);
	assert_string_equal(err.text, "language: must be UTF-8");
}

/* A good task with one thing changed: `path` names the place (a dot goes into an object, a number into a list),
 * `value` is what it becomes (NULL: it goes away). */
static const struct {
	const char *path, *value, *complaint;
} changes[] = {
	{ "language", NULL, "language: " },
	{ "language", "3", "language: " },
	{ "colour", "1", "colour: " },
	{ "judged", "1", "judged: " },
	{ "early_stop", "\"yes\"", "early_stop: " },
	{ "files", NULL, "files: is required" },
	{ "files", "[]", "files: must not be empty, unless every test has its output" },
	{ "files", "{}", "files: " },
	{ "files.0", "3", "files[0]: " },
	{ "files.1.data", NULL, "files[1].data: is required" },
	{ "files.1.data", "[]", "files[1].data: " },
	{ "files.1.data", "{\"base64\":\"?\"}", "files[1].data" },
	{ "files.1.name", "7", "files[1].name: " },
	{ "files.1.mode", "7", "files[1].mode: " },
	{ "tests", "[]", "tests: has too few elements" },
	{ "tests.2.input", NULL, "tests[2].input: is required" },
	{ "tests.2.answer", "false", "tests[2].answer: " },
	{ "tests.2.points", "\"1\"", "tests[2].points: must be a number" },
	{ "tests.2.weight", "1", "tests[2].weight: " },
	{ "tests.2.args", "\"-n\"", "tests[2].args: " },
	{ "tests.2.args", "[{\"base64\": \"YQBi\"}]", "tests[2].args[0]: must not hold NUL" },
	{ "tests.2.files", "[{\"name\": \"a\"}]", "files[0].data: is required" },
	{ "tests.2.output", "7", "tests[2].output: " },
	{ "tests.2.static", "true", "tests[2].static: needs a static_validator" },
	{ "static_validator", "{}", "static_validator.language: is required" },
	{ "input_file", "1", "input_file: " },
	{ "output_file", "[]", "output_file: " },
	{ "groups", "{}", "groups.rules: is required" },
	{ "args", NULL, "args: is required" },
	{ "args.0", "0", "args[0]: " },
	{ "args.0", "{\"base64\":\"YQBi\"}", "args[0]: must not hold NUL" },
	{ "validator", "\"fuzzy\"", "validator: must be" },
	{ "validator_args", "[\"x\"]", "validator_args: tokens does not know 'x'" },
	{ "tests.1.validator_args", "[\"x\"]", "tests[1].validator_args: tokens does not know 'x'" },
	{ "checker", "3", "checker: " },
	{ "checker", "{}", "checker.language: is required" },
	{ "files.0.data", "{\"sha256\": \"x\"}", "files[0].data: must be {\"sha256\": 64 hex digits}" },
	{ "limits", NULL, "limits: is required" },
	{ "limits.cpu_time_us", "0", "limits.cpu_time_us: " },
	{ "limits.cpu_time_us", "1e3", "limits.cpu_time_us: " },
	{ "limits.processes", "2147483648", "limits.processes: " },
	{ "limits.cpus", "-1", "limits.cpus: " },
	{ "limits.inodes", NULL, "limits.inodes: " },
	{ "limits.speed", "1", "limits.speed: " },
	{ "compile_limits.memory_bytes", "\"1\"", "compile_limits.memory_bytes: " },
};

static void change(json_t *json, const char *path, const char *value)
{
	char key[32];
	size_t length = strcspn(path, ".");
	json_t *now = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;

	snprintf(key, sizeof key, "%.*s", (int)length, path);
	if (path[length]) {
		json_decref(now);
		change(json_is_array(json) ? json_array_get(json, (size_t)atoi(key))
					   : json_object_get(json, key),
		       path + length + 1, value);
	} else if (json_is_array(json)) {
		assert_int_equal(json_array_set_new(json, (size_t)atoi(key), now), 0);
	} else if (now) {
		assert_int_equal(json_object_set_new(json, key, now), 0);
	} else {
		assert_int_equal(json_object_del(json, key), 0);
	}
}

static void what_is_wrong_is_refused_with_its_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct error err = { 0 };
		cleanup_pool struct pool *pool = pool_new();
		cleanup_json json_t *json = sent(&task);
		struct task got = { .language = "untouched" };

		change(json, changes[i].path, changes[i].value);
		if (task_decode(json, pool, &got, &err) != -EINVAL)
			fail_msg("row %zu (%s) was taken", i, changes[i].path);
		if (strncmp(err.text, changes[i].complaint, strlen(changes[i].complaint)) != 0)
			fail_msg("row %zu: \"%s\", expected \"%s...\"", i, err.text, changes[i].complaint);
		assert_string_equal(got.language, "untouched");
	}
}

static void lists_are_bounded(void **state)
{
	struct error err = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = sent(&task);
	json_t *list = json_object_get(json, "args");
	struct task got;

	(void)state;
	for (size_t i = 0; i < TASK_ARGS_MAX; i++)
		json_array_append_new(list, json_string("x"));
	assert_int_equal(task_decode(json, pool, &got, &err), -EINVAL);
	assert_string_equal(err.text, "args: has too many elements");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_comes_back_as_it_was),
		cmocka_unit_test(what_a_judge_asks_for_comes_back),
		cmocka_unit_test(a_checker_comes_back),
		cmocka_unit_test(what_only_some_tests_have_comes_back),
		cmocka_unit_test(answers_need_no_program),
		cmocka_unit_test(all_that_lies_elsewhere_is_visited),
		cmocka_unit_test(the_usual_task_has_no_new_fields),
		cmocka_unit_test(names_that_are_not_utf8_are_not_sent),
		cmocka_unit_test(what_is_wrong_is_refused_with_its_path),
		cmocka_unit_test(lists_are_bounded),
	};
	return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
