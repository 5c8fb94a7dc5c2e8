/* transition.h - the only place where a submission's state changes. */
#pragma once

#include <stdint.h>

#include "db/db.h"
#include "model/state.h"
#include "service.h"

/* What happens to a submission, and what goes with it. */
struct transition {
	int64_t submission_id;
	enum submission_state to;
	int64_t now_ms;

	int64_t attempts;           /* to RUNNING: with this one */
	int64_t delayed_until_ms;   /* to PENDING: not before; 0: at once */
	const char *verdict;        /* to a final state */
	enum submission_state from; /* filled in */
	const char *request_id;     /* filled in: of the request that made the submission; NULL: unknown */
	bool has_webhook;           /* filled in: somebody is to be told of this end */
};

/* The transitions of one transaction, made known once it is committed. The rest is zero at first. */
struct transitions {
	struct execution *service;
	struct pool *pool; /* whose; the caller's */
	struct transition *items;
	size_t count, room;
};

/* Makes one, if the table of model/state.h allows it: 0. To a final state: its webhook is recorded with it, so
 * what the submission shows must be in place before. -EPERM when it does not, -ENOENT when there is no
 * such submission. */
int transition_make(struct db_tx *tx, struct transitions *transitions, struct transition transition,
		    struct error *err);

/* Several at once, of different submissions, with what is filled in in the pool; all of them, or it fails. */
int transition_make_all(struct db_tx *tx, struct execution *service, struct pool *pool,
			struct transition *items, size_t count, struct error *err);

/* After the commit: writes each old -> new to the log and wakes who waits for it. */
void transitions_announce(struct execution *service, const struct transitions *transitions);
