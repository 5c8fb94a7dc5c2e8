/* text.h - small questions about text that several places ask. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* How many letters must be put in, left out or replaced to get from one to the other (Levenshtein). Names
 * longer than 63 bytes are compared by their first 63. */
size_t edit_distance(const char *left, const char *right);

/* What is between the blanks and tabs around it, NUL behind; false when nothing is, when it does not fit into
 * `room` bytes, or when there is a NUL in it. */
bool text_trim(const char *start, size_t size, char *item, size_t room);
