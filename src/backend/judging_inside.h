/* judging_inside.h - what the files of judging share.
 *
 * judging_run.c is one run: from the row to the runner, and what the runner tells of it, in the runner's threads.
 * judging.c is the thread that writes it down. judging_client.c is who waits. A run is on one list of the thread's,
 * or with the runner, and its owner is whoever takes it from there. */
#pragma once

#include <pthread.h>

#include "base/hash.h"
#include "judged.h"
#include "judging.h"
#include "judging_store.h"

enum { WHY_BYTES = 160 };

struct judging {
	struct backend *backend;
	char replica[UUID_TEXT_BYTES];
	int64_t beat_us; /* between two signs of life */

	pthread_t thread;
	bool thread_runs;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t wake;
	bool stopping;
	struct judging_run *ended, *refused, *later;
	struct run_told *told;
	int64_t next_beat_us;
	int64_t next_rejudge_us; /* when to look for submissions that are to be judged again */
	size_t rejudging;        /* those of them that this replica has */
	int64_t quiet_until_us;  /* the database has just failed */
};

/* One submission that the runner has, or will have again. */
struct judging_run {
	struct judging_run *next;
	struct judging *judging;
	int64_t id;
	int64_t rejudge_id; /* it is judged again for this; 0: for the first time */
	int refusals;
	struct judging_client *client; /* or NULL */
	int64_t due_us;                /* of those in `later` */
	int retry_s;                   /* of those in `refused` */
	char why[WHY_BYTES];

	struct pool *pool; /* NULL while the runner does not have it */
	struct judged_case *cases;
	size_t count;
	int64_t package_version;
	struct run_end ending;
};

/* ---- judging_run.c ---- */
struct judging_run *judging_run_new(struct judging *judging, int64_t id, struct judging_client *client);
struct judging_run *judging_run_new_again(struct judging *judging, const struct rejudge_item *item);
void judging_run_free(struct judging_run *run);
/* Hands in what lies in the database, unless it has ended there meanwhile. */
void judging_run_resume(struct judging_run *run);
/* One that was judged again is over, however that came. */
void judging_rejudge_over(struct judging *judging);
/* It comes to `later`. */
void judging_run_put_off(struct judging_run *run, int retry_s);

/* ---- judging.c ---- */
void judging_put(struct judging *judging, struct judging_run **list, struct judging_run *run);
/* In place of what was told of the same submission before; takes it over. */
void judging_put_told(struct judging *judging, struct run_told *told);

/* ---- judging_client.c ---- */
void judging_client_hold(struct judging_client *client); /* both accept NULL */
void judging_client_let_go(struct judging_client *client);
bool judging_client_waits(const struct judging_client *client); /* false for NULL */
void judging_client_refuse(struct judging_client *client, int retry_s, const char *why);
