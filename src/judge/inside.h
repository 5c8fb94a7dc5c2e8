/* inside.h - what the judge's files share: the judge, and one task on its way. */
#pragma once

#include <stdatomic.h>

#include "cache.h"
#include "judge/crew.h"
#include "judge/judge.h"

struct judge {
	struct sandbox *sandbox;
	struct lane *lane;
	_Atomic(struct lane *) side_lane; /* of programs that judge; made when the first one comes */
	const struct catalogue *catalogue;
	struct cache cache;
	struct programs *programs; /* or NULL */
	struct judge_streams streams;
	judge_output_fn *output;
	void *output_context;
	struct judge_sharing sharing;
	struct pool *helping_pool; /* while it helps another */
	atomic_bool cancelled;     /* the task under way */
};

/* One task on its way to its report. */
struct job {
	struct judge *judge;
	const struct task *task;
	const struct language *language;
	struct pool *pool;
	struct report *report;
	struct lang_plan plan;
	struct limits limits, compile_limits; /* the task's, raised to what the language needs */
	uint64_t session;                     /* of the runs: they share one placing of the program */
	bool silent;                          /* nobody hears what is written */
	int bundle_fd;                        /* what is placed for them; the job's own descriptor, or -1 */
	const struct checker *checker;        /* judges outputs; or NULL */
	struct scoring *scoring;              /* of its groups; or NULL */
};

/* Finds the language, settles limits, plans. 0, also when the report says why there is nothing to plan. */
int job_open(struct job *job, struct error *err);

/* A session number that this process never used before. */
uint64_t job_new_session(void);

/* What a box said, as facts. */
struct run_facts job_facts(const struct box_result *result);

/* Compiles, or finds the program in the cache, or places the sources as they are. 0 with the bundle set, or 0
 * with a report that says why there is none; negative when the cause is ours. */
int job_prepare(struct job *job, struct error *err);

/* Ends what runs for this judge, a program that judges included. Any thread. */
void judge_end_runs(struct judge *judge);
int judge_side_lane(struct judge *judge, struct lane **lane, struct error *err);

/* What is thought of one output. Texts live in the job's pool. */
struct check {
	enum comparison comparison;
	bool cancelled;
	const char *failure; /* of COMPARISON_FAILED: one sentence that tells nothing of the test */
	const char *judge_message, *team_message; /* or NULL */
	size_t judge_message_size, team_message_size;
	bool has_score, has_multiplier;
	double score, multiplier;
};

/* Makes the task's checker ready, for all tests and for all judges that help. 0 with job->checker set, or 0 with a
 * report that says why there is none. */
int checker_prepare(struct job *job, struct error *err);
/* Asks it about one output, in a box of the judge's side lane. */
int checker_run(const struct job *job, const struct task_test *test, const char *output, size_t output_size,
		struct check *check, struct error *err);

/* All of them, with whoever joins. */
int job_run_tests(struct job *job, judge_progress_fn *progress, void *context, struct error *err);

/* One test, in two steps (box.h's box_begin() and box_end()): the second fills in its report. */
int job_begin_test(struct job *job, const struct task_test *test, struct error *err);
int job_end_test(struct job *job, const struct task_test *test, struct run_report *run, struct error *err);
