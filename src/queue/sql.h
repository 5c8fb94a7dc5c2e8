/* sql.h - the pieces of SQL that more than one of the queue's steps needs. */
#pragma once

#include "base/buffer.h"
#include "queue/queue.h"

/* clang-format off */

/* Where the ready jobs of a class and capability stand now: the least virtual time among them, or without any
 * that of the latest job being run in the class. Whoever comes now, or comes back, starts no earlier. */
#define QUEUE_FRONT(class, capability)                                          \
	"COALESCE((SELECT min(ahead.vt) FROM job AS ahead WHERE ahead.state = 'ready'"  \
	" AND ahead.capability = " capability " AND ahead.class = " class "),"          \
	" (SELECT max(ahead.vt) FROM job AS ahead WHERE ahead.state = 'leased'"         \
	" AND ahead.class = " class "), 0)"

/* The place of a job that would stand at `own` if it were alone: there, but not before the front. */
#define QUEUE_PLACE(own, class, capability)                                     \
	"(SELECT CASE WHEN own > front THEN own ELSE front END FROM"                    \
	" (SELECT " own " AS own, " QUEUE_FRONT(class, capability) " AS front) AS place)"

/* clang-format on */

/* $1: how many; $2 and on: the capabilities. */
void queue_claim_sql(size_t capability_count, struct buffer *sql);

/* Jobs whose delay is over become ready. */
int queue_promote(struct db_tx *tx, int64_t now_ms, struct error *err);
