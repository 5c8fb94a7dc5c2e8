#include "run_result.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/json.h"

static bool is_compiled(const struct report *report)
{
	return report->compile == COMPILE_OK || report->compile == COMPILE_NONE;
}

/* ---- the exit status ---- */

/* By run_report.outcome. Output and files end as the kernel would end them. */
static const struct {
	const char *outcome;
	int status;
} statuses[] = {
	{ "cpu_limit", RUN_TIME_LIMIT },          { "wall_limit", RUN_TIME_LIMIT },
	{ "memory_limit", RUN_MEMORY_LIMIT },     { "output_limit", RUN_SIGNALED + SIGXFSZ },
	{ "file_limit", RUN_SIGNALED + SIGXFSZ }, { "cancelled", RUN_SIGNALED + SIGINT },
};

int run_exit_status(const struct report *report)
{
	if (!is_compiled(report))
		return RUN_NOT_COMPILED;
	if (report->run_count == 0)
		return report->verdict == VERDICT_CANCELLED ? RUN_SIGNALED + SIGINT : RUN_NO_BOX;
	const struct run_report *run = &report->runs[0];
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (strcmp(run->outcome, statuses[i].outcome) == 0)
			return statuses[i].status;
	if (strcmp(run->outcome, "signaled") == 0)
		return RUN_SIGNALED + run->signal;
	return strcmp(run->outcome, "exited") == 0 ? run->exit_code : RUN_NO_BOX;
}

/* ---- JSON ---- */

static json_t *text_json(const char *bytes, size_t size, bool base64)
{
	if (!base64)
		return json_text(bytes, size);
	cleanup_buffer struct buffer text = { 0 };
	base64_encode(bytes, size, &text);
	return text.failed ? NULL : json_stringn_nocheck(buffer_text(&text), text.size);
}

static json_t *known(int64_t figure)
{
	return figure < 0 ? json_null() : json_integer(figure);
}

static json_t *signal_json(int number)
{
	char name[16];
	if (number == 0)
		return json_null();
	const char *known_name = sigabbrev_np(number);
	snprintf(name, sizeof name, known_name ? "SIG%s" : "SIG%.0s%d", known_name ? known_name : "", number);
	return json_string(name);
}

static json_t *run_part(const struct run_report *run, bool base64)
{
	return json_pack("{s:s, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:b, s:b}", "outcome", run->outcome,
			 "exit_code", known(run->exit_code), "signal", signal_json(run->signal),
			 "cpu_time_us", (json_int_t)run->cpu_us, "wall_time_us", (json_int_t)run->wall_us,
			 "memory_bytes", known(run->memory_bytes), "processes_peak",
			 known(run->processes_peak), "stdout",
			 text_json(run->output, run->output_size, base64), "stderr",
			 text_json(run->error_output, run->error_size, base64), "stdout_truncated",
			 run->output_cut, "stderr_truncated", run->error_cut);
}

json_t *run_json(const char *language, const struct report *report, bool base64)
{
	json_t *output = text_json(report->compile_output, report->compile_output_size, base64);
	return json_pack("{s:s, s:s, s:{s:s, s:o, s:I, s:b}, s:o}", "language", language, "verdict",
			 verdict_name(report->verdict), "compile", "status",
			 compile_status_name(report->compile), "output", output, "time_us",
			 (json_int_t)report->compile_us, "cached", report->compile_cached, "run",
			 report->run_count ? run_part(&report->runs[0], base64) : json_null());
}

/* ---- the line ---- */

void run_print_summary(const struct report *report)
{
	fprintf(stderr, "arena: %s", verdict_name(report->verdict));
	if (report->run_count > 0) {
		const struct run_report *run = &report->runs[0];
		if (run->message)
			fprintf(stderr, ": %s", run->message);
		fprintf(stderr, "; cpu %.3f s, wall %.3f s", (double)run->cpu_us / 1e6,
			(double)run->wall_us / 1e6);
		if (run->memory_bytes >= 0)
			fprintf(stderr, ", memory %.1f MB", (double)run->memory_bytes / (1 << 20));
		if (run->processes_peak >= 0)
			fprintf(stderr, ", processes %" PRId64, run->processes_peak);
	} else if (report->message) {
		fprintf(stderr, ": %s", report->message);
	}
	if (report->compile_us > 0)
		fprintf(stderr, "; compiled in %.2f s", (double)report->compile_us / 1e6);
	fputc('\n', stderr);
}
