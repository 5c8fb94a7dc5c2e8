/* Programs that judge, in real boxes: what they are given, what they may say, and what they cannot do. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "judge/crew.h"
#include "judging.h"

static const struct limits checker_limits = {
	.cpu_time_us = 2000000,
	.wall_time_us = 10000000,
	.memory_bytes = 256 << 20,
	.output_bytes = 64 << 10,
	.file_bytes = 16 << 20,
	.disk_bytes = 64 << 20,
	.inodes = 4096,
	.processes = 64,
	.open_files = 256,
};

static void judge_with(struct judging_task *task, struct task_program *program, struct task_file *file,
		       enum convention convention, const char *language, const char *code)
{
	*file = (struct task_file){ .data = code, .size = strlen(code) };
	*program = (struct task_program){ .language = language,
					  .files = file,
					  .file_count = 1,
					  .convention = convention,
					  .limits = checker_limits,
					  .compile_limits = task->task.compile_limits };
	task->task.checker = program;
}

#define ICPC_READ                                                                                     \
	"import sys\n"                                                                                \
	"given, answer, folder = (open(sys.argv[1]).read(), open(sys.argv[2]).read(), sys.argv[3])\n" \
	"output = sys.stdin.read()\n"
#define SAY(name, text) "open(folder + '" name "', 'w').write(" text ")\n"

static const struct {
	const char *story, *code;
	enum convention convention;
	enum verdict expected;
	const char *message, *judge_message, *team_message; /* the beginning of it; NULL: none */
	double score;                                       /* -1: none */
} checkers[] = {
	{ "a validator that accepts",
	  ICPC_READ "sys.exit(42 if (given, answer, output) == ('2', '4', '4\\n') else 43)", CONVENTION_ICPC,
	  VERDICT_ACCEPTED, NULL, NULL, NULL, -1 },
	{ "one that rejects, and says why",
	  ICPC_READ SAY("judgemessage.txt", "'expected ' + answer") SAY("teammessage.txt", "'look again'")
		  SAY("score.txt", "'0'") "sys.exit(43)",
	  CONVENTION_ICPC, VERDICT_WRONG_ANSWER, NULL, "expected 4", "look again", 0 },
	{ "one that gives a score", ICPC_READ SAY("score.txt", "' 2.5\\n'") "sys.exit(42)", CONVENTION_ICPC,
	  VERDICT_ACCEPTED, NULL, NULL, NULL, 2.5 },
	{ "one whose score is none", ICPC_READ SAY("score.txt", "'much'") "sys.exit(42)", CONVENTION_ICPC,
	  VERDICT_JUDGE_ERROR, "The checker gave a score that is no number", NULL, NULL, -1 },
	{ "its arguments",
	  "import sys\nsys.exit(42 if sys.argv[3].endswith('/') and sys.argv[4:] == ['-v', '7', 'own'] else "
	  "43)",
	  CONVENTION_ICPC, VERDICT_ACCEPTED, NULL, NULL, NULL, -1 },
	{ "exit 0", "pass", CONVENTION_ICPC, VERDICT_JUDGE_ERROR, "The checker exited with code 0", NULL,
	  NULL, -1 },
	{ "a checker that fails", "raise RuntimeError('secret')", CONVENTION_ICPC, VERDICT_JUDGE_ERROR,
	  "The checker exited with code 1", "Traceback", NULL, -1 },
	{ "one that crashes", "import os\nos.abort()", CONVENTION_ICPC, VERDICT_JUDGE_ERROR,
	  "The checker was killed by SIGABRT", "", NULL, -1 },
	{ "one that loops", "while True: pass", CONVENTION_ICPC, VERDICT_JUDGE_ERROR,
	  "The checker took longer than 2.00 s", NULL, NULL, -1 },
	{ "one that hoards", "x = bytearray(1 << 30)", CONVENTION_ICPC, VERDICT_JUDGE_ERROR,
	  "The checker used more than 256 MB of memory", NULL, NULL, -1 },
	{ "one that floods", "while True: print('x' * 1000)", CONVENTION_ICPC, VERDICT_JUDGE_ERROR,
	  "The checker wrote more than 64 KB", "", NULL, -1 },
	{ "too much feedback", ICPC_READ SAY("judgemessage.txt", "'x' * 100000") "sys.exit(42)",
	  CONVENTION_ICPC, VERDICT_JUDGE_ERROR, "The checker left more than 64 KB, or nothing", NULL, NULL,
	  -1 },
	{ "too many files", ICPC_READ "for i in range(1001): open(folder + str(i), 'w')\nsys.exit(42)",
	  CONVENTION_ICPC, VERDICT_JUDGE_ERROR, "The checker left more than 1000 files", NULL, NULL, -1 },
	{ "feedback that is a link",
	  ICPC_READ "import os\nos.symlink('/etc/passwd', folder + 'judgemessage.txt')\nsys.exit(43)",
	  CONVENTION_ICPC, VERDICT_WRONG_ANSWER, NULL, NULL, NULL, -1 },
	{ "one that ends the shell around it", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
	  CONVENTION_ICPC, VERDICT_JUDGE_ERROR, "The checker was ended", NULL, NULL, -1 },
	{ "a checker of the other convention",
	  "import sys\ngiven, output, answer = (open(name).read() for name in sys.argv[1:4])\n"
	  "sys.stderr.write('ok 1 number')\nsys.exit(0 if (given, answer, output) == ('2', '4', '4\\n') else "
	  "3)",
	  CONVENTION_TESTLIB, VERDICT_ACCEPTED, NULL, "ok 1 number", NULL, -1 },
	{ "wrong, by it", "import sys\nsys.stderr.write('wrong answer')\nsys.exit(1)", CONVENTION_TESTLIB,
	  VERDICT_WRONG_ANSWER, NULL, "wrong answer", NULL, -1 },
	{ "points", "import sys\nsys.stderr.write('points 7.5 of ten')\nsys.exit(7)", CONVENTION_TESTLIB,
	  VERDICT_ACCEPTED, NULL, "points 7.5", NULL, 7.5 },
	{ "its own failure", "import sys\nsys.exit(3)", CONVENTION_TESTLIB, VERDICT_JUDGE_ERROR,
	  "The checker exited with code 3", NULL, NULL, -1 },
};

static void expect_words(const char *story, const char *what, const char *got, const char *expected)
{
	bool same = got && expected ? strncmp(got, expected, strlen(expected)) == 0 : !got == !expected;

	/* An empty expectation: whatever it is, a shell's or a runtime's last words included. */
	if (!same && !(expected && !*expected))
		fail_msg("%s: %s is \"%s\", expected \"%s\"", story, what, got ? got : "none",
			 expected ? expected : "none");
}

static void checkers_judge(void **state)
{
	static const char *const args[] = { "-v", "7", NULL }, *const own[] = { "own", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof checkers / sizeof checkers[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct task_program program;
		struct task_file file;

		judging_plain(&task, "python", "print(int(input()) * 2)", "");
		judging_add_test(&task, "2", "4");
		task.task.validator_args = args;
		task.tests[0].validator_args = own;
		judge_with(&task, &program, &file, checkers[i].convention, "python", checkers[i].code);
		struct report report = judging_run(&task, pool);
		const struct run_report *run = &report.runs[0];

		judging_expect(checkers[i].story, &report, checkers[i].expected);
		assert_int_equal(report.run_count, 1);
		expect_words(checkers[i].story, "the message", run->message, checkers[i].message);
		expect_words(checkers[i].story, "what the judge reads", run->judge_message,
			     checkers[i].judge_message);
		expect_words(checkers[i].story, "what the author reads", run->team_message,
			     checkers[i].team_message);
		if (checkers[i].score >= 0)
			assert_true(run->has_score && run->score == checkers[i].score);
	}
}

/* The checker is asked about every end, and its own failure comes first. */
static void a_failing_checker_outranks_the_program(void **state)
{
	static const struct {
		const char *program, *checker;
		enum verdict expected;
	} rows[] = {
		{ "while True: pass", "import sys; sys.exit(42)", VERDICT_TIME_LIMIT_EXCEEDED },
		{ "while True: pass", "import sys; sys.exit(1)", VERDICT_JUDGE_ERROR },
		{ "exit(1)", "import sys; sys.exit(42)", VERDICT_RUNTIME_ERROR },
		{ "print('x' * 1000000)", "import sys; sys.exit(42)", VERDICT_OUTPUT_LIMIT_EXCEEDED },
		{ "print('x' * 1000000)", "import sys; sys.exit(43)", VERDICT_OUTPUT_LIMIT_EXCEEDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct task_program program;
		struct task_file file;

		judging_plain(&task, "python", rows[i].program, "");
		judging_add_test(&task, "", "");
		task.task.limits.cpu_time_us = 300000;
		judge_with(&task, &program, &file, CONVENTION_ICPC, "python", rows[i].checker);
		struct report report = judging_run(&task, pool);
		judging_expect(rows[i].program, &report, rows[i].expected);
	}
}

static void a_checker_that_does_not_compile_is_no_authors_error(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct task_program program;
	struct task_file file;

	(void)state;
	judging_plain(&task, "python", "print(1)", "");
	judging_add_test(&task, "", "");
	judge_with(&task, &program, &file, CONVENTION_ICPC, "c", "int main(void) { return secret; }");
	struct report report = judging_run(&task, pool);
	judging_expect("it", &report, VERDICT_JUDGE_ERROR);
	assert_string_equal(report.message, "The checker does not compile");
	assert_non_null(strstr(report.checker_output, "secret"));
	assert_null(strstr(report.compile_output, "secret"));
	assert_int_equal(report.run_count, 0);

	/* And what does not compile itself is told so before anything else. */
	judging_plain(&task, "c", "int main(void) { return x; }", "");
	judging_add_test(&task, "", "");
	task.task.checker = &program;
	report = judging_run(&task, pool);
	judging_expect("both", &report, VERDICT_COMPILE_ERROR);
}

/* Compiled once; each run finds a box that nobody had, and none of the program's. */
static void runs_of_a_checker_know_nothing_of_each_other(void **state)
{
	static const char checker[] =
		"#include <stdio.h>\n#include <unistd.h>\n"
		"int main(int count, char **args) {\n"
		"  if (access(\"left\", F_OK) == 0 || access(\"/tmp/left\", F_OK) == 0) return 1;\n"
		"  if (access(\"main.py\", F_OK) == 0) return 2;\n"
		"  fclose(fopen(\"left\", \"w\"));\n"
		"  int output = -1, answer = -2; FILE *file = fopen(args[2], \"r\");\n"
		"  if (count < 4 || fscanf(file, \"%d\", &answer) != 1) return 3;\n"
		"  return scanf(\"%d\", &output) == 1 && output == answer ? 42 : 43;\n}\n";
	static const char program[] = "open('/tmp/left', 'w')\nprint(int(input()) % 3)\n";
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct task_program asked;
	struct task_file file;

	(void)state;
	judging_plain(&task, "python", program, "");
	for (int i = 0; i < 6; i++)
		judging_add_test(&task, i < 3 ? "1" : "2", i == 4 ? "0" : i < 3 ? "1" : "2");
	judge_with(&task, &asked, &file, CONVENTION_ICPC, "c", checker);
	struct report report = judging_run(&task, pool);
	judging_expect("the fifth is wrong", &report, VERDICT_WRONG_ANSWER);
	assert_int_equal(report.run_count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(report.runs[i].verdict, i == 4 ? VERDICT_WRONG_ANSWER : VERDICT_ACCEPTED);
}

/* ---- several judges ---- */

struct helping {
	pthread_t thread;
	struct crew *crew;
	size_t joined;
};

static void *help(void *argument)
{
	struct helping *helping = argument;

	crew_help(helping->crew, judging_helper());
	return NULL;
}

static void offer(struct crew *crew, void *context)
{
	struct helping *helping = context;

	if (!crew_join(crew, judging_helper()))
		return;
	helping->crew = crew;
	helping->joined++;
	assert_int_equal(pthread_create(&helping->thread, NULL, help, helping), 0);
}

static void withdraw(struct crew *crew, void *context)
{
	(void)crew;
	(void)context;
}

/* Each with a checker in a box of its own; and what is skipped does not depend on who was faster. */
static void what_comes_of_groups_is_the_same_with_helpers(void **state)
{
	static const char checker[] =
		"import sys; sys.exit(42 if sys.stdin.read() == open(sys.argv[2]).read() else 43)";
	static const enum verdict expected[] = { VERDICT_ACCEPTED, VERDICT_WRONG_ANSWER, VERDICT_SKIPPED,
						 VERDICT_SKIPPED,  VERDICT_ACCEPTED,     VERDICT_ACCEPTED,
						 VERDICT_ACCEPTED, VERDICT_WRONG_ANSWER };
	static struct group_settings settings[] = {
		{ .name = "", .on_reject = ON_REJECT_CONTINUE },
		{ .name = "a", .on_reject = ON_REJECT_BREAK, .grader_flags = "always_accept" },
		{ .name = "b", .on_reject = ON_REJECT_BREAK, .grader_flags = "always_accept" },
	};
	static struct task_groups groups = { .settings = settings, .count = 3 };
	struct helping helping = { 0 };

	(void)state;
	judge_set_sharing(judging_judge(), &(struct judge_sharing){ offer, withdraw, &helping });
	for (int round = 0; round < 4; round++) {
		cleanup_pool struct pool *pool = pool_new();
		size_t joined = helping.joined;
		struct judging_task task;
		struct task_program program;
		struct task_file file;

		judging_plain(&task, "python", "print(int(input()) * 2)", "");
		for (int i = 0; i < 8; i++) {
			judging_add_test(&task, "1", i == 1 || i == 7 ? "3\n" : "2\n");
			task.tests[i].group = i < 4 ? "a" : "b";
		}
		task.task.groups = &groups;
		judge_with(&task, &program, &file, CONVENTION_ICPC, "python", checker);
		struct report report = judging_run(&task, pool);
		if (helping.joined > joined)
			pthread_join(helping.thread, NULL);
		judging_expect("two groups", &report, VERDICT_ACCEPTED);
		assert_int_equal(report.run_count, 8);
		for (size_t i = 0; i < 8; i++)
			assert_int_equal(report.runs[i].verdict, expected[i]);
		assert_true(report.score == 4);
	}
	judge_set_sharing(judging_judge(), &(struct judge_sharing){ 0 });
	assert_true(helping.joined > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checkers_judge),
		cmocka_unit_test(a_failing_checker_outranks_the_program),
		cmocka_unit_test(a_checker_that_does_not_compile_is_no_authors_error),
		cmocka_unit_test(runs_of_a_checker_know_nothing_of_each_other),
		cmocka_unit_test(what_comes_of_groups_is_the_same_with_helpers),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("checkers", tests, judging_open, judging_close);
}
