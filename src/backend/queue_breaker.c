#include "queue_breaker.h"

enum {
	UNSUITED_MAX = 3,
	LOOK_US = 5000000, /* at one that answers */
	PAUSE_FIRST_US = 1000000,
	PAUSE_MAX_US = 30000000,
	BUSY_MAX_US = 60000000,
};

static const char *const names[] = {
	[QUEUE_CLOSED] = "closed",
	[QUEUE_OPEN] = "open",
	[QUEUE_HALF_OPEN] = "half-open",
};

const char *queue_breaker_name(enum queue_breaker_state state)
{
	return names[state];
}

bool queue_breaker_admits(struct queue_breaker *breaker)
{
	if (breaker->state != QUEUE_HALF_OPEN)
		return breaker->state == QUEUE_CLOSED;
	if (breaker->trying)
		return false;
	return breaker->trying = true;
}

/* Each failure after an answer of its health doubles the pause. */
static void open_for(struct queue_breaker *breaker, int64_t pause_us, int64_t now_us)
{
	breaker->state = QUEUE_OPEN;
	breaker->trying = false;
	breaker->unsuited = 0;
	breaker->pause_us = pause_us;
	breaker->probe_us = now_us + pause_us;
}

static int64_t next_pause(const struct queue_breaker *breaker)
{
	int64_t pause_us = breaker->pause_us == 0 ? PAUSE_FIRST_US : 2 * breaker->pause_us;

	return pause_us < PAUSE_MAX_US ? pause_us : PAUSE_MAX_US;
}

static void close_again(struct queue_breaker *breaker, int64_t now_us)
{
	*breaker = (struct queue_breaker){ .answers = true,
					   .probing = breaker->probing,
					   .probe_us = now_us + LOOK_US };
}

/* Of one that was left alone after this run began, only a good end tells something new. */
static void note_while_open(struct queue_breaker *breaker, enum queue_sign sign)
{
	if (sign == QUEUE_GOOD)
		breaker->state = QUEUE_HALF_OPEN;
	breaker->answers = breaker->answers || sign == QUEUE_GOOD;
}

void queue_breaker_note(struct queue_breaker *breaker, enum queue_sign sign, int64_t pause_us, int64_t now_us)
{
	if (breaker->state == QUEUE_OPEN) {
		note_while_open(breaker, sign);
		return;
	}
	if (sign != QUEUE_NOTHING)
		breaker->answers = sign != QUEUE_BAD;
	switch (sign) {
	case QUEUE_GOOD: close_again(breaker, now_us); break;
	case QUEUE_BAD: open_for(breaker, next_pause(breaker), now_us); break;
	case QUEUE_BUSY: open_for(breaker, pause_us < BUSY_MAX_US ? pause_us : BUSY_MAX_US, now_us); break;
	case QUEUE_UNSUITED:
		breaker->trying = false;
		if (++breaker->unsuited >= UNSUITED_MAX)
			open_for(breaker, next_pause(breaker), now_us);
		break;
	case QUEUE_NOTHING: breaker->trying = false; break;
	}
}

bool queue_breaker_probes(struct queue_breaker *breaker, int64_t now_us)
{
	if (breaker->probing || now_us < breaker->probe_us)
		return false;
	return breaker->probing = true;
}

void queue_breaker_note_probe(struct queue_breaker *breaker, bool healthy, int64_t now_us)
{
	breaker->probing = false;
	if (!healthy) {
		open_for(breaker, next_pause(breaker), now_us);
	} else if (breaker->state == QUEUE_OPEN && now_us >= breaker->probe_us) {
		breaker->state = QUEUE_HALF_OPEN;
		breaker->probe_us = now_us + LOOK_US;
	} else if (breaker->state != QUEUE_OPEN) {
		breaker->probe_us = now_us + LOOK_US;
	}
	breaker->answers = healthy;
}
