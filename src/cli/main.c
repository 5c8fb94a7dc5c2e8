/* main.c - the table of subcommands; each has a file of its own. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "options.h"
#include "startup.h"

static int run_help(int argc, char **argv);

static const struct command help_command = {
	.name = "help",
	.synopsis = "[COMMAND]",
	.summary = "Says what there is, or what a command does",
	.run = run_help,
};

static const struct command *const commands[] = {
	&run_command,     &serve_command, &languages_command, &doctor_command,    &config_command,
	&migrate_command, &bench_command, &backend_command,   &execution_command, &worker_command,
	&lanes_command,   &admin_command, &problem_command,   &help_command,
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int refuse_command(const char *word)
{
	const char *names[COMMAND_COUNT + 3] = { "--version", "--help" };
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		names[i + 2] = commands[i]->name;
	const char *meant = nearest_name(word, names);
	fprintf(stderr, "arena: there is no command %s; ", word);
	if (meant)
		fprintf(stderr, "did you mean %s?\n", meant);
	else
		fprintf(stderr, "`arena help` lists them\n");
	return STATUS_USAGE;
}

static void print_commands(FILE *out)
{
	fputs("usage: arena COMMAND [OPTION]... [WORD]...\n\n"
	      "Runs code that nobody trusts, and judges it.\n\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	fputs("  --version    Says which release this is\n\n"
	      "`arena help COMMAND` tells more of each.\n",
	      out);
}

static int run_help(int argc, char **argv)
{
	static const struct option_row rows[] = { OPTION_END };
	struct words words;
	int status;
	if (!options_parse(&help_command, rows, argc, argv, &words, &status))
		return status;
	if (words.count == 0) {
		print_commands(stdout);
		return STATUS_OK;
	}
	const struct command *command = find_command(words.at[0]);
	if (!command)
		return refuse_command(words.at[0]);
	return command->run(2, (char *[]){ (char *)command->name, (char[]){ "--help" }, NULL });
}

int main(int argc, char **argv)
{
	startup_program();
	if (argc < 2) {
		print_commands(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("arena " ARENA_VERSION);
		return STATUS_OK;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_commands(stdout);
		return STATUS_OK;
	}
	const struct command *command = find_command(argv[1]);
	return command ? command->run(argc - 1, argv + 1) : refuse_command(argv[1]);
}
