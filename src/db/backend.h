/* backend.h - the seam between db's public functions and what keeps the rows.
 *
 * One file a backend; what differs between two of them is in this table and nowhere else. A backend is added
 * by a file that fills the table, and a line in db.c's list. Everything above it is the same for all: SAVEPOINT,
 * COMMIT and ROLLBACK, $1 for parameters, RETURNING, ON CONFLICT. */
#pragma once

#include "db/db.h"

enum db_access { DB_READ, DB_WRITE };

/* First members of the backend's own. */
struct db_store {
	const struct db_backend *backend;
};
struct db_connection {
	const struct db_backend *backend;
};

struct db_backend {
	const char *scheme;   /* what stands before the ':' of a URL */
	const char *begin[2]; /* by access */
	const char *ping;     /* a statement that really asks the database */
	const char *touch;    /* one that really writes, and changes nothing */
	size_t readers;       /* connections for reading, at most; made when they are needed */

	int (*open)(const char *location, struct db_store **store, struct error *err);
	void (*close)(struct db_store *store); /* after its last connection is gone */

	/* Whether connections to it still lead to what others find there. */
	int (*check)(const struct db_store *store, struct error *err);

	/* A connection belongs to one thread at a time. */
	int (*connect)(struct db_store *store, enum db_access access, struct db_connection **connection,
		       struct error *err);
	void (*disconnect)(struct db_connection *connection);

	/* As db_run(); and a script: several statements, no values, no rows. */
	int (*run)(struct db_connection *connection, struct pool *pool, const char *sql,
		   const struct db_value *values, size_t count, struct db_rows *rows, struct error *err);
	int (*script)(struct db_connection *connection, const char *sql, struct error *err);

	/* False also when a failure has already rolled everything back (a full disk can). */
	bool (*in_transaction)(const struct db_connection *connection);
};
extern const struct db_backend db_sqlite;

struct db_tx {
	struct db_connection *connection;
};

static inline int db_command(struct db_connection *connection, const char *sql, struct error *err)
{
	return connection->backend->run(connection, NULL, sql, DB_NO_VALUES, NULL, err);
}

/* Leaves no transaction open, whatever state it was in. */
static inline void db_abandon(struct db_connection *connection)
{
	if (connection->backend->in_transaction(connection))
		db_command(connection, "ROLLBACK", NULL);
}
