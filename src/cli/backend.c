/* backend.c - `arena backend`: the main application alone; the execution service is elsewhere. Its worker for direct
 * execution is a child of its own, which makes its lanes as `arena worker` does (nursery.h). */
#include <limits.h>
#include <signal.h>
#include <stdio.h>

#include "backend/token.h"
#include "commands.h"
#include "nursery.h"
#include "options.h"
#include "role.h"
#include "startup.h"
#include "user.h"

static void print_ready(const char *const *addresses, void *unused)
{
	(void)unused;
	fputs("ready: backend", stdout);
	for (; *addresses; addresses++)
		printf(" %s", *addresses);
	putchar('\n');
	fflush(stdout);
}

enum { NURSERY_STOP_MS = 5000 };

struct direct {
	struct child child;
	int control;
};

/* Root's, if we are root, until it has made what only root can make. */
static int start_direct(const struct config *config, struct direct *direct, struct error *err)
{
	char folder[PATH_MAX];
	struct user worker;
	int code = user_find(user_of_workers, &worker, err);
	if (code == 0)
		code = user_prepare_worker_data(&worker, config, "direct", folder, err);
	return code < 0 ? code
			: nursery_start(&(struct nursery_options){ .config = config, .folder = folder },
					&direct->child, &direct->control, err);
}

/* Everything that may need root, then none of it any more. */
static int prepare(struct config *config, struct catalogue **catalogue, struct direct *direct)
{
	struct user user;
	struct error err = { 0 };
	if (user_find(user_of_services, &user, &err) < 0 || user_prepare_data(&user, config, &err) < 0)
		return startup_failed(&err);
	int status = startup_catalogue(config, &user, true, catalogue);
	if (status == STATUS_OK)
		status = startup_problems(config, &user);
	if (status == STATUS_OK && (start_direct(config, direct, &err) < 0 || user_become(&user, &err) < 0))
		return startup_failed(&err);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option_row rows[] = { OPTION_END };
	cleanup_config struct config *config = NULL;
	cleanup_catalogue struct catalogue *catalogue = NULL;
	struct direct direct = { .child = { .name = "worker of the backend" }, .control = -1 };
	struct error err = { 0 };
	sigset_t stop;
	int status;
	if (!options_parse(&backend_command, rows, argc, argv, NULL, &status))
		return status;
	if ((status = startup_config("backend", &config)))
		return status;
	if (token_secrets_check(config, &err) < 0) {
		startup_failed(&err);
		return STATUS_USAGE;
	}
	role_block_signals(&stop);
	sigaddset(&stop, SIGCHLD);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	if ((status = prepare(config, &catalogue, &direct)))
		return status;
	status = role_backend(config, catalogue, direct.control, NULL, print_ready, NULL);
	child_await(&direct.child, NURSERY_STOP_MS);
	return status;
}

const struct command backend_command = {
	.name = "backend",
	.synopsis = "",
	.summary = "Runs the main application alone: users, problems, contests, courses",
	.details =
		"Listens on BACKEND_LISTEN, keeps its database in DATA_DIR, and uses the execution service "
		"at\n"
		"CODE_EXECUTION_SERVICE_URL. `arena config` lists all variables.\n",
	.run = run,
};
