/* What folders, tags, submissions.yaml and submissions.json say of submissions: a row a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

#define LEGACY "problem.yaml\nname: A"
#define NEWER  "problem.yaml\nproblem_format_version: 2025-09\nname: A"

static void say_expectation(const struct expectation *expectation, struct pool *pool, struct buffer *out)
{
	bool whole = expectation->whole && !expectation->permitted && !expectation->required;

	buffer_printf(out, " [%s%s%s%s]", whole ? "whole " : "", expectation_words(expectation, pool),
		      expectation->sets_time_limit ? " <" : "", expectation->exceeds_time ? " >" : "");
}

static void say_submissions(const struct package *package, struct pool *pool, struct buffer *out)
{
	for (size_t i = 0; i < package->submission_count; i++) {
		const struct package_submission *submission = &package->submissions[i];

		buffer_printf(out, "%s%s %s", i ? "\n" : "", submission->program.path + sizeof "submissions",
			      submission->program.language ? submission->program.language : "-");
		if (submission->program.file_count > 1)
			buffer_printf(out, " %s", submission->program.files[0].name);
		for (size_t j = 0; j < submission->expectation_count; j++)
			say_expectation(&submission->expectations[j], pool, out);
		assert_int_equal(strncmp(submission->class_name, submission->program.path + 12,
					 strlen(submission->class_name)),
				 0);
	}
}

static const char how_json[] = "submissions.json\n{\"submissions/accepted/a/\": {\"entry_point\": \"b.py\"}, "
			       "\"submissions/accepted/x.py\": {\"langid\": \"klingon\", \"team\": \"A\"}}";
static const char time_yaml[] = "submissions/submissions.yaml\n"
				"accepted: {use_for_time_limit: false}\n"
				"mixed/a.py: {use_for_time_limit: lower}\n"
				"mixed/b.py: {use_for_time_limit: upper}\n"
				"wrong_answer: {use_for_time_limit: true}";

static const struct row {
	const char *story;
	const char *files[MADE_FILES_MAX];
	const char *said, *notes; /* NULL: whatever; notes are those of submissions alone */
} rows[] = {
	{ "none is there", { LEGACY }, "", "there are no submissions" },
	{ "the legacy classes are about the whole",
	  { LEGACY, "submissions/accepted/a.py", "submissions/partially_accepted/a.py",
	    "submissions/wrong_answer/a.py", "submissions/time_limit_exceeded/a.py",
	    "submissions/run_time_error/a.py", "submissions/slow_accepted/a.py",
	    "submissions/brute_force/a.py", "submissions/compiler_error/a.py",
	    "submissions/output_limit/a.py", "submissions/no_output/a.py", "submissions/rejected/a.py" },
	  "accepted/a.py python [whole accepted <]\n"
	  "brute_force/a.py python [whole time_limit_exceeded or runtime_error]\n"
	  "compiler_error/a.py python [whole compile_error]\n"
	  "no_output/a.py python [whole wrong_answer]\n"
	  "output_limit/a.py python [whole output_limit_exceeded]\n"
	  "partially_accepted/a.py python [whole partial]\n"
	  "rejected/a.py python [whole rejected]\n"
	  "run_time_error/a.py python [whole runtime_error]\n"
	  "slow_accepted/a.py python [whole accepted or time_limit_exceeded]\n"
	  "time_limit_exceeded/a.py python [whole time_limit_exceeded >]\n"
	  "wrong_answer/a.py python [whole wrong_answer]",
	  "" },
	{ "from 2023-07 on about tests",
	  { NEWER, "submissions/accepted/a.py", "submissions/wrong_answer/a.py",
	    "submissions/time_limit_exceeded/a.py", "submissions/run_time_error/a.py",
	    "submissions/brute_force/a.py", "submissions/rejected/a.py", "submissions/output_limit/a.py" },
	  "accepted/a.py python [accepted <]\n"
	  "brute_force/a.py python [time_limit_exceeded or runtime_error]\n"
	  "output_limit/a.py python [whole output_limit_exceeded]\n"
	  "rejected/a.py python [rejected]\n"
	  "run_time_error/a.py python [runtime_error <]\n"
	  "time_limit_exceeded/a.py python [time_limit_exceeded >]\n"
	  "wrong_answer/a.py python [wrong_answer <]",
	  "" },
	{ "those that say nothing, and a folder of another name",
	  { LEGACY, "submissions/multiple/a.py", "submissions/mixed-verdicts/a.py",
	    "submissions/check_manually/a.py", "submissions/mine/a.py" },
	  "check_manually/a.py python\nmine/a.py python\nmixed-verdicts/a.py python\nmultiple/a.py python",
	  "submissions/check_manually/a.py nothing says what is expected of it: anything goes\n"
	  "submissions/mine/a.py nothing says what is expected of it: anything goes\n"
	  "submissions/mixed-verdicts/a.py nothing says what is expected of it: anything goes\n"
	  "submissions/multiple/a.py nothing says what is expected of it: anything goes" },
	{ "folders, and what lies beside",
	  { LEGACY, "submissions/accepted/b/x.py", "submissions/accepted/b/main.py",
	    "submissions/accepted/b/deep/y.py", "submissions/accepted/b.py", "submissions/README",
	    "submissions/accepted/README.md", "submissions/accepted/.gitkeep", "submissions/.x" },
	  "accepted/b python main.py [whole accepted <]\naccepted/b.py python [whole accepted <]",
	  "submissions/README a submission is in a folder that says what is expected of it: this is ignored\n"
	  "submissions/accepted/README.md no file in it is of a language that is known here" },
	{ "an odd name is no reason to refuse the package",
	  { LEGACY, "submissions/accepted/-a.py", "submissions/wrong_answer/b/@x.py",
	    "submissions/wrong_answer/b/a.py" },
	  "accepted/-a.py - [whole accepted <]\nwrong_answer/b - [whole wrong_answer]",
	  NULL },
	{ "a folder without a program is one that does not compile",
	  { LEGACY, "submissions/compiler_error/a/x.txt" },
	  "compiler_error/a - [whole compile_error]",
	  "submissions/compiler_error/a no file in it is of a language that is known here" },

	/* ---- tags ---- */
	{ "a list wins where the folder says nothing",
	  { LEGACY, "submissions/mixed/a.py\n# @EXPECTED_RESULTS@: CORRECT,timelimit , RUN-ERROR\r\n" },
	  "mixed/a.py python [whole accepted or time_limit_exceeded or runtime_error]",
	  "" },
	{ "all the words",
	  { LEGACY, "submissions/x/a.py\n@EXPECTED_RESULTS@: ACCEPTED",
	    "submissions/x/b.py\n@EXPECTED_RESULTS@: WRONG_ANSWER",
	    "submissions/x/c.py\n@EXPECTED_RESULTS@: COMPILER-ERROR",
	    "submissions/x/d.py\n@EXPECTED_RESULTS@: NO-OUTPUT",
	    "submissions/x/e.py\n@EXPECTED_RESULTS@: OUTPUT-LIMIT",
	    "submissions/x/f.py\n@EXPECTED_RESULTS@: memory_limit_exceeded",
	    "submissions/x/g.py\n@expected_results@: TIME-LIMIT-EXCEEDED" },
	  "x/a.py python [whole accepted <]\nx/b.py python [whole wrong_answer]\n"
	  "x/c.py python [whole compile_error]\nx/d.py python [whole wrong_answer]\n"
	  "x/e.py python [whole output_limit_exceeded]\nx/f.py python [whole memory_limit_exceeded]\n"
	  "x/g.py python [whole time_limit_exceeded >]",
	  "" },
	{ "a list that holds the folder's narrows to it",
	  { LEGACY, "submissions/wrong_answer/a.py\n# @EXPECTED_RESULTS@: WRONG-ANSWER, TIMELIMIT" },
	  "wrong_answer/a.py python [whole wrong_answer]",
	  "" },
	{ "also from 2023-07 on",
	  { NEWER, "submissions/wrong_answer/a.py\n# @EXPECTED_RESULTS@: WRONG-ANSWER, TIMELIMIT" },
	  "wrong_answer/a.py python [wrong_answer <]",
	  "" },
	{ "one that does not wins",
	  { NEWER, "submissions/wrong_answer/a.py\n# @EXPECTED_RESULTS@: TIMELIMIT" },
	  "wrong_answer/a.py python [whole time_limit_exceeded >]",
	  "submissions/wrong_answer/a.py its @EXPECTED_RESULTS@ counts, which does not go with the folder's "
	  "name" },
	{ "somebody is to look at it",
	  { LEGACY, "submissions/mixed/a.py\n# @EXPECTED_RESULTS@: CHECK-MANUALLY" },
	  "mixed/a.py python",
	  "submissions/mixed/a.py nothing says what is expected of it: anything goes" },
	{ "unknown words",
	  { LEGACY, "submissions/accepted/a.c\n/* @EXPECTED_RESULTS@: WRONG-ANSWER */" },
	  "accepted/a.c c [whole accepted <]",
	  "submissions/accepted/a.c what @EXPECTED_RESULTS@ or @EXPECTED_SCORE@ says is not clear (an "
	  "unknown "
	  "word, or more than one of them): the folder's name counts" },
	{ "twice",
	  { LEGACY, "submissions/mixed/a.py\n# @EXPECTED_RESULTS@: CORRECT\n# @EXPECTED_RESULTS@: CORRECT" },
	  "mixed/a.py python",
	  NULL },
	{ "twice, by both names",
	  { LEGACY,
	    "submissions/accepted/a.py\n# @EXPECTED_RESULTS@: TIMELIMIT\n# @EXPECTED_SCORE@: TIMELIMIT" },
	  "accepted/a.py python [whole accepted <]",
	  NULL },
	{ "no verdict at all",
	  { LEGACY, "submissions/accepted/a.py\n# @EXPECTED_RESULTS@: \n" },
	  "accepted/a.py python [whole accepted <]",
	  NULL },
	{ "without the blank it is no tag",
	  { LEGACY, "submissions/accepted/a.py\n# @EXPECTED_RESULTS@:TIMELIMIT" },
	  "accepted/a.py python [whole accepted <]",
	  "" },
	{ "verdicts by the score's name",
	  { LEGACY, "submissions/mixed/a.py\n# @EXPECTED_SCORE@: TIMELIMIT" },
	  "mixed/a.py python [whole time_limit_exceeded >]",
	  "" },
	{ "a score",
	  { LEGACY, "submissions/mixed/a.py\n# @EXPECTED_SCORE@: 95.35" },
	  "mixed/a.py python [score 95.35]",
	  "" },
	{ "a score beside the folder",
	  { LEGACY, "submissions/accepted/a.py\n# @EXPECTED_SCORE@: 60",
	    "submissions/wrong_answer/a.py\n"
	    "@EXPECTED_SCORE@: 0" },
	  "accepted/a.py python [whole accepted or partial, score 60 <]\n"
	  "wrong_answer/a.py python [whole wrong_answer, score 0]",
	  "" },
	{ "both",
	  { LEGACY, "submissions/mixed/a.py\n# @EXPECTED_RESULTS@: WRONG-ANSWER\n# @EXPECTED_SCORE@: 20" },
	  "mixed/a.py python [whole partial or wrong_answer, score 20]",
	  "" },
	{ "in any file",
	  { LEGACY, "submissions/mixed/a/main.py",
	    "submissions/mixed/a/notes.txt\n@EXPECTED_RESULTS@: TIMELIMIT" },
	  "mixed/a python main.py [whole time_limit_exceeded >]",
	  "" },

	/* ---- submissions.json ---- */
	{ "how it is compiled",
	  { LEGACY, "submissions/accepted/a/a.py", "submissions/accepted/a/b.py", "submissions/accepted/x.py",
	    how_json },
	  "accepted/a python b.py [whole accepted <]\naccepted/x.py - [whole accepted <]",
	  "submissions/accepted/x.py no language is called klingon here" },
	{ "what is no JSON",
	  { LEGACY, "submissions/accepted/a.py", "submissions.json\n{" },
	  "accepted/a.py python [whole accepted <]",
	  NULL },
	{ "what is no object",
	  { LEGACY, "submissions/accepted/a.py", "submissions.json\n[{}, 1]" },
	  "accepted/a.py python [whole accepted <]",
	  "submissions.json it is ignored: it is no object of paths" },
	{ "wrong types say nothing",
	  { LEGACY, "submissions/accepted/a.py", "submissions.json\n{\"submissions/accepted/a.py\": [1]}" },
	  "accepted/a.py python [whole accepted <]",
	  "" },

	/* ---- submissions.yaml ---- */
	{ "language and entry",
	  { NEWER, "submissions/accepted/a/a.py", "submissions/accepted/a/b.py",
	    "submissions/submissions.yaml\naccepted/a:\n  language: python3\n  entrypoint: b.py\n  authors: "
	    "X\n"
	    "  model_solution: true" },
	  "accepted/a python b.py [accepted <]",
	  "" },
	{ "on top of what the folder says",
	  { NEWER, "submissions/time_limit_exceeded/a.py",
	    "submissions/submissions.yaml\ntime_limit_exceeded/*.py:\n  permitted: [AC, TLE, RTE]\n"
	    "  message: too slow" },
	  "time_limit_exceeded/a.py python [time_limit_exceeded >] [accepted or time_limit_exceeded or "
	  "runtime_error, saying \"too slow\"]",
	  "" },
	{ "a key called as the folder replaces that, key by key",
	  { NEWER, "submissions/time_limit_exceeded/a.py",
	    "submissions/submissions.yaml\ntime_limit_exceeded/:\n  permitted: [AC, WA, TLE]" },
	  "time_limit_exceeded/a.py python [time_limit_exceeded, also wrong_answer >]",
	  "" },
	{ "and makes a class",
	  { NEWER, "submissions/crashes/a.py",
	    "submissions/submissions.yaml\ncrashes: {required: [RTE], permitted: RTE AC}" },
	  "crashes/a.py python [runtime_error <]",
	  "" },
	{ "tags do not matter then",
	  { NEWER, "submissions/crashes/a.py\n# @EXPECTED_RESULTS@: CORRECT",
	    "submissions/submissions.yaml\ncrashes: {required: [RTE]}" },
	  "crashes/a.py python [runtime_error]",
	  "" },
	{ "in the legacy format",
	  { LEGACY, "submissions/accepted/a.py",
	    "submissions/submissions.yaml\naccepted: {permitted: [AC, TLE]}" },
	  "accepted/a.py python [accepted or time_limit_exceeded]",
	  "" },
	{ "groups of tests",
	  { NEWER, "submissions/mixed/a.py",
	    "submissions/submissions.yaml\nmixed/a.py:\n  sample: {permitted: [AC]}\n"
	    "  secret/group2: {permitted: [AC, TLE], required: [TLE]}\n  '*/x': {score: 20}" },
	  "mixed/a.py python [sample: accepted <] [secret/group2: time_limit_exceeded >] [*/x: score 20]",
	  "" },
	{ "scores",
	  { NEWER, "submissions/mixed/a.py",
	    "submissions/submissions.yaml\nmixed/a.py: {score: [10, 20]}\nmixed/*: {score: 12}\n"
	    "mixed/?.py: {score: [20, 10]}\nmixed: {score: none}" },
	  "mixed/a.py python [score 10 to 20] [score 12]",
	  "submissions/submissions.yaml:3: mixed/?.py.score must be a number, or two, the smaller first; it "
	  "is "
	  "ignored\nsubmissions/submissions.yaml:4: mixed.score must be a number, or two, the smaller first; "
	  "it is "
	  "ignored" },
	{ "what the time limit is made from",
	  { NEWER, "submissions/accepted/a.py", "submissions/mixed/a.py", "submissions/mixed/b.py",
	    "submissions/wrong_answer/a.py", time_yaml },
	  "accepted/a.py python [accepted]\nmixed/a.py python [accepted or wrong_answer or runtime_error <]\n"
	  "mixed/b.py python [time_limit_exceeded >]\nwrong_answer/a.py python [wrong_answer <]",
	  NULL },
	{ "what it cannot be",
	  { NEWER, "submissions/accepted/a.py",
	    "submissions/submissions.yaml\naccepted:\n  permitted: [AC, MLE]\n  colour: 1\n"
	    "accepted/b.py: {required: [WA]}\naccepted/*: {permitted: [AC], required: [WA]}" },
	  "accepted/a.py python [accepted <] [wrong_answer <]",
	  "submissions/submissions.yaml:2: accepted.permitted has another verdict than AC, WA, TLE and RTE; "
	  "it is "
	  "ignored\nsubmissions/submissions.yaml:3: the key accepted.colour is not known here\n"
	  "submissions/submissions.yaml:5: accepted/*.required and permitted have nothing in common: no "
	  "submission "
	  "can be so\nsubmissions/submissions.yaml:4: accepted/b.py is about no submission" },
	{ "not YAML",
	  { NEWER, "submissions/accepted/a.py", "submissions/submissions.yaml\n{a" },
	  "accepted/a.py python [accepted <]",
	  NULL },
	{ "a list",
	  { NEWER, "submissions/accepted/a.py", "submissions/submissions.yaml\n- a" },
	  "accepted/a.py python [accepted <]",
	  "submissions/submissions.yaml it is ignored: submissions/submissions.yaml:1:1: keys and their "
	  "values "
	  "belong here" },
	{ "empty",
	  { NEWER, "submissions/accepted/a.py", "submissions/submissions.yaml" },
	  "accepted/a.py python [accepted <]",
	  "" },
};

static void say_own_notes(const struct package_notes *notes, struct buffer *out)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct package_note *note = &notes->items[i];
		bool own = note->path ? strncmp(note->path, "submissions", 11) == 0
				      : strcmp(note->text, "there are no submissions") == 0;

		if (!own)
			continue;
		buffer_printf(out, "%s%s", out->size ? "\n" : "", note->path ? note->path : "");
		if (note->line)
			buffer_printf(out, ":%d:", note->line);
		buffer_printf(out, "%s%s", note->path ? " " : "", note->text);
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer said = { 0 }, notes = { 0 };
		struct package_tree tree;
		struct package package;
		struct error err;

		made_tree(rows[i].files, MADE_FILES_MAX, pool, &tree);
		if (package_read(&tree, made_catalogue, pool, &package, &err) < 0)
			fail_msg("%s: %s", rows[i].story, err.text);
		say_submissions(&package, pool, &said);
		say_own_notes(&package.notes, &notes);
		if (strcmp(buffer_text(&said), rows[i].said) != 0)
			fail_msg("%s\n%s\nnot\n%s", rows[i].story, buffer_text(&said), rows[i].said);
		if (rows[i].notes && strcmp(buffer_text(&notes), rows[i].notes) != 0)
			fail_msg("%s\n%s\nnot\n%s", rows[i].story, buffer_text(&notes), rows[i].notes);
	}
}

/* From 2023-07 on, and wherever something is said of tests. */
static void test_every_test_is_run(void **state)
{
	static const struct {
		const char *files[4];
		bool every;
	} each[] = {
		{ { LEGACY, "submissions/wrong_answer/a.py" }, false },
		{ { NEWER, "submissions/wrong_answer/a.py" }, true },
		{ { NEWER, "submissions/what/a.py" }, true },
		{ { LEGACY, "submissions/wrong_answer/a.py",
		    "submissions/submissions.yaml\nwrong_answer/*: {required: [TLE]}" },
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct package_tree tree;
		struct package package;
		struct error err;

		made_tree(each[i].files, 4, pool, &tree);
		assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), 0);
		assert_int_equal(package.submission_count, 1);
		assert_int_equal(package.submissions[0].every_test, each[i].every);
	}
}

/* An expectation of some of the tests does not speak for the whole submission. */
static void test_the_time_of_some_tests(void **state)
{
	static const char yaml[] = "submissions/submissions.yaml\n"
				   "mixed/*: {secret/1: {permitted: [AC]}, secret/2: {required: [TLE]}}";
	static const char *const files[] = { NEWER, "submissions/mixed/a.py", yaml };
	cleanup_pool struct pool *pool = pool_new();
	struct package_tree tree;
	struct package package;
	struct error err;

	(void)state;
	made_tree(files, 3, pool, &tree);
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), 0);
	const struct package_submission *submission = &package.submissions[0];
	assert_false(submission->sets_time_limit || submission->exceeds_time);
	assert_int_equal(submission->expectation_count, 2);
	assert_true(submission->expectations[0].sets_time_limit);
	assert_true(expectation_is_about(&submission->expectations[0], "secret/1/x"));
	assert_false(expectation_is_about(&submission->expectations[0], "secret/2/x"));
	assert_true(submission->expectations[1].exceeds_time);
}

static void test_too_many(void **state)
{
	enum { MANY = 501 };
	cleanup_pool struct pool *pool = pool_new();
	struct package_file *files = pool_array(pool, MANY + 1, sizeof *files);
	struct package_tree tree = { "it", files, MANY + 1 };
	struct package package;
	struct error err;

	(void)state;
	assert_non_null(files);
	files[0] = (struct package_file){ .path = "problem.yaml", .bytes = "" };
	for (size_t i = 0; i < MANY; i++)
		files[i + 1] =
			(struct package_file){ .path = pool_printf(pool, "submissions/accepted/%03zu.py", i),
					       .bytes = "" };
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), -E2BIG);
	assert_string_equal(err.text, "it: there are more than 500 submissions");
	tree.count--;
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), 0);
	assert_int_equal(package.submission_count, MANY - 1);
}

/* Long ones and many of them: what would take long is refused. */
static void test_patterns_are_bounded(void **state)
{
	enum { MANY = 400, PATTERNS = 200, LONG = 200 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer yaml = { 0 };
	struct package_file *files = pool_array(pool, MANY + 2, sizeof *files);
	struct package_tree tree = { "it", files, MANY + 2 };
	char name[LONG + 1];
	struct package package;
	struct error err;

	(void)state;
	assert_non_null(files);
	memset(name, 'a', LONG);
	name[LONG] = '\0';
	for (int i = 0; i < PATTERNS; i++)
		buffer_printf(&yaml, "'%s%d': {permitted: [AC]}\n", name, i);
	files[0] = (struct package_file){ .path = "problem.yaml", .bytes = "" };
	for (size_t i = 0; i < MANY; i++)
		files[i + 1] = (struct package_file){
			.path = pool_printf(pool, "submissions/accepted/%s%03zu.py", name, i), .bytes = ""
		};
	files[MANY + 1] = (struct package_file){ .path = "submissions/submissions.yaml",
						 .bytes = buffer_text(&yaml),
						 .size = yaml.size };
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), -E2BIG);
	assert_string_equal(err.text,
			    "it: submissions/submissions.yaml: there are too many patterns for so many "
			    "submissions");
}

/* More patterns than are read, and more expectations than one submission can have. */
static void test_many_patterns(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer yaml = { 0 };
	struct package_tree tree;
	struct package package;
	struct error err;

	(void)state;
	buffer_puts(&yaml, "submissions/submissions.yaml\n");
	for (int i = 0; i < 201; i++)
		buffer_printf(&yaml, "'accepted/{a,%d}.py': {permitted: [AC]}\n", i);
	const char *const files[] = { NEWER, "submissions/accepted/a.py", buffer_text(&yaml) };
	made_tree(files, 3, pool, &tree);
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), 0);
	assert_int_equal(package.submissions[0].expectation_count, 64);
	cleanup_buffer struct buffer notes = { 0 };
	say_own_notes(&package.notes, &notes);
	assert_string_equal(buffer_text(&notes), "submissions/submissions.yaml:201: there are more than 200 "
						 "patterns; this one and the others are "
						 "ignored\nsubmissions/accepted/a.py more than 63 "
						 "expectations are about it; those behind them are "
						 "ignored");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_test_is_run),
		cmocka_unit_test(test_the_time_of_some_tests),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_many_patterns),
		cmocka_unit_test(test_patterns_are_bounded),
	};

	return cmocka_run_group_tests_name("submissions", tests, made_load, made_free);
}
