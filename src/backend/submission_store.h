/* submission_store.h - submissions as they lie in the database. All functions run inside a transaction of the
 * caller's; texts live in the pool. Routes of both reference designs show the same rows. */
#pragma once

#include "inside.h"
#include "model/state.h"

enum submission_way { WAY_RUN, WAY_SERVICE };

struct submission {
	int64_t id;
	const char *external_id; /* a UUID */
	enum submission_way way;
	const char *replica;                     /* way 'run': whose task it is (judging.h); NULL otherwise */
	int64_t remote_id;                       /* 0: none yet */
	int64_t user_id, contest_id, problem_id; /* the last two 0: none */
	const char *language, *code, *input_data;
	enum submission_state state;
	const char *verdict;                        /* model/verdict.h's name; NULL until it has one */
	const char *output, *error_output;          /* or NULL */
	int64_t execution_us, cpu_us, memory_bytes; /* -1: unknown */
	int64_t score;                              /* hundredths; -1: nothing to score */
	int is_correct;                             /* -1: nothing to say */
	int64_t passed, total;                      /* -1 */
	const char *results;                        /* JSON or NULL */
	const char *scores;                         /* the same: points and groups, of a package */
	int64_t package_version;                    /* by which it was judged; 0: by none */
	int64_t created_ms, completed_ms;           /* the last 0: not yet */
};

/* Pending, with nothing known of its end; fills in id, and external_id where it is NULL. created_ms is the caller's. */
int submission_insert(struct db_tx *tx, struct pool *pool, struct submission *submission, struct error *err);
/* 1 and *submission, or 0. */
int submission_load(struct db_tx *tx, struct pool *pool, int64_t id, struct submission *submission,
		    struct error *err);
int submission_load_external(struct db_tx *tx, struct pool *pool, const char *external_id,
			     struct submission *submission, struct error *err);
int submission_load_remote(struct db_tx *tx, struct pool *pool, int64_t remote_id,
			   struct submission *submission, struct error *err);
int submission_set_remote(struct db_tx *tx, struct pool *pool, int64_t id, int64_t remote_id,
			  struct error *err);
/* Pending to running; nothing when it is further already. */
int submission_begin(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err);

/* Newest first, each without its `results`. 0 (NULL) in a filter: any. */
struct submission_filter {
	int64_t user_id, problem_id, contest_id;
	const char *state, *verdict, *language;
	int64_t from_ms, to_ms; /* created then or later; before then */
	int64_t skip, limit;
};
/* `total` counts those that neither skip nor limit leaves out; NULL: not asked for. */
int submission_list(struct db_tx *tx, struct pool *pool, const struct submission_filter *filter,
		    struct submission **submissions, size_t *count, int64_t *total, struct error *err);

/* Its end, once: 1 when this was it, 0 when it had ended before or is gone (nothing changes). Takes from *end what
 * comes after problem_id, `state` being final and completed_ms set; it need not have begun. Raises the participant's
 * score in the same transaction (participant_note_score). */
int submission_end(struct db_tx *tx, struct pool *pool, int64_t id, const struct submission *end,
		   struct error *err);

/* 1, or 0 when there is none. What was scored stays scored. */
int submission_delete(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err);
