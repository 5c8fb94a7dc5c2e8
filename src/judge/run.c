/* One test: run, compare, decide. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "inside.h"
#include "judge/compare.h"
#include "model/message.h"

struct run_facts job_facts(const struct box_result *result)
{
	return (struct run_facts){
		.box_failed = result->outcome == BOX_INTERNAL_ERROR,
		.cancelled = result->outcome == BOX_CANCELLED,
		.hit_cpu_limit = result->outcome == BOX_CPU_LIMIT,
		.hit_wall_limit = result->outcome == BOX_WALL_LIMIT,
		.hit_memory_limit = result->outcome == BOX_MEMORY_LIMIT,
		.hit_output_limit = result->outcome == BOX_OUTPUT_LIMIT,
		.hit_file_limit = result->outcome == BOX_FILE_LIMIT,
		.exit_code = result->exit_code,
		.signal = result->signal,
	};
}

/* A runtime that was told its memory gives up before the kernel has to act, and says so. */
static bool runtime_was_out_of_memory(const struct job *job, const struct box_result *result)
{
	bool failed =
		result->outcome == BOX_SIGNALED || (result->outcome == BOX_EXITED && result->exit_code != 0);

	for (const char *const *text = job->language->memory_messages; failed && *text; text++)
		if (memmem(result->stderr_data, result->stderr_size, *text, strlen(*text)))
			return true;
	return false;
}

static int compare(const struct job *job, const struct question *question, struct check *check,
		   struct error *err)
{
	const struct task_test *test = question->test;
	struct compare_rules rules;
	struct error why;

	*check = (struct check){ .comparison = COMPARISON_FAILED };
	if (task_rules(job->task, test, &rules, &why) < 0) {
		check->failure = pool_strdup(job->pool, why.text);
		return check->failure ? 0 : error_set(err, -ENOMEM, "out of memory");
	}
	bool equal = compare_output(&rules, question->output, question->output_size, test->answer,
				    test->answer_size);
	check->comparison = equal ? COMPARISON_EQUAL : COMPARISON_DIFFERENT;
	return 0;
}

int job_check_output(const struct job *job, const struct question *question, const struct run_facts *facts,
		     struct check *check, struct error *err)
{
	*check = (struct check){ .comparison = COMPARISON_NONE };
	if (!question->test->compare || facts->box_failed || facts->cancelled)
		return 0; /* of a run that came to nothing there is nothing to ask */
	return job->checker ? checker_run(job, question, check, err) : compare(job, question, check, err);
}

static void fill_check(const struct check *check, struct run_report *run)
{
	run->judge_message = check->judge_message;
	run->judge_message_size = check->judge_message_size;
	run->team_message = check->team_message;
	run->team_message_size = check->team_message_size;
	run->has_score = check->has_score;
	run->score = check->score;
	run->has_multiplier = check->has_multiplier;
	run->multiplier = check->multiplier;
	if (check->failure && run->verdict == VERDICT_JUDGE_ERROR)
		run->message = check->failure;
}

/* A stream that went to a descriptor is none of the report's. */
static const char *keep(struct job *job, const char *bytes, size_t size)
{
	return pool_memdup(job->pool, bytes ? bytes : "", bytes ? size : 0);
}

int job_fill_run(struct job *job, const struct run_facts *facts, const struct box_result *result,
		 const struct check *check, struct run_report *run, struct error *err)
{
	char message[MESSAGE_BYTES];
	bool has_message = message_of_run(facts, &job->limits, message);

	*run = (struct run_report){
		.verdict = verdict_of_run(facts),
		.outcome = box_outcome_name(result->outcome),
		.exit_code = result->exit_code,
		.signal = result->signal,
		.cpu_us = result->cpu_us,
		.wall_us = result->wall_us,
		.memory_bytes = result->memory_bytes,
		.processes_peak = result->processes_peak,
		.output = keep(job, result->stdout_data, result->stdout_size),
		.output_size = result->stdout_size,
		.output_cut = result->stdout_cut,
		.error_output = keep(job, result->stderr_data, result->stderr_size),
		.error_size = result->stderr_size,
		.error_cut = result->stderr_cut,
		.message = has_message ? pool_strdup(job->pool, message) : NULL,
		.borderline = facts->borderline,
	};
	if (!run->output || !run->error_output || (has_message && !run->message))
		return error_set(err, -ENOMEM, "keep the output: out of memory");
	fill_check(check, run);
	return 0;
}

static int64_t grace_us(int64_t limit_us)
{
	int64_t part = limit_us / GRACE_PART;

	return part < GRACE_LEAST_US ? GRACE_LEAST_US : part > GRACE_MOST_US ? GRACE_MOST_US : part;
}

const char *const *job_join(struct pool *pool, const char *const *const *lists, size_t count)
{
	size_t words = 0;

	for (size_t i = 0; i < count; i++)
		for (const char *const *word = lists[i]; word && *word; word++)
			words++;
	const char **joined = pool_array(pool, words + 1, sizeof *joined);
	words = 0;
	for (size_t i = 0; joined && i < count; i++)
		for (const char *const *word = lists[i]; word && *word; word++)
			joined[words++] = *word;
	return joined;
}

/* The plan's command, with what this test wants behind. NULL: memory is out. */
static const char *const *command(const struct job *job, const struct task_test *test)
{
	const char *const *const parts[] = { job->plan.run_argv, test->args };

	return test->args ? job_join(job->pool, parts, 2) : job->plan.run_argv;
}

int job_begin_run(struct job *job, const struct task_test *test, const char *input, size_t input_size,
		  const struct judge_streams *streams, struct error *err)
{
	const struct task *task = job->task;
	bool reads_file = task->input_file && streams->in < 0;
	bool writes_file = task->output_file && streams->out < 0;
	cleanup_fd int placed_fd = -1;
	struct box_spec spec = {
		.argv = command(job, test),
		.environment = job->plan.environment,
		.session = job->session,
		.bundle_fd = job->bundle_fd,
		.stdin_fd = streams->in,
		.stdin_data = reads_file ? NULL : input,
		.stdin_size = reads_file ? 0 : input_size,
		.stdout_fd = streams->out,
		.stderr_fd = streams->error,
		.on_output = test->hidden || job->silent || writes_file ? NULL : job->judge->output,
		.output_context = job->judge->output_context,
		.discard_excess = task->judged,
		.collect = writes_file ? task->output_file : NULL,
		.collect_bytes = writes_file ? job->limits.file_bytes : 0,
		.cancelled = &job->judge->cancelled,
		.limits = job->limits,
	};

	if (!spec.argv)
		return error_set(err, -ENOMEM, "out of memory");
	if (task->judged)
		spec.limits.cpu_time_us += grace_us(spec.limits.cpu_time_us);
	if (job->patience > 1)
		spec.limits.wall_time_us *= job->patience;
	if (job_places(job, test)) {
		int code = job_place(job, test, reads_file ? input : NULL, input_size, &spec.limits,
				     &placed_fd, err);

		if (code < 0)
			return code;
		spec.bundle_fd = placed_fd;
		spec.session = 0;
	}
	return box_begin(job->judge->lane, &spec, err);
}

int job_begin_test(struct job *job, const struct task_test *test, struct error *err)
{
	if (job_plays(job->task) || job_is_given(test))
		return 0;
	return job_begin_run(job, test, test->input, test->input_size, &job->judge->streams, err);
}

/* A source can make its compiler leave what no kernel starts (a loader that is not there, say): a failure of the
 * program's, where a judge's own would be tried again and again. */
static bool cannot_start(const struct job *job, const struct box_result *result)
{
	static const char own[] = "/box/";

	return result->start_failed && job->plan.compile_argv &&
	       strncmp(job->plan.run_argv[0], own, sizeof own - 1) == 0;
}

/* As a shell says it: 127. */
static int failed_start(const struct error *why, struct box_result *result, struct error *err)
{
	box_result_free(result);
	*result = (struct box_result){ .outcome = BOX_EXITED, .exit_code = 127, .collected_fd = -1 };
	result->stdout_data = strdup("");
	result->stderr_data = strdup(why->text);
	if (!result->stdout_data || !result->stderr_data)
		return error_set(err, -ENOMEM, "out of memory");
	result->stderr_size = strlen(result->stderr_data);
	return 0;
}

/* The box lets it have a little more than its time, so that one that ends there by itself is known from one that would
 * have gone on. One that rests till its wall time is over uses next to nothing. */
static void settle_time(const struct job *job, struct box_result *result, bool *borderline)
{
	bool by_itself = result->outcome == BOX_EXITED || result->outcome == BOX_SIGNALED ||
			 result->outcome == BOX_FILE_LIMIT;
	bool over_wall = result->outcome == BOX_WALL_LIMIT;
	bool over_cpu = result->cpu_us > job->limits.cpu_time_us;

	if (!job->task->judged || !(by_itself || over_wall || result->outcome == BOX_OUTPUT_LIMIT))
		return;
	*borderline = over_cpu ? by_itself : over_wall && result->cpu_us > result->wall_us / STARVED_PART;
	if (over_cpu)
		result->outcome = BOX_CPU_LIMIT;
}

int job_end_run(struct job *job, struct box_result *result, struct run_facts *facts, struct error *err)
{
	struct error why = { 0 };
	bool borderline = false;
	int code = box_end(job->judge->lane, result, &why);

	if (code < 0 && cannot_start(job, result))
		code = failed_start(&why, result, err);
	else if (code < 0 && err)
		*err = why;
	if (code == 0 && job->task->output_file && result->stdout_data)
		code = job_take_output_file(job, result, err);
	if (code < 0)
		return code;
	settle_time(job, result, &borderline);
	*facts = job_facts(result);
	facts->borderline = borderline;
	facts->hit_memory_limit = facts->hit_memory_limit || runtime_was_out_of_memory(job, result);
	facts->wrote_too_much = job->task->judged && result->stdout_cut;
	return 0;
}

int job_end_test(struct job *job, const struct task_test *test, struct run_report *run, struct error *err)
{
	cleanup_with(box_result_free) struct box_result result = { .collected_fd = -1 };
	struct run_facts facts;
	struct check check;

	if (job_is_given(test))
		return job_judge_given(job, test, run, err);
	if (job_plays(job->task))
		return job_play_test(job, test, run, err);
	int code = job_end_run(job, &result, &facts, err);
	if (code < 0)
		return code;
	const struct question question = { .checker = job->checker,
					   .test = test,
					   .input = test->input,
					   .input_size = test->input_size,
					   .output = result.stdout_data,
					   .output_size = result.stdout_size,
					   .args = job->task->validator_args,
					   .test_args = test->validator_args,
					   .in = -1,
					   .out = -1 };
	code = job_check_output(job, &question, &facts, &check, err);
	facts.cancelled = facts.cancelled || check.cancelled;
	facts.comparison = check.comparison;
	return code < 0 ? code : job_fill_run(job, &facts, &result, &check, run, err);
}
