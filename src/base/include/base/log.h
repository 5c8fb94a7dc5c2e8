/* log.h - one line an event, on stderr: JSON when it is not a terminal, plain text when it is.
 *
 *     log_info("listening", LOG_TEXT("address", text), LOG_INT("port", port));
 *
 * Only roles and the CLI log; libraries return errors. Never pass a secret. Thread-safe; a line is written
 * with one write(2). Cannot fail: a line that cannot be written is dropped. */
#pragma once

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
	const char *name; /* NULL ends the list */
	const char *text; /* or, when NULL, the number */
	int64_t number;
};
static inline const char *log_text_or_empty(const char *text)
{
	return text ? text : "";
}
#define LOG_TEXT(name_, text_)  ((struct log_field){ .name = (name_), .text = log_text_or_empty(text_) })
#define LOG_INT(name_, number_) ((struct log_field){ .name = (name_), .number = (number_) })

/* `role` ("execution") is copied into every line of this process. */
void log_setup(const char *role, enum log_level level);
void log_set_role(const char *role);
int log_level_from_name(const char *name); /* debug, info, warn|warning, error; -1 otherwise */

/* The request id that every line of this thread carries until it is cleared with NULL. Copied. */
void log_set_request_id(const char *request_id);
const char *log_request_id(void); /* "" when none */

void log_event(enum log_level level, const char *event, const struct log_field *fields);
#define log_at(level, event, ...) \
	log_event((level), (event), (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ .name = NULL } })
#define log_debug(...)   log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    log_at(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_at(LOG_ERROR, __VA_ARGS__)
