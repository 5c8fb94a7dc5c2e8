/* Which language, which entry, which files: a table over trees of empty files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "inside.h"

static struct catalogue *catalogue;

static int load_catalogue(void **state)
{
	struct error err;

	(void)state;
	return catalogue_load(LANGUAGES_DIR, &catalogue, &err);
}

static int free_catalogue(void **state)
{
	(void)state;
	catalogue_free(catalogue);
	return 0;
}

static int compare_files(const void *left, const void *right)
{
	const struct package_file *l = left, *r = right;

	return strcmp(l->path, r->path);
}

/* Of "p/a.c|p/b.h", each with its path as its content. */
static void tree_of(const char *paths, struct pool *pool, struct package_tree *tree)
{
	char *list = pool_strdup(pool, paths), *rest = list;

	*tree = (struct package_tree){ "it", pool_array(pool, 2000, sizeof *tree->files), 0 };
	assert_true(list && tree->files);
	for (char *path; (path = strsep(&rest, "|"));)
		tree->files[tree->count++] =
			(struct package_file){ .path = path, .bytes = path, .size = strlen(path) };
	qsort(tree->files, tree->count, sizeof *tree->files, compare_files);
}

/* "cpp: main.cpp a.cpp b.h", or "-: why", "x: why" of what is no program. */
static void describe(const struct package_program *program, struct buffer *out)
{
	if (program->language)
		buffer_printf(out, "%s:", program->language);
	else
		buffer_printf(out, "%s: %s", program->not_a_program ? "x" : "-", program->why_not);
	for (size_t i = 0; program->language && i < program->file_count; i++)
		buffer_printf(out, " %s", program->files[i].name);
}

/* What begins with v is a validator. */
static const struct {
	const char *name, *files, *path, *language, *entry, *expected;
} rows[] = {
	{ "a file", "s/a.cpp|s/b.py", "s/a.cpp", NULL, NULL, "cpp: a.cpp" },
	{ "by its ending, whatever the case", "s/A.CPP", "s/A.CPP", NULL, NULL, "cpp: A.CPP" },
	{ "not what lies beside", "p/a.py|p.x|pp/b.py", "p", NULL, NULL, "python: a.py" },
	/* most files, headers not counted */
	{ "most files", "p/a.py|p/b.cpp|p/c.cpp", "p", NULL, NULL, "cpp: b.cpp a.py c.cpp" },
	{ "headers", "p/a.py|p/b.h|p/c.h|p/d.hpp", "p", NULL, NULL, "python: a.py b.h c.h d.hpp" },
	{ "as many: the catalogue's first", "p/a.c|p/b.cpp", "p", NULL, NULL, "cpp: b.cpp a.c" },
	{ "deep ones, too", "p/a/x.go|p/a/y.go|p/b.py", "p", NULL, NULL, "go: a/x.go a/y.go b.py" },
	/* the entry */
	{ "first by name", "p/c.py|p/b.py|p/a.txt", "p", NULL, NULL, "python: b.py a.txt c.py" },
	{ "main.*", "p/a.py|p/main.py", "p", NULL, NULL, "python: main.py a.py" },
	{ "Main.java", "p/A.java|p/Main.java", "p", NULL, NULL, "java: Main.java A.java" },
	{ "__main__.py", "p/__init__.py|p/__main__.py", "p", NULL, NULL, "python: __main__.py __init__.py" },
	{ "main.* of the language only", "p/a.cpp|p/b.cpp|p/main.py", "p", NULL, NULL,
	  "cpp: a.cpp b.cpp main.py" },
	{ "not one deeper", "p/a/a.py|p/z.py", "p", NULL, NULL, "python: z.py a/a.py" },
	{ "the one given", "p/a.py|p/main.py|p/z.py", "p", NULL, "z.py", "python: z.py a.py main.py" },
	{ "it decides the language", "p/a.py|p/b.py|p/c.cpp", "p", NULL, "c.cpp", "cpp: c.cpp a.py b.py" },
	{ "a class", "p/A.java|p/x/y/B.java|p/Main.java", "p", NULL, "x.y.B",
	  "java: x/y/B.java A.java Main.java" },
	{ "a module", "p/a.py|p/b.py", "p", NULL, "b", "python: b.py a.py" },
	{ "one that is not there", "p/a.py|p/main.py", "p", NULL, "b", "python: main.py a.py" },
	/* the language given */
	{ "an id", "p/a.py|p/b.cpp|p/c.cpp", "p", "python", NULL, "python: a.py b.cpp c.cpp" },
	{ "a name", "p/a.cpp", "p", "C++", NULL, "cpp: a.cpp" },
	{ "with a version", "p/a.py", "p", "python2", NULL, "python: a.py" },
	{ "with another", "p/a.java", "p", "java21", NULL, "java: a.java" },
	{ "with a compiler", "p/a.cpp", "p/a.cpp", "cpp.g++17", NULL, "cpp: a.cpp" },
	{ "with words", "p/a.cpp", "p/a.cpp", "C++ (GCC 13)", NULL, "cpp: a.cpp" },
	{ "pypy", "p/a.py", "p", "pypy3", NULL, "python: a.py" },
	{ "unknown", "p/a.py", "p", "befunge", NULL, "-: no language is called befunge here" },
	{ "none of its files", "p/a.py", "p", "rust", NULL, "-: no file in it is one of Rust (.rs)" },
	/* no program */
	{ "text", "s/a.txt", "s/a.txt", NULL, NULL, "x: no file in it is of a language that is known here" },
	{ "headers alone", "p/a.h", "p", NULL, NULL, "x: no file in it is of a language that is known here" },
	{ "no ending", "s/c", "s/c", NULL, NULL, "x: no file in it is of a language that is known here" },
	{ "another system's", "s/a.kt", "s/a.kt", NULL, NULL, "-: there is no Kotlin here (.kt)" },
	{ "checktestdata", "v/a.ctd", "v/a.ctd", NULL, NULL, "-: there is no Checktestdata here (.ctd)" },
	{ "viva", "i/a.viva", "i/a.viva", NULL, NULL, "-: there is no VIVA here (.viva)" },
	/* odd names */
	{ "a submission's", "s/-a.py", "s/-a.py", NULL, NULL,
	  "x: compilers could misunderstand the name of its file \"-a.py\"" },
	{ "beside", "p/a.py|p/@b", "p", NULL, NULL,
	  "x: compilers could misunderstand the name of its file \"@b\"" },
	{ "a validator's", "v/a.py|v/@b", "v", NULL, NULL, "python: a.py" },
	{ "plus and blank", "s/a+ b.cc", "s/a+ b.cc", NULL, NULL, "cpp: a+ b.cc" },
};

static void a_program_is_what_its_files_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer got = { 0 };
		struct package_notes notes = { .pool = pool };
		struct package_program program;
		struct package_tree tree;
		struct error err = { 0 };

		tree_of(rows[i].files, pool, &tree);
		if (program_read(&tree, catalogue, rows[i].path, rows[i].language, rows[i].entry,
				 rows[i].path[0] == 'v', pool, &notes, &program, &err) < 0)
			fail_msg("%s: %s", rows[i].name, err.text);
		describe(&program, &got);
		if (strcmp(buffer_text(&got), rows[i].expected) != 0)
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i].name, buffer_text(&got),
				 rows[i].expected);
		assert_string_equal(program.path, rows[i].path);
		assert_int_equal(program.language == NULL, program.why_not != NULL);
		if (program.why_not)
			assert_true(notes.count > 0);
		for (size_t j = 0; j < program.file_count; j++)
			assert_non_null(strstr(program.files[j].data, program.files[j].name));
	}
}

static const struct {
	const char *name, *files;
	bool together;
	const char *expected; /* "path: language: files", lines */
	size_t notes;
} folders[] = {
	{ "nothing", "other/a.py", false, "", 0 },
	{ "each by itself", "v/a.py|v/b.cpp|v/c/x.py|v/c/y.py", false,
	  "v/a.py: python: a.py\nv/b.cpp: cpp: b.cpp\nv/c: python: x.py y.py\n", 0 },
	{ "headers beside each", "v/a.cpp|v/b.cpp|v/testlib.h|v/c/x.cpp", false,
	  "v/a.cpp: cpp: a.cpp testlib.h\nv/b.cpp: cpp: b.cpp testlib.h\nv/c: cpp: x.cpp\n", 0 },
	{ "together", "v/a.cpp|v/b.cpp|v/c.h|v/d/e.h", true, "v: cpp: a.cpp b.cpp c.h d/e.h\n", 0 },
	{ "together a single one", "v/a.py", true, "v: python: a.py\n", 0 },
	{ "just one folder", "v/a/x.cpp|v/a/y.cpp", true, "v/a: cpp: x.cpp y.cpp\n", 0 },
	{ "just one folder, one by one", "v/a/x.cpp|v/a/y.cpp", false, "v/a: cpp: x.cpp y.cpp\n", 0 },
	{ "two folders", "v/a/x.cpp|v/a.b/y.cpp", false, "v/a.b: cpp: y.cpp\nv/a: cpp: x.cpp\n", 0 },
	{ "what is no program", "v/README|v/h/a.h|v/x.py", false, "v/x.py: python: x.py README\n", 1 },
	{ "no program at all", "v/README|v/a.h", true, "", 1 },
	{ "without an interpreter", "v/a.ctd|v/b.viva|v/c.py", false,
	  "v/a.ctd: -: there is no Checktestdata here (.ctd)\nv/b.viva: -: there is no VIVA here (.viva)\n"
	  "v/c.py: python: c.py\n",
	  2 },
	{ "an odd name", "v/a.py|v/-b.h", false, "v/a.py: python: a.py\n", 1 },
};

static void a_folder_holds_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer got = { 0 };
		struct package_notes notes = { .pool = pool };
		struct package_program *programs;
		struct package_tree tree;
		struct error err = { 0 };
		size_t count = 99;

		tree_of(folders[i].files, pool, &tree);
		if (programs_read(&tree, catalogue, "v", folders[i].together, pool, &notes, &programs, &count,
				  &err) < 0)
			fail_msg("%s: %s", folders[i].name, err.text);
		for (size_t j = 0; j < count; j++) {
			buffer_printf(&got, "%s: ", programs[j].path);
			describe(&programs[j], &got);
			buffer_putc(&got, '\n');
		}
		if (strcmp(buffer_text(&got), folders[i].expected) != 0 || notes.count != folders[i].notes)
			fail_msg("%s: %zu notes, \"%s\", expected \"%s\"", folders[i].name, notes.count,
				 buffer_text(&got), folders[i].expected);
	}
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes notes = { .pool = pool };
	struct package_program program;
	struct package_tree tree;
	struct error err;

	(void)state;
	tree_of("p/a.py", pool, &tree);
	assert_int_equal(
		program_read(&tree, catalogue, "p/a", NULL, NULL, false, pool, &notes, &program, &err),
		-ENOENT);
	assert_string_equal(err.text, "there is no file or folder p/a");
}

static void more_files_than_a_task_holds_make_no_program(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_buffer struct buffer files = { 0 };
	struct package_notes notes = { .pool = pool };
	struct package_program program;
	struct package_tree tree;
	struct error err;

	(void)state;
	buffer_puts(&files, "p/x.py");
	for (int i = 0; i < TASK_FILES_MAX; i++)
		buffer_printf(&files, "|p/%d.py", i);
	tree_of(buffer_text(&files), pool, &tree);
	assert_int_equal(program_read(&tree, catalogue, "p", NULL, NULL, false, pool, &notes, &program, &err),
			 0);
	assert_null(program.language);
	assert_string_equal(program.why_not, "it has more than 1000 files");
}

/* A catalogue of one language, whose tool is nowhere. */
static struct catalogue *catalogue_of(const char *id, const char *extension)
{
	char folder[] = "/tmp/packs-XXXXXX", path[64];
	struct catalogue *loaded = NULL;
	struct error err = { 0 };
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/x.yaml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fprintf(file,
			    "id: %s\nname: X\nextensions: [%s]\nsource: main.%s\n"
			    "tools: [{name: x, paths: [/nowhere/x], package: nothing}]\n"
			    "version: [\"{x}\"]\nrun: [\"{x}\", \"{main}\"]\n"
			    "hello: x\nhello_output: x\necho: x\n",
			    id, extension, extension) > 0);
	fclose(file);
	if (catalogue_load(folder, &loaded, &err) < 0)
		fail_msg("%s", err.text);
	unlink(path);
	rmdir(folder);
	return loaded;
}

static void a_language_that_is_not_installed_is_said_so(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes notes = { .pool = pool };
	struct package_program program;
	struct package_tree tree;
	struct catalogue *poor = catalogue_of("none", "none");
	struct error err = { 0 };

	(void)state;
	tree_of("s/a.none", pool, &tree);
	assert_int_equal(
		program_read(&tree, poor, "s/a.none", NULL, NULL, false, pool, &notes, &program, &err), 0);
	assert_string_equal(program.language, "none"); /* nobody has looked yet */
	catalogue_probe(poor, NULL);
	assert_int_equal(
		program_read(&tree, poor, "s/a.none", NULL, NULL, false, pool, &notes, &program, &err), 0);
	assert_null(program.language);
	assert_false(program.not_a_program);
	assert_non_null(strstr(program.why_not, "install the package nothing"));
	catalogue_free(poor);
}

/* Of validators alone, and only where the files lie at the top. */
static const struct {
	const char *files, *expected;
	bool any_build;
} scripts[] = {
	{ "v/run|v/a.txt", "script: run a.txt", true },
	{ "v/build|v/a.cpp", "script: build a.cpp", true },
	{ "v/build|v/a.cpp|v/run", "script: run a.cpp build", true },
	{ "v/a/build|v/a/run|v/b.cpp", "-: there is no C++ here (.cpp)", true },
	{ "v/build|v/a.cpp|v/run", "-: there is no C++ here (.cpp)", false },
};

static void a_build_or_run_makes_a_script(void **state)
{
	struct catalogue *with = catalogue_of("script", "script");

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_buffer struct buffer got = { 0 };
		struct package_notes notes = { .pool = pool };
		struct package_program program, *programs;
		struct package_tree tree;
		struct error err = { 0 };
		size_t count = 0;

		tree_of(scripts[i].files, pool, &tree);
		assert_int_equal(program_read(&tree, with, "v", NULL, NULL, scripts[i].any_build, pool,
					      &notes, &program, &err),
				 0);
		describe(&program, &got);
		assert_string_equal(buffer_text(&got), scripts[i].expected);
		if (!program.language)
			continue;
		/* Even where each file would be a program by itself. */
		assert_int_equal(
			programs_read(&tree, with, "v", false, pool, &notes, &programs, &count, &err), 0);
		assert_int_equal(count, 1);
		assert_string_equal(programs[0].language, "script");
	}
	catalogue_free(with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_what_its_files_are),
		cmocka_unit_test(a_folder_holds_programs),
		cmocka_unit_test(a_program_that_is_not_there_is_an_error),
		cmocka_unit_test(more_files_than_a_task_holds_make_no_program),
		cmocka_unit_test(a_language_that_is_not_installed_is_said_so),
		cmocka_unit_test(a_build_or_run_makes_a_script),
	};

	return cmocka_run_group_tests(tests, load_catalogue, free_catalogue);
}
