/* Interactors and passes, in real boxes: who decides, whoever ends first, and that neither can harm the other. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "judging.h"

static const struct limits checker_limits = {
	.cpu_time_us = 3000000,
	.wall_time_us = 10000000,
	.memory_bytes = 256 << 20,
	.output_bytes = 64 << 10,
	.file_bytes = 16 << 20,
	.disk_bytes = 64 << 20,
	.inodes = 4096,
	.processes = 64,
	.open_files = 256,
};

struct judging_program {
	struct task_program program;
	struct task_file file;
};

static struct task_program *program_of(struct judging_program *made, enum convention convention,
				       const char *code)
{
	made->file = (struct task_file){ .data = code, .size = strlen(code) };
	made->program = (struct task_program){ .language = "python",
					       .files = &made->file,
					       .file_count = 1,
					       .convention = convention,
					       .limits = checker_limits,
					       .compile_limits = checker_limits };
	return &made->program;
}

/* ---- interactors ---- */

#define SAY  "def say(x): print(x, flush=True)\n"
#define READ "import sys, time, os\n" SAY "secret = open(sys.argv[1]).read().strip()\n"
#define GUESSER                                                                                              \
	"low, high = 1, 100\nwhile True:\n  middle = (low + high) // 2\n  print(middle, flush=True)\n"       \
	"  answer = input()\n  if answer == '=': break\n  if answer == '<': high = middle - 1\n  else: low " \
	"= "                                                                                                 \
	"middle + 1\n"
#define GAME                                                                                               \
	READ "for turn in range(8):\n  line = sys.stdin.readline()\n  if not line.strip(): sys.exit(43)\n" \
	     "  guess = int(line)\n"                                                                       \
	     "  say('=' if guess == int(secret) else '<' if int(secret) < guess else '>')\n"               \
	     "  if guess == int(secret): sys.exit(42)\nsys.exit(43)\n"

static const struct {
	const char *story, *program, *interactor;
	enum verdict expected;
	int64_t wall_us; /* 0: enough for a busy machine */
} talks[] = {
	{ "a game that is won", GUESSER, GAME, VERDICT_ACCEPTED, 0 },
	{ "a game that is lost", "while True: print(1, flush=True); input()", GAME, VERDICT_WRONG_ANSWER, 0 },
	{ "rejected first, and then for ever", "print(1, flush=True)\nwhile True: pass", READ "sys.exit(43)",
	  VERDICT_WRONG_ANSWER, 0 },
	{ "rejected first, asleep", "import time\ntime.sleep(100)", READ "sys.exit(43)", VERDICT_WRONG_ANSWER,
	  0 },
	{ "rejected first, and it writes on", "while True: print(1, flush=True)", READ "sys.exit(43)",
	  VERDICT_WRONG_ANSWER, 0 },
	{ "rejected first, and it fails of itself", "try: input()\nexcept EOFError: exit(7)",
	  READ "sys.exit(43)", VERDICT_WRONG_ANSWER, 0 },
	{ "it fails first, and is rejected for it", "exit(1)", GAME, VERDICT_RUNTIME_ERROR, 0 },
	{ "it ends first, and is rejected for it", "pass", GAME, VERDICT_WRONG_ANSWER, 0 },
	{ "it ends first, and was right", "print(1, flush=True)", READ "sys.stdin.read()\nsys.exit(42)",
	  VERDICT_ACCEPTED, 0 },
	{ "accepted first, and then it fails", "import sys\nsys.stdin.read()\nexit(3)", READ "sys.exit(42)",
	  VERDICT_RUNTIME_ERROR, 0 },
	{ "accepted first, and then for ever", "import sys\nsys.stdin.read()\nwhile True: pass",
	  READ "sys.exit(42)", VERDICT_TIME_LIMIT_EXCEEDED, 0 },
	{ "accepted first, and it writes on",
	  "import sys\nsys.stdin.read()\nfor i in range(200): print('x' * 10000, flush=True)",
	  READ "sys.exit(42)", VERDICT_ACCEPTED, 0 },
	{ "both wait", "input()", READ "line = sys.stdin.readline()\nsys.exit(43)",
	  VERDICT_TIME_LIMIT_EXCEEDED, 1000000 },
	{ "too much for the pipe, which nobody reads", "while True: print('x' * 10000)",
	  READ "time.sleep(5)\nsys.exit(43)", VERDICT_TIME_LIMIT_EXCEEDED, 1000000 },
	{ "the interactor fails", GUESSER, READ "sys.exit(1)", VERDICT_JUDGE_ERROR, 0 },
	{ "it fails, and the program is too slow", "while True: pass", READ "sys.stdin.read()\nsys.exit(1)",
	  VERDICT_JUDGE_ERROR, 0 },
	{ "it loops", "pass", READ "while True: pass", VERDICT_JUDGE_ERROR, 0 },
	{ "it writes to who is gone", "print(1, flush=True)",
	  READ "sys.stdin.read()\nfor i in range(200): say('x' * 10000)\nsys.exit(42)", VERDICT_ACCEPTED, 0 },
	{ "it takes time, which is its own", GUESSER,
	  READ "end = time.process_time() + 0.6\nwhile time.process_time() < end: pass\n" GAME,
	  VERDICT_ACCEPTED, 0 },
	{ "the program takes all down with it", "import os\nos.kill(-1, 9)\nos.kill(os.getpid(), 9)",
	  READ "sys.stdin.read()\nsys.exit(42)", VERDICT_RUNTIME_ERROR, 0 },
	{ "the interactor does", GUESSER, READ "os.kill(os.getppid(), 9)\nos.kill(-1, 9)",
	  VERDICT_JUDGE_ERROR, 0 },
	{ "the test's data are not the program's", "import os\nassert not os.path.exists('.judge')\n" GUESSER,
	  GAME, VERDICT_ACCEPTED, 0 },
};

static void programs_talk(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof talks / sizeof talks[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct judging_program interactor;

		judging_plain(&task, "python", talks[i].program, "");
		judging_add_test(&task, "37", "");
		task.task.limits.cpu_time_us = 400000;
		task.task.limits.wall_time_us = talks[i].wall_us ? talks[i].wall_us : 60000000;
		task.task.interactor = program_of(&interactor, CONVENTION_ICPC, talks[i].interactor);
		struct report report = judging_run(&task, pool);
		judging_expect(talks[i].story, &report, talks[i].expected);
		assert_int_equal(report.run_count, 1);
		assert_string_equal(report.runs[0].output, "");
	}
}

/* An interactor of the other convention: what it wrote is the checker's. */
static void a_checker_judges_what_an_interactor_wrote(void **state)
{
	static const char interactor[] =
		READ "import sys\nguess = sys.stdin.readline().strip()\nopen(sys.argv[2], 'w').write(guess + "
		     "' of ' + open(sys.argv[3]).read())\n"
		     "sys.exit(0 if guess else 2)\n";
	static const char checker[] =
		"import sys\nwrote = open(sys.argv[2]).read()\nsys.stderr.write(wrote)\n"
		"sys.exit(0 if wrote == '5 of 7' and sys.argv[4:] == ['-x'] else 1)\n";
	static const char *const args[] = { "-x", NULL };
	static const struct {
		const char *program;
		enum verdict expected;
		const char *words;
	} rows[] = {
		{ "print(5)", VERDICT_ACCEPTED, "5 of 7" },
		{ "print(6)", VERDICT_WRONG_ANSWER, "6 of 7" },
		{ "print()\ninput()", VERDICT_WRONG_ANSWER, NULL },
		{ "print(5)\nexit(1)", VERDICT_RUNTIME_ERROR, "5 of 7" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct judging_program made[2];

		judging_plain(&task, "python", rows[i].program, "");
		judging_add_test(&task, "1", "7");
		task.task.validator_args = args;
		task.task.interactor = program_of(&made[0], CONVENTION_TESTLIB, interactor);
		task.task.checker = program_of(&made[1], CONVENTION_TESTLIB, checker);
		struct report report = judging_run(&task, pool);
		judging_expect(rows[i].program, &report, rows[i].expected);
		if (rows[i].words)
			assert_string_equal(report.runs[0].judge_message, rows[i].words);
	}
}

static void an_interactor_that_does_not_compile(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct judging_program interactor;

	(void)state;
	judging_plain(&task, "python", "pass", "");
	judging_add_test(&task, "", "");
	task.task.interactor = program_of(&interactor, CONVENTION_ICPC, "int main(");
	interactor.program.language = "c";
	interactor.program.compile_limits = task.task.compile_limits;
	struct report report = judging_run(&task, pool);
	judging_expect("it", &report, VERDICT_JUDGE_ERROR);
	assert_string_equal(report.message, "The interactor does not compile");
}

/* ---- passes ---- */

/* Counts the passes in its feedback; the program adds one. */
#define COUNT                                                                                         \
	"import sys, os\nfolder = sys.argv[3]\ngiven, answer = open(sys.argv[1]).read(), "            \
	"open(sys.argv[2]).read()\n"                                                                  \
	"output = sys.stdin.read()\nassert not os.path.exists(folder + 'nextpass.in')\n"              \
	"old = open(folder + 'state').read() if os.path.exists(folder + 'state') else ''\n"           \
	"open(folder + 'state', 'w').write(old + 'x')\n"                                              \
	"open(folder + 'judgemessage.txt', 'a').write(given.strip() + ' ' + output.strip() + '; ')\n" \
	"again = lambda: open(folder + 'nextpass.in', 'w').write(output)\n"

static const struct {
	const char *story, *program, *validator;
	int passes;
	enum verdict expected;
	const char *message, *words;
} passes[] = {
	{ "two passes", "print(int(input()) + 1)",
	  COUNT "if old: sys.exit(42 if output.strip() == answer else 43)\nagain()\nsys.exit(42)", 2,
	  VERDICT_ACCEPTED, NULL, "1 2; 2 3; " },
	{ "as many as it takes", "print(int(input()) + 1)",
	  COUNT "if output.strip() != answer: again()\nsys.exit(42)", 3, VERDICT_ACCEPTED, NULL,
	  "1 2; 2 3; " },
	{ "the second is wrong", "x = int(input())\nprint(x + 1 if x < 2 else 9)",
	  COUNT "if old: sys.exit(42 if output.strip() == answer else 43)\nagain()\nsys.exit(42)", 2,
	  VERDICT_WRONG_ANSWER, NULL, "1 2; 2 9; " },
	{ "the second is slow", "x = int(input())\nwhile x > 1: pass\nprint(x + 1)",
	  COUNT "if not old: again()\nsys.exit(42)", 2, VERDICT_TIME_LIMIT_EXCEEDED,
	  "Time limit exceeded (0.40 s)", "1 2; 2 ; " },
	{ "the first is wrong", "print(7)", COUNT "sys.exit(43)", 2, VERDICT_WRONG_ANSWER, NULL, "1 7; " },
	{ "more than there may be", "print(int(input()) + 1)", COUNT "again()\nsys.exit(42)", 2,
	  VERDICT_JUDGE_ERROR, "The checker wanted more than 2 passes", "1 2; 2 3; " },
	{ "another pass of what is wrong", "print(1)", COUNT "again()\nsys.exit(43)", 2, VERDICT_JUDGE_ERROR,
	  "The checker wanted another pass of what it rejected", "1 1; " },
	{ "one pass is one pass", "print(1)", COUNT "again()\nsys.exit(42)", 1, VERDICT_ACCEPTED, NULL,
	  "1 1; " },
	{ "a checker that fails in the second", "print(int(input()) + 1)",
	  COUNT "if old: sys.exit(1)\nagain()\nsys.exit(42)", 2, VERDICT_JUDGE_ERROR,
	  "The checker exited with code 1", "1 2; 2 3; " },
	{ "each has its own time",
	  "t = __import__('time')\nend = t.process_time() + 0.25\nwhile t.process_time() < end: "
	  "pass\nprint(int(input()) + 1)",
	  COUNT "if not old: again()\nsys.exit(42)", 2, VERDICT_ACCEPTED, NULL, "1 2; 2 3; " },
	{ "what the first left in its box is gone",
	  "import os\nassert not os.path.exists('/box/left') and not "
	  "os.path.exists('/tmp/left')\nopen('/tmp/left', 'w')\nprint(int(input()) + 1)",
	  COUNT "if not old: again()\nsys.exit(42)", 2, VERDICT_ACCEPTED, NULL, "1 2; 2 3; " },
};

static void passes_follow_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct judging_task task;
		struct judging_program validator;

		judging_plain(&task, "python", passes[i].program, "");
		judging_add_test(&task, "1", "3");
		task.task.limits.cpu_time_us = 400000;
		task.task.passes = passes[i].passes;
		task.task.checker = program_of(&validator, CONVENTION_ICPC, passes[i].validator);
		struct report report = judging_run(&task, pool);
		const struct run_report *run = &report.runs[0];

		judging_expect(passes[i].story, &report, passes[i].expected);
		if (passes[i].message)
			assert_string_equal(run->message, passes[i].message);
		else
			assert_null(run->message);
		assert_non_null(run->judge_message);
		assert_string_equal(run->judge_message, passes[i].words);
	}
}

static void interactors_have_passes_too(void **state)
{
	static const char program[] = "print(int(input()) + 1, flush=True)\n";
	static const char interactor[] = READ
		"print(secret, flush=True)\nanswer = sys.stdin.readline().strip()\nfolder = sys.argv[3]\n"
		"if secret == '1': open(folder + 'nextpass.in', 'w').write(answer)\n"
		"sys.exit(42 if int(answer) == int(secret) + 1 else 43)\n";
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct judging_program made;

	(void)state;
	judging_plain(&task, "python", program, "");
	judging_add_test(&task, "1", "");
	task.task.passes = 2;
	task.task.interactor = program_of(&made, CONVENTION_ICPC, interactor);
	struct report report = judging_run(&task, pool);
	judging_expect("two talks", &report, VERDICT_ACCEPTED);
}

static atomic_bool has_ended;

static void *cancel_until_ended(void *unused)
{
	while (!atomic_load(&has_ended)) {
		usleep(100000);
		judge_cancel(judging_judge());
	}
	return unused;
}

static void a_talk_can_be_cancelled(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct judging_task task;
	struct judging_program interactor;
	pthread_t thread;

	(void)state;
	judging_plain(&task, "python", "input()", "");
	judging_add_test(&task, "", "");
	task.task.limits.wall_time_us = 600000000;
	task.task.interactor = program_of(&interactor, CONVENTION_ICPC, "input()");
	assert_int_equal(pthread_create(&thread, NULL, cancel_until_ended, NULL), 0);
	struct report report = judging_run(&task, pool);
	atomic_store(&has_ended, true);
	pthread_join(thread, NULL);
	judging_expect("both wait", &report, VERDICT_CANCELLED);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_talk),
		cmocka_unit_test(a_checker_judges_what_an_interactor_wrote),
		cmocka_unit_test(an_interactor_that_does_not_compile),
		cmocka_unit_test(passes_follow_each_other),
		cmocka_unit_test(interactors_have_passes_too),
		cmocka_unit_test(a_talk_can_be_cancelled),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("play", tests, judging_open, judging_close);
}
