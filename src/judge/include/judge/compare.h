/* compare.h - is the output the answer?
 *
 * Tokens: runs of bytes that are not ASCII white space (space, \t, \n, \v, \f, \r); NUL and bytes that are
 * not UTF-8 are ordinary. Equal when the sequences of tokens are. Linear time, no allocation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool compare_tokens(const void *output, size_t output_size, const void *answer, size_t answer_size);
