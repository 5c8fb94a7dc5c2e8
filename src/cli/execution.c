/* execution.c - `arena execution`: the execution service alone; workers are elsewhere. */
#include <stdio.h>

#include "commands.h"
#include "options.h"
#include "role.h"
#include "startup.h"
#include "user.h"

static void print_ready(const char *const *addresses, void *unused)
{
	(void)unused;
	fputs("ready: execution service", stdout);
	for (; *addresses; addresses++)
		printf(" %s", *addresses);
	putchar('\n');
	fflush(stdout);
}

/* Everything that may need root, then none of it any more. */
static int prepare(struct config *config, struct catalogue **catalogue)
{
	struct user user;
	struct error err = { 0 };
	if (user_find(user_of_services, &user, &err) < 0 || user_prepare_data(&user, config, &err) < 0)
		return startup_failed(&err);
	int status = startup_catalogue(config, &user, true, catalogue);
	if (status == STATUS_OK && user_become(&user, &err) < 0)
		return startup_failed(&err);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option_row rows[] = { OPTION_END };
	cleanup_config struct config *config = NULL;
	cleanup_catalogue struct catalogue *catalogue = NULL;
	sigset_t stop;
	int status;
	if (!options_parse(&execution_command, rows, argc, argv, NULL, &status))
		return status;
	if ((status = startup_config("execution", &config)))
		return status;
	if ((status = prepare(config, &catalogue)))
		return status;
	role_block_signals(&stop);
	return role_execution(config, catalogue, config->worker_token, "", print_ready, NULL);
}

const struct command execution_command = {
	.name = "execution",
	.synopsis = "",
	.summary = "Runs the execution service alone",
	.details = "Listens on EXECUTION_LISTEN, keeps its database in DATA_DIR, and gives jobs to workers "
		   "that show\n"
		   "an API key with the scope worker, or WORKER_TOKEN. `arena config` lists all variables.\n",
	.run = run,
};
