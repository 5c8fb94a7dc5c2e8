/* contest_store.h - contests as they lie in the database. All functions run inside a transaction of the caller's. */
#pragma once

#include "inside.h"

struct contest {
	int64_t id;
	const char *external_id; /* a UUID, by which the execution service knows it */
	int64_t owner_id;
	const char *title;
	const char *description; /* or NULL */
	bool is_active;
	int64_t start_ms, end_ms; /* 0: open */
	int64_t max_participants; /* 0: any number */
	int64_t participants, created_ms;
	const int64_t *problems; /* in their order */
	size_t problem_count;
	bool joined; /* the user who was named when it was loaded */

	/* mirror.c's */
	int64_t remote_id; /* 0: none */
	int64_t revision, mirrored;
};

/* Fills in id, external_id, created_ms. */
int contest_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct contest *contest,
		   struct error *err);

/* 1 and *contest, or 0 when there is none. `user_id` is who `joined` asks about. */
int contest_load(struct db_tx *tx, struct pool *pool, int64_t id, int64_t user_id, struct contest *contest,
		 struct error *err);
/* The same, and others who would change it or submit to it wait until the transaction is over. */
int contest_lock(struct db_tx *tx, struct pool *pool, int64_t id, int64_t user_id, struct contest *contest,
		 struct error *err);

/* Newest first; `status` is one of contest_status_name() at `at_ms`, or NULL for all. */
int contest_list(struct db_tx *tx, struct pool *pool, const char *status, int64_t at_ms, int64_t user_id,
		 int64_t skip, int64_t limit, struct contest **contests, size_t *count, int64_t *total,
		 struct error *err);

/* Writes what an owner may change, but for the problems; the execution service is to hear of it. */
int contest_update(struct db_tx *tx, int64_t now_ms, const struct contest *contest, struct error *err);
/* Writes the problems, and makes all final scores anew. */
int contest_set_problems(struct db_tx *tx, const struct contest *contest, struct error *err);

/* 1; 0 when there are submissions to it. After contest_lock(). */
int contest_delete(struct db_tx *tx, struct pool *pool, int64_t now_ms, const struct contest *contest,
		   struct error *err);

/* *missing: the first of these problems that this user may not put into a contest; 0: none. */
int contest_check_problems(struct db_tx *tx, struct pool *pool, const struct contest *contest,
			   struct caller caller, int64_t *missing, struct error *err);
