/* db.h - one small interface over SQLite and PostgreSQL.
 *
 * Work is done in transactions that are plain functions: db_write() and db_read() call `work` with an open
 * transaction and end it by what it returned (0 or positive: commit, and the caller gets the same number;
 * negative: roll back). When db_write() returns without failing, the change is on the disk. `work` may be
 * called again (after a conflict, or with a new connection) and so must not have effects besides its SQL and
 * *context's outputs. Thread-safe; work may run in another thread than its caller, who waits for it.
 * Work must not call db_write(), and inside db_read() not db_read(). No constraint should be deferred: it
 * would fail where the commit is, and others' work may share that.
 *
 * SQLite's writers take turns. PostgreSQL's do not: they see each other's commits between two statements, and
 * wait for each other only where both change a row, or lock it. Work that reads what it is going to decide by
 * locks it: with FOR UPDATE in a comment that begins with pg, which SQLite skips (dialect.c).
 *
 * Failures besides the statements' own: -EAGAIN, the database cannot be reached, nothing was changed; -EIO, the
 * connection broke while the commit was under way, and it is not known whether the change took place.
 *
 * SQL uses $1, $2, ... Times are integers, ms since the epoch. Text and blobs in rows live in the pool. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"

struct db;
struct db_tx;

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };

struct db_value {
	enum db_type type;
	int64_t number;
	const char *bytes; /* text and blob; in rows NUL-terminated behind `size` */
	size_t size;
};
struct db_value db_null(void);
struct db_value db_int(int64_t number);
struct db_value db_text(const char *text);                    /* NULL gives DB_NULL; not copied */
struct db_value db_text_sized(const char *text, size_t size); /* the same */
struct db_value db_blob(const void *bytes, size_t size);      /* the same */

struct db_rows {
	size_t count, columns;
	struct db_value *values; /* row by row */
	int64_t changed;         /* rows that an INSERT, UPDATE or DELETE touched */
};
/* Beyond the last row or column: a null. */
const struct db_value *db_at(const struct db_rows *rows, size_t row, size_t column);
int64_t db_int_at(const struct db_rows *rows, size_t row, size_t column, int64_t if_null);
const char *db_text_at(const struct db_rows *rows, size_t row, size_t column); /* NULL for null */

/* `url`: "sqlite:PATH" or "postgresql://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS" (libpq's form); a secret, which
 * no error shows. SQLite: creates the folder (mode 0700) and the file (0600), and takes a lock that a second
 * process (or a second db_open in this one) meets with -EBUSY and a clear word. The lock is gone when the
 * process is, however it ended. -EBADMSG: not a database, or damaged. PostgreSQL is not asked before the first
 * transaction, and connected to again, with pauses, whenever it was away. */
int db_open(const char *url, struct db **db, struct error *err);
/* Whether other processes may use it at the same time. */
bool db_is_shared(const struct db *db);
/* Nobody may be inside db_write() or db_read() any more. Accepts NULL. */
void db_close(struct db *db);

/* Migrations: forward only, run at start in one transaction each, those that the database lacks, in the order
 * given, and by one process at a time. Numbers are unique, and one call gets all of a database's migrations.
 *
 * A migration only adds (tables, columns with a default, indexes): the release before works on with it, beside
 * the new one. Taking something away needs two: a release that does not use it any more, and a later migration
 * that removes it and says, in a comment at its beginning (needs 12), the last number which that first release
 * knows. A program that does not know what some migration in the database needs is refused (-EPROTO), and
 * nothing is touched. */
struct db_migration {
	int number;
	const char *name;
	const char *sql; /* several statements */
};
int db_migrate(struct db *db, const struct db_migration *migrations, size_t count, struct error *err);

struct db_migration_state {
	int number;
	const char *name;
	int64_t applied_ms; /* 0: not yet */
	bool known;         /* false: by a newer version of this program */
};
/* All that are known here or there, by number; in the pool. Changes nothing. */
int db_migration_states(struct db *db, const struct db_migration *migrations, size_t count, struct pool *pool,
			struct db_migration_state **states, size_t *state_count, struct error *err);

typedef int db_work(struct db_tx *tx, void *context, struct error *err);
/* Several threads' work may share one commit. Each stands alone: one that fails leaves nothing behind and
 * does no harm to the others; but when the commit itself fails (-ENOSPC: the disk is full), all of them do. */
int db_write(struct db *db, db_work *work, void *context, struct error *err);
/* The same, but for what nobody is told before something else is on the disk: the change may be lost by a power cut
 * shortly after, whole, without a word. So nobody waits for the disk, unless others' work shares the commit. */
int db_write_relaxed(struct db *db, db_work *work, void *context, struct error *err);
/* Sees one state of the database throughout, and cannot change it (-EROFS). */
int db_read(struct db *db, db_work *work, void *context, struct error *err);

/* Within work: runs one statement (prepared once a connection, by its text). `rows` may be NULL when nothing
 * is returned: it may then be sent ahead, and its failure be told by a later statement or by db_write()
 * itself. With rows it needs a pool. A constraint that is violated is -EEXIST. After a failure work
 * should return it: PostgreSQL would refuse to go on. For what may exist already use ON CONFLICT. */
int db_run(struct db_tx *tx, struct pool *pool, const char *sql, const struct db_value *values, size_t count,
	   struct db_rows *rows, struct error *err);
#define DB_VALUES(...)                            \
	(const struct db_value[]){ __VA_ARGS__ }, \
		(sizeof((const struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value))
#define DB_NO_VALUES NULL, 0

/* After a column: any of a JSON list of whole numbers. PostgreSQL takes an index for each, and nothing else can come
 * to its mind, whatever it believes about the table's size; an IN with a SELECT it may turn round and walk all of the
 * table instead. */
#define DB_ANY_OF(list)                                                                       \
	"/*sqlite*/IN/*pg = ANY (ARRAY*/ (SELECT CAST(value AS INTEGER) FROM json_each(" list \
	"/*pg ::jsonb*/))/*pg )*/"

/* Hears of each db_write() and db_read() when it is over: how it ended (0 or more: well) and how long its caller
 * waited. In the caller's thread; set once, before other threads know the database. */
struct db_observer {
	void (*done)(void *context, bool write, int code, int64_t took_us);
	void *context;
};
void db_observe(struct db *db, struct db_observer observer);
/* Whether this is a failure of the database: what is refused by the rules of its own work (a lease that is stale, a
 * contest that is not there) is none. */
bool db_code_is_failure(int code);

/* Within db_write(): as db_write_relaxed(), but in PostgreSQL alone; for what is found out only then. */
int db_relax(struct db_tx *tx, struct error *err);

/* 0 when the database answers, takes writes, and is still the one that was opened. */
int db_ping(struct db *db, struct error *err);
