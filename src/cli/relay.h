/* relay.h - passes a run's output through, up to a cap.
 *
 * The program gets a pipe, not our own descriptor: nobody untrusted holds the user's terminal or file. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"

struct relay {
	int write_end; /* for the program; closed by relay_finish() */
	/* What happened, readable at any time. */
	atomic_bool flooded; /* more came than the cap: the rest is thrown away */
	atomic_bool broken;  /* nobody reads what we write */

	int read_end, out;
	int64_t left; /* of the cap, in bytes */
	void (*stop)(void *context);
	void *context;
	pthread_t thread;
};

/* Copies to `out` at once whatever is written, and calls `stop` from another thread when it is flooded or
 * broken. */
int relay_start(struct relay *relay, int out, int64_t cap_bytes, void (*stop)(void *context), void *context,
		struct error *err);
/* When nobody of the run is alive: waits until all is written. */
void relay_finish(struct relay *relay);
