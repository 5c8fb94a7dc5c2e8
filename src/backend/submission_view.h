/* submission_view.h - what a user sees of a submission. */
#pragma once

#include <jansson.h>

#include "problem_store.h"
#include "submission_store.h"

struct seen {
	struct submission submission;
	struct problem problem; /* without its cases */
	bool has_problem;
};
/* 1 and *seen, or 0: there is none, or not for this caller's eyes. Theirs who handed it in, admins', and those of the
 * instructor whose problem it is. */
int submission_see(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller, struct seen *seen,
		   struct error *err);
/* The same in a transaction of its own. */
int submission_look(struct backend *backend, struct pool *pool, int64_t id, struct caller caller,
		    struct seen *seen, struct error *err);
/* The same decision by itself; `author_id` is the problem's, 0 for none. */
bool submission_may_see(struct caller caller, int64_t user_id, int64_t author_id);

/* "accepted", ..., "pending", "running": the contract's status. */
const char *submission_status(const struct submission *submission);
/* As lists show it: without its results. Texts from the pool. */
json_t *submission_json(const struct submission *submission, struct pool *pool);
/* All of it. */
json_t *submission_whole_json(const struct seen *seen, struct pool *pool);
