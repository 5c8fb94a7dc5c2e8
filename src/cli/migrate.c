/* migrate.c - `arena migrate`: the service does the same when it starts; this is for those who want it to happen
 * before, or to know. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "commands.h"
#include "execution/database.h"
#include "options.h"
#include "startup.h"
#include "user.h"

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

static int migrate(const struct config *config, bool only_status, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_with(close_at) struct db *db = NULL;
	size_t count = 0;
	const struct db_migration *all = pool ? execution_all_migrations(pool, &count) : NULL;
	if (!all)
		return error_set(err, -ENOMEM, "out of memory");
	int code = execution_open_database(config, &db, err);
	if (code == 0 && !only_status)
		code = db_migrate(db, all, count, err);
	if (code == 0)
		code = print_states(db, all, count, pool, err);
	return code;
}

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
	    user_become(&user, &err) < 0 || migrate(config, only_status, &err) < 0)
		return startup_failed(&err);
	return STATUS_OK;
}

const struct command migrate_command = {
	.name = "migrate",
	.synopsis = "[--status]",
	.summary = "Brings the database's tables up to this version",
	.details = "The execution service does it by itself when it starts. A database in SQLite belongs to "
		   "one process:\n"
		   "stop the service first.\n",
	.run = run,
};
