/* A time limit for a package that gives none: the slowest submission that is to be in time, each run alone, times what the
 * package says; and those that are to be too slow should be so by a margin. */
#include <math.h>

#include "inside.h"

enum { MEASURE_S = 60 };

enum bound { SETS, EXCEEDS };

/* Whether the time of some test is one that the limit is made of, or has to stay below. */
static bool bounds(const struct package_submission *submission, enum bound bound)
{
	bool does = bound == SETS ? submission->sets_time_limit : submission->exceeds_time;

	for (size_t i = 0; i < submission->expectation_count; i++)
		does = does || (bound == SETS ? submission->expectations[i].sets_time_limit
					      : submission->expectations[i].exceeds_time);
	return does;
}

static bool bounds_in_test(const struct package_submission *submission, const char *test, enum bound bound)
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

/* ---- from below ---- */

static bool sets(const struct trial *trial)
{
	return bounds(trial->submission, SETS);
}

/* The most that it needed where it was right. */
static void note_measured(void *context, const struct report *report)
{
	struct trial *trial = context;

	trial_note(trial, report);
	trial->bound_us = 0;
	for (size_t i = 0; i < report->run_count; i++) {
		const struct run_report *run = &report->runs[i];

		if (verdict_is_pass(run->verdict) && run->cpu_us > trial->bound_us &&
		    bounds_in_test(trial->submission, trial->test_names[i], SETS))
			trial->bound_us = run->cpu_us;
	}
}

/* The rounding of what was multiplied is not another step. */
double inferred_limit_s(int64_t slowest_us, const struct package_time *time)
{
	double steps = ceil((double)slowest_us / 1e6 * time->multiplier / time->resolution_s - 1e-9);

	return (steps > 1 ? steps : 1) * time->resolution_s;
}

/* Who was accepted, and within the limit that came of it, would be so again. */
static int settle_measured(struct verifying *v, struct error *err)
{
	struct package timed = *v->package;
	struct task task;

	timed.time.given = false;
	int code = package_task(&timed, NULL, v->verification->time_limit_s, v->pool, &task, err);
	for (size_t i = 0; i < v->package->submission_count && code == 0; i++) {
		struct trial *trial = &v->trials[i];

		if (!trial->settled && trial->its->judged && trial->its->verdict == VERDICT_ACCEPTED &&
		    trial->its->time_us <= task.limits.cpu_time_us &&
		    trial->wall_us <= task.limits.wall_time_us)
			trial->settled = true;
	}
	return code;
}

static int infer(struct verifying *v, struct error *err)
{
	const struct phase measure = {
		.wants = sets, .time_limit_s = MEASURE_S, .jobs = 1, .stop = STOP_NEVER, .note = note_measured
	};
	int64_t slowest_us = 0;
	size_t count = 0;
	int code = trials_judge(v, &measure, err);

	for (size_t i = 0; i < v->package->submission_count; i++) {
		count += sets(&v->trials[i]);
		if (v->trials[i].bound_us > slowest_us)
			slowest_us = v->trials[i].bound_us;
	}
	v->verification->time_limit_s = inferred_limit_s(slowest_us, &v->package->time);
	v->verification->inferred = true;
	if (count == 0 && v->package->submission_count > 0)
		package_note(&v->verification->notes, NULL, 0,
			     "no time limit is given, and no submission sets one: it is %g s",
			     v->verification->time_limit_s);
	return code == 0 ? settle_measured(v, err) : code;
}

/* ---- from above ---- */

static bool exceeds(const struct trial *trial)
{
	return bounds(trial->submission, EXCEEDS);
}

static void note_beyond(void *context, const struct report *report)
{
	struct trial *trial = context;

	for (size_t i = 0; i < report->run_count; i++)
		if (report->runs[i].verdict == VERDICT_TIME_LIMIT_EXCEEDED &&
		    bounds_in_test(trial->submission, trial->test_names[i], EXCEEDS))
			trial->beyond_bound = trial->too_slow_alone = true;
}

static int check_margin(struct verifying *v, struct error *err)
{
	const struct package_time *time = &v->package->time;
	const struct phase phase = { .wants = exceeds,
				     .time_limit_s = v->verification->time_limit_s * time->safety_margin,
				     .jobs = 1,
				     .stop = STOP_EARLY,
				     .note = note_beyond };
	int code = trials_judge(v, &phase, err);

	for (size_t i = 0; i < v->package->submission_count && code == 0; i++)
		if (!v->trials[i].settled && exceeds(&v->trials[i]) && !v->trials[i].beyond_bound)
			package_note(&v->verification->notes, v->trials[i].submission->program.path, 0,
				     "it is to be too slow, and is not so by the margin: %g times the limit "
				     "of %g s",
				     time->safety_margin, v->verification->time_limit_s);
	return code;
}

/* ---- the whole ---- */

int find_time_limit(struct verifying *v, struct error *err)
{
	double instead_s = v->verifier->options.time_limit_s;

	v->verification->time_limit_s = instead_s > 0            ? instead_s
					: v->package->time.given ? v->package->time.limit_s
								 : v->package->time.resolution_s;
	if (instead_s > 0 || v->package->time.given || v->package->test_count == 0)
		return 0;
	int code = infer(v, err);
	return code == 0 ? check_margin(v, err) : code;
}
