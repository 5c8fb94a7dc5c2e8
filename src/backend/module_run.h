/* module_run.h - a module's example was run. */
#pragma once

#include "inside.h"

/* Whether two outputs say the same: token by token, whatever the white space between them. Pure. */
bool module_output_is(const char *output, size_t size, const char *expected);

/* A user ran something for this module, and it ended well with this output: when that is what the module expects, and
 * the user takes its course, the module is complete. *completed: it is now, by this or before. 1, or 0 when there is
 * no such module for this caller's eyes. In a transaction of the caller's. */
int module_note_run(struct db_tx *tx, struct pool *pool, int64_t module_id, struct caller caller,
		    const char *output, size_t size, int64_t now_ms, bool *completed, struct error *err);
