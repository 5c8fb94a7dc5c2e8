/* problem.xml of Polygon's packages: what each part says, a row a rule; and that of the sample problem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made.h"
#include "xml.h"

/* ---- what was read, a part at a time ---- */

static void say_words(const struct package *package, struct buffer *out)
{
	buffer_printf(out, "%s %s", package_format_name(package->format), package->short_name);
	for (size_t i = 0; i < package->name_count; i++)
		buffer_printf(out, " %s:%s", package->names[i].language, package->names[i].text);
	say_text(out, "version", package->version);
	say_text(out, "license", package->license);
	say_text(out, "author", package->author);
	say_text(out, "source", package->source);
	if (package->keywords[0])
		say_list(out, "keywords", package->keywords);
	for (size_t i = 0; i < package->statement_count; i++)
		buffer_printf(out, "\n%s %s %s", package->statements[i].language,
			      package->statements[i].format, package->statements[i].path);
}

static void say_limits(const struct package *package, struct buffer *out)
{
	if (package->time.given)
		buffer_printf(out, "%g s from %s, ", package->time.limit_s, package->time.from);
	buffer_printf(out, "%lld MiB", (long long)package->limits.memory_bytes >> 20);
	say_text(out, "in", package->input_file);
	say_text(out, "out", package->output_file);
	assert_true(package->time.multiplier > 0 && package->time.resolution_s > 0);
	assert_true(package->limits.output_bytes > 0 && package->limits.processes > 0);
	assert_int_equal(package->validation_limits.cpu_time_us, 60000000);
	assert_int_equal(package->validation_limits.memory_bytes, INT64_C(2048) << 20);
	assert_int_equal(package->compile_limits.cpu_time_us, 60000000);
	assert_int_equal(package->passes, 1);
	assert_int_equal(package->input_validator_right, 0);
	assert_int_equal(package->convention, CONVENTION_TESTLIB);
}

/* NAME=INPUT>ANSWER(GROUP)POINTS*: with a star it is a sample. */
static void say_tests(const struct package *package, struct buffer *out)
{
	for (size_t i = 0; i < package->test_count; i++) {
		const struct package_test *test = &package->tests[i];

		buffer_printf(out, "%s%s=%s>%s(%s)%g%s", i ? " " : "", test->name, test->input, test->answer,
			      test->group, test->points, test->sample ? "*" : "");
		assert_string_equal(test->input_file->bytes, test->input);
		assert_int_equal(test->answer_size, strlen(test->answer));
	}
	for (size_t i = 0; i < package->sample_count; i++)
		buffer_printf(out, "\n%s %s>%s", package->samples[i].name, package->samples[i].input,
			      package->samples[i].output);
}

static void say_groups(const struct package *package, struct buffer *out)
{
	assert_int_equal(package->scoring, package->groups != NULL);
	if (!package->groups)
		buffer_puts(out, "none");
	for (size_t i = 0; package->groups && i < package->groups->count; i++) {
		const struct group_settings *group = &package->groups->settings[i];

		buffer_printf(out, "%s%s %s", i ? "\n" : "", group->name,
			      group->complete ? "complete" : "each");
		if (group->has_points)
			buffer_printf(out, " %g", group->points);
		say_list(out, "needs", group->needs);
	}
	assert_true(!package->groups || package->groups->rules == SCORING_POLYGON);
}

static void say_program(struct buffer *out, const char *what, const struct package_program *program)
{
	if (!program)
		return;
	buffer_printf(out, "%s%s %s %s", out->size ? "\n" : "", what, program->path,
		      program->language ? program->language : "-");
	for (size_t i = 0; i < program->file_count; i++)
		buffer_printf(out, " %s", program->files[i].name);
}

static void say_programs(const struct package *package, struct buffer *out)
{
	say_program(out, "checker", package->output_validator);
	say_program(out, "interactor", package->interactor);
	for (size_t i = 0; i < package->input_validator_count; i++)
		say_program(out, "validator", &package->input_validators[i]);
	for (size_t i = 0; i < package->include_count; i++)
		buffer_printf(out, "%sinclude %s", out->size ? "\n" : "", package->includes[i].name);
	buffer_puts(out, package->interactive ? "\ninteractive" : "");
}

static void say_solutions(const struct package *package, struct buffer *out)
{
	cleanup_pool struct pool *pool = pool_new();

	for (size_t i = 0; i < package->submission_count; i++) {
		const struct package_submission *submission = &package->submissions[i];

		buffer_printf(out, "%s%s %s %s", i ? "\n" : "", submission->program.path,
			      submission->class_name,
			      submission->program.language ? submission->program.language : "-");
		for (size_t j = 0; j < submission->expectation_count; j++)
			buffer_printf(out, ": %s", expectation_words(&submission->expectations[j], pool));
		buffer_puts(out, submission->skipped ? " skipped" : "");
		buffer_puts(out, submission->sets_time_limit ? " sets" : "");
		buffer_puts(out, submission->exceeds_time ? " exceeds" : "");
		buffer_puts(out, submission->every_test ? " every" : "");
	}
}

static void say_all_notes(const struct package *package, struct buffer *out)
{
	say_notes(out, &package->notes);
}

/* ---- rows ---- */

#define PROBLEM(inner)             "problem.xml\n<problem short-name=\"a\">" inner "</problem>"
#define TESTSET(attributes, inner) "<testset " attributes ">" inner "</testset>"
#define JUDGING(inner)             PROBLEM("<judging>" TESTSET("name=\"tests\"", inner) "</judging>")
#define TESTS(list)                JUDGING("<tests>" list "</tests>")
#define SCORED(groups)                                                       \
	JUDGING("<tests><test points=\"1\" group=\"1\"/><test points=\"2\" " \
		"group=\"2\"/></tests><groups>" groups "</groups>")
#define ASSETS(inner) PROBLEM("<assets>" inner "</assets>")
#define SOLUTION(tag, name, type) \
	"<solution tag=\"" tag "\"><source path=\"" name "\" type=\"" type "\"/></solution>"
#define SOLUTIONS(list) ASSETS("<solutions>" list "</solutions>")
#define RESOURCES(list)                                                                                    \
	PROBLEM("<files><resources>" list "</resources></files><assets><checker type=\"testlib\"><source " \
		"path=\"files/check.cpp\" type=\"cpp.g++17\"/></checker></assets>")
#define TWO_TESTS "tests/01\n1", "tests/01.a\n2", "tests/02\n3", "tests/02.a\n4"

static const struct row {
	const char *story;
	void (*say)(const struct package *package, struct buffer *out);
	const char *files[MADE_FILES_MAX];
	const char *said;
} rows[] = {
	/* ---- words ---- */
	{ "names by language",
	  say_words,
	  { PROBLEM("<names><name language=\"english\" value=\"A\"/><name language=\"russian\" value=\"Б\"/>"
		    "<name language=\"klingon\" value=\"C\"/></names>") },
	  "polygon a en:A ru:Б klingon:C" },
	{ "the folder's name is better than none",
	  say_words,
	  { "problem.xml\n<problem/>" },
	  "polygon it :it" },
	{ "revision, tags, properties",
	  say_words,
	  { "problem.xml\n<problem short-name='b' revision='7'><tags><tag value='dp'/><tag "
	    "value='*2000'/></tags>"
	    "<properties><property name='license' value='MIT'/><property name='author' value='X'/>"
	    "<property name='source' value='Cup'/><property name='tests-well-formed' value='true'/>"
	    "</properties></problem>" },
	  "polygon b :b version=7 license=MIT author=X source=Cup keywords=dp|*2000" },
	{ "statements that are there",
	  say_words,
	  { PROBLEM("<statements><statement language='english' path='s/problem.tex' "
		    "type='application/x-tex'/>"
		    "<statement language='english' path='s/p.html' type='text/html'/><statement "
		    "language='russian' path='s/p.pdf' type='application/pdf'/><statement language='english' "
		    "path='s/not.tex' type='application/x-tex'/><statement path='s/p.html' type='image/png'/>"
		    "</statements>"),
	    "s/problem.tex", "s/p.html", "s/p.pdf" },
	  "polygon a :a\nen tex s/problem.tex\nen html s/p.html\nru pdf s/p.pdf" },
	{ "those that are not are told",
	  say_all_notes,
	  { PROBLEM("<statements>\n<statement path='s/not.tex' type='application/x-tex'/>\n<statement "
		    "path='s/p.html' type='image/png'/></statements><judging><testset name='tests'>"
		    "<time-limit>1</time-limit></testset></judging>"),
	    "s/p.html" },
	  "problem.xml:2: the statement 's/not.tex' is not there\n"
	  "problem.xml:3: a statement of the type 'image/png' is ignored\n"
	  "there is no statement\nthere are no tests\n"
	  "there is no checker: outputs are compared with the answers\nthere is no input validator\n"
	  "there are no solutions" },
	/* ---- limits ---- */
	{ "milliseconds and bytes",
	  say_limits,
	  { JUDGING("<time-limit>1500</time-limit><memory-limit>536870912</memory-limit>") },
	  "1.5 s from problem.xml, 512 MiB" },
	{ "none", say_limits, { JUDGING("") }, "256 MiB" },
	{ "what is no limit",
	  say_limits,
	  { JUDGING("<time-limit>0</time-limit><memory-limit>lots</memory-limit>") },
	  "256 MiB" },
	{ "files in place of streams",
	  say_limits,
	  { PROBLEM("<judging input-file='a.in' output-file='a.out'/>") },
	  "256 MiB in=a.in out=a.out" },
	{ "but not any file",
	  say_limits,
	  { PROBLEM("<judging input-file='../a.in' output-file='-o'/>") },
	  "256 MiB" },
	{ "two runs are told",
	  say_all_notes,
	  { PROBLEM("<judging run-count='2'/>") },
	  "problem.xml:1: run-count is 2: a program is run once a test here\nthere is no statement\n"
	  "problem.xml: there is no <testset> in <judging>\n"
	  "there is no time limit: it is made from solutions\nthere are no tests\n"
	  "there is no checker: outputs are compared with the answers\nthere is no input validator\n"
	  "there are no solutions" },
	/* ---- tests ---- */
	{ "in their order, with all that is said of them",
	  say_tests,
	  { TESTS("<test sample='true' method='manual'/><test group='g' points='2.5' method='generated' "
		  "cmd='g "
		  "1'/>"),
	    TWO_TESTS },
	  "tests/01=1>2()0* tests/02=3>4(g)2.5\ntests/01 1>2" },
	{ "test-count counts where they are not listed",
	  say_tests,
	  { JUDGING("<test-count>2</test-count>"), TWO_TESTS },
	  "tests/01=1>2()0 tests/02=3>4()0" },
	{ "patterns",
	  say_tests,
	  { JUDGING("<test-count>1</test-count><input-path-pattern>t/%d.in</input-path-pattern>"
		    "<answer-path-pattern>t/x%03d</answer-path-pattern>"),
	    "t/1.in\n1", "t/x001\n2" },
	  "t/1.in=1>2()0" },
	{ "patterns are nothing but a number",
	  say_tests,
	  { JUDGING("<test-count>1</test-count><input-path-pattern>%s%n</input-path-pattern>"
		    "<answer-path-pattern>tests/%02d%d.a</answer-path-pattern>"),
	    TWO_TESTS },
	  "tests/01=1>2()0" },
	{ "wide ones neither",
	  say_tests,
	  { JUDGING("<test-count>1</test-count><input-path-pattern>tests/%099d</input-path-pattern>"
		    "<answer-path-pattern>tests/01.a</answer-path-pattern>"),
	    TWO_TESTS },
	  "tests/01=1>2()0" },
	{ "the set that is called tests",
	  say_tests,
	  { PROBLEM("<judging>" TESTSET("name='pretests'", "<test-count>2</test-count>")
			    TESTSET("name='tests'", "<test-count>1</test-count>") "</judging>"),
	    TWO_TESTS },
	  "tests/01=1>2()0" },
	{ "else the first with tests",
	  say_tests,
	  { PROBLEM("<judging>" TESTSET("name='a'", "<test-count>0</test-count>")
			    TESTSET("name='b'", "<test-count>1</test-count>")
				    TESTSET("name='c'", "<test-count>2</test-count>") "</judging>"),
	    TWO_TESTS },
	  "tests/01=1>2()0" },
	{ "the others are told, and tests that are to be made",
	  say_all_notes,
	  { PROBLEM("<judging>" TESTSET("name='pretests'", "<test-count>2</test-count>") "\n" TESTSET(
		    "name='tests'", "<time-limit>1</time-limit><test-count>9</test-count>\n<tests><test/>\n"
				    "<test method='generated'/><test/></tests>") "</judging>"),
	    "tests/01\n1", "tests/01.a\n2", "tests/02\n3" },
	  "there is no statement\n"
	  "problem.xml:1: the tests of the set 'pretests' are not judged: those of 'tests' are\n"
	  "problem.xml:4: 8 of 9 tests have no input or no answer and are left out: take the full package, "
	  "or run "
	  "doall.sh in this one, which makes them\n"
	  "there is no checker: outputs are compared with the answers\nthere is no input validator\n"
	  "there are no solutions" },
	/* ---- groups ---- */
	{ "without points there are none",
	  say_groups,
	  { JUDGING("<tests><test group='1'/></tests><groups><group name='1' points-policy='complete-group'/>"
		    "</groups>"),
	    TWO_TESTS },
	  "none" },
	{ "points are enough", say_groups, { TESTS("<test points='1'/>"), TWO_TESTS }, "" },
	{ "policies, points and dependencies",
	  say_groups,
	  { SCORED("<group name='1' points='9' points-policy='each-test'/><group name='2' points='5' "
		   "points-policy='complete-group'><dependencies><dependency "
		   "group='1'/></dependencies></group>"),
	    TWO_TESTS },
	  "1 each\n2 complete 5 needs=1" },
	{ "a complete group without points has its tests'",
	  say_groups,
	  { SCORED("<group name='2' points='0.0' points-policy='complete-group'/>"), TWO_TESTS },
	  "2 complete" },
	{ "a group's points alone score",
	  say_groups,
	  { JUDGING("<test-count>1</test-count><groups><group name='2' points='3' "
		    "points-policy='complete-group'/></groups>"),
	    TWO_TESTS },
	  "2 complete 3" },
	{ "what is unknown is left out",
	  say_groups,
	  { SCORED("<group name='1' points-policy='perhaps'><dependencies><dependency group='7'/><dependency "
		   "group='2'/></dependencies></group><group name='2'/>"),
	    TWO_TESTS },
	  "1 each needs=2\n2 each" },
	/* ---- programs ---- */
	{ "checker, interactor, validators, and the headers beside",
	  say_programs,
	  { PROBLEM("<files><resources><file path='files/testlib.h'/><file path='files/olymp.sty'/><file "
		    "path='files/other.cpp' type='cpp.g++17'/></resources></files><assets><checker "
		    "name='std::wcmp.cpp'><source path='files/check.cpp' type='cpp.g++17'/><binary "
		    "path='check.exe' type='exe.win32'/></checker><interactor><source path='files/talk.py' "
		    "type='python.3'/></interactor><validators><validator><source path='files/val.cpp' "
		    "type='cpp.gcc11-64-winlibs-g++20'/></validator><validator><source path='files/no.cpp' "
		    "type='cpp.g++17'/></validator></validators></assets>"),
	    "files/testlib.h", "files/olymp.sty", "files/other.cpp", "files/check.cpp", "files/talk.py",
	    "files/val.cpp", "check.exe" },
	  "checker files/check.cpp cpp check.cpp testlib.h\ninteractor files/talk.py python talk.py "
	  "testlib.h\n"
	  "validator files/val.cpp cpp val.cpp testlib.h\ninteractive" },
	{ "without a checker the interactor is asked",
	  say_programs,
	  { ASSETS("<interactor><source path='talk.py' type='python.3'/></interactor>"), "talk.py" },
	  "checker talk.py python talk.py\ninteractive" },
	{ "a checker that is not there", say_programs, { RESOURCES("") }, "" },
	{ "resources of some programs alone",
	  say_programs,
	  { RESOURCES(
		    "<file path='files/grader.cpp' for-types='cpp.*;python.*'><assets><asset "
		    "name='SOLUTION'/></assets></file><file path='files/a.h'><assets><asset name='solution'/>"
		    "<asset name='checker'/></assets></file>"),
	    "files/check.cpp", "files/grader.cpp", "files/a.h" },
	  "checker files/check.cpp cpp check.cpp a.h\ninclude cpp/grader.cpp\ninclude python/grader.cpp\n"
	  "include cpp/a.h\ninclude c/a.h" },
	/* ---- solutions ---- */
	{ "tags",
	  say_solutions,
	  { SOLUTIONS(SOLUTION("main", "a.cpp", "cpp.g++17") SOLUTION("accepted", "b.cpp", "cpp.g++17")
			      SOLUTION("rejected", "c.cpp", "cpp.g++17")
				      SOLUTION("failed", "d.cpp", "cpp.g++17")
					      SOLUTION("wrong-answer", "e.cpp", "cpp.g++17")
						      SOLUTION("presentation-error", "f.cpp", "cpp.g++17")),
	    "a.cpp", "b.cpp", "c.cpp", "d.cpp", "e.cpp", "f.cpp" },
	  "a.cpp main cpp: accepted sets\n"
	  "b.cpp accepted cpp: accepted sets\n"
	  "c.cpp rejected cpp: rejected\n"
	  "d.cpp failed cpp: rejected\n"
	  "e.cpp wrong-answer cpp: wrong_answer\n"
	  "f.cpp presentation-error cpp: wrong_answer" },
	{ "tags of limits",
	  say_solutions,
	  { SOLUTIONS(SOLUTION("time-limit-exceeded", "a.cpp",
			       "cpp.g++17") SOLUTION("time-limit-exceeded-or-accepted", "b.cpp", "cpp.g++17")
			      SOLUTION("time-limit-exceeded-or-memory-limit-exceeded", "c.cpp", "cpp.g++17")
				      SOLUTION("memory-limit-exceeded", "d.cpp", "cpp.g++17")
					      SOLUTION("do-not-run", "e.cpp", "cpp.g++17")
						      SOLUTION("odd", "f.cpp", "cpp.g++17")),
	    "a.cpp", "b.cpp", "c.cpp", "d.cpp", "e.cpp", "f.cpp" },
	  "a.cpp time-limit-exceeded cpp: time_limit_exceeded exceeds\n"
	  "b.cpp time-limit-exceeded-or-accepted cpp: accepted or time_limit_exceeded\n"
	  "c.cpp time-limit-exceeded-or-memory-limit-exceeded cpp: time_limit_exceeded or runtime_error\n"
	  "d.cpp memory-limit-exceeded cpp: runtime_error\n"
	  "e.cpp do-not-run cpp skipped\n"
	  "f.cpp odd cpp" },
	{ "with points a tag is about some test",
	  say_solutions,
	  { PROBLEM("<judging><testset name='tests'><tests><test points='1'/></tests></testset></judging>"
		    "<assets><solutions>" SOLUTION("wrong-answer", "a.py", "python.3")
			    SOLUTION("rejected", "b.py", "python.3")
				    SOLUTION("accepted", "c.py", "python.3") "</solutions></assets>"),
	    TWO_TESTS, "a.py", "b.py", "c.py" },
	  "a.py wrong-answer python: wrong_answer every\n"
	  "b.py rejected python: rejected\n"
	  "c.py accepted python: accepted sets" },
	{ "languages",
	  say_solutions,
	  { SOLUTIONS(SOLUTION("main", "a.c", "c.gcc") SOLUTION("main", "b.java", "java21") SOLUTION(
		    "main", "c.py", "python.pypy3-64") SOLUTION("main", "d.py", "python.2")
			      SOLUTION("main", "e.pas", "pas.fpc") SOLUTION("main", "f.js", "javascript")
				      SOLUTION("main", "g.cs", "csharp.mono") SOLUTION(
					      "main", "h.py", "python.pypy2") SOLUTION("main", "i.rs", "")
					      SOLUTION("main", "no.py", "python.3")),
	    "a.c", "b.java", "c.py", "d.py", "e.pas", "f.js", "g.cs", "h.py", "i.rs" },
	  "a.c main c: accepted sets\nb.java main java: accepted sets\nc.py main python: accepted sets\n"
	  "d.py main -: accepted sets\ne.pas main -: accepted sets\nf.js main javascript: accepted sets\n"
	  "g.cs main csharp: accepted sets\nh.py main -: accepted sets\ni.rs main rust: accepted sets" },
	{ "what is odd is told",
	  say_all_notes,
	  { SOLUTIONS("<solution/>\n" SOLUTION("odd", "a.py",
					       "python.3") "\n<solution tag='main'><source "
							   "path='a.py'/><extra-tags><extra-tag "
							   "group='1'/></extra-tags></solution>\n" SOLUTION(
								   "main", "no.py", "python.3")),
	    "a.py" },
	  "there is no statement\nproblem.xml: there is no <testset> in <judging>\n"
	  "there is no time limit: it is made from solutions\nthere are no tests\n"
	  "there is no checker: outputs are compared with the answers\nthere is no input validator\n"
	  "problem.xml:1: a solution without a <source> is ignored\n"
	  "problem.xml:2: the tag 'odd' is not known here: anything goes\n"
	  "problem.xml:3: what is expected of it in groups of tests is not checked\n"
	  "problem.xml:4: the source 'no.py' is not there" },
};

static void test_rows(void **state)
{
	(void)state;
	size_t failed = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer out = { 0 };
		struct package_tree tree;
		struct package package;
		struct error err = { 0 };

		made_tree(rows[i].files, MADE_FILES_MAX, pool, &tree);
		if (package_read(&tree, made_catalogue, pool, &package, &err) < 0)
			buffer_puts(&out, err.text);
		else
			rows[i].say(&package, &out);
		if (strcmp(buffer_text(&out), rows[i].said) != 0) {
			print_error("%s:\nwanted: %s\nis:     %s\n", rows[i].story, rows[i].said,
				    buffer_text(&out));
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* ---- what refuses the package ---- */

static const struct {
	const char *story, *problem, *why;
} refusals[] = {
	{ "nothing", "problem.xml\n", "it: problem.xml: line 1: no element found" },
	{ "no XML", "problem.xml\n<problem>\n</names>", "it: problem.xml: line 2: mismatched tag" },
	{ "another document", "problem.xml\n<contest/>",
	  "it: problem.xml: it is about a <contest>, not a <problem>" },
	{ "entities",
	  "problem.xml\n<!DOCTYPE problem [<!ENTITY a \"aaaaaaaa\">\n<!ENTITY b "
	  "\"&a;&a;\">]><problem>&b;</problem>",
	  "it: problem.xml: line 1: entities may not be declared" },
	{ "entities from elsewhere",
	  "problem.xml\n<!DOCTYPE problem [<!ENTITY a SYSTEM \"/etc/passwd\">]><problem>&a;</problem>",
	  "it: problem.xml: line 1: entities may not be declared" },
	{ "an encoding that nobody knows",
	  "problem.xml\n<?xml version=\"1.0\" encoding=\"klingon\"?><problem/>",
	  "it: problem.xml: line 1: unknown encoding" },
	{ "too many tests", JUDGING("<test-count>10001</test-count>"),
	  "it: there are more than 10000 tests" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		const char *files[] = { refusals[i].problem };
		struct package_tree tree;
		struct package package;
		struct error err = { 0 };

		made_tree(files, 1, pool, &tree);
		assert_true(package_read(&tree, made_catalogue, pool, &package, &err) < 0);
		assert_string_equal(err.text, refusals[i].why);
	}
}

static void read_xml(const struct buffer *text, int code, const char *why)
{
	cleanup_pool struct pool *pool = pool_new();
	const struct xml_node *root;
	struct error err = { 0 };

	assert_int_equal(xml_parse(buffer_text(text), text->size, pool, &root, &err), code);
	assert_string_equal(err.text, why);
}

static void put_times(struct buffer *out, size_t times, const char *text)
{
	for (size_t i = 0; i < times; i++)
		buffer_puts(out, text);
}

static void test_xml_is_bounded(void **state)
{
	cleanup_buffer struct buffer deep = { 0 }, many = { 0 }, large = { 0 };

	(void)state;
	put_times(&deep, XML_DEPTH_MAX, "<a>");
	put_times(&deep, XML_DEPTH_MAX, "</a>");
	read_xml(&deep, 0, "");
	buffer_clear(&deep);
	put_times(&deep, XML_DEPTH_MAX + 1, "<a>");
	read_xml(&deep, -E2BIG, "line 1: elements are within each other more than 64 deep");
	buffer_puts(&many, "<a>");
	put_times(&many, XML_NODES_MAX, "<b/>");
	buffer_puts(&many, "</a>");
	read_xml(&many, -E2BIG, "line 1: there are more than 200000 elements and attributes");
	put_times(&large, XML_BYTES_MAX / 8 + 1, "        ");
	read_xml(&large, -E2BIG, "it has more than 8 MiB");
}

static void test_xml_tree(void **state)
{
	static const char document[] =
		"<?xml version='1.0'?>\n<a x='1' y='&lt;2'>\n<b> one &amp; <![CDATA[two]]>\n"
		"</b><c>left<d/>out</c>\n<b/></a>";
	cleanup_pool struct pool *pool = pool_new();
	const struct xml_node *root, *b;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(xml_parse(document, sizeof document - 1, pool, &root, &err), 0);
	assert_string_equal(xml_attribute(root, "y"), "<2");
	assert_null(xml_attribute(root, "z"));
	b = xml_child(root, "b");
	assert_string_equal(b->text, "one & two");
	assert_int_equal(b->line, 3);
	assert_int_equal(xml_next(b)->line, 5);
	assert_string_equal(xml_next(b)->text, "");
	assert_null(xml_next(xml_next(b)));
	assert_string_equal(xml_child(root, "c")->text, "");
	assert_null(xml_child(xml_child(root, "none"), "none"));
}

/* ---- the sample ---- */

static void test_sample_problem(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer notes = { 0 }, groups = { 0 }, programs = { 0 };
	struct package_notes tree_notes = { .pool = pool };
	struct package_tree tree;
	struct package package;
	struct task task;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(
		package_tree_read(LANGUAGES_DIR "/../problems/heaviest", pool, &tree_notes, &tree, &err), 0);
	assert_int_equal(package_read(&tree, made_catalogue, pool, &package, &err), 0);
	say_notes(&notes, &tree_notes);
	say_notes(&notes, &package.notes);
	assert_string_equal(buffer_text(&notes), "");
	say_groups(&package, &groups);
	assert_string_equal(buffer_text(&groups),
			    "0 complete\n1 each\n2 complete 30 needs=0\n3 complete 50 needs=1|2");
	say_programs(&package, &programs);
	assert_string_equal(buffer_text(&programs),
			    "checker files/check.cpp cpp check.cpp verdict.h\n"
			    "interactor files/interactor.cpp cpp interactor.cpp verdict.h\n"
			    "validator files/validator.cpp cpp validator.cpp verdict.h\n"
			    "interactive");
	assert_int_equal(package.submission_count, 7);
	assert_int_equal(package_task(&package, &package.submissions[5].program, 1, pool, &task, &err), 0);
	assert_non_null(task.checker);
	assert_non_null(task.interactor);
	assert_int_equal(task.test_count, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),           cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_xml_is_bounded), cmocka_unit_test(test_xml_tree),
		cmocka_unit_test(test_sample_problem),
	};

	return cmocka_run_group_tests(tests, made_load, made_free);
}
