/* Every language of the packs, through a real compiler and a real box: each kind of program ends as it must.
 * A language whose tools this host lacks is named with the reason and left out. */
#include <stdio.h>
#include <string.h>

#include "judging.h"

/* One program a kind of end. `broken` NULL: nothing is compiled, so that it cannot be broken there. */
static const struct programs {
	const char *id;
	const char *broken, *complaint; /* what the compiler says, with the file's plain name */
	const char *exits;              /* with 3, after a word on stderr */
	const char *crashes;            /* by itself */
	const char *loops;
	const char *hoards;   /* memory without end */
	const char *floods;   /* output without end */
	const char *recurses; /* 100,000 calls deep, and prints how deep */
} languages[] = {
	{
		.id = "python",
		.exits = "import sys\nprint('word', file=sys.stderr)\nsys.exit(3)\n",
		.crashes = "import ctypes\nctypes.string_at(0)\n",
		.loops = "while True: pass\n",
		.hoards = "a = []\nwhile True: a.append('x' * 1000000)\n",
		.floods = "while True: print('flood')\n",
		.recurses = "import sys\nsys.setrecursionlimit(200000)\ndef f(n): return 0 if n == 0 else 1 "
			    "+ f(n - 1)\n"
			    "print(f(100000))\n",
	},
	{
		.id = "javascript",
		.exits = "console.error('word'); process.exit(3);\n",
		.crashes = "process.abort();\n",
		.loops = "for (;;);\n",
		.hoards = "const a = []; for (;;) a.push(new Array(100000).fill(1.5));\n",
		.floods = "const fs = require('fs'); for (;;) fs.writeSync(1, 'flood\\n');\n",
		.recurses = "const f = n => n === 0 ? 0 : 1 + f(n - 1); console.log(f(100000));\n",
	},
	{
		.id = "java",
		.broken =
			"public class Main {\n\tpublic static void main(String[] a) { int x = \"no\"; }\n}\n",
		.complaint = "Main.java:2: error",
		.exits = "public class Some { public static void main(String[] a) { "
			 "System.err.println(\"word\"); "
			 "System.exit(3); } }\n",
		.crashes = "class Crash { public static void main(String[] a) { throw new "
			   "RuntimeException(); } }\n",
		.loops = "public class Main { public static void main(String[] a) { for (;;); } }\n",
		.hoards = "import java.util.*; public class Main { public static void main(String[] a) { "
			  "List<long[]> l = new ArrayList<>(); for (;;) l.add(new long[100000]); } }\n",
		.floods = "public class Main { public static void main(String[] a) { for (;;) "
			  "System.out.println(\"flood\"); } }\n",
		.recurses = "class R { static int f(int n) { return n == 0 ? 0 : 1 + f(n - 1); } "
			    "public static void main(String[] a) { System.out.println(f(100000)); } }\n",
	},
	{
		.id = "cpp",
		.broken = "int main()\n{\n\treturn nothing;\n}\n",
		.complaint = "main.cpp:3:16: error",
		.exits = "#include <iostream>\nint main() { std::cerr << \"word\\n\"; return 3; }\n",
		.crashes = "#include <vector>\nint main() { throw 1; }\n",
		.loops = "int main() { for (volatile int i = 0;;) i = i + 1; }\n",
		.hoards = "#include <cstring>\nint main() { for (;;) memset(new char[1000000], 1, 1000000); "
			  "}\n",
		.floods = "#include <cstdio>\nint main() { for (;;) puts(\"flood\"); }\n",
		.recurses = "#include <iostream>\nint f(volatile int n) { volatile char room[200]; room[0] = "
			    "1; return n == 0 ? 0 : "
			    "room[0] + f(n - 1); }\nint main() { std::cout << f(100000); }\n",
	},
	{
		.id = "c",
		.broken = "int main(void)\n{\n\treturn nothing;\n}\n",
		.complaint = "main.c:3:16: error",
		.exits = "#include <stdio.h>\nint main(void) { fputs(\"word\\n\", stderr); return 3; }\n",
		.crashes = "int main(void) { *(volatile int *)0 = 1; }\n",
		.loops = "int main(void) { for (volatile int i = 0;;) i = i + 1; }\n",
		.hoards = "#include <stdlib.h>\n#include <string.h>\n"
			  "int main(void) { for (;;) memset(malloc(1000000), 1, 1000000); }\n",
		.floods = "#include <stdio.h>\nint main(void) { for (;;) puts(\"flood\"); }\n",
		.recurses = "#include <stdio.h>\nint f(volatile int n) { volatile char room[200]; room[0] = "
			    "1; return n == 0 ? 0 : "
			    "room[0] + f(n - 1); }\nint main(void) { printf(\"%d\", f(100000)); }\n",
	},
	{
		.id = "csharp",
		.broken = "class P {\n\tstatic void Main() { int x = \"no\"; }\n}\n",
		.complaint = "main.cs(2,",
		.exits = "using System; class P { static int Main() { Console.Error.WriteLine(\"word\"); "
			 "return 3; } }\n",
		.crashes = "class P { static void Main() { throw new System.Exception(\"x\"); } }\n",
		.loops = "class P { static void Main() { for (;;); } }\n",
		.hoards = "using System.Collections.Generic; class P { static void Main() { var l = new "
			  "List<byte[]>(); "
			  "for (;;) { var b = new byte[1000000]; for (int i = 0; i < b.Length; i += 512) "
			  "b[i] = 1; "
			  "l.Add(b); } } }\n",
		.floods =
			"class P { static void Main() { for (;;) System.Console.WriteLine(\"flood\"); } }\n",
		.recurses = "class P { static int F(int n) { return n == 0 ? 0 : 1 + F(n - 1); } "
			    "static void Main() { System.Console.WriteLine(F(100000)); } }\n",
	},
	{
		.id = "go",
		.broken = "package main\n\nfunc main() {\n\tvar x int = \"no\"\n}\n",
		.complaint = "main.go:4:",
		.exits = "package main\nimport \"os\"\nfunc main() { os.Stderr.WriteString(\"word\\n\"); "
			 "os.Exit(3) }\n",
		.crashes = "package main\nfunc main() { var p *int; *p = 1 }\n",
		.loops = "package main\nfunc main() { for {} }\n",
		.hoards = "package main\nvar a [][]byte\nfunc main() { for { b := make([]byte, 1000000); "
			  "for i := range b { b[i] = 1 }; a = append(a, b) } }\n",
		.floods = "package main\nimport \"fmt\"\nfunc main() { for { fmt.Println(\"flood\") } }\n",
		.recurses = "package main\nimport \"fmt\"\nfunc f(n int) int { if n == 0 { return 0 }; "
			    "return 1 + f(n-1) }\n"
			    "func main() { fmt.Println(f(100000)) }\n",
	},
	{
		.id = "rust",
		.broken = "fn main() {\n    let x: i32 = \"no\";\n}\n",
		.complaint = "main.rs:2:18",
		.exits = "fn main() { eprintln!(\"word\"); std::process::exit(3); }\n",
		.crashes = "fn main() { panic!(\"x\"); }\n",
		.loops = "fn main() { loop { std::hint::spin_loop(); } }\n",
		.hoards = "fn main() { let mut a = Vec::new(); loop { a.push(vec![1u8; 1000000]); } }\n",
		.floods = "fn main() { loop { println!(\"flood\"); } }\n",
		.recurses =
			"fn f(n: u32) -> u32 { let room = [1u32; 50]; let one = unsafe { "
			"std::ptr::read_volatile(&room[7]) }; "
			"if n == 0 { 0 } else { one + f(n - 1) } }\nfn main() { println!(\"{}\", f(100000)); "
			"}\n",
	},
	{
		.id = "typescript",
		.broken = "const x: number = \"no\";\n",
		.complaint = "main.ts(1,7): error",
		.exits = "console.error('word'); process.exit(3);\n",
		.crashes = "process.abort();\n",
		.loops = "for (;;);\n",
		.hoards = "const a: number[][] = []; for (;;) a.push(new Array(100000).fill(1.5));\n",
		.floods = "import * as fs from 'fs'; for (;;) fs.writeSync(1, 'flood\\n');\n",
		.recurses = "const f = (n: number): number => n === 0 ? 0 : 1 + f(n - 1); "
			    "console.log(f(100000));\n",
	},
};

enum { LANGUAGES = sizeof languages / sizeof languages[0] };

/* NULL when this host lacks it. */
static const struct language *available(const char *id)
{
	const struct language *language = catalogue_find(judging_catalogue(), id);

	assert_non_null(language);
	if (language->available)
		return language;
	print_message("%s is left out: %s\n", language->name, language->unavailable_reason);
	return NULL;
}

typedef void check_fn(const struct programs *programs, const struct language *language, struct pool *pool);

static void in_every_language(check_fn *check)
{
	for (size_t i = 0; i < LANGUAGES; i++) {
		cleanup_pool struct pool *pool = pool_new();
		const struct language *language = available(languages[i].id);

		if (language)
			check(&languages[i], language, pool);
	}
}

static struct report run_plain(const struct language *language, const char *code, const char *input,
			       struct pool *pool)
{
	struct judging_task task;

	judging_plain(&task, language->id, code, input);
	return judging_run(&task, pool);
}

/* ---- the kinds ---- */

static void check_hello(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct report report = run_plain(language, language->hello, "", pool);

	(void)programs;
	judging_expect(language->name, &report, VERDICT_OK);
	assert_string_equal(report.runs[0].output, language->hello_output);
	assert_string_equal(report.runs[0].error_output, "");
	assert_null(report.runs[0].message);
	assert_int_equal(report.compile, language->compiled ? COMPILE_OK : COMPILE_NONE);
	assert_true(report.runs[0].cpu_us > 0);
	assert_true(report.runs[0].wall_us > 0);
	print_message("%-10s compile %7.1f ms, run %7.1f ms, %5.1f MB, %ld processes\n", language->name,
		      (double)report.compile_us / 1e3, (double)report.runs[0].wall_us / 1e3,
		      (double)report.runs[0].memory_bytes / 1048576, (long)report.runs[0].processes_peak);
}

static void check_echo(const struct programs *programs, const struct language *language, struct pool *pool)
{
	static const char lines[] = "first line\n\n  \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\nno end of line";
	struct judging_task task;
	struct report report;

	(void)programs;
	judging_plain(&task, language->id, language->echo, "");
	judging_add_test(&task, lines, "first line \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 no end of line\n");
	judging_add_test(&task, "", "");
	judging_add_test(&task, lines, "another answer");
	judging_add_test(&task, "1 2", "1\n2");
	report = judging_run(&task, pool);
	judging_expect(language->name, &report, VERDICT_WRONG_ANSWER);
	assert_int_equal(report.run_count, 4);
	assert_int_equal(report.runs[0].verdict, VERDICT_ACCEPTED);
	assert_int_equal(report.runs[1].verdict, VERDICT_ACCEPTED);
	assert_int_equal(report.runs[2].verdict, VERDICT_WRONG_ANSWER);
	assert_int_equal(report.runs[3].verdict, VERDICT_ACCEPTED);
	assert_string_equal(report.runs[0].output, lines);
}

static void check_broken(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct report report;

	if (!programs->broken)
		return;
	report = run_plain(language, programs->broken, "", pool);
	judging_expect(language->name, &report, VERDICT_COMPILE_ERROR);
	assert_int_equal(report.compile, COMPILE_ERROR);
	assert_int_equal(report.run_count, 0);
	if (!strstr(report.compile_output, programs->complaint))
		fail_msg("%s: no \"%s\" in: %s", language->name, programs->complaint, report.compile_output);
	assert_null(strstr(report.compile_output, "/box"));
}

static void check_exits(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct report report = run_plain(language, programs->exits, "", pool);

	judging_expect(language->name, &report, VERDICT_RUNTIME_ERROR);
	assert_int_equal(report.runs[0].exit_code, 3);
	assert_string_equal(report.runs[0].error_output, "word\n");
	assert_string_equal(report.runs[0].message, "Exited with code 3");
}

static void check_crashes(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct report report = run_plain(language, programs->crashes, "", pool);

	judging_expect(language->name, &report, VERDICT_RUNTIME_ERROR);
	assert_non_null(report.runs[0].message);
}

static void check_loops(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct judging_task task;
	struct report report;

	judging_plain(&task, language->id, programs->loops, "");
	task.task.limits.cpu_time_us = 1000000;
	report = judging_run(&task, pool);
	judging_expect(language->name, &report, VERDICT_TIME_LIMIT_EXCEEDED);
	assert_string_equal(report.runs[0].message, "Time limit exceeded (1.00 s)");
}

static void check_hoards(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct judging_task task;
	struct report report;

	judging_plain(&task, language->id, programs->hoards, "");
	task.task.limits.cpu_time_us = 10000000;
	task.task.limits.wall_time_us = 20000000;
	report = judging_run(&task, pool);
	judging_expect(language->name, &report, VERDICT_MEMORY_LIMIT_EXCEEDED);
	assert_string_equal(report.runs[0].message, "Memory limit exceeded (128 MB)");
}

static void check_floods(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct report report = run_plain(language, programs->floods, "", pool);

	judging_expect(language->name, &report, VERDICT_OUTPUT_LIMIT_EXCEEDED);
	assert_string_equal(report.runs[0].message, "Output limit exceeded (64 KB)");
	assert_int_equal(report.runs[0].output_size, 64 << 10);
	assert_true(report.runs[0].output_cut);
}

/* Stacks are bounded by memory alone. */
static void check_recurses(const struct programs *programs, const struct language *language,
			   struct pool *pool)
{
	struct judging_task task;
	struct report report;

	judging_plain(&task, language->id, programs->recurses, "");
	judging_add_test(&task, "", "100000");
	report = judging_run(&task, pool);
	judging_expect(language->name, &report, VERDICT_ACCEPTED);
}

/* With no more processes and memory than the pack says are needed, its programs must still work. */
static void check_least(const struct programs *programs, const struct language *language, struct pool *pool)
{
	struct judging_task task;
	struct report report;

	(void)programs;
	judging_plain(&task, language->id, language->hello, "");
	task.task.limits.memory_bytes = 32 << 20;
	task.task.limits.processes = 4;
	task.task.compile_limits.memory_bytes = 32 << 20;
	task.task.compile_limits.file_bytes = 1 << 20;
	task.task.compile_limits.disk_bytes = 1 << 20;
	task.task.compile_limits.processes = 4;
	judging_add_file(&task, "a-note.txt", "so that nothing comes from the cache");
	report = judging_run(&task, pool);
	judging_expect(language->name, &report, VERDICT_OK);
	assert_false(report.compile_cached);
}

static void hello_is_printed(void **state)
{
	(void)state;
	in_every_language(check_hello);
}
static void input_comes_back_as_output(void **state)
{
	(void)state;
	in_every_language(check_echo);
}
static void what_does_not_compile_says_where(void **state)
{
	(void)state;
	in_every_language(check_broken);
}
static void an_exit_code_is_a_runtime_error(void **state)
{
	(void)state;
	in_every_language(check_exits);
}
static void a_crash_is_a_runtime_error(void **state)
{
	(void)state;
	in_every_language(check_crashes);
}
static void a_loop_meets_its_time_limit(void **state)
{
	(void)state;
	in_every_language(check_loops);
}
static void a_hoard_meets_its_memory_limit(void **state)
{
	(void)state;
	in_every_language(check_hoards);
}
static void a_flood_meets_its_output_limit(void **state)
{
	(void)state;
	in_every_language(check_floods);
}
static void recursion_may_go_deep(void **state)
{
	(void)state;
	in_every_language(check_recurses);
}

static void the_least_limits_are_enough(void **state)
{
	(void)state;
	in_every_language(check_least);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_is_printed),
		cmocka_unit_test(input_comes_back_as_output),
		cmocka_unit_test(what_does_not_compile_says_where),
		cmocka_unit_test(an_exit_code_is_a_runtime_error),
		cmocka_unit_test(a_crash_is_a_runtime_error),
		cmocka_unit_test(a_loop_meets_its_time_limit),
		cmocka_unit_test(a_hoard_meets_its_memory_limit),
		cmocka_unit_test(a_flood_meets_its_output_limit),
		cmocka_unit_test(recursion_may_go_deep),
		cmocka_unit_test(the_least_limits_are_enough),
	};
	return cmocka_run_group_tests_name("languages", tests, judging_open, judging_close);
}
