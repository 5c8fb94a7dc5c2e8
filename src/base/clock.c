#include "base/clock.h"

#include <stdio.h>

char *clock_format(int64_t wall_ms, char *text)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	if (!gmtime_r(&seconds, &parts))
		parts = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	size_t length = strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, CLOCK_TEXT_BYTES - length, ".%03dZ", (int)(wall_ms % 1000));
	return text;
}
