/* data/: tests, samples, claims, and groups that are scored with real results; a row a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"
#include "model/scoring.h"

/* ---- as text ---- */

static void say_tests(const struct package *package, struct buffer *out)
{
	for (size_t i = 0; i < package->test_count; i++) {
		const struct package_test *test = &package->tests[i];

		buffer_printf(out, "%s%s", i ? "\n" : "", test->name);
		assert_non_null(test->input_file);
		assert_true(test->input == test->input_file->bytes);
		assert_int_equal(strncmp(test->group, test->name, strlen(test->group)), 0);
		assert_int_equal(test->sample, strncmp(test->name, "sample/", 7) == 0);
		say_list(out, "args", test->args);
		say_list(out, "out", test->validator_args);
		say_list(out, "in", test->input_args);
		say_named(out, test->named_input_args);
		for (size_t j = 0; j < test->file_count; j++)
			buffer_printf(out, " +%s", test->files[j].name);
		if (test->full_feedback != test->sample)
			buffer_puts(out, test->full_feedback ? " shown" : " hidden");
		say_text(out, "hint", test->hint);
		say_text(out, "is", test->description);
	}
}

static void say_groups(const struct package *package, struct buffer *out)
{
	const struct task_groups *groups = package->groups;

	if (!groups) {
		buffer_puts(out, "none");
		return;
	}
	json_t *json = groups_encode(groups);
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
	buffer_puts(out, text);
	free(text);
	json_decref(json);
}

static void say_samples(const struct package *package, struct buffer *out)
{
	for (size_t i = 0; i < package->sample_count; i++) {
		const struct package_sample *sample = &package->samples[i];

		buffer_printf(out, "%s%s", i ? "\n" : "", sample->name);
		say_text(out, "in", sample->input);
		say_text(out, "out", sample->output);
		say_text(out, "talk", sample->conversation);
		assert_true((sample->input != NULL) == (sample->output != NULL));
		assert_true((sample->input != NULL) != (sample->conversation != NULL));
	}
}

static void say_claims(const struct package *package, struct buffer *out)
{
	static const char *const names[] = { [CLAIM_INVALID_INPUT] = "bad input",
					     [CLAIM_INVALID_OUTPUT] = "bad output",
					     [CLAIM_VALID_OUTPUT] = "good output",
					     [CLAIM_VALID_INPUT] = "good input" };

	for (size_t i = 0; i < package->claim_count; i++) {
		const struct package_claimed *claim = &package->claims[i];

		buffer_printf(out, "%s%s %s", i ? "\n" : "", names[claim->claim], claim->name);
		say_text(out, "input", claim->input);
		say_text(out, "answer", claim->answer);
		say_text(out, "output", claim->output);
		say_list(out, "out", claim->validator_args);
		say_list(out, "in", claim->input_args);
	}
}

static void say_static(const struct package *package, struct buffer *out)
{
	for (size_t i = 0; i < package->static_count; i++) {
		buffer_printf(out, "%s%s %g", i ? "\n" : "", package->statics[i].group,
			      package->statics[i].points);
		say_list(out, "args", package->statics[i].args);
	}
}

/* Those of the data alone. */
static void say_data_notes(const struct package *package, struct buffer *out)
{
	struct package_notes notes = package->notes;
	struct package_note *items = pool_array(notes.pool, notes.count + 1, sizeof *items);

	notes.items = items;
	notes.count = 0;
	for (size_t i = 0; i < package->notes.count; i++)
		if (package->notes.items[i].path)
			items[notes.count++] = package->notes.items[i];
	say_notes(out, &notes);
}

#define LEGACY     "problem.yaml\ntype: scoring"
#define NEWER      "problem.yaml\nproblem_format_version: 2025-09\n"
#define TEST(name) (name ".in"), (name ".ans")

static const struct row {
	const char *story;
	void (*say)(const struct package *package, struct buffer *out);
	const char *files[MADE_FILES_MAX];
	const char *said;
} rows[] = {
	/* ---- tests ---- */
	{ "sample, then secret, each byte for byte",
	  say_tests,
	  { "problem.yaml", TEST("data/secret/2"), TEST("data/secret/10"), TEST("data/secret/1"),
	    TEST("data/sample/2"), TEST("data/secret/a/1") },
	  "sample/2\nsecret/1\nsecret/10\nsecret/2\nsecret/a/1" },
	{ "by names, not by endings",
	  say_tests,
	  { "problem.yaml", TEST("data/secret/a-b"), TEST("data/secret/a"), TEST("data/secret/a/1") },
	  "secret/a\nsecret/a-b\nsecret/a/1" },
	{ "folders of any depth",
	  say_tests,
	  { "problem.yaml", TEST("data/secret/x/y/z/1"), TEST("data/sample/x/1") },
	  "sample/x/1\nsecret/x/y/z/1" },
	{ "without an answer it is no test",
	  say_tests,
	  { "problem.yaml", "data/secret/1.in", TEST("data/secret/2") },
	  "secret/2" },
	{ "unless a validator makes do without",
	  say_tests,
	  { "problem.yaml", "data/secret/1.in", "output_validator/v.py" },
	  "secret/1" },
	{ "odd names are left out, a plus is none",
	  say_tests,
	  { "problem.yaml", TEST("data/secret/a b"), TEST("data/secret/.hidden"), TEST("data/secret/-x"),
	    TEST("data/secret/a+b"), TEST("data/secret/\xc3\xa4"), TEST("data/secret/.git/1") },
	  "secret/a+b" },
	{ "what a test brings is no test",
	  say_tests,
	  { "problem.yaml", TEST("data/secret/1"), TEST("data/secret/1.files/2"),
	    "data/secret/1.files/x/y.txt" },
	  "secret/1 +2.ans +2.in +x/y.txt" },
	{ "words beside it",
	  say_tests,
	  { "problem.yaml", TEST("data/secret/1"), "data/secret/1.hint\nthink", "data/secret/1.desc\nlarge",
	    TEST("data/secret/2"), "data/secret/2.yaml\nhint: again\ndescription: small" },
	  "secret/1 hint=think is=large\nsecret/2 hint=again is=small" },
	{ "other places hold no tests", say_tests, { "problem.yaml", TEST("data/1"), TEST("data/x/1") }, "" },
	/* ---- arguments ---- */
	{ "legacy flags are inherited singly",
	  say_tests,
	  { "problem.yaml", "data/testdata.yaml\noutput_validator_flags: a b\ninput_validator_flags: c",
	    TEST("data/sample/1"), "data/secret/testdata.yaml\ninput_validator_flags: d  e",
	    TEST("data/secret/1"), "data/secret/x/testdata.yaml\noutput_validator_flags: ''",
	    TEST("data/secret/x/y/1") },
	  "sample/1 out=a|b in=c\nsecret/1 out=a|b in=d|e\nsecret/x/y/1 out= in=d|e" },
	{ "flags of one validator",
	  say_tests,
	  { "problem.yaml",
	    ("data/secret/testdata.yaml\ninput_validator_flags: {name: v, flags: a b}\n"
	     "output_validator_flags: {name: w, flags: c}"),
	    TEST("data/secret/1") },
	  "secret/1 out=c in= for v=a|b" },
	{ "arguments of a test",
	  say_tests,
	  { NEWER,
	    "data/secret/test_group.yaml\nargs: [x y]\noutput_validator_args: [o]\nfull_feedback: true",
	    TEST("data/secret/1"), TEST("data/secret/2"),
	    ("data/secret/2.yaml\nargs: [z]\ninput_validator_args: [i]\noutput_validator_args: []\n"
	     "full_feedback: false"),
	    TEST("data/sample/1"), "data/sample/test_group.yaml\nfull_feedback: false" },
	  "sample/1 hidden\nsecret/1 args=x y out=o in=x y shown\nsecret/2 args=z out= in=i|z" },
	{ "arguments of each input validator",
	  say_tests,
	  { NEWER, TEST("data/secret/1"),
	    "data/secret/1.yaml\nargs: [z]\ninput_validator_args: {v: [a, b], w: []}" },
	  "secret/1 args=z in=z for v=a|b|z for w=z" },
	{ "either name, the version's own first",
	  say_tests,
	  { NEWER, "data/secret/testdata.yaml\nargs: [a]", "data/secret/test_group.yaml\nargs: [b]",
	    "data/sample/testdata.yaml\nargs: [c]", TEST("data/secret/1"), TEST("data/sample/1") },
	  "sample/1 args=c in=c\nsecret/1 args=b in=b" },
	{ "static validations",
	  say_static,
	  { (NEWER "type: scoring"), "static_validator/v.py",
	    "data/secret/test_group.yaml\nstatic_validation_score: 20\nstatic_validator_args: [a, b]",
	    "data/secret/1/test_group.yaml\nmax_score: 100\nstatic_validation_score: pass-fail",
	    "data/sample/test_group.yaml\nstatic_validator_args: [c]", TEST("data/secret/1/1") },
	  "secret 20 args=a|b\nsecret/1 0" },
	/* ---- samples ---- */
	{ "a sample as it is",
	  say_samples,
	  { "problem.yaml", "data/sample/1.in\n1", "data/sample/1.ans\n2", TEST("data/secret/1") },
	  "sample/1 in=1 out=2" },
	{ "what is shown instead",
	  say_samples,
	  { NEWER, "data/sample/1.in\n1", "data/sample/1.ans\n2", "data/sample/1.in.statement\n3",
	    "data/sample/1.ans.statement\n4", "data/sample/2.in\n5", "data/sample/2.ans\n6",
	    "data/sample/2.out\n7" },
	  "sample/1 in=3 out=4\nsample/2 in=5 out=7" },
	{ "conversations, with a test and alone",
	  say_samples,
	  { "problem.yaml\nvalidation: custom interactive", "output_validators/v.py", TEST("data/sample/1"),
	    "data/sample/1.interaction\n>1", "data/sample/0.interaction\n<2", TEST("data/sample/2") },
	  "sample/0 talk=<2\nsample/1 talk=>1" },
	{ "from 2025-09 on files of conversations are shown",
	  say_samples,
	  { (NEWER "type: interactive"), "output_validator/v.py", "data/sample/2.in\n1",
	    "data/sample/2.ans\n2" },
	  "sample/2 in=1 out=2" },
	/* ---- claims ---- */
	{ "claims",
	  say_claims,
	  { NEWER, "data/invalid_input/a.in\n1", "data/invalid_output/x/b.in\n2",
	    "data/invalid_output/x/b.ans\n3", "data/invalid_output/x/b.out\n4",
	    "data/invalid_output/test_group.yaml\noutput_validator_args: [c]", "data/valid_output/d.in\n5",
	    "data/valid_output/d.ans\n6", "data/valid_output/d.out\n7",
	    "data/invalid_input/a.yaml\ninput_validator_args: [e]", "data/valid_input/f.in\n8",
	    "data/invalid_output/half.in" },
	  "bad input invalid_input/a input=1 in=e\n"
	  "bad output invalid_output/x/b input=2 answer=3 output=4 out=c\n"
	  "good input valid_input/f input=8\n"
	  "good output valid_output/d input=5 answer=6 output=7" },
	/* ---- notes ---- */
	{ "what is left over",
	  say_data_notes,
	  { "problem.yaml", TEST("data/secret/1"), "data/secret/1.png", "data/secret/1.jpeg",
	    "data/secret/1.svg", "data/secret/2.ans", "data/secret/3.yaml", "data/secret/README",
	    "data/secret/4.files/x", "data/secret/a b.in", "data/generator.py", "data/bad/1.in",
	    "data/secret/5.in", "data/sample/talk.interaction", "data/secret/talk.interaction",
	    "data/invalid_answer/1.in", "data/secret/testdata.yaml", "data/secret/1.in.download" },
	  "data/secret/5.in: there is no .ans beside it: it is no test\n"
	  "data/bad/1.in: this is no folder of tests: it is ignored\n"
	  "data/generator.py: this is no folder of tests: it is ignored\n"
	  "data/secret/2.ans: there is no .in beside it: it is ignored\n"
	  "data/secret/3.yaml: there is no .in beside it: it is ignored\n"
	  "data/secret/4.files/x: there is no .in beside it: it is ignored\n"
	  "data/secret/README: it is no part of a test\n"
	  "data/secret/a b.in: its name is not one of the format's (letters, digits, '_', '.', '-' and '+'): "
	  "it is ignored\n"
	  "data/secret/talk.interaction: there is no .in beside it: it is ignored" },
	{ "keys nobody knows, and bad flags of the default validator",
	  say_data_notes,
	  { NEWER, "data/secret/test_group.yaml\noutput_validator_arg: [a]\nmax_score: 1",
	    TEST("data/secret/1"), "data/secret/1.yaml\noutput_validator_args: [float_tolerance]\nx: 1" },
	  "data/secret/test_group.yaml:1: the key output_validator_arg is not known here; is it "
	  "output_validator_args?\n"
	  "data/secret/test_group.yaml: scores are for scoring problems; they are ignored\n"
	  "data/secret/1.yaml:2: the key x is not known here\n"
	  "data/secret/1.in: output_validator_args: float_tolerance must be followed by a number of 0 or "
	  "more" },
	{ "scores where there are none",
	  say_data_notes,
	  { (NEWER "type: scoring"), "data/sample/test_group.yaml\nmax_score: 1", TEST("data/sample/1"),
	    "data/secret/g/test_group.yaml\nmax_score: 100", TEST("data/secret/g/1"),
	    "data/secret/g/h/test_group.yaml\nmax_score: 1", TEST("data/secret/g/h/1") },
	  "data/sample/test_group.yaml: scores are for secret and the groups right below it; they are "
	  "ignored\n"
	  "data/secret/g/h/test_group.yaml: scores are for secret and the groups right below it; they are "
	  "ignored" },
	{ "static validations that cannot be",
	  say_data_notes,
	  { NEWER, "static_validator/v.py", "data/secret/test_group.yaml\nstatic_validator_args: [a]",
	    "data/secret/a/b/test_group.yaml\nstatic_validation_score: pass-fail",
	    "data/secret/a/test_group.yaml\nstatic_validation_score: [x]", TEST("data/secret/a/1") },
	  "data/secret/a/test_group.yaml:1: static_validation_score must be a number from 0 to 1e+15; it is "
	  "ignored\n"
	  "data/secret/test_group.yaml: static_validator_args without static_validation_score: nobody is "
	  "asked\n"
	  "data/secret/a/b/test_group.yaml: static_validation_score: it is for sample, secret and the groups "
	  "right below that\n"
	  "static_validator: no group has a static_validation_score: it is never asked" },
	{ "nobody to validate statically",
	  say_data_notes,
	  { NEWER, "data/secret/test_group.yaml\nstatic_validation_score: pass-fail", TEST("data/secret/1") },
	  "data/secret/test_group.yaml: static_validation_score: there is no static validator" },
	{ "the other version's words",
	  say_data_notes,
	  { (NEWER "type: scoring"), "data/secret/testdata.yaml\non_reject: continue",
	    "data/secret/g/test_group.yaml\nmax_score: 100", TEST("data/secret/g/1") },
	  "data/secret/testdata.yaml: verdicts and scores are by the rules of 2025-09: those of "
	  "testdata.yaml are "
	  "ignored" },
	{ "and the other way round",
	  say_data_notes,
	  { LEGACY, "data/secret/testdata.yaml\nmax_score: 5", TEST("data/secret/1") },
	  "data/secret/testdata.yaml: scores are by the legacy format's rules: those of test_group.yaml are "
	  "ignored" },
	{ "settings that cannot be",
	  say_data_notes,
	  { "problem.yaml\ntype: scoring",
	    ("data/testdata.yaml\non_reject: maybe\nrange: 1\naccept_score: x\ngrading: "
	     "custom\ngrader_flags: "
	     "own"),
	    TEST("data/secret/1") },
	  "data/testdata.yaml:1: on_reject must be break or continue; it is ignored\n"
	  "data/testdata.yaml:3: accept_score must be a number from -1e+15 to 1e+15; it is ignored\n"
	  "data/testdata.yaml:2: range must be two numbers, the smaller first; it is ignored\n"
	  "data/testdata.yaml:4: grading is custom, but a program that grades is not run: the default grader "
	  "is" },
	/* ---- which groups there are ---- */
	{ "the first test that fails decides",
	  say_groups,
	  { "problem.yaml", TEST("data/secret/1") },
	  "none" },
	{ "flags alone group nothing",
	  say_groups,
	  { "problem.yaml", "data/secret/testdata.yaml\noutput_validator_flags: case_sensitive",
	    TEST("data/secret/1") },
	  "none" },
	{ "2025-09 that passes or fails",
	  say_groups,
	  { NEWER, "data/secret/test_group.yaml\nmax_score: 5", TEST("data/secret/1") },
	  "none" },
	{ "legacy that passes or fails, by its rules",
	  say_groups,
	  { "problem.yaml", "data/secret/testdata.yaml\non_reject: continue", TEST("data/secret/1") },
	  "{\"rules\":\"legacy\",\"type\":\"pass-fail\",\"settings\":{\"secret\":{\"on_reject\":\"continue\"}"
	  "}}" },
	{ "legacy, all of it",
	  say_groups,
	  { LEGACY, "data/testdata.yaml\nrange: -inf 100\ngrader_flags: ignore_sample",
	    ("data/secret/testdata.yaml\naccept_score: 2.5\nreject_score: -1\nrange: [0, +inf]\non_reject: "
	     "break"),
	    TEST("data/secret/1") },
	  "{\"rules\":\"legacy\",\"type\":\"scoring\",\"settings\":{\"\":{\"range\":[null,100.0],\"grader_"
	  "flags\":\"ignore_sample\"},\"secret\":{\"on_reject\":\"break\",\"accept_score\":2.5,\"reject_"
	  "score\":-1.0,\"range\":[0.0,null]}}}" },
	{ "from before there were groups",
	  say_groups,
	  { "problem.yaml\ntype: scoring\ngrading: {accept_score: 3, range: 0 9, on_reject: grade}",
	    "data/secret/testdata.yaml\naccept_score: 2", TEST("data/secret/1") },
	  "{\"rules\":\"legacy\",\"type\":\"scoring\",\"settings\":{\"\":{\"on_reject\":\"continue\","
	  "\"accept_"
	  "score\":3.0,\"range\":[0.0,9.0]},\"secret\":{\"accept_score\":2.0}}}" },
	{ "the least is the best",
	  say_groups,
	  { "problem.yaml\ntype: scoring\ngrading: {objective: min, show_test_data_groups: yes}",
	    "data/testdata.yaml\nrange: 0 9", TEST("data/secret/1") },
	  "{\"rules\":\"legacy\",\"type\":\"scoring\",\"settings\":{\"\":{\"range\":[0.0,null]}}}" },
	{ "2025-09, all of it",
	  say_groups,
	  { (NEWER "type: scoring"),
	    "data/secret/test_group.yaml\nmax_score: unbounded\nscore_aggregation: min",
	    "data/secret/1/test_group.yaml\nmax_score: 40\nrequire_pass: sample",
	    ("data/secret/2/test_group.yaml\nmax_score: 60\nscore_aggregation: sum\nrequire_pass: [sample, "
	     "secret/1]"),
	    TEST("data/sample/1"), TEST("data/secret/1/1"), TEST("data/secret/2/1") },
	  "{\"rules\":\"2025-09\",\"type\":\"scoring\",\"settings\":{\"secret\":{\"max_score\":\"unbounded\","
	  "\"score_aggregation\":\"min\"},\"secret/1\":{\"max_score\":40.0,\"require_pass\":[\"sample\"]},"
	  "\"secret/2\":{\"max_score\":60.0,\"score_aggregation\":\"sum\",\"require_pass\":[\"sample\","
	  "\"secret/1\"]}}}" },
};

static void read_made(const char *const *files, struct pool *pool, struct package *package)
{
	struct package_tree *tree = pool_alloc(pool, sizeof *tree);
	struct error err;

	made_tree(files, MADE_FILES_MAX, pool, tree);
	if (package_read(tree, made_catalogue, pool, package, &err) < 0)
		fail_msg("%s", err.text);
}

static bool is_said(const struct row *row)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer said = { 0 };
	struct package package;

	read_made(row->files, pool, &package);
	row->say(&package, &said);
	if (strcmp(buffer_text(&said), row->said) == 0)
		return true;
	print_error("%s:\n%s\nnot\n%s\n", row->story, buffer_text(&said), row->said);
	return false;
}

static void test_rows(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		wrong += !is_said(&rows[i]);
	assert_int_equal(wrong, 0);
}

/* ---- scores ---- */

/* A letter a test, in order: Accepted, Wrong, Time, Run-time error; what was skipped is a dot. */
static const struct scored {
	const char *story;
	const char *files[MADE_FILES_MAX];
	const char *came;
	const char *ran;
	enum verdict verdict;
	double score;
} scored[] = {
	{ "subtasks of the legacy format",
	  { LEGACY, "data/testdata.yaml\non_reject: continue\nrange: 0 100\ngrader_flags: ignore_sample",
	    "data/secret/testdata.yaml\ngrader_flags: accept_if_any_accepted",
	    "data/secret/1/testdata.yaml\non_reject: break\naccept_score: 40\ngrader_flags: min",
	    "data/secret/2/testdata.yaml\non_reject: break\naccept_score: 60\ngrader_flags: min",
	    TEST("data/sample/1"), TEST("data/secret/1/1"), TEST("data/secret/1/2"), TEST("data/secret/2/1"),
	    TEST("data/secret/2/2") },
	  "AAAWA",
	  "AAAW.",
	  VERDICT_PARTIAL,
	  40 },
	{ "a sample that is ignored",
	  { LEGACY, "data/testdata.yaml\nrange: 0 2\ngrader_flags: ignore_sample", TEST("data/sample/1"),
	    TEST("data/secret/1"), TEST("data/secret/2") },
	  "WAA",
	  "WAA",
	  VERDICT_ACCEPTED,
	  2 },
	{ "a legacy problem that goes on has its worst verdict",
	  { "problem.yaml", "data/testdata.yaml\non_reject: continue", TEST("data/secret/1"),
	    TEST("data/secret/2") },
	  "WR",
	  "WR",
	  VERDICT_RUNTIME_ERROR,
	  0 },
	{ "groups of 2025-09",
	  { (NEWER "type: scoring"), TEST("data/sample/1"), "data/secret/1/test_group.yaml\nmax_score: 30",
	    "data/secret/2/test_group.yaml\nmax_score: 70\nrequire_pass: secret/1", TEST("data/secret/1/1"),
	    TEST("data/secret/1/2"), TEST("data/secret/2/1") },
	  "AAAW",
	  "AAAW",
	  VERDICT_PARTIAL,
	  30 },
	{ "what it needs did not pass",
	  { (NEWER "type: scoring"), "data/secret/1/test_group.yaml\nmax_score: 30",
	    "data/secret/2/test_group.yaml\nmax_score: 70\nrequire_pass: secret/1", TEST("data/secret/1/1"),
	    TEST("data/secret/1/2"), TEST("data/secret/2/1") },
	  "AWA",
	  "AW.",
	  VERDICT_WRONG_ANSWER,
	  0 },
	{ "a draft's package with the older groups",
	  { "problem.yaml\nproblem_format_version: 2023-07-draft\ntype: scoring",
	    "data/secret/testdata.yaml\non_reject: continue\nrange: 0 100",
	    "data/secret/1/testdata.yaml\non_reject: break\naccept_score: 50\nrange: 0 50\ngrader_flags: min",
	    TEST("data/secret/1/1"), TEST("data/secret/1/2"), TEST("data/secret/2") },
	  "AAA",
	  "AAA",
	  VERDICT_ACCEPTED,
	  51 },
	{ "and with a draft's own",
	  { "problem.yaml\nproblem_format_version: 2023-07-draft\ntype: scoring",
	    "data/secret/1/testdata.yaml\nscoring: {score: 30, aggregation: min}",
	    "data/secret/2/testdata.yaml\nscoring: {score: 70, require_pass: sample}", TEST("data/sample/1"),
	    TEST("data/secret/1/1"), TEST("data/secret/2/1") },
	  "AAW",
	  "AAW",
	  VERDICT_PARTIAL,
	  30 },
	{ "tests right in secret share what it is worth",
	  { (NEWER "type: scoring"), TEST("data/secret/1"), TEST("data/secret/2"), TEST("data/secret/3"),
	    TEST("data/secret/4") },
	  "AWAA",
	  "AWAA",
	  VERDICT_PARTIAL,
	  75 },
	{ "folders in a group are part of it",
	  { (NEWER "type: scoring"), "data/secret/1/test_group.yaml\nmax_score: 100\nscore_aggregation: sum",
	    TEST("data/secret/1/a/1"), TEST("data/secret/1/b/1") },
	  "AT",
	  "AT",
	  VERDICT_PARTIAL,
	  50 },
};

static enum verdict verdict_of(char letter)
{
	switch (letter) {
	case 'A': return VERDICT_ACCEPTED;
	case 'W': return VERDICT_WRONG_ANSWER;
	case 'T': return VERDICT_TIME_LIMIT_EXCEEDED;
	default: return VERDICT_RUNTIME_ERROR;
	}
}

static void check_score(const struct scored *row)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package package;
	struct scoring *scoring;
	struct report report = { 0 };
	struct error err;
	char ran[16] = "";

	read_made(row->files, pool, &package);
	assert_int_equal(package.test_count, strlen(row->came));
	assert_non_null(package.groups);
	struct task_test *tests = pool_array(pool, package.test_count, sizeof *tests);
	struct task task = { .tests = tests, .test_count = package.test_count, .groups = package.groups };
	for (size_t i = 0; i < package.test_count; i++)
		tests[i].group = package.tests[i].group;
	assert_int_equal(scoring_new(&task, pool, &scoring, &err), 0);
	for (size_t i = 0; i < package.test_count; i++) {
		bool skipped = scoring_skips(scoring, i);
		struct run_report run = { .verdict = skipped ? VERDICT_SKIPPED : verdict_of(row->came[i]) };

		ran[i] = skipped ? '.' : row->came[i];
		scoring_note(scoring, i, &run);
	}
	assert_int_equal(scoring_finish(scoring, pool, &report, &err), 0);
	if (strcmp(ran, row->ran) != 0 || report.verdict != row->verdict || report.score != row->score)
		fail_msg("%s: %s %s %g", row->story, ran, verdict_name(report.verdict), report.score);
}

static void test_scores(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scored / sizeof scored[0]; i++)
		check_score(&scored[i]);
}

/* ---- bytes ---- */

static void test_bytes_are_as_they_are(void **state)
{
	static const char input[] = "a\r\nb\0c\xff", answer[] = "\0";
	struct package_file files[] = {
		{ .path = "data/secret/1.ans", .bytes = answer, .size = sizeof answer - 1 },
		{ .path = "data/secret/1.in", .bytes = input, .size = sizeof input - 1 },
		{ .path = "problem.yaml", .bytes = "", .size = 0 },
	};
	struct package_tree tree = { "it", files, 3 };
	cleanup_pool struct pool *pool = pool_new();
	struct package package;
	struct error err;

	(void)state;
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), 0);
	assert_int_equal(package.test_count, 1);
	assert_int_equal(package.tests[0].input_size, sizeof input - 1);
	assert_memory_equal(package.tests[0].input, input, sizeof input - 1);
	assert_int_equal(package.tests[0].answer_size, 1);
	assert_ptr_equal(package.tests[0].answer_file, &package.tree->files[0]);
}

/* Of an input validator's name with or without its ending. */
static void test_input_args(void **state)
{
	static const char *const a[] = { "a", NULL }, *const b[] = { "b", NULL }, *const c[] = { "c", NULL };
	const struct package_named_args named[] = { { "check.py", a }, { "v", b }, { NULL, NULL } };
	struct package_program validators[] = { { .path = "input_validators/check.py" },
						{ .path = "input_validators/v.cpp" },
						{ .path = "input_validators/v" },
						{ .path = "input_validators/check" } };
	const struct package package = { .input_validators = validators, .input_validator_count = 4 };

	(void)state;
	assert_ptr_equal(package_input_args(&package, 0, c, named), a);
	assert_ptr_equal(package_input_args(&package, 1, c, named), b);
	assert_ptr_equal(package_input_args(&package, 2, c, named), b);
	assert_ptr_equal(package_input_args(&package, 3, c, named), c);
	assert_ptr_equal(package_input_args(&package, 0, c, NULL), c);
	assert_null(package_input_args(&package, 0, NULL, NULL));
}

/* ---- bounds ---- */

/* Tests in secret, or each in a group of its own. */
static int read_many(size_t count, bool groups, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_tree tree = { "it", pool_array(pool, 2 * count + 2, sizeof *tree.files), 0 };
	struct package package;

	assert_non_null(tree.files);
	for (size_t i = 0; i < count; i++)
		for (int answer = 1; answer >= 0; answer--)
			tree.files[tree.count++] =
				(struct package_file){ .path = pool_printf(pool, "data/secret/%05zu%s.%s", i,
									   groups ? "/1" : "",
									   answer ? "ans" : "in"),
						       .bytes = "" };
	tree.files[tree.count++] = (struct package_file){ .path = "problem.yaml",
							  .bytes = "type: scoring",
							  .size = sizeof "type: scoring" - 1 };
	qsort(tree.files, tree.count, sizeof *tree.files, made_compare);
	return package_read(&tree, made_catalogue, pool, &package, err);
}

static void test_bounds(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(read_many(TASK_TESTS_MAX, false, &err), 0);
	assert_int_equal(read_many(TASK_TESTS_MAX + 1, false, &err), -E2BIG);
	assert_string_equal(err.text, "it: there are more than 10000 tests");
	assert_int_equal(read_many(SCORING_GROUPS_MAX, true, &err), -EINVAL);
	assert_string_equal(err.text,
			    "it: the groups of tests: there may be 1000 groups, with names of 255 bytes");
}

/* Files of a few lines that would become gigabytes of lists, trees and notes. */
static int read_inflated(const char *group, const char *own, size_t tests, struct package *package,
			 struct error *err)
{
	struct package_tree tree = { "it", pool_array(package->notes.pool, 3 * tests + 2, sizeof *tree.files),
				     0 };
	struct pool *pool = package->notes.pool;

	assert_non_null(tree.files);
	for (size_t i = 0; i < tests; i++)
		for (size_t j = 0; j < 3; j++) {
			static const char *const endings[] = { "ans", "in", "yaml" };
			const char *bytes = j == 2 ? own : "";

			tree.files[tree.count++] =
				(struct package_file){ .path = pool_printf(pool, "data/secret/%05zu.%s", i,
									   endings[j]),
						       .bytes = bytes,
						       .size = strlen(bytes) };
		}
	tree.files[tree.count++] = (struct package_file){ .path = "data/secret/test_group.yaml",
							  .bytes = group,
							  .size = strlen(group) };
	tree.files[tree.count++] =
		(struct package_file){ .path = "problem.yaml",
				       .bytes = "problem_format_version: 2025-09",
				       .size = sizeof "problem_format_version: 2025-09" - 1 };
	return package_read(&tree, made_catalogue, pool, package, err);
}

static void test_inflation(void **state)
{
	enum { TESTS = 5000, LONG = 2000 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer list = { 0 };
	struct package package = { .notes = { .pool = pool } };
	struct error err;

	(void)state;
	buffer_puts(&list, "input_validator_args: [a");
	for (size_t i = 0; i < LONG; i++)
		buffer_puts(&list, ",a");
	buffer_puts(&list, "]");
	assert_int_equal(read_inflated(buffer_text(&list), "args: [x]", TESTS, &package, &err), -E2BIG);
	assert_string_equal(err.text, "it: input validators have more than 4194304 arguments together");
	package.notes = (struct package_notes){ .pool = pool };
	assert_int_equal(read_inflated("", buffer_text(&list), TESTS, &package, &err), -E2BIG);
	assert_string_equal(err.text,
			    "it: the .yaml files of its tests and submissions have more than 8 MiB together");
	package.notes = (struct package_notes){ .pool = pool };
	assert_int_equal(read_inflated("", "odd: 1", TESTS, &package, &err), 0);
	assert_int_equal(package.notes.count, PACKAGE_NOTES_MAX);
	assert_string_equal(package.notes.items[PACKAGE_NOTES_MAX - 1].text,
			    "there is more that is odd, which is not told");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),       cmocka_unit_test(test_scores),
		cmocka_unit_test(test_input_args), cmocka_unit_test(test_bytes_are_as_they_are),
		cmocka_unit_test(test_bounds),     cmocka_unit_test(test_inflation),
	};

	return cmocka_run_group_tests(tests, made_load, made_free);
}
