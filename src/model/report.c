/* The report's JSON form:
 *
 *     {"verdict": "accepted", "message": null,
 *      "compile": {"status": "ok", "output": "", "time_us": 412000, "cached": false},
 *      "runs": [{"verdict": "accepted", "outcome": "exited", "exit_code": 0, "signal": 0, "cpu_us": 900,
 *                "wall_us": 1100, "memory_bytes": 327680, "processes_peak": 1, "output": "3\n",
 *                "error_output": "", "output_cut": false, "error_cut": false, "message": null}]}
 *
 * and in a run, where a checker gave them, "judge_message", "team_message", "score" and "multiplier", and "borderline":
 * true where it was run twice; where the task has groups "score", "max_score", "warning" and "groups": [{"name", "verdict", "score", "max_score"}]. */
#include "model/report.h"

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/task.h"
#include "wire.h"

static const char *const compile_names[] = {
	[COMPILE_NONE] = "none",
	[COMPILE_OK] = "ok",
	[COMPILE_ERROR] = "error",
	[COMPILE_TIME_LIMIT] = "time_limit",
	[COMPILE_MEMORY_LIMIT] = "memory_limit",
};

enum { COMPILE_STATUSES = sizeof compile_names / sizeof compile_names[0] };

const char *compile_status_name(enum compile_status status)
{
	size_t index = (size_t)status;
	return index < COMPILE_STATUSES ? compile_names[index] : compile_names[COMPILE_ERROR];
}

/* ---- encoding ---- */

static json_t *text_or_null(const char *text)
{
	return text ? json_text(text, strlen(text)) : json_null();
}

static json_t *compile_json(const struct report *report)
{
	json_t *json = json_object();
	bool ok = wire_put(json, "status", json_string(compile_status_name(report->compile))) &&
		  wire_put_bytes(json, "output", report->compile_output, report->compile_output_size) &&
		  wire_put(json, "time_us", json_integer(report->compile_us)) &&
		  wire_put(json, "cached", json_boolean(report->compile_cached));

	return wire_whole(json, ok);
}

static bool put_words(json_t *json, const char *name, const char *bytes, size_t size)
{
	return !bytes || wire_put_bytes(json, name, bytes, size);
}

static bool put_checked(json_t *json, const struct run_report *run)
{
	return put_words(json, "judge_message", run->judge_message, run->judge_message_size) &&
	       put_words(json, "team_message", run->team_message, run->team_message_size) &&
	       (!run->borderline || wire_put(json, "borderline", json_true())) &&
	       (!run->has_score || wire_put(json, "score", json_real(run->score))) &&
	       (!run->has_multiplier || wire_put(json, "multiplier", json_real(run->multiplier)));
}

static json_t *run_json(const struct run_report *run)
{
	json_t *json = json_object();
	bool ok = wire_put(json, "verdict", json_string(verdict_name(run->verdict))) &&
		  wire_put(json, "outcome", json_string(run->outcome)) &&
		  wire_put(json, "exit_code", json_integer(run->exit_code)) &&
		  wire_put(json, "signal", json_integer(run->signal)) &&
		  wire_put(json, "cpu_us", json_integer(run->cpu_us)) &&
		  wire_put(json, "wall_us", json_integer(run->wall_us)) &&
		  wire_put(json, "memory_bytes", json_integer(run->memory_bytes)) &&
		  wire_put(json, "processes_peak", json_integer(run->processes_peak)) &&
		  wire_put_bytes(json, "output", run->output, run->output_size) &&
		  wire_put_bytes(json, "error_output", run->error_output, run->error_size) &&
		  wire_put(json, "output_cut", json_boolean(run->output_cut)) &&
		  wire_put(json, "error_cut", json_boolean(run->error_cut)) &&
		  wire_put(json, "message", text_or_null(run->message)) && put_checked(json, run);

	return wire_whole(json, ok);
}

static json_t *runs_json(const struct report *report)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < report->run_count && ok; i++)
		ok = json_array_append_new(list, run_json(&report->runs[i])) == 0;
	return wire_whole(list, ok);
}

static json_t *groups_json(const struct report *report)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < report->group_count && ok; i++) {
		const struct group_report *group = &report->groups[i];
		json_t *json = json_object();

		ok = wire_put(json, "name", json_string(group->name)) &&
		     wire_put(json, "verdict", json_string(verdict_name(group->verdict))) &&
		     wire_put(json, "score", json_real(group->score)) &&
		     (!group->has_max_score || wire_put(json, "max_score", json_real(group->max_score)));
		ok = json_array_append_new(list, wire_whole(json, ok)) == 0 && ok;
	}
	return wire_whole(list, ok);
}

static bool put_scores(json_t *json, const struct report *report)
{
	return (!report->has_score || wire_put(json, "score", json_real(report->score))) &&
	       (!report->has_max_score || wire_put(json, "max_score", json_real(report->max_score))) &&
	       (!report->warning || wire_put(json, "warning", text_or_null(report->warning))) &&
	       (!report->groups || wire_put(json, "groups", groups_json(report)));
}

int report_encode(const struct report *report, json_t **json, struct error *err)
{
	cleanup_json json_t *object = json_object();

	if (!wire_put(object, "verdict", json_string(verdict_name(report->verdict))) ||
	    !wire_put(object, "message", text_or_null(report->message)) ||
	    !wire_put(object, "compile", compile_json(report)) ||
	    !put_words(object, "checker_output", report->checker_output, report->checker_output_size) ||
	    !wire_put(object, "runs", runs_json(report)) || !put_scores(object, report))
		return error_set(err, -ENOMEM, "encode a report: out of memory");
	*json = take_pointer(&object);
	return 0;
}

/* ---- decoding ---- */

static enum verdict decode_verdict(struct json_reader *reader)
{
	enum verdict verdict = VERDICT_JUDGE_ERROR;
	const char *name = json_need_text(reader, "verdict", NULL);

	if (!reader->failed && !verdict_from_name(name, &verdict))
		wire_fail(reader, "verdict", "is no verdict");
	return verdict;
}

static enum compile_status decode_status(struct json_reader *reader)
{
	const char *name = json_need_text(reader, "status", NULL);

	if (reader->failed)
		return COMPILE_ERROR;
	for (size_t i = 0; i < COMPILE_STATUSES; i++)
		if (strcmp(name, compile_names[i]) == 0)
			return (enum compile_status)i;
	wire_fail(reader, "status", "is no compile status");
	return COMPILE_ERROR;
}

static void decode_compile(struct json_reader *parent, struct pool *pool, struct report *report)
{
	const json_t *object = json_get_object(parent, "compile");
	struct json_reader reader;

	if (parent->failed)
		return;
	if (!object) {
		wire_fail(parent, "compile", "is required");
		return;
	}
	json_reader_open(&reader, object, "compile", parent->err);
	report->compile = decode_status(&reader);
	report->compile_output = wire_need_bytes(&reader, "output", pool, &report->compile_output_size);
	report->compile_us = json_need_int(&reader, "time_us", 0, INT64_MAX);
	report->compile_cached = json_get_bool(&reader, "cached", false);
	parent->failed = json_reader_done(&reader);
}

static const char *get_words(struct json_reader *reader, const char *name, struct pool *pool, size_t *size)
{
	return json_object_get(reader->object, name) ? wire_need_bytes(reader, name, pool, size) : NULL;
}

static void decode_checked(struct json_reader *reader, struct pool *pool, struct run_report *run)
{
	run->judge_message = get_words(reader, "judge_message", pool, &run->judge_message_size);
	run->team_message = get_words(reader, "team_message", pool, &run->team_message_size);
	run->borderline = json_get_bool(reader, "borderline", false);
	run->has_score = wire_get_number(reader, "score", &run->score);
	run->has_multiplier = wire_get_number(reader, "multiplier", &run->multiplier);
}

static void decode_run(struct json_reader *reader, struct pool *pool, struct run_report *run)
{
	run->verdict = decode_verdict(reader);
	run->outcome = wire_need_text(reader, "outcome", pool);
	run->exit_code = (int)json_need_int(reader, "exit_code", -1, 255);
	run->signal = (int)json_need_int(reader, "signal", 0, 128);
	run->cpu_us = json_need_int(reader, "cpu_us", -1, INT64_MAX);
	run->wall_us = json_need_int(reader, "wall_us", -1, INT64_MAX);
	run->memory_bytes = json_need_int(reader, "memory_bytes", -1, INT64_MAX);
	run->processes_peak = json_need_int(reader, "processes_peak", -1, INT64_MAX);
	run->output = wire_need_bytes(reader, "output", pool, &run->output_size);
	run->error_output = wire_need_bytes(reader, "error_output", pool, &run->error_size);
	run->output_cut = json_get_bool(reader, "output_cut", false);
	run->error_cut = json_get_bool(reader, "error_cut", false);
	run->message = wire_get_text(reader, "message", pool);
	decode_checked(reader, pool, run);
}

static void decode_runs(struct json_reader *parent, struct pool *pool, struct report *report)
{
	const json_t *list;

	report->runs = wire_need_list(parent, "runs", 0, TASK_TESTS_MAX, pool, sizeof *report->runs, &list,
				      &report->run_count);
	for (size_t i = 0; i < report->run_count && !parent->failed; i++) {
		struct json_reader reader;

		wire_open_element(&reader, list, "runs", i, pool, parent->err);
		decode_run(&reader, pool, &report->runs[i]);
		parent->failed = json_reader_done(&reader);
	}
}

static void decode_groups(struct json_reader *parent, struct pool *pool, struct report *report)
{
	const json_t *list;

	if (parent->failed || !json_object_get(parent->object, "groups"))
		return;
	report->groups = wire_need_list(parent, "groups", 0, TASK_TESTS_MAX, pool, sizeof *report->groups,
					&list, &report->group_count);
	for (size_t i = 0; i < report->group_count && !parent->failed; i++) {
		struct group_report *group = &report->groups[i];
		struct json_reader reader;

		wire_open_element(&reader, list, "groups", i, pool, parent->err);
		group->name = wire_need_text(&reader, "name", pool);
		group->verdict = decode_verdict(&reader);
		wire_get_number(&reader, "score", &group->score);
		group->has_max_score = wire_get_number(&reader, "max_score", &group->max_score);
		parent->failed = json_reader_done(&reader);
	}
}

int report_decode(const json_t *json, struct pool *pool, struct report *report, struct error *err)
{
	struct report decoded = { 0 };
	struct json_reader reader;

	json_reader_open(&reader, json, "", err);
	decoded.verdict = decode_verdict(&reader);
	decoded.message = wire_get_text(&reader, "message", pool);
	decode_compile(&reader, pool, &decoded);
	decoded.checker_output = get_words(&reader, "checker_output", pool, &decoded.checker_output_size);
	decode_runs(&reader, pool, &decoded);
	decoded.has_score = wire_get_number(&reader, "score", &decoded.score);
	decoded.has_max_score = wire_get_number(&reader, "max_score", &decoded.max_score);
	decoded.warning = wire_get_text(&reader, "warning", pool);
	decode_groups(&reader, pool, &decoded);
	if (json_reader_done(&reader) < 0)
		return reader.failed ? reader.failed : -EINVAL;
	*report = decoded;
	return 0;
}

const struct run_report *report_slowest(const struct report *report)
{
	const struct run_report *slowest = NULL;

	for (size_t i = 0; i < report->run_count; i++)
		if (!slowest || report->runs[i].wall_us > slowest->wall_us)
			slowest = &report->runs[i];
	return slowest;
}
