/* db.c - the public functions: which backend, and a transaction around every piece of work.
 *
 * Reading and writing never wait for each other: writes go through one thread (writer.c), reads use one of a
 * few connections of their own (readers.c) and see the last commit. */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "base/cleanup.h"
#include "db/db.h"
#include "readers.h"
#include "writer.h"

static const struct db_backend *const backends[] = { &db_sqlite };

struct db {
	struct db_store *store;
	struct writer *writer;
	struct readers *readers;
};

static const struct db_backend *find_backend(const char *url)
{
	for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
		size_t length = strlen(backends[i]->scheme);
		if (strncmp(url, backends[i]->scheme, length) == 0 && url[length] == ':')
			return backends[i];
	}
	return NULL;
}

static void close_db_at(struct db **db)
{
	db_close(*db);
}

int db_open(const char *url, struct db **ret_db, struct error *err)
{
	const struct db_backend *backend = find_backend(url);
	if (!backend) /* the URL may hold a password: no message shows it */
		return error_set(err, -EINVAL, "the database URL must have the form sqlite:PATH");
	cleanup_with(close_db_at) struct db *db = calloc(1, sizeof *db);
	if (!db)
		return error_set(err, -ENOMEM, "out of memory");
	int code = backend->open(url + strlen(backend->scheme) + 1, &db->store, err);
	if (code == 0)
		code = writer_start(db->store, &db->writer, err);
	if (code == 0)
		code = readers_new(db->store, &db->readers, err);
	if (code == 0)
		*ret_db = take_pointer(&db);
	return code;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	readers_free(db->readers);
	writer_stop(db->writer);
	if (db->store)
		db->store->backend->close(db->store);
	free(db);
}

/* Work gets an err always, so that codes survive error_wrap(). */
int db_write(struct db *db, db_work *work, void *context, struct error *err)
{
	struct error unheard;
	return writer_run(db->writer, work, context, err ? err : &unheard);
}

static int read_on(struct db_connection *connection, db_work *work, void *context, struct error *err)
{
	struct db_tx tx = { connection };
	int code = db_command(connection, connection->backend->begin[DB_READ], err);
	if (code == 0)
		code = work(&tx, context, err);
	if (code >= 0 && db_command(connection, "COMMIT", err) < 0)
		code = err->code;
	db_abandon(connection);
	return code;
}

int db_read(struct db *db, db_work *work, void *context, struct error *err)
{
	struct error unheard;
	struct db_connection *connection;
	int code = readers_take(db->readers, &connection, err);
	if (code < 0)
		return code;
	code = read_on(connection, work, context, err ? err : &unheard);
	readers_give(db->readers, connection);
	return code;
}

int db_run(struct db_tx *tx, struct pool *pool, const char *sql, const struct db_value *values, size_t count,
	   struct db_rows *rows, struct error *err)
{
	return tx->connection->backend->run(tx->connection, pool, sql, values, count, rows, err);
}

static int ask(struct db_tx *tx, void *context, struct error *err)
{
	return db_command(tx->connection, tx->connection->backend->ping, err);
}

static int touch(struct db_tx *tx, void *context, struct error *err)
{
	return db_command(tx->connection, tx->connection->backend->touch, err);
}

int db_ping(struct db *db, struct error *err)
{
	int code = db->store->backend->check(db->store, err);
	if (code == 0)
		code = db_read(db, ask, NULL, err);
	return code < 0 ? code : db_write(db, touch, NULL, err);
}
