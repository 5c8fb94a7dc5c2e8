/* audit.h - who did what: administrative acts, and what changes who may do them.
 *
 * An entry is written in the transaction of the act itself, so that there is none without the other. */
#pragma once

#include <stdint.h>

#include "db/db.h"

struct audit_origin {
	int64_t actor_id;    /* 0: the command line */
	const char *address; /* whence; "" for the command line */
};

/* `action` is "user.role", "submission.delete", ...; `object` says which ("user 3"); `detail` is JSON, NULL for none,
 * and has no secret. */
int audit_note(struct db_tx *tx, struct pool *pool, const struct audit_origin *origin, const char *action,
	       const char *object, const char *detail, struct error *err);
