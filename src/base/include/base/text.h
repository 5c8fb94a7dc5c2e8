/* text.h - small questions about text that several places ask. */
#pragma once

#include <stddef.h>

/* How many letters must be put in, left out or replaced to get from one to the other (Levenshtein). Names
 * longer than 63 bytes are compared by their first 63. */
size_t edit_distance(const char *left, const char *right);
