/* A package that is read, written and read again is the same problem; and so is a skeleton, without a note. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "made.h"
#include "scored.h"

/* ---- a package as text, field by field ---- */

/* What may differ where the format is another one is left out with `across`. */
struct sayer {
	const struct package *package;
	bool across;
	struct buffer *out;
};

static void say_bytes(struct buffer *out, const char *name, const char *bytes, size_t size)
{
	buffer_printf(out, " %s=%zu:", name, size);
	buffer_append(out, bytes, size);
}

static int compare_statements(const void *left, const void *right)
{
	const struct package_statement *l = left, *r = right;
	int order = strcmp(l->language, r->language);

	return order ? order : strcmp(l->format, r->format);
}

/* They are in one folder afterwards, wherever they were. */
static void say_statements(const struct package *package, struct buffer *out)
{
	if (package->statement_count > 0)
		qsort(package->statements, package->statement_count, sizeof *package->statements,
		      compare_statements);
	for (size_t i = 0; i < package->statement_count; i++) {
		const struct package_statement *statement = &package->statements[i];
		const struct package_file *file = package_tree_find(package->tree, statement->path);

		buffer_printf(out, "\nstatement %s %s", statement->language, statement->format);
		say_bytes(out, "is", file->bytes, file->size);
	}
}

static void say_words(const struct sayer *sayer)
{
	const struct package *package = sayer->package;
	struct buffer *out = sayer->out;

	buffer_printf(out, "short name %s", package->short_name);
	for (size_t i = 0; i < package->name_count; i++)
		buffer_printf(out, " %s:%s",
			      package->names[i].language[0] ? package->names[i].language : "en",
			      package->names[i].text);
	say_text(out, "author", package->author);
	say_text(out, "source", package->source);
	say_text(out, "url", package->source_url);
	say_text(out, "license", package->license);
	say_text(out, "owner", package->rights_owner);
	say_text(out, "uuid", package->uuid);
	say_text(out, "version", package->version);
	say_text(out, "color", package->color);
	say_text(out, "label", package->label);
	say_list(out, "keywords", package->keywords);
	say_list(out, "languages", package->languages);
	say_statements(package, out);
}

static void say_limits(struct buffer *out, const char *name, const struct limits *limits)
{
	buffer_printf(out, "\n%s %lld %lld %lld %lld %lld %lld %d %d %d %d", name,
		      (long long)limits->cpu_time_us, (long long)limits->wall_time_us,
		      (long long)limits->memory_bytes, (long long)limits->output_bytes,
		      (long long)limits->file_bytes, (long long)limits->disk_bytes, limits->inodes,
		      limits->processes, limits->open_files, limits->cpus);
}

static void say_type(const struct sayer *sayer)
{
	const struct package *package = sayer->package;
	struct buffer *out = sayer->out;

	buffer_printf(out, "\ntype %s%s%s%s%s passes %d", package->scoring ? "scoring" : "pass-fail",
		      package->interactive ? " interactive" : "", package->multi_pass ? " multi-pass" : "",
		      package->submit_answer ? " submit-answer" : "",
		      package->allow_file_writing ? "" : " read-only", package->passes);
	buffer_printf(out, "\ntime %d %.17g x%g margin %g steps %g", package->time.given,
		      package->time.limit_s, package->time.multiplier, package->time.safety_margin,
		      package->time.resolution_s);
	say_limits(out, "run", &package->limits);
	say_limits(out, "compile", &package->compile_limits);
	say_limits(out, "validation", &package->validation_limits);
	say_limits(out, "compile validators", &package->validation_compile_limits);
	buffer_printf(out, "\ncode %lld", (long long)package->code_bytes);
}

static void say_files(struct buffer *out, const struct task_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buffer_puts(out, "\n ");
		say_bytes(out, files[i].name, files[i].data, files[i].size);
	}
}

static void say_program(struct buffer *out, const char *what, const struct package_program *program)
{
	if (!program)
		return;
	buffer_printf(out, "\n%s %s %s", what, strrchr(program->path, '/') ? strrchr(program->path, '/') : "",
		      program->language ? program->language : program->why_not);
	say_files(out, program->files, program->file_count);
}

static int compare_programs(const void *left, const void *right)
{
	const struct package_program *l = left, *r = right;

	return strcmp(strrchr(l->path, '/'), strrchr(r->path, '/'));
}

static void say_programs(const struct sayer *sayer)
{
	const struct package *package = sayer->package;
	struct buffer *out = sayer->out;

	buffer_printf(out, "\nvalidator %s, convention %d, right %d", validator_name(package->validator),
		      package->convention, package->input_validator_right);
	if (package->output_validator) {
		buffer_printf(out, "\noutput validator %s",
			      package->output_validator->language ? package->output_validator->language
								  : package->output_validator->why_not);
		say_files(out, package->output_validator->files, package->output_validator->file_count);
	}
	assert_null(package->interactor);
	if (package->static_validator)
		say_files(out, package->static_validator->files, package->static_validator->file_count);
	for (size_t i = 0; i < package->static_count; i++) {
		buffer_printf(out, "\nstatic %s %g", package->statics[i].group, package->statics[i].points);
		say_list(out, "args", package->statics[i].args);
	}
	if (package->input_validator_count > 0)
		qsort(package->input_validators, package->input_validator_count,
		      sizeof *package->input_validators, compare_programs);
	for (size_t i = 0; i < package->input_validator_count; i++)
		say_program(out, "input validator", &package->input_validators[i]);
	buffer_puts(out, "\nincludes");
	say_files(out, package->includes, package->include_count);
}

/* The problem's arguments and the test's are one list from 2023-07 on; and none is as an empty list. */
static void say_args(const struct sayer *sayer, const char *name, const char *const *of_problem,
		     const char *const *list)
{
	for (size_t i = 0; of_problem && of_problem[i]; i++)
		buffer_printf(sayer->out, " %s:%s", name, of_problem[i]);
	for (size_t i = 0; list && list[i]; i++)
		buffer_printf(sayer->out, " %s:%s", name, list[i]);
}

static void say_input_args(const struct sayer *sayer, const char *const *args,
			   const struct package_named_args *named)
{
	for (size_t i = 0; i < sayer->package->input_validator_count; i++)
		say_args(sayer, "in", NULL, package_input_args(sayer->package, i, args, named));
}

static void say_tests(const struct sayer *sayer)
{
	const struct package *package = sayer->package;
	struct buffer *out = sayer->out;

	if (!sayer->across)
		say_args(sayer, "flag", package->validator_args, NULL);
	for (size_t i = 0; i < package->test_count; i++) {
		const struct package_test *test = &package->tests[i];

		buffer_printf(out, "\ntest %s in %s%s%s", test->name, test->group,
			      test->sample ? " sample" : "", test->full_feedback ? " full" : "");
		say_bytes(out, "input", test->input, test->input_size);
		say_bytes(out, "answer", test->answer, test->answer_size);
		say_args(sayer, "arg", NULL, test->args);
		say_args(sayer, "out", sayer->across ? package->validator_args : NULL, test->validator_args);
		say_input_args(sayer, test->input_args, test->named_input_args);
		say_files(out, test->files, test->file_count);
		say_text(out, "is", test->description);
		say_text(out, "hint", test->hint);
		buffer_printf(out, " points %g", test->points);
	}
	/* The versions do not agree on what is shown of them then. */
	for (size_t i = 0; i < package->sample_count && !(sayer->across && package->interactive); i++) {
		const struct package_sample *sample = &package->samples[i];

		buffer_printf(out, "\nsample %s", sample->name);
		if (sample->conversation)
			say_bytes(out, "talk", sample->conversation, sample->conversation_size);
		else
			say_bytes(out, "in", sample->input, sample->input_size);
		if (!sample->conversation)
			say_bytes(out, "out", sample->output, sample->output_size);
	}
}

static void say_claims(const struct sayer *sayer)
{
	for (size_t i = 0; i < sayer->package->claim_count; i++) {
		const struct package_claimed *claim = &sayer->package->claims[i];

		buffer_printf(sayer->out, "\nclaim %d %s", claim->claim, claim->name);
		say_bytes(sayer->out, "input", claim->input, claim->input_size);
		say_bytes(sayer->out, "answer", claim->answer ? claim->answer : "", claim->answer_size);
		say_bytes(sayer->out, "output", claim->output ? claim->output : "", claim->output_size);
		say_args(sayer, "out", sayer->across ? sayer->package->validator_args : NULL,
			 claim->validator_args);
		say_input_args(sayer, claim->input_args, claim->named_input_args);
	}
}

static void say_groups(const struct sayer *sayer)
{
	json_t *json = sayer->package->groups ? groups_encode(sayer->package->groups) : json_null();
	char *text = json_dumps(json, JSON_SORT_KEYS | JSON_ENCODE_ANY);

	buffer_printf(sayer->out, "\ngroups %s", text);
	free(text);
	json_decref(json);
}

static void say_submissions(const struct sayer *sayer, struct pool *pool)
{
	for (size_t i = 0; i < sayer->package->submission_count; i++) {
		const struct package_submission *submission = &sayer->package->submissions[i];

		say_program(sayer->out, submission->class_name, &submission->program);
		if (sayer->across)
			continue;
		buffer_printf(sayer->out, "\n  %d %d %d %d", submission->skipped, submission->every_test,
			      submission->sets_time_limit, submission->exceeds_time);
		for (size_t j = 0; j < submission->expectation_count; j++) {
			const struct expectation *expectation = &submission->expectations[j];

			buffer_printf(sayer->out, " %s %x %x %x %d %d", expectation_words(expectation, pool),
				      expectation->whole, expectation->permitted, expectation->required,
				      expectation->sets_time_limit, expectation->exceeds_time);
		}
	}
}

/* What no reader looks at. */
static void say_rest(const struct sayer *sayer)
{
	static const char *const folders[] = { "attachments", "generators", "solution", "graders" };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		size_t count, first = package_tree_below(sayer->package->tree, folders[i], &count);

		for (size_t j = first; j < first + count; j++) {
			const struct package_file *file = &sayer->package->tree->files[j];

			buffer_printf(sayer->out, "\nfile %s%s", file->path, file->executable ? "*" : "");
			say_bytes(sayer->out, "is", file->bytes, file->size);
		}
	}
}

static void say_package(const struct package *package, bool across, struct pool *pool, struct buffer *out)
{
	const struct sayer sayer = { package, across, out };

	say_words(&sayer);
	say_type(&sayer);
	say_programs(&sayer);
	say_tests(&sayer);
	say_claims(&sayer);
	if (!across)
		say_groups(&sayer);
	say_submissions(&sayer, pool);
	say_rest(&sayer);
}

/* ---- there and back ---- */

static void read_tree(const char *story, const struct package_tree *tree, struct pool *pool,
		      struct package *package)
{
	struct error err;

	if (package_read(tree, made_catalogue, pool, package, &err) < 0)
		fail_msg("%s: %s", story, err.text);
}

static void check_tree(const struct package_tree *tree)
{
	for (size_t i = 1; i < tree->count; i++)
		assert_true(strcmp(tree->files[i - 1].path, tree->files[i].path) < 0);
	for (size_t i = 0; i < tree->count; i++)
		assert_int_equal(tree->files[i].bytes[tree->files[i].size], '\0');
}

/* Both notes, in one buffer, are what was said of what the format cannot say. */
static void write_and_read(const char *story, const struct package *package, enum package_format format,
			   struct pool *pool, struct package *again, struct buffer *said)
{
	struct package_notes notes = { .pool = pool };
	struct package_tree *tree = pool_alloc(pool, sizeof *tree);
	struct error err;

	assert_non_null(tree);
	if (package_export(package, format, pool, &notes, tree, &err) < 0)
		fail_msg("%s: %s", story, err.text);
	check_tree(tree);
	if (said)
		say_notes(said, &notes);
	read_tree(story, tree, pool, again);
	assert_int_equal(again->format, format);
}

static void put_file(const char *path, const struct buffer *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fwrite(buffer_text(text), 1, text->size, file);
	fclose(file);
}

static void must_be_same(const char *story, const struct package *left, const struct package *right,
			 bool across, struct pool *pool)
{
	cleanup_buffer struct buffer before = { 0 }, after = { 0 };
	size_t at = 0;

	say_package(left, across, pool, &before);
	say_package(right, across, pool, &after);
	while (at < before.size && at < after.size && before.data[at] == after.data[at])
		at++;
	if (at == before.size && at == after.size)
		return;
	if (getenv("KEEP")) {
		put_file("/tmp/before.txt", &before);
		put_file("/tmp/after.txt", &after);
	}
	at = at > 60 ? at - 60 : 0;
	fail_msg("%s: from byte %zu on\n%.300s\nnot\n%.300s", story, at, buffer_text(&after) + at,
		 buffer_text(&before) + at);
}

static const char passes_yaml[] =
	"problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: [interactive, multi-pass]\n"
	"limits: {validation_passes: 5}";
static const char test_yaml[] =
	"data/sample/1.yaml\nfull_feedback: false\nhint: 'try: \"it\"'\ndescription: x\nargs: ['1', a b, "
	"'']";
static const char group_one[] =
	"data/secret/1/test_group.yaml\nmax_score: 20\nscore_aggregation: pass-fail\nrequire_pass: "
	"sample";
static const char group_two[] =
	"data/secret/2/test_group.yaml\nmax_score: 40\nscore_aggregation: min\nrequire_pass: [sample, "
	"secret/1]";
static const char legacy_one[] =
	"data/secret/1/testdata.yaml\non_reject: break\naccept_score: 33.3\nreject_score: -1\nrange: "
	"-inf 0.1\n"
	"grader_flags: min\noutput_validator_flags: a b\ninput_validator_flags: c";
static const char static_group[] =
	"data/secret/test_group.yaml\nstatic_validation_score: pass-fail\nstatic_validator_args: [a, "
	"'2']";
static const char submissions_yaml[] =
	"submissions/submissions.yaml\nmine: {permitted: [AC, RTE], required: [RTE]}\naccepted/a: "
	"{entrypoint: other.py}\n"
	"'*/c.c': {secret/{1,2}: {permitted: [AC]}, score: [1, 2], message: m, use_for_time_limit: "
	"upper}";
static const char interactive_yaml[] =
	"problem.yaml\nname: A\nuuid: 00112233-4455-6677-8899-aabbccddeeff\nvalidation: custom "
	"interactive";

static const struct {
	const char *story;
	const char *files[MADE_FILES_MAX];
} rows[] = {
	{ "the least", { "problem.yaml\nname: A" } },
	{ "the least of 2025-09", { "problem.yaml\nproblem_format_version: 2025-09\nname: A" } },
	{ "an ini alone",
	  { "domjudge-problem.ini\nname = A\ntimelimit = 2.5\ncolor = '#ff0000'\nshort-name = B" } },
	{ "words",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: {en: 'A: \"b\" # c', de: "
	    "\"B\\tC\\x85\\u2028\\uFEFFé\"}\n"
	    "uuid: 00112233-4455-6677-8899-aabbccddeeff\nversion: '1.0'\ncredits: {authors: [A B <a@b>, C, "
	    "'null']}\n"
	    "source: [{name: S, url: 'http://s'}, T]\nlicense: cc by-sa\nrights_owner: 'on'\n"
	    "keywords: [a b, 'true', '1']\nlanguages: [python3, cpp, java]",
	    "statement/problem.en.md\ntext", "statement/problem.de.tex\nText", "statement/a.png\npicture",
	    "attachments/x/y.txt\n1", "generators/g.py\n2", "solution/solution.en.md\n3" } },
	{ "words in the legacy format",
	  { "problem.yaml\nname: A\nauthor: B, C\nsource: S\nsource_url: http://s\nlicense: cc0\n"
	    "keywords: a b\nlanguages: c cpp",
	    "problem_statement/problem.en.tex\n\\problemname{A}", "problem_statement/a.png\npicture",
	    "problem.de.pdf\npdf" } },
	{ "limits",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\nlimits:\n  time_limit: 0.1\n  "
	    "time_resolution: 0.5\n"
	    "  time_multipliers: {ac_to_time_limit: 3.1, time_limit_to_tle: 1.25}\n  memory: 64\n  output: "
	    "1\n"
	    "  code: 32\n  compilation_time: 10\n  compilation_memory: 512\n  validation_time: 5\n"
	    "  validation_memory: 256\n  validation_output: 2\nallow_file_writing: true" } },
	{ "limits in the legacy format",
	  { "problem.yaml\nname: A\nlimits: {memory: 64, time_multiplier: 7, time_safety_margin: 3}",
	    ".timelimit\n1.5\n" } },
	{ "passes",
	  { passes_yaml, "output_validator/a.py\nx", "output_validator/b.h\ny",
	    "data/sample/1.interaction\n<1\n>2\n", "data/secret/1.in\n1", "data/secret/1.ans\n1" } },
	{ "passes in the legacy format",
	  { "problem.yaml\nname: A\nvalidation: custom interactive multi-pass",
	    "output_validators/v/build\nx", "output_validators/v/run\ny", "data/sample/1.in\n1",
	    "data/sample/1.ans\n2", "data/secret/1.in\n1", "data/secret/1.ans\n1" } },
	{ "flags of the default validator",
	  { "problem.yaml\nname: A\nvalidator_flags: float_tolerance 1e-6 case_sensitive",
	    "data/secret/1.in\n1", "data/secret/1.ans\n2", "data/secret/g/1.in\n1", "data/secret/g/1.ans\n2",
	    "data/secret/g/testdata.yaml\noutput_validator_flags: space_change_sensitive" } },
	{ "settings of tests",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A",
	    "input_validators/v.py\n1",
	    "input_validators/w.py\n2",
	    "data/sample/1.in\n1",
	    "data/sample/1.ans\n2",
	    test_yaml,
	    "data/sample/2.in\n1",
	    "data/sample/2.ans\n2",
	    "data/sample/2.hint\nsome\nlines\n",
	    "data/sample/2.desc\nd\n",
	    "data/secret/test_group.yaml\nargs: [x]\ninput_validator_args: [y]\nfull_feedback: true",
	    "data/secret/1/a.in\n1",
	    "data/secret/1/a.ans\n2",
	    "data/secret/1/test_group.yaml\ninput_validator_args: {v: [p, q], w: []}",
	    "data/secret/2/a.in\n1",
	    "data/secret/2/a.ans\n2",
	    "data/secret/2/a.yaml\noutput_validator_args: [case_sensitive]",
	    "data/secret/2/a.files/f.txt\nfile",
	    "data/secret/2/a.files/deep/g.in\nfile",
	    "data/secret/2/b/c.in\n1",
	    "data/secret/2/b/c.ans\n2" } },
	{ "what a statement shows",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A", "data/sample/1.in\n1",
	    "data/sample/1.ans\n2", "data/sample/1.out\n3", "data/sample/2.in\n1", "data/sample/2.ans\n2",
	    "data/sample/2.in.statement\n4", "data/sample/2.ans.statement\n5",
	    "data/sample/3.interaction\n<1", "data/sample/1.png\nx" } },
	{ "claims",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A", "input_validators/v/a.py\n1",
	    "data/invalid_input/a.in\n1", "data/invalid_input/b/c.in\n2",
	    "data/invalid_input/test_group.yaml\ninput_validator_args: [x]", "data/invalid_output/a.in\n1",
	    "data/invalid_output/a.ans\n2", "data/invalid_output/a.out\n3", "data/valid_output/a.in\n1",
	    "data/valid_output/a.ans\n2", "data/valid_output/a.out\n3",
	    "data/valid_output/a.yaml\noutput_validator_args: [case_sensitive]",
	    "data/valid_input/a.in\n1" } },
	{ "groups",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: scoring",
	    "output_validator/v/v.py\n1", "output_validator/v/w.py\n1", "data/sample/1.in\n1",
	    "data/sample/1.ans\n2", "data/secret/test_group.yaml\nmax_score: 60\nargs: [x]",
	    "data/secret/1/a.in\n1", "data/secret/1/a.ans\n2", group_one, "data/secret/2/a.in\n1",
	    "data/secret/2/a.ans\n2", group_two } },
	{ "unbounded",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: scoring",
	    "output_validator/v.py\n1",
	    "data/secret/test_group.yaml\nmax_score: unbounded\nscore_aggregation: min",
	    "data/secret/1.in\n1", "data/secret/1.ans\n2" } },
	{ "legacy groups",
	  { "problem.yaml\nname: A\ntype: scoring\nvalidation: custom score", "output_validators/v.py\n1",
	    "data/testdata.yaml\non_reject: continue\ngrader_flags: ignore_sample\nrange: 0 100",
	    "data/sample/1.in\n1", "data/sample/1.ans\n2", "data/secret/testdata.yaml\ngrader_flags: sum",
	    "data/secret/1/a.in\n1", "data/secret/1/a.ans\n2", legacy_one, "data/secret/1/deep/a.in\n1",
	    "data/secret/1/deep/a.ans\n2",
	    "data/secret/1/deep/testdata.yaml\naccept_score: 5\nrange: 5 inf" } },
	{ "legacy groups in a draft",
	  { "problem.yaml\nproblem_format_version: 2023-07-draft\nname: A\ntype: scoring",
	    "data/testdata.yaml\nrange: 0 100", "data/secret/1/a.in\n1", "data/secret/1/a.ans\n2",
	    "data/secret/1/testdata.yaml\naccept_score: 100" } },
	{ "a static validator",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A", "static_validator/s.py\n1",
	    "data/secret/1.in\n1", "data/secret/1.ans\n2",
	    "data/sample/test_group.yaml\nstatic_validation_score: pass-fail", "data/sample/1.in\n1",
	    "data/sample/1.ans\n2", static_group } },
	{ "constants",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\nconstants: {n: 7}",
	    "statement/problem.en.md\n{{n}}", "submissions/accepted/a.py\n{{n}}",
	    "input_validators/v.py\n{{n}}" } },
	{ "validators and included files",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A", "input_validators/a.py\n1",
	    "input_validators/b/c.c\n2", "input_validators/b/c.h\n3", "input_format_validators/d.cpp\n4",
	    "input_validators/x.ctd\n5", "include/default/x.txt\n6", "include/python3/y.py\n7",
	    "include/klingon/z\n8" } },
	{ "submissions",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A", "submissions/accepted/a/main.py\n1",
	    "submissions/accepted/a/other.py\n2",
	    "submissions/mixed/b.py\n# @EXPECTED_RESULTS@: TIMELIMIT, CORRECT",
	    "submissions/wrong_answer/c.c\n3", "submissions/mine/d.py\n4", submissions_yaml } },
	{ "submissions in the legacy format",
	  { "problem.yaml\nname: A", "submissions/accepted/a/main.py\n1",
	    "submissions/accepted/a/other.py\n2",
	    "submissions.json\n{\"submissions/accepted/a/\": {\"entry_point\": \"other.py\"}}",
	    "submissions/slow_accepted/b.py\n2", "submissions/wrong_answer/-c.c\n3" } },
};

static enum package_format own_format(const struct package *package)
{
	return package->format == PACKAGE_2025_09 ? PACKAGE_2025_09 : PACKAGE_LEGACY;
}

/* A uuid that was made for it; writing files, which the legacy format cannot forbid without a word of its own. */
static void forget_uuid(const struct package *package, struct package *again)
{
	if (package->uuid)
		return;
	assert_true(!again->uuid || again->uuid[14] == '8');
	again->uuid = NULL;
}

static void check_round_trip(const char *story, const struct package *package, struct pool *pool)
{
	struct package again;

	write_and_read(story, package, own_format(package), pool, &again, NULL);
	forget_uuid(package, &again);
	must_be_same(story, package, &again, false, pool);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct package_tree tree;
		struct package package;

		made_tree(rows[i].files, MADE_FILES_MAX, pool, &tree);
		read_tree(rows[i].story, &tree, pool, &package);
		check_round_trip(rows[i].story, &package, pool);
	}
}

static void test_across(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct package_tree tree;
		struct package package, other;

		made_tree(rows[i].files, MADE_FILES_MAX, pool, &tree);
		read_tree(rows[i].story, &tree, pool, &package);
		write_and_read(rows[i].story, &package,
			       own_format(&package) == PACKAGE_LEGACY ? PACKAGE_2025_09 : PACKAGE_LEGACY,
			       pool, &other, NULL);
		forget_uuid(&package, &other);
		must_be_same(rows[i].story, &package, &other, true, pool);
	}
}

/* ---- scores by other rules ---- */

static const struct {
	const char *story;
	const char *files[MADE_FILES_MAX];
} scored[] = {
	{ "secret alone, shared evenly",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: scoring", "data/sample/1.in\n1",
	    "data/sample/1.ans\n2", "data/secret/1.in\n1", "data/secret/1.ans\n2", "data/secret/2.in\n1",
	    "data/secret/2.ans\n2", "data/secret/3.in\n1", "data/secret/3.ans\n2" } },
	{ "secret alone, all or nothing",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: scoring",
	    "data/secret/test_group.yaml\nscore_aggregation: min\nmax_score: 30", "data/secret/1.in\n1",
	    "data/secret/1.ans\n2", "data/secret/2.in\n1", "data/secret/2.ans\n2" } },
	{ "groups of all kinds",
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: scoring", "data/sample/1.in\n1",
	    "data/sample/1.ans\n2", "data/secret/test_group.yaml\nmax_score: 70", "data/secret/1/a.in\n1",
	    "data/secret/1/a.ans\n2", "data/secret/1/b.in\n1", "data/secret/1/b.ans\n2",
	    "data/secret/1/test_group.yaml\nmax_score: 20", "data/secret/2/a.in\n1", "data/secret/2/a.ans\n2",
	    "data/secret/2/b/c.in\n1", "data/secret/2/b/c.ans\n2",
	    "data/secret/2/test_group.yaml\nmax_score: 40\nscore_aggregation: sum", "data/secret/3/a.in\n1",
	    "data/secret/3/a.ans\n2",
	    "data/secret/3/test_group.yaml\nmax_score: 10\nscore_aggregation: min" } },
};

/* Nothing is said of groups, and that by the legacy format's rules. */
static void test_silent_rules_stay(void **state)
{
	static const char *const files[] = { "problem.yaml\nname: A\ntype: scoring", "data/secret/1/1.in\n1",
					     "data/secret/1/1.ans\n1", "data/secret/2.in\n1",
					     "data/secret/2.ans\n1" };
	cleanup_pool struct pool *pool = pool_new();
	struct package_tree tree;
	struct package package, other;

	(void)state;
	made_tree(files, 5, pool, &tree);
	read_tree("silent", &tree, pool, &package);
	write_and_read("silent", &package, PACKAGE_2025_09, pool, &other, NULL);
	assert_int_equal(other.groups->rules, SCORING_LEGACY);
	must_score_alike("silent", &package, &other, pool);
}

static void test_scores_stay(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scored / sizeof scored[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct package_tree tree;
		struct package package, other;

		made_tree(scored[i].files, MADE_FILES_MAX, pool, &tree);
		read_tree(scored[i].story, &tree, pool, &package);
		write_and_read(scored[i].story, &package, PACKAGE_LEGACY, pool, &other, NULL);
		assert_int_equal(other.groups->rules, SCORING_LEGACY);
		must_score_alike(scored[i].story, &package, &other, pool);
	}
}

/* ---- what cannot be said ---- */

static const struct {
	enum package_format format;
	const char *files[MADE_FILES_MAX];
	const char *notes;
} notes_rows[] = {
	{ PACKAGE_2025_09,
	  { "problem.yaml\nname: A\nlimits: {time_multiplier: 0.5}" },
	  "2025-09 wants a uuid: one is made of the problem's short name and its inputs\n"
	  "limits.time_multipliers.ac_to_time_limit is 1 at least" },
	{ PACKAGE_2025_09,
	  { "problem.yaml\nname: A\nuuid: 00112233-4455-6677-8899-aabbccddeeff\ntype: scoring\nlimits: "
	    "{memory: 1.5}",
	    "data/testdata.yaml\nrange: 0 1", "data/secret/1.in\n1", "data/secret/1.ans\n1" },
	  "limits.memory is a whole number: it is rounded up to 2\n"
	  "verdicts and scores are by the legacy format's rules, which other judges do not have in 2025-09" },
	{ PACKAGE_2025_09,
	  { interactive_yaml, "output_validators/a.py\n1", "data/sample/1.in\n1", "data/sample/1.ans\n1",
	    "data/sample/2.in\n1", "data/sample/2.ans\n1", "data/sample/2.interaction\n<1" },
	  "sample/1 is shown there, for it has no .interaction" },
	{ PACKAGE_LEGACY,
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: "
	    "submit-answer\nallow_file_writing: true",
	    "statement/problem.en.md\n1", "submissions/submissions.yaml", "static_validator/a.py\n1" },
	  "the legacy format has no submissions that are answers\n"
	  "statement/problem.en.md: the legacy format has statements in LaTeX and PDF: other judges may not "
	  "show this\n"
	  "the legacy format has no static validator: other judges leave it out\n"
	  "submissions/submissions.yaml: the legacy format has no such file: other judges do not read it" },
	{ PACKAGE_LEGACY,
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: A\ntype: scoring",
	    "output_validator/a.py\n1", "data/secret/1/a.in\n1", "data/secret/1/a.ans\n1",
	    "data/secret/1/a.yaml\nargs: [x]\noutput_validator_args: [y]\nfull_feedback: true",
	    "data/secret/1/b.in\n1", "data/secret/1/b.ans\n1", "data/secret/1/b.files/f\n1",
	    "data/secret/1/test_group.yaml\nmax_score: 4", "data/secret/2/a.in\n1", "data/secret/2/a.ans\n1",
	    "data/secret/2/test_group.yaml\nmax_score: 5\nrequire_pass: secret/1" },
	  "the legacy format has no allow_file_writing: programs may write files there\n"
	  "secret/2: the legacy format has no require_pass\n"
	  "the legacy format has no score_multiplier.txt: a validator gives points there\n"
	  "the legacy format has no files of tests: other judges leave them out\n"
	  "the legacy format has no arguments of programs: other judges leave them out\n"
	  "the legacy format has no output validator's flags of single tests: other judges leave them out\n"
	  "the legacy format has no input validator's flags of single tests: other judges leave them out\n"
	  "the legacy format has no full_feedback: other judges leave them out" },
};

static void test_what_cannot_be_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof notes_rows / sizeof notes_rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer said = { 0 };
		struct package_tree tree;
		struct package package, other;

		made_tree(notes_rows[i].files, MADE_FILES_MAX, pool, &tree);
		read_tree(notes_rows[i].notes, &tree, pool, &package);
		write_and_read(notes_rows[i].notes, &package, notes_rows[i].format, pool, &other, &said);
		if (strcmp(buffer_text(&said), notes_rows[i].notes) != 0)
			fail_msg("%s\nnot\n%s", buffer_text(&said), notes_rows[i].notes);
	}
}

/* Persons whom nobody here asks for, and their addresses. */
static void test_credits_stay(void **state)
{
	static const char *const files[] = {
		"problem.yaml\nproblem_format_version: 2025-09\nname: A\ncredits: "
		"&c {authors: [A <a@b>], translators: {de: [B, {name: C}]}}\n"
		"source: [{name: S, url: u}, null, T]\nembargo_until: 2030-01-01"
	};
	static const char wanted[] = "credits: {authors: [\"A <a@b>\"], translators: {de: [B, {name: C}]}}\n"
				     "source: [{name: S, url: u}, null, T]\nembargo_until: \"2030-01-01\"\n";
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes notes = { .pool = pool };
	struct package_tree tree, out;
	struct package package;
	struct error err;

	(void)state;
	made_tree(files, 1, pool, &tree);
	read_tree("credits", &tree, pool, &package);
	assert_int_equal(package_export(&package, PACKAGE_2025_09, pool, &notes, &out, &err), 0);
	const char *problem = package_tree_find(&out, "problem.yaml")->bytes;
	for (const char *line = wanted; *line; line = strchr(line, '\n') + 1) {
		const char *all = pool_memdup(pool, line, (size_t)(strchr(line, '\n') + 1 - line));

		if (!strstr(problem, all))
			fail_msg("%swithout\n%s", problem, all);
	}
}

static void test_only_two_formats_are_written(void **state)
{
	static const char *const files[] = { "problem.yaml\nname: A" };
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes notes = { .pool = pool };
	struct package_tree tree, out;
	struct package package;
	struct error err;

	(void)state;
	made_tree(files, 1, pool, &tree);
	read_tree("polygon", &tree, pool, &package);
	assert_int_equal(package_export(&package, PACKAGE_POLYGON, pool, &notes, &out, &err), -EINVAL);
	assert_int_equal(package_export(&package, PACKAGE_LEGACY_ICPC, pool, &notes, &out, &err), 0);
}

/* ---- real ones ---- */

static void check_folder(const char *folder)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes notes = { .pool = pool };
	struct package_tree tree;
	struct package package, other;
	struct error err;

	if (package_tree_read(folder, pool, &notes, &tree, &err) < 0 ||
	    package_read(&tree, made_catalogue, pool, &package, &err) < 0)
		return; /* some are there to be refused */
	if (package.format ==
	    PACKAGE_POLYGON) { /* much of which no other format can say: readable is enough */
		write_and_read(folder, &package, PACKAGE_2025_09, pool, &other, NULL);
		return;
	}
	check_round_trip(folder, &package, pool);
	write_and_read(folder, &package,
		       own_format(&package) == PACKAGE_LEGACY ? PACKAGE_2025_09 : PACKAGE_LEGACY, pool,
		       &other, NULL);
	forget_uuid(&package, &other);
	must_be_same(folder, &package, &other, true, pool);
}

static void test_folders(void **state)
{
	static const char *const roots[] = { LANGUAGES_DIR "/../problems",
					     LANGUAGES_DIR "/../tests/packages" };
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
		DIR *root = opendir(roots[i]);
		char folder[600];

		assert_non_null(root);
		for (struct dirent *entry = readdir(root); entry; entry = readdir(root)) {
			snprintf(folder, sizeof folder, "%s/%s", roots[i], entry->d_name);
			if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
				check_folder(folder);
				count++;
			}
		}
		closedir(root);
	}
	assert_true(count > 15);
}

/* ---- a skeleton ---- */

static void test_skeleton(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_tree tree, twin;
	struct package package, other;
	struct error err;

	(void)state;
	assert_int_equal(package_skeleton("sum", pool, &tree, &err), 0);
	assert_int_equal(package_skeleton("sum", pool, &twin, &err), 0);
	check_tree(&tree);
	assert_string_equal(tree.name, "sum");
	read_tree("skeleton", &tree, pool, &package);
	read_tree("skeleton", &twin, pool, &other);
	cleanup_buffer struct buffer notes = { 0 };
	say_notes(&notes, &package.notes);
	assert_string_equal(buffer_text(&notes), "");
	assert_int_equal(package.format, PACKAGE_2025_09);
	assert_string_not_equal(package.uuid, other.uuid);
	assert_true(package.license && package.time.given && package.input_validator_count == 1);
	assert_true(package.sample_count == 1 && package.test_count == 5 && package.claim_count == 2);
	assert_int_equal(package.submission_count, 3);
	check_round_trip("skeleton", &package, pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_across),
		cmocka_unit_test(test_scores_stay),
		cmocka_unit_test(test_silent_rules_stay),
		cmocka_unit_test(test_what_cannot_be_said),
		cmocka_unit_test(test_credits_stay),
		cmocka_unit_test(test_only_two_formats_are_written),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_skeleton),
	};

	return cmocka_run_group_tests_name("export", tests, made_load, made_free);
}
