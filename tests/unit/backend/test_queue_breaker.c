/* When the queue service is given runs: stories, step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "queue_breaker.h"

enum act { ADMITTED, REFUSED, RUN, PROBE, NO_PROBE, HEALTHY, UNHEALTHY };

struct step {
	enum act act;
	int64_t now_ms;
	enum queue_sign sign; /* of RUN */
	int64_t pause_ms;     /* the same */
	enum queue_breaker_state state;
	bool answers;
};

static void walk(const struct step *steps, size_t count)
{
	struct queue_breaker breaker = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct step *step = &steps[i];
		int64_t now_us = step->now_ms * 1000;
		bool as_said = true;

		switch (step->act) {
		case ADMITTED: as_said = queue_breaker_admits(&breaker); break;
		case REFUSED: as_said = !queue_breaker_admits(&breaker); break;
		case RUN: queue_breaker_note(&breaker, step->sign, step->pause_ms * 1000, now_us); break;
		case PROBE: as_said = queue_breaker_probes(&breaker, now_us); break;
		case NO_PROBE: as_said = !queue_breaker_probes(&breaker, now_us); break;
		case HEALTHY: queue_breaker_note_probe(&breaker, true, now_us); break;
		case UNHEALTHY: queue_breaker_note_probe(&breaker, false, now_us); break;
		}
		if (!as_said || breaker.state != step->state || breaker.answers != step->answers)
			fail_msg("step %zu: %s, state %s, answers %d", i, as_said ? "as said" : "otherwise",
				 queue_breaker_name(breaker.state), breaker.answers);
	}
}

static void failed_once_and_back(void **state)
{
	static const struct step steps[] = {
		{ PROBE, 0, 0, 0, QUEUE_CLOSED, false }, /* nothing is known at first */
		{ ADMITTED, 1, 0, 0, QUEUE_CLOSED, false },
		{ NO_PROBE, 1, 0, 0, QUEUE_CLOSED, false }, /* one is under way */
		{ HEALTHY, 2, 0, 0, QUEUE_CLOSED, true },
		{ RUN, 3, QUEUE_GOOD, 0, QUEUE_CLOSED, true },
		{ ADMITTED, 4, 0, 0, QUEUE_CLOSED, true },
		{ ADMITTED, 4, 0, 0, QUEUE_CLOSED, true },
		{ RUN, 5, QUEUE_BAD, 0, QUEUE_OPEN, false },
		{ REFUSED, 6, 0, 0, QUEUE_OPEN, false },
		{ RUN, 7, QUEUE_BAD, 0, QUEUE_OPEN, false }, /* it began before: nothing new */
		{ NO_PROBE, 1004, 0, 0, QUEUE_OPEN, false },
		{ PROBE, 1005, 0, 0, QUEUE_OPEN, false },
		{ UNHEALTHY, 1010, 0, 0, QUEUE_OPEN, false },
		{ NO_PROBE, 3009, 0, 0, QUEUE_OPEN, false }, /* twice as long */
		{ PROBE, 3010, 0, 0, QUEUE_OPEN, false },
		{ HEALTHY, 3020, 0, 0, QUEUE_HALF_OPEN, true },
		{ ADMITTED, 3021, 0, 0, QUEUE_HALF_OPEN, true },
		{ REFUSED, 3022, 0, 0, QUEUE_HALF_OPEN, true }, /* one at a time */
		{ RUN, 3030, QUEUE_BAD, 0, QUEUE_OPEN, false }, /* healthy, but it cannot */
		{ NO_PROBE, 7029, 0, 0, QUEUE_OPEN, false },
		{ PROBE, 7030, 0, 0, QUEUE_OPEN, false },
		{ HEALTHY, 7031, 0, 0, QUEUE_HALF_OPEN, true },
		{ ADMITTED, 7032, 0, 0, QUEUE_HALF_OPEN, true },
		{ RUN, 7040, QUEUE_GOOD, 0, QUEUE_CLOSED, true },
		{ ADMITTED, 7041, 0, 0, QUEUE_CLOSED, true },
		{ RUN, 7042, QUEUE_BAD, 0, QUEUE_OPEN, false },
		{ PROBE, 8042, 0, 0, QUEUE_OPEN, false }, /* as short as at first */
	};

	walk(steps, sizeof steps / sizeof steps[0]);
}

static void found_out_before_anybody_had_to_wait(void **state)
{
	static const struct step steps[] = {
		{ PROBE, 0, 0, 0, QUEUE_CLOSED, false },       { HEALTHY, 1, 0, 0, QUEUE_CLOSED, true },
		{ NO_PROBE, 5000, 0, 0, QUEUE_CLOSED, true },  { PROBE, 5001, 0, 0, QUEUE_CLOSED, true },
		{ UNHEALTHY, 5002, 0, 0, QUEUE_OPEN, false },  { REFUSED, 5003, 0, 0, QUEUE_OPEN, false },
		{ PROBE, 6002, 0, 0, QUEUE_OPEN, false },      { HEALTHY, 6003, 0, 0, QUEUE_HALF_OPEN, true },
		{ PROBE, 11003, 0, 0, QUEUE_HALF_OPEN, true }, /* nobody ran anything meanwhile */
		{ UNHEALTHY, 11004, 0, 0, QUEUE_OPEN, false },
	};

	walk(steps, sizeof steps / sizeof steps[0]);
}

static void what_does_not_suit_it_says_little(void **state)
{
	static const struct step steps[] = {
		{ RUN, 1, QUEUE_UNSUITED, 0, QUEUE_CLOSED, true },
		{ RUN, 2, QUEUE_UNSUITED, 0, QUEUE_CLOSED, true },
		{ RUN, 3, QUEUE_GOOD, 0, QUEUE_CLOSED, true },
		{ RUN, 4, QUEUE_UNSUITED, 0, QUEUE_CLOSED, true },
		{ RUN, 5, QUEUE_NOTHING, 0, QUEUE_CLOSED, true },
		{ RUN, 6, QUEUE_UNSUITED, 0, QUEUE_CLOSED, true },
		{ RUN, 7, QUEUE_UNSUITED, 0, QUEUE_OPEN, true }, /* the third in a row */
		{ PROBE, 1007, 0, 0, QUEUE_OPEN, true },
		{ HEALTHY, 1008, 0, 0, QUEUE_HALF_OPEN, true },
		{ ADMITTED, 1009, 0, 0, QUEUE_HALF_OPEN, true },
		{ RUN, 1010, QUEUE_NOTHING, 0, QUEUE_HALF_OPEN,
		  true }, /* its user went away: the next tries */
		{ ADMITTED, 1011, 0, 0, QUEUE_HALF_OPEN, true },
		{ RUN, 1012, QUEUE_UNSUITED, 0, QUEUE_HALF_OPEN, true },
		{ ADMITTED, 1013, 0, 0, QUEUE_HALF_OPEN, true },
	};

	walk(steps, sizeof steps / sizeof steps[0]);
}

static void one_that_is_busy_says_for_how_long(void **state)
{
	static const struct step steps[] = {
		{ RUN, 0, QUEUE_BUSY, 7000, QUEUE_OPEN, true },
		{ REFUSED, 1, 0, 0, QUEUE_OPEN, true },
		{ NO_PROBE, 6999, 0, 0, QUEUE_OPEN, true },
		{ PROBE, 7000, 0, 0, QUEUE_OPEN, true },
		{ HEALTHY, 7001, 0, 0, QUEUE_HALF_OPEN, true },
		{ ADMITTED, 7002, 0, 0, QUEUE_HALF_OPEN, true },
		{ RUN, 7003, QUEUE_BUSY, 9999999, QUEUE_OPEN, true },
		{ NO_PROBE, 67002, 0, 0, QUEUE_OPEN, true }, /* a minute is the most */
		{ PROBE, 67003, 0, 0, QUEUE_OPEN, true },
	};

	walk(steps, sizeof steps / sizeof steps[0]);
}

static void a_good_end_while_open_counts(void **state)
{
	static const struct step steps[] = {
		{ RUN, 0, QUEUE_BAD, 0, QUEUE_OPEN, false },
		{ RUN, 1, QUEUE_GOOD, 0, QUEUE_HALF_OPEN, true },
		{ ADMITTED, 2, 0, 0, QUEUE_HALF_OPEN, true },
		{ RUN, 3, QUEUE_GOOD, 0, QUEUE_CLOSED, true },
	};

	walk(steps, sizeof steps / sizeof steps[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failed_once_and_back),
		cmocka_unit_test(found_out_before_anybody_had_to_wait),
		cmocka_unit_test(what_does_not_suit_it_says_little),
		cmocka_unit_test(one_that_is_busy_says_for_how_long),
		cmocka_unit_test(a_good_end_while_open_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
