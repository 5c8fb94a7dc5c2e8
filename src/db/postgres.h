/* postgres.h - what the files of the PostgreSQL backend share: postgres.c connects, postgres_run.c runs
 * statements, postgres_value.c turns values into what goes over the wire and back, postgres_error.c tells
 * failures apart. */
#pragma once

#include <libpq-fe.h>

#include "backend.h"

enum { STATEMENTS_MAX = 128, DUE_MAX = 128, PARAMETERS_MAX = 1024, NAME_BYTES = 24 };

struct postgres_store {
	struct db_store base;
	char *url;  /* secret */
	char *name; /* "database x at host:port", for messages */
};

/* A text of SQL, prepared for one combination of parameter types. */
struct statement {
	char *sql;
	unsigned char *types; /* enum db_type, by parameter */
	size_t count;
	char name[NAME_BYTES];
};

/* An answer that the server still owes. */
struct due {
	struct statement *prepares; /* this one; NULL: no preparation */
	bool commits;
};

struct postgres_connection {
	struct db_connection base;
	const struct postgres_store *store;
	PGconn *handle;
	struct statement *statements[STATEMENTS_MAX]; /* last used first */
	size_t statement_count;
	unsigned long statements_made;
	struct due due[DUE_MAX];
	size_t due_count;
	int64_t renew_plans_us;
	bool in_transaction, broken;
};

/* postgres.c; to be asked for its status. */
PGconn *postgres_dial(const struct postgres_store *store);

/* postgres_error.c; both set connection->base.trouble. */
int postgres_fail(struct postgres_connection *connection, const PGresult *result, struct error *err);
/* The connection is of no use any more. `committing`: nobody knows whether the transaction took place. */
int postgres_lost(struct postgres_connection *connection, bool committing, struct error *err);

/* postgres_value.c */
struct parameters {
	Oid types[PARAMETERS_MAX];
	const char *bytes[PARAMETERS_MAX];
	int sizes[PARAMETERS_MAX], formats[PARAMETERS_MAX];
	int64_t numbers[PARAMETERS_MAX]; /* in network order */
};
int postgres_encode(const struct db_value *values, size_t count, struct parameters *parameters,
		    struct error *err);
int postgres_decode(const PGresult *result, struct pool *pool, struct db_rows *rows, struct error *err);

/* postgres_run.c */
int postgres_run(struct db_connection *base, struct pool *pool, const char *sql,
		 const struct db_value *values, size_t count, struct db_rows *rows, struct error *err);
int postgres_settle(struct db_connection *base, struct error *err);
int postgres_script(struct db_connection *base, const char *sql, struct error *err);
void postgres_forget_statements(struct postgres_connection *connection);
