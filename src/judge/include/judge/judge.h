/* judge.h - from a task to its report: compile once, run the tests in order, compare.
 *
 * A judge owns one lane, and one more from the first program on that judges others; it belongs to one thread.
 * judge_cancel() may come from any. */
#pragma once

#include "base/error.h"
#include "base/pool.h"
#include "judge/programs.h"
#include "lang/lang.h"
#include "model/report.h"
#include "model/task.h"
#include "sandbox/box.h"

struct judge;

int judge_new(struct sandbox *sandbox, const struct catalogue *catalogue, struct judge **judge,
	      struct error *err);
void judge_free(struct judge *judge);
/* Where compiled programs are looked for, and left; shared with others. It outlives the judge; NULL: nowhere. */
void judge_set_programs(struct judge *judge, struct programs *programs);

/* For a caller who passes streams through: where the runs of the tasks that follow read and write. Each a
 * descriptor, the caller's, or -1: the test's input, and output that is collected. What goes to a descriptor
 * is neither kept nor capped. */
struct judge_streams {
	int in, out, error;
};
void judge_set_streams(struct judge *judge, const struct judge_streams *streams);

/* Who hears what the run under way writes on its standard output, as it is read, in judge_run()'s thread; hidden
 * tests, and what goes to a descriptor, excepted. The program may have to wait meanwhile. NULL: nobody. */
typedef void judge_output_fn(const void *bytes, size_t size, void *context);
void judge_set_output(struct judge *judge, judge_output_fn *output, void *context);

/* Called after each run with what is known so far; may be NULL. */
typedef void judge_progress_fn(const struct report *so_far, size_t tests_done, size_t tests_total,
			       void *context);

/* Judges one task. 0: *report is complete (the author's errors are results, bad file names included).
 * Negative: no report; the cause is ours and a retry elsewhere may work. Report memory comes from `pool`. The
 * task's limits are raised to what the language needs at least. */
int judge_run(struct judge *judge, const struct task *task, judge_progress_fn *progress, void *context,
	      struct pool *pool, struct report *report, struct error *err);

/* Ends the task under way, compile or run: its report has VERDICT_CANCELLED. One that comes before judge_run()
 * has begun is lost: say it again until judge_run() has returned. */
void judge_cancel(struct judge *judge);
