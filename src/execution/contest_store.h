/* contest_store.h - contests as they lie in the database. All functions run inside a transaction of the caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

struct contest {
	int64_t id;
	const char *external_id; /* or NULL */
	const char *title;
	const char *description; /* or NULL */
	bool is_active;
	int64_t created_ms;
};

/* Puts a new one down: 1 and its id and time filled in; 0 when this API key (0: none) has used its external id
 * before, and then *contest is the one that has it. */
int contest_insert(struct db_tx *tx, struct pool *pool, int64_t key_id, int64_t now_ms,
		   struct contest *contest, struct error *err);

/* 1 and *contest, or 0 when there is none. */
int contest_load(struct db_tx *tx, struct pool *pool, int64_t id, struct contest *contest, struct error *err);

/* In the order of creation. */
int contest_list(struct db_tx *tx, struct pool *pool, int64_t skip, int64_t limit, struct contest **contests,
		 size_t *count, struct error *err);

/* Writes all but the id and the time: 1; 0 when another contest of the same key has its external id. */
int contest_update(struct db_tx *tx, struct pool *pool, const struct contest *contest, struct error *err);

/* 1; 0 when there are submissions to it. */
int contest_delete(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err);

/* Whether a submission may name it now. */
enum contest_state { CONTEST_MISSING, CONTEST_INACTIVE, CONTEST_ACTIVE };
int contest_state(struct db_tx *tx, struct pool *pool, int64_t id, enum contest_state *state,
		  struct error *err);
