/* backend.h - the seam between db's public functions and what keeps the rows.
 *
 * One table a backend; what differs between two of them is in this table, and for their SQL in dialect.c. A
 * backend is added by a file that fills the table, and a line in db.c's list. Everything above it is the same
 * for all: SAVEPOINT, COMMIT and ROLLBACK, $1 for parameters, RETURNING, ON CONFLICT. */
#pragma once

#include "db/db.h"

enum db_access { DB_READ, DB_WRITE };

/* First members of the backend's own. */
struct db_store {
	const struct db_backend *backend;
};

/* Why the last transaction failed, where it is worth another try from its beginning. */
enum db_trouble { DB_NO_TROUBLE, DB_CONFLICT, DB_CONNECTION_LOST };

struct db_connection {
	const struct db_backend *backend;
	enum db_trouble trouble; /* set by the backend; cleared by who begins a transaction */
};

struct db_backend {
	const char *schemes[2]; /* what stands before the ':' of a URL */
	const char *form;       /* of such a URL, for messages */
	const char *begin[2];   /* by access */
	const char *ping;       /* a statement that really asks the database */
	const char *touch;      /* one that really writes, and changes nothing */
	const char *relax;      /* within a transaction: its commit need not wait for the disk; or NULL */
	const char *flush[2]; /* scripts, by whether commits that follow wait for the disk; NULL: see relax */
	const char *lock;     /* holds off other processes' migrations until the transaction ends; or NULL */
	size_t connections;   /* of a kind, at most; made when they are needed */
	bool shared;          /* many writers, in many processes; otherwise one thread writes */

	int (*open)(const char *url, struct db_store **store, struct error *err);
	void (*close)(struct db_store *store); /* after its last connection is gone */

	/* Whether connections to it still lead to what others find there. */
	int (*check)(const struct db_store *store, struct error *err);

	/* A connection belongs to one thread at a time. */
	int (*connect)(struct db_store *store, enum db_access access, struct db_connection **connection,
		       struct error *err);
	void (*disconnect)(struct db_connection *connection);
	bool (*usable)(struct db_connection *connection); /* false: it broke */

	/* As db_run(). What returns nothing may be sent ahead and fail with a later statement, or in settle(),
	 * which waits for all of it. And a script: several statements, no values, no rows. */
	int (*run)(struct db_connection *connection, struct pool *pool, const char *sql,
		   const struct db_value *values, size_t count, struct db_rows *rows, struct error *err);
	int (*settle)(struct db_connection *connection, struct error *err);
	int (*script)(struct db_connection *connection, const char *sql, struct error *err);

	/* False also when a failure has already rolled everything back (a full disk can). */
	bool (*in_transaction)(const struct db_connection *connection);
};
extern const struct db_backend db_sqlite, db_postgres;

const struct db_store *db_store_of(const struct db *db);
const struct db_backend *db_find_backend(const char *url);

struct db_tx {
	struct db_connection *connection;
};

static inline int db_command(struct db_connection *connection, const char *sql, struct error *err)
{
	return connection->backend->run(connection, NULL, sql, DB_NO_VALUES, NULL, err);
}

/* The same, and waits for it and all that was sent ahead. */
static inline int db_command_now(struct db_connection *connection, const char *sql, struct error *err)
{
	int code = db_command(connection, sql, err);
	return code < 0 ? code : connection->backend->settle(connection, err);
}

/* Leaves no transaction open, whatever state it was in. */
static inline void db_abandon(struct db_connection *connection)
{
	if (!connection->backend->in_transaction(connection))
		return;
	connection->backend->settle(connection, NULL);
	db_command_now(connection, "ROLLBACK", NULL);
}
