/* state.h - the states of a submission and the steps between them.
 *
 * One record, two views: a submission (section "Submissions" of docs/api.md) and a job of the queue API
 * are the same row. submission_state_may_become() is the only judge of a change. */
#pragma once

#include <stdbool.h>

enum submission_state {
	SUBMISSION_PENDING,   /* known; queued unless it was created with execute=false */
	SUBMISSION_RUNNING,   /* a worker holds its lease */
	SUBMISSION_COMPLETED, /* run to its end */
	SUBMISSION_ERROR,     /* the program failed, did not compile, or could not be run */
	SUBMISSION_CANCELLED,
	SUBMISSION_STATE_COUNT,
};

const char *submission_state_name(enum submission_state state); /* "pending", ...; never NULL */
bool submission_state_from_name(const char *name, enum submission_state *state);
bool submission_state_is_final(enum submission_state state);
bool submission_state_may_become(enum submission_state from, enum submission_state to);
