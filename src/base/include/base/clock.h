/* clock.h - time, in microseconds and milliseconds, and its one text form. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC: for durations and deadlines; never steps. */
static inline int64_t clock_monotonic_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* CLOCK_REALTIME, ms since the epoch: for what users see; may step. */
static inline int64_t clock_wall_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum { CLOCK_TEXT_BYTES = 32 };

/* "2024-01-15T10:30:00.000Z" into text[CLOCK_TEXT_BYTES]; returns text. */
char *clock_format(int64_t wall_ms, char *text);
