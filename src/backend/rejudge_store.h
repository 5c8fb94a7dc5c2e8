/* rejudge_store.h - submissions that are judged again, as they lie in the database. All functions run inside a
 * transaction of the caller's; texts live in the pool.
 *
 *     RUNNING ──all judged──▶ JUDGED ──▶ APPLIED ──▶ UNDONE ──▶ APPLIED ...
 *        └───────────────────────┴──▶ CANCELLED ◀──────┘
 *
 * Nothing of a submission changes before APPLIED, which puts the new results in the place of those that were there, and
 * UNDONE, which puts them back; contests follow both. */
#pragma once

#include "submission_store.h"

enum rejudge_scope { REJUDGE_SUBMISSION, REJUDGE_PROBLEM, REJUDGE_CONTEST };
enum rejudge_state { REJUDGE_RUNNING, REJUDGE_JUDGED, REJUDGE_APPLIED, REJUDGE_UNDONE, REJUDGE_CANCELLED };
const char *rejudge_scope_name(enum rejudge_scope scope); /* "submission", ... */
const char *rejudge_state_name(enum rejudge_state state); /* "running", ... */

struct rejudge {
	int64_t id, actor_id; /* actor_id 0: the operator */
	enum rejudge_scope scope;
	int64_t scope_id;
	const char *reason;
	enum rejudge_state state;
	int64_t created_ms, judged_ms, applied_ms, undone_ms; /* 0: not yet */
	int64_t total, judged, changed;
};

/* With all submissions of its scope that have ended: their number; 0 when there are none, and nothing is written. */
int rejudge_insert(struct db_tx *tx, struct pool *pool, struct rejudge *rejudge, struct error *err);
/* 1 and *rejudge, or 0. `lock`: nobody else changes its state until this transaction is over. */
int rejudge_load(struct db_tx *tx, struct pool *pool, int64_t id, bool lock, struct rejudge *rejudge,
		 struct error *err);
/* Newest first; actor_id 0: anybody's. */
int rejudge_list(struct db_tx *tx, struct pool *pool, int64_t actor_id, int64_t skip, int64_t limit,
		 struct rejudge **rejudges, size_t *count, int64_t *total, struct error *err);

/* What is another than before, by submission. */
struct rejudge_change {
	int64_t submission_id, user_id, problem_id;
	const char *before, *after;        /* verdicts */
	int64_t before_score, after_score; /* hundredths; -1: none */
};
int rejudge_changes(struct db_tx *tx, struct pool *pool, int64_t id, int64_t skip, int64_t limit,
		    struct rejudge_change **changes, size_t *count, struct error *err);

/* With the lock, after a look at the state. -EBUSY: what it would put back has been judged again since. */
int rejudge_apply(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err);
int rejudge_undo(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err);
int rejudge_cancel(struct db_tx *tx, int64_t id, struct error *err);

/* ---- for who judges ---- */
struct rejudge_item {
	int64_t rejudge_id, submission_id;
};
/* Up to `limit` that are to be judged are this replica's now; and those that are done become JUDGED. */
int rejudge_take(struct db_tx *tx, struct pool *pool, const char *replica, int64_t now_ms, size_t limit,
		 struct rejudge_item *items, size_t *count, struct error *err);
/* 1 while it is still wanted. */
int rejudge_wants(struct db_tx *tx, struct pool *pool, const struct rejudge_item *item, struct error *err);
/* What came of one: 1; 0 when nobody wants to know any more. */
int rejudge_note(struct db_tx *tx, struct pool *pool, const struct rejudge_item *item,
		 const struct submission *end, struct error *err);
