#include "model/checker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = { [CONVENTION_ICPC] = "icpc", [CONVENTION_TESTLIB] = "testlib" };
enum { NUMBER_BYTES_MAX = 64, EXIT_POINTS = 7 };

bool convention_from_name(const char *name, enum convention *convention)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*convention = (enum convention)i;
		return true;
	}
	return false;
}

const char *convention_name(enum convention convention)
{
	return names[convention];
}

static const struct {
	enum convention convention;
	int exit_code;
	enum comparison comparison;
} ends[] = {
	{ CONVENTION_ICPC, 42, COMPARISON_EQUAL },
	{ CONVENTION_ICPC, 43, COMPARISON_DIFFERENT },
	{ CONVENTION_TESTLIB, 0, COMPARISON_EQUAL },
	{ CONVENTION_TESTLIB, 1, COMPARISON_DIFFERENT }, /* wrong answer */
	{ CONVENTION_TESTLIB, 2, COMPARISON_DIFFERENT }, /* presentation error */
	{ CONVENTION_TESTLIB, 4, COMPARISON_DIFFERENT }, /* more than was asked for */
	{ CONVENTION_TESTLIB, 8, COMPARISON_DIFFERENT }, /* less */
};

enum comparison checker_comparison(enum convention convention, int exit_code, bool has_points, double points)
{
	if (convention == CONVENTION_TESTLIB && exit_code == EXIT_POINTS && has_points)
		return points > 0 ? COMPARISON_EQUAL : COMPARISON_DIFFERENT;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i].convention == convention && ends[i].exit_code == exit_code)
			return ends[i].comparison;
	return COMPARISON_FAILED;
}

/* ---- numbers ---- */

struct word {
	const char *text;
	size_t size;
};

static struct word next_word(const char **text, size_t *size)
{
	static const char space[] = " \t\n\v\f\r";
	struct word word;

	while (*size > 0 && **text && strchr(space, **text)) {
		++*text;
		--*size;
	}
	word.text = *text;
	while (*size > 0 && !(**text && strchr(space, **text))) {
		++*text;
		--*size;
	}
	word.size = (size_t)(*text - word.text);
	return word;
}

/* Decimal: strtod(3) knows more than people write. */
static bool number_of(struct word word, double *number)
{
	char text[NUMBER_BYTES_MAX], *end;
	double value;

	if (word.size == 0 || word.size >= sizeof text)
		return false;
	memcpy(text, word.text, word.size);
	text[word.size] = '\0';
	if (strspn(text, "0123456789+-.eE") != word.size)
		return false;
	value = strtod(text, &end);
	if (*end != '\0' || !isfinite(value))
		return false;
	*number = value;
	return true;
}

bool checker_number(const char *text, size_t size, double *number)
{
	struct word word = next_word(&text, &size);

	return next_word(&text, &size).size == 0 && number_of(word, number);
}

bool checker_points(enum convention convention, int exit_code, const char *text, size_t size, double *points)
{
	static const char label[] = "points";
	struct word word;

	if (convention != CONVENTION_TESTLIB || exit_code != EXIT_POINTS)
		return false;
	word = next_word(&text, &size);
	if (word.size == sizeof label - 1 && memcmp(word.text, label, word.size) == 0)
		word = next_word(&text, &size);
	return number_of(word, points);
}
