/* ticket.h - what stands in for a token where a client cannot send one: EventSource and WebSocket have no headers.
 *
 * A ticket is good once, for 30 seconds, and for whoever asked for it; at whichever replica, so they lie in the
 * database, as their SHA-256. What is in an URL gets into histories and logs: by then it is worth nothing. */
#pragma once

#include "inside.h"

enum { TICKET_LIFE_MS = 30000 };

/* A new one, in the pool. */
int ticket_issue(struct backend *backend, struct pool *pool, int64_t user_id, const char **ticket,
		 struct error *err);
/* 1 and who it is for, as that account is now; 0 when it is none, was used, is too old, or the account is not active
 * any more. Of two who show the same one at the same time one gets in. */
int ticket_use(struct backend *backend, struct pool *pool, const char *ticket, struct caller *caller,
	       struct error *err);
