/* problem.h - what `arena problem WORD` has: a table in problem.c, a file for each.
 *
 * How to add one: problem_NAME.c with a `const struct command problem_NAME_command` (its name is "problem NAME"), a line
 * here, a row in problem.c. */
#pragma once

#include "command.h"

extern const struct command problem_verify_command, problem_import_command, problem_export_command,
	problem_new_command, problem_card_command;
