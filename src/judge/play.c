/* Tests that are more than a run and a look at its output: with an interactor in place of the input, or in several
 * passes, in each of which the validator writes the next one's input. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "inside.h"

bool job_plays(const struct task *task)
{
	return task->interactor || task->passes > 1;
}

/* ---- one pass ---- */

static int run_and_check(struct job *job, struct question *question, struct box_result *result,
			 struct run_facts *facts, struct check *check, struct error *err)
{
	int code = job_begin_run(job, question->test, question->input, question->input_size,
				 &job->judge->streams, err);

	if (code == 0)
		code = job_end_run(job, result, facts, err);
	if (code < 0)
		return code;
	question->checker = job->checker;
	question->output = result->stdout_data;
	question->output_size = result->stdout_size;
	return job_check_output(job, question, facts, check, err);
}

/* What the interactor wrote is judged by the checker, where there is one and the interactor had no objection. */
static int check_interaction(const struct job *job, struct question *question, const struct run_facts *facts,
			     struct check *check, struct error *err)
{
	if (!job->checker || check->comparison != COMPARISON_EQUAL)
		return 0;
	question->checker = job->checker;
	question->output = check->output ? check->output : "";
	question->output_size = check->output_size;
	return job_check_output(job, question, facts, check, err);
}

static int interact(struct job *job, struct question *question, struct box_result *result,
		    struct run_facts *facts, struct check *check, struct error *err)
{
	struct question asked = *question;

	asked.checker = job->interactor;
	if (job->checker) /* the arguments are the checker's */
		asked.args = asked.test_args = NULL;
	int code = job_interact(job, &asked, result, facts, check, err);
	return code < 0 ? code : check_interaction(job, question, facts, check, err);
}

/* Another pass is asked for by a file beside 42, as often as was agreed. */
static int settle_next(struct job *job, int pass, struct check *check, struct error *err)
{
	const int passes = job->task->passes;

	if (passes <= 1)
		check->next = NULL;
	if (!check->next || check->comparison == COMPARISON_FAILED)
		return 0;
	if (check->comparison != COMPARISON_EQUAL)
		check->failure =
			pool_strdup(job->pool, "The checker wanted another pass of what it rejected");
	else if (pass == passes)
		check->failure = pool_printf(job->pool, "The checker wanted more than %d passes", passes);
	else
		return 0;
	check->comparison = COMPARISON_FAILED;
	return check->failure ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static int play_pass(struct job *job, struct question *question, int pass, struct check *check,
		     struct run_report *run, struct error *err)
{
	cleanup_with(box_result_free) struct box_result result = { .collected_fd = -1 };
	struct run_facts facts = { 0 };
	int code = job->interactor ? interact(job, question, &result, &facts, check, err)
				   : run_and_check(job, question, &result, &facts, check, err);

	if (code == 0)
		code = settle_next(job, pass, check, err);
	if (code < 0)
		return code;
	facts.cancelled = facts.cancelled || check->cancelled;
	facts.comparison = check->comparison;
	return job_fill_run(job, &facts, &result, check, run, err);
}

/* ---- all passes ---- */

static int64_t larger(int64_t left, int64_t right)
{
	return left > right ? left : right;
}

/* Limits are each pass's; what is told is the most that any took. */
static void add_pass(struct run_report *run, const struct run_report *pass)
{
	const struct run_report before = *run;

	*run = *pass;
	run->cpu_us = larger(run->cpu_us, before.cpu_us);
	run->wall_us = larger(run->wall_us, before.wall_us);
	run->memory_bytes = larger(run->memory_bytes, before.memory_bytes);
	run->processes_peak = larger(run->processes_peak, before.processes_peak);
	run->borderline = run->borderline || before.borderline;
}

int job_play_test(struct job *job, const struct task_test *test, struct run_report *run, struct error *err)
{
	struct run_report whole = { .cpu_us = -1, .wall_us = -1, .memory_bytes = -1, .processes_peak = -1 };
	struct question question = { .test = test,
				     .input = test->input,
				     .input_size = test->input_size,
				     .args = job->task->validator_args,
				     .test_args = test->validator_args,
				     .in = -1,
				     .out = -1 };

	for (int pass = 1;; pass++) {
		struct run_report one;
		struct check check = { .comparison = COMPARISON_NONE };
		int code = play_pass(job, &question, pass, &check, &one, err);

		if (code < 0)
			return code;
		add_pass(&whole, &one);
		if (!check.next || !verdict_is_pass(one.verdict))
			break;
		question.input = check.next;
		question.input_size = check.next_size;
		question.kept = check.kept;
		question.kept_count = check.kept_count;
	}
	*run = whole;
	return 0;
}
