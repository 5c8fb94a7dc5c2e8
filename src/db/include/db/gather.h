/* gather.h - many callers, one transaction: what several threads want at the same moment is done together.
 *
 * SQLite's writer shares a commit among all work there is (writer.c); PostgreSQL shares the flush of the disk alone,
 * and each transaction still costs its own messages, statements and records in the log. Here a caller whose work is
 * of a kind does it at once when nobody is at it; while somebody is, items gather, and whoever is free next takes
 * all of them into one transaction, first come, first served. So nobody waits for company, and the busier it is,
 * the more they share. No thread of its own: the callers do the work for each other.
 *
 * Each stands alone all the same. When the transaction of several fails, each of them is tried again in one of its
 * own, so that who is the cause fails alone; but when the database could not be reached, or it is not known whether
 * the commit took place (-EAGAIN, -EIO), all of them are told so. When db_gather_run() returns without failing, the
 * change is on the disk. */
#pragma once

#include "db/db.h"

struct db_gather;

/* Does `count` items, as a db_work: it may be called again with the same items, in other company, and its effects
 * besides its SQL are outputs in the items. Called from the thread of any of the callers. */
typedef int db_gather_work(struct db_tx *tx, void *context, void *const *items, size_t count,
			   struct error *err);

/* Up to 64 items share a transaction. Where the database gathers by itself (SQLite) each goes alone. */
int db_gather_new(struct db *db, db_gather_work *work, void *context, struct db_gather **gather,
		  struct error *err);
/* Nobody may be inside db_gather_run() any more. Accepts NULL. */
void db_gather_free(struct db_gather *gather);

/* Any thread. Waits until the item's transaction is over, and returns what db_write() would; not negative: 0. */
int db_gather_run(struct db_gather *gather, void *item, struct error *err);
