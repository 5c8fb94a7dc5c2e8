/* migrate.c - brings a database's tables up to what the program knows.
 *
 * Which migrations a database has had is written in it, by number, in the same transaction as the
 * migration itself: one that was cut short has left nothing. Where several processes may start at once, each
 * step is taken under a lock, and looks again at what is there.
 *
 * A program may meet migrations that it does not know: a newer one ran here. Most only add, and the older
 * program works on beside the newer. One that takes something away says so: its row holds in `needs` the number
 * of a migration that a program must know in order not to miss it. */
#include <inttypes.h>
#include <stdio.h>

#include "backend.h"
#include "base/clock.h"
#include "db/db.h"

struct list {
	const struct db_migration *migrations;
	size_t count;
};

static const struct db_migration *find(const struct list *list, int64_t number)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->migrations[i].number == number)
			return &list->migrations[i];
	return NULL;
}

static int check_unique(const struct list *list, struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct db_migration *migration = &list->migrations[i];
		if (find(list, migration->number) != migration)
			return error_set(err, -EINVAL, "migration %d is listed twice", migration->number);
	}
	return 0;
}

static int lock_out_others(struct db_tx *tx, struct error *err)
{
	const char *sql = tx->connection->backend->lock;
	return sql ? db_command(tx->connection, sql, err) : 0;
}

/* ---- the table of what has been ---- */

static int make_table(struct db_tx *tx, void *context, struct error *err)
{
	int code = lock_out_others(tx, err);
	return code < 0
		       ? code
		       : db_run(tx, NULL,
				"CREATE TABLE IF NOT EXISTS schema_migrations ("
				" number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL,"
				" needs BIGINT NOT NULL DEFAULT 0)",
				DB_NO_VALUES, NULL, err);
}

static int ask_for_needs(struct db_tx *tx, void *context, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	return db_run(tx, pool, "SELECT needs FROM schema_migrations LIMIT 1", DB_NO_VALUES, &rows, err);
}

static int add_needs(struct db_tx *tx, void *context, struct error *err)
{
	return db_run(tx, NULL, "ALTER TABLE schema_migrations ADD COLUMN needs BIGINT NOT NULL DEFAULT 0",
		      DB_NO_VALUES, NULL, err);
}

/* The first release's table, which was SQLite's alone, has no `needs`. */
static int prepare_table(struct db *db, struct error *err)
{
	int code = db_write(db, make_table, NULL, err);
	if (code == 0 && db_read(db, ask_for_needs, NULL, err) == -EINVAL)
		code = db_write(db, add_needs, NULL, err);
	return code;
}

/* ---- applying ---- */

static int refuse_newer(struct db_tx *tx, const struct list *list, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT number, name, needs FROM schema_migrations WHERE needs > 0 ORDER BY number",
			  DB_NO_VALUES, &rows, err);
	for (size_t i = 0; code == 0 && i < rows.count; i++)
		if (!find(list, db_int_at(&rows, i, 2, 0)))
			code = error_set(err, -EPROTO,
					 "the database was made by a newer version of this program "
					 "(its migration %" PRId64
					 ", %s, cannot be used by this one): install that version "
					 "or restore an older copy of the database",
					 db_int_at(&rows, i, 0, 0), db_text_at(&rows, i, 1));
	return code;
}

/* The number that a program must know to go on after this; 0: any program can. */
static int needs_of(const struct db_migration *migration)
{
	int number = 0;
	return sscanf(migration->sql, "/*needs %d*/", &number) == 1 ? number : 0;
}

struct application {
	const struct list *list;
	const struct db_migration *migration;
};

static int apply_if_new(struct db_tx *tx, void *context, struct error *err)
{
	const struct application *application = context;
	const struct db_migration *migration = application->migration;
	struct db_rows rows = { 0 };
	cleanup_pool struct pool *pool = pool_new();
	int code = lock_out_others(tx, err);
	if (code == 0)
		code = refuse_newer(tx, application->list, err);
	if (code == 0)
		code = db_run(tx, pool, "SELECT 1 FROM schema_migrations WHERE number = $1",
			      DB_VALUES(db_int(migration->number)), &rows, err);
	if (code < 0 || rows.count > 0)
		return code;
	code = tx->connection->backend->script(tx->connection, migration->sql, err);
	if (code < 0)
		return code;
	return db_run(
		tx, NULL,
		"INSERT INTO schema_migrations (number, name, applied_at, needs) VALUES ($1, $2, $3, $4)",
		DB_VALUES(db_int(migration->number), db_text(migration->name), db_int(clock_wall_ms()),
			  db_int(needs_of(migration))),
		NULL, err);
}

static int check_newer(struct db_tx *tx, void *context, struct error *err)
{
	return refuse_newer(tx, context, err);
}

int db_migrate(struct db *db, const struct db_migration *migrations, size_t count, struct error *err)
{
	struct list list = { migrations, count };
	struct error failure = { 0 };
	int code = check_unique(&list, &failure);
	if (code == 0)
		code = prepare_table(db, &failure);
	if (code == 0)
		code = db_read(db, check_newer, &list, &failure);
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct application application = { &list, &migrations[i] };
		code = db_write(db, apply_if_new, &application, &failure);
		if (code < 0 && code != -EPROTO)
			error_wrap(&failure, "migration %d, %s", migrations[i].number, migrations[i].name);
	}
	return code < 0 ? error_set(err, code, "%s", failure.text) : 0;
}

/* ---- what has been, and what is to come ---- */

struct asking {
	const struct list *list;
	struct pool *pool;
	struct db_migration_state *states;
	size_t count;
};

static void add_state(struct asking *asking, struct db_migration_state state)
{
	size_t at = asking->count++;
	for (; at > 0 && asking->states[at - 1].number > state.number; at--)
		asking->states[at] = asking->states[at - 1];
	asking->states[at] = state;
}

static int read_states(struct db_tx *tx, void *context, struct error *err)
{
	struct asking *asking = context;
	const struct list *list = asking->list;
	struct db_rows rows;
	int code = db_run(tx, asking->pool,
			  "SELECT number, name, applied_at FROM schema_migrations ORDER BY number",
			  DB_NO_VALUES, &rows, err);
	if (code < 0)
		return code;
	asking->count = 0;
	asking->states = pool_array(asking->pool, rows.count + list->count + 1, sizeof *asking->states);
	if (!asking->states)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < list->count; i++)
		add_state(asking, (struct db_migration_state){ .number = list->migrations[i].number,
							       .name = list->migrations[i].name,
							       .known = true });
	for (size_t i = 0; i < rows.count; i++) {
		struct db_migration_state state = { .number = (int)db_int_at(&rows, i, 0, 0),
						    .name = db_text_at(&rows, i, 1),
						    .applied_ms = db_int_at(&rows, i, 2, 0) };
		size_t at = 0;
		while (at < asking->count && asking->states[at].number != state.number)
			at++;
		if (at < asking->count)
			asking->states[at].applied_ms = state.applied_ms;
		else
			add_state(asking, state);
	}
	return 0;
}

int db_migration_states(struct db *db, const struct db_migration *migrations, size_t count, struct pool *pool,
			struct db_migration_state **states, size_t *state_count, struct error *err)
{
	struct list list = { migrations, count };
	struct asking asking = { .list = &list, .pool = pool };
	int code = prepare_table(db, err);
	if (code == 0)
		code = db_read(db, read_states, &asking, err);
	if (code < 0)
		return code;
	*states = asking.states;
	*state_count = asking.count;
	return 0;
}
