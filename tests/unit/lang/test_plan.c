/* From files to names and commands, with a made-up language whose tool every host has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "folder.h"
#include "lang/lang.h"

static const char compiled[] =
	"id: comp\nname: Comp\nextensions: [comp, cmp]\nsource: main.comp\n"
	"tools: [{name: sh, paths: [/bin/sh], package: dash}]\n"
	"version: [\"{sh}\", -c, echo 1.0]\n"
	"compile: [\"{sh}\", -m, \"{memory_mb}\", \"{sources}\", \"-h{heap_mb}\"]\ncollect: out\n"
	"run: [\"{sh}\", \"out/{stem}\", \"{class}\", \"{main}\", \"{memory_mb}/{heap_mb}\", \"{pack}\"]\n"
	"environment: [HOME=/tmp, \"M={memory_mb}\"]\n"
	"hello: x\nhello_output: x\necho: x\n";
static const char named[] =
	"id: jav\nname: Jav\nextensions: [jav]\nsource: Main.jav\nname_from_public_class: true\n"
	"tools: [{name: sh, paths: [/bin/sh], package: dash}]\n"
	"version: [\"{sh}\", -c, echo 1.0]\nrun: [\"{sh}\", \"{class}\", \"{sources}\"]\n"
	"hello: x\nhello_output: x\necho: x\n";

static struct folder folder;
static struct catalogue *catalogue;

static int set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	folder_open(&folder);
	folder_write(&folder, "comp.yaml", compiled, 0644);
	folder_write(&folder, "jav.yaml", named, 0644);
	if (catalogue_load(folder.path, &catalogue, &err) < 0)
		fail_msg("%s", err.text);
	catalogue_probe(catalogue, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	catalogue_free(catalogue);
	folder_remove(&folder);
	return 0;
}

/* The words with a bar between. */
static void assert_words(const char *const *words, const char *expected)
{
	cleanup_buffer struct buffer text = { 0 };

	for (size_t i = 0; words[i]; i++)
		buffer_printf(&text, "%s%s", i ? "|" : "", words[i]);
	assert_string_equal(buffer_text(&text), expected);
}

static const char *const no_args[] = { NULL };

static void commands_are_filled_in(void **state)
{
	const struct lang_source files[] = { { "src/a.cmp", "x", 1 }, { "b.h", "", 0 }, { "c.COMP", "", 0 } };
	const char *const args[] = { "{main}", "", NULL };
	cleanup_pool struct pool *pool = pool_new();
	struct error err = { 0 };
	struct lang_plan plan;

	(void)state;
	if (lang_plan(catalogue_find(catalogue, "comp"), files, 3, args, 100 << 20, 512 << 20, pool, &plan,
		      &err) < 0)
		fail_msg("%s", err.text);
	assert_words(plan.compile_argv, "/bin/sh|-m|512|src/a.cmp|c.COMP|-h384");
	assert_words(plan.run_argv, "/bin/sh|out/src/a|src/a|src/a.cmp|100/75|/opt/languages|{main}|");
	assert_words(plan.environment, "HOME=/tmp|M=100|PATH=/usr/bin:/bin|TMPDIR=/tmp|LANG=C.UTF-8");
	assert_string_equal(plan.collect, "out");
	assert_string_equal(plan.entry, "src/a.cmp");
	assert_int_equal(plan.file_count, 3);
	assert_string_equal(plan.files[1].name, "b.h");
}

/* Where it starts is known only when it was compiled. */
static void another_class_may_be_started(void **state)
{
	static const char source[] = "class A {"
				     "public static void main(String[] a) {}"
				     "}";
	const struct lang_source file = { NULL, source, sizeof source - 1 };
	const char *const args[] = { "A", NULL };
	cleanup_pool struct pool *pool = pool_new();
	struct lang_plan plan;

	(void)state;
	assert_int_equal(lang_plan(catalogue_find(catalogue, "jav"), &file, 1, args, 1 << 20, 1 << 20, pool,
				   &plan, NULL),
			 0);
	assert_words(plan.run_argv, "/bin/sh|A|A.jav|A");
	assert_string_equal(plan.entry, "A");
	assert_int_equal(lang_plan_start(&plan, "p.B", pool), 0);
	assert_words(plan.run_argv, "/bin/sh|p.B|A.jav|A");
	assert_string_equal(plan.entry, "p.B");
}

static void more_words_are_bounded_too(void **state)
{
	const struct lang_source file = { NULL, "", 0 };
	cleanup_pool struct pool *pool = pool_new();
	const char **more = pool_array(pool, 1001, sizeof *more);
	struct error err = { 0 };
	struct lang_plan plan;

	(void)state;
	assert_int_equal(lang_plan(catalogue_find(catalogue, "comp"), &file, 1, no_args, 1 << 20, 1 << 20,
				   pool, &plan, NULL),
			 0);
	assert_int_equal(lang_plan_check_words(&plan, NULL, NULL), 0);
	for (size_t i = 0; i < 900; i++)
		more[i] = "x";
	assert_int_equal(lang_plan_check_words(&plan, more, NULL), 0);
	for (size_t i = 900; i < 1000; i++)
		more[i] = "x";
	assert_int_equal(lang_plan_check_words(&plan, more, &err), -EINVAL);
	assert_non_null(strstr(err.text, "too many arguments"));
}

static void a_nameless_file_gets_the_languages_name(void **state)
{
	const struct lang_source file = { NULL, "x", 1 };
	cleanup_pool struct pool *pool = pool_new();
	struct lang_plan plan;

	(void)state;
	assert_int_equal(lang_plan(catalogue_find(catalogue, "comp"), &file, 1, no_args, 1 << 20, 1 << 20,
				   pool, &plan, NULL),
			 0);
	assert_string_equal(plan.files[0].name, "main.comp");
	assert_words(plan.compile_argv, "/bin/sh|-m|1|main.comp|-h0");
}

#define MAIN "public static void main(String[] a) {}"

static const struct {
	struct lang_source files[3];
	const char *expected; /* class|files */
} classes[] = {
	{ { { NULL, "public class A {" MAIN "}", 0 } }, "A|A.jav" },
	{ { { "x.jav", "public class A {" MAIN "}", 0 } }, "A|A.jav" },
	{ { { "p/x.jav", "package p; public class A {" MAIN "}", 0 } }, "p.A|p/A.jav" },
	{ { { NULL, "package p; class A {" MAIN "}", 0 } }, "p.A|A.jav" },
	{ { { "x.jav", "class A {" MAIN "}", 0 } }, "A|x.jav" },
	{ { { NULL, "class A {}", 0 } }, "Main|Main.jav" },
	{ { { NULL, "", 0 } }, "Main|Main.jav" },
	{ { { "L.jav", "public class L {}", 0 }, { "m.jav", "public class M {" MAIN "}", 0 } },
	  "M|L.jav|M.jav" },
	{ { { "m.jav", "public class M {" MAIN "}", 0 }, { "d.txt", "public class D {}", 0 } }, "M|M.jav" },
};

static void files_are_named_after_their_public_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		struct lang_source files[3];
		cleanup_pool struct pool *pool = pool_new();
		struct error err = { 0 };
		struct lang_plan plan;
		size_t count = 0;
		char expected[80];

		for (; count < 3 && classes[i].files[count].data; count++) {
			files[count] = classes[i].files[count];
			files[count].size = strlen(files[count].data);
		}
		if (lang_plan(catalogue_find(catalogue, "jav"), files, count, no_args, 1 << 20, 1 << 20, pool,
			      &plan, &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		snprintf(expected, sizeof expected, "/bin/sh|%s", classes[i].expected);
		assert_words(plan.run_argv, expected);
		assert_null(plan.compile_argv);
	}
}

#define LONG_64  "0123456789012345678901234567890123456789012345678901234567890123"
#define LONG_256 LONG_64 LONG_64 LONG_64 LONG_64

static const struct {
	const char *names[3];
	const char *complaint; /* NULL: taken */
} names[] = {
	{ { "a.comp", "b/c/d.h", ".hidden" }, NULL },
	{ { "a.comp", "a b.txt", "\xc3\xa4" }, NULL },
	{ { "a.comp", "outer", "out.txt" }, NULL },
	{ { "a.comp", "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16" }, NULL },
	{ { "a.comp", "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17" }, "file 2: bad file name" },
	{ { "" }, "file 1: bad file name" },
	{ { "/a.comp" }, "file 1: bad file name \"/a.comp\"" },
	{ { "../a.comp" }, "file 1: bad file name" },
	{ { "a/../b.comp" }, "file 1: bad file name" },
	{ { "a/./b.comp" }, "file 1: bad file name" },
	{ { "a//b.comp" }, "file 1: bad file name" },
	{ { "a.comp/" }, "file 1: bad file name" },
	{ { "-o.comp" }, "file 1: bad file name" },
	{ { "@a.comp" }, "file 1: bad file name" },
	{ { "a\n.comp" }, "file 1: bad file name" },
	{ { "a.comp", LONG_256 }, "file 2: bad file name" },
	{ { "a.txt" }, "no file of a Comp program ends in .comp" },
	{ { "comp", "b.h" }, "no file of a Comp program ends in .comp" },
	{ { "a.txt", "b.CMP" }, NULL },
	{ { "a.comp", "b.h", "a.comp" }, "two files are called a.comp" },
	{ { "a.comp", "b", "b/c" }, "two files are called b/c" },
	{ { "a.comp", "b/c", "b" }, "two files are called b" },
	{ { "a.comp", "out" }, "file name out is taken by the compiled program" },
	{ { "a.comp", "out/x" }, "file name out/x is taken by the compiled program" },
};

static void bad_names_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct lang_source files[3] = { 0 };
		cleanup_pool struct pool *pool = pool_new();
		struct lang_plan plan = { .collect = "untouched" };
		struct error err = { 0 };
		size_t count = 0;
		int code;

		for (; count < 3 && names[i].names[count]; count++)
			files[count] = (struct lang_source){ names[i].names[count], "", 0 };
		code = lang_plan(catalogue_find(catalogue, "comp"), files, count, no_args, 1, 1, pool, &plan,
				 &err);
		if (!names[i].complaint && code < 0)
			fail_msg("row %zu: %s", i, err.text);
		if (!names[i].complaint)
			continue;
		assert_int_equal(code, -EINVAL);
		if (strncmp(err.text, names[i].complaint, strlen(names[i].complaint)) != 0)
			fail_msg("row %zu: \"%s\", expected \"%s\"", i, err.text, names[i].complaint);
		assert_string_equal(plan.collect, "untouched");
	}
}

static void what_cannot_be_planned_is_refused(void **state)
{
	const struct lang_source files[] = { { "a.comp", "", 0 }, { NULL, "", 0 } };
	const struct language missing = { .name = "None",
					  .pack = catalogue_find(catalogue, "comp")->pack,
					  .unavailable_reason = "no tool" };
	cleanup_pool struct pool *pool = pool_new();
	struct error err = { 0 };
	struct lang_plan plan;

	(void)state;
	assert_int_equal(
		lang_plan(catalogue_find(catalogue, "comp"), files, 0, no_args, 1, 1, pool, &plan, &err),
		-EINVAL);
	assert_string_equal(err.text, "no source file");
	assert_int_equal(
		lang_plan(catalogue_find(catalogue, "comp"), files, 2, no_args, 1, 1, pool, &plan, &err),
		-EINVAL);
	assert_string_equal(err.text, "file 2 has no name");
	assert_int_equal(lang_plan(&missing, files, 1, no_args, 1, 1, pool, &plan, &err), -ENOENT);
	assert_string_equal(err.text, "None is not available here: no tool");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_filled_in),
		cmocka_unit_test(another_class_may_be_started),
		cmocka_unit_test(more_words_are_bounded_too),
		cmocka_unit_test(a_nameless_file_gets_the_languages_name),
		cmocka_unit_test(files_are_named_after_their_public_class),
		cmocka_unit_test(bad_names_are_refused),
		cmocka_unit_test(what_cannot_be_planned_is_refused),
	};
	return cmocka_run_group_tests_name("plan", tests, set_up, tear_down);
}
