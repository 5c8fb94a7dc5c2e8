/* command.h - the subcommands of `arena`: a table, and one file for each.
 *
 * How to add a subcommand: NAME.c with a `const struct command NAME_command`, a line in commands.h, a row in
 * main.c's table. Its run() opens with options_parse(), which also answers --help. */
#pragma once

struct command {
	const char *name;
	const char *synopsis; /* what follows the name in the first line of its help */
	const char *summary;  /* one line, without a full stop */
	const char *details;  /* more lines for its own help, or NULL */
	/* argv[0] is the subcommand's name. Returns the exit status. */
	int (*run)(int argc, char **argv);
};

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2, /* a wrong option, or a bad configuration */
};
