/* A package of Polygon as one of 2025-09: the same problem by other names; and its programs in C++, compiled and run, end as
 * that format has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "made.h"
#include "scored.h"
#include "things.h"

/* ---- one that is made by hand ---- */

#define TEXT_OF(text) (text), sizeof(text) - 1

/* As testlib would: 7 says that there are points, 3 that it failed itself. */
static const char checker[] = //
	"#include <cstdio>\n"
	"#include <cstdlib>\n"
	"#include <fstream>\n"
	"#include <iostream>\n"
	"#include <string>\n"
	"#include \"testlib.h\"\n"
	"int main(int argc, char *argv[])\n"
	"{\n"
	"    if (argc != 4)\n"
	"        return 3;\n"
	"    std::ifstream input(argv[1]), output(argv[2]), answer(argv[3]);\n"
	"    std::string in, out, ans;\n"
	"    if (!(input >> in) || !(answer >> ans))\n"
	"        return FAILED;\n"
	"    if (!(output >> out))\n"
	"        return 8;\n"
	"    if (out == \"half\")\n"
	"        fprintf(stderr, \"points 0.5 nearly\\n\"), exit(7);\n"
	"    if (out == \"none\")\n"
	"        fprintf(stderr, \"0 not at all\\n\"), exit(7);\n"
	"    fprintf(stderr, \"%s for %s\\n\", out.c_str(), in.c_str());\n"
	"    exit(out == ans ? 0 : out == \"garbage\" ? 2 : out == \"crash\" ? 3 : 1);\n"
	"}\n";
static const char header[] = "enum { FAILED = 3 };\n";

static const char validator[] = //
	"#include <cstdio>\n"
	"#include <cstring>\n"
	"int main(int argc, char *argv[])\n"
	"{\n"
	"    char text[16];\n"
	"    return fgets(text, sizeof text, stdin) && !strcmp(text, \"1\\n\") && argc == 1 ? 0 : 3;\n"
	"}\n";

static const char interactor[] = //
	"#include <cstdio>\n"
	"#include <cstring>\n"
	"int main(int argc, char *argv[])\n"
	"{\n"
	"    FILE *input = fopen(argv[1], \"r\"), *answer = fopen(argv[3], \"r\"), *out = fopen(argv[2], "
	"\"w\");\n"
	"    int n, m, said;\n"
	"    if (!input || !answer || !out || fscanf(input, \"%d\", &n) != 1 || fscanf(answer, \"%d\", &m) "
	"!= 1)\n"
	"        return 3;\n"
	"    printf(\"%d\\n\", n);\n"
	"    fflush(stdout);\n"
	"    if (scanf(\"%d\", &said) != 1)\n"
	"        return 2;\n"
	"    return said == m ? 0 : 1;\n"
	"}\n";

static struct task_file checker_files[] = {
	{ .name = "check.cpp", .data = checker, .size = sizeof checker - 1 },
	{ .name = "testlib.h", .data = header, .size = sizeof header - 1 }
};
static struct task_file validator_files[] = {
	{ .name = "val.cpp", .data = validator, .size = sizeof validator - 1 }
};
static struct task_file interactor_files[] = {
	{ .name = "interactor.cpp", .data = interactor, .size = sizeof interactor - 1 }
};

static const char *const needs_one[] = { "one", NULL };
static struct group_settings group_settings[] = {
	{ .name = "one", .complete = true },
	{ .name = "two", .needs = needs_one },
};
static struct task_groups groups = { .rules = SCORING_POLYGON, .settings = group_settings, .count = 2 };

static const struct package_file some_file = { .path = "tests/01", .bytes = "1\n", .size = 2 };

#define TEST(number, group_name, is_sample, worth)                                            \
	{                                                                                     \
		.name = "tests/" number, .group = group_name, .sample = is_sample,            \
		.full_feedback = is_sample, .points = worth, .input_file = &some_file,        \
		.answer_file = &some_file, .input = number "\n", .input_size = sizeof number, \
		.answer = "1\n", .answer_size = 2                                             \
	}

static struct package_test tests[] = {
	TEST("1", "zero", true, 0),  TEST("2", "one", false, 10), TEST("3", "two", false, 15),
	TEST("4", "one", false, 10), TEST("5", "two", false, 15),
};
static struct package_sample samples[] = {
	{ .name = "tests/1", .input = "1\n", .input_size = 2, .output = "other\n", .output_size = 6 },
};

static struct expectation is_accepted = { .whole = VERDICTS_ACCEPTED };
static struct expectation is_slow = { .whole = VERDICTS_TOO_SLOW };
static struct expectation is_large = { .whole = VERDICTS_TOO_SLOW |
						VERDICT_BIT(VERDICT_MEMORY_LIMIT_EXCEEDED) };
static struct expectation is_either = { .whole = VERDICTS_ACCEPTED | VERDICT_BIT(VERDICT_WRONG_ANSWER) };

#define SUBMISSION(file, expected)                                                                      \
	{                                                                                               \
		.program = { .path = "solutions/" file,                                                 \
			     .language = "python",                                                      \
			     .files = (struct task_file[]){ { .name = file, .data = "1", .size = 1 } }, \
			     .file_count = 1 },                                                         \
		.expectations = expected, .expectation_count = 1                                        \
	}
#define SOLUTION(file)                                             \
	{                                                          \
		.path = "solutions/" file, .bytes = "1", .size = 1 \
	}

static struct package_submission submissions[] = {
	SUBMISSION("a.py", &is_accepted),  SUBMISSION("slow.py", &is_slow),
	SUBMISSION("large.py", &is_large), SUBMISSION("either.py", &is_either),
	SUBMISSION("never.py", &is_slow),
};

static struct package_program the_checker = {
	.path = "files/check.cpp", .language = "cpp", .files = checker_files, .file_count = 2
};
static struct package_program the_interactor = {
	.path = "files/interactor.cpp", .language = "cpp", .files = interactor_files, .file_count = 1
};
static struct package_program the_validator = {
	.path = "files/val.cpp", .language = "cpp", .files = validator_files, .file_count = 1
};
static struct package_name names[] = { { "en", "A" }, { "ru", "B" } };
static struct package_file tree_files[] = {
	{ .path = "files/check.cpp", .bytes = checker, .size = sizeof checker - 1 },
	SOLUTION("a.py"),
	SOLUTION("either.py"),
	SOLUTION("large.py"),
	SOLUTION("never.py"),
	SOLUTION("slow.py"),
	{ .path = "statements/english/a.png", .bytes = "picture", .size = 7 },
	{ .path = "statements/english/problem.tex", .bytes = "text", .size = 4 },
};
static const struct package_tree tree = { "it", tree_files, sizeof tree_files / sizeof tree_files[0] };
static struct package_statement statements[] = { { "en", "statements/english/problem.tex", "tex" } };

static struct package make(void)
{
	struct package package = {
		.tree = &tree,
		.format = PACKAGE_POLYGON,
		.short_name = "it",
		.names = names,
		.name_count = 2,
		.statements = statements,
		.statement_count = 1,
		.scoring = true,
		.allow_file_writing = true,
		.passes = 1,
		.time = { .given = true,
			  .limit_s = 1.5,
			  .multiplier = 2,
			  .safety_margin = 1.5,
			  .resolution_s = 1 },
		.limits = { .memory_bytes = 256 << 20, .output_bytes = 8 << 20 },
		.compile_limits = { .cpu_time_us = 60000000, .memory_bytes = INT64_C(2048) << 20 },
		.validation_limits = { .cpu_time_us = 60000000,
				       .memory_bytes = INT64_C(2048) << 20,
				       .output_bytes = 8 << 20 },
		.code_bytes = 128 << 10,
		.output_validator = &the_checker,
		.convention = CONVENTION_TESTLIB,
		.input_validators = &the_validator,
		.input_validator_count = 1,
		.tests = tests,
		.test_count = sizeof tests / sizeof tests[0],
		.samples = samples,
		.sample_count = 1,
		.groups = &groups,
		.submissions = submissions,
		.submission_count = sizeof submissions / sizeof submissions[0],
	};

	submissions[4].skipped = true;
	return package;
}

static void write_it(const struct package *package, enum package_format format, struct pool *pool,
		     struct package_tree *written, struct buffer *said)
{
	struct package_notes notes = { .pool = pool };
	struct error err;

	if (package_export(package, format, pool, &notes, written, &err) < 0)
		fail_msg("%s", err.text);
	say_notes(said, &notes);
}

/* ---- as a value ---- */

static void check_same(const struct package *package, const struct package *again)
{
	assert_int_equal(again->test_count, package->test_count);
	assert_string_equal(again->names[1].text, "B");
	assert_true(again->time.limit_s == 1.5 && again->limits.memory_bytes == 256 << 20);
	assert_true(again->allow_file_writing && again->scoring);
	assert_string_equal(again->output_validator->language, "cpp");
	assert_int_equal(again->output_validator->file_count, 3);
	assert_int_equal(again->convention, CONVENTION_ICPC);
	assert_string_equal(again->samples[0].output, "other\n");
	assert_int_equal(again->input_validator_right, 42);
	assert_true(again->tests[0].sample && !again->tests[1].sample);
	assert_string_equal(again->tests[0].answer, "1\n");
}

static const char wanted[] = //
	"data/sample/00001.ans\ndata/sample/00001.ans.statement\ndata/sample/00001.in\n"
	"data/secret/01-one/00002.ans\ndata/secret/01-one/00002.in\ndata/secret/01-one/00004.ans\n"
	"data/secret/01-one/00004.in\ndata/secret/01-one/test_group.yaml\ndata/secret/02-two/00003.ans\n"
	"data/secret/02-two/00003.in\ndata/secret/02-two/00005.ans\ndata/secret/02-two/00005.in\n"
	"data/secret/02-two/test_group.yaml\ndata/secret/test_group.yaml\n"
	"input_validators/val/testlib_to_icpc.cpp\ninput_validators/val/val.cpp\noutput_validator/check.cpp\n"
	"output_validator/testlib.h\noutput_validator/testlib_to_icpc.cpp\nproblem.yaml\nstatement/a.png\n"
	"statement/problem.en.tex\nsubmissions/accepted/a.py\nsubmissions/mixed/either.py\n"
	"submissions/rejected/large.py\nsubmissions/submissions.yaml\nsubmissions/time_limit_exceeded/"
	"slow.py\n";

static const char wanted_notes[] = //
	"2025-09 wants a uuid: one is made of the problem's short name and its inputs\n"
	"solutions/never.py: it is not to be run, which cannot be said: it is left out\n"
	"generators, scripts and whatever else only Polygon knows are left out";

static void test_it_is_the_same(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer paths = { 0 }, said = { 0 };
	struct package package = make(), again;
	struct package_tree written;
	struct error err;

	(void)state;
	write_it(&package, PACKAGE_2025_09, pool, &written, &said);
	for (size_t i = 0; i < written.count; i++)
		buffer_printf(&paths, "%s\n", written.files[i].path);
	assert_string_equal(buffer_text(&paths), wanted);
	assert_string_equal(buffer_text(&said), wanted_notes);
	if (package_read(&written, made_catalogue, pool, &again, &err) < 0)
		fail_msg("%s", err.text);
	cleanup_buffer struct buffer notes = { 0 };
	say_notes(&notes, &again.notes);
	assert_string_equal(buffer_text(&notes), "there is a name in ru, and no statement in that language");
	check_same(&package, &again);
}

/* In the order of the folders that the groups become. */
static void test_scores_stay(void **state)
{
	static const enum package_format formats[] = { PACKAGE_2025_09, PACKAGE_LEGACY };
	static const size_t order[] = { 0, 1, 3, 2, 4 };
	struct package_test sorted[5];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		sorted[i] = tests[order[i]];
	for (size_t i = 0; i < 2; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer said = { 0 };
		struct package package = make(), again;
		struct package_tree written;
		struct error err;

		if (formats[i] == PACKAGE_LEGACY)
			group_settings[1].needs = NULL; /* it cannot say that */
		write_it(&package, formats[i], pool, &written, &said);
		assert_int_equal(package_read(&written, made_catalogue, pool, &again, &err), 0);
		package.tests = sorted;
		must_score_alike(package_format_name(formats[i]), &package, &again, pool);
		group_settings[1].needs = needs_one;
	}
}

static void say_submissions(const struct package *package, struct pool *pool, struct buffer *out)
{
	for (size_t i = 0; i < package->submission_count; i++) {
		const struct package_submission *submission = &package->submissions[i];

		buffer_printf(out, "%s\n", submission->program.path + sizeof "submissions");
		for (size_t j = 0; j < submission->expectation_count; j++)
			buffer_printf(out, "  %s\n", expectation_words(&submission->expectations[j], pool));
	}
}

static void test_submissions(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer notes = { 0 }, said = { 0 };
	struct package package = make(), again;
	struct package_tree written;
	struct error err;

	(void)state;
	write_it(&package, PACKAGE_2025_09, pool, &written, &notes);
	assert_int_equal(package_read(&written, made_catalogue, pool, &again, &err), 0);
	say_submissions(&again, pool, &said);
	assert_string_equal(buffer_text(&said), "accepted/a.py\n  accepted\n"
						"mixed/either.py\n  accepted or wrong_answer\n"
						"rejected/large.py\n  rejected\n"
						"  time_limit_exceeded or runtime_error\n"
						"time_limit_exceeded/slow.py\n  time_limit_exceeded\n");
}

/* ---- notes ---- */

static void check_note(const struct package *package, const char *note)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer said = { 0 };
	struct package_tree written;

	write_it(package, PACKAGE_2025_09, pool, &written, &said);
	if (!strstr(buffer_text(&said), note))
		fail_msg("%s\nwithout\n%s", buffer_text(&said), note);
}

static void test_what_cannot_be_said(void **state)
{
	struct package_program pascal = the_checker;
	struct package package = make();

	(void)state;
	package.interactor = &the_interactor;
	package.output_validator = NULL;
	check_note(&package,
		   "files/interactor.cpp: an interactor whose outputs no program checks cannot be said");
	package = make();
	group_settings[0].complete = false;
	check_note(&package,
		   "the group two depends on one, of which not all is needed, or which is behind it");
	group_settings[0].complete = true;
	pascal.language = "pascal";
	package.output_validator = &pascal;
	check_note(&package,
		   "files/check.cpp: it ends by testlib's convention, which is translated for C++ alone");
	package = make();
	package.input_file = "input.txt";
	check_note(&package,
		   "programs read and write their standard streams there, not input.txt and standard output");
	package = make();
	package.output_validator = NULL;
	package.validator = VALIDATOR_LINES;
	check_note(&package, "outputs are compared line by line: the default validator compares tokens");
	package = make();
	package.limits.memory_bytes = 256000000;
	check_note(&package, "limits.memory is a whole number: it is rounded up to 245");
	package = make();
	tests[1].points = 11;
	tests[2].points = 11;
	check_note(&package, "the tests of secret/02-two have different points");
	tests[1].points = 10;
	tests[2].points = 15;
	package = make();
	tests[1].answer_file = NULL;
	check_note(&package, "the test tests/2 has no answer: an empty one is written");
	tests[1].input_file = NULL;
	check_note(&package, "the test tests/2 has no input: it is left out");
	tests[1].input_file = tests[1].answer_file = &some_file;
}

/* How outputs are compared without a program. */
static void test_comparisons(void **state)
{
	static const char *const ignore_case[] = { "ignore_case", NULL };
	static const struct {
		enum validator validator;
		const char *const *args;
		const char *wanted[3];
	} each[] = {
		{ VALIDATOR_TOKENS, NULL, { "case_sensitive" } },
		{ VALIDATOR_TOKENS, ignore_case, { NULL } },
		{ VALIDATOR_EXACT, NULL, { "case_sensitive", "space_change_sensitive" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer said = { 0 };
		struct package package = make(), again;
		struct package_tree written;
		struct error err;
		size_t j = 0;

		package.output_validator = NULL;
		package.validator = each[i].validator;
		package.validator_args = each[i].args;
		write_it(&package, PACKAGE_2025_09, pool, &written, &said);
		assert_int_equal(package_read(&written, made_catalogue, pool, &again, &err), 0);
		const char *const *args = again.tests[4].validator_args;
		for (; each[i].wanted[j]; j++)
			assert_string_equal(args[j], each[i].wanted[j]);
		assert_true(!args || !args[j]);
	}
}

/* ---- as programs ---- */

static int run(const struct scratch *scratch, const char *command)
{
	char whole[2400];
	int status;

	snprintf(whole, sizeof whole, "cd %s && rm -rf feedback && mkdir feedback && %s", scratch->path,
		 command);
	status = system(whole);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void open_scratch(const struct package *package, const struct scratch *scratch)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer said = { 0 };
	struct package_tree written;
	struct error err;

	write_it(package, PACKAGE_2025_09, pool, &written, &said);
	if (package_tree_write(&written, scratch_path(scratch, "it"), &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(run(scratch, "g++ -Wall -Wextra -Wno-unused-parameter -Werror -o check "
				      "it/output_validator/*.cpp"),
			 0);
}

static const struct {
	const char *output;
	int code;
	const char *message, *score; /* NULL: none */
} ends[] = {
	{ "7", 42, "7 for 1\n", NULL },
	{ "8", 43, "8 for 1\n", NULL },
	{ "garbage", 43, "garbage for 1\n", NULL },
	{ "", 43, "", NULL },
	{ "crash", 1, "crash for 1\n", NULL },
	{ "half", 42, "points 0.5 nearly\n", "0.5\n" },
	{ "none", 43, "0 not at all\n", NULL },
};

static void must_hold(const struct scratch *scratch, const char *name, const char *wanted_text)
{
	cleanup_buffer struct buffer text = { 0 };
	struct error err;

	if (file_read_all(scratch_path(scratch, name), 4096, &text, &err) < 0)
		assert_null(wanted_text);
	else
		assert_string_equal(buffer_text(&text), wanted_text);
}

static void test_a_checker_runs(void **state)
{
	with_scratch(scratch);
	struct package package = make();

	(void)state;
	open_scratch(&package, &scratch);
	write_bytes(scratch_path(&scratch, "in"), TEXT_OF("1\n"), 0644);
	write_bytes(scratch_path(&scratch, "ans"), TEXT_OF("7\n"), 0644);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		char command[200];

		snprintf(command, sizeof command, "echo '%s' | ./check in ans feedback/", ends[i].output);
		int code = run(&scratch, command);
		if (code != ends[i].code)
			fail_msg("%s: %d", ends[i].output, code);
		must_hold(&scratch, "feedback/judgemessage.txt", ends[i].message);
		must_hold(&scratch, "feedback/score.txt", ends[i].score);
		must_hold(&scratch, "feedback/output.txt", NULL);
	}
	assert_int_equal(run(&scratch, "g++ -o val it/input_validators/val/*.cpp && echo 1 | ./val"), 42);
	assert_int_equal(run(&scratch, "echo 2 | ./val"), 43);
}

/* Points are for those who score. */
static void test_a_checker_that_passes_or_fails(void **state)
{
	with_scratch(scratch);
	struct package package = make();

	(void)state;
	package.scoring = false;
	package.groups = NULL;
	open_scratch(&package, &scratch);
	write_bytes(scratch_path(&scratch, "in"), TEXT_OF("1\n"), 0644);
	write_bytes(scratch_path(&scratch, "ans"), TEXT_OF("7\n"), 0644);
	assert_int_equal(run(&scratch, "echo half | ./check in ans feedback/"), 42);
	must_hold(&scratch, "feedback/score.txt", NULL);
}

static void test_an_interactor_runs(void **state)
{
	with_scratch(scratch);
	struct package package = make();

	(void)state;
	package.interactive = true;
	package.output_validator = &the_interactor;
	open_scratch(&package, &scratch);
	write_bytes(scratch_path(&scratch, "in"), TEXT_OF("1\n"), 0644);
	write_bytes(scratch_path(&scratch, "ans"), TEXT_OF("7\n"), 0644);
	write_bytes(scratch_path(&scratch, "talk"),
		    TEXT_OF("mkfifo pipe; ./check in ans feedback/ <pipe | (read n; echo $((n + $1))) >pipe\n"
			    "exit ${PIPESTATUS[0]}\n"),
		    0644);
	assert_int_equal(run(&scratch, "rm -f pipe; bash talk 6"), 42);
	assert_int_equal(run(&scratch, "rm -f pipe; bash talk 5"), 43);
}

/* The checker says what the interactor's own output is worth: the answer is "7" when the program said 7. */
static const char recorder[] = //
	"#include \"testlib.h\"\n"
	"#include <cstdio>\n"
	"#include <fstream>\n"
	"#include <iostream>\n"
	"using namespace std;\n"
	"int main(int argc, char *argv[])\n"
	"{\n"
	"    ofstream out(argv[2]);\n"
	"    string said;\n"
	"    cout << 1 << endl;\n"
	"    if (!(cin >> said))\n"
	"        return 2;\n"
	"    out << said << endl;\n"
	"    return argc == 4 ? 0 : FAILED;\n"
	"}\n";

static void test_an_interactor_with_a_checker_runs(void **state)
{
	static struct task_file files[] = {
		{ .name = "interactor.cpp", .data = recorder, .size = sizeof recorder - 1 },
		{ .name = "testlib.h", .data = header, .size = sizeof header - 1 }
	};
	struct package_program interacts = the_interactor;
	with_scratch(scratch);
	struct package package = make();

	(void)state;
	package.interactive = true;
	interacts.files = files;
	interacts.file_count = 2;
	package.interactor = &interacts;
	open_scratch(&package, &scratch);
	write_bytes(scratch_path(&scratch, "in"), TEXT_OF("1\n"), 0644);
	write_bytes(scratch_path(&scratch, "ans"), TEXT_OF("7\n"), 0644);
	write_bytes(scratch_path(&scratch, "talk"),
		    TEXT_OF("mkfifo pipe; ./check in ans feedback/ <pipe | (read n; $1) >pipe\n"
			    "exit ${PIPESTATUS[0]}\n"),
		    0644);
	assert_int_equal(run(&scratch, "rm -f pipe; bash talk 'echo 7'"), 42);
	must_hold(&scratch, "feedback/judgemessage.txt", "7 for 1\n");
	assert_int_equal(run(&scratch, "rm -f pipe; bash talk 'echo 8'"), 43);
	assert_int_equal(run(&scratch, "rm -f pipe; bash talk true"), 43);
	assert_int_equal(run(&scratch, "rm -f pipe; bash talk 'echo crash'"), 1);
	assert_int_equal(run(&scratch, "rm -f pipe; bash talk 'echo half'"), 42);
	must_hold(&scratch, "feedback/score.txt", "0.5\n");
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_it_is_the_same),
		cmocka_unit_test(test_scores_stay),
		cmocka_unit_test(test_submissions),
		cmocka_unit_test(test_what_cannot_be_said),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_a_checker_runs),
		cmocka_unit_test(test_a_checker_that_passes_or_fails),
		cmocka_unit_test(test_an_interactor_runs),
		cmocka_unit_test(test_an_interactor_with_a_checker_runs),
	};

	return cmocka_run_group_tests_name("export polygon", all, made_load, made_free);
}
