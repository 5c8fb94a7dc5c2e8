/* sqlite.c - SQLite behind the table of backend.h.
 *
 * WAL, so that readers and the writer do not wait for each other; synchronous=FULL, so that a commit is a
 * flush (NORMAL lost 8.6 % of the acknowledged jobs at a power cut). Every connection belongs to one
 * thread at a time, hence NOMUTEX. Statements are prepared once a connection and kept, the last used
 * first; each is reset before db_run() returns, so that none is ever in use twice, and every run binds all of
 * its parameters anew. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "base/cleanup.h"
#include "sqlite_file.h"

enum { BUSY_TIMEOUT_MS = 5000, CONNECTIONS_MAX = 8, STATEMENTS_MAX = 96, FIRST_ROWS = 8 };

struct sqlite_store {
	struct db_store base;
	struct sqlite_file file;
};

struct sqlite_connection {
	struct db_connection base;
	const char *name; /* the store's, for messages */
	sqlite3 *handle;
	sqlite3_stmt *statements[STATEMENTS_MAX]; /* last used first */
	size_t statement_count;
};

/* ---- failures ---- */

static const struct {
	int result;
	int code;
	const char *words;
} meanings[] = {
	{ SQLITE_CONSTRAINT, -EEXIST, "refused by a rule of the table" },
	{ SQLITE_FULL, -ENOSPC, "the disk is full, nothing was written" },
	{ SQLITE_BUSY, -EBUSY, "another program holds the database" },
	{ SQLITE_LOCKED, -EBUSY, "another program holds the database" },
	{ SQLITE_READONLY, -EROFS, "the database cannot be written" },
	{ SQLITE_NOTADB, -EBADMSG, "this file is no database: move it away, or restore a copy" },
	{ SQLITE_CORRUPT, -EBADMSG, "the database is damaged: restore a copy" },
	{ SQLITE_CANTOPEN, -EACCES, "the database cannot be opened" },
	{ SQLITE_NOMEM, -ENOMEM, "out of memory" },
	{ SQLITE_TOOBIG, -E2BIG, "a value is too large" },
	{ SQLITE_IOERR, -EIO, "the disk failed" },
};

static int fail(const struct sqlite_connection *connection, struct error *err)
{
	int result = sqlite3_errcode(connection->handle) & 0xff;
	int system = sqlite3_system_errno(connection->handle);
	if (result == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT))
		result = SQLITE_FULL;
	const char *detail = sqlite3_errmsg(connection->handle);
	if (result == SQLITE_IOERR || result == SQLITE_CANTOPEN)
		detail = strerror(system);
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].result == result)
			return error_set(err, meanings[i].code, "%s: %s (%s)", connection->name,
					 meanings[i].words, detail);
	return error_set(err, -EINVAL, "%s: %s", connection->name, detail);
}

/* ---- statements ---- */

static void move_to_front(struct sqlite_connection *connection, size_t index)
{
	sqlite3_stmt *statement = connection->statements[index];
	memmove(connection->statements + 1, connection->statements, index * sizeof(sqlite3_stmt *));
	connection->statements[0] = statement;
}

static void remember(struct sqlite_connection *connection, sqlite3_stmt *statement)
{
	if (connection->statement_count == STATEMENTS_MAX)
		sqlite3_finalize(connection->statements[--connection->statement_count]);
	connection->statements[connection->statement_count++] = statement;
	move_to_front(connection, connection->statement_count - 1);
}

static int prepare(struct sqlite_connection *connection, const char *sql, sqlite3_stmt **statement,
		   struct error *err)
{
	for (size_t i = 0; i < connection->statement_count; i++)
		if (strcmp(sqlite3_sql(connection->statements[i]), sql) == 0) {
			move_to_front(connection, i);
			*statement = connection->statements[0];
			return 0;
		}
	const char *rest;
	if (sqlite3_prepare_v3(connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, &rest) !=
	    SQLITE_OK) {
		fail(connection, err);
		return error_wrap(err, "prepare %.80s", sql);
	}
	if (!*statement || *rest) {
		sqlite3_finalize(*statement);
		return error_set(err, -EINVAL, "not one statement: %.80s", sql);
	}
	remember(connection, *statement);
	return 0;
}

static int bind_one(sqlite3_stmt *statement, int index, const struct db_value *value)
{
	switch (value->type) {
	case DB_NULL: break;
	case DB_INT: return sqlite3_bind_int64(statement, index, value->number);
	case DB_TEXT:
		return sqlite3_bind_text64(statement, index, value->bytes, value->size, SQLITE_STATIC,
					   SQLITE_UTF8);
	case DB_BLOB: return sqlite3_bind_blob64(statement, index, value->bytes, value->size, SQLITE_STATIC);
	}
	return sqlite3_bind_null(statement, index);
}

/* SQLite numbers "$2 ... $1" in the order in which they appear; PostgreSQL goes by the number, and so do we. */
static int bind_all(struct sqlite_connection *connection, sqlite3_stmt *statement,
		    const struct db_value *values, size_t count, struct error *err)
{
	size_t highest = 0;
	for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++) {
		const char *name = sqlite3_bind_parameter_name(statement, i);
		size_t number = name && name[0] == '$' ? strtoul(name + 1, NULL, 10) : 0;
		if (number < 1 || number > count)
			return error_set(err, -EINVAL, "no value for %s in: %.80s", name ? name : "?",
					 sqlite3_sql(statement));
		if (bind_one(statement, i, &values[number - 1]) != SQLITE_OK)
			return fail(connection, err);
		if (number > highest)
			highest = number;
	}
	if (highest < count)
		return error_set(err, -EINVAL, "a value too many for: %.80s", sqlite3_sql(statement));
	return 0;
}

/* ---- rows ---- */

static int out_of_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}

static int read_value(sqlite3_stmt *statement, int column, struct pool *pool, struct db_value *value,
		      struct error *err)
{
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_NULL: *value = db_null(); return 0;
	case SQLITE_INTEGER: *value = db_int(sqlite3_column_int64(statement, column)); return 0;
	case SQLITE_FLOAT:
		return error_set(err, -EINVAL, "column %s is no integer: CAST it",
				 sqlite3_column_name(statement, column));
	}
	bool text = sqlite3_column_type(statement, column) == SQLITE_TEXT;
	const void *bytes = sqlite3_column_blob(statement, column);
	size_t size = (size_t)sqlite3_column_bytes(statement, column);
	char *copy = bytes || size == 0 ? pool_memdup(pool, bytes, size) : NULL;
	if (!copy)
		return out_of_memory(err);
	*value = text ? db_text_sized(copy, size) : db_blob(copy, size);
	return 0;
}

static int grow(struct db_rows *rows, size_t *room, struct pool *pool, struct error *err)
{
	size_t wanted = *room ? *room * 2 : FIRST_ROWS;
	struct db_value *values =
		pool ? pool_array(pool, wanted * rows->columns, sizeof(struct db_value)) : NULL;
	if (!values)
		return out_of_memory(err);
	if (rows->count)
		memcpy(values, rows->values, rows->count * rows->columns * sizeof *values);
	rows->values = values;
	*room = wanted;
	return 0;
}

static int read_row(sqlite3_stmt *statement, struct pool *pool, struct db_rows *rows, size_t *room,
		    struct error *err)
{
	if (rows->count == *room && grow(rows, room, pool, err) < 0)
		return -ENOMEM;
	for (size_t column = 0; column < rows->columns; column++) {
		struct db_value *value = &rows->values[rows->count * rows->columns + column];
		int code = read_value(statement, (int)column, pool, value, err);
		if (code < 0)
			return code;
	}
	rows->count++;
	return 0;
}

static int step_through(struct sqlite_connection *connection, sqlite3_stmt *statement, struct pool *pool,
			struct db_rows *rows, struct error *err)
{
	struct db_rows read = { .columns = (size_t)sqlite3_column_count(statement) };
	size_t room = 0;
	int result;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		int code = rows ? read_row(statement, pool, &read, &room, err) : 0;
		if (code < 0)
			return code;
	}
	if (result != SQLITE_DONE)
		return fail(connection, err);
	if (!rows)
		return 0;
	read.changed = sqlite3_stmt_readonly(statement) ? 0 : sqlite3_changes64(connection->handle);
	*rows = read;
	return 0;
}

static int sqlite_run(struct db_connection *base, struct pool *pool, const char *sql,
		      const struct db_value *values, size_t count, struct db_rows *rows, struct error *err)
{
	struct sqlite_connection *connection = (struct sqlite_connection *)base;
	sqlite3_stmt *statement;
	int code = prepare(connection, sql, &statement, err);
	if (code < 0)
		return code;
	code = bind_all(connection, statement, values, count, err);
	if (code == 0)
		code = step_through(connection, statement, pool, rows, err);
	sqlite3_reset(statement);
	return code;
}

static int sqlite_script(struct db_connection *base, const char *sql, struct error *err)
{
	struct sqlite_connection *connection = (struct sqlite_connection *)base;
	if (sqlite3_exec(connection->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(connection, err);
	return 0;
}

static bool sqlite_in_transaction(const struct db_connection *base)
{
	return !sqlite3_get_autocommit(((const struct sqlite_connection *)base)->handle);
}

/* Nothing is ever sent ahead, and nothing can be cut off. */
static int sqlite_settle(struct db_connection *connection, struct error *err)
{
	return 0;
}

static bool sqlite_usable(struct db_connection *connection)
{
	return true;
}

/* ---- connections ---- */

static void sqlite_disconnect(struct db_connection *base)
{
	struct sqlite_connection *connection = (struct sqlite_connection *)base;
	for (size_t i = 0; i < connection->statement_count; i++)
		sqlite3_finalize(connection->statements[i]);
	sqlite3_close(connection->handle);
	free(connection);
}

static void disconnect_at(struct sqlite_connection **connection)
{
	if (*connection)
		sqlite_disconnect(&(*connection)->base);
}

/* The schema is our own, but the file may come from anywhere: it must not be able to call functions. And a
 * "word" in double quotes is a column, never a text, as in PostgreSQL. */
static int harden(struct sqlite_connection *connection, struct error *err)
{
	static const struct {
		int option, value;
	} settings[] = {
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 }, { SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },        { SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
	};
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
		if (sqlite3_db_config(connection->handle, settings[i].option, settings[i].value, NULL) !=
		    SQLITE_OK)
			return fail(connection, err);
	return 0;
}

/* SQLite falls back without a word: to reading only, and where shared memory is impossible to no WAL. */
static int check_writable(struct sqlite_connection *connection, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows mode;
	if (sqlite3_db_readonly(connection->handle, "main"))
		return error_set(err, -EROFS, "%s: the database cannot be written: check its owner and mode",
				 connection->name);
	int code = sqlite_run(&connection->base, pool, "PRAGMA journal_mode = WAL", DB_NO_VALUES, &mode, err);
	if (code < 0)
		return code;
	const char *text = db_text_at(&mode, 0, 0);
	if (!text || strcmp(text, "wal") != 0)
		return error_set(err, -ENOTSUP,
				 "%s: this file system has no shared memory for a database (WAL)",
				 connection->name);
	return 0;
}

/* Statements of several rows keep what they may have to undo in a file in /var/tmp: one each time. */
#define NO_FILES "PRAGMA temp_store = MEMORY;"

static int set_up(struct sqlite_connection *connection, enum db_access access, struct error *err)
{
	sqlite3_busy_timeout(connection->handle, BUSY_TIMEOUT_MS);
	int code = harden(connection, err);
	if (code == 0 && access == DB_WRITE)
		code = check_writable(connection, err);
	if (code == 0)
		code = sqlite_script(&connection->base,
				     access == DB_WRITE ? "PRAGMA synchronous = FULL;"
							  "PRAGMA journal_size_limit = 67108864;" NO_FILES
							: "PRAGMA query_only = ON;" NO_FILES,
				     err);
	return code;
}

static int sqlite_connect(struct db_store *base, enum db_access access, struct db_connection **ret_connection,
			  struct error *err)
{
	const struct sqlite_store *store = (const struct sqlite_store *)base;
	cleanup_with(disconnect_at) struct sqlite_connection *connection = calloc(1, sizeof *connection);
	if (!connection)
		return out_of_memory(err);
	connection->base.backend = &db_sqlite;
	connection->name = store->file.given;
	if (sqlite3_open_v2(store->file.path, &connection->handle,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return fail(connection, err);
	int code = set_up(connection, access, err);
	if (code < 0)
		return code;
	*ret_connection = &take_pointer(&connection)->base;
	return 0;
}

/* ---- stores ---- */

static void sqlite_close(struct db_store *base)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	sqlite_file_close(&store->file);
	free(store);
}

static int sqlite_check(const struct db_store *base, struct error *err)
{
	return sqlite_file_check(&((const struct sqlite_store *)base)->file, err);
}

static int sqlite_open(const char *url, struct db_store **ret_store, struct error *err)
{
	struct sqlite_store *store = calloc(1, sizeof *store);
	if (!store)
		return out_of_memory(err);
	store->base.backend = &db_sqlite;
	int code = sqlite_file_open(strchr(url, ':') + 1, &store->file, err);
	if (code == 0)
		*ret_store = &store->base;
	else
		sqlite_close(&store->base);
	return code;
}

const struct db_backend db_sqlite = {
	.schemes = { "sqlite" },
	.form = "sqlite:PATH",
	.begin = { [DB_READ] = "BEGIN", [DB_WRITE] = "BEGIN IMMEDIATE" },
	.ping = "SELECT count(*) FROM sqlite_schema",
	.touch = "PRAGMA user_version = 0", /* of no meaning to us, but written each time */
	.flush = { [false] = "PRAGMA synchronous = NORMAL;", [true] = "PRAGMA synchronous = FULL;" },
	.connections = CONNECTIONS_MAX,
	.open = sqlite_open,
	.close = sqlite_close,
	.check = sqlite_check,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.usable = sqlite_usable,
	.run = sqlite_run,
	.settle = sqlite_settle,
	.script = sqlite_script,
	.in_transaction = sqlite_in_transaction,
};
