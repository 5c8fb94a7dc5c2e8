#include "told.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "dispatch_store.h"
#include "judged.h"
#include "problem_store.h"

enum { OUTPUT_BYTES_MAX = 1 << 20 };

/* ---- decoding ---- */

int told_parse(const char *body, size_t size, json_t **json, struct error *err)
{
	json_error_t fault;

	*json = json_loadb(body, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &fault);
	if (!*json)
		return error_set(err, -EINVAL, "line %d, column %d: %s", fault.line, fault.column,
				 fault.text);
	return 0;
}

/* A copy that a database takes: a NUL becomes U+FFFD, and what is beyond the limit is left out between two
 * characters. */
static const char *text_of(const json_t *json, size_t max, struct pool *pool)
{
	cleanup_buffer struct buffer text = { 0 };
	const char *bytes = json_string_value(json);
	size_t size = json_string_length(json);

	if (!bytes)
		return NULL;
	if (size > max)
		for (size = max; size > 0 && ((unsigned char)bytes[size] & 0xc0) == 0x80;)
			size--;
	for (size_t at = 0; at < size;) {
		size_t run = strnlen(bytes + at, size - at);

		buffer_append(&text, bytes + at, run);
		at += run;
		if (at < size) {
			buffer_puts(&text, "\xef\xbf\xbd");
			at++;
		}
	}
	return text.failed ? NULL : pool_memdup(pool, buffer_text(&text), text.size);
}

/* -1 where there is none. */
static int64_t number_of(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value) : -1;
}

/* The exact number, or what the text ("0.045s", "8.2MB") says. */
static int64_t measure_of(const json_t *json, const char *exact, int64_t exact_unit, const char *text,
			  double text_unit)
{
	int64_t number = number_of(json, exact);
	const char *words = json_string_value(json_object_get(json, text));
	char *end = NULL;

	if (number >= 0 && number <= INT64_MAX / exact_unit)
		return number * exact_unit;
	double measure = words ? strtod(words, &end) : -1;
	return measure >= 0 && end != words && measure < 1e9 ? (int64_t)(measure * text_unit) : -1;
}

/* Of one that does not name its verdict. */
static enum verdict verdict_of_state(enum submission_state state)
{
	switch (state) {
	case SUBMISSION_COMPLETED: return VERDICT_OK;
	case SUBMISSION_CANCELLED: return VERDICT_CANCELLED;
	default: return VERDICT_RUNTIME_ERROR;
	}
}

static int decode_state(const json_t *json, struct told *told, struct error *err)
{
	const char *status = json_string_value(json_object_get(json, "status"));
	const char *name = json_string_value(json_object_get(json, "verdict"));
	enum verdict verdict;

	if (!status)
		return error_set(err, -EINVAL, "status: is required");
	if (strcmp(status, "waiting") == 0)
		told->state = SUBMISSION_PENDING;
	else if (!submission_state_from_name(status, &told->state))
		return error_set(err, -EINVAL, "status: is none that we know");
	if (!submission_state_is_final(told->state))
		return 0;
	if (!name)
		verdict = verdict_of_state(told->state);
	else if (!verdict_from_name(name, &verdict))
		return error_set(err, -EINVAL, "verdict: is none that we know");
	told->verdict = verdict_name(verdict);
	told->report.verdict = verdict;
	return 0;
}

static int decode_test(const json_t *json, struct pool *pool, struct run_report *run, struct error *err)
{
	const char *name = json_string_value(json_object_get(json, "verdict"));

	*run = (struct run_report){ .exit_code = (int)number_of(json, "exit_code"),
				    .cpu_us = measure_of(json, "cpu_time_ms", 1000, "", 0),
				    .wall_us = measure_of(json, "wall_time_ms", 1000, "", 0),
				    .memory_bytes = number_of(json, "memory_bytes"),
				    .processes_peak = -1,
				    .outcome = "exited",
				    .error_output = "",
				    .message = text_of(json_object_get(json, "error"), JUDGED_TEXT_BYTES,
						       pool) };
	if (!name || !verdict_from_name(name, &run->verdict))
		return error_set(err, -EINVAL, "test_results: a verdict is none that we know");
	run->output = text_of(json_object_get(json, "output"), JUDGED_TEXT_BYTES + 1, pool);
	run->output = run->output ? run->output : "";
	run->output_size = strlen(run->output);
	run->team_message = text_of(json_object_get(json, "team_message"), JUDGED_TEXT_BYTES, pool);
	run->team_message_size = run->team_message ? strlen(run->team_message) : 0;
	run->borderline = json_is_true(json_object_get(json, "borderline"));
	return 0;
}

static double real_of(const json_t *json, const char *name, bool *has)
{
	const json_t *value = json_object_get(json, name);

	*has = json_is_number(value);
	return json_number_value(value);
}

/* What the rules of its package made of it. */
static int decode_scores(const json_t *json, struct pool *pool, struct report *report, struct error *err)
{
	const json_t *list = json_object_get(json, "groups"), *group;
	size_t i;

	report->score = real_of(json, "score", &report->has_score);
	report->max_score = real_of(json, "max_score", &report->has_max_score);
	if (json_array_size(list) == 0)
		return 0;
	report->groups = pool_array(pool, json_array_size(list), sizeof *report->groups);
	if (!report->groups)
		return error_set(err, -ENOMEM, "out of memory");
	json_array_foreach(list, i, group)
	{
		struct group_report *made = &report->groups[report->group_count++];
		const char *verdict = json_string_value(json_object_get(group, "verdict"));
		bool scored;

		made->name = text_of(json_object_get(group, "name"), 255, pool);
		made->score = real_of(group, "score", &scored);
		made->max_score = real_of(group, "max_score", &made->has_max_score);
		if (!made->name || !verdict || !verdict_from_name(verdict, &made->verdict))
			return error_set(err, -EINVAL, "groups: one has no name or verdict that we know");
	}
	return 0;
}

static int decode_tests(const json_t *json, struct pool *pool, struct told *told, struct error *err)
{
	const json_t *list = json_object_get(json, "test_results");
	struct report *report = &told->report;

	report->compile_output = text_of(json_object_get(json, "compile_output"), OUTPUT_BYTES_MAX, pool);
	report->compile_output = report->compile_output ? report->compile_output : "";
	report->compile_output_size = strlen(report->compile_output);
	report->compile = report->verdict == VERDICT_COMPILE_ERROR ? COMPILE_ERROR : COMPILE_NONE;
	report->message = report->compile_output_size > 0 ? NULL : told->error_output;
	told->has_tests = json_is_array(list);
	report->runs = pool_array(pool, json_array_size(list) + 1, sizeof *report->runs);
	if (!report->runs)
		return error_set(err, -ENOMEM, "out of memory");
	for (; report->run_count < json_array_size(list); report->run_count++) {
		int code = decode_test(json_array_get(list, report->run_count), pool,
				       &report->runs[report->run_count], err);

		if (code < 0)
			return code;
	}
	return decode_scores(json, pool, report, err);
}

int told_decode(const json_t *json, struct pool *pool, struct told *told, struct error *err)
{
	const json_t *external = json_object_get(json, "external_id");
	const json_t *id = json_object_get(json, "submission_id");

	*told = (struct told){ 0 };
	if (!json_is_object(json))
		return error_set(err, -EINVAL, "must be an object");
	if (external && !json_is_string(external) && !json_is_null(external))
		return error_set(err, -EINVAL, "external_id: must be a text");
	id = id ? id : json_object_get(json, "id");
	if (id && !json_is_integer(id))
		return error_set(err, -EINVAL, "submission_id: must be an integer");
	told->remote_id = json_integer_value(id);
	told->external_id = text_of(external, 255, pool);
	told->output = text_of(json_object_get(json, "output"), OUTPUT_BYTES_MAX, pool);
	told->error_output = text_of(json_object_get(json, "error_output"), OUTPUT_BYTES_MAX, pool);
	told->execution_us = measure_of(json, "wall_time_ms", 1000, "execution_time", 1e6);
	told->cpu_us = measure_of(json, "cpu_time_ms", 1000, "", 0);
	told->memory_bytes = measure_of(json, "memory_bytes", 1, "memory_usage", 1 << 20);
	int code = decode_state(json, told, err);
	return code < 0 ? code : decode_tests(json, pool, told, err);
}

/* ---- applying ---- */

/* Where the problem has other cases by now than those that were judged, nothing is shown of any. */
static struct judged_case *cases_of(const struct problem *problem, size_t count, struct pool *pool)
{
	struct judged_case *cases = pool_array(pool, count + 1, sizeof *cases);

	for (size_t i = 0; cases && i < count; i++) {
		const struct problem_case *its = problem->cases_loaded == count ? &problem->cases[i] : NULL;

		cases[i] = (struct judged_case){ { "", 0 }, { "", 0 }, true };
		if (its && !its->hidden)
			cases[i] =
				(struct judged_case){ { its->input, strlen(its->input) },
						      { its->expected_output, strlen(its->expected_output) },
						      false };
	}
	return cases;
}

static int judge(struct db_tx *tx, struct pool *pool, const struct submission *submission,
		 const struct told *told, int64_t now_ms, struct submission *end, struct error *err)
{
	struct problem problem = { 0 };
	int code = problem_load_any(tx, pool, submission->problem_id, PROBLEM_ALL_CASES, &problem, err);

	if (code < 0)
		return code;
	bool by_package = problem.package.version > 0;
	size_t count =
		told->report.run_count > 0 && !(by_package && told->report.run_count < problem.cases_loaded)
			? told->report.run_count
			: problem.cases_loaded;
	struct judged_case *cases = cases_of(&problem, count, pool);
	if (!cases ||
	    !judged_end(&told->report, by_package ? BY_PACKAGE : BY_CASES, cases, count, now_ms, pool, end))
		return error_set(err, -ENOMEM, "out of memory");
	end->package_version = problem.package.version;
	return 0;
}

static void plain_end(const struct submission *submission, const struct told *told, int64_t now_ms,
		      struct submission *end)
{
	*end = (struct submission){ .state = told->state,
				    .verdict = told->verdict,
				    .output = told->output,
				    .error_output = told->error_output,
				    .execution_us = told->execution_us,
				    .cpu_us = told->cpu_us,
				    .memory_bytes = told->memory_bytes,
				    .score = -1,
				    .is_correct = -1,
				    .passed = -1,
				    .total = -1,
				    .completed_ms = now_ms };
	/* The service knows of the tests, and tells what came of them in one word. */
	if (submission->problem_id != 0 && told->report.verdict != VERDICT_JUDGE_ERROR &&
	    told->report.verdict != VERDICT_OK && told->report.verdict != VERDICT_CANCELLED) {
		end->is_correct = told->report.verdict == VERDICT_ACCEPTED;
		end->score = end->is_correct ? 10000 : 0;
		end->output = NULL; /* it may be of a hidden case */
		if (told->report.verdict != VERDICT_COMPILE_ERROR)
			end->error_output = NULL;
	}
}

int told_apply(struct db_tx *tx, struct pool *pool, const struct submission *submission,
	       const struct told *told, int64_t now_ms, struct error *err)
{
	struct submission end;
	int code = 0;

	if (!submission_state_is_final(told->state)) {
		if (told->state != SUBMISSION_RUNNING || submission->state != SUBMISSION_PENDING)
			return 0;
		code = submission_begin(tx, pool, submission->id, err);
		return code < 0 ? code : 1;
	}
	if (submission->problem_id != 0 && told->has_tests && told->state != SUBMISSION_CANCELLED)
		code = judge(tx, pool, submission, told, now_ms, &end, err);
	else
		plain_end(submission, told, now_ms, &end);
	if (code < 0)
		return code;
	int changed = submission_end(tx, pool, submission->id, &end, err);
	code = changed < 0 ? changed : dispatch_end(tx, submission->id, err);
	return code < 0 ? code : changed;
}
