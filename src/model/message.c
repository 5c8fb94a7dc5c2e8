#include "model/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *signal_name(int signal, char text[SIGNAL_NAME_BYTES])
{
	const char *name = sigabbrev_np(signal);

	if (name)
		snprintf(text, SIGNAL_NAME_BYTES, "SIG%s", name);
	else
		snprintf(text, SIGNAL_NAME_BYTES, "signal %d", signal);
	return text;
}

static void put_seconds(char text[MESSAGE_BYTES], const char *what, int64_t us, const char *tail)
{
	snprintf(text, MESSAGE_BYTES, "%s%.2f s%s", what, (double)us / 1e6, tail);
}

/* Limits are asked for in whole units; one that was not (`arena run --output 100`) shows a decimal. */
static void put_amount(char text[MESSAGE_BYTES], const char *what, int64_t bytes, int64_t unit,
		       const char *unit_name, const char *tail)
{
	if (bytes < unit)
		snprintf(text, MESSAGE_BYTES, "%s%" PRId64 " bytes%s", what, bytes, tail);
	else if (bytes % unit == 0)
		snprintf(text, MESSAGE_BYTES, "%s%" PRId64 " %s%s", what, bytes / unit, unit_name, tail);
	else
		snprintf(text, MESSAGE_BYTES, "%s%.1f %s%s", what, (double)bytes / (double)unit, unit_name,
			 tail);
}

enum { KB = 1 << 10, MB = 1 << 20 };

static bool message_of_output_limit(const struct run_facts *facts, const struct limits *limits,
				    char text[MESSAGE_BYTES])
{
	if (facts->hit_output_limit || facts->wrote_too_much)
		put_amount(text, "Output limit exceeded (", limits->output_bytes, KB, "KB", ")");
	else
		put_amount(text, "File size limit exceeded (", limits->file_bytes, MB, "MB", ")");
	return true;
}

static bool message_of_time_limit(const struct run_facts *facts, const struct limits *limits,
				  char text[MESSAGE_BYTES])
{
	if (facts->hit_cpu_limit)
		put_seconds(text, "Time limit exceeded (", limits->cpu_time_us, ")");
	else
		put_seconds(text, "Time limit exceeded (", limits->wall_time_us, " of wall time)");
	return true;
}

static bool message_of_death(const struct run_facts *facts, char text[MESSAGE_BYTES])
{
	char name[SIGNAL_NAME_BYTES];

	if (facts->signal != 0)
		snprintf(text, MESSAGE_BYTES, "Killed by %s", signal_name(facts->signal, name));
	else
		snprintf(text, MESSAGE_BYTES, "Exited with code %d", facts->exit_code);
	return true;
}

bool message_of_run(const struct run_facts *facts, const struct limits *limits, char text[MESSAGE_BYTES])
{
	text[0] = '\0';
	switch (verdict_of_run(facts)) {
	case VERDICT_TIME_LIMIT_EXCEEDED: return message_of_time_limit(facts, limits, text);
	case VERDICT_MEMORY_LIMIT_EXCEEDED:
		put_amount(text, "Memory limit exceeded (", limits->memory_bytes, MB, "MB", ")");
		return true;
	case VERDICT_OUTPUT_LIMIT_EXCEEDED: return message_of_output_limit(facts, limits, text);
	case VERDICT_RUNTIME_ERROR: return message_of_death(facts, text);
	case VERDICT_CANCELLED: snprintf(text, MESSAGE_BYTES, "Cancelled"); return true;
	case VERDICT_JUDGE_ERROR: snprintf(text, MESSAGE_BYTES, "The judge failed"); return true;
	default: return false;
	}
}

bool message_of_compile(const struct run_facts *facts, const struct limits *limits, char text[MESSAGE_BYTES])
{
	char name[SIGNAL_NAME_BYTES];

	text[0] = '\0';
	if (facts->cancelled)
		snprintf(text, MESSAGE_BYTES, "Cancelled");
	else if (facts->hit_memory_limit)
		put_amount(text, "Compilation used more than ", limits->memory_bytes, MB, "MB", " of memory");
	else if (facts->hit_cpu_limit)
		put_seconds(text, "Compilation took longer than ", limits->cpu_time_us, "");
	else if (facts->hit_wall_limit)
		put_seconds(text, "Compilation took longer than ", limits->wall_time_us, "");
	else if (facts->hit_file_limit)
		put_amount(text, "Compilation wrote a file larger than ", limits->file_bytes, MB, "MB", "");
	else if (facts->signal != 0)
		snprintf(text, MESSAGE_BYTES, "The compiler was killed by %s",
			 signal_name(facts->signal, name));
	return text[0] != '\0';
}
