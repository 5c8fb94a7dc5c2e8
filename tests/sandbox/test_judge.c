/* The judge's own rules, with C and Python: order, early stop, cancelling, the cache, names, compile limits. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judging.h"

static const char adder[] = "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n";

/* ---- order ---- */

static void every_test_is_run_and_the_first_failure_decides(void **state)
{
	static const enum verdict expected[] = { VERDICT_ACCEPTED, VERDICT_RUNTIME_ERROR,
						 VERDICT_WRONG_ANSWER, VERDICT_ACCEPTED };
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judging_plain(&task, "python", adder, "");
	judging_add_test(&task, "1 2", "3");
	judging_add_test(&task, "one", "1");
	judging_add_test(&task, "2 2", "5");
	judging_add_test(&task, "", " 0 \n");
	report = judging_run(&task, pool);
	judging_expect("adder", &report, VERDICT_RUNTIME_ERROR);
	assert_int_equal(report.run_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(report.runs[i].verdict, expected[i]);
	assert_non_null(strstr(report.runs[1].error_output, "ValueError"));
	assert_null(report.runs[2].message);
}

static void early_stop_ends_at_the_first_failure(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judging_plain(&task, "python", adder, "");
	judging_add_test(&task, "1 2", "3");
	judging_add_test(&task, "1 2", "4");
	judging_add_test(&task, "1 2", "3");
	task.task.early_stop = true;
	report = judging_run(&task, pool);
	judging_expect("adder", &report, VERDICT_WRONG_ANSWER);
	assert_int_equal(report.run_count, 2);
}

/* Output over the cap ends a plain run; a judged one goes on, and its own end counts. */
static const struct {
	const char *story, *code;
	bool plain;
	enum verdict expected;
} floods[] = {
	{ "an endless flood", "while True: print('x' * 1000)", false, VERDICT_TIME_LIMIT_EXCEEDED },
	{ "one that ends", "print('x ' * 1000000)", false, VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ "one whose tokens match so far", "print('x'); print(' ' * 1000000)", false,
	  VERDICT_OUTPUT_LIMIT_EXCEEDED },
	{ "one that fails", "print('x ' * 1000000); exit(3)", false, VERDICT_RUNTIME_ERROR },
	{ "only its standard error", "import sys; sys.stderr.write('x' * 1000000); print('x')", false,
	  VERDICT_ACCEPTED },
	{ "a plain run", "while True: print('x' * 1000)", true, VERDICT_OUTPUT_LIMIT_EXCEEDED },
};

static void a_flood_is_judged_by_its_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct report report;

		judging_plain(&task, "python", floods[i].code, "");
		task.task.limits.cpu_time_us = 500000;
		if (!floods[i].plain)
			judging_add_test(&task, "", "x");
		report = judging_run(&task, pool);
		judging_expect(floods[i].story, &report, floods[i].expected);
		assert_true(report.runs[0].output_size <= 64 << 10);
		assert_true(report.runs[0].error_size <= 64 << 10);
	}
}

struct seen {
	size_t calls, done[8], total;
	enum verdict verdicts[8];
};

static void see(const struct report *so_far, size_t done, size_t total, void *context)
{
	struct seen *seen = context;

	assert_int_equal(so_far->run_count, done);
	assert_true(seen->calls < 8);
	seen->done[seen->calls] = done;
	seen->verdicts[seen->calls++] = so_far->verdict;
	seen->total = total;
}

static void progress_is_told_after_each_test(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;
	struct seen seen = { 0 };

	(void)state;
	judging_plain(&task, "python", adder, "");
	judging_add_test(&task, "1", "1");
	judging_add_test(&task, "1", "2");
	judging_add_test(&task, "1", "1");
	assert_int_equal(judge_run(judging_judge(), &task.task, see, &seen, pool, &report, NULL), 0);
	assert_int_equal(seen.calls, 3);
	assert_int_equal(seen.total, 3);
	assert_int_equal(seen.done[2], 3);
	assert_int_equal(seen.verdicts[0], VERDICT_ACCEPTED);
	assert_int_equal(seen.verdicts[1], VERDICT_WRONG_ANSWER);
	assert_int_equal(seen.verdicts[2], VERDICT_WRONG_ANSWER);
}

static void groups_stop_and_score(void **state)
{
	static struct group_settings settings[] = {
		{ .name = "", .on_reject = ON_REJECT_CONTINUE, .has_most = true, .most = 60 },
		{ .name = "secret/1", .has_accept_score = true, .accept_score = 20, .grader_flags = "min" },
		{ .name = "secret/2",
		  .on_reject = ON_REJECT_BREAK,
		  .has_accept_score = true,
		  .accept_score = 40,
		  .grader_flags = "min always_accept" },
	};
	static struct task_groups groups = { .settings = settings, .count = 3 };
	static const enum verdict expected[] = { VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_WRONG_ANSWER,
						 VERDICT_SKIPPED };
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct seen seen = { 0 };
	struct report report;

	(void)state;
	judging_plain(&task, "python", adder, "");
	for (int i = 0; i < 4; i++) {
		judging_add_test(&task, "1 2", i == 2 ? "4" : "3");
		task.tests[i].group = i == 0 ? "secret/1" : "secret/2";
	}
	task.task.groups = &groups;
	assert_int_equal(judge_run(judging_judge(), &task.task, see, &seen, pool, &report, NULL), 0);
	judging_expect("two groups", &report, VERDICT_PARTIAL);
	assert_int_equal(report.run_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(report.runs[i].verdict, expected[i]);
	assert_true(report.has_score && report.score == 20 && report.max_score == 60);
	assert_int_equal(report.group_count, 3);
	assert_int_equal(seen.done[seen.calls - 1], 4);
}

static void a_test_sees_nothing_of_the_one_before(void **state)
{
	static const char code[] = "import os\n"
				   "print(sorted(os.listdir('/box')), sorted(os.listdir('/tmp')))\n"
				   "open('/box/left', 'w').write('x')\nopen('/tmp/left', 'w').write('x')\n";
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judging_plain(&task, "python", code, "");
	for (int i = 0; i < 3; i++)
		judging_add_test(&task, "", "['main.py'] []");
	report = judging_run(&task, pool);
	judging_expect("lister", &report, VERDICT_ACCEPTED);
}

/* ---- what goes in and what comes out ---- */

static void any_bytes_go_in_and_come_out(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;
	char bytes[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	judging_plain(&task, "python", "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())\n", "");
	task.tests[0].input = bytes;
	task.tests[0].input_size = sizeof bytes;
	report = judging_run(&task, pool);
	judging_expect("echo", &report, VERDICT_OK);
	assert_int_equal(report.runs[0].output_size, sizeof bytes);
	assert_memory_equal(report.runs[0].output, bytes, sizeof bytes);
}

static void arguments_reach_the_program(void **state)
{
	static const char *const args[] = { "-x", "two words", "", "{main}", NULL };
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judging_plain(&task, "c",
		      "#include <stdio.h>\nint main(int n, char **a) { for (int i = 1; i < n; i++) "
		      "printf(\"<%s>\", a[i]); }\n",
		      "");
	task.task.args = args;
	report = judging_run(&task, pool);
	judging_expect("arguments", &report, VERDICT_OK);
	assert_string_equal(report.runs[0].output, "<-x><two words><><{main}>");
}

static const struct {
	const char *language, *main_name, *main, *name, *second;
} programs[] = {
	{ "c", "main.c",
	  "int twice(int);\n#include <stdio.h>\nint main(void) { printf(\"%d\", twice(21)); }\n",
	  "lib/twice.c", "int twice(int n) { return 2 * n; }\n" },
	{ "cpp", "app.cc",
	  "#include \"twice.hpp\"\n#include <cstdio>\nint main() { printf(\"%d\", twice(21)); }\n",
	  "twice.hpp", "inline int twice(int n) { return 2 * n; }\n" },
	{ "python", "app.py", "import pkg.twice\nprint(pkg.twice.twice(21))\n", "pkg/twice.py",
	  "def twice(n): return 2 * n\n" },
	{ "javascript", "app.js", "console.log(require('./lib/twice')(21))\n", "lib/twice.js",
	  "module.exports = n => 2 * n;\n" },
	{ "java", "x.java",
	  "package app; public class Start { public static void main(String[] a) { "
	  "System.out.println(Twice.twice(21)); } }\n",
	  "app/Twice.java", "package app; class Twice { static int twice(int n) { return 2 * n; } }\n" },
	{ "csharp", "app.cs", "class P { static void Main() { System.Console.WriteLine(L.Twice(21)); } }\n",
	  "l.cs", "static class L { public static int Twice(int n) { return 2 * n; } }\n" },
	{ "go", "app.go", "package main\nfunc main() { println2(twice(21)) }\n", "twice.go",
	  "package main\nimport \"fmt\"\nfunc twice(n int) int { return 2 * n }\nfunc println2(n int) { "
	  "fmt.Println(n) }\n" },
	{ "rust", "app.rs", "mod twice;\nfn main() { println!(\"{}\", twice::twice(21)); }\n", "twice.rs",
	  "pub fn twice(n: i32) -> i32 { 2 * n }\n" },
	{ "typescript", "src/app.ts",
	  "import { twice } from './twice';\nconst name = 'x';\nconsole.log(twice(21));\n", "src/twice.ts",
	  "export function twice(n: number): number { return 2 * n; }\n" },
};

static void several_files_make_one_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		const struct language *language = catalogue_find(judging_catalogue(), programs[i].language);
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct report report;

		if (!language->available) {
			print_message("%s is left out: %s\n", language->name, language->unavailable_reason);
			continue;
		}
		judging_plain(&task, programs[i].language, programs[i].main, "");
		task.files[0].name = programs[i].main_name;
		judging_add_file(&task, programs[i].name, programs[i].second);
		judging_add_test(&task, "", "42");
		report = judging_run(&task, pool);
		judging_expect(language->name, &report, VERDICT_ACCEPTED);
	}
}

/* ---- the author's errors ---- */

static void a_bad_file_name_is_the_authors_error(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judging_plain(&task, "c", "int main(void) {}\n", "");
	judging_add_file(&task, "../escape.c", "");
	report = judging_run(&task, pool);
	judging_expect("escape", &report, VERDICT_COMPILE_ERROR);
	assert_int_equal(report.compile, COMPILE_ERROR);
	assert_string_equal(report.compile_output, "file 2: bad file name \"../escape.c\"");
}

/* A source can name a loader that is not there: what the compiler then leaves does not start. */
static void a_program_that_does_not_start_is_too(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judging_plain(&task, "c",
		      "const char loader[] __attribute__((section(\".interp\"))) = \"/nowhere\";\n"
		      "int main(void) {}\n",
		      "");
	report = judging_run(&task, pool);
	judging_expect("no loader", &report, VERDICT_RUNTIME_ERROR);
	assert_int_equal(report.runs[0].exit_code, 127);
	assert_string_equal(report.runs[0].error_output, "start /box/main: No such file or directory");
}

static void an_unknown_language_is_not(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct report report = { .message = "untouched" };
	struct judging_task task;
	struct error err = { 0 };

	(void)state;
	judging_plain(&task, "cobol", "", "");
	assert_int_equal(judge_run(judging_judge(), &task.task, NULL, NULL, pool, &report, &err), -ENOENT);
	assert_string_equal(err.text, "unknown language cobol");
	assert_string_equal(report.message, "untouched");
}

/* A compiler that is stopped says so, and never calls it the program's limit. */
static const struct {
	const char *story, *code;
	int64_t cpu_time_us, memory_bytes;
	enum compile_status status;
	const char *message;
} compiles[] = {
	{ "templates without end",
	  "template <int N, int M> struct f { enum { v = f<N - 1, M>::v + f<N - 1, M + 1>::v }; };\n"
	  "template <int M> struct f<0, M> { enum { v = 1 }; };\nint main() { return f<800, 0>::v; }\n",
	  1000000, INT64_C(2) << 30, COMPILE_TIME_LIMIT, "Compilation took longer than 1.00 s" },
	{ "a large constant",
	  "#include <array>\nconstexpr auto make() { std::array<int, 30000000> a{}; for (auto &x : a) x = 1; "
	  "return a; }\n"
	  "constexpr auto a = make();\nint main() { return a[7]; }\n",
	  20000000, 1, COMPILE_MEMORY_LIMIT, "Compilation used more than 256 MB of memory" },
	{ "reading what never ends", "#include \"/dev/zero\"\n", 20000000, 1, COMPILE_MEMORY_LIMIT,
	  "Compilation used more than 256 MB of memory" },
	{ "a program of 80 MB", "int a[20000000] = { 1 };\nint main() { return a[7]; }\n", 20000000,
	  INT64_C(1) << 30, COMPILE_ERROR, "Compilation left no program, or one that is too large" },
};

static void a_compiler_that_is_stopped_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof compiles / sizeof compiles[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct report report;

		judging_plain(&task, "cpp", compiles[i].code, "");
		task.task.compile_limits.cpu_time_us = compiles[i].cpu_time_us;
		task.task.compile_limits.memory_bytes = compiles[i].memory_bytes;
		report = judging_run(&task, pool);
		judging_expect(compiles[i].story, &report, VERDICT_COMPILE_ERROR);
		print_message("%s: %s, %.60s\n", compiles[i].story, compile_status_name(report.compile),
			      report.compile_output);
		assert_int_equal(report.compile, compiles[i].status);
		assert_non_null(strstr(report.compile_output, compiles[i].message));
		assert_int_equal(report.run_count, 0);
	}
}

static void a_program_is_no_use_of_its_disk(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judging_plain(&task, "c", "int a[10000000] = { 1 };\nint main(void) { return a[7]; }\n",
		      ""); /* 40 MB */
	task.task.limits.disk_bytes = 1 << 20;
	report = judging_run(&task, pool);
	judging_expect("40 MB", &report, VERDICT_OK);
}

static void the_same_source_is_compiled_once(void **state)
{
	static const char code[] = "#warning once\nint main(void) { return 0; }\n";
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report first, second, third;

	(void)state;
	judging_plain(&task, "c", code, "");
	first = judging_run(&task, pool);
	second = judging_run(&task, pool);
	judging_expect("first", &first, VERDICT_OK);
	judging_expect("second", &second, VERDICT_OK);
	assert_false(first.compile_cached);
	assert_true(first.compile_us > 0);
	assert_true(second.compile_cached);
	assert_int_equal(second.compile, COMPILE_OK);
	assert_non_null(strstr(first.compile_output, "once"));
	assert_string_equal(second.compile_output, first.compile_output);
	task.files[0].name = "other.c"; /* its warnings would name it */
	third = judging_run(&task, pool);
	assert_false(third.compile_cached);
	assert_non_null(strstr(third.compile_output, "other.c:1"));
}

static void more_programs_than_the_cache_holds(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	char code[64];

	(void)state;
	for (int i = 0; i < 70; i++) {
		struct report report;

		snprintf(code, sizeof code, "int main(void) { return %d; }\n", i);
		judging_plain(&task, "c", code, "");
		report = judging_run(&task, pool);
		assert_int_equal(report.runs[0].exit_code, i);
		assert_false(report.compile_cached);
	}
	assert_true(judging_run(&task, pool).compile_cached); /* the last */
	judging_plain(&task, "c", "int main(void) { return 0; }\n", "");
	assert_false(judging_run(&task, pool).compile_cached); /* the first */
}

/* ---- cancelling ---- */

/* Says it until it was heard: a cancel before the beginning is lost. */
static void *cancel_until_ended(void *argument)
{
	atomic_bool *ended = argument;

	while (!atomic_load(ended)) {
		usleep(50000);
		judge_cancel(judging_judge());
	}
	return NULL;
}

static void a_task_can_be_cancelled(void **state)
{
	static const char *const codes[] = {
		"int main(void) { for (volatile int i = 0;;) i = i + 1; }\n", /* while it runs */
		/* while it compiles */
		"template <int N, int M> struct f { enum { v = f<N - 1, M>::v + f<N - 1, M + 1>::v }; };\n"
		"template <int M> struct f<0, M> { enum { v = 1 }; };\nint main() { return f<800, 0>::v; }\n",
	};
	static const char *const languages[] = { "c", "cpp" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct report report;
		atomic_bool ended = false;
		pthread_t canceller;

		judging_plain(&task, languages[i], codes[i], "");
		judging_add_test(&task, "", "");
		judging_add_test(&task, "", "");
		task.task.limits.cpu_time_us = 60000000;
		task.task.limits.wall_time_us = 60000000;
		assert_int_equal(pthread_create(&canceller, NULL, cancel_until_ended, &ended), 0);
		report = judging_run(&task, pool);
		atomic_store(&ended, true);
		pthread_join(canceller, NULL);
		judging_expect("cancelled", &report, VERDICT_CANCELLED);
		assert_true(report.run_count <= 1);
	}
}

static void a_cancelled_judge_judges_on(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct report report;

	(void)state;
	judge_cancel(judging_judge()); /* nothing is under way */
	judging_plain(&task, "python", adder, "");
	judging_add_test(&task, "1 2", "3");
	report = judging_run(&task, pool);
	judging_expect("adder", &report, VERDICT_ACCEPTED);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_test_is_run_and_the_first_failure_decides),
		cmocka_unit_test(early_stop_ends_at_the_first_failure),
		cmocka_unit_test(a_flood_is_judged_by_its_end),
		cmocka_unit_test(groups_stop_and_score),
		cmocka_unit_test(progress_is_told_after_each_test),
		cmocka_unit_test(a_test_sees_nothing_of_the_one_before),
		cmocka_unit_test(any_bytes_go_in_and_come_out),
		cmocka_unit_test(arguments_reach_the_program),
		cmocka_unit_test(several_files_make_one_program),
		cmocka_unit_test(a_bad_file_name_is_the_authors_error),
		cmocka_unit_test(a_program_that_does_not_start_is_too),
		cmocka_unit_test(an_unknown_language_is_not),
		cmocka_unit_test(a_compiler_that_is_stopped_says_so),
		cmocka_unit_test(a_program_is_no_use_of_its_disk),
		cmocka_unit_test(the_same_source_is_compiled_once),
		cmocka_unit_test(more_programs_than_the_cache_holds),
		cmocka_unit_test(a_task_can_be_cancelled),
		cmocka_unit_test(a_cancelled_judge_judges_on),
	};
	return cmocka_run_group_tests_name("judge", tests, judging_open, judging_close);
}
