/* db.c - the public functions: which backend, and a transaction around every piece of work.
 *
 * In SQLite reading and writing never wait for each other: writes go through one thread (writer.c), reads use
 * one of a few connections of their own (connections.c) and see the last commit. In PostgreSQL every
 * transaction has one of a few connections to itself, in its caller's thread.
 *
 * A transaction that met a conflict (a deadlock), or whose connection was gone before its commit was sent, has
 * changed nothing and is tried again. One whose commit was sent and never answered may be there or not: that
 * fails with -EIO, and nothing is repeated here. Nobody was told of success, so nothing acknowledged can be
 * lost; who asks again must be able to find what is there: by an idempotency key, by a lease. */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "connections.h"
#include "writer.h"

enum { CONFLICTS_MAX = 10, LOST_MAX = 2 };

static const struct db_backend *const backends[] = { &db_sqlite, &db_postgres };

struct db {
	struct db_store *store;
	struct writer *writer; /* NULL where the store is shared */
	struct connections *connections;
	struct db_observer observer;
};

/* The database that this thread is writing to. */
static _Thread_local const struct db *writing;

const struct db_backend *db_find_backend(const char *url)
{
	size_t length = strcspn(url, ":");
	for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
		for (size_t j = 0; j < 2 && backends[i]->schemes[j]; j++)
			if (url[length] && strlen(backends[i]->schemes[j]) == length &&
			    strncmp(url, backends[i]->schemes[j], length) == 0)
				return backends[i];
	return NULL;
}

static void close_db_at(struct db **db)
{
	db_close(*db);
}

int db_open(const char *url, struct db **ret_db, struct error *err)
{
	const struct db_backend *backend = db_find_backend(url);
	if (!backend) /* the URL may hold a password: no message shows it */
		return error_set(err, -EINVAL, "the database URL must have the form %s or %s", db_sqlite.form,
				 db_postgres.form);
	cleanup_with(close_db_at) struct db *db = calloc(1, sizeof *db);
	if (!db)
		return error_set(err, -ENOMEM, "out of memory");
	int code = backend->open(url, &db->store, err);
	if (code == 0 && !backend->shared)
		code = writer_start(db->store, &db->writer, err);
	if (code == 0)
		code = db_connections_new(db->store, backend->shared ? DB_WRITE : DB_READ, &db->connections,
					  err);
	if (code == 0)
		*ret_db = take_pointer(&db);
	return code;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_connections_free(db->connections);
	writer_stop(db->writer);
	if (db->store)
		db->store->backend->close(db->store);
	free(db);
}

const struct db_store *db_store_of(const struct db *db)
{
	return db->store;
}

bool db_is_shared(const struct db *db)
{
	return db->store->backend->shared;
}

/* ---- one transaction on a connection of one's own ---- */

struct piece {
	enum db_access access;
	bool relaxed;
	db_work *work;
	void *context;
};

static int run_transaction(struct db_connection *connection, const struct piece *piece, struct error *err)
{
	struct db_tx tx = { connection };
	connection->trouble = DB_NO_TROUBLE;
	int code = db_command(connection, connection->backend->begin[piece->access], err);
	if (code == 0 && piece->relaxed)
		code = db_relax(&tx, err);
	if (code == 0)
		code = piece->work(&tx, piece->context, err);
	if (code >= 0) {
		int ended = db_command_now(connection, "COMMIT", err);
		code = ended < 0 ? ended : code;
	}
	db_abandon(connection);
	return code;
}

static int try_once(struct db *db, const struct piece *piece, enum db_trouble *trouble, struct error *err)
{
	struct db_connection *connection;
	*trouble = DB_NO_TROUBLE;
	int code = db_connections_take(db->connections, &connection, err);
	if (code < 0)
		return code;
	code = run_transaction(connection, piece, err);
	*trouble = code < 0 ? connection->trouble : DB_NO_TROUBLE;
	db_connections_give(db->connections, connection);
	return code;
}

/* Two that met should not meet again. */
static void step_aside(int times)
{
	unsigned char random;
	random_bytes(&random, sizeof random);
	usleep((useconds_t)((500U << (times > 6 ? 6 : times)) * (64U + random) / 256U));
}

static int try_until_done(struct db *db, const struct piece *piece, struct error *err)
{
	enum db_trouble trouble;
	int conflicts = 0, lost = 0;
	for (;;) {
		int code = try_once(db, piece, &trouble, err);
		if (trouble == DB_CONFLICT && ++conflicts < CONFLICTS_MAX)
			step_aside(conflicts);
		else if (trouble != DB_CONNECTION_LOST || ++lost >= LOST_MAX)
			return code;
	}
}

static int write_alone(struct db *db, const struct piece *piece, struct error *err)
{
	if (writing == db)
		return error_set(err, -EDEADLK, "a transaction was begun inside another");
	writing = db;
	*err = (struct error){ 0 };
	int code = try_until_done(db, piece, err);
	writing = NULL;
	return code;
}

/* ---- all of them ---- */

void db_observe(struct db *db, struct db_observer observer)
{
	db->observer = observer;
}

static int observed(struct db *db, bool write, int64_t began_us, int code)
{
	if (db->observer.done)
		db->observer.done(db->observer.context, write, code, clock_monotonic_us() - began_us);
	return code;
}

/* Work gets an err always, so that codes survive error_wrap(). */
static int write_piece(struct db *db, const struct piece *piece, struct error *err)
{
	struct error unheard;
	int64_t began_us = clock_monotonic_us();
	err = err ? err : &unheard;
	int code = db->writer ? writer_run(db->writer, piece->work, piece->context, piece->relaxed, err)
			      : write_alone(db, piece, err);
	return observed(db, true, began_us, code);
}

int db_write(struct db *db, db_work *work, void *context, struct error *err)
{
	return write_piece(db, &(struct piece){ DB_WRITE, false, work, context }, err);
}

int db_write_relaxed(struct db *db, db_work *work, void *context, struct error *err)
{
	return write_piece(db, &(struct piece){ DB_WRITE, true, work, context }, err);
}

int db_read(struct db *db, db_work *work, void *context, struct error *err)
{
	struct error unheard;
	int64_t began_us = clock_monotonic_us();
	int code = try_until_done(db, &(struct piece){ DB_READ, false, work, context }, err ? err : &unheard);
	return observed(db, false, began_us, code);
}

int db_run(struct db_tx *tx, struct pool *pool, const char *sql, const struct db_value *values, size_t count,
	   struct db_rows *rows, struct error *err)
{
	return tx->connection->backend->run(tx->connection, pool, sql, values, count, rows, err);
}

int db_relax(struct db_tx *tx, struct error *err)
{
	const char *sql = tx->connection->backend->relax;
	return sql ? db_command(tx->connection, sql, err) : 0;
}

static int ask(struct db_tx *tx, void *context, struct error *err)
{
	return db_command_now(tx->connection, tx->connection->backend->ping, err);
}

static int touch(struct db_tx *tx, void *context, struct error *err)
{
	return db_command_now(tx->connection, tx->connection->backend->touch, err);
}

int db_ping(struct db *db, struct error *err)
{
	int code = db->store->backend->check(db->store, err);
	if (code == 0)
		code = db_read(db, ask, NULL, err);
	return code < 0 ? code : db_write(db, touch, NULL, err);
}

bool db_code_is_failure(int code)
{
	return code == -EIO || code == -EAGAIN || code == -EBUSY || code == -ENOSPC || code == -EROFS ||
	       code == -EBADMSG || code == -ETIMEDOUT;
}
