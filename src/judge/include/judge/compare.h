/* compare.h - is the output the answer? By the rules of model/validator.h.
 *
 * Linear time, and memory that does not depend on the sizes. White space is space, \t, \n, \v, \f and \r; NUL and
 * bytes that are not UTF-8 are ordinary. Numbers are what strtold(3) takes whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/validator.h"

bool compare_output(const struct compare_rules *rules, const void *output, size_t output_size,
		    const void *answer, size_t answer_size);
