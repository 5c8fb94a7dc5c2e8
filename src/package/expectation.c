#include "package/expectation.h"

#include <math.h>
#include <string.h>

#include "base/buffer.h"

/* ---- in words ---- */

/* A set is told by the first of these that are in it as a whole. */
static const struct {
	verdict_set verdicts;
	const char *name;
} names[] = {
	{ VERDICTS_ACCEPTED, "accepted" },
	{ VERDICT_BIT(VERDICT_ACCEPTED), "accepted" },
	{ VERDICT_BIT(VERDICT_PARTIAL), "partial" },
	{ VERDICTS_WRONG, "wrong_answer" },
	{ VERDICT_BIT(VERDICT_WRONG_ANSWER), "wrong_answer" },
	{ VERDICT_BIT(VERDICT_OUTPUT_LIMIT_EXCEEDED), "output_limit_exceeded" },
	{ VERDICTS_TOO_SLOW, "time_limit_exceeded" },
	{ VERDICTS_RUN_ERROR, "runtime_error" },
	{ VERDICT_BIT(VERDICT_RUNTIME_ERROR), "runtime_error" },
	{ VERDICT_BIT(VERDICT_MEMORY_LIMIT_EXCEEDED), "memory_limit_exceeded" },
	{ VERDICT_BIT(VERDICT_COMPILE_ERROR), "compile_error" },
};

static bool is_any_failure(verdict_set set)
{
	const verdict_set failures = VERDICTS_WRONG | VERDICTS_TOO_SLOW | VERDICTS_RUN_ERROR;

	return (set & failures) == failures;
}

static void put_set(struct buffer *out, verdict_set set)
{
	const char *between = "";

	if (is_any_failure(set)) {
		buffer_puts(out, set & VERDICT_BIT(VERDICT_ACCEPTED) ? "any" : "rejected");
		return;
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((set & names[i].verdicts) == names[i].verdicts) {
			buffer_printf(out, "%s%s", between, names[i].name);
			set &= ~names[i].verdicts;
			between = " or ";
		}
}

/* What is required says most; what else may be is told where that is not plain. */
static void put_verdicts(struct buffer *out, const struct expectation *expectation)
{
	verdict_set rest = expectation->permitted & ~expectation->required & ~VERDICTS_ACCEPTED;

	if (expectation->required)
		put_set(out, expectation->required);
	else
		put_set(out, expectation->permitted ? expectation->permitted : expectation->whole);
	if (expectation->required && rest && !is_any_failure(expectation->permitted)) {
		buffer_puts(out, ", also ");
		put_set(out, rest);
	}
}

static void put_score(struct buffer *out, const struct expectation *expectation)
{
	if (expectation->least == expectation->most)
		buffer_printf(out, "score %.10g", expectation->least);
	else
		buffer_printf(out, "score %.10g to %.10g", expectation->least, expectation->most);
}

const char *expectation_words(const struct expectation *expectation, struct pool *pool)
{
	cleanup_buffer struct buffer out = { 0 };

	put_verdicts(&out, expectation);
	if (expectation->has_score) {
		buffer_puts(&out, out.size ? ", " : "");
		put_score(&out, expectation);
	}
	if (expectation->message)
		buffer_printf(&out, "%ssaying \"%.60s\"", out.size ? ", " : "", expectation->message);
	if (out.size == 0)
		buffer_puts(&out, "any");
	return out.failed            ? NULL
	       : expectation->groups ? pool_printf(pool, "%s: %s", expectation->groups, buffer_text(&out))
				     : pool_strdup(pool, buffer_text(&out));
}

/* ---- against a report ---- */

struct check {
	const struct expectation *expectation;
	const struct report *report;
	const char *const *test_names;
	struct pool *pool;
};

static const char out_of_memory[] = "out of memory";

static const char *told(const char *text)
{
	return text ? text : out_of_memory;
}

bool expectation_is_about(const struct expectation *expectation, const char *test_name)
{
	return !expectation->groups || package_glob_matches(expectation->groups, test_name);
}

/* One that was run, and that this is about. */
static bool counts(const struct check *check, size_t run)
{
	return check->report->runs[run].verdict != VERDICT_SKIPPED &&
	       expectation_is_about(check->expectation, check->test_names[run]);
}

static const char *set_words(const struct check *check, verdict_set set)
{
	cleanup_buffer struct buffer out = { 0 };

	put_set(&out, set);
	return out.failed ? out_of_memory : told(pool_strdup(check->pool, buffer_text(&out)));
}

/* Why there is nothing to look at. */
static const char *fails_at_all(const struct check *check)
{
	const struct report *report = check->report;
	const char *message = report->message ? report->message : "";

	if (report->verdict == VERDICT_JUDGE_ERROR)
		return told(pool_printf(check->pool, "judge_error%s%s", *message ? ": " : "", message));
	if (report->verdict == VERDICT_CANCELLED)
		return "it was cancelled";
	if (report->verdict == VERDICT_COMPILE_ERROR &&
	    !(check->expectation->whole & VERDICT_BIT(VERDICT_COMPILE_ERROR)))
		return "it does not compile";
	return NULL;
}

/* The test that the verdict comes from; NULL: none has it. */
static const char *deciding_test(const struct check *check)
{
	for (size_t i = 0; i < check->report->run_count; i++)
		if (check->report->runs[i].verdict == check->report->verdict)
			return check->test_names[i];
	return NULL;
}

static const char *fails_whole(const struct check *check)
{
	const struct report *report = check->report;
	verdict_set set = check->expectation->whole;
	const char *test = verdict_is_pass(report->verdict) ? NULL : deciding_test(check);

	/* Where nobody knows the most that there is, something is not less than all. */
	if (set == VERDICT_BIT(VERDICT_PARTIAL) && report->has_score && !report->has_max_score)
		set |= VERDICTS_ACCEPTED;
	if (set == 0 || (set & VERDICT_BIT(report->verdict)))
		return NULL;
	return told(pool_printf(check->pool, "it is %s%s%s, not %s", verdict_name(report->verdict),
				test ? " on " : "", test ? test : "", set_words(check, set)));
}

static const char *fails_permitted(const struct check *check)
{
	verdict_set permitted = check->expectation->permitted;

	for (size_t i = 0; permitted && i < check->report->run_count; i++) {
		enum verdict verdict = check->report->runs[i].verdict;

		if (counts(check, i) && !(permitted & VERDICT_BIT(verdict)))
			return told(pool_printf(check->pool, "it is %s on %s, not %s", verdict_name(verdict),
						check->test_names[i], set_words(check, permitted)));
	}
	return NULL;
}

static const char *fails_required(const struct check *check)
{
	verdict_set required = check->expectation->required;
	const char *groups = check->expectation->groups;

	for (size_t i = 0; i < check->report->run_count; i++)
		if (counts(check, i) && (required & VERDICT_BIT(check->report->runs[i].verdict)))
			return NULL;
	return required == 0
		       ? NULL
		       : told(pool_printf(check->pool, "it is %s on no test%s%s", set_words(check, required),
					  groups ? " of " : "", groups ? groups : ""));
}

/* Scores are sums of what people wrote in decimal. */
static bool is_within(const struct expectation *expectation, double score)
{
	double size = fabs(score), slack = size > 1 ? 1e-9 * size : 1e-9;

	return score >= expectation->least - slack && score <= expectation->most + slack;
}

static const char *score_fails(const struct check *check, const char *group, double score)
{
	cleanup_buffer struct buffer out = { 0 };

	if (is_within(check->expectation, score))
		return NULL;
	buffer_printf(&out, "%s%sit has %.10g points, not ", group ? group : "", group ? ": " : "", score);
	put_score(&out, check->expectation);
	return out.failed ? out_of_memory : told(pool_strdup(check->pool, buffer_text(&out)));
}

static const char *fails_score(const struct check *check)
{
	const struct report *report = check->report;
	const char *groups = check->expectation->groups, *fails = NULL;
	bool any = !groups && report->has_score;

	if (!check->expectation->has_score)
		return NULL;
	if (any)
		return score_fails(check, NULL, report->score);
	for (size_t i = 0; groups && i < report->group_count && !fails; i++) {
		const struct group_report *group = &report->groups[i];

		if (!package_glob_is(groups, group->name))
			continue;
		any = true;
		fails = score_fails(check, group->name, group->score);
	}
	return any ? fails : "it has no score";
}

static const char *fails_message(const struct check *check)
{
	const char *message = check->expectation->message;

	for (size_t i = 0; message && i < check->report->run_count; i++) {
		const struct run_report *run = &check->report->runs[i];

		if (counts(check, i) && run->judge_message &&
		    memmem(run->judge_message, run->judge_message_size, message, strlen(message)))
			return NULL;
	}
	return message ? told(pool_printf(check->pool, "no judge message holds \"%.60s\"", message)) : NULL;
}

const char *expectation_fails(const struct expectation *expectation, const struct report *report,
			      const char *const *test_names, struct pool *pool)
{
	static const char *(*const rules[])(const struct check *check) = {
		fails_at_all, fails_whole, fails_permitted, fails_required, fails_score, fails_message,
	};
	const struct check check = { expectation, report, test_names, pool };
	const char *fails = NULL;
	bool compiled = report->verdict != VERDICT_COMPILE_ERROR;

	for (size_t i = 0; i < sizeof rules / sizeof rules[0] && !fails && (compiled || i == 0); i++)
		fails = rules[i](&check);
	return fails;
}
