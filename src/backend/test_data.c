#include "test_data.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blobs.h"
#include "base/cleanup.h"
#include "base/config.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/log.h"

enum { PART_BYTES = 4 << 20, USED_LATELY_S = 600, DAY_MS = 86400000 };

struct test_data {
	struct db *db;
	struct blobs *cache;
};

int test_data_open(const struct config *config, struct db *db, struct test_data **ret_data, struct error *err)
{
	struct test_data *data = calloc(1, sizeof *data);
	char folder[4096];

	if (!data)
		return error_set(err, -ENOMEM, "out of memory");
	data->db = db;
	int code = snprintf(folder, sizeof folder, "%s/problem-data", config->data_dir) < (int)sizeof folder
			   ? blobs_open(folder, config->problem_cache_max_mb << 20, USED_LATELY_S,
					&data->cache, err)
			   : error_set(err, -ENAMETOOLONG, "DATA_DIR is too long");
	if (code < 0)
		test_data_close(data);
	else
		*ret_data = data;
	return code;
}

void test_data_close(struct test_data *data)
{
	if (!data)
		return;
	blobs_close(data->cache);
	free(data);
}

/* ---- into the database ---- */

struct putting {
	const char *sha256, *bytes;
	size_t size, at; /* at: of the next part */
	int64_t now_ms;
	struct pool *pool;
	bool known;
};

static int know_work(struct db_tx *tx, void *context, struct error *err)
{
	struct putting *p = context;
	struct db_rows rows;
	int code = db_run(tx, p->pool, "UPDATE blob SET used_ms = $2 WHERE sha256 = $1 RETURNING sha256",
			  DB_VALUES(db_text(p->sha256), db_int(p->now_ms)), &rows, err);

	p->known = code == 0 && rows.count > 0;
	return code;
}

/* Two who put the same at once write the same. */
static int part_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct putting *p = context;
	size_t size = p->size - p->at < PART_BYTES ? p->size - p->at : PART_BYTES;

	return db_run(
		tx, NULL,
		"INSERT INTO blob_part (sha256, part, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		DB_VALUES(db_text(p->sha256), db_int((int64_t)(p->at / PART_BYTES)),
			  db_blob(p->bytes + p->at, size)),
		NULL, err);
}

static int whole_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct putting *p = context;
	int code = part_work(tx, context, err);

	return code < 0 ? code
			: db_run(tx, NULL,
				 "INSERT INTO blob (sha256, size, used_ms) VALUES ($1, $2, $3)"
				 " ON CONFLICT (sha256) DO UPDATE SET used_ms = EXCLUDED.used_ms",
				 DB_VALUES(db_text(p->sha256), db_int((int64_t)p->size), db_int(p->now_ms)),
				 NULL, err);
}

int test_data_put(struct db *db, const char *sha256, const char *bytes, size_t size, int64_t now_ms,
		  struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct putting p = { .sha256 = sha256, .bytes = bytes, .size = size, .now_ms = now_ms, .pool = pool };
	int code = pool ? db_write(db, know_work, &p, err) : error_set(err, -ENOMEM, "out of memory");

	for (; code >= 0 && !p.known && p.size - p.at > PART_BYTES; p.at += PART_BYTES)
		code = db_write(db, part_work, &p, err);
	if (code >= 0 && !p.known)
		code = db_write(db, whole_work, &p, err);
	return code < 0 ? code : 0;
}

static int sweep_work(struct db_tx *tx, void *context, struct error *err)
{
	const int64_t *before_ms = context;
	int code = db_run(tx, NULL,
			  "DELETE FROM blob WHERE used_ms < $1 AND NOT EXISTS"
			  " (SELECT 1 FROM package_blob p WHERE p.sha256 = blob.sha256)",
			  DB_VALUES(db_int(*before_ms)), NULL, err);

	return code < 0 ? code : 0;
}

/* Of those that are being put there is no row in `blob` yet: they stay for as long as whoever else is put. */
static int parts_work(struct db_tx *tx, void *context, struct error *err)
{
	const int64_t *before_ms = context;

	return db_run(tx, NULL,
		      "DELETE FROM blob_part WHERE NOT EXISTS"
		      " (SELECT 1 FROM blob b WHERE b.sha256 = blob_part.sha256)"
		      " AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.used_ms >= $1)",
		      DB_VALUES(db_int(*before_ms)), NULL, err);
}

int test_data_sweep(struct db *db, int64_t now_ms, struct error *err)
{
	int64_t before_ms = now_ms - DAY_MS;
	int code = db_write(db, sweep_work, &before_ms, err);

	return code < 0 ? code : db_write(db, parts_work, &before_ms, err);
}

/* ---- out of it ---- */

struct getting {
	const char *sha256;
	struct buffer bytes;
	int64_t size; /* -1: there is none */
};

static int get_part(struct db_tx *tx, struct getting *g, int64_t part, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct db_rows rows;
	int code = pool ? db_run(tx, pool, "SELECT bytes FROM blob_part WHERE sha256 = $1 AND part = $2",
				 DB_VALUES(db_text(g->sha256), db_int(part)), &rows, err)
			: error_set(err, -ENOMEM, "out of memory");

	if (code < 0)
		return code;
	if (rows.count == 0)
		return error_set(err, -EIO, "test data %s is damaged", g->sha256);
	const struct db_value *bytes = db_at(&rows, 0, 0);
	buffer_append(&g->bytes, bytes->bytes, bytes->size);
	return g->bytes.failed ? error_set(err, -ENOMEM, "out of memory") : 0;
}

static int get_work(struct db_tx *tx, void *context, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct getting *g = context;
	struct db_rows rows;
	int code = pool ? db_run(tx, pool, "SELECT size FROM blob WHERE sha256 = $1",
				 DB_VALUES(db_text(g->sha256)), &rows, err)
			: error_set(err, -ENOMEM, "out of memory");

	buffer_clear(&g->bytes);
	g->size = code == 0 ? db_int_at(&rows, 0, 0, -1) : -1;
	for (int64_t part = 0; code == 0 && part * PART_BYTES < g->size; part++)
		code = get_part(tx, g, part, err);
	return code;
}

/* 1 and its bytes, which are what their name says; 0. */
static int get(struct test_data *data, const char *sha256, struct buffer *bytes, struct error *err)
{
	struct getting g = { .sha256 = sha256 };
	char hash[SHA256_TEXT_BYTES];
	int code = db_read(data->db, get_work, &g, err);

	if (code == 0 && g.size >= 0) {
		sha256_text(buffer_text(&g.bytes), g.bytes.size, hash);
		code = strcmp(hash, sha256) == 0 ? 1
						 : error_set(err, -EIO, "test data %s is damaged", sha256);
	}
	if (code <= 0)
		buffer_free(&g.bytes);
	else
		*bytes = g.bytes;
	return code;
}

/* 1 when it is in the folder now; 0 when it could not be put there, and is in *bytes alone, or is nowhere. */
static int bring(struct test_data *data, const char *sha256, struct buffer *bytes, bool *found,
		 struct error *err)
{
	struct error why;
	int code = blob_check(data->cache, sha256, err);

	*found = code > 0;
	if (code != 0)
		return code;
	code = get(data, sha256, bytes, err);
	*found = code > 0;
	if (code <= 0)
		return code;
	if (blob_put(data->cache, sha256, buffer_text(bytes), bytes->size, &why) >= 0)
		return 1;
	log_warning("test data is not kept", LOG_TEXT("error", why.text));
	return 0;
}

int test_data_map(struct test_data *data, const char *sha256, struct pool *pool, const char **bytes,
		  size_t *size, struct error *err)
{
	cleanup_buffer struct buffer got = { 0 };
	bool found;
	int code = bring(data, sha256, &got, &found, err);

	if (code > 0)
		code = blob_map(data->cache, sha256, pool, bytes, size, err);
	if (code != 0 || !found)
		return code;
	*bytes = pool_memdup(pool, buffer_text(&got), got.size);
	*size = got.size;
	return *bytes ? 1 : error_set(err, -ENOMEM, "out of memory");
}

int test_data_fd(struct test_data *data, const char *sha256, int *fd, struct error *err)
{
	cleanup_buffer struct buffer got = { 0 };
	bool found;
	int code = bring(data, sha256, &got, &found, err);

	if (code > 0)
		code = blob_open(data->cache, sha256, fd, err);
	if (code != 0 || !found)
		return code;
	*fd = fd_sealed("test data", buffer_text(&got), got.size, err);
	return *fd < 0 ? *fd : 1;
}
