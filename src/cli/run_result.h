/* run_result.h - what `arena run` says of a report: an exit status, a JSON object, a line. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/limits.h"
#include "model/report.h"

enum {
	RUN_TIME_LIMIT = 124,
	RUN_NO_BOX = 125,
	RUN_NOT_COMPILED = 126,
	RUN_SIGNALED = 128, /* and the signal's number */
	RUN_MEMORY_LIMIT = 137,
};

int run_exit_status(const struct report *report);

/* `base64`: the three texts whole, in base64. */
json_t *run_json(const char *language, const struct report *report, bool base64);

/* One line on standard error. */
void run_print_summary(const struct report *report);
