/* Is the output the answer? A row a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/compare.h"

#define BYTES(literal) literal, sizeof literal - 1

static const struct {
	const char *output;
	size_t output_size;
	const char *answer;
	size_t answer_size;
	bool equal;
} cases[] = {
	{ BYTES(""), BYTES(""), true },
	{ BYTES(" \n\t\v\f\r"), BYTES(""), true },
	{ BYTES("3"), BYTES("3\n"), true },
	{ BYTES("1 2\n3"), BYTES("  1\r\n2\t3  "), true },
	{ BYTES("1 2"), BYTES("12"), false },
	{ BYTES("1 2"), BYTES("1"), false },
	{ BYTES("1"), BYTES("1 2"), false },
	{ BYTES("1"), BYTES(""), false },
	{ BYTES(""), BYTES("1"), false },
	{ BYTES("yes"), BYTES("Yes"), false },
	{ BYTES("1.0"), BYTES("1"), false },
	{ BYTES("ab"), BYTES("abc"), false },
	{ BYTES("a\0b"), BYTES("a\0b"), true },
	{ BYTES("a\0b"), BYTES("a\0c"), false },
	{ BYTES("a\0"), BYTES("a"), false },
	{ BYTES("\xff\xc3"), BYTES("\xff\xc3\n"), true },
	{ BYTES("a\xc2\xa0"
		"b"),
	  BYTES("a b"), false }, /* a no-break space is no white space */
	{ BYTES("a\x1c"
		"b"),
	  BYTES("a b"), false },
};

/* In memory of just its size, so that a sanitizer sees its end. */
static char *exact(const char *bytes, size_t size)
{
	char *copy = malloc(size ? size : 1);

	memcpy(copy, bytes, size);
	return copy;
}

static void tokens_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *output = exact(cases[i].output, cases[i].output_size);
		char *answer = exact(cases[i].answer, cases[i].answer_size);

		if (compare_tokens(output, cases[i].output_size, answer, cases[i].answer_size) !=
		    cases[i].equal)
			fail_msg("row %zu: \"%s\" and \"%s\"", i, cases[i].output, cases[i].answer);
		free(output);
		free(answer);
	}
	assert_true(compare_tokens(NULL, 0, " ", 1));
}

static const struct {
	const char *output, *answer;
	bool exact, lines;
} line_cases[] = {
	{ "", "", true, true },
	{ "a\n", "a\n", true, true },
	{ "a", "a\n", false, true },
	{ "a \t\r\nb\n\n \n", "a\nb", false, true },
	{ "\n\n", "", false, true },
	{ " ", "\n", false, true },
	{ "a\n\nb", "a\n\nb", true, true },
	{ "a\n\nb", "a\nb", false, false },
	{ "\na", "a", false, false },
	{ " a", "a", false, false },
	{ "a  b", "a b", false, false },
	{ "a b", "a\nb", false, false },
	{ "a\nb", "a", false, false },
	{ "a", "a\nb", false, false },
	{ "a", "ab", false, false },
	{ "a", "A", false, false },
};

static void texts_and_lines_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof line_cases / sizeof line_cases[0]; i++) {
		size_t output_size = strlen(line_cases[i].output), answer_size = strlen(line_cases[i].answer);
		char *output = exact(line_cases[i].output, output_size);
		char *answer = exact(line_cases[i].answer, answer_size);

		if (compare_exact(output, output_size, answer, answer_size) != line_cases[i].exact ||
		    compare_lines(output, output_size, answer, answer_size) != line_cases[i].lines ||
		    compare_lines(answer, answer_size, output, output_size) != line_cases[i].lines)
			fail_msg("row %zu: \"%s\" and \"%s\"", i, line_cases[i].output, line_cases[i].answer);
		free(output);
		free(answer);
	}
	assert_true(compare_exact(NULL, 0, "", 0) && compare_lines(NULL, 0, "\n", 1));
}

static void the_validator_decides(void **state)
{
	(void)state;
	assert_true(compare_output(VALIDATOR_TOKENS, BYTES("a b"), BYTES("a\nb")));
	assert_false(compare_output(VALIDATOR_LINES, BYTES("a b"), BYTES("a\nb")));
	assert_true(compare_output(VALIDATOR_LINES, BYTES("a "), BYTES("a\n")));
	assert_false(compare_output(VALIDATOR_EXACT, BYTES("a "), BYTES("a\n")));
	assert_true(compare_output(VALIDATOR_EXACT, BYTES("a\0"), BYTES("a\0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_compared),
		cmocka_unit_test(texts_and_lines_are_compared),
		cmocka_unit_test(the_validator_decides),
	};
	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
