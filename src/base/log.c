#include "base/log.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"

static struct {
	enum log_level level;
	bool plain;
	char role[32];
} settings = { .level = LOG_INFO };

static _Thread_local char request_id[80];

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

void log_set_role(const char *role)
{
	snprintf(settings.role, sizeof settings.role, "%s", role);
}

void log_setup(const char *role, enum log_level level)
{
	log_set_role(role);
	settings.level = level;
	settings.plain = isatty(STDERR_FILENO) == 1;
}

int log_level_from_name(const char *name)
{
	if (strcmp(name, "warn") == 0)
		return LOG_WARNING;
	for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
		if (strcmp(name, level_names[i]) == 0)
			return i;
	return -1;
}

void log_set_request_id(const char *id)
{
	snprintf(request_id, sizeof request_id, "%s", id ? id : "");
}

const char *log_request_id(void)
{
	return request_id;
}

static void write_json(enum log_level level, const char *event, const struct log_field *fields,
		       struct buffer *out)
{
	char time[CLOCK_TEXT_BYTES];
	cleanup_json json_t *line = json_object();
	json_object_set_new(line, "time", json_string(clock_format(clock_wall_ms(), time)));
	json_object_set_new(line, "level", json_string(level_names[level]));
	if (settings.role[0])
		json_object_set_new(line, "role", json_string(settings.role));
	if (request_id[0])
		json_object_set_new(line, "request_id", json_text(request_id, strlen(request_id)));
	json_object_set_new(line, "event", json_text(event, strlen(event)));
	for (; fields->name; fields++)
		json_object_set_new(line, fields->name,
				    fields->text ? json_text(fields->text, strlen(fields->text))
						 : json_integer(fields->number));
	if (json_write(line, out) < 0)
		out->failed = true;
}

/* Control characters would let logged text forge lines or drive the terminal. */
static void put_plain(struct buffer *out, const char *text)
{
	for (; *text; text++)
		buffer_putc(out, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
}

static void write_plain(enum log_level level, const char *event, const struct log_field *fields,
			struct buffer *out)
{
	char time[CLOCK_TEXT_BYTES];
	clock_format(clock_wall_ms(), time);
	buffer_printf(out, "%.12s %-7s ", time + sizeof "2024-01-15T" - 1, level_names[level]);
	if (settings.role[0])
		buffer_printf(out, "%s: ", settings.role);
	put_plain(out, event);
	for (; fields->name; fields++) {
		buffer_printf(out, " %s=", fields->name);
		if (fields->text)
			put_plain(out, fields->text);
		else
			buffer_printf(out, "%lld", (long long)fields->number);
	}
	if (request_id[0])
		put_plain(out, " request_id="), put_plain(out, request_id);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
	if (level < settings.level)
		return;
	cleanup_buffer struct buffer line = { 0 };
	(settings.plain ? write_plain : write_json)(level, event, fields, &line);
	buffer_putc(&line, '\n');
	if (!line.failed)
		fd_write_all(STDERR_FILENO, line.data, line.size);
}
