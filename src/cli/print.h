/* print.h - JSON on standard output. */
#pragma once

#include <jansson.h>

/* One line; takes the reference (NULL: memory ran out). Returns the command's exit status: an output that
 * cannot be written whole is a failure. */
int print_json(json_t *json);
