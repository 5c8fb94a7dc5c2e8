/* judging_store.h - what judging.c does to the database, each function a db_work of its own. */
#pragma once

#include "rejudge_store.h"
#include "submission_store.h"

/* The ends of several submissions at once. */
struct run_end {
	int64_t id;
	int64_t rejudge_id; /* it is not the submission's end, but one of this; 0: it is */
	struct pool *pool;  /* where `end` lives, and what the statements need */
	struct submission end;
	bool was_first; /* filled in */
};
struct run_ends {
	struct run_end **items;
	size_t count;
};
int judging_end_work(struct db_tx *tx, void *context, struct error *err); /* struct run_ends */

/* Removes one that the runner refused, while it is still this replica's. */
struct run_removal {
	int64_t id;
	const char *replica;
	struct pool *pool;
	bool removed; /* filled in */
};
int judging_remove_work(struct db_tx *tx, void *context, struct error *err);

/* How far some are. */
struct run_told {
	struct run_told *next;
	int64_t id;
	char tests[]; /* JSON */
};
int judging_tell_work(struct db_tx *tx, void *context, struct error *err); /* struct run_told, a list */

/* This replica lives; others that do not are forgotten, and up to RUNS_TAKEN of their submissions are ours now. */
enum { RUNS_TAKEN = 64 };
struct replica_beat {
	const char *replica;
	int64_t now_ms, silent_ms; /* who has said nothing for so long is dead */
	bool alone;                /* nobody else can use this database: whoever is in it is dead */
	struct pool *pool;
	int64_t taken[RUNS_TAKEN]; /* filled in */
	size_t taken_count;
};
int judging_beat_work(struct db_tx *tx, void *context, struct error *err);
/* What is to be judged again, up to REJUDGES_TAKEN. */
enum { REJUDGES_TAKEN = 16 };
struct rejudge_taking {
	const char *replica;
	int64_t now_ms;
	size_t limit;
	struct pool *pool;
	struct rejudge_item items[REJUDGES_TAKEN]; /* filled in */
	size_t count;
};
int judging_rejudge_work(struct db_tx *tx, void *context, struct error *err);
int judging_leave_work(struct db_tx *tx, void *context,
		       struct error *err); /* the same; what is open is free */
