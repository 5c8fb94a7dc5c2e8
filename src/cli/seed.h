/* seed.h - the problems of a first start: the packages of PROBLEMS_DIR, which came with this program. */
#pragma once

#include "backend/backend.h"
#include "base/config.h"
#include "lang/lang.h"

struct seed;

/* Imports them in a thread, when this start is the first, and not one in production; NULL when there is nothing to do. The
 * packages say their time limits, so nothing is run. What cannot be imported is left out, and the log says why. */
struct seed *seed_start(struct backend *backend, const struct config *config,
			const struct catalogue *catalogue);
/* Leaves out what is still to come. Before backend_stop(). Accepts NULL. */
void seed_stop(struct seed *seed);
