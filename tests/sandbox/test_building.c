/* What becomes of judged sources before they are run, in real boxes: checks of what is not compiled, the class that a Java
 * program starts with, folders with build and run. Plain runs are as they were. */
#include <stdio.h>
#include <string.h>

#include "judging.h"

#define MAIN(text) "public static void main(String[] a) { System.out.println(\"" text "\"); }"

struct source {
	const char *name, *data;
};

static const struct {
	const char *story, *language;
	struct source sources[3];
	enum verdict expected;
	const char *output, *complaint; /* or NULL */
} stories[] = {
	{ "python", "python", { { NULL, "print(1)" } }, VERDICT_ACCEPTED, "1\n", NULL },
	{ "a syntax error", "python", { { NULL, "print(1" } }, VERDICT_COMPILE_ERROR, NULL, "main.py" },
	{ "a syntax error that nobody would have met",
	  "python",
	  { { NULL, "print(1)" }, { "unused.py", "def" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "unused.py" },
	{ "an error that is none of syntax",
	  "python",
	  { { NULL, "print(x)" } },
	  VERDICT_RUNTIME_ERROR,
	  "",
	  NULL },
	{ "a module that is called like one of Python's",
	  "python",
	  { { NULL, "import token\nprint(token.x)" }, { "token.py", "x = 1" }, { "os.py", "x = 1" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "data beside it",
	  "python",
	  { { NULL, "print(1)" }, { "data.txt", "def" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "an entry of any name",
	  "python",
	  { { "start", "import part\nprint(part.x)" }, { "part.py", "x = 1" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "one that is not checked",
	  "python",
	  { { "start", "print(1" } },
	  VERDICT_RUNTIME_ERROR,
	  NULL,
	  NULL },
	{ "javascript", "javascript", { { NULL, "console.log(1)" } }, VERDICT_ACCEPTED, "1\n", NULL },
	{ "broken javascript",
	  "javascript",
	  { { NULL, "console.log(1" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "main.js" },
	{ "a module",
	  "javascript",
	  { { "main.js", "import { x } from './part.js';\nconsole.log(x);" },
	    { "part.js", "export const x = 1;" },
	    { "package.json", "{\"type\": \"module\"}" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "a broken module",
	  "javascript",
	  { { "main.mjs", "console.log(1);" }, { "part.mjs", "export const = 1;" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "part.mjs" },
	{ "java", "java", { { NULL, "class Some { " MAIN("1") " }" } }, VERDICT_ACCEPTED, "1\n", NULL },
	{ "no main",
	  "java",
	  { { NULL, "class Some { }" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "No class has a method" },
	{ "a main that is none",
	  "java",
	  { { NULL, "class Some { /* " MAIN("1") " */ static void main(String[] a) { } }" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "No class has a method" },
	{ "two, and one is Main",
	  "java",
	  { { NULL, "class A { " MAIN("2") " } class Main { " MAIN("1") " }" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "two in other files, the first of which is meant",
	  "java",
	  { { "B.java", "public class B { " MAIN("1") " }" },
	    { "Main.java", "public class Main { " MAIN("2") " }" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "one in a package",
	  "java",
	  { { "A.java", "public class A { }" },
	    { "p/q/B.java", "package p.q; public class B { " MAIN("1") " }" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "one that nobody sees in the source",
	  "java",
	  { { NULL, "class Outer { static class Inner { " MAIN("1") " } }" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "a header alone",
	  "c",
	  { { "a.h", "int main;" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "no file of a C program" },
	{ "mathematics, and a warning",
	  "c",
	  { { NULL, "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
		    "int main(int n, char **v) { int unused; printf(\"%g\\n\", sqrt(n)); }" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "run", "script", { { "run", "#!/bin/sh\necho $((0 + 1))\n" } }, VERDICT_ACCEPTED, "1\n", NULL },
	{ "run finds its files",
	  "script",
	  { { "run", "#!/usr/bin/env bash\ncat \"$(dirname \"$0\")/data\" && cat data >&2\n" },
	    { "data", "1\n" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "build",
	  "script",
	  { { "build", "#!/bin/sh\ncc -o run part/main.c\n" },
	    { "part/main.c", "#include <stdio.h>\nint main(void) { puts(\"1\"); }" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "build in another language, and a link",
	  "script",
	  { { "build",
	      "#!/usr/bin/env python3\nimport os\nos.system('c++ -o main main.cc && ln -s main run')\n" },
	    { "main.cc", "#include <iostream>\nint main() { std::cout << 1 << std::endl; }" } },
	  VERDICT_ACCEPTED,
	  "1\n",
	  NULL },
	{ "a build that fails",
	  "script",
	  { { "build", "#!/bin/sh\necho it fails >&2\nexit 3\n" }, { "run", "#!/bin/sh\necho 1\n" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "it fails" },
	{ "a build that leaves nothing",
	  "script",
	  { { "build", "#!/bin/sh\n" } },
	  VERDICT_COMPILE_ERROR,
	  NULL,
	  "there is no run" },
	{ "a text", "text", { { NULL, "1\n" } }, VERDICT_ACCEPTED, "1\n", NULL },
};

static void judged_sources_are_built(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;

		judging_plain(&task, stories[i].language, "", "");
		task.task.file_count = 0;
		for (size_t j = 0; j < 3 && stories[i].sources[j].data; j++)
			judging_add_file(&task, stories[i].sources[j].name, stories[i].sources[j].data);
		judging_add_test(&task, "", "1");
		struct report report = judging_run(&task, pool);
		judging_expect(stories[i].story, &report, stories[i].expected);
		if (stories[i].output)
			assert_string_equal(report.runs[0].output, stories[i].output);
		if (stories[i].complaint && !strstr(report.compile_output, stories[i].complaint))
			fail_msg("%s: no \"%s\" in: %s", stories[i].story, stories[i].complaint,
				 report.compile_output);
	}
}

static void plain_runs_are_not_checked(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;

	(void)state;
	judging_plain(&task, "python", "print(1", "");
	struct report report = judging_run(&task, pool);
	judging_expect("a syntax error", &report, VERDICT_RUNTIME_ERROR);
	assert_int_equal(report.compile, COMPILE_NONE);
}

/* Once for all tests, and once for all submissions of the same. */
static void what_was_checked_is_kept(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;

		judging_plain(&task, "python", "print(3 - 2)", "");
		judging_add_test(&task, "", "1");
		struct report report = judging_run(&task, pool);
		judging_expect("again", &report, VERDICT_ACCEPTED);
		assert_int_equal(report.compile, COMPILE_OK);
		assert_int_equal(report.compile_cached, round == 1);
	}
}

/* A validator that is a folder with both, called as any other. */
static void a_script_judges(void **state)
{
	static struct task_file files[] = {
		{ .name = "run", .data = "#!/bin/sh\nexec ./check \"$@\"\n" },
		{ .name = "build", .data = "#!/bin/sh\ncc -o check check.c\n" },
		{ .name = "check.c",
		  .data = "#include <stdio.h>\n#include <string.h>\n"
			  "int main(int n, char **v) { char a[9] = \"\", b[9] = \"\"; fgets(a, 9, "
			  "fopen(v[2], \"r\"));"
			  " fgets(b, 9, stdin); return n == 4 && strcmp(a, b) == 0 ? 42 : 43; }" },
	};
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		files[i].size = strlen(files[i].data);
	judging_plain(&task, "python", "print(1)", "");
	judging_add_test(&task, "", "1\n");
	judging_add_test(&task, "", "2\n");
	struct task_program program = { .language = "script",
					.files = files,
					.file_count = 3,
					.limits = task.task.limits,
					.compile_limits = task.task.compile_limits };
	task.task.checker = &program;
	struct report report = judging_run(&task, pool);
	judging_expect("a script", &report, VERDICT_WRONG_ANSWER);
	assert_int_equal(report.runs[0].verdict, VERDICT_ACCEPTED);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judged_sources_are_built),
		cmocka_unit_test(plain_runs_are_not_checked),
		cmocka_unit_test(what_was_checked_is_kept),
		cmocka_unit_test(a_script_judges),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("building", tests, judging_open, judging_close);
}
