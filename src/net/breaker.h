/* breaker.h - whether one destination is asked at all: after some failures in a row it is left alone for a
 * while, then asked once; each failure of that doubles the while. Pure: times come in. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct breaker_rules {
	int failures; /* in a row, until it opens */
	int64_t pause_us, pause_max_us;
};

/* Zero-initialise: closed. */
struct breaker {
	int failures;
	int64_t pause_us, open_until_us; /* 0: closed */
	bool probing;                    /* the one request after the pause is under way */
};

/* Whether a request may start now; one that may must be followed by breaker_note() or breaker_forget(). */
bool breaker_admits(struct breaker *breaker, int64_t now_us);
void breaker_note(struct breaker *breaker, const struct breaker_rules *rules, bool answered, int64_t now_us);
/* It ended without telling anything: we ended it. */
void breaker_forget(struct breaker *breaker);
/* When to ask again, of one that does not admit. */
int64_t breaker_retry_us(const struct breaker *breaker, int64_t now_us);
