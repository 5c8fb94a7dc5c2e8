/* sessions.h - the workers that are here, in memory only: a service that starts again knows none, and takes
 * back what they held. The database's leases are the truth; this is what makes a cancel prompt and
 * the count of workers honest. Thread-safe. Times are monotonic. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/pool.h"

struct sessions;

/* A worker that vanishes is given up after `life_us` without a word from it. */
struct sessions *sessions_new(int64_t life_us); /* NULL when memory is out */
void sessions_free(struct sessions *sessions);  /* NULL allowed */

/* The worker, which can run `slots` tasks at once, gave a sign of life. True when it was not known before.
 * False too when memory is out: the session is then known at the next sign. */
bool sessions_see(struct sessions *sessions, const char *id, size_t slots, int64_t now_us);

/* Its connection broke: it has two seconds to come back, here or at another replica. */
enum { SESSIONS_COME_BACK_MS = 2000 };
void sessions_disconnected(struct sessions *sessions, const char *id, int64_t now_us);

/* The worker stops: it takes no more tasks, finishes or gives back what it has, and leaves. */
void sessions_close(struct sessions *sessions, const char *id);
bool sessions_knows(struct sessions *sessions, const char *id);
/* Known, and not closed. */
bool sessions_takes_tasks(struct sessions *sessions, const char *id);

void sessions_forget(struct sessions *sessions, const char *id);

/* Forgets all whose time is over; their ids, in the pool. */
const char **sessions_expire(struct sessions *sessions, int64_t now_us, struct pool *pool, size_t *count);

/* Session `id` holds this lease from now on; and it is over: `lost` when it was taken away, so that the
 * worker must be told (sessions_take_lost(), key_session()). The session's id is copied to `id_or_null`;
 * false when nobody held it. */
void sessions_lend(struct sessions *sessions, const char *id, int64_t submission_id, const char *lease);
bool sessions_end(struct sessions *sessions, int64_t submission_id, bool lost,
		  char id_or_null[UUID_TEXT_BYTES]);

/* The leases that were taken from it since it was last told, in the pool. */
const char **sessions_take_lost(struct sessions *sessions, const char *id, struct pool *pool, size_t *count);

struct sessions_figures {
	size_t workers, slots; /* of those that take tasks */
	size_t busy;
};
struct sessions_figures sessions_count(struct sessions *sessions);
