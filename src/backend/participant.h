/* participant.h - who takes part in a contest, and how they stand. Inside a transaction of the caller's. */
#pragma once

#include "inside.h"

enum contest_status { CONTEST_UPCOMING, CONTEST_RUNNING, CONTEST_ENDED };
const char *contest_status_name(enum contest_status status); /* "upcoming", ... */
/* By the clock; 0 for a time that is not set, which means open. One that is not active does not run. */
enum contest_status contest_status(bool is_active, int64_t start_ms, int64_t end_ms, int64_t at_ms);

enum join { JOIN_DONE, JOIN_TWICE, JOIN_FULL, JOIN_CLOSED, JOIN_NO_CONTEST };

/* Exact whoever else joins at the same time. The moment that counts is `at_ms`, the request's arrival
 * (http_arrived_ms). JOIN_CLOSED for those who have joined, too. */
int participant_join(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id, int64_t at_ms,
		     enum join *join, struct error *err);

/* A submission of this user to this problem of this contest was judged: `score` in hundredths (0 to 10000). The best
 * counts; the final score is the sum of the bests. Nothing for problems that are not the contest's, and for users
 * who have not joined. */
int participant_note_score(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id,
			   int64_t problem_id, int64_t score, int64_t at_ms, struct error *err);

/* The contest's problems are others now: all final scores anew. */
int participant_rescore(struct db_tx *tx, int64_t contest_id, struct error *err);

/* Submissions of this rejudge (rejudge_store.h) have other scores now: what counts of those problems is made anew from
 * the submissions that there are, and the final scores follow. */
int participant_rejudged(struct db_tx *tx, struct pool *pool, int64_t rejudge_id, struct error *err);

struct participant {
	int64_t id, contest_id, user_id, joined_ms;
	const char *username;
	int64_t final_score; /* hundredths; -1: none */
	int64_t rank;        /* 1, 1, 3; 0: none */
};
/* 1 and *participant, or 0. */
int participant_load(struct db_tx *tx, struct pool *pool, int64_t contest_id, int64_t user_id,
		     struct participant *participant, struct error *err);
enum participant_order { BY_RANK, BY_JOINING };
/* Whoever has no score is behind all others. */
int participant_list(struct db_tx *tx, struct pool *pool, int64_t contest_id, enum participant_order order,
		     int64_t skip, int64_t limit, struct participant **participants, size_t *count,
		     struct error *err);

/* Fills in the ranks of a page in the order of rank: `skip` are before it, and `above` of all have more than its
 * first. */
void participant_rank(struct participant *participants, size_t count, int64_t skip, int64_t above);

/* The best scores of these participants, by user and then in the order of the contest's problems. */
struct problem_score {
	int64_t user_id, problem_id, best;
};
int participant_scores(struct db_tx *tx, struct pool *pool, int64_t contest_id,
		       const struct participant *participants, size_t participant_count,
		       struct problem_score **scores, size_t *count, struct error *err);
