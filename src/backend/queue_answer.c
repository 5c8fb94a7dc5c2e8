/* From an answer of the queue service to a report. What comes may be anybody's: nothing in it is taken on trust. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "model/message.h"
#include "model/outcome.h"
#include "queue_message.h"

enum { REASON_BYTES_MAX = 300 };

static const double most_ms = 1e9, most_mb = 1e9;

static int misfit(struct error *err, const char *what)
{
	return error_set(err, -EPROTO, "the answer makes no sense: %s", what);
}

/* Programs may print NUL, which json_parse() refuses. */
static int parse(const char *body, size_t size, json_t **json, struct error *err)
{
	*json = json_loadb(body, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	return json_is_object(*json) ? 0 : misfit(err, "it is no JSON object");
}

/* ---- values ---- */

/* False for another type; absent and null are no text. */
static bool read_text(const json_t *object, const char *name, struct pool *pool, const char **text,
		      size_t *size)
{
	const json_t *value = json_object_get(object, name);

	*text = NULL;
	*size = 0;
	if (!value || json_is_null(value))
		return true;
	if (!json_is_string(value))
		return false;
	*size = json_string_length(value);
	*text = pool_memdup(pool, json_string_value(value), *size);
	return *text != NULL;
}

/* Between 0 and `most`, times `unit`; -1 when absent or null, -2 for what is none of these. */
static int64_t read_number(const json_t *object, const char *name, double most, double unit)
{
	const json_t *value = json_object_get(object, name);
	double number = json_number_value(value);

	if (!value || json_is_null(value))
		return -1;
	if (!json_is_number(value) || !(number >= 0) || number > most)
		return -2;
	return (int64_t)(number * unit + 0.5);
}

static bool read_real(const json_t *object, const char *name, double *number)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_number(value))
		*number = json_number_value(value);
	return json_is_number(value);
}

static int read_signal(const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "signal"));
	char text[SIGNAL_NAME_BYTES];

	for (int signal = 1; name && signal <= SIGRTMAX; signal++)
		if (strcmp(signal_name(signal, text), name) == 0)
			return signal;
	return 0;
}

/* -1: none. */
static int read_exit_code(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	json_int_t code = json_integer_value(value);

	return json_is_integer(value) && code >= 0 && code <= 255 ? (int)code : -1;
}

/* What ended it, in the sandbox's words: as much of it as can be told. */
static const char *outcome_of_verdict(enum verdict verdict, int signal)
{
	switch (verdict) {
	case VERDICT_TIME_LIMIT_EXCEEDED: return "cpu_limit";
	case VERDICT_MEMORY_LIMIT_EXCEEDED: return "memory_limit";
	case VERDICT_OUTPUT_LIMIT_EXCEEDED: return "output_limit";
	default: return signal != 0 ? "signaled" : "exited";
	}
}

/* ---- one run ---- */

/* The names that a result and one of its tests have for the same. */
struct spelling {
	const char *output, *exit_code, *wall_ms;
};
static const struct spelling plain_spelling = { "output", "exitCode", "runtime" };
static const struct spelling test_spelling = { "actualOutput", "exit_code", "wall_time_ms" };

static int read_figures(const json_t *json, const struct spelling *spelling, struct run_report *run,
			struct error *err)
{
	int64_t wall_us = read_number(json, spelling->wall_ms, most_ms, 1000);
	int64_t bytes = read_number(json, "memory_bytes", most_mb * (1 << 20), 1);

	if (wall_us == -1)
		wall_us = read_number(json, "runtime", most_ms, 1000);
	if (bytes == -1)
		bytes = read_number(json, "memory", most_mb, 1 << 20);
	run->cpu_us = read_number(json, "cpu_time_ms", most_ms, 1000);
	if (wall_us == -2 || bytes == -2 || run->cpu_us == -2)
		return misfit(err, "a figure is no number, or none that can be");
	run->wall_us = wall_us >= 0 ? wall_us : 0;
	run->memory_bytes = bytes;
	if (run->cpu_us < 0)
		run->cpu_us = run->wall_us;
	run->processes_peak = -1;
	return 0;
}

/* Its verdict by name, or else by `passed` (of a test), or by what it says was wrong. */
static int read_verdict(const json_t *json, bool is_test, bool failed, enum verdict *verdict,
			struct error *err)
{
	const json_t *name = json_object_get(json, "verdict"), *passed = json_object_get(json, "passed");
	int exit_code = read_exit_code(json, is_test ? "exit_code" : "exitCode");

	if (json_is_string(name))
		return verdict_from_name(json_string_value(name), verdict)
			       ? 0
			       : misfit(err, "an unknown verdict");
	if (is_test && !json_is_boolean(passed))
		return misfit(err, "a test has neither a verdict nor passed");
	if (is_test)
		*verdict = json_is_true(passed) ? VERDICT_ACCEPTED
			   : failed             ? VERDICT_RUNTIME_ERROR
						: VERDICT_WRONG_ANSWER;
	else
		*verdict = failed || exit_code > 0 ? VERDICT_RUNTIME_ERROR : VERDICT_OK;
	return 0;
}

/* The sentence that stands behind the program's own words, or in their place, is part of the one text that came:
 * of a program's own failure it becomes its words, of all others the sentence. */
static void place_error(struct run_report *run, const char *error, size_t size, const char *words,
			size_t words_size)
{
	bool own = run->verdict == VERDICT_RUNTIME_ERROR;

	run->error_output = own && error ? error : words ? words : "";
	run->error_size = own && error ? size : words_size;
	run->message = own ? NULL : error;
}

static int read_run(const json_t *json, const struct spelling *spelling, struct pool *pool,
		    struct run_report *run, struct error *err)
{
	bool is_test = spelling == &test_spelling;
	const char *error, *words;
	size_t error_size, words_size;

	if (!json_is_object(json))
		return misfit(err, "a result is no object");
	if (!read_text(json, spelling->output, pool, &run->output, &run->output_size) ||
	    (!run->output && is_test && !read_text(json, "output", pool, &run->output, &run->output_size)) ||
	    !read_text(json, "error", pool, &error, &error_size) ||
	    !read_text(json, "stderr", pool, &words, &words_size))
		return misfit(err, "an output or an error is no text");
	int code = read_verdict(json, is_test, error_size > 0, &run->verdict, err);
	if (code == 0)
		code = read_figures(json, spelling, run, err);
	if (code < 0)
		return code;
	if (!run->output)
		run->output = "";
	place_error(run, error_size > 0 ? error : NULL, error_size, words, words_size);
	run->exit_code = read_exit_code(json, spelling->exit_code);
	run->signal = read_signal(json);
	run->outcome = outcome_of_verdict(run->verdict, run->signal);
	run->output_cut = json_is_true(json_object_get(json, "output_truncated"));
	run->error_cut = json_is_true(json_object_get(json, "error_truncated"));
	run->borderline = json_is_true(json_object_get(json, "borderline"));
	run->has_score = is_test && read_real(json, "score", &run->score);
	if (is_test && !read_text(json, "teamMessage", pool, &run->team_message, &run->team_message_size))
		return misfit(err, "a message is no text");
	return 0;
}

/* ---- the whole ---- */

static bool is_verdict(const json_t *json, enum verdict verdict)
{
	const char *name = json_string_value(json_object_get(json, "verdict"));

	return name && strcmp(name, verdict_name(verdict)) == 0;
}

static int read_compile_error(const json_t *json, struct pool *pool, struct report *report, struct error *err)
{
	const char *said, *output;
	size_t said_size, output_size;

	if (!read_text(json, "error", pool, &said, &said_size) ||
	    !read_text(json, "compile_output", pool, &output, &output_size))
		return misfit(err, "an error is no text");
	/* Where the compiler's own words came by themselves, what stands behind them is the sentence. */
	const char *rest = output && said && said_size > output_size && memcmp(said, output, output_size) == 0
				   ? said + output_size + strspn(said + output_size, "\n")
				   : "";
	report->message = *rest ? rest : NULL;
	report->compile = COMPILE_ERROR;
	report->compile_output = output ? output : said ? said : "";
	report->compile_output_size = output ? output_size : said_size;
	return 0;
}

static int read_plain(const json_t *json, struct pool *pool, struct report *report, struct error *err)
{
	report->runs = pool_alloc(pool, sizeof *report->runs);
	report->run_count = 1;
	if (!report->runs)
		return error_set(err, -ENOMEM, "out of memory");
	if (!json_is_string(json_object_get(json, "output")))
		return misfit(err, "a result without its output");
	int code = read_run(json, &plain_spelling, pool, report->runs, err);
	report->verdict = report->runs[0].verdict;
	return code;
}

static int read_group(const json_t *json, struct pool *pool, struct group_report *group, struct error *err)
{
	const char *verdict = json_string_value(json_object_get(json, "verdict"));
	size_t size;

	if (!read_text(json, "name", pool, &group->name, &size) || !group->name || !verdict ||
	    !verdict_from_name(verdict, &group->verdict))
		return misfit(err, "a group has no name or verdict");
	read_real(json, "score", &group->score);
	group->has_max_score = read_real(json, "maxScore", &group->max_score);
	return 0;
}

static int read_rules(const json_t *json, struct pool *pool, struct report *report, struct error *err)
{
	const json_t *groups = json_object_get(json, "groups"), *verdict = json_object_get(json, "verdict");
	size_t count = json_array_size(groups);
	int code = 0;

	if (!json_is_string(verdict) || !verdict_from_name(json_string_value(verdict), &report->verdict))
		return misfit(err, "an unknown verdict");
	report->has_score = read_real(json, "score", &report->score);
	report->has_max_score = read_real(json, "maxScore", &report->max_score);
	if (count == 0)
		return 0;
	report->groups = pool_array(pool, count, sizeof *report->groups);
	if (!report->groups)
		return error_set(err, -ENOMEM, "out of memory");
	for (; report->group_count < count && code == 0; report->group_count++)
		code = read_group(json_array_get(groups, report->group_count), pool,
				  &report->groups[report->group_count], err);
	return code;
}

static int read_tests(const json_t *json, const struct queue_asked *asked, struct pool *pool,
		      struct report *report, struct error *err)
{
	const json_t *list = json_object_get(json, "testResults");
	size_t count = json_array_size(list);
	int code = 0;

	bool may_lack = asked->early_stop || asked->has_rules;
	if (count > asked->tests || (count < asked->tests && !may_lack) ||
	    (count == 0 && !(asked->has_rules && is_verdict(json, VERDICT_JUDGE_ERROR))))
		return misfit(err, "the results are not those of the tests");
	report->runs = pool_array(pool, count + 1, sizeof *report->runs);
	enum verdict *verdicts = pool_array(pool, count + 1, sizeof *verdicts);
	if (!report->runs || !verdicts)
		return error_set(err, -ENOMEM, "out of memory");
	report->run_count = count;
	for (size_t i = 0; i < count && code == 0; i++) {
		code = read_run(json_array_get(list, i), &test_spelling, pool, &report->runs[i], err);
		verdicts[i] = report->runs[i].verdict;
	}
	report->verdict = verdict_of_tests(verdicts, count);
	return code == 0 && asked->has_rules ? read_rules(json, pool, report, err) : code;
}

static int read_report(const json_t *json, const struct queue_asked *asked, struct pool *pool,
		       struct queue_job *job, struct error *err)
{
	struct report *report = pool_alloc(pool, sizeof *report);
	int code;

	if (!report)
		return error_set(err, -ENOMEM, "out of memory");
	*report = (struct report){ .compile_output = "", .verdict = VERDICT_COMPILE_ERROR };
	job->misses_tests = asked->tests > 0 && json_array_size(json_object_get(json, "testResults")) == 0 &&
			    json_is_string(json_object_get(json, "output"));
	if (is_verdict(json, VERDICT_COMPILE_ERROR))
		code = read_compile_error(json, pool, report, err);
	else if (asked->tests > 0)
		code = read_tests(json, asked, pool, report, err);
	else
		code = read_plain(json, pool, report, err);
	if (code < 0)
		return code;
	const char *why = report->verdict == VERDICT_JUDGE_ERROR && !asked->has_rules
				  ? "it could not be judged"
				  : outcome_misfit(report, (int64_t)asked->tests);
	if (why)
		return misfit(err, why);
	job->report = report;
	job->misses_tests = false;
	return 0;
}

/* ---- answers ---- */

/* It becomes part of a path. */
static bool is_id(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
	size_t size = strlen(text);

	return size > 0 && size < QUEUE_JOB_ID_BYTES && strspn(text, letters) == size && text[0] != '.';
}

static int read_id(const json_t *value, char id[QUEUE_JOB_ID_BYTES], struct error *err)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value) && json_integer_value(value) >= 0)
		snprintf(id, QUEUE_JOB_ID_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (text && is_id(text))
		snprintf(id, QUEUE_JOB_ID_BYTES, "%s", text);
	else
		return misfit(err, "jobId is no id");
	return 0;
}

int queue_answer_submitted(const char *body, size_t size, const struct queue_asked *asked, struct pool *pool,
			   struct queue_job *job, struct error *err)
{
	cleanup_json json_t *json = NULL;
	int code = parse(body, size, &json, err);

	*job = (struct queue_job){ .state = QUEUE_JOB_PENDING };
	if (code < 0)
		return code;
	if (json_object_get(json, "jobId"))
		return read_id(json_object_get(json, "jobId"), job->id, err);
	job->state = QUEUE_JOB_COMPLETED; /* a service that runs it at once */
	return read_report(json, asked, pool, job, err);
}

static int read_reason(const json_t *json, struct pool *pool, struct queue_job *job, struct error *err)
{
	const char *reason = json_string_value(json_object_get(json, "failedReason"));

	job->reason = pool_printf(pool, "%.*s", REASON_BYTES_MAX, reason ? reason : "no reason was given");
	return job->reason ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* Told by the way: what does not fit these tests is not believed, and no reason to doubt the rest. */
static void read_progress(const json_t *json, const struct queue_asked *asked, struct pool *pool,
			  struct queue_job *job)
{
	const json_t *tests = json_object_get(json, "tests"), *names = json_object_get(tests, "verdicts");
	json_int_t done = json_integer_value(json_object_get(tests, "done"));
	size_t count = json_array_size(names);
	enum verdict *verdicts = pool_array(pool, count + 1, sizeof *verdicts);

	if (!verdicts || done <= 0 || (size_t)done > asked->tests || count > (size_t)done)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!name || !verdict_from_name(name, &verdicts[i]))
			return;
	}
	job->has_progress = true;
	job->progress = (struct progress){
		.done = (size_t)done, .total = asked->tests, .verdicts = verdicts, .verdict_count = count
	};
}

int queue_answer_job(const char *body, size_t size, const struct queue_asked *asked, struct pool *pool,
		     struct queue_job *job, struct error *err)
{
	cleanup_json json_t *json = NULL;
	int code = parse(body, size, &json, err);

	*job = (struct queue_job){ .state = QUEUE_JOB_PENDING };
	if (code < 0)
		return code;
	const char *state = json_string_value(json_object_get(json, "state"));
	if (!state)
		return misfit(err, "a job without its state");
	if (strcmp(state, "failed") == 0) {
		job->state = QUEUE_JOB_FAILED;
		return read_reason(json, pool, job, err);
	}
	if (strcmp(state, "completed") != 0) {
		read_progress(json, asked, pool, job);
		return 0;
	}
	job->state = QUEUE_JOB_COMPLETED;
	const json_t *result = json_object_get(json, "result");
	return json_is_object(result) ? read_report(result, asked, pool, job, err)
				      : misfit(err, "a completed job without its result");
}
