/* queue_breaker.h - whether the queue service is given runs at all: it is left alone after it failed, until its health
 * answers, and is then tried with one run before it gets them all again. Pure: times come in.
 *
 *     CLOSED ── failed, or three runs in a row did not suit it ──▶ OPEN ── its health answers ──▶ HALF_OPEN
 *        ▲                                                          ▲                                 │
 *        └────────────────────── a run went well ◀──────────────────┼── one run at a time ────────────┤
 *                                                                   └── failed again ◀────────────────┘
 *
 * Its health is looked at all the time, so that no user has to wait for what can be known before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum queue_breaker_state { QUEUE_CLOSED, QUEUE_OPEN, QUEUE_HALF_OPEN };
const char *queue_breaker_name(enum queue_breaker_state state); /* "closed", "open", "half-open" */

/* Zero-initialise: closed, and nothing known. */
struct queue_breaker {
	enum queue_breaker_state state;
	bool answers;               /* the last that was heard of it was good */
	bool trying;                /* HALF_OPEN: the one run is under way */
	bool probing;               /* its health is being asked for */
	int unsuited;               /* in a row */
	int64_t pause_us, probe_us; /* between looks at it; when the next is due */
};

/* Whether a run may go there now; one that may must be followed by a note. */
bool queue_breaker_admits(struct queue_breaker *breaker);

enum queue_sign {
	QUEUE_GOOD,     /* it ran the program */
	QUEUE_UNSUITED, /* it answers, and could not run this one */
	QUEUE_BUSY,     /* it asks to be left alone, for `pause_us` */
	QUEUE_BAD,      /* it does not answer, or not as it should */
	QUEUE_NOTHING,  /* we did not wait for it */
};
/* What came of a run. */
void queue_breaker_note(struct queue_breaker *breaker, enum queue_sign sign, int64_t pause_us,
			int64_t now_us);

/* Whether its health should be asked for now; true begins a probe, which must be followed by its end. */
bool queue_breaker_probes(struct queue_breaker *breaker, int64_t now_us);
void queue_breaker_note_probe(struct queue_breaker *breaker, bool healthy, int64_t now_us);
