/* What a Java file is to be called and which of its types is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "public_class.h"

#define MAIN "public static void main(String[] args)"

static const struct {
	const char *source, *public_class, *main_class, *first_class;
} cases[] = {
	{ "", NULL, NULL, NULL },
	{ "public class A { " MAIN " {} }", "A", "A", "A" },
	{ "class A { " MAIN " {} }", NULL, "A", "A" },
	{ "class Node { int x; } class Run { " MAIN " {} }", NULL, "Run", "Node" },
	{ "class Node { " MAIN " {} } public class Run { " MAIN " {} }", "Run", "Run", "Node" },
	{ "public class Lib { int x; } class Run { " MAIN " {} }", "Lib", "Run", "Lib" },
	{ "public class Lib { class Inner { " MAIN " {} } }", "Lib", NULL, "Lib" },
	{ "package a.b; public class C { " MAIN " {} }", "C", "a.b.C", "a.b.C" },
	{ "package  a /* x */ . b ;\nclass C { " MAIN " {} }", NULL, "a.b.C", "a.b.C" },
	{ "import java.util.*;\nimport static java.lang.Math.abs;\npublic final class A {" MAIN "{}}", "A",
	  "A", "A" },
	{ "// public class X {\npublic class A {" MAIN "{}}", "A", "A", "A" },
	{ "/* public class X { */ public class A {" MAIN "{}}", "A", "A", "A" },
	{ "/** {@code public class X} */\nclass A { String s = \"public class Y { \\\" {\"; char c = '{'; "
	  "char d = '\\''; "
	  "String t = \"\"\"\n public class Z { \\\"\"\" { \"\"\"; " MAIN " {} }",
	  NULL, "A", "A" },
	{ "@SuppressWarnings(\"x\") @X(a = {1, 2}, b = Y.class) public class A {" MAIN "{}}", "A", "A", "A" },
	{ "public @interface An {} class A {" MAIN "{}}", "An", "A", "An" },
	{ "public enum E { A, B { void f() {} }; " MAIN " {} }", "E", "E", "E" },
	{ "public record P(int x, int y) { " MAIN " {} }", "P", "P", "P" },
	{ "public sealed interface S permits T {} record T() implements S { " MAIN " {} }", "S", "T", "S" },
	{ "public abstract non-sealed class A<T extends B<T>> extends C<T> { " MAIN " {} }", "A", "A", "A" },
	{ "class A { void f() { class public_ {} ; main(); } static int main; }", NULL, NULL, "A" },
	{ "public class \xc3\x84pfel { " MAIN " {} }", "\xc3\x84pfel", "\xc3\x84pfel", "\xc3\x84pfel" },
	{ "public class A { String s = \"unfinished\n; " MAIN " {} }", "A", "A", "A" },
	{ "public class", NULL, NULL, NULL },
	{ "public class A { /* never ends " MAIN, "A", NULL, "A" },
	{ "public class A { String s = \"\"\" never ends", "A", NULL, "A" },
	{ "package", NULL, NULL, NULL },
	{ "} } public class A { " MAIN " {} }", "A", "A", "A" },
};

static const char *shown(const char *text)
{
	return text ? text : "(none)";
}

static void every_file_has_its_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct class_names names;
		char *source = strdup(cases[i].source); /* so that a sanitizer sees its end */

		assert_int_equal(class_names_scan(source, strlen(source), pool, &names), 0);
		if (strcmp(shown(names.public_class), shown(cases[i].public_class)) != 0 ||
		    strcmp(shown(names.main_class), shown(cases[i].main_class)) != 0 ||
		    strcmp(shown(names.first_class), shown(cases[i].first_class)) != 0)
			fail_msg("%s: public %s, main %s, first %s", source, shown(names.public_class),
				 shown(names.main_class), shown(names.first_class));
		free(source);
	}
}

static void any_bytes_are_survived(void **state)
{
	static const char pieces[][12] = { "public ", "class ", "A",    "{",     "}",  "\"",       "'",
					   "\"\"\"",  "/*",     "*/",   "//",    "\n", "\\",       "\0",
					   "(",       ")",      "main", "void ", ";",  "package ", "." };
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		cleanup_pool struct pool *pool = pool_new();
		struct class_names names;
		char text[256];
		size_t size = 0;

		for (int i = 0; i < 20; i++) {
			const char *piece = pieces[rand_r(&seed) % (sizeof pieces / sizeof pieces[0])];
			size_t length = piece[0] ? strlen(piece) : 1; /* the empty one is a NUL */

			for (size_t at = 0; at < length; at++)
				text[size++] = piece[at];
		}
		assert_int_equal(class_names_scan(text, size, pool, &names), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_has_its_names),
		cmocka_unit_test(any_bytes_are_survived),
	};
	return cmocka_run_group_tests_name("public_class", tests, NULL, NULL);
}
