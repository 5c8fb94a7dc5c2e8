/* What tests bring along, in real boxes: arguments, files, files in the streams' place, outputs that are there already, and
 * the static validator's looks at the sources. */
#include <stdio.h>
#include <string.h>

#include "judging.h"
#include "model/scoring.h"

/* ---- arguments and files ---- */

static void arguments_are_a_tests_own(void **state)
{
	static const char *const task_args[] = { "-v", NULL }, *const own[] = { "a b", "7", NULL };
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;

	(void)state;
	judging_plain(&task, "python", "import sys; print(sys.argv[1:])", "");
	task.task.args = task_args;
	judging_add_test(&task, "", "['-v', 'a b', '7']");
	judging_add_test(&task, "", "['-v']");
	task.tests[0].args = own;
	struct report report = judging_run(&task, pool);
	judging_expect("arguments", &report, VERDICT_ACCEPTED);
}

#define SHOW                                                                           \
	"import os\n"                                                                  \
	"def show(name): return open(name).read() if os.path.exists(name) else None\n" \
	"print(show('data.txt'), show('deep/er/x'), show('helper.py'), os.access('data.txt', os.W_OK))\n"

/* They may stand in the place of the program's own, and are gone in the next test. */
static void files_are_a_tests_own(void **state)
{
	static struct task_file first[] = { { .name = "data.txt", .data = "one", .size = 3 },
					    { .name = "deep/er/x", .data = "two", .size = 3 } };
	static struct task_file second[] = { { .name = "helper.py", .data = "its", .size = 3 } };
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;

	(void)state;
	judging_plain(&task, "python", SHOW, "");
	judging_add_file(&task, "helper.py", "#");
	judging_add_test(&task, "", "one two # False");
	judging_add_test(&task, "", "None None # False");
	judging_add_test(&task, "", "None None its False");
	judging_add_test(&task, "", "None None # False");
	task.tests[0].files = first;
	task.tests[0].file_count = 2;
	task.tests[2].files = second;
	task.tests[2].file_count = 1;
	struct report report = judging_run(&task, pool);
	judging_expect("files", &report, VERDICT_ACCEPTED);
}

static const struct {
	const char *story, *code, *input_file, *output_file, *output;
	enum verdict expected;
} streams[] = {
	{ "both", "n = int(open('a.in').read())\nopen('a.out', 'w').write(str(n * 2))", "a.in", "a.out", "4",
	  VERDICT_ACCEPTED },
	{ "nothing on the standard input", "import sys\nprint(repr(sys.stdin.read()))", "a.in", NULL, "''\n",
	  VERDICT_WRONG_ANSWER },
	{ "only the input", "print(int(open('a.in').read()) * 2)", "a.in", NULL, "4\n", VERDICT_ACCEPTED },
	{ "only the output", "open('a.out', 'w').write(str(int(input()) * 2))", NULL, "a.out", "4",
	  VERDICT_ACCEPTED },
	{ "the standard output does not count", "print(4)\nopen('a.out', 'w').write('5')", NULL, "a.out", "5",
	  VERDICT_WRONG_ANSWER },
	{ "no output file", "print(4)", NULL, "a.out", "", VERDICT_WRONG_ANSWER },
	{ "a folder", "import os\nos.mkdir('a.out')\nopen('a.out/a', 'w').write('4')", NULL, "a.out", "",
	  VERDICT_WRONG_ANSWER },
	{ "a link", "import os\nos.symlink('/etc/hostname', 'a.out')", NULL, "a.out", "",
	  VERDICT_WRONG_ANSWER },
	{ "one that is as it came", "print(open('a.in').read())", "a.in", "a.in", "2", VERDICT_WRONG_ANSWER },
	{ "the input cannot be changed", "open('a.in', 'w')", "a.in", NULL, "", VERDICT_RUNTIME_ERROR },
	{ "too much", "open('a.out', 'w').write('4' + ' ' * 70000)", NULL, "a.out", NULL,
	  VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ "as much as may be", "open('a.out', 'w').write('4' + ' ' * 65535)", NULL, "a.out", NULL,
	  VERDICT_ACCEPTED },
	{ "a crash behind it", "open('a.out', 'w').write('4')\nexit(1)", NULL, "a.out", "",
	  VERDICT_RUNTIME_ERROR },
};

static void files_stand_in_for_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;

		judging_plain(&task, "python", streams[i].code, "");
		judging_add_test(&task, "2", "4");
		task.task.input_file = streams[i].input_file;
		task.task.output_file = streams[i].output_file;
		struct report report = judging_run(&task, pool);
		judging_expect(streams[i].story, &report, streams[i].expected);
		if (streams[i].output)
			assert_string_equal(report.runs[0].output, streams[i].output);
	}
}

/* ---- outputs ---- */

static void an_output_that_is_given_is_judged(void **state)
{
	static const struct {
		const char *output;
		enum verdict expected;
	} rows[] = { { "4", VERDICT_ACCEPTED }, { "5", VERDICT_WRONG_ANSWER }, { "", VERDICT_WRONG_ANSWER } };
	enum { ROWS = sizeof rows / sizeof rows[0] };
	static char flood[70000];
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;

	(void)state;
	memset(flood, ' ', sizeof flood);
	judging_plain(&task, "text", "", "");
	task.task.file_count = 0;
	for (size_t i = 0; i <= ROWS; i++) {
		judging_add_test(&task, "2", "4");
		task.tests[i].output = i < ROWS ? rows[i].output : flood;
		task.tests[i].output_size = i < ROWS ? strlen(rows[i].output) : sizeof flood;
	}
	struct report report = judging_run(&task, pool);
	judging_expect("answers", &report, VERDICT_WRONG_ANSWER);
	assert_int_equal(report.compile, COMPILE_NONE);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(report.runs[i].verdict, rows[i].expected);
		assert_string_equal(report.runs[i].output, rows[i].output);
		assert_int_equal(report.runs[i].cpu_us, -1);
	}
	assert_int_equal(report.runs[ROWS].verdict, VERDICT_OUTPUT_LIMIT_EXCEEDED);
}

static struct task_program program_of(const struct judging_task *task, struct task_file *file,
				      const char *code)
{
	*file = (struct task_file){ .data = code, .size = strlen(code) };
	struct task_program program = { .language = "python",
					.files = file,
					.file_count = 1,
					.convention = CONVENTION_ICPC,
					.limits = task->task.limits,
					.compile_limits = task->task.compile_limits };
	return program;
}

static void a_checker_judges_it_too(void **state)
{
	static const char code[] = "import sys\n"
				   "given, answer = open(sys.argv[1]).read(), open(sys.argv[2]).read()\n"
				   "sys.exit(42 if sys.stdin.read() == given + answer else 43)";
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct task_file file;

	(void)state;
	judging_plain(&task, "text", "", "");
	task.task.file_count = 0;
	judging_add_test(&task, "2", "4");
	judging_add_test(&task, "2", "4");
	task.tests[0].output = "24";
	task.tests[0].output_size = 2;
	task.tests[1].output = "42";
	task.tests[1].output_size = 2;
	struct task_program program = program_of(&task, &file, code);
	task.task.checker = &program;
	struct report report = judging_run(&task, pool);
	judging_expect("two claims", &report, VERDICT_WRONG_ANSWER);
	assert_int_equal(report.runs[0].verdict, VERDICT_ACCEPTED);
	assert_int_equal(report.runs[1].verdict, VERDICT_WRONG_ANSWER);
}

/* ---- static validators ---- */

/* It is called with language, entry and folder, in the sources' folder, where nothing of its own is. */
static const char look[] = "import os, sys\n"
			   "language, entry, folder, least = sys.argv[1:]\n"
			   "files = sorted(os.listdir('.'))\n"
			   "said = '%s %s %s' % (language, entry, ' '.join(files))\n"
			   "open(folder + 'judgemessage.txt', 'w').write(said)\n"
			   "sources = ''.join(open(name, errors='replace').read() for name in files)\n"
			   "sys.exit(42 if sources.count('x') >= int(least) else 43)";

static const struct {
	const char *language, *code, *more_name, *more, *said;
	enum verdict expected;
} looks[] = {
	{ "python", "x = 1", NULL, NULL, "python3 main.py main.py", VERDICT_ACCEPTED },
	{ "python", "y = 1", NULL, NULL, "python3 main.py main.py", VERDICT_WRONG_ANSWER },
	{ "python", "y = 1", "b.py", "x = 1", "python3 main.py b.py main.py", VERDICT_ACCEPTED },
	{ "cpp", "int main() { int x = 0; return x; }", NULL, NULL, "cpp main.cpp main main.cpp",
	  VERDICT_ACCEPTED },
	{ "java", "class X { public static void main(String[] x) { } }", NULL, NULL, "java X X.java out",
	  VERDICT_JUDGE_ERROR }, /* it reads a folder, and fails */
};

static void a_static_validator_looks_at_the_sources(void **state)
{
	static const char *const args[] = { "1", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct task_file file;

		judging_plain(&task, looks[i].language, looks[i].code, "");
		if (looks[i].more)
			judging_add_file(&task, looks[i].more_name, looks[i].more);
		judging_add_test(&task, "", "");
		judging_add_test(&task, "", "");
		task.tests[0].is_static = true;
		task.tests[0].validator_args = args;
		struct task_program program = program_of(&task, &file, look);
		task.task.static_validator = &program;
		struct report report = judging_run(&task, pool);
		judging_expect(looks[i].said, &report, looks[i].expected);
		assert_string_equal(report.runs[0].judge_message, looks[i].said);
		assert_int_equal(report.runs[1].verdict, VERDICT_ACCEPTED);
	}
}

/* The group's worth is 10: 4 for the sources, and what is left is shared. */
static void what_it_is_worth_is_scored(void **state)
{
	static struct group_settings settings[] = {
		{ .name = "secret", .has_max_score = true, .max_score = 10 },
	};
	static const struct {
		const char *code;
		double score;
	} rows[] = { { "print(input())", 10 }, { "print(1)", 7 }, { "print(2)", 3 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct task_groups groups = { .rules = SCORING_2025_09, .settings = settings, .count = 1 };
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct task_file file;

		judging_plain(&task, "python", rows[i].code, "");
		judging_add_test(&task, "", "");
		judging_add_test(&task, "1", "1");
		judging_add_test(&task, "2", "2");
		for (size_t j = 0; j < 3; j++)
			task.tests[j].group = "secret";
		task.tests[0].is_static = true;
		task.tests[0].points = 4;
		struct task_program program = program_of(
			&task, &file, "import sys; sys.exit(43 if '2' in open(sys.argv[2]).read() else 42)");
		task.task.static_validator = &program;
		task.task.groups = &groups;
		struct report report = judging_run(&task, pool);
		assert_true(report.score == rows[i].score);
	}
}

/* ---- time that is nearly over ---- */

/* Uses CPU time, by its own clock, until so many ms of it are gone. */
#define USE_MS(ms)                                    \
	"import time\n"                               \
	"while time.process_time() < " #ms " / 1000:" \
	" pass\n"                                     \
	"print(4)\n"

/* Between the limit and what is let pass there are 75 ms: a program that ends there by itself is told from one that goes
 * on, and run again. */
static void a_little_over_the_time_is_run_again(void **state)
{
	static const struct {
		const char *code;
		enum verdict expected;
		bool borderline;
	} rows[] = { { USE_MS(1200), VERDICT_ACCEPTED, false },
		     { USE_MS(1510), VERDICT_TIME_LIMIT_EXCEEDED, true },
		     { USE_MS(1900), VERDICT_TIME_LIMIT_EXCEEDED, false } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;

		judging_plain(&task, "python", rows[i].code, "");
		for (int j = 0; j < 2; j++)
			judging_add_test(&task, "", "4");
		task.task.limits.cpu_time_us = 1500000;
		struct report report = judging_run(&task, pool);
		judging_expect(rows[i].code, &report, rows[i].expected);
		assert_int_equal(report.run_count, 2);
		for (size_t j = 0; j < 2; j++) {
			assert_int_equal(report.runs[j].verdict, rows[i].expected);
			if (report.runs[j].borderline != rows[i].borderline)
				fail_msg("%s: test %zu took %lld us", rows[i].code, j + 1,
					 (long long)report.runs[j].cpu_us);
		}
	}
}

/* One that had too little of the processor in its wall time gets more of that; one that rests does not. */
static void a_wall_limit_is_for_those_who_wait(void **state)
{
	static const struct {
		const char *language, *code;
		enum verdict expected;
		bool borderline;
	} rows[] = {
		{ "python",
		  "import time\nfor i in range(8):\n time.sleep(.1)\n while time.process_time() < i * .02: "
		  "pass\n"
		  "print(4)",
		  VERDICT_ACCEPTED, true },
		{ "python",
		  "import time\nwhile True:\n t = time.process_time() + .02\n while time.process_time() < t: "
		  "pass\n"
		  " time.sleep(.1)",
		  VERDICT_TIME_LIMIT_EXCEEDED, true },
		{ "c", "#include <unistd.h>\nint main(void) { pause(); }", VERDICT_TIME_LIMIT_EXCEEDED,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;

		judging_plain(&task, rows[i].language, rows[i].code, "");
		judging_add_test(&task, "", "4");
		judging_add_test(&task, "", "4");
		task.task.limits.wall_time_us = 600000;
		struct report report = judging_run(&task, pool);
		judging_expect(rows[i].code, &report, rows[i].expected);
		for (size_t j = 0; j < 2; j++)
			assert_int_equal(report.runs[j].borderline, rows[i].borderline);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_a_tests_own),
		cmocka_unit_test(files_are_a_tests_own),
		cmocka_unit_test(files_stand_in_for_streams),
		cmocka_unit_test(an_output_that_is_given_is_judged),
		cmocka_unit_test(a_checker_judges_it_too),
		cmocka_unit_test(a_static_validator_looks_at_the_sources),
		cmocka_unit_test(what_it_is_worth_is_scored),
		cmocka_unit_test(a_little_over_the_time_is_run_again),
		cmocka_unit_test(a_wall_limit_is_for_those_who_wait),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("given", tests, judging_open, judging_close);
}
