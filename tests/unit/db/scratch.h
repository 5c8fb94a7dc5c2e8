/* scratch.h - a temporary folder with a database in it, for tests; or, where TEST_POSTGRES holds the URL of a
 * PostgreSQL, an empty schema there. */
#pragma once

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"

struct scratch {
	char folder[64];
	char path[96];
	char url[512];
	const char *postgres; /* URL of the whole; NULL: the database is in SQLite */
	char schema[32];
	struct db *db;
};

static inline void assert_ok(int code, const struct error *err)
{
	if (code < 0)
		fail_msg("%s (%d)", err->text, code);
}

static inline void scratch_open(struct scratch *scratch)
{
	struct error err;
	assert_ok(db_open(scratch->url, &scratch->db, &err), &err);
}

static inline void scratch_close(struct scratch *scratch)
{
	db_close(scratch->db);
	scratch->db = NULL;
}

/* One statement as a whole transaction; its first column of the first row as a number. */
struct scratch_statement {
	const char *sql;
	const struct db_value *values;
	size_t count;
	int64_t answer, changed;
};

static inline int scratch_work(struct db_tx *tx, void *context, struct error *err)
{
	struct scratch_statement *statement = context;
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = db_run(tx, pool, statement->sql, statement->values, statement->count, &rows, err);
	if (code == 0) {
		statement->answer = db_int_at(&rows, 0, 0, INT64_MIN);
		statement->changed = rows.changed;
	}
	return code;
}

static inline int64_t scratch_ask(struct scratch *scratch, const char *sql)
{
	struct scratch_statement statement = { .sql = sql };
	struct error err;
	assert_ok(db_read(scratch->db, scratch_work, &statement, &err), &err);
	return statement.answer;
}

static inline int scratch_try(struct scratch *scratch, const char *sql, struct error *err)
{
	struct scratch_statement statement = { .sql = sql };
	return db_write(scratch->db, scratch_work, &statement, err);
}

static inline void scratch_do(struct scratch *scratch, const char *sql)
{
	struct error err;
	assert_ok(scratch_try(scratch, sql, &err), &err);
}

/* In the whole PostgreSQL, of which the schema is a part. */
static inline void scratch_do_in_postgres(struct scratch *scratch, const char *verb, const char *rest)
{
	struct scratch whole = { 0 };
	char sql[96];
	snprintf(whole.url, sizeof whole.url, "%s", scratch->postgres);
	snprintf(sql, sizeof sql, "%s SCHEMA %s%s", verb, scratch->schema, rest);
	scratch_open(&whole);
	scratch_do(&whole, sql);
	scratch_close(&whole);
}

static inline int scratch_set_up(void **state)
{
	static int number;
	struct scratch *scratch = calloc(1, sizeof *scratch);
	const char *postgres = getenv("TEST_POSTGRES"); /* empty: SQLite, whatever is there */
	scratch->postgres = postgres && *postgres ? postgres : NULL;
	snprintf(scratch->folder, sizeof scratch->folder, "/tmp/arena-test-db.XXXXXX");
	snprintf(scratch->schema, sizeof scratch->schema, "t%d_%d", (int)getpid(), ++number);
	if (!mkdtemp(scratch->folder))
		return -1;
	snprintf(scratch->path, sizeof scratch->path, "%s/data/test.db", scratch->folder);
	snprintf(scratch->url, sizeof scratch->url, "sqlite:%s", scratch->path);
	*state = scratch;
	if (scratch->postgres) {
		scratch_do_in_postgres(scratch, "CREATE", "");
		snprintf(scratch->url, sizeof scratch->url, "%s&options=-csearch_path%%3D%s",
			 scratch->postgres, scratch->schema);
	}
	scratch_open(scratch);
	return 0;
}

static inline int scratch_remove(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path);
}

static inline int scratch_tear_down(void **state)
{
	struct scratch *scratch = *state;
	scratch_close(scratch);
	if (scratch->postgres)
		scratch_do_in_postgres(scratch, "DROP", " CASCADE");
	nftw(scratch->folder, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(scratch);
	return 0;
}

/* The same sentence, in the words of the database that there is. */
static inline const char *scratch_either(const struct scratch *scratch, const char *sqlite,
					 const char *postgres)
{
	return scratch->postgres ? postgres : sqlite;
}

#define scratch_test(f) cmocka_unit_test_setup_teardown(f, scratch_set_up, scratch_tear_down)
