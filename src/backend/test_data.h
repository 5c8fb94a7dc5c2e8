/* test_data.h - the bytes that problems are judged by: inputs, answers, checkers, statements as files.
 *
 * They lie in the database, by their SHA-256, so that every replica has them; each keeps those that it uses in a folder
 * of its own too (base/blobs.h), from where they are mapped and handed to whoever judges. What no problem names any more
 * stays for a day: somebody may be judging by it. Thread-safe. */
#pragma once

#include "base/pool.h"
#include "db/db.h"

struct config;
struct test_data;

int test_data_open(const struct config *config, struct db *db, struct test_data **data, struct error *err);
void test_data_close(struct test_data *data); /* accepts NULL */

/* Stores it, in transactions of its own: on the disk when this returns, and good for a day until a problem names it. */
int test_data_put(struct db *db, const char *sha256, const char *bytes, size_t size, int64_t now_ms,
		  struct error *err);
/* Removes what nobody has named for a day. */
int test_data_sweep(struct db *db, int64_t now_ms, struct error *err);

/* All of these: 1; 0 when there is no such bytes. Not inside a transaction. */
int test_data_map(struct test_data *data, const char *sha256, struct pool *pool, const char **bytes,
		  size_t *size, struct error *err);
/* *fd is for reading, and nobody can change through it what is read there. */
int test_data_fd(struct test_data *data, const char *sha256, int *fd, struct error *err);
