#include "model/outcome.h"

#include <string.h>

#include "base/buffer.h"

enum submission_state outcome_state(const struct report *report, bool judged)
{
	switch (report->verdict) {
	case VERDICT_OK:
	case VERDICT_ACCEPTED: return SUBMISSION_COMPLETED;
	case VERDICT_COMPILE_ERROR:
	case VERDICT_JUDGE_ERROR: return SUBMISSION_ERROR;
	case VERDICT_CANCELLED: return SUBMISSION_CANCELLED;
	default: return judged ? SUBMISSION_COMPLETED : SUBMISSION_ERROR;
	}
}

const char *outcome_misfit(const struct report *report, int64_t tests)
{
	size_t most = tests > 0 ? (size_t)tests : 1;
	bool ran = report->verdict != VERDICT_COMPILE_ERROR && report->verdict != VERDICT_JUDGE_ERROR;

	if (report->verdict == VERDICT_CANCELLED)
		return "a cancelled task is returned, not finished";
	if (report->run_count > most)
		return "there are more runs than tests";
	if (ran && report->run_count == 0)
		return "there are no runs";
	if (report->verdict == VERDICT_COMPILE_ERROR && report->run_count > 0)
		return "there are runs of a program that did not compile";
	return NULL;
}

/* `sentence` on a line of its own behind the program's own words. */
static const char *join(const char *words, size_t words_size, const char *sentence, struct pool *pool,
			size_t *size)
{
	struct buffer text = { 0 };

	buffer_append(&text, words, words_size);
	if (sentence && words_size > 0 && words[words_size - 1] != '\n')
		buffer_putc(&text, '\n');
	if (sentence)
		buffer_puts(&text, sentence);
	const char *joined = pool_memdup(pool, buffer_text(&text), text.size);
	*size = joined ? text.size : 0;
	buffer_free(&text);
	return joined;
}

const char *outcome_run_error(const struct run_report *run, struct pool *pool, size_t *size)
{
	*size = 0;
	switch (run->verdict) {
	case VERDICT_OK:
	case VERDICT_ACCEPTED:
	case VERDICT_PARTIAL:
	case VERDICT_WRONG_ANSWER:
	case VERDICT_SKIPPED: return NULL;
	case VERDICT_RUNTIME_ERROR: return join(run->error_output, run->error_size, run->message, pool, size);
	default: return join("", 0, run->message ? run->message : verdict_name(run->verdict), pool, size);
	}
}

static void pick_error(const struct report *report, struct pool *pool, struct outcome *outcome)
{
	if (report->verdict == VERDICT_COMPILE_ERROR)
		outcome->error = join(report->compile_output, report->compile_output_size, report->message,
				      pool, &outcome->error_size);
	else if (report->verdict == VERDICT_JUDGE_ERROR && report->message)
		outcome->error = join("", 0, report->message, pool, &outcome->error_size);
	else if (outcome->shown)
		outcome->error = outcome_run_error(outcome->shown, pool, &outcome->error_size);
}

void outcome_of(const struct report *report, struct pool *pool, struct outcome *outcome)
{
	*outcome = (struct outcome){ .slowest = report_slowest(report), .cpu_us = -1, .memory_bytes = -1 };
	for (size_t i = 0; i < report->run_count; i++) {
		const struct run_report *run = &report->runs[i];

		if (!outcome->shown && !verdict_is_pass(run->verdict) && run->verdict != VERDICT_SKIPPED)
			outcome->shown = run;
		if (run->cpu_us > outcome->cpu_us)
			outcome->cpu_us = run->cpu_us;
		if (run->memory_bytes > outcome->memory_bytes)
			outcome->memory_bytes = run->memory_bytes;
	}
	if (!outcome->shown && report->run_count > 0)
		outcome->shown = &report->runs[0];
	pick_error(report, pool, outcome);
}
