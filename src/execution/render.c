#include "render.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "model/message.h"
#include "model/outcome.h"

/* A submission with what its texts hold, decoded. */
struct view {
	const struct submission *submission;
	struct pool *pool;
	size_t text_max; /* longer texts are cut */
	bool has_report;
	struct report report;
	struct outcome outcome;
	struct task task; /* of judged ones, when asked for */
	bool hides;       /* the outcome's run is of a hidden test */
};

/* ---- decoding what is stored ---- */

static int view_report(struct view *view, struct error *err)
{
	const struct submission *s = view->submission;
	cleanup_json json_t *json = NULL;
	int code;

	if (!s->report)
		return 0;
	code = json_parse(s->report, s->report_size, &json, err);
	if (code == 0)
		code = report_decode(json, view->pool, &view->report, err);
	if (code < 0)
		return error_wrap(err, "stored report of submission %" PRId64, s->id);
	outcome_of(&view->report, view->pool, &view->outcome);
	view->has_report = true;
	return code;
}

static int view_task(struct view *view, struct error *err)
{
	const struct submission *s = view->submission;
	cleanup_json json_t *json = NULL;
	int code;

	code = json_parse(s->task, s->task_size, &json, err);
	if (code == 0)
		code = task_decode(json, view->pool, &view->task, err);
	if (code < 0)
		return error_wrap(err, "stored task of submission %" PRId64, s->id);
	return code;
}

/* A short look before a long one: most tasks hide nothing. */
static bool may_hide(const struct submission *s)
{
	static const char hidden[] = "\"hidden\"";

	return memmem(s->task, s->task_size, hidden, sizeof hidden - 1) != NULL;
}

/* The run that stands for all is of a hidden test: its output would tell what is in the test. */
static void hide_shown(struct view *view)
{
	struct outcome *o = &view->outcome;
	size_t index = o->shown ? (size_t)(o->shown - view->report.runs) : 0;

	if (!o->shown || index >= view->task.test_count || !view->task.tests[index].hidden)
		return;
	view->hides = true;
	o->error = o->shown->message;
	o->error_size = o->error ? strlen(o->error) : 0;
}

static int view_open(struct view *view, const struct submission *submission, bool with_task,
		     struct pool *pool, struct error *err)
{
	bool judged = submission->tests > 0;
	*view = (struct view){ .submission = submission, .pool = pool, .text_max = SIZE_MAX };
	int code = view_report(view, err);

	if (code == 0 && judged && (with_task || may_hide(submission)))
		code = view_task(view, err);
	if (code == 0 && view->has_report)
		hide_shown(view);
	return code;
}

/* ---- values ---- */

static void put(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value ? value : json_null());
}

static json_t *text_or_null(const char *text)
{
	return text ? json_text(text, strlen(text)) : json_null();
}

static json_t *time_or_null(int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	return wall_ms != 0 ? json_string(clock_format(wall_ms, text)) : json_null();
}

static json_t *int_or_null(int64_t number)
{
	return number >= 0 ? json_integer(number) : json_null();
}

static json_t *ms_of_us(int64_t us)
{
	return us >= 0 ? json_integer((us + 500) / 1000) : json_null();
}

static json_t *mb_of_bytes(int64_t bytes)
{
	return bytes >= 0 ? json_real((double)((bytes * 10 + (1 << 19)) >> 20) / 10) : json_null();
}

static json_t *signal_or_null(int signal)
{
	char name[SIGNAL_NAME_BYTES];

	return signal != 0 ? json_string(signal_name(signal, name)) : json_null();
}

/* Bytes of a program, cut to what this view shows; *cut says so. */
static json_t *bytes_or_null(const struct view *view, const char *bytes, size_t size, bool *cut)
{
	if (!bytes)
		return json_null();
	*cut = *cut || size > view->text_max;
	return json_text(bytes, size > view->text_max ? view->text_max : size);
}

/* ---- /api/v1 ---- */

static json_t *user_json(const struct submission *s)
{
	switch (s->user_kind) {
	case USER_INT: return json_integer(strtoll(s->user_id, NULL, 10));
	case USER_TEXT: return text_or_null(s->user_id);
	case USER_NONE: break;
	}
	return json_null();
}

static void put_request(json_t *json, const struct view *view)
{
	const struct submission *s = view->submission;
	bool input_cut = false, code_cut = false;

	put(json, "id", json_integer(s->id));
	put(json, "job_id", text_or_null(s->job));
	put(json, "external_id", text_or_null(s->external_id));
	put(json, "contest_id", s->has_contest ? json_integer(s->contest_id) : json_null());
	put(json, "user_id", user_json(s));
	put(json, "code", bytes_or_null(view, s->code, s->code_size, &code_cut));
	put(json, "language", text_or_null(s->language));
	put(json, "input_data", bytes_or_null(view, s->input_data, s->input_size, &input_cut));
	put(json, "input_truncated", json_boolean(input_cut || code_cut));
}

static void put_progress(json_t *json, const struct submission *s)
{
	put(json, "status", json_string(submission_state_name(s->state)));
	put(json, "created_at", time_or_null(s->created_ms));
	put(json, "executed_at", time_or_null(s->executed_ms));
	put(json, "completed_at", time_or_null(s->completed_ms));
	put(json, "webhook_sent", json_boolean(s->webhook_sent));
	put(json, "webhook_response", text_or_null(s->webhook_response));
	put(json, "verdict", text_or_null(s->verdict));
	put(json, "attempts", json_integer(s->attempts));
}

static json_t *seconds_text(const struct run_report *run)
{
	return run && run->wall_us >= 0 ? json_sprintf("%.3fs", (double)run->wall_us / 1e6) : json_null();
}

static json_t *megabytes_text(int64_t bytes)
{
	return bytes >= 0 ? json_sprintf("%.1fMB", (double)bytes / (1 << 20)) : json_null();
}

static void put_outcome(json_t *json, const struct view *view)
{
	const struct outcome *o = &view->outcome;
	const struct run_report *run = o->shown;
	bool output_cut = run && run->output_cut, error_cut = run && run->error_cut, compile_cut = false;
	bool compiled = view->has_report && view->report.compile != COMPILE_NONE, shows = run && !view->hides;

	put(json, "output",
	    bytes_or_null(view, shows ? run->output : NULL, shows ? run->output_size : 0, &output_cut));
	put(json, "error_output", bytes_or_null(view, o->error, o->error_size, &error_cut));
	put(json, "stderr",
	    bytes_or_null(view, shows ? run->error_output : NULL, shows ? run->error_size : 0, &error_cut));
	put(json, "output_truncated", json_boolean(output_cut));
	put(json, "error_truncated", json_boolean(error_cut));
	put(json, "compile_output",
	    bytes_or_null(view, compiled ? view->report.compile_output : NULL,
			  view->report.compile_output_size, &compile_cut));
	put(json, "exit_code", run ? int_or_null(run->exit_code) : json_null());
	put(json, "signal", signal_or_null(run ? run->signal : 0));
	put(json, "execution_time", seconds_text(o->slowest));
	put(json, "memory_usage", view->has_report ? megabytes_text(o->memory_bytes) : json_null());
	put(json, "cpu_time_ms", view->has_report ? ms_of_us(o->cpu_us) : json_null());
	put(json, "wall_time_ms", o->slowest ? ms_of_us(o->slowest->wall_us) : json_null());
	put(json, "memory_bytes", view->has_report ? int_or_null(o->memory_bytes) : json_null());
}

/* ---- tests ---- */

enum spelling { SPELLING_V1, SPELLING_QUEUE };

static json_t *data_json(const char *bytes, size_t size, const char *blob)
{
	return blob ? json_pack("{s:s}", "sha256", blob) : json_text(bytes, size);
}

/* What a checker said, which may be all that is in the test; a score tells nothing of that. */
static void put_words(json_t *json, bool queue, const struct run_report *run, bool shows)
{
	if (shows && run->judge_message)
		put(json, queue ? "judgeMessage" : "judge_message",
		    json_text(run->judge_message, run->judge_message_size));
	if (shows && run->team_message)
		put(json, queue ? "teamMessage" : "team_message",
		    json_text(run->team_message, run->team_message_size));
	if (run->has_score)
		put(json, "score", json_real(run->score));
	if (run->borderline)
		put(json, "borderline", json_true());
}

/* What a hidden test does not show. */
static void put_test_data(json_t *json, const struct run_report *run, const struct task_test *test,
			  const struct view *view, bool queue)
{
	size_t error_size;
	const char *error = outcome_run_error(run, view->pool, &error_size);
	bool shows = !test->hidden;

	put(json, "input", shows ? data_json(test->input, test->input_size, test->input_blob) : json_null());
	put(json, queue ? "expectedOutput" : "expected_output",
	    shows && test->compare ? data_json(test->answer, test->answer_size, test->answer_blob)
				   : json_null());
	put(json, queue ? "actualOutput" : "output",
	    shows ? json_text(run->output, run->output_size) : json_null());
	put_words(json, queue, run, shows);
	put(json, "error",
	    shows ? (error ? json_text(error, error_size) : json_null()) : text_or_null(run->message));
}

static json_t *test_result(const struct view *view, size_t index, enum spelling spelling)
{
	const struct run_report *run = &view->report.runs[index];
	const struct task_test *test = &view->task.tests[index];
	bool queue = spelling == SPELLING_QUEUE;
	json_t *json = json_object();

	put(json, "index", json_integer((json_int_t)index + 1));
	put(json, "verdict", json_string(verdict_name(run->verdict)));
	put(json, "passed", json_boolean(verdict_is_pass(run->verdict)));
	put_test_data(json, run, test, view, queue);
	put(json, "output_truncated", json_boolean(run->output_cut));
	put(json, "cpu_time_ms", ms_of_us(run->cpu_us));
	put(json, "wall_time_ms", ms_of_us(run->wall_us));
	put(json, "memory_bytes", int_or_null(run->memory_bytes));
	put(json, "exit_code", int_or_null(run->exit_code));
	put(json, "signal", signal_or_null(run->signal));
	if (test->group)
		put(json, "group", text_or_null(test->group));
	if (test->hidden)
		put(json, "hidden", json_true());
	if (queue) {
		put(json, "runtime", ms_of_us(run->wall_us));
		put(json, "memory", mb_of_bytes(run->memory_bytes));
	}
	return json;
}

static json_t *group_result(const struct group_report *group, bool scores, bool queue)
{
	json_t *json = json_object();

	put(json, "name", text_or_null(group->name));
	put(json, "verdict", json_string(verdict_name(group->verdict)));
	if (scores)
		put(json, "score", json_real(group->score));
	if (scores && group->has_max_score)
		put(json, queue ? "maxScore" : "max_score", json_real(group->max_score));
	return json;
}

static void put_scores(json_t *json, const struct view *view, enum spelling spelling)
{
	const struct report *report = &view->report;
	bool queue = spelling == SPELLING_QUEUE;
	json_t *list;

	if (report->has_score)
		put(json, "score", json_real(report->score));
	if (report->has_max_score)
		put(json, queue ? "maxScore" : "max_score", json_real(report->max_score));
	if (report->warning)
		put(json, "warning", text_or_null(report->warning));
	if (!report->groups)
		return;
	list = json_array();
	for (size_t i = 0; i < report->group_count; i++)
		json_array_append_new(list, group_result(&report->groups[i], report->has_score, queue));
	put(json, "groups", list);
}

static void put_test_results(json_t *json, const char *name, const struct view *view, enum spelling spelling)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->report.run_count && i < view->task.test_count; i++)
		json_array_append_new(list, test_result(view, i, spelling));
	put(json, name, list);
	put_scores(json, view, spelling);
}

int render_submission(const struct submission *submission, enum render_form form, struct pool *pool,
		      json_t **ret_json, struct error *err)
{
	bool whole = form == RENDER_WHOLE, judged = submission->tests > 0;
	struct view view;
	int code = view_open(&view, submission, whole, pool, err);

	if (code < 0)
		return code;
	if (!whole)
		view.text_max = LIST_TEXT_BYTES;
	json_t *json = json_object();
	put_request(json, &view);
	put_progress(json, submission);
	put_outcome(json, &view);
	if (whole && judged)
		put_test_results(json, "test_results", &view, SPELLING_V1);
	*ret_json = json;
	return 0;
}

/* The fields of the submission that its webhook has too, in this order; "id" is told as submission_id. */
static const char *const webhook_fields[] = {
	"id",           "user_id",        "contest_id",     "status",           "output",
	"error_output", "execution_time", "memory_usage",   "completed_at",     "external_id",
	"job_id",       "verdict",        "exit_code",      "signal",           "cpu_time_ms",
	"wall_time_ms", "memory_bytes",   "compile_output", "output_truncated", "error_truncated",
};

int render_webhook(const struct submission *submission, struct pool *pool, json_t **ret_json,
		   struct error *err)
{
	struct view view;
	int code = view_open(&view, submission, submission->tests > 0, pool, err);

	if (code < 0)
		return code;
	json_t *whole = json_object(), *json = json_object();
	put_request(whole, &view);
	put_progress(whole, submission);
	put_outcome(whole, &view);
	for (size_t i = 0; i < sizeof webhook_fields / sizeof webhook_fields[0]; i++)
		json_object_set(json, i == 0 ? "submission_id" : webhook_fields[i],
				json_object_get(whole, webhook_fields[i]));
	if (submission->tests > 0)
		put_test_results(json, "test_results", &view, SPELLING_V1);
	json_decref(whole);
	*ret_json = json;
	return 0;
}

/* ---- updates ---- */

/* Not in the middle of a character, whose rest may come with the next update. */
static size_t whole_characters(const char *bytes, size_t size)
{
	for (size_t back = 1; back <= 3 && back <= size; back++) {
		unsigned char byte = (unsigned char)bytes[size - back];
		size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;

		if ((byte & 0xc0) != 0x80)
			return length > back ? size - back : size;
	}
	return size;
}

static json_t *tests_json(size_t done, size_t total, const enum verdict *verdicts, size_t count)
{
	json_t *names = json_array();
	json_int_t passed = 0;

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(names, json_string(verdict_name(verdicts[i])));
		passed += verdict_is_pass(verdicts[i]);
	}
	return json_pack("{s:I, s:I, s:I, s:o}", "done", (json_int_t)done, "total", (json_int_t)total,
			 "passed", passed, "verdicts", names);
}

static json_t *reported_tests(const struct view *view)
{
	const struct report *report = &view->report;
	enum verdict *verdicts = pool_array(view->pool, report->run_count + 1, sizeof *verdicts);
	int64_t tests = view->submission->tests;

	for (size_t i = 0; verdicts && i < report->run_count; i++)
		verdicts[i] = report->runs[i].verdict;
	return verdicts ? tests_json(report->run_count, tests > 0 ? (size_t)tests : 1, verdicts,
				     report->run_count)
			: NULL;
}

static void put_live(json_t *json, const struct view *view, const struct progress *progress)
{
	bool cut = progress->output_cut;
	size_t size = progress->output ? whole_characters(progress->output, progress->output_size) : 0;

	put(json, "output", bytes_or_null(view, progress->output, size, &cut));
	put(json, "output_truncated", json_boolean(cut));
	put(json, "tests",
	    tests_json(progress->done, progress->total, progress->verdicts, progress->verdict_count));
}

static const char *const update_fields[] = {
	"status",           "job_id",         "verdict",         "attempts",       "output",
	"output_truncated", "error_output",   "error_truncated", "compile_output", "exit_code",
	"signal",           "execution_time", "memory_usage",    "cpu_time_ms",    "wall_time_ms",
	"memory_bytes",     "tests",          "created_at",      "executed_at",    "completed_at",
};

int render_update(const struct submission *submission, const struct progress *progress, size_t text_max,
		  struct pool *pool, json_t **ret_json, struct error *err)
{
	struct view view;
	int code = view_open(&view, submission, false, pool, err);

	if (code < 0)
		return code;
	view.text_max = text_max;
	json_t *whole = json_object(), *json = json_object();
	put(whole, "job_id", text_or_null(submission->job));
	put_progress(whole, submission);
	put_outcome(whole, &view);
	put(whole, "tests", view.has_report ? reported_tests(&view) : json_null());
	if (progress)
		put_live(whole, &view, progress);
	for (size_t i = 0; i < sizeof update_fields / sizeof update_fields[0]; i++)
		json_object_set(json, update_fields[i], json_object_get(whole, update_fields[i]));
	json_decref(whole);
	*ret_json = json;
	return 0;
}

/* ---- the queue API ---- */

bool render_is_failed(enum submission_state state, const char *verdict)
{
	bool judge_error = verdict && strcmp(verdict, verdict_name(VERDICT_JUDGE_ERROR)) == 0;

	return state == SUBMISSION_CANCELLED || (state == SUBMISSION_ERROR && judge_error);
}

const char *render_job_state(const struct submission *s, int64_t now_ms)
{
	switch (s->state) {
	case SUBMISSION_PENDING: return s->delayed_until_ms > now_ms ? "delayed" : "waiting";
	case SUBMISSION_RUNNING: return "active";
	default: return render_is_failed(s->state, s->verdict) ? "failed" : "completed";
	}
}

const char *render_failed_reason(const struct submission *s, struct pool *pool)
{
	struct view view;
	struct error err;

	if (!render_is_failed(s->state, s->verdict))
		return NULL;
	if (s->state == SUBMISSION_CANCELLED)
		return "Job cancelled";
	if (view_open(&view, s, false, pool, &err) < 0 || !view.outcome.error)
		return "The judge failed";
	return view.outcome.error;
}

static void put_result(json_t *json, const struct view *view)
{
	const struct outcome *o = &view->outcome;
	const struct run_report *run = o->shown;

	bool shows = run && !view->hides;

	put(json, "output", shows ? json_text(run->output, run->output_size) : json_string(""));
	put(json, "error", o->error ? json_text(o->error, o->error_size) : json_null());
	put(json, "stderr", shows ? json_text(run->error_output, run->error_size) : json_string(""));
	put(json, "exitCode", run ? int_or_null(run->exit_code) : json_null());
	put(json, "signal", signal_or_null(run ? run->signal : 0));
	put(json, "verdict", text_or_null(view->submission->verdict));
	if (view->report.compile == COMPILE_ERROR)
		put(json, "compile_output",
		    json_text(view->report.compile_output, view->report.compile_output_size));
	put(json, "runtime", o->slowest ? ms_of_us(o->slowest->wall_us) : json_integer(0));
	put(json, "memory", o->memory_bytes >= 0 ? mb_of_bytes(o->memory_bytes) : json_real(0));
	put(json, "cpu_time_ms", ms_of_us(o->cpu_us));
	put(json, "output_truncated", json_boolean(run && run->output_cut));
	put(json, "error_truncated", json_boolean(run && run->error_cut));
	if (view->submission->tests > 0)
		put_test_results(json, "testResults", view, SPELLING_QUEUE);
}

int render_result(const struct submission *submission, struct pool *pool, json_t **json, struct error *err)
{
	struct view view;
	int code = view_open(&view, submission, true, pool, err);

	if (code < 0)
		return code;
	*json = json_object();
	put_result(*json, &view);
	return 0;
}

static json_t *job_data(const struct view *view)
{
	const struct submission *s = view->submission;
	json_t *json = json_object();

	put(json, "code", json_text(s->code, s->code_size));
	put(json, "language", text_or_null(s->language));
	put(json, "input", json_text(s->input_data, s->input_size));
	if (s->tests == 0)
		return json;
	json_t *list = json_array();
	for (size_t i = 0; i < view->task.test_count; i++) {
		const struct task_test *test = &view->task.tests[i];
		json_t *element = json_object();

		put(element, "input",
		    test->hidden ? json_null() : data_json(test->input, test->input_size, test->input_blob));
		put(element, "expectedOutput",
		    test->hidden ? json_null()
				 : data_json(test->answer, test->answer_size, test->answer_blob));
		json_array_append_new(list, element);
	}
	put(json, "testCases", list);
	return json;
}

/* In percent. */
static size_t progress_of(const char *state, const struct progress *progress)
{
	if (strcmp(state, "active") == 0)
		return progress && progress->total > 0 ? progress->done * 100 / progress->total : 0;
	return strcmp(state, "completed") == 0 ? 100 : 0;
}

int render_job(const struct submission *s, const struct progress *progress, int64_t now_ms, struct pool *pool,
	       json_t **ret_json, struct error *err)
{
	const char *state = render_job_state(s, now_ms);
	struct view view;
	int code = view_open(&view, s, true, pool, err);

	if (code < 0)
		return code;
	json_t *result = NULL, *json = json_object();
	if (strcmp(state, "completed") == 0) {
		result = json_object();
		put_result(result, &view);
	}
	put(json, "id", text_or_null(s->job));
	put(json, "state", json_string(state));
	put(json, "progress", json_integer((json_int_t)progress_of(state, progress)));
	if (progress && s->tests > 0)
		put(json, "tests",
		    tests_json(progress->done, progress->total, progress->verdicts, progress->verdict_count));
	put(json, "data", job_data(&view));
	put(json, "result", result);
	put(json, "failedReason", text_or_null(render_failed_reason(s, pool)));
	put(json, "timestamp", json_integer(s->created_ms));
	put(json, "processedOn", s->executed_ms != 0 ? json_integer(s->executed_ms) : json_null());
	put(json, "finishedOn", s->completed_ms != 0 ? json_integer(s->completed_ms) : json_null());
	put(json, "attempts", json_integer(s->attempts));
	put(json, "delay", json_integer(strcmp(state, "delayed") == 0 ? s->delayed_until_ms - now_ms : 0));
	*ret_json = json;
	return 0;
}
