/* problem.c - `arena problem`: the table of what there is for problem packages. */
#include "problem.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "options.h"

static const struct command *const problem_commands[] = { &problem_verify_command, &problem_import_command,
							  &problem_export_command, &problem_new_command,
							  &problem_card_command };
enum { PROBLEM_COUNT = sizeof problem_commands / sizeof problem_commands[0] };

/* "import" of "problem import" */
static const char *word_of(const struct command *command)
{
	return strchr(command->name, ' ') + 1;
}

static void print_problem(FILE *out)
{
	fputs("usage: arena problem COMMAND [OPTION]... PACKAGE...\n\n", out);
	for (size_t i = 0; i < PROBLEM_COUNT; i++)
		fprintf(out, "  %-12s %s\n", word_of(problem_commands[i]), problem_commands[i]->summary);
	fputs("\nA package is a folder, or a zip archive. `arena problem COMMAND --help` tells more of "
	      "each.\n",
	      out);
}

static int refuse(const char *word)
{
	const char *names[PROBLEM_COUNT + 1] = { NULL };
	for (size_t i = 0; i < PROBLEM_COUNT; i++)
		names[i] = word_of(problem_commands[i]);
	const char *meant = nearest_name(word, names);
	fprintf(stderr, "arena problem: there is no command %s; ", word);
	if (meant)
		fprintf(stderr, "did you mean %s?\n", meant);
	else
		fprintf(stderr, "`arena problem --help` lists them\n");
	return STATUS_USAGE;
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_problem(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_problem(stdout);
		return STATUS_OK;
	}
	for (size_t i = 0; i < PROBLEM_COUNT; i++)
		if (strcmp(word_of(problem_commands[i]), argv[1]) == 0)
			return problem_commands[i]->run(argc - 1, argv + 1);
	return refuse(argv[1]);
}

const struct command problem_command = {
	.name = "problem",
	.synopsis = "COMMAND",
	.summary = "Verifies, imports, exports and makes problem packages",
	.run = run,
};
