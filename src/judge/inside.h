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
	const char *const *
		build_argv; /* what is run before the program: its compiler, or a judged one's check; or NULL */
	struct limits limits, compile_limits; /* the task's, raised to what the language needs */
	uint64_t session;                     /* of the runs: they share one placing of the program */
	bool silent;                          /* nobody hears what is written */
	int patience;                         /* a run's wall time is so many times its limit; 0: once */
	int bundle_fd;                        /* what is placed for them; the job's own descriptor, or -1 */
	const struct checker *checker, *interactor, *static_validator; /* or NULL */
	struct bundle_file *own_files; /* what is in the bundle, where tests put files beside it; or NULL */
	size_t own_file_count;
	struct scoring *scoring; /* of its groups; or NULL */
};

/* A judged program that is a little over its CPU time may end by itself; then, and when the machine was too busy for it
 * (it used that part of its wall time, and no less was to be had), it is run again, with more patience (crew.c). */
enum { GRACE_LEAST_US = 10000, GRACE_MOST_US = 100000, GRACE_PART = 20, STARVED_PART = 100, PATIENCE = 4 };

/* Finds the language, settles limits, plans. 0, also when the report says why there is nothing to plan. */
int job_open(struct job *job, struct error *err);

/* A session number that this process never used before. */
uint64_t job_new_session(void);

/* What a box said, as facts. */
struct run_facts job_facts(const struct box_result *result);

/* Compiles, or finds the program in the cache, or places the sources as they are. 0 with the bundle set, or 0
 * with a report that says why there is none; negative when the cause is ours. */
int job_prepare(struct job *job, struct error *err);

/* start.c: the class that is started, by what the class files hold; a report that says why there is none. */
int job_choose_class(struct job *job, struct error *err);

/* NULL-ended lists, or NULL, as one. NULL: memory is out. */
const char *const *job_join(struct pool *pool, const char *const *const *lists, size_t count);

/* The bundle's files in the job's pool, with room for `room` more behind. */
int job_keep_files(const struct job *job, size_t room, struct bundle_file **files, size_t *count,
		   struct error *err);
/* place.c: what a run finds in its folder besides its program, and what it leaves there. */
bool job_places(const struct job *job, const struct task_test *test);
/* Copies the program for those tests, where there are any. */
int job_prepare_places(struct job *job, struct error *err);
/* A bundle of its own, and the room that it needs; `input` NULL: not as a file. */
int job_place(const struct job *job, const struct task_test *test, const char *input, size_t input_size,
	      struct limits *limits, int *bundle_fd, struct error *err);
/* What the program left as its output takes the place of what it wrote. */
int job_take_output_file(const struct job *job, struct box_result *result, struct error *err);

/* How many judges of this process run something: one more, or one less. */
void judge_at_work(int change);
/* Until no other one does, or for a second, or until this one is cancelled. */
void judge_await_quiet(const struct judge *judge);

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
	const char *output; /* what an interactor wrote for the checker, or NULL */
	const char *next;   /* the next pass's input, or NULL */
	size_t output_size, next_size;
	struct bundle_file *kept; /* of its feedback, for the next pass */
	size_t kept_count;
};

/* What a program that judges is asked. */
struct question {
	const struct checker *checker;
	const struct task_test *test;
	const char *input, *output; /* of this pass */
	size_t input_size, output_size;
	const char *const *args, *const *test_args; /* behind its convention's; NULL-ended, or NULL */
	int in, out;                                /* an interactor's ends of the pipes; else -1 */
	int64_t patience_us;                        /* wall time beyond its own limit, for who talks to it */
	const struct bundle_file *kept;
	size_t kept_count;
	const struct bundle_file *sources; /* a static validator's: it looks at these; else NULL */
	size_t source_count;
	const char *const *first_args; /* and is called with these before its convention's */
};

/* Makes a program that judges ready, for all tests and for all judges that help; `name` is for messages. 0 with *checker
 * set, or 0 with a report that says why there is none. */
int checker_prepare(struct job *job, const struct task_program *program, const char *name,
		    const struct checker **checker, struct error *err);
/* Asks it, in a box of the judge's side lane; in two steps, of which the second may be another thread's. */
int checker_begin(const struct job *job, const struct question *question, struct error *err);
int checker_end(const struct job *job, const struct question *question, struct check *check,
		struct error *err);
int checker_run(const struct job *job, const struct question *question, struct check *check,
		struct error *err);
/* The texts of what a box of the side lane came to; checker_words.c. */
int checker_read(const struct task_program *program, const char *name, const struct limits *limits,
		 const struct box_result *result, struct pool *pool, struct check *check, struct error *err);

/* All of them, with whoever joins. */
int job_run_tests(struct job *job, judge_progress_fn *progress, void *context, struct error *err);

/* One test, in two steps (box.h's box_begin() and box_end()): the second fills in its report. */
int job_begin_test(struct job *job, const struct task_test *test, struct error *err);
int job_end_test(struct job *job, const struct task_test *test, struct run_report *run, struct error *err);
/* Tests of more than a run and a look at its output: passes, or an interactor. */
bool job_plays(const struct task *task);
int job_play_test(struct job *job, const struct task_test *test, struct run_report *run, struct error *err);

/* given.c: one where nothing is run: its output is there, or its sources are looked at. */
bool job_is_given(const struct task_test *test);
int job_judge_given(struct job *job, const struct task_test *test, struct run_report *run, struct error *err);

/* What those share: a run of the program, which may read and write elsewhere; and what becomes of it. */
int job_begin_run(struct job *job, const struct task_test *test, const char *input, size_t input_size,
		  const struct judge_streams *streams, struct error *err);
int job_end_run(struct job *job, struct box_result *result, struct run_facts *facts, struct error *err);
/* Asks the checker, or compares. */
int job_check_output(const struct job *job, const struct question *question, const struct run_facts *facts,
		     struct check *check, struct error *err);
int job_fill_run(struct job *job, const struct run_facts *facts, const struct box_result *result,
		 const struct check *check, struct run_report *run, struct error *err);

/* The program and its interactor, joined by pipes until both have ended. */
int job_interact(struct job *job, const struct question *question, struct box_result *result,
		 struct run_facts *facts, struct check *check, struct error *err);
