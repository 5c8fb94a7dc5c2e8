#include "judged.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "model/outcome.h"

/* ---- decisions ---- */

size_t judged_passed(const struct report *report)
{
	size_t passed = 0;

	for (size_t i = 0; i < report->run_count; i++)
		passed += verdict_is_pass(report->runs[i].verdict);
	return passed;
}

enum verdict judged_verdict(const struct report *report, enum judged_by by, size_t total)
{
	size_t passed = judged_passed(report);

	switch (report->verdict) {
	case VERDICT_COMPILE_ERROR: return VERDICT_COMPILE_ERROR;
	case VERDICT_JUDGE_ERROR:
	case VERDICT_CANCELLED: return VERDICT_JUDGE_ERROR;
	default: break;
	}
	for (size_t i = 0; i < report->run_count; i++)
		if (report->runs[i].verdict == VERDICT_JUDGE_ERROR ||
		    report->runs[i].verdict == VERDICT_CANCELLED)
			return VERDICT_JUDGE_ERROR;
	if (by == BY_PACKAGE)
		return report->run_count > 0 ? report->verdict : VERDICT_JUDGE_ERROR;
	if (report->run_count != total || total == 0)
		return VERDICT_JUDGE_ERROR;
	if (passed > 0)
		return passed == total ? VERDICT_ACCEPTED : VERDICT_PARTIAL;
	return report->runs[0].verdict;
}

int64_t judged_score(size_t passed, size_t total)
{
	if (passed >= total)
		return total > 0 ? 10000 : 0;
	int64_t score = (int64_t)((passed * 20000 + total) / (2 * total));
	return score < 10000 ? score : 9999;
}

int64_t judged_package_score(const struct report *report)
{
	static const double most = 1e12;
	double share = report->score;

	if (!report->has_score)
		return report->verdict == VERDICT_ACCEPTED ? 10000 : 0;
	if (report->has_max_score && report->max_score > 0)
		share = 100 * report->score / report->max_score;
	if (!(share > 0))
		return 0;
	int64_t score = share < most ? (int64_t)(share * 100 + 0.5) : (int64_t)most;
	bool whole = report->verdict == VERDICT_ACCEPTED || !report->has_max_score;
	return score < 10000 || whole ? score : 9999;
}

/* What went wrong where no test passed. */
static const char *const failures[VERDICT_COUNT] = {
	[VERDICT_WRONG_ANSWER] = "Wrong answer",
	[VERDICT_TIME_LIMIT_EXCEEDED] = "Time limit exceeded",
	[VERDICT_MEMORY_LIMIT_EXCEEDED] = "Memory limit exceeded",
	[VERDICT_OUTPUT_LIMIT_EXCEEDED] = "Output limit exceeded",
	[VERDICT_RUNTIME_ERROR] = "Runtime error",
};

static const char *cases_passed(struct pool *pool, int64_t passed, int64_t total)
{
	if (total == 1)
		return passed == 1 ? "The test case passed." : "The test case failed.";
	if (passed == total)
		return pool_printf(pool, "All %" PRId64 " test cases passed.", total);
	if (passed == 0)
		return pool_printf(pool, "None of the %" PRId64 " test cases passed.", total);
	return pool_printf(pool, "%" PRId64 " of %" PRId64 " test cases passed.", passed, total);
}

const char *judged_feedback(struct pool *pool, enum submission_state state, const char *verdict,
			    int64_t passed, int64_t total)
{
	enum verdict known;
	const char *text;

	if (!submission_state_is_final(state))
		return state == SUBMISSION_RUNNING ? "Being judged." : "Waiting to be judged.";
	if (!verdict || !verdict_from_name(verdict, &known) || known == VERDICT_JUDGE_ERROR)
		return "It could not be judged, which is not the program's fault.";
	if (known == VERDICT_COMPILE_ERROR)
		return "The program does not compile.";
	if (known == VERDICT_OK || known == VERDICT_CANCELLED || total < 0)
		return known == VERDICT_CANCELLED ? "Cancelled." : "The program ran.";
	text = cases_passed(pool, passed, total);
	return failures[known] && text ? pool_printf(pool, "%s. %s", failures[known], text) : text;
}

/* ---- values ---- */

json_t *json_runtime(int64_t us)
{
	return us >= 0 ? json_integer((us + 500) / 1000) : json_null();
}

json_t *json_memory(int64_t bytes)
{
	return bytes >= 0 ? json_real((double)((bytes * 10 + (1 << 19)) >> 20) / 10) : json_null();
}

static json_t *cut_text(const char *bytes, size_t size, size_t max, bool *cut)
{
	*cut = *cut || size > max;
	return json_text(bytes, size > max ? max : size);
}

/* A byte more than is shown tells that there was more. */
bool judged_keep_text(struct pool *pool, const char *whole, struct text *text)
{
	size_t size = strnlen(whole, JUDGED_TEXT_BYTES + 1);
	const char *copy = pool_memdup(pool, whole, size);

	if (copy)
		*text = (struct text){ copy, size };
	return copy != NULL;
}

/* ---- results ---- */

static const char *status_of(enum verdict verdict)
{
	if (verdict_is_pass(verdict))
		return "success";
	if (verdict == VERDICT_SKIPPED)
		return "skipped";
	return verdict == VERDICT_WRONG_ANSWER ? "failed" : "error";
}

/* A hidden case's sentences are about limits alone. */
static json_t *hidden_error(const struct run_report *run)
{
	switch (run->verdict) {
	case VERDICT_RUNTIME_ERROR: return json_string("Runtime error");
	case VERDICT_TIME_LIMIT_EXCEEDED:
	case VERDICT_MEMORY_LIMIT_EXCEEDED:
	case VERDICT_OUTPUT_LIMIT_EXCEEDED: return json_string(failures[run->verdict]);
	case VERDICT_JUDGE_ERROR:
	case VERDICT_CANCELLED: return json_string("The judge failed");
	default: return json_null();
	}
}

static json_t *shown_error(const struct run_report *run, struct pool *pool, size_t text_max, bool *cut)
{
	size_t size;
	const char *error = outcome_run_error(run, pool, &size);

	*cut = *cut || (error && run->error_cut);
	return error ? cut_text(error, size, text_max, cut) : json_null();
}

/* The compiler has seen no case: what it says is everybody's. */
static json_t *missing_error(const struct report *report, enum verdict verdict, size_t text_max, bool *cut)
{
	if (verdict == VERDICT_SKIPPED)
		return json_null();
	if (verdict == VERDICT_JUDGE_ERROR)
		return json_string("The judge failed");
	if (report->compile_output_size == 0)
		return json_string(report->message ? report->message : "The program does not compile");
	return cut_text(report->compile_output, report->compile_output_size, text_max, cut);
}

/* Of a test that was not run. */
static enum verdict verdict_unrun(const struct report *report)
{
	if (report->verdict == VERDICT_COMPILE_ERROR || report->verdict == VERDICT_JUDGE_ERROR)
		return report->verdict;
	return report->run_count > 0 ? VERDICT_SKIPPED : VERDICT_JUDGE_ERROR;
}

static json_t *one_result(const struct report *report, const struct judged_case *its, size_t index,
			  size_t text_max, struct pool *pool)
{
	const struct run_report *run = index < report->run_count ? &report->runs[index] : NULL;
	enum verdict verdict = run ? run->verdict : verdict_unrun(report);
	bool cut = false, shows = !its->hidden;
	json_t *error = !run    ? missing_error(report, verdict, text_max, &cut)
			: shows ? shown_error(run, pool, text_max, &cut)
				: hidden_error(run);
	json_t *output = shows && run ? cut_text(run->output, run->output_size, text_max, &cut) : json_null();
	json_t *input = shows ? cut_text(its->input.bytes, its->input.size, text_max, &cut) : json_null();
	json_t *expected =
		shows ? cut_text(its->expected_output.bytes, its->expected_output.size, text_max, &cut)
		      : json_null();

	json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:b, s:b}", "status",
				 status_of(verdict), "verdict", verdict_name(verdict), "output", output,
				 "error", error, "runtime", json_runtime(run ? run->wall_us : -1), "memory",
				 json_memory(run ? run->memory_bytes : -1), "input", input, "expectedOutput",
				 expected, "isHidden", its->hidden, "testCaseNumber", (json_int_t)index + 1,
				 "passed", verdict_is_pass(verdict), "truncated",
				 cut || (shows && run && run->output_cut));
	if (json && shows && run && run->team_message)
		json_object_set_new(json, "feedback",
				    cut_text(run->team_message, run->team_message_size, text_max, &cut));
	if (json && run && run->borderline)
		json_object_set_new(json, "borderline", json_true());
	return json;
}

json_t *judged_results(const struct report *report, const struct judged_case *cases, size_t count,
		       size_t text_max)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *list = json_array();

	for (size_t i = 0; pool && list && i < count; i++)
		if (json_array_append_new(list, one_result(report, &cases[i], i, text_max, pool)) < 0)
			return NULL;
	return pool ? json_incref(list) : NULL;
}

/* ---- a submission's end ---- */

/* Text that a database takes: without NUL, and UTF-8. */
static const char *column_text(struct pool *pool, const char *bytes, size_t size)
{
	cleanup_json json_t *text =
		json_text(bytes, size > JUDGED_RUN_TEXT_BYTES ? JUDGED_RUN_TEXT_BYTES : size);

	return text ? pool_strdup(pool, json_string_value(text)) : NULL;
}

static const char *stored(const json_t *json, struct pool *pool)
{
	cleanup_buffer struct buffer text = { 0 };

	return json && json_write(json, &text) == 0 ? pool_memdup(pool, text.data, text.size) : NULL;
}

static json_t *group_json(const struct group_report *group, bool has_scores)
{
	json_t *json = json_pack("{s:o, s:s}", "name", json_text(group->name, strlen(group->name)), "verdict",
				 verdict_name(group->verdict));

	if (has_scores)
		json_object_set_new(json, "score", json_real(group->score));
	if (has_scores && group->has_max_score)
		json_object_set_new(json, "maxScore", json_real(group->max_score));
	return json;
}

/* {"points", "maxPoints", "groups"}, as far as there are some; *text NULL when there are none. */
static bool store_scores(const struct report *report, struct pool *pool, const char **text)
{
	cleanup_json json_t *json = json_object();
	json_t *groups = report->groups ? json_array() : NULL;

	*text = NULL;
	for (size_t i = 0; i < report->group_count && groups; i++)
		json_array_append_new(groups, group_json(&report->groups[i], report->has_score));
	if (groups)
		json_object_set_new(json, "groups", groups);
	if (report->has_score)
		json_object_set_new(json, "points", json_real(report->score));
	if (report->has_score && report->has_max_score)
		json_object_set_new(json, "maxPoints", json_real(report->max_score));
	if (json_object_size(json) > 0)
		*text = stored(json, pool);
	return json_object_size(json) == 0 || *text;
}

bool judged_end(const struct report *report, enum judged_by by, const struct judged_case *cases, size_t count,
		int64_t now_ms, struct pool *pool, struct submission *end)
{
	enum verdict verdict = judged_verdict(report, by, count);
	cleanup_json json_t *results = judged_results(report, cases, count, JUDGED_TEXT_BYTES);
	size_t passed = judged_passed(report);
	struct outcome outcome;

	if (verdict == VERDICT_JUDGE_ERROR) {
		judged_fail((int64_t)count, now_ms, end);
		return true;
	}
	outcome_of(report, pool, &outcome);
	*end = (struct submission){
		.state = verdict == VERDICT_COMPILE_ERROR ? SUBMISSION_ERROR : SUBMISSION_COMPLETED,
		.verdict = verdict_name(verdict),
		.error_output = verdict == VERDICT_COMPILE_ERROR && outcome.error
					? column_text(pool, outcome.error, outcome.error_size)
					: NULL,
		.execution_us = outcome.slowest ? outcome.slowest->wall_us : -1,
		.cpu_us = outcome.cpu_us,
		.memory_bytes = outcome.memory_bytes,
		.score = by == BY_PACKAGE ? judged_package_score(report) : judged_score(passed, count),
		.is_correct = verdict == VERDICT_ACCEPTED,
		.passed = (int64_t)passed,
		.total = (int64_t)count,
		.completed_ms = now_ms,
	};
	end->results = stored(results, pool);
	return end->results && (by == BY_CASES || store_scores(report, pool, &end->scores));
}

/* No score, and so none in a contest either. */
void judged_fail(int64_t total, int64_t now_ms, struct submission *end)
{
	*end = (struct submission){ .state = SUBMISSION_ERROR,
				    .verdict = verdict_name(VERDICT_JUDGE_ERROR),
				    .execution_us = -1,
				    .cpu_us = -1,
				    .memory_bytes = -1,
				    .score = -1,
				    .is_correct = -1,
				    .passed = 0,
				    .total = total,
				    .results = "[]",
				    .completed_ms = now_ms };
}
