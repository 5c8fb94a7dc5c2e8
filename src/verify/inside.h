/* inside.h - what the files of verify share. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "judge/crew.h"
#include "judge/judge.h"
#include "verify/verify.h"

enum { JOBS_MAX = 64 };

struct verifier {
	struct verify_options options;
	struct judge *judges[JOBS_MAX]; /* made when first wanted, each for one thread at a time */
	atomic_bool cancelled;

	pthread_mutex_t lock;   /* of the work under way, and of which judges there are */
	pthread_cond_t changed; /* somebody offers tests, or has nothing more to offer */
	struct hand *hands;
	size_t hand_count;
	struct work *works;
	size_t work_count, next_work, running;
	size_t done, total; /* of the whole package, as far as it is known */
	size_t to_come;     /* and so many submissions */
};

/* One task to judge. */
struct work {
	const struct task *task;
	struct pool *pool; /* of the report, see work_pool(); NULL: one that goes with note() */
	/* Hears what came of it, one work at a time, in whichever thread; or NULL. */
	void (*note)(void *context, const struct report *report);
	void *context;

	struct report report; /* filled in; with a pool it stays */
	int code;
	struct error err;
};

/* ---- crowd.c: many tasks on a few judges ---- */

/* A pool that goes with `pool`; NULL when memory is out. */
struct pool *work_pool(struct pool *pool);
/* Judges all by at most `jobs` judges, which help each other with their tests; by one: each alone. The first failure that
 * is not a task's own ends it: its code. */
int crowd_judge(struct verifier *verifier, struct work *works, size_t count, size_t jobs, struct error *err);
/* As many as the memory that is free has room for: at least one. */
size_t crowd_jobs(const struct verifier *verifier, const struct package *package);

/* ---- validators.c ---- */

/* Fills in validators. */
int verify_validators(struct verifier *verifier, const struct package *package, struct pool *pool,
		      struct verification *verification, struct error *err);

/* ---- checks.c ---- */

/* How many tasks verify_checks() judges. */
size_t count_checks(const struct package *package);
/* Fills in checks. */
int verify_checks(struct verifier *verifier, const struct package *package, struct pool *pool,
		  struct verification *verification, struct error *err);

/* The start of what a program said, up to the end of its first line; NULL: out of memory. */
const char *first_line(const char *bytes, size_t size, struct pool *pool);

/* ---- submissions ---- */

struct verifying {
	struct verifier *verifier;
	const struct package *package;
	struct pool *pool;
	struct verification *verification;
	struct trial *trials; /* of the package's submissions, in their order */
};

/* One submission on its way. */
struct trial {
	const struct verifying *of;
	const struct package_submission *submission;
	struct verify_submission *its; /* its result */
	bool settled;                  /* nothing is to be run any more */
	struct task task;
	const char *const *test_names; /* of the task's tests */

	int64_t wall_us;     /* the most of any test */
	bool was_too_slow;   /* in some test, the first of which is: */
	size_t too_slow_at;  /* its number */
	int64_t bound_us;    /* the most that it needed where it bounds the time limit from below */
	bool beyond_bound;   /* it is too slow where it bounds it from above */
	bool too_slow_alone; /* in some test, with nothing beside it */
};

/* Some of the submissions, all in the same way. */
struct phase {
	bool (*wants)(const struct trial *trial); /* of those that are not settled; or NULL: all */
	double time_limit_s;
	size_t jobs;
	enum { STOP_AS_USUAL, STOP_EARLY, STOP_NEVER } stop;
	bool one_test; /* that in which it was too slow */
	void (*note)(void *context, const struct report *report);
};

/* trials.c. Fills in what is known without running them. */
int trials_open(struct verifying *verifying, struct error *err);
int trials_judge(struct verifying *verifying, const struct phase *phase, struct error *err);
/* A phase's note, whose context is the trial: its result, by what is expected of it. */
void trial_note(void *context, const struct report *report);

/* time_limit.c. Makes the time limit where there is none; what it ran for that and was accepted is settled. */
int find_time_limit(struct verifying *verifying, struct error *err);
/* A multiple of the resolution, and not none. */
double inferred_limit_s(int64_t slowest_us, const struct package_time *time);

/* submissions.c. Judges those that are left. */
int verify_submissions(struct verifying *verifying, struct error *err);
