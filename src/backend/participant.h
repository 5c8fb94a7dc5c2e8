/* participant.h - who takes part in a contest, and how they stand. Inside a transaction of the caller's. */
#pragma once

#include "inside.h"

enum join { JOIN_DONE, JOIN_TWICE, JOIN_FULL, JOIN_CLOSED, JOIN_NO_CONTEST };

/* Exact whoever else joins at the same time. The moment that counts is `at_ms`, the request's arrival. */
int participant_join(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id, int64_t at_ms,
		     enum join *join, struct error *err);

/* A submission of this user to this problem of this contest was judged: `score` in hundredths (0 to 10000). The best
 * counts; the final score is the sum of the bests. Nothing for problems that are not the contest's. */
int participant_note_score(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id,
			   int64_t problem_id, int64_t score, int64_t at_ms, struct error *err);
