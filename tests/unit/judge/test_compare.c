/* Is the output the answer? A row a case. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* Without arguments. */
static bool compare(enum validator validator, const void *output, size_t output_size, const void *answer,
		    size_t answer_size)
{
	struct compare_rules rules;

	assert_int_equal(compare_rules_parse(validator, NULL, &rules, NULL), 0);
	return compare_output(&rules, output, output_size, answer, answer_size);
}

static void tokens_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *output = exact(cases[i].output, cases[i].output_size);
		char *answer = exact(cases[i].answer, cases[i].answer_size);

		if (compare(VALIDATOR_TOKENS, output, cases[i].output_size, answer, cases[i].answer_size) !=
		    cases[i].equal)
			fail_msg("row %zu: \"%s\" and \"%s\"", i, cases[i].output, cases[i].answer);
		free(output);
		free(answer);
	}
	assert_true(compare(VALIDATOR_TOKENS, NULL, 0, " ", 1));
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

		if (compare(VALIDATOR_EXACT, output, output_size, answer, answer_size) !=
			    line_cases[i].exact ||
		    compare(VALIDATOR_LINES, output, output_size, answer, answer_size) !=
			    line_cases[i].lines ||
		    compare(VALIDATOR_LINES, answer, answer_size, output, output_size) != line_cases[i].lines)
			fail_msg("row %zu: \"%s\" and \"%s\"", i, line_cases[i].output, line_cases[i].answer);
		free(output);
		free(answer);
	}
	assert_true(compare(VALIDATOR_EXACT, NULL, 0, "", 0) && compare(VALIDATOR_LINES, NULL, 0, "\n", 1));
}

/* ---- arguments ---- */

static const struct {
	enum validator validator;
	const char *args; /* separated by spaces */
	const char *output, *answer;
	bool equal;
} rows[] = {
	{ VALIDATOR_TOKENS, "ignore_case", "YES no", "yes\nNO", true },
	{ VALIDATOR_TOKENS, "ignore_case", "\xc3\x84", "\xc3\xa4", false }, /* ASCII alone */
	{ VALIDATOR_TOKENS, "ignore_case", "@", "`", false },
	{ VALIDATOR_TOKENS, "ignore_case", "[", "{", false },

	{ VALIDATOR_LINES, "any_order", "b\na\n", "a\nb", true },
	{ VALIDATOR_LINES, "any_order", "b \n\n\na", "a\nb\n", true },
	{ VALIDATOR_LINES, "any_order", "a\na\nb", "a\nb\nb", false },
	{ VALIDATOR_LINES, "any_order", "a\na", "a", false },
	{ VALIDATOR_LINES, "any_order", "", "", true },
	{ VALIDATOR_LINES, "any_order", "", "a", false },
	{ VALIDATOR_LINES, "any_order", "ab", "a\nb", false },
	{ VALIDATOR_LINES, "any_order", " a", "a", false },

	{ VALIDATOR_FLOAT, "", "Hello  WORLD\n", "hello world", true },
	{ VALIDATOR_FLOAT, "", "1.0", "1", false },
	{ VALIDATOR_FLOAT, "case_sensitive", "Hello", "hello", false },
	{ VALIDATOR_FLOAT, "space_change_sensitive", "a b\n", "a b\n", true },
	{ VALIDATOR_FLOAT, "space_change_sensitive", "A b\n", "a b\n", true },
	{ VALIDATOR_FLOAT, "space_change_sensitive", "a  b\n", "a b\n", false },
	{ VALIDATOR_FLOAT, "space_change_sensitive", "a\tb\n", "a b\n", false },
	{ VALIDATOR_FLOAT, "space_change_sensitive", "a b", "a b\n", false },
	{ VALIDATOR_FLOAT, "space_change_sensitive", " a b\n", "a b\n", false },
	{ VALIDATOR_FLOAT, "space_change_sensitive", "a b\n\n", "a b\n", false },
	{ VALIDATOR_FLOAT, "space_change_sensitive float_tolerance 0.5", "1.25 x", "1 x", true },
	{ VALIDATOR_FLOAT, "space_change_sensitive float_tolerance 0.5", "1.25  x", "1 x", false },

	{ VALIDATOR_FLOAT, "float_tolerance 0", "1.000 x", "1 X", true },
	{ VALIDATOR_FLOAT, "float_absolute_tolerance 0.5", "1.5", "1", true }, /* within is <= */
	{ VALIDATOR_FLOAT, "float_absolute_tolerance 0.5", "1.50001", "1", false },
	{ VALIDATOR_FLOAT, "float_absolute_tolerance 0.5", "-1.5", "-1", true },
	{ VALIDATOR_FLOAT, "float_relative_tolerance 0.25", "125", "100", true }, /* of the answer */
	{ VALIDATOR_FLOAT, "float_relative_tolerance 0.25", "100", "125", true },
	{ VALIDATOR_FLOAT, "float_relative_tolerance 0.25", "100", "134", false },
	{ VALIDATOR_FLOAT, "float_relative_tolerance 0.25", "134", "100", false },
	{ VALIDATOR_FLOAT, "float_relative_tolerance 0.25", "0.1", "0", false },
	{ VALIDATOR_FLOAT, "float_absolute_tolerance 0.25 float_relative_tolerance 0.25", "0.1", "0", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "3.1415926", "3.14159265358979", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1e3", "1000", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "+1000.", "1000", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1000x", "1000", false }, /* wholly, or it is none */
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1000", "1000x", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1,000", "1000", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "--1", "1", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1 2", "1", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1", "1 2", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "abc", "ABC", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6 case_sensitive", "abc", "ABC", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "inf", "Infinity", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "-inf", "inf", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "-INF", "-inf", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1e99999", "inf", true }, /* beyond every number */
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "5", "inf", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "inf", "5", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "nan", "-NaN", true },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "nan", "1", false },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6", "1", "nan", false },
};

/* Cut at its spaces, in room of the caller's. */
static void split(const char *list, char text[128], const char *args[8])
{
	size_t count = 0;

	snprintf(text, 128, "%s", list);
	for (char *save = NULL, *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		args[count++] = word;
	args[count] = NULL;
}

static void arguments_decide(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t output_size = strlen(rows[i].output), answer_size = strlen(rows[i].answer);
		char *output = exact(rows[i].output, output_size),
		     *answer = exact(rows[i].answer, answer_size);
		char text[128];
		const char *args[8];
		struct compare_rules rules;
		struct error err = { 0 };

		split(rows[i].args, text, args);
		if (compare_rules_parse(rows[i].validator, args, &rules, &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		if (compare_output(&rules, output, output_size, answer, answer_size) != rows[i].equal)
			fail_msg("row %zu: %s: \"%s\" and \"%s\"", i, rows[i].args, rows[i].output,
				 rows[i].answer);
		free(output);
		free(answer);
	}
}

static void numbers_may_be_long(void **state)
{
	static const char *const args[] = { "float_tolerance", "1e-6", NULL };
	enum { LONG = 4000, TOO_LONG = 1 << 20 };
	struct compare_rules rules;
	char *digits = malloc(TOO_LONG), *others = malloc(TOO_LONG);

	assert_int_equal(compare_rules_parse(VALIDATOR_FLOAT, args, &rules, NULL), 0);
	memset(digits, '1', TOO_LONG);
	memset(others, '1', TOO_LONG);
	others[LONG - 1] = '2';
	assert_true(compare_output(&rules, digits, LONG, others, LONG));
	assert_true(compare_output(&rules, digits, TOO_LONG, digits, TOO_LONG));
	assert_false(compare_output(&rules, digits, TOO_LONG, others, TOO_LONG)); /* as text */
	free(digits);
	free(others);
}

static const struct {
	enum validator validator;
	const char *args, *says;
} wrong[] = {
	{ VALIDATOR_TOKENS, "case_sensitive", "tokens does not know 'case_sensitive'; it knows ignore_case" },
	{ VALIDATOR_EXACT, "ignore_case", "exact does not know 'ignore_case'; it knows no arguments" },
	{ VALIDATOR_LINES, "any_order any", "it knows any_order" },
	{ VALIDATOR_FLOAT, "1e-6",
	  "float does not know '1e-6'; it knows case_sensitive, space_change_sensitive," },
	{ VALIDATOR_FLOAT, "float_tolerance", "float_tolerance must be followed by a number of 0 or more" },
	{ VALIDATOR_FLOAT, "float_tolerance x", "must be followed" },
	{ VALIDATOR_FLOAT, "float_tolerance -1", "must be followed" },
	{ VALIDATOR_FLOAT, "float_tolerance inf", "must be followed" },
	{ VALIDATOR_FLOAT, "float_tolerance 1e99999", "must be followed" },
	{ VALIDATOR_FLOAT, "float_tolerance 1e-6x", "must be followed" },
	{ VALIDATOR_FLOAT, "float_absolute_tolerance case_sensitive", "must be followed" },
};

static void wrong_arguments_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char text[128];
		const char *args[8];
		struct compare_rules rules;
		struct error err = { 0 };

		split(wrong[i].args, text, args);
		assert_int_equal(compare_rules_parse(wrong[i].validator, args, &rules, &err), -EINVAL);
		if (!strstr(err.text, wrong[i].says))
			fail_msg("row %zu: %s", i, err.text);
		assert_false(rules.any_order || rules.tolerant || rules.spaces_count);
	}
}

static void validators_have_names(void **state)
{
	enum validator validator;

	for (int i = VALIDATOR_TOKENS; i <= VALIDATOR_FLOAT; i++) {
		assert_true(validator_from_name(validator_name((enum validator)i), &validator));
		assert_int_equal(validator, i);
	}
	assert_false(validator_from_name("Tokens", &validator));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_compared),
		cmocka_unit_test(texts_and_lines_are_compared),
		cmocka_unit_test(arguments_decide),
		cmocka_unit_test(numbers_may_be_long),
		cmocka_unit_test(wrong_arguments_are_refused),
		cmocka_unit_test(validators_have_names),
	};
	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
