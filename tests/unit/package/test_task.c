/* From a package to a task: packages by hand, or read from files that are made in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

#define MB (INT64_C(1) << 20)

static struct task_file python_files[] = { { "a.py", "print(1)", 8, NULL }, { "b.py", "", 0, NULL } };
static const struct package_program python = {
	.path = "submissions/accepted/a", .language = "python", .files = python_files, .file_count = 2
};

/* All that a row does not speak of. */
static struct package plain(void)
{
	static struct package_test tests[] = {
		{ .name = "sample/1",
		  .group = "sample",
		  .sample = true,
		  .input = "1\n",
		  .input_size = 2,
		  .answer = "2\n",
		  .answer_size = 2 },
		{ .name = "secret/1",
		  .group = "secret",
		  .input = "3\n",
		  .input_size = 2,
		  .answer = "4\n",
		  .answer_size = 2 },
	};
	return (struct package){ .passes = 1,
				 .time = { .given = true, .limit_s = 1 },
				 .limits = { .memory_bytes = 64 * MB },
				 .tests = tests,
				 .test_count = 2 };
}

static void must_make(const struct package *package, const struct package_program *program,
		      double time_limit_s, struct pool *pool, struct task *task)
{
	struct error err;

	if (package_task(package, program, time_limit_s, pool, task, &err) < 0)
		fail_msg("%s", err.text);
}

/* ---- limits ---- */

static const struct {
	const char *name;
	bool given, interactive;
	double limit_s, instead_s;
	int64_t cpu_us, wall_us;
} times[] = {
	{ "a short one has a second to spare", true, false, 1, 0, 1000000, 2000000 },
	{ "two seconds are where half of it is as much", true, false, 2, 0, 2000000, 3000000 },
	{ "a long one has half of it to spare", true, false, 10, 0, 10000000, 15000000 },
	{ "less than a second", true, false, 0.25, 0, 250000, 1250000 },
	{ "what is given counts", true, false, 1, 7, 1000000, 2000000 },
	{ "else what is said", false, false, 0, 3, 3000000, 4500000 },
	{ "interactive: twice of all", true, true, 1, 0, 1000000, 4000000 },
	{ "interactive and long", true, true, 6, 0, 6000000, 18000000 },
};

static void limits_of_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct package package = plain();
		struct task task;

		package.interactive = times[i].interactive;
		package.time.given = times[i].given;
		package.time.limit_s = times[i].limit_s;
		must_make(&package, &python, times[i].instead_s, pool, &task);
		if (task.limits.cpu_time_us != times[i].cpu_us ||
		    task.limits.wall_time_us != times[i].wall_us)
			fail_msg("%s: %lld and %lld us", times[i].name, (long long)task.limits.cpu_time_us,
				 (long long)task.limits.wall_time_us);
		assert_int_equal(task.limits.memory_bytes, 64 * MB);
	}
}

/* ---- tests ---- */

static void tests_are_the_packages(void **state)
{
	static const char *const args[] = { "-v", NULL }, *const more[] = { "x", NULL };
	cleanup_pool struct pool *pool = pool_new();
	struct package package = plain();
	struct package_test tests[] = { package.tests[0], package.tests[1] };
	struct task_file file = { "map.txt", "#", 1, NULL };
	struct task task;

	(void)state;
	package.tests = tests;
	package.validator = VALIDATOR_TOKENS;
	package.validator_args = args;
	package.input_file = "in.txt";
	package.output_file = "out.txt";
	tests[1].args = args;
	tests[1].validator_args = more;
	tests[1].files = &file;
	tests[1].file_count = 1;
	tests[1].points = 2.5;
	must_make(&package, &python, 0, pool, &task);
	assert_int_equal(task.test_count, 2);
	assert_true(task.judged && task.early_stop && !task.groups && !task.checker && !task.interactor);
	assert_false(task.tests[0].hidden);
	assert_true(task.tests[1].hidden);
	for (size_t i = 0; i < 2; i++) {
		assert_true(task.tests[i].compare);
		assert_ptr_equal(task.tests[i].input, tests[i].input);
		assert_ptr_equal(task.tests[i].answer, tests[i].answer);
		assert_null(task.tests[i].output);
	}
	assert_string_equal(task.tests[1].group, "secret");
	assert_ptr_equal(task.tests[1].args, args);
	assert_ptr_equal(task.tests[1].validator_args, more);
	assert_ptr_equal(task.tests[1].files, &file);
	assert_true(task.tests[1].points == 2.5);
	assert_ptr_equal(task.validator_args, args);
	assert_string_equal(task.input_file, "in.txt");
	assert_string_equal(task.output_file, "out.txt");
	assert_null(task.args[0]);
	tests[1].full_feedback = true;
	must_make(&package, &python, 0, pool, &task);
	assert_false(task.tests[1].hidden);
	must_make(&package, NULL, 0, pool, &task);
	assert_true(!task.language && task.file_count == 0 && task.test_count == 2);
}

static void groups_run_on(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package package = plain();
	struct task_groups groups = { 0 };
	struct task task;

	(void)state;
	package.groups = &groups;
	must_make(&package, &python, 0, pool, &task);
	assert_ptr_equal(task.groups, &groups);
	assert_false(task.early_stop);
}

/* ---- validators ---- */

enum who { NOBODY, CHECKER, INTERACTOR, BOTH };
static const struct {
	const char *name;
	bool interactive, has_output_validator, has_interactor;
	enum who expected;
} roles[] = {
	{ "without a program", false, false, false, NOBODY },
	{ "an output validator checks", false, true, false, CHECKER },
	{ "or talks", true, true, false, INTERACTOR },
	{ "beside an interactor it checks", true, true, true, BOTH },
	{ "an interactor alone", true, false, true, INTERACTOR },
};

static void validators_have_their_roles(void **state)
{
	struct package_program checker = { .path = "c", .language = "cpp" };
	struct package_program interactor = { .path = "i", .language = "c" };

	(void)state;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct package package = plain();
		struct task task;

		package.interactive = roles[i].interactive;
		package.output_validator = roles[i].has_output_validator ? &checker : NULL;
		package.interactor = roles[i].has_interactor ? &interactor : NULL;
		package.convention = CONVENTION_TESTLIB;
		package.validation_limits.memory_bytes = 5 * MB;
		package.validation_compile_limits.memory_bytes = 6 * MB;
		must_make(&package, &python, 0, pool, &task);
		enum who who = (task.checker ? CHECKER : 0) + (task.interactor ? INTERACTOR : 0);
		if (who != roles[i].expected)
			fail_msg("%s: %d", roles[i].name, who);
		const struct task_program *judge = task.checker ? task.checker : task.interactor;
		if (!judge)
			continue;
		assert_int_equal(judge->convention, CONVENTION_TESTLIB);
		assert_int_equal(judge->limits.memory_bytes, 5 * MB);
		assert_int_equal(judge->compile_limits.memory_bytes, 6 * MB);
	}
}

/* In each group that asks, before its first test, however deep. */
static void static_validators_come_before_their_groups(void **state)
{
	static const char *const args[] = { "100", NULL };
	cleanup_pool struct pool *pool = pool_new();
	struct package package = plain();
	struct package_test tests[] = {
		{ .name = "sample/1", .group = "sample" },
		{ .name = "secret/1/a", .group = "secret/1" },
		{ .name = "secret/1/b", .group = "secret/1" },
		{ .name = "secret/10/a", .group = "secret/10" },
		{ .name = "secret/2/x/a", .group = "secret/2/x" },
	};
	struct package_static statics[] = { { "secret", 0, NULL },
					    { "secret/1", 5, args },
					    { "secret/2", 7, NULL } };
	struct package_program validator = { .path = "static_validator/v", .language = "python" };
	const char *expected[] = { "", "secret", "secret/1", "", "", "", "secret/2", "" };
	struct task task;

	(void)state;
	package.tests = tests;
	package.test_count = 5;
	package.statics = statics;
	package.static_count = 3;
	must_make(&package, &python, 0, pool, &task);
	assert_int_equal(task.test_count, 5); /* nobody could be asked */
	package.static_validator = &validator;
	must_make(&package, &python, 0, pool, &task);
	assert_int_equal(task.test_count, 8);
	assert_non_null(task.static_validator);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(task.tests[i].is_static, *expected[i] != '\0');
		if (*expected[i])
			assert_string_equal(task.tests[i].group, expected[i]);
	}
	assert_ptr_equal(task.tests[2].validator_args, args);
	assert_true(task.tests[2].points == 5 && task.tests[1].points == 0);
	package.static_count = 0;
	must_make(&package, &python, 0, pool, &task);
	assert_null(task.static_validator);
}

/* ---- includes ---- */

static const struct {
	const char *name, *language, *expected;
} beside[] = {
	{ "its own", "cpp", "a.py b.py grader.cpp lib/x.h" },
	{ "not another's that begins alike", "c", "a.py b.py only.c" },
	{ "in the place of the program's own", "rust", "a.py b.py" },
	{ "a driver is the first", "javascript", "main.js b.py part.js a.py" },
	{ "the default's where it has none", "python", "a.py b.py help.txt" },
};

static void includes_lie_beside(void **state)
{
	struct task_file includes[] = { { .name = "c/only.c" },           { .name = "cpp/grader.cpp" },
					{ .name = "cpp/lib/x.h" },        { .name = "default/help.txt" },
					{ .name = "javascript/part.js" }, { .name = "javascript/main.js" },
					{ .name = "rust/b.py" } };

	(void)state;
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer names = { 0 };
		struct package package = plain();
		struct package_program program = python;
		struct task task;

		package.includes = includes;
		package.include_count = 7;
		program.language = beside[i].language;
		must_make(&package, &program, 0, pool, &task);
		for (size_t file = 0; file < task.file_count; file++)
			buffer_printf(&names, "%s%s", file ? " " : "", task.files[file].name);
		assert_string_equal(buffer_text(&names), beside[i].expected);
	}
	assert_string_equal(includes[1].name, "cpp/grader.cpp");
}

/* ---- answers ---- */

static const struct {
	const char *name, *path;
	struct task_file files[2];
	const char *expected; /* of sample/1 and secret/1 */
} answers[] = {
	{ "by the tests' paths",
	  "submissions/accepted/a",
	  { { "sample/1.out", "S", 1, NULL }, { "secret/1.out", "X", 1, NULL } },
	  "S,X" },
	{ "by their last part alone", "submissions/accepted/a", { { "1.out", "S", 1, NULL } }, "S,S" },
	{ "whatever the ending, or none",
	  "submissions/accepted/a",
	  { { "sample/1", "S", 1, NULL }, { "secret/1.txt", "X", 1, NULL } },
	  "S,X" },
	{ "one file for all", "submissions/accepted/a.txt", { { "a.txt", "A", 1, NULL } }, "A,A" },
	{ "one that is missing is empty",
	  "submissions/accepted/a",
	  { { "secret/1.out", "X", 1, NULL } },
	  ",X" },
};

static void answers_stand_for_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer said = { 0 };
		struct package package = plain();
		struct task_file files[2] = { answers[i].files[0], answers[i].files[1] };
		struct package_program program = { .path = answers[i].path,
						   .language = "text",
						   .files = files,
						   .file_count = files[1].name ? 2 : 1 };
		struct task task;

		package.submit_answer = true;
		must_make(&package, &program, 0, pool, &task);
		assert_string_equal(task.language, "text");
		assert_int_equal(task.file_count, 0);
		for (size_t test = 0; test < task.test_count; test++) {
			assert_non_null(task.tests[test].output);
			buffer_printf(&said, "%s%.*s", test ? "," : "", (int)task.tests[test].output_size,
				      task.tests[test].output);
		}
		if (strcmp(buffer_text(&said), answers[i].expected) != 0)
			fail_msg("%s: %s", answers[i].name, buffer_text(&said));
		must_make(&package, &python, 0, pool, &task); /* an author's program runs all the same */
		assert_string_equal(task.language, "python");
		assert_null(task.tests[0].output);
	}
}

/* ---- what cannot be ---- */

static void must_refuse(const struct package *package, const struct package_program *program, int code,
			const char *text)
{
	cleanup_pool struct pool *pool = pool_new();
	struct task task = { .test_count = 42 };
	struct error err;

	assert_int_equal(package_task(package, program, 1, pool, &task, &err), code);
	assert_int_equal(task.test_count, 42);
	if (!strstr(err.text, text))
		fail_msg("%s", err.text);
}

static void what_cannot_be_is_refused(void **state)
{
	struct package package = plain();
	struct package_program none = { .path = "output_validator/v.hs",
					.why_not = "there is no Haskell here" };

	(void)state;
	must_refuse(&package, &none, -ENOTSUP, "output_validator/v.hs: there is no Haskell here");
	package.output_validator = &none;
	must_refuse(&package, &python, -ENOTSUP,
		    "the output validator cannot be run here: there is no Haskell here");
	package.interactive = true;
	must_refuse(&package, &python, -ENOTSUP, "the interactor cannot be run here");
	package = plain();
	package.test_count = 0;
	must_refuse(&package, &python, -EINVAL, "the package has no tests");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_time),
		cmocka_unit_test(tests_are_the_packages),
		cmocka_unit_test(groups_run_on),
		cmocka_unit_test(validators_have_their_roles),
		cmocka_unit_test(static_validators_come_before_their_groups),
		cmocka_unit_test(includes_lie_beside),
		cmocka_unit_test(answers_stand_for_runs),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests_name("package_task", tests, NULL, NULL);
}
