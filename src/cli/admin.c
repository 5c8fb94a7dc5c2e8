/* admin.c - `arena admin`: the table of what there is for who runs a service. */
#include "admin.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "options.h"

static const struct command *const admin_commands[] = { &admin_key_command, &admin_jobs_command,
							&admin_deliveries_command, &admin_user_command,
							&admin_token_command };
enum { ADMIN_COUNT = sizeof admin_commands / sizeof admin_commands[0] };

/* "key" of "admin key" */
static const char *word_of(const struct command *command)
{
	return strchr(command->name, ' ') + 1;
}

static void print_admin(FILE *out)
{
	fputs("usage: arena admin COMMAND [OPTION]... [WORD]...\n\n", out);
	for (size_t i = 0; i < ADMIN_COUNT; i++)
		fprintf(out, "  %-12s %s\n", word_of(admin_commands[i]), admin_commands[i]->summary);
	fputs("\n`arena admin COMMAND --help` tells more of each.\n", out);
}

static int refuse(const char *word)
{
	const char *names[ADMIN_COUNT + 1] = { NULL };
	for (size_t i = 0; i < ADMIN_COUNT; i++)
		names[i] = word_of(admin_commands[i]);
	const char *meant = nearest_name(word, names);
	fprintf(stderr, "arena admin: there is no command %s; ", word);
	if (meant)
		fprintf(stderr, "did you mean %s?\n", meant);
	else
		fprintf(stderr, "`arena admin --help` lists them\n");
	return STATUS_USAGE;
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_admin(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_admin(stdout);
		return STATUS_OK;
	}
	for (size_t i = 0; i < ADMIN_COUNT; i++)
		if (strcmp(word_of(admin_commands[i]), argv[1]) == 0)
			return admin_commands[i]->run(argc - 1, argv + 1);
	return refuse(argv[1]);
}

const struct command admin_command = {
	.name = "admin",
	.synopsis = "COMMAND",
	.summary = "Manages the services: users, API keys, dead jobs, webhooks",
	.run = run,
};
