/* Tests where nothing is run. Of one the output is there already: an answer that was submitted in a program's place, or an
 * output that a validator is tried on; it is judged as if the program had written it. Of the other the sources are what is
 * judged, by the static validator. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

bool job_is_given(const struct task_test *test)
{
	return test->is_static || test->output;
}

/* As if it had been run: to its end, and nothing is known of that. */
static const struct box_result no_run = { .outcome = BOX_EXITED,
					  .cpu_us = -1,
					  .wall_us = -1,
					  .memory_bytes = -1,
					  .processes_peak = BOX_UNKNOWN,
					  .collected_fd = -1 };

static int fill(struct job *job, const struct box_result *result, struct run_facts *facts,
		const struct check *check, struct run_report *run, struct error *err)
{
	facts->cancelled = check->cancelled;
	facts->comparison = check->comparison;
	int code = job_fill_run(job, facts, result, check, run, err);
	run->outcome = "none";
	run->exit_code = -1;
	return code;
}

/* ---- outputs ---- */

static int judge_output(struct job *job, const struct task_test *test, struct run_report *run,
			struct error *err)
{
	size_t max = (size_t)job->limits.output_bytes;
	struct box_result result = no_run;
	struct check check;

	result.stdout_data = (char *)(uintptr_t)test->output; /* looked at, and copied */
	result.stdout_cut = test->output_size > max;
	result.stdout_size = result.stdout_cut ? max : test->output_size;
	struct run_facts facts = { .wrote_too_much = result.stdout_cut };
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
	int code = job_check_output(job, &question, &facts, &check, err);
	return code < 0 ? code : fill(job, &result, &facts, &check, run, err);
}

/* ---- sources ---- */

/* What was written, and what the compiler made of it beside that. */
static struct bundle_file *sources_of(const struct job *job, size_t *ret_count)
{
	const struct lang_plan *plan = &job->plan;
	size_t count = 0, written = plan->file_count;
	struct bundle_file *files = pool_array(job->pool, written + job->own_file_count, sizeof *files);

	for (; files && count < written; count++)
		files[count] = (struct bundle_file){ .name = plan->files[count].name,
						     .data = plan->files[count].data,
						     .size = plan->files[count].size };
	for (size_t i = 0; files && i < job->own_file_count; i++) {
		bool is_source = false;

		for (size_t j = 0; j < written && !is_source; j++)
			is_source = strcmp(job->own_files[i].name, files[j].name) == 0;
		if (!is_source)
			files[count++] = job->own_files[i];
	}
	*ret_count = count;
	return files;
}

static int judge_sources(struct job *job, const struct task_test *test, struct run_report *run,
			 struct error *err)
{
	const char *const first_args[] = { job->language->package_id, job->plan.entry, NULL };
	struct question question = { .checker = job->static_validator,
				     .test = test,
				     .args = test->validator_args,
				     .first_args = first_args,
				     .in = -1,
				     .out = -1 };
	struct run_facts facts = { 0 };
	struct check check;

	question.sources = sources_of(job, &question.source_count);
	if (!question.sources)
		return error_set(err, -ENOMEM, "out of memory");
	int code = checker_run(job, &question, &check, err);
	return code < 0 ? code : fill(job, &no_run, &facts, &check, run, err);
}

int job_judge_given(struct job *job, const struct task_test *test, struct run_report *run, struct error *err)
{
	return test->is_static ? judge_sources(job, test, run, err) : judge_output(job, test, run, err);
}
