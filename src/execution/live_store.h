/* live_store.h - what is known of a submission at this moment, for those who watch it (live.c).
 *
 * It is all in the database, so that any replica can tell it, whichever the worker speaks to: the submission's
 * state, and while it runs one row of what the worker told last, which is replaced some times a second and gone
 * soon after the run. A power cut may take that row, and nothing else, along. */
#pragma once

#include "model/progress.h"
#include "service.h"
#include "store.h"
#include "work.h"

enum { LIVE_VERSION_BYTES = 80 };

struct live {
	struct submission submission; /* its source and report only when it is final */
	bool has_progress;
	struct progress progress;
	/* Names this state: another one means that there is something new. The same at every replica. */
	char version[LIVE_VERSION_BYTES];
};

/* Looks: 1, or 0 when there is no such submission. By number, or when `job` is not NULL by the queue API's id.
 * When it is final and its version is `known` (or NULL), source and report are left out too. */
int live_look(struct execution *service, int64_t id, const char *job, const char *known, struct pool *pool,
	      struct live *live, struct error *err);

/* Keeps what the worker tells, and wakes who watches: 1; 0 when the lease is stale. */
int live_tell(struct execution *service, struct work_lease lease, const struct progress *progress,
	      struct error *err);

/* Forgets what was told of runs that are over. */
int live_sweep(struct execution *service, struct error *err);
