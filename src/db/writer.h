/* writer.h - the one thread that writes, and its group commit. */
#pragma once

#include "backend.h"

struct writer;

int writer_start(struct db_store *store, struct writer **writer, struct error *err);
/* Finishes what is queued. Accepts NULL. */
void writer_stop(struct writer *writer);

/* Waits until `work` was committed (`relaxed`: as db_write_relaxed()), or failed. `err` not NULL. -EDEADLK when
 * called from inside work. */
int writer_run(struct writer *writer, db_work *work, void *context, bool relaxed, struct error *err);
