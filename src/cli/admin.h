/* admin.h - what `arena admin WORD` has: a table in admin.c, a file for each.
 *
 * How to add one: admin_NAME.c with a `const struct command admin_NAME_command` (its name is "admin NAME"), a
 * line here, a row in admin.c. */
#pragma once

#include "command.h"

extern const struct command admin_key_command;
