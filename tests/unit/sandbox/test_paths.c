/* Paths of a box as they are in the restricted tier. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "restricted/restricted.h"

struct restricted restricted = {
	.visible = (const char *const[]){ "/opt/tools", "/home/me/packs:/languages", NULL },
};

static const struct {
	const char *asked, *here;
} rows[] = {
	{ "", "" },
	{ "/box", "/f/box" },
	{ "/box/", "/f/box/" },
	{ "/box/main", "/f/box/main" },
	{ "/tmp/x", "/f/tmp/x" },
	{ "/boxes", "/boxes" },
	{ "/box.c", "/box.c" },
	{ "/usr/box", "/usr/box" },
	{ "box/main", "box/main" },
	{ "-I/box/include", "-I/f/box/include" },
	{ "-o/box/main", "-o/f/box/main" },
	{ "--out/box", "--out/box" },
	{ "--out=/box/a", "--out=/f/box/a" },
	{ "-Djava.io.tmpdir=/tmp", "-Djava.io.tmpdir=/f/tmp" },
	{ "PATH=/usr/bin:/box:/tmp/bin", "PATH=/usr/bin:/f/box:/f/tmp/bin" },
	{ "a /box/b '/tmp'", "a /f/box/b '/f/tmp'" },
	{ "/languages/x.js", "/home/me/packs/x.js" },
	{ "/opt/tools/bin", "/opt/tools/bin" },
	{ "//box", "//box" },
};

static void places_are_replaced_where_a_path_begins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[256], *at = text;
		assert_string_equal(paths_replace(rows[i].asked, "/f", &at, text + sizeof text),
				    rows[i].here);
		assert_ptr_equal(at, text + strlen(rows[i].here) + 1);
	}
}

static void room_that_does_not_suffice_is_noticed(void **state)
{
	(void)state;
	const char *here = "A=/f/box:/f/tmp";
	char text[64];
	for (size_t room = 0; room < strlen(here) + 8; room++) {
		char *at = text;
		memset(text, '#', sizeof text);
		const char *got = paths_replace("A=/box:/tmp", "/f", &at, text + room);
		assert_true((got != NULL) == (room > strlen(here)));
		assert_int_equal(text[room], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_replaced_where_a_path_begins),
		cmocka_unit_test(room_that_does_not_suffice_is_noticed),
	};
	return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
