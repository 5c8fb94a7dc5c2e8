/* dispatch_store.h - what the execution service is still to be told, or asked: submissions that it has not got, or
 * whose end it has not told, and contests that it knows otherwise than they are. All functions run inside a
 * transaction of the caller's. What is taken is out of others' sight until its lease is over. */
#pragma once

#include "inside.h"

/* ---- submissions ---- */

struct dispatch {
	int64_t submission_id;
	const char *request_id, *trace; /* of the request that made it, or NULL */
	bool sent;
	int64_t tries;
	int failure; /* 0: none yet */
	const char *why;
	int64_t retry_s;
};

/* How long the same request is taken for the same submission. */
enum { REPEAT_MS = 3600000 };

/* A new submission's; due at once. */
int dispatch_insert(struct db_tx *tx, const struct dispatch *dispatch, int64_t user_id, const char *digest,
		    int64_t now_ms, struct error *err);
/* The one whose user sent the same and was told nothing of it: 1 and its submission, which is due at once; or 0. */
int dispatch_repeat(struct db_tx *tx, struct pool *pool, int64_t user_id, const char *digest, int64_t now_ms,
		    int64_t *submission_id, struct error *err);
/* 1 and *dispatch, or 0. */
int dispatch_load(struct db_tx *tx, struct pool *pool, int64_t submission_id, struct dispatch *dispatch,
		  struct error *err);
/* Its user is told that it was taken. */
int dispatch_answered(struct db_tx *tx, int64_t submission_id, struct error *err);

int dispatch_take(struct db_tx *tx, struct pool *pool, int64_t now_ms, int64_t until_ms, size_t limit,
		  struct dispatch **dispatches, size_t *count, struct error *err);
/* It has it, or has it still: look again at `due_ms`. */
int dispatch_sent(struct db_tx *tx, int64_t submission_id, int64_t tries, int64_t due_ms, struct error *err);
/* It has not got it after all: send it again. */
int dispatch_unsent(struct db_tx *tx, int64_t submission_id, int64_t due_ms, struct error *err);
int dispatch_failed(struct db_tx *tx, const struct dispatch *dispatch, int64_t due_ms, struct error *err);
/* Its end is known. */
int dispatch_end(struct db_tx *tx, int64_t submission_id, struct error *err);
/* Forgets those that ended long ago without anybody having asked again. */
int dispatch_sweep(struct db_tx *tx, int64_t now_ms, struct error *err);

/* ---- contests ---- */

struct mirrored_contest {
	int64_t id, remote_id; /* 0: it does not know it */
	const char *external_id, *title, *description;
	bool is_active;
	int64_t revision, mirrored, tries;
};
/* 1 and *contest, or 0. */
int mirror_load(struct db_tx *tx, struct pool *pool, int64_t id, struct mirrored_contest *contest,
		struct error *err);
int mirror_take(struct db_tx *tx, struct pool *pool, int64_t now_ms, int64_t until_ms, size_t limit,
		struct mirrored_contest **contests, size_t *count, struct error *err);
/* It knows this revision (0: an older one) by this number. One that was deleted here since is to be deleted there. */
int mirror_known(struct db_tx *tx, struct pool *pool, int64_t id, int64_t remote_id, int64_t revision,
		 int64_t now_ms, struct error *err);
/* It knows it not, or not as it is. `forget`: not even its number counts. */
int mirror_stale(struct db_tx *tx, int64_t id, bool forget, int64_t due_ms, struct error *err);
int mirror_failed(struct db_tx *tx, int64_t id, int64_t due_ms, struct error *err);

/* Those that were deleted here. */
int removal_take(struct db_tx *tx, struct pool *pool, int64_t now_ms, int64_t until_ms, size_t limit,
		 int64_t **remote_ids, size_t *count, struct error *err);
int removal_done(struct db_tx *tx, int64_t remote_id, struct error *err);
