/* migrate.c - brings a database's tables up to what the program knows.
 *
 * Which migrations a database has had is written in it, by number, in the same transaction as the
 * migration itself: one that was cut short has left nothing. */
#include <inttypes.h>

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

static int make_table(struct db_tx *tx, void *context, struct error *err)
{
	return db_run(tx, NULL,
		      "CREATE TABLE IF NOT EXISTS schema_migrations ("
		      " number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)",
		      DB_NO_VALUES, NULL, err);
}

static int refuse_newer(struct db_tx *tx, void *context, struct error *err)
{
	const struct list *list = context;
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT number, name FROM schema_migrations ORDER BY number",
			  DB_NO_VALUES, &rows, err);
	for (size_t i = 0; code == 0 && i < rows.count; i++)
		if (!find(list, db_int_at(&rows, i, 0, 0)))
			code = error_set(err, -EPROTO,
					 "the database was made by a newer version of this program "
					 "(its migration %" PRId64
					 ", %s, is not known here): install that version "
					 "or restore an older copy of the database",
					 db_int_at(&rows, i, 0, 0), db_text_at(&rows, i, 1));
	return code;
}

static int apply_if_new(struct db_tx *tx, void *context, struct error *err)
{
	const struct db_migration *migration = context;
	struct db_rows rows;
	cleanup_pool struct pool *pool = pool_new();
	int code = db_run(tx, pool, "SELECT 1 FROM schema_migrations WHERE number = $1",
			  DB_VALUES(db_int(migration->number)), &rows, err);
	if (code < 0 || rows.count > 0)
		return code;
	code = tx->connection->backend->script(tx->connection, migration->sql, err);
	if (code < 0)
		return code;
	return db_run(tx, NULL,
		      "INSERT INTO schema_migrations (number, name, applied_at) VALUES ($1, $2, $3)",
		      DB_VALUES(db_int(migration->number), db_text(migration->name), db_int(clock_wall_ms())),
		      NULL, err);
}

int db_migrate(struct db *db, const struct db_migration *migrations, size_t count, struct error *err)
{
	struct list list = { migrations, count };
	int code = check_unique(&list, err);
	if (code == 0)
		code = db_write(db, make_table, NULL, err);
	if (code == 0)
		code = db_read(db, refuse_newer, &list, err);
	for (size_t i = 0; code == 0 && i < count; i++) {
		code = db_write(db, apply_if_new, (void *)&migrations[i], err);
		if (code < 0)
			error_wrap(err, "migration %d, %s", migrations[i].number, migrations[i].name);
	}
	return code;
}
