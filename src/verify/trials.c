/* Submissions on their way: what is to be run of each, and what came of it beside what its author expects. */
#include <errno.h>
#include <string.h>

#include "inside.h"

/* ---- what is known at once ---- */

/* It would not compile, here or anywhere. */
static void note_no_program(struct trial *trial)
{
	const struct report report = { .verdict = VERDICT_COMPILE_ERROR,
				       .compile = COMPILE_ERROR,
				       .compile_output = "" };
	const char *why = trial->submission->program.why_not;

	trial_note(trial, &report);
	trial->its->message = trial->its->ok ? NULL : why ? why : trial->its->message;
}

/* Every submission has a task, unless the reason is the package's. */
static int settle(struct trial *trial, struct error *err)
{
	const struct package_program *program = &trial->submission->program;
	struct error why = { 0 };
	struct task task;

	trial->settled = true;
	if (trial->submission->skipped) {
		trial->its->ok = true;
		trial->its->message = "its author says that it is not to be run";
	} else if (program->not_a_program) {
		note_no_program(trial);
	} else if (!program->language) {
		trial->its->message = program->why_not;
	} else {
		int code = package_task(trial->of->package, program, 1, trial->of->pool, &task, &why);

		if (code == -ENOMEM)
			return error_set(err, code, "%s", why.text);
		if (code < 0)
			trial->its->message = pool_strdup(trial->of->pool, why.text);
		trial->settled = code < 0;
	}
	return 0;
}

int trials_open(struct verifying *v, struct error *err)
{
	size_t count = v->package->submission_count;
	int code = 0;

	v->verification->submissions = pool_array(v->pool, count + 1, sizeof *v->verification->submissions);
	v->trials = pool_array(v->pool, count + 1, sizeof *v->trials);
	if (!v->verification->submissions || !v->trials)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count && code == 0; i++) {
		const struct package_submission *submission = &v->package->submissions[i];

		v->verification->submissions[i] = (struct verify_submission){ .submission = submission,
									      .time_us = -1,
									      .memory_bytes = -1 };
		v->trials[i] = (struct trial){ .of = v,
					       .submission = submission,
					       .its = &v->verification->submissions[i] };
		code = settle(&v->trials[i], err);
	}
	v->verification->submission_count = code == 0 ? count : 0;
	return code;
}

/* ---- judging ---- */

/* A static validator's test has the name of its group. */
static const char *const *name_tests(const struct package *package, const struct task *task,
				     struct pool *pool)
{
	const char **names = pool_array(pool, task->test_count + 1, sizeof *names);

	for (size_t i = 0, at = 0; names && i < task->test_count; i++)
		names[i] = task->tests[i].is_static ? task->tests[i].group : package->tests[at++].name;
	return names;
}

/* That test and no other: what came of the others is known. */
static void keep_one_test(struct trial *trial)
{
	trial->task.tests += trial->too_slow_at;
	trial->task.test_count = 1;
	trial->task.groups = NULL;
	trial->test_names += trial->too_slow_at;
}

static int prepare(struct trial *trial, const struct phase *phase, struct error *err)
{
	struct package timed = *trial->of->package;

	timed.time.given = false;
	int code = package_task(&timed, &trial->submission->program, phase->time_limit_s, trial->of->pool,
				&trial->task, err);
	if (code < 0)
		return code;
	trial->test_names = name_tests(&timed, &trial->task, trial->of->pool);
	if (!trial->test_names)
		return error_set(err, -ENOMEM, "out of memory");
	if (phase->stop != STOP_AS_USUAL)
		trial->task.early_stop = phase->stop == STOP_EARLY;
	else if (trial->submission->every_test)
		trial->task.early_stop = false;
	if (phase->one_test)
		keep_one_test(trial);
	return 0;
}

int trials_judge(struct verifying *v, const struct phase *phase, struct error *err)
{
	struct work *works = pool_array(v->pool, v->package->submission_count + 1, sizeof *works);
	size_t count = 0;

	if (!works)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < v->package->submission_count; i++) {
		struct trial *trial = &v->trials[i];

		if (trial->settled || (phase->wants && !phase->wants(trial)))
			continue;
		int code = prepare(trial, phase, err);
		if (code < 0)
			return code;
		works[count++] = (struct work){ .task = &trial->task, .note = phase->note, .context = trial };
	}
	v->verifier->total += count;
	return crowd_judge(v->verifier, works, count, phase->jobs, err);
}

/* ---- what came ---- */

static void check_expectations(const struct trial *trial, const struct report *report)
{
	static const struct expectation anything = { 0 }; /* but for our own failures */
	const struct package_submission *submission = trial->submission;
	const char *why = NULL;

	if (submission->expectation_count == 0)
		why = expectation_fails(&anything, report, trial->test_names, trial->of->pool);
	for (size_t i = 0; i < submission->expectation_count && !why; i++)
		why = expectation_fails(&submission->expectations[i], report, trial->test_names,
					trial->of->pool);
	trial->its->message = why;
	trial->its->ok = !why;
}

static int64_t larger(int64_t left, int64_t right)
{
	return left > right ? left : right;
}

void trial_note(void *context, const struct report *report)
{
	struct trial *trial = context;
	struct verify_submission *its = trial->its;

	*its = (struct verify_submission){ .submission = trial->submission,
					   .judged = true,
					   .verdict = report->verdict,
					   .time_us = -1,
					   .memory_bytes = -1,
					   .has_score = report->has_score,
					   .score = report->score };
	trial->was_too_slow = false;
	trial->wall_us = 0;
	for (size_t i = 0; i < report->run_count; i++) {
		const struct run_report *run = &report->runs[i];
		bool too_slow = run->verdict == VERDICT_TIME_LIMIT_EXCEEDED;

		its->time_us = larger(its->time_us, run->cpu_us);
		its->memory_bytes = larger(its->memory_bytes, run->memory_bytes);
		trial->wall_us = larger(trial->wall_us, run->wall_us);
		if (!its->deciding_test && run->verdict == report->verdict && !verdict_is_pass(run->verdict))
			its->deciding_test = trial->test_names[i];
		if (too_slow && !trial->was_too_slow)
			trial->too_slow_at = i;
		trial->was_too_slow = trial->was_too_slow || too_slow;
	}
	check_expectations(trial, report);
}
