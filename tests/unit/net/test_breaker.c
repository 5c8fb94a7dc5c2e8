#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "breaker.h"

static const struct breaker_rules rules = { .failures = 3, .pause_us = 100, .pause_max_us = 300 };

enum act { ASK, ASK_REFUSED, OK, FAIL, FORGET };

/* One story, step by step. */
static const struct {
	enum act act;
	int64_t now_us;
	int64_t retry_us; /* of ASK_REFUSED */
} steps[] = {
	{ ASK, 1, 0 },
	{ FAIL, 1, 0 },
	{ ASK, 2, 0 },
	{ FAIL, 2, 0 },
	{ ASK, 3, 0 },
	{ OK, 3, 0 }, /* an answer makes up for all failures */
	{ ASK, 4, 0 },
	{ ASK, 4, 0 },
	{ ASK, 4, 0 },
	{ ASK, 4, 0 },
	{ FAIL, 5, 0 },
	{ FAIL, 6, 0 },
	{ FAIL, 10, 0 }, /* the third in a row */
	{ ASK_REFUSED, 11, 99 },
	{ FAIL, 50, 0 }, /* began before it opened: changes nothing */
	{ ASK_REFUSED, 109, 1 },
	{ ASK, 110, 0 }, /* the probe */
	{ ASK_REFUSED, 110, 1000000 },
	{ FAIL, 120, 0 },
	{ ASK_REFUSED, 121, 199 }, /* twice as long */
	{ ASK, 320, 0 },
	{ FAIL, 320, 0 },
	{ ASK_REFUSED, 321, 299 }, /* at most so long */
	{ ASK, 620, 0 },
	{ FORGET, 620, 0 }, /* told nothing: another may probe */
	{ ASK, 621, 0 },
	{ OK, 621, 0 },
	{ ASK, 622, 0 },
	{ ASK, 622, 0 }, /* closed again */
	{ FAIL, 622, 0 },
	{ FAIL, 623, 0 },
	{ ASK, 623, 0 },
};

static void the_story_of_one_destination(void **state)
{
	struct breaker breaker = { 0 };
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		int64_t now = steps[i].now_us, retry = 0;
		bool admitted = true;
		switch (steps[i].act) {
		case ASK:
		case ASK_REFUSED:
			admitted = breaker_admits(&breaker, now);
			retry = admitted ? 0 : breaker_retry_us(&breaker, now);
			break;
		case OK: breaker_note(&breaker, &rules, true, now); break;
		case FAIL: breaker_note(&breaker, &rules, false, now); break;
		case FORGET: breaker_forget(&breaker); break;
		}
		if (admitted != (steps[i].act != ASK_REFUSED) || retry != steps[i].retry_us)
			fail_msg("step %zu: admitted %d, again in %lld", i, admitted, (long long)retry);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_story_of_one_destination) };
	return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
