/* All submissions, several at a time; and where the others may have cost one its time, once more, alone.
 *
 * Time decides by the processor's clock, which others hardly slow down; yet they share its caches, and a program that
 * waits has less of the wall's. So "too slow" holds only when it was so alone: where that is as expected, in the one test
 * where it was found (or with a longer limit, when one was made), and else in all of them. */
#include "inside.h"

static bool is_in_doubt(const struct trial *trial)
{
	return trial->its->ok && trial->was_too_slow && !trial->too_slow_alone;
}

static void note_alone(void *context, const struct report *report)
{
	struct trial *trial = context;

	for (size_t i = 0; i < report->run_count; i++)
		if (report->runs[i].verdict == VERDICT_TIME_LIMIT_EXCEEDED)
			trial->too_slow_alone = true;
}

static bool is_wrong_about_time(const struct trial *trial)
{
	return trial->was_too_slow && !(trial->its->ok && trial->too_slow_alone);
}

int verify_submissions(struct verifying *v, struct error *err)
{
	const double limit_s = v->verification->time_limit_s;
	const size_t jobs = crowd_jobs(v->verifier, v->package);
	const struct phase all = { .time_limit_s = limit_s, .jobs = jobs, .note = trial_note };
	const struct phase doubted = {
		.wants = is_in_doubt, .time_limit_s = limit_s, .jobs = 1, .one_test = true, .note = note_alone
	};
	const struct phase again = {
		.wants = is_wrong_about_time, .time_limit_s = limit_s, .jobs = 1, .note = trial_note
	};
	v->verifier->to_come = 0;
	int code = trials_judge(v, &all, err);

	if (code == 0 && jobs > 1)
		code = trials_judge(v, &doubted, err);
	if (code == 0 && jobs > 1)
		code = trials_judge(v, &again, err);
	return code;
}
