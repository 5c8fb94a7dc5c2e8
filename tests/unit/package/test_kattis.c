/* problem.yaml, domjudge-problem.ini, statements, validators, constants: what each says, a row a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"

/* ---- what was read, a part at a time ---- */

static void say_type(const struct package *package, struct buffer *out)
{
	buffer_puts(out, package_format_name(package->format));
	buffer_puts(out, package->scoring ? " scoring" : "");
	buffer_puts(out, package->interactive ? " interactive" : "");
	buffer_puts(out, package->submit_answer ? " submit-answer" : "");
	if (package->multi_pass)
		buffer_printf(out, " multi-pass(%d)", package->passes);
	else
		assert_int_equal(package->passes, 1);
	buffer_puts(out, package->allow_file_writing ? "" : " read-only");
}

static void say_limits(const struct package *package, struct buffer *out)
{
	const struct limits *run = &package->limits, *compile = &package->compile_limits;
	const struct limits *validation = &package->validation_limits;

	buffer_printf(out, "run %lld %lld compile %lld %lld validate %lld %lld %lld code %lld",
		      (long long)run->memory_bytes >> 20, (long long)run->output_bytes >> 20,
		      (long long)compile->cpu_time_us / 1000000, (long long)compile->memory_bytes >> 20,
		      (long long)validation->cpu_time_us / 1000000, (long long)validation->memory_bytes >> 20,
		      (long long)validation->output_bytes >> 20, (long long)package->code_bytes >> 10);
	assert_true(compile->wall_time_us > compile->cpu_time_us);
	assert_true(validation->wall_time_us > validation->cpu_time_us);
	assert_true(run->processes > 0 && run->open_files > 0 && run->file_bytes > 0 && run->inodes > 0);
	assert_int_equal(package->validation_compile_limits.memory_bytes, compile->memory_bytes);
}

static void say_time(const struct package *package, struct buffer *out)
{
	const struct package_time *time = &package->time;

	if (time->given)
		buffer_printf(out, "%g from %s", time->limit_s, time->from);
	else
		buffer_printf(out, "x%g margin %g steps %g", time->multiplier, time->safety_margin,
			      time->resolution_s);
}

static void say_words(const struct package *package, struct buffer *out)
{
	for (size_t i = 0; i < package->name_count; i++)
		buffer_printf(out, "%s%s:%s", i ? " " : "", package->names[i].language,
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
	if (package->keywords[0])
		say_list(out, "keywords", package->keywords);
	say_list(out, "languages", package->languages);
}

static void say_short_name(const struct package *package, struct buffer *out)
{
	buffer_puts(out, package->short_name);
}

static void say_statements(const struct package *package, struct buffer *out)
{
	for (size_t i = 0; i < package->statement_count; i++)
		buffer_printf(out, "%s%s %s %s", i ? "\n" : "", package->statements[i].language,
			      package->statements[i].format, package->statements[i].path);
}

static void say_program(struct buffer *out, const char *what, const struct package_program *program)
{
	if (program)
		buffer_printf(out, "%s%s %s", out->size ? "\n" : "", what, program->path);
}

static void say_programs(const struct package *package, struct buffer *out)
{
	say_program(out, "output", package->output_validator);
	say_program(out, "static", package->static_validator);
	for (size_t i = 0; i < package->input_validator_count; i++)
		say_program(out, "input", &package->input_validators[i]);
	if (package->validator_args[0]) {
		buffer_puts(out, out->size ? "\n" : "");
		say_list(out, "flags", package->validator_args);
	}
	for (size_t i = 0; i < package->include_count; i++)
		buffer_printf(out, "%sinclude %s", out->size ? "\n" : "", package->includes[i].name);
	assert_int_equal(package->input_validator_right, 42);
	assert_int_equal(package->convention, CONVENTION_ICPC);
	assert_int_equal(package->validator, VALIDATOR_FLOAT);
}

static void say_all_notes(const struct package *package, struct buffer *out)
{
	say_notes(out, &package->notes);
}

/* Every file that is not as it was put there. */
static void say_files(const struct package *package, struct buffer *out)
{
	for (size_t i = 0; i < package->tree->count; i++) {
		const struct package_file *file = &package->tree->files[i];

		if (strcmp(file->path, "problem.yaml") != 0)
			buffer_printf(out, "%s%s %s", out->size ? "\n" : "", file->path, file->bytes);
		assert_int_equal(file->size, strlen(file->bytes));
	}
}

static const struct row {
	const char *story;
	void (*say)(const struct package *package, struct buffer *out);
	const char *files[MADE_FILES_MAX];
	const char *said;
} rows[] = {
	/* ---- versions and types ---- */
	{ "without a version it is the first", say_type, { "problem.yaml\nname: A" }, "legacy" },
	{ "an empty file is enough", say_type, { "problem.yaml" }, "legacy" },
	{ "legacy-icpc", say_type, { "problem.yaml\nproblem_format_version: legacy-icpc" }, "legacy-icpc" },
	{ "a draft is what came of it",
	  say_type,
	  { "problem.yaml\nproblem_format_version: 2023-07-draft" },
	  "2025-09 read-only" },
	{ "2025-09", say_type, { "problem.yaml\nproblem_format_version: '2025-09'" }, "2025-09 read-only" },
	{ "a version to come",
	  say_type,
	  { "problem.yaml\nproblem_format_version: 2031-01" },
	  "2025-09 read-only" },
	{ "what is no version", say_type, { "problem.yaml\nproblem_format_version: 7" }, "legacy" },
	{ "an ini alone", say_type, { "domjudge-problem.ini\nname = A" }, "legacy-icpc" },
	{ "type as text", say_type, { "problem.yaml\ntype: scoring" }, "legacy scoring" },
	{ "type between blanks",
	  say_type,
	  { "problem.yaml\ntype: pass-fail  interactive" },
	  "legacy interactive" },
	{ "type as a list",
	  say_type,
	  { "problem.yaml\nproblem_format_version: 2025-09\ntype:\n- scoring\n- multi-pass" },
	  "2025-09 scoring multi-pass(2) read-only" },
	{ "submit-answer", say_type, { "problem.yaml\ntype: submit-answer" }, "legacy submit-answer" },
	{ "passes",
	  say_type,
	  { "problem.yaml\ntype: multi-pass\nlimits: {validation_passes: 7}" },
	  "legacy multi-pass(7)" },
	{ "passes of what has one", say_type, { "problem.yaml\nlimits: {validation_passes: 7}" }, "legacy" },
	{ "validation says it in every version",
	  say_type,
	  { "problem.yaml\nproblem_format_version: 2025-09\nvalidation: custom interactive multi-pass" },
	  "2025-09 interactive multi-pass(2) read-only" },
	{ "score alone scores nothing", say_type, { "problem.yaml\nvalidation: custom score" }, "legacy" },
	{ "files may be written",
	  say_type,
	  { "problem.yaml\nproblem_format_version: 2025-09\nallow_file_writing: true" },
	  "2025-09" },
	/* ---- limits ---- */
	{ "the package's defaults, not ours",
	  say_limits,
	  { "problem.yaml" },
	  "run 2048 8 compile 60 2048 validate 60 2048 8 code 128" },
	{ "all of them",
	  say_limits,
	  { ("problem.yaml\nlimits:\n  memory: 256\n  output: 16\n  code: 64\n  compilation_time: 10\n"
	     "  compilation_memory: 512\n  validation_time: 20\n  validation_memory: 1024\n  "
	     "validation_output: 4") },
	  "run 256 16 compile 10 512 validate 20 1024 4 code 64" },
	{ "numbers in quotes, and parts of them",
	  say_limits,
	  { "problem.yaml\nlimits: {memory: '64', output: 1.5}" },
	  "run 64 1 compile 60 2048 validate 60 2048 8 code 128" },
	{ "what is no limit",
	  say_limits,
	  { "problem.yaml\nlimits: {memory: lots, output: -1, code: [1], compilation_time: 0}" },
	  "run 2048 8 compile 60 2048 validate 60 2048 8 code 128" },
	{ "no limits at all",
	  say_limits,
	  { "problem.yaml\nlimits: none" },
	  "run 2048 8 compile 60 2048 validate 60 2048 8 code 128" },
	/* ---- time ---- */
	{ "inferred, legacy", say_time, { "problem.yaml" }, "x5 margin 2 steps 1" },
	{ "inferred, 2025-09",
	  say_time,
	  { "problem.yaml\nproblem_format_version: 2025-09" },
	  "x2 margin 1.5 steps 1" },
	{ "by legacy's words",
	  say_time,
	  { "problem.yaml\nlimits: {time_multiplier: 3, time_safety_margin: 1.2}" },
	  "x3 margin 1.2 steps 1" },
	{ "by the words of 2025-09",
	  say_time,
	  { ("problem.yaml\nlimits:\n  time_multipliers: {ac_to_time_limit: 4, time_limit_to_tle: 3}\n  "
	     "time_resolution: 0.1") },
	  "x4 margin 3 steps 0.1" },
	{ "given", say_time, { "problem.yaml\nlimits: {time_limit: 2.5}" }, "2.5 from limits.time_limit" },
	{ "problem.yaml, then the ini, then the file",
	  say_time,
	  { "problem.yaml\nlimits: {time_limit: 2}", "domjudge-problem.ini\ntimelimit=3", ".timelimit\n4" },
	  "2 from limits.time_limit" },
	{ "the ini, then the file",
	  say_time,
	  { "problem.yaml", "domjudge-problem.ini\ntimelimit='3'", ".timelimit\n4" },
	  "3 from domjudge-problem.ini" },
	{ "the file", say_time, { "problem.yaml", ".timelimit\n 0.5\n" }, "0.5 from .timelimit" },
	{ "a file that is no number",
	  say_time,
	  { "problem.yaml", ".timelimit\n2 seconds" },
	  "x5 margin 2 steps 1" },
	{ "no limit lasts for ever",
	  say_time,
	  { "problem.yaml\nlimits: {time_limit: 1e9}" },
	  "x5 margin 2 steps 1" },
	/* ---- words ---- */
	{ "names by language",
	  say_words,
	  { "problem.yaml\nname: {en: Hello, pt-BR: Olá}" },
	  "en:Hello pt-BR:Olá" },
	{ "one name", say_words, { "problem.yaml\nname: Hello" }, ":Hello" },
	{ "one name is English from 2025-09 on",
	  say_words,
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: Hello" },
	  "en:Hello" },
	{ "the ini's name is second",
	  say_words,
	  { "problem.yaml\nname: A", "domjudge-problem.ini\nname = B" },
	  ":A" },
	{ "and better than none",
	  say_words,
	  { "problem.yaml", "domjudge-problem.ini\nname = \"B 'c'\"\ncolor=#ff0000\nshort-name=D" },
	  ":B 'c' color=#ff0000 label=D" },
	{ "a statement's name",
	  say_words,
	  { "problem.yaml", "problem_statement/problem.en.tex\n\\problemname{A {\\bf B}}\ntext",
	    "problem_statement/problem.sv.tex\n%% plainproblemname: x^2\n\\problemname{$x^2$}" },
	  "en:A {\\bf B} sv:x^2" },
	{ "no name but the folder's", say_words, { "problem.yaml" }, ":it" },
	{ "legacy credits",
	  say_words,
	  { ("problem.yaml\nname: A\nauthor: X and Y\nsource: Cup\nsource_url: http://cup.example\n"
	     "license: cc by-sa\nkeywords: a  b") },
	  ":A author=X and Y source=Cup url=http://cup.example license=cc by-sa owner=X and Y keywords=a|b" },
	{ "credits",
	  say_words,
	  { ("problem.yaml\nname: A\ncredits:\n  authors:\n  - X Y <x@example.org>\n  - name: Z\n    orcid: "
	     "1\n"
	     "  testers: T\nlicense: permission\nrights_owner: O\nkeywords: [a b, c]") },
	  ":A author=X Y, Z license=permission owner=O keywords=a b|c" },
	{ "credits in short", say_words, { "problem.yaml\nname: A\ncredits: X <x@y>" }, ":A author=X" },
	{ "sources",
	  say_words,
	  { "problem.yaml\nname: A\nlicense: educational\nsource:\n- {name: S, url: http://s}\n- T" },
	  ":A source=S; T url=http://s license=educational owner=S; T" },
	{ "nobody owns what is public",
	  say_words,
	  { "problem.yaml\nname: A\nauthor: X\nlicense: public domain" },
	  ":A author=X license=public domain" },
	{ "version and uuid",
	  say_words,
	  { "problem.yaml\nname: A\nversion: 1.2\nuuid: 6ba7b810-9dad-11d1-80b4-00c04fd430c8" },
	  ":A uuid=6ba7b810-9dad-11d1-80b4-00c04fd430c8 version=1.2" },
	{ "what is no uuid", say_words, { "problem.yaml\nname: A\nuuid: 6ba7b810-9dad" }, ":A" },
	{ "languages by any name",
	  say_words,
	  { "problem.yaml\nname: A\nlanguages: [python3, c++, cobol]" },
	  ":A languages=python|cpp" },
	{ "languages: all", say_words, { "problem.yaml\nname: A\nlanguages: all" }, ":A" },
	{ "no language that is here",
	  say_words,
	  { "problem.yaml\nname: A\nlanguages: cobol" },
	  ":A languages=" },
	{ "the folder's name is the short one", say_short_name, { "problem.yaml" }, "it" },
	{ "an id is better", say_short_name, { "domjudge-problem.ini\nexternalid=x\nprobid=y" }, "x" },
	{ "the older word for it", say_short_name, { "domjudge-problem.ini\nprobid=y\nshort-name=A" }, "y" },
	{ "a contest's letter is none", say_short_name, { "domjudge-problem.ini\nshort-name=A" }, "it" },
	/* ---- statements ---- */
	{ "statements",
	  say_statements,
	  { "problem.yaml", "statement/problem.en.md", "statement/problem.pt-BR.tex", "statement/a.png",
	    "problem_statement/problem.pdf", "problem.html", "problem.txt", "problem.sv.pdf",
	    "statement/x/problem.en.md", "statement/problem.english.md" },
	  "en md statement/problem.en.md\npt-BR tex statement/problem.pt-BR.tex\nen pdf "
	  "problem_statement/problem.pdf\nen html problem.html\nsv pdf problem.sv.pdf\nen txt problem.txt" },
	/* ---- programs ---- */
	{ "validators",
	  say_programs,
	  { "problem.yaml\nvalidation: custom\nvalidator_flags: a  b", "output_validators/check/check.py",
	    "input_format_validators/a.py", "input_validators/b.py", "input_validators/c/c.py",
	    "static_validator/s.py" },
	  "output output_validators/check\nstatic static_validator\ninput input_validators/b.py\ninput "
	  "input_validators/c\ninput input_format_validators/a.py\n flags=a|b" },
	{ "nothing is said of validation: what is there counts",
	  say_programs,
	  { "problem.yaml", "output_validator/check.py" },
	  "output output_validator" },
	{ "the default is asked for",
	  say_programs,
	  { "problem.yaml\nvalidation: default\nvalidator_flags: [float_tolerance, 1e-6]",
	    "output_validators/check.py" },
	  " flags=float_tolerance|1e-6" },
	{ "interactive in spite of that",
	  say_programs,
	  { "problem.yaml\nvalidation: default\ntype: interactive", "output_validators/check.py" },
	  "output output_validators" },
	{ "an ini alone takes what is there",
	  say_programs,
	  { "domjudge-problem.ini", "output_validators/check.py" },
	  "output output_validators" },
	{ "included files",
	  say_programs,
	  { "problem.yaml", "include/python3/a.py", "include/default/lib/b.txt", "include/cobol/c.cob",
	    "include/d.txt" },
	  "include default/lib/b.txt\ninclude python/a.py" },
	/* ---- constants ---- */
	{ "constants, where they count",
	  say_files,
	  { "problem.yaml\nproblem_format_version: 2025-09\nconstants: {n: 7, _s: a b, e: ''}",
	    "statement/problem.en.md\n{{n}}{{_s}}!{{e}}{{x}}{{ n }}{{n}",
	    "statement/problem.sv.tex\n$\\constant{n}$", "input_validators/v.py\n{{n}}",
	    "output_validator/v.py\n{{e}}", "include/python/a.py\n{{{n}}}",
	    "submissions/accepted/a.py\n{{n}}", "data/secret/test_group.yaml\nargs: ['{{n}}']",
	    "data/secret/1.in\n{{n}}", "data/secret/1.ans\n{{n}}" },
	  "data/secret/1.ans {{n}}\ndata/secret/1.in {{n}}\ndata/secret/test_group.yaml args: ['7']\n"
	  "include/python/a.py {7}\ninput_validators/v.py 7\noutput_validator/v.py \n"
	  "statement/problem.en.md 7a b!{{x}}{{ n }}{{n}\nstatement/problem.sv.tex $7$\n"
	  "submissions/accepted/a.py 7" },
	{ "there are none in the first version",
	  say_files,
	  { "problem.yaml\nconstants: {n: 7}", "statement/problem.en.md\n{{n}}" },
	  "statement/problem.en.md {{n}}" },
	/* ---- notes ---- */
	{ "a package with nothing in it",
	  say_all_notes,
	  { "problem.yaml\nname: A" },
	  "there is no statement\nthere is no input validator\nthere are no tests in data/secret\nthere are "
	  "no submissions" },
#define WHOLE                                                                                    \
	"problem.txt", "submissions/accepted/a.py", "input_validators/v.py", "data/secret/1.in", \
		"data/secret/1.ans"
	{ "one that has all", say_all_notes, { "problem.yaml\nname: A", WHOLE }, "" },
	{ "unknown keys",
	  say_all_notes,
	  { ("problem.yaml\nname: A\nlimit: 1\nfavourite: blue\nlimits: {memmory: 1, time_multipliers: {x: "
	     "1}}"),
	    WHOLE },
	  "problem.yaml:4: the key limits.time_multipliers.x is not known here\n"
	  "problem.yaml:4: the key limits.memmory is not known here; is it memory?\n"
	  "problem.yaml:2: the key limit is not known here; is it limits?\n"
	  "problem.yaml:3: the key favourite is not known here" },
	{ "wrong values",
	  say_all_notes,
	  { ("problem.yaml\nname: A\nauthor: [x]\ntype: fun\nvalidation: maybe\nlicense: mine\n"
	     "limits: {memory: x, time_limit: 0}\nuuid: x\nallow_file_writing: perhaps"),
	    WHOLE },
	  "problem.yaml:3: type has a type that is not known here; it is ignored\n"
	  "problem.yaml:4: validation has a word that is not known here; it is ignored\n"
	  "problem.yaml:6: limits.memory must be a number from 1 to 65536; it is ignored\n"
	  "problem.yaml:6: limits.time_limit must be a number from 0.001 to 3600; it is ignored\n"
	  "problem.yaml:8: allow_file_writing must be true or false\n"
	  "problem.yaml:2: author must be text\n"
	  "problem.yaml:5: license is none of the format's licenses\n"
	  "problem.yaml:5: license needs a rights_owner\n"
	  "problem.yaml:7: uuid is no UUID; it is ignored" },
	{ "both types",
	  say_all_notes,
	  { "problem.yaml\nname: A\ntype: [pass-fail, scoring]", WHOLE },
	  "problem.yaml:2: type has pass-fail and scoring: it is scoring" },
	{ "score without scoring",
	  say_all_notes,
	  { "problem.yaml\nname: A\nvalidation: custom score", "output_validators/v.py", WHOLE },
	  "problem.yaml:2: validation has score, but the problem's type is not scoring" },
	{ "names of what has no statement",
	  say_all_notes,
	  { "problem.yaml\nproblem_format_version: 2025-09\nname: {en: A, sv: B}", WHOLE },
	  "there is a name in sv, and no statement in that language" },
	{ "a validator that nobody asks",
	  say_all_notes,
	  { "problem.yaml\nname: A\nvalidation: default", "output_validators/v.py", WHOLE },
	  "output_validators: problem.yaml says 'validation: default': this program is not asked" },
	{ "a validator that is not there",
	  say_all_notes,
	  { "problem.yaml\nname: A\nvalidation: custom", WHOLE },
	  "there is no output validator in output_validator: outputs are compared with the answers" },
	{ "a conversation with nobody",
	  say_all_notes,
	  { "problem.yaml\nname: A\ntype: interactive", WHOLE },
	  "there is no output validator in output_validator" },
	{ "two time limits",
	  say_all_notes,
	  { "problem.yaml\nname: A\nlimits: {time_limit: 1}", ".timelimit\n2",
	    "domjudge-problem.ini\ntimelimit=x", WHOLE },
	  "domjudge-problem.ini:1: x is no time limit: from 0.001 to 3600 seconds\n"
	  ".timelimit: the time limit of limits.time_limit counts, not the 2 s here" },
	{ "an ini with everything",
	  say_all_notes,
	  { "problem.yaml\nname: A",
	    ("domjudge-problem.ini\n\xef\xbb\xbf; comment\n# comment\n[section]\nallow_submit = "
	     "1\r\nallow_judge=on\n"
	     "points=3\nname = 'two\nlines'\nspecial_run = boolfind_run\nspecial_compare=compare ; usual\n"
	     "what = 1\nnonsense\n"),
	    WHOLE },
	  "domjudge-problem.ini:12: there is no 'key = value' here\n"
	  "domjudge-problem.ini:9: special_run: the program boolfind_run is not in the package\n"
	  "domjudge-problem.ini:11: the key what is not known here" },
	{ "graders, embargo",
	  say_all_notes,
	  { "problem.yaml\nname: A\nembargo_until: 2031-01-01", "graders/g.py", WHOLE },
	  "problem.yaml:2: embargo_until: when it may be published is up to whoever publishes it\n"
	  "graders: programs that grade are not run: the default grader is" },
};

static bool is_said(const struct row *row)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer said = { 0 };
	struct package_tree tree;
	struct package package;
	struct error err;

	made_tree(row->files, MADE_FILES_MAX, pool, &tree);
	if (package_read(&tree, made_catalogue, pool, &package, &err) < 0)
		buffer_puts(&said, err.text);
	else
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

/* ---- what is refused ---- */

static const struct refusal {
	const char *files[MADE_FILES_MAX];
	const char *why;
} refusals[] = {
	{ { "README" }, "it: there is no problem.yaml in it, no domjudge-problem.ini and no problem.xml" },
	{ { "problem.yaml\n- a" }, "it: problem.yaml:1:1: keys and their values belong here" },
	{ { "problem.yaml\na: {" }, "it: problem.yaml:" },
	{ { "problem.yaml", "data/secret/testdata.yaml\n[" }, "it: data/secret/testdata.yaml:" },
	{ { "problem.yaml", "data/secret/1.in", "data/secret/1.ans", "data/secret/1.yaml\nargs: {" },
	  "it: data/secret/1.yaml:" },
	{ { "problem.yaml\ntype: scoring\nproblem_format_version: 2025-09", "data/secret/1/1.in",
	    "data/secret/1/1.ans" },
	  "it: the groups of tests: group 'secret/1': one that passes or fails needs max_score" },
	{ { "problem.yaml\ntype: scoring\nproblem_format_version: 2025-09", "data/secret/1/1.in",
	    "data/secret/1/1.ans", "data/secret/1/test_group.yaml\nmax_score: 1\nrequire_pass: secret/2" },
	  "it: the groups of tests: group 'secret/1' requires 'secret/2'" },
	{ { "problem.yaml", "data/secret/1.in", "data/secret/1.ans",
	    "data/testdata.yaml\ngrader_flags: best" },
	  "it: the groups of tests: group '': the default grader does not know 'best'" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct package_tree tree;
		struct package package;
		struct error err;

		made_tree(refusals[i].files, MADE_FILES_MAX, pool, &tree);
		assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), -EINVAL);
		if (strncmp(err.text, refusals[i].why, strlen(refusals[i].why)) != 0)
			fail_msg("%s\nnot\n%s", err.text, refusals[i].why);
	}
}

/* A constant of a megabyte, a thousand times. */
static void test_constants_are_bounded(void **state)
{
	enum { BIG = 900000, TIMES = 1000 };
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer many = { 0 };
	char *big = pool_alloc(pool, BIG + 1);
	struct package package;
	struct error err;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', BIG);
	for (size_t i = 0; i < TIMES; i++)
		buffer_puts(&many, "{{n}}");
	char *problem = pool_printf(pool, "problem_format_version: 2025-09\nconstants: {n: %s}\n", big);
	struct package_file files[] = {
		{ .path = "problem.yaml", .bytes = problem, .size = strlen(problem) },
		{ .path = "statement/problem.en.md", .bytes = buffer_text(&many), .size = many.size },
	};
	struct package_tree tree = { "it", files, 2 };
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), -E2BIG);
	assert_string_equal(err.text,
			    "it: statement/problem.en.md: with its constants replaced the package is too "
			    "large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_constants_are_bounded),
	};

	return cmocka_run_group_tests(tests, made_load, made_free);
}
