#include "model/validator.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	[VALIDATOR_TOKENS] = "tokens",
	[VALIDATOR_EXACT] = "exact",
	[VALIDATOR_LINES] = "lines",
	[VALIDATOR_FLOAT] = "float",
};

bool validator_from_name(const char *name, enum validator *validator)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*validator = (enum validator)i;
		return true;
	}
	return false;
}

const char *validator_name(enum validator validator)
{
	return names[validator];
}

/* ---- arguments ---- */

enum flag { IGNORE_CASE, ANY_ORDER, CASE_SENSITIVE, SPACES_COUNT, ABSOLUTE, RELATIVE, BOTH };

static const struct {
	enum validator validator;
	const char *name;
	enum flag flag;
	bool has_value;
} flags[] = {
	{ VALIDATOR_TOKENS, "ignore_case", IGNORE_CASE, false },
	{ VALIDATOR_LINES, "any_order", ANY_ORDER, false },
	{ VALIDATOR_FLOAT, "case_sensitive", CASE_SENSITIVE, false },
	{ VALIDATOR_FLOAT, "space_change_sensitive", SPACES_COUNT, false },
	{ VALIDATOR_FLOAT, "float_absolute_tolerance", ABSOLUTE, true },
	{ VALIDATOR_FLOAT, "float_relative_tolerance", RELATIVE, true },
	{ VALIDATOR_FLOAT, "float_tolerance", BOTH, true },
};
enum { FLAGS = sizeof flags / sizeof flags[0] };

static int refuse(enum validator validator, const char *arg, struct error *err)
{
	char known[256] = "no arguments";
	size_t length = 0;

	for (size_t i = 0; i < FLAGS; i++)
		if (flags[i].validator == validator)
			length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
						   length ? ", " : "", flags[i].name);
	return error_set(err, -EINVAL, "%s does not know '%.64s'; it knows %s", names[validator], arg, known);
}

/* A finite number of 0 or more. */
static bool parse_tolerance(const char *text, long double *tolerance)
{
	char *end;

	if (!text || !(isdigit((unsigned char)*text) || *text == '.'))
		return false;
	*tolerance = strtold(text, &end);
	return *end == '\0' && isfinite(*tolerance);
}

static void set(struct compare_rules *rules, enum flag flag, long double value)
{
	switch (flag) {
	case IGNORE_CASE: rules->ignore_case = true; break;
	case ANY_ORDER: rules->any_order = true; break;
	case CASE_SENSITIVE: rules->ignore_case = false; break;
	case SPACES_COUNT: rules->spaces_count = true; break;
	case ABSOLUTE: rules->absolute = value; break;
	case RELATIVE: rules->relative = value; break;
	case BOTH: rules->absolute = rules->relative = value; break;
	}
	rules->tolerant = rules->tolerant || flag == ABSOLUTE || flag == RELATIVE || flag == BOTH;
}

int compare_rules_parse(enum validator validator, const char *const *args, struct compare_rules *rules,
			struct error *err)
{
	const struct compare_rules usual = { .validator = validator,
					     .ignore_case = validator == VALIDATOR_FLOAT };

	*rules = usual;
	for (; args && *args; args++) {
		struct compare_rules asked = *rules;
		long double value = 0;
		size_t i = 0;

		while (i < FLAGS && !(flags[i].validator == validator && strcmp(flags[i].name, *args) == 0))
			i++;
		*rules = usual;
		if (i == FLAGS)
			return refuse(validator, *args, err);
		if (flags[i].has_value && !parse_tolerance(*++args, &value))
			return error_set(err, -EINVAL, "%s must be followed by a number of 0 or more",
					 flags[i].name);
		*rules = asked;
		set(rules, flags[i].flag, value);
	}
	return 0;
}
