#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static const struct {
	const char *left, *right;
	size_t distance;
} pairs[] = {
	{ "", "", 0 },          { "", "abc", 3 },        { "abc", "", 3 },           { "serve", "serve", 0 },
	{ "serv", "serve", 1 }, { "sreve", "serve", 2 }, { "kitten", "sitting", 3 }, { "LINES", "LANES", 1 },
};

static void distances(void **state)
{
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		assert_int_equal(edit_distance(pairs[i].left, pairs[i].right), pairs[i].distance);
		assert_int_equal(edit_distance(pairs[i].right, pairs[i].left), pairs[i].distance);
	}
}

static void long_names_are_compared_by_their_start(void **state)
{
	char left[200] = { 0 }, right[200] = { 0 };
	for (int i = 0; i < 199; i++)
		left[i] = right[i] = 'a';
	right[150] = 'b';
	assert_int_equal(edit_distance(left, right), 0);
	right[10] = 'b';
	assert_int_equal(edit_distance(left, right), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(long_names_are_compared_by_their_start),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
