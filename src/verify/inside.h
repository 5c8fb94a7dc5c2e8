/* inside.h - what the files of verify share. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "judge/judge.h"
#include "verify/verify.h"

enum { JOBS_MAX = 64 };

struct verifier {
	struct verify_options options;
	struct judge *judges[JOBS_MAX]; /* made when first wanted, each for one thread at a time */
	atomic_bool cancelled;

	pthread_mutex_t lock; /* of the work under way, and of which judges there are */
	struct work *works;
	size_t work_count, next_work;
	size_t done, total; /* of the whole package */
};

/* One task to judge. */
struct work {
	const struct task *task;
	struct pool *pool;    /* of the report; its own, which goes with the verification's */
	struct report report; /* filled in */
	int code;
	struct error err;
};

/* ---- crowd.c: many tasks on a few judges ---- */

/* A pool that goes with `pool`; NULL when memory is out. */
struct pool *work_pool(struct pool *pool);
/* Judges all, at most `jobs` at a time. The first failure that is not a task's own ends it: its code. */
int crowd_judge(struct verifier *verifier, struct work *works, size_t count, size_t jobs, struct error *err);
/* As many as the memory that is free has room for: at least one. */
size_t crowd_jobs(const struct verifier *verifier, const struct package *package);

/* ---- checks.c ---- */

/* How many tasks verify_checks() judges. */
size_t count_checks(const struct package *package);
/* Fills in checks. */
int verify_checks(struct verifier *verifier, const struct package *package, struct pool *pool,
		  struct verification *verification, struct error *err);

/* ---- submissions.c ---- */

/* Makes the time limit where there is none. */
int find_time_limit(struct verifier *verifier, const struct package *package, struct pool *pool,
		    struct verification *verification, struct error *err);
/* Fills in submissions. */
int verify_submissions(struct verifier *verifier, const struct package *package, struct pool *pool,
		       struct verification *verification, struct error *err);
