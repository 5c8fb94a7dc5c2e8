/* dispatch.h - jobs for the claims that wait.
 *
 * A worker's claim is a request that is parked until there is something for it. One thread claims for all of them
 * at once, in one transaction, whenever somebody has asked or a job may have come; so what a job costs does not grow
 * with the number of workers that wait for one, and they take turns (queue_claim()). What a claim cannot be told of
 * any more, because its connection is gone, goes back into the queue at once. */
#pragma once

#include "service.h"
#include "work.h"

struct dispatcher;
struct asking; /* one claim that waits */

int dispatcher_start(struct execution *service, struct dispatcher **dispatcher, struct error *err);
/* Nothing is claimed any more. NULL allowed. */
void dispatcher_stop(struct dispatcher *dispatcher);
/* Stops it; everybody who asked has been forgotten. NULL allowed. */
void dispatcher_free(struct dispatcher *dispatcher);

/* There may be jobs, or a session may have been closed. Any thread, never blocks. */
void dispatcher_wake(struct dispatcher *dispatcher);

/* The session has `wanted` idle slots. When it is answered, key_claim() is woken. NULL when memory is out. */
struct asking *dispatcher_ask(struct dispatcher *dispatcher, const char *session,
			      const char *const *languages, size_t language_count, size_t wanted);
/* True when it is answered: with tasks, or with none because the session takes none any more. With `give_up` it
 * always is, from now on. The tasks live until it is forgotten. */
bool dispatcher_look(struct asking *asking, bool give_up, struct work_task **tasks, size_t *count);
/* Its tasks are on their way: they do not go back. */
void dispatcher_told(struct asking *asking);
/* NULL allowed. */
void dispatcher_forget(struct asking *asking);
