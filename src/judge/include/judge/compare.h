/* compare.h - is the output the answer? Linear time, no allocation.
 *
 * Exact: byte for byte. Lines: line for line, white space (below) at the end of each and empty lines at the end of
 * all left aside. Tokens: runs of bytes that are not ASCII white space (space, \t, \n, \v, \f, \r); NUL and bytes that are
 * not UTF-8 are ordinary. Equal when the sequences of tokens are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/task.h"

bool compare_output(enum validator validator, const void *output, size_t output_size, const void *answer,
		    size_t answer_size);

bool compare_exact(const void *output, size_t output_size, const void *answer, size_t answer_size);
bool compare_lines(const void *output, size_t output_size, const void *answer, size_t answer_size);
bool compare_tokens(const void *output, size_t output_size, const void *answer, size_t answer_size);
