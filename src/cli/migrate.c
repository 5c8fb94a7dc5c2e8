/* migrate.c - `arena migrate`: the services do the same when they start; this is for those who want it to happen
 * before, or to know. */
#include <stdio.h>

#include "backend/database.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "commands.h"
#include "execution/database.h"
#include "options.h"
#include "startup.h"
#include "user.h"

/* ---- the databases ---- */

static const struct db_migration *backend_all_migrations(struct pool *pool, size_t *count)
{
	(void)pool;
	*count = backend_migration_count;
	return backend_migrations;
}

static const struct database {
	const char *title;
	int (*open)(const struct config *config, struct db **db, struct error *err);
	const struct db_migration *(*migrations)(struct pool *pool, size_t *count);
} databases[] = {
	{ "execution service", execution_open_database, execution_all_migrations },
	{ "backend", backend_open_database, backend_all_migrations },
};

/* ---- one of them ---- */

static const char *say(const struct db_migration_state *state, char text[CLOCK_TEXT_BYTES])
{
	if (state->applied_ms == 0)
		return "to come";
	return clock_format(state->applied_ms, text);
}

static int print_states(struct db *db, const struct db_migration *all, size_t count, struct pool *pool,
			struct error *err)
{
	struct db_migration_state *states;
	size_t state_count;
	int code = db_migration_states(db, all, count, pool, &states, &state_count, err);
	for (size_t i = 0; code == 0 && i < state_count; i++) {
		char text[CLOCK_TEXT_BYTES];
		printf("%4d  %-24s  %s%s\n", states[i].number, say(&states[i], text), states[i].name,
		       states[i].known ? "" : " (by a newer version of this program)");
	}
	return code;
}

static void close_at(struct db **db)
{
	db_close(*db);
}

static int migrate(const struct database *database, const struct config *config, bool only_status,
		   struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_with(close_at) struct db *db = NULL;
	size_t count = 0;
	const struct db_migration *all = pool ? database->migrations(pool, &count) : NULL;
	if (!all)
		return error_set(err, -ENOMEM, "out of memory");
	int code = database->open(config, &db, err);
	if (code == 0 && !only_status)
		code = db_migrate(db, all, count, err);
	if (code == 0) {
		printf("%s:\n", database->title);
		code = print_states(db, all, count, pool, err);
	}
	return code < 0 ? error_wrap(err, "database of the %s", database->title) : 0;
}

/* ---- the command ---- */

static int run(int argc, char **argv)
{
	bool only_status = false;
	const struct option_row rows[] = {
		OPTION_FLAG("status", &only_status,
			    "change nothing: say which there are, and when each was applied"),
		OPTION_END,
	};
	cleanup_config struct config *config = NULL;
	struct user user;
	struct error err = { 0 };
	int status;
	if (!options_parse(&migrate_command, rows, argc, argv, NULL, &status))
		return status;
	if ((status = startup_config("migrate", &config)))
		return status;
	if (user_find(user_of_services, &user, &err) < 0 || user_prepare_data(&user, config, &err) < 0 ||
	    user_become(&user, &err) < 0)
		return startup_failed(&err);
	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++)
		if (migrate(&databases[i], config, only_status, &err) < 0)
			return startup_failed(&err);
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

const struct command migrate_command = {
	.name = "migrate",
	.synopsis = "[--status]",
	.summary = "Brings the databases' tables up to this version",
	.details = "The execution service and the backend do it by themselves when they start. A database in "
		   "SQLite "
		   "belongs\n"
		   "to one process: stop its service first.\n",
	.run = run,
};
