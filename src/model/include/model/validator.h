/* validator.h - how an output is compared with its answer: the validator, and what its arguments ask for.
 *
 *     tokens   runs of bytes that are not white space; `ignore_case` (ASCII)
 *     lines    line for line, white space at their ends aside; `any_order`, then empty lines do not count either
 *     exact    byte for byte
 *     float    the default validator of the ICPC problem package format: tokens whatever their case;
 *              `case_sensitive`; `space_change_sensitive`: white space counts, byte for byte;
 *              `float_absolute_tolerance X`, `float_relative_tolerance X` (to the answer), `float_tolerance X` (both):
 *              where the answer's token is a number the output's must be one, within either tolerance */
#pragma once

#include <stdbool.h>

#include "base/error.h"

enum validator { VALIDATOR_TOKENS, VALIDATOR_EXACT, VALIDATOR_LINES, VALIDATOR_FLOAT };
bool validator_from_name(const char *name, enum validator *validator); /* "tokens", ... */
const char *validator_name(enum validator validator);
#define VALIDATOR_NAMES "tokens, lines, exact or float" /* for messages */

struct compare_rules {
	enum validator validator;
	bool ignore_case, any_order, spaces_count;
	bool tolerant; /* numbers are compared as numbers; a tolerance that was not given is 0 */
	long double absolute, relative;
};

/* `args` is NULL-ended, or NULL for none. -EINVAL with what is known instead; *rules is then as without arguments. */
int compare_rules_parse(enum validator validator, const char *const *args, struct compare_rules *rules,
			struct error *err);
