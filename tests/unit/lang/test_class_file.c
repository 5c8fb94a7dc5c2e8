/* Class files written out by hand: which have a main method, and that damaged ones have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "lang/class_file.h"

static void put_u2(struct buffer *out, unsigned int value)
{
	buffer_putc(out, (char)(value >> 8));
	buffer_putc(out, (char)(value & 0xff));
}

static void put_text(struct buffer *out, const char *text)
{
	buffer_putc(out, 1);
	put_u2(out, (unsigned int)strlen(text));
	buffer_puts(out, text);
}

enum { PUBLIC = 1, STATIC = 8, NAME = 1, TYPE = 2, CODE = 3, CONSTANTS = 8 };

/* One method with one attribute, behind constants of several kinds; and a field of the same looks. */
static void make_class(struct buffer *out, const char *name, const char *type, unsigned int access)
{
	buffer_append(out, "\xca\xfe\xba\xbe\0\0\0\x3d", 8);
	put_u2(out, CONSTANTS);
	put_text(out, name);
	put_text(out, type);
	put_text(out, "Code");
	buffer_append(out,
		      "\x05"
		      "12345678",
		      9); /* a long: 4 and 5 */
	buffer_append(out, "\x07\0\1", 3);
	buffer_append(out, "\x0c\0\1\0\2", 5);
	buffer_append(out, "\0\x21\0\6\0\6\0\1\0\6", 10); /* access, this, super, an interface */
	for (int members = 0; members < 2; members++) {
		put_u2(out, 1);
		put_u2(out, members ? access : 0);
		put_u2(out, NAME);
		put_u2(out, TYPE);
		put_u2(out, 1);
		put_u2(out, CODE);
		buffer_append(out, "\0\0\0\3abc", 7);
	}
	put_u2(out, 0);
}

#define MAIN_TYPE "([Ljava/lang/String;)V"

static const struct {
	const char *name, *type;
	unsigned int access;
	bool has;
} rows[] = {
	{ "main", MAIN_TYPE, PUBLIC | STATIC, true },
	{ "main", MAIN_TYPE, PUBLIC | STATIC | 0x90, true }, /* final, varargs */
	{ "main", MAIN_TYPE, PUBLIC, false },
	{ "main", MAIN_TYPE, STATIC, false },
	{ "Main", MAIN_TYPE, PUBLIC | STATIC, false },
	{ "main", "()V", PUBLIC | STATIC, false },
	{ "main", "([Ljava/lang/String;)I", PUBLIC | STATIC, false },
};

static void a_main_method_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_buffer struct buffer file = { 0 };

		make_class(&file, rows[i].name, rows[i].type, rows[i].access);
		if (class_file_has_main(file.data, file.size) != rows[i].has)
			fail_msg("row %zu", i);
	}
}

static void what_is_cut_short_has_none(void **state)
{
	cleanup_buffer struct buffer file = { 0 };

	(void)state;
	make_class(&file, "main", MAIN_TYPE, PUBLIC | STATIC);
	for (size_t size = 0; size < file.size; size++)
		assert_false(class_file_has_main(file.data, size));
	assert_false(class_file_has_main("", 0));
	buffer_putc(&file, 'x');
	assert_false(class_file_has_main(file.data, file.size));
	file.data[10] = 2; /* a tag that there is not */
	assert_false(class_file_has_main(file.data, file.size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_main_method_is_found),
		cmocka_unit_test(what_is_cut_short_has_none),
	};
	return cmocka_run_group_tests_name("class_file", tests, NULL, NULL);
}
