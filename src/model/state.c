#include "model/state.h"

#include <stddef.h>
#include <string.h>

static const char *const names[SUBMISSION_STATE_COUNT] = {
	[SUBMISSION_PENDING] = "pending",     [SUBMISSION_RUNNING] = "running",
	[SUBMISSION_COMPLETED] = "completed", [SUBMISSION_ERROR] = "error",
	[SUBMISSION_CANCELLED] = "cancelled",
};

/* Every allowed step. What is not here is refused, staying where one is included. */
static const bool steps[SUBMISSION_STATE_COUNT][SUBMISSION_STATE_COUNT] = {
	[SUBMISSION_PENDING] = {
		[SUBMISSION_RUNNING] = true,   /* a worker claimed it */
		[SUBMISSION_ERROR] = true,     /* its attempts are spent, or no worker can run it */
		[SUBMISSION_CANCELLED] = true,
	},
	[SUBMISSION_RUNNING] = {
		[SUBMISSION_PENDING] = true,   /* handed back: the worker stopped, or its lease ran out */
		[SUBMISSION_COMPLETED] = true,
		[SUBMISSION_ERROR] = true,
		[SUBMISSION_CANCELLED] = true,
	},
	[SUBMISSION_ERROR] = {
		[SUBMISSION_PENDING] = true,   /* executed again by request */
	},
};

const char *submission_state_name(enum submission_state state)
{
	size_t index = (size_t)state;
	return index < SUBMISSION_STATE_COUNT ? names[index] : names[SUBMISSION_ERROR];
}

bool submission_state_from_name(const char *name, enum submission_state *state)
{
	for (size_t i = 0; i < SUBMISSION_STATE_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*state = (enum submission_state)i;
			return true;
		}
	}
	return false;
}

bool submission_state_is_final(enum submission_state state)
{
	return state == SUBMISSION_COMPLETED || state == SUBMISSION_ERROR || state == SUBMISSION_CANCELLED;
}

bool submission_state_may_become(enum submission_state from, enum submission_state to)
{
	return (size_t)from < SUBMISSION_STATE_COUNT && (size_t)to < SUBMISSION_STATE_COUNT &&
	       steps[from][to];
}
