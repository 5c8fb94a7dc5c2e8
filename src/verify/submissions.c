/* Submissions, and the time limit that is made of some of them. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "inside.h"

enum { MEASURE_S = 60 };

/* ---- one submission's task ---- */

struct trial {
	const struct package_submission *submission;
	struct verify_submission *its; /* where its result belongs; or NULL */
	struct task task;
	const char *const *test_names; /* of the task's tests */
};

/* A static validator's test has the name of its group. */
static const char *const *name_tests(const struct package *package, const struct task *task,
				     struct pool *pool)
{
	const char **names = pool_array(pool, task->test_count + 1, sizeof *names);

	for (size_t i = 0, at = 0; names && i < task->test_count; i++)
		names[i] = task->tests[i].is_static ? task->tests[i].group : package->tests[at++].name;
	return names;
}

static int make_trial(const struct package *package, const struct package_submission *submission,
		      double time_limit_s, struct pool *pool, struct trial *trial, struct error *err)
{
	struct package timed = *package;

	timed.time.given = false;
	*trial = (struct trial){ .submission = submission };
	int code = package_task(&timed, &submission->program, time_limit_s, pool, &trial->task, err);
	if (code < 0)
		return code;
	if (submission->every_test)
		trial->task.early_stop = false;
	trial->test_names = name_tests(package, &trial->task, pool);
	return trial->test_names ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* Judges them; works[i] belongs to trials[i]. */
static int judge_trials(struct verifier *verifier, const struct trial *trials, struct work *works,
			size_t count, size_t jobs, struct pool *pool, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		works[i] = (struct work){ .task = &trials[i].task, .pool = work_pool(pool) };
		if (!works[i].pool)
			return error_set(err, -ENOMEM, "out of memory");
	}
	return crowd_judge(verifier, works, count, jobs, err);
}

/* ---- the time limit ---- */

enum bound { SETS, EXCEEDS };

static bool bounds(const struct package_submission *submission, enum bound bound)
{
	bool does = bound == SETS ? submission->sets_time_limit : submission->exceeds_time;

	for (size_t i = 0; i < submission->expectation_count; i++)
		does = does || (bound == SETS ? submission->expectations[i].sets_time_limit
					      : submission->expectations[i].exceeds_time);
	return does && !submission->skipped && submission->program.language;
}

/* Whether this test's time is one of those that the limit is made of. */
static bool test_bounds(const struct package_submission *submission, const char *test, enum bound bound)
{
	if (bound == SETS ? submission->sets_time_limit : submission->exceeds_time)
		return true;
	for (size_t i = 0; i < submission->expectation_count; i++) {
		const struct expectation *expectation = &submission->expectations[i];

		if ((bound == SETS ? expectation->sets_time_limit : expectation->exceeds_time) &&
		    expectation_is_about(expectation, test))
			return true;
	}
	return false;
}

static struct trial *make_trials(struct verifier *verifier, const struct package *package, enum bound bound,
				 double limit_s, struct pool *pool, size_t *count, struct error *err)
{
	struct trial *trials = pool_array(pool, package->submission_count + 1, sizeof *trials);

	*count = 0;
	for (size_t i = 0; trials && i < package->submission_count; i++) {
		if (!bounds(&package->submissions[i], bound))
			continue;
		if (make_trial(package, &package->submissions[i], limit_s, pool, &trials[*count], err) < 0)
			return NULL;
		trials[(*count)++].task.early_stop = bound == EXCEEDS;
	}
	if (!trials)
		(void)error_set(err, -ENOMEM, "out of memory");
	verifier->total += *count;
	return trials;
}

/* The most that one of them needed where it was right. */
static int64_t slowest_us(const struct trial *trials, const struct work *works, size_t count)
{
	int64_t most = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t run = 0; run < works[i].report.run_count; run++) {
			const struct run_report *its = &works[i].report.runs[run];

			if (verdict_is_pass(its->verdict) && its->cpu_us > most &&
			    test_bounds(trials[i].submission, trials[i].test_names[run], SETS))
				most = its->cpu_us;
		}
	return most;
}

static bool has_too_slow(const struct trial *trial, const struct report *report)
{
	for (size_t i = 0; i < report->run_count; i++)
		if (report->runs[i].verdict == VERDICT_TIME_LIMIT_EXCEEDED &&
		    test_bounds(trial->submission, trial->test_names[i], EXCEEDS))
			return true;
	return false;
}

/* Whoever is to be too slow should be so by a margin. */
static int check_margin(struct verifier *verifier, const struct package *package, struct pool *pool,
			struct verification *verification, struct error *err)
{
	double beyond_s = verification->time_limit_s * package->time.safety_margin;
	size_t count;
	struct trial *trials = make_trials(verifier, package, EXCEEDS, beyond_s, pool, &count, err);
	struct work *works = pool_array(pool, count + 1, sizeof *works);

	if (!trials || !works)
		return trials ? error_set(err, -ENOMEM, "out of memory") : err->code;
	int code = judge_trials(verifier, trials, works, count, 1, pool, err);
	for (size_t i = 0; i < count && code == 0; i++)
		if (!has_too_slow(&trials[i], &works[i].report))
			package_note(&verification->notes, trials[i].submission->program.path, 0,
				     "it is to be too slow, and is not so by the margin: %g times the limit "
				     "of %g s",
				     package->time.safety_margin, verification->time_limit_s);
	return code;
}

static int infer(struct verifier *verifier, const struct package *package, struct pool *pool,
		 struct verification *verification, struct error *err)
{
	size_t count;
	struct trial *trials = make_trials(verifier, package, SETS, MEASURE_S, pool, &count, err);
	struct work *works = pool_array(pool, count + 1, sizeof *works);

	if (!trials || !works)
		return trials ? error_set(err, -ENOMEM, "out of memory") : err->code;
	int code = judge_trials(verifier, trials, works, count, 1, pool, err);
	if (code < 0)
		return code;
	double seconds = (double)slowest_us(trials, works, count) / 1e6 * package->time.multiplier;
	double steps = ceil(seconds / package->time.resolution_s);
	verification->time_limit_s = (steps > 1 ? steps : 1) * package->time.resolution_s;
	verification->inferred = true;
	if (count == 0 && package->submission_count > 0)
		package_note(&verification->notes, NULL, 0,
			     "no time limit is given, and no submission sets one: it is %g s",
			     verification->time_limit_s);
	return check_margin(verifier, package, pool, verification, err);
}

int find_time_limit(struct verifier *verifier, const struct package *package, struct pool *pool,
		    struct verification *verification, struct error *err)
{
	verification->time_limit_s =
		verifier->options.time_limit_s > 0 ? verifier->options.time_limit_s : package->time.limit_s;
	if (verifier->options.time_limit_s > 0 || package->time.given || package->test_count == 0)
		return 0;
	return infer(verifier, package, pool, verification, err);
}

/* ---- what came, and what was expected ---- */

static void check_expectations(const struct trial *trial, const struct report *report, struct pool *pool,
			       struct verify_submission *its)
{
	const struct package_submission *submission = trial->submission;

	its->message = NULL;
	if (submission->expectation_count == 0) /* anything goes, but for our own failures */
		its->message = expectation_fails(&(struct expectation){ 0 }, report, trial->test_names, pool);
	for (size_t i = 0; i < submission->expectation_count && !its->message; i++)
		its->message =
			expectation_fails(&submission->expectations[i], report, trial->test_names, pool);
	its->ok = !its->message;
}

static void note_report(const struct trial *trial, const struct report *report, struct pool *pool)
{
	struct verify_submission *its = trial->its;

	its->judged = true;
	its->verdict = report->verdict;
	its->has_score = report->has_score;
	its->score = report->score;
	its->time_us = its->memory_bytes = -1;
	its->deciding_test = NULL;
	for (size_t i = 0; i < report->run_count; i++) {
		const struct run_report *run = &report->runs[i];

		its->time_us = run->cpu_us > its->time_us ? run->cpu_us : its->time_us;
		its->memory_bytes =
			run->memory_bytes > its->memory_bytes ? run->memory_bytes : its->memory_bytes;
		if (!its->deciding_test && run->verdict == report->verdict && !verdict_is_pass(run->verdict))
			its->deciding_test = trial->test_names[i];
	}
	check_expectations(trial, report, pool, its);
}

/* What nobody has to run to know. False: it has to be run. */
static bool is_settled(const struct package_submission *submission, struct pool *pool,
		       struct verify_submission *its)
{
	const struct package_program *program = &submission->program;

	*its = (struct verify_submission){ .submission = submission, .time_us = -1, .memory_bytes = -1 };
	if (submission->skipped) {
		its->ok = true;
		its->message = "its author says that it is not to be run";
	} else if (program->not_a_program) {
		const struct report report = { .verdict = VERDICT_COMPILE_ERROR,
					       .compile = COMPILE_ERROR,
					       .compile_output = "" };
		const struct trial trial = { .submission = submission, .its = its };

		note_report(&trial, &report, pool);
		its->message = its->ok ? NULL : program->why_not ? program->why_not : its->message;
	} else if (!program->language) {
		its->message = program->why_not;
	}
	return submission->skipped || program->not_a_program || !program->language;
}

static bool is_about_time(const struct work *work, const struct package_submission *submission)
{
	bool too_slow = false;

	for (size_t i = 0; i < work->report.run_count; i++)
		too_slow = too_slow || work->report.runs[i].verdict == VERDICT_TIME_LIMIT_EXCEEDED;
	return too_slow || bounds(submission, EXCEEDS);
}

/* Those that are not as expected because of their time, which others beside them may have cost: once more, alone. */
static int judge_again(struct verifier *verifier, struct trial *trials, struct work *works, size_t count,
		       struct pool *pool, struct error *err)
{
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++) {
		if (trials[i].its->ok || !is_about_time(&works[i], trials[i].submission))
			continue;
		verifier->total++;
		code = judge_trials(verifier, &trials[i], &works[i], 1, 1, pool, err);
		if (code == 0)
			note_report(&trials[i], &works[i].report, pool);
	}
	return code;
}

int verify_submissions(struct verifier *verifier, const struct package *package, struct pool *pool,
		       struct verification *verification, struct error *err)
{
	size_t count = 0, jobs = crowd_jobs(verifier, package);
	struct trial *trials = pool_array(pool, package->submission_count + 1, sizeof *trials);
	struct work *works = pool_array(pool, package->submission_count + 1, sizeof *works);
	struct verify_submission *all = pool_array(pool, package->submission_count + 1, sizeof *all);

	if (!trials || !works || !all)
		return error_set(err, -ENOMEM, "out of memory");
	verification->submissions = all;
	verification->submission_count = package->submission_count;
	for (size_t i = 0; i < package->submission_count; i++) {
		if (is_settled(&package->submissions[i], pool, &all[i]))
			continue;
		int made = make_trial(package, &package->submissions[i], verification->time_limit_s, pool,
				      &trials[count], err);
		if (made == -ENOMEM)
			return made;
		if (made < 0) /* no tests, or a validator without its language: the same for all of them */
			all[i].message = pool_strdup(pool, err->text);
		else
			trials[count++].its = &all[i];
	}
	int code = judge_trials(verifier, trials, works, count, jobs, pool, err);
	for (size_t i = 0; i < count && code == 0; i++)
		note_report(&trials[i], &works[i].report, pool);
	return code == 0 && jobs > 1 ? judge_again(verifier, trials, works, count, pool, err) : code;
}
