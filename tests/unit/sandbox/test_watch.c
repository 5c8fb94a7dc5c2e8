/* When the watchman looks again: never later than a limit can be reached. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "keeper/watch.h"

static const struct {
	const char *what;
	int64_t cpu_limit_us, wall_limit_us;
	int processors;
	int64_t cpu_us, wall_us, pause_us;
} cases[] = {
	{ "everything is far: memory is looked at", 1000000, 1000000, 1, 0, 0, 20000 },
	{ "what is left of the CPU time", 100000, 1000000, 1, 90000, 95000, 10000 },
	{ "on two processors it is gone in half the time", 100000, 1000000, 2, 90000, 95000, 5000 },
	{ "on four in a quarter", 100000, 1000000, 4, 60000, 95000, 10000 },
	{ "what is left of the wall time", 1000000, 100000, 1, 90000, 95000, 5000 },
	{ "the nearer of both", 100000, 101000, 1, 95000, 95000, 5000 },
	{ "a short limit from the start", 3000, 1000000, 1, 0, 0, 3000 },
	{ "no more often than the figure changes", 100000, 1000000, 1, 99900, 100000, 1000 },
	{ "the limit itself may be used", 100000, 1000000, 1, 100000, 100000, 1000 },
	{ "wall time is exact to the end", 1000000, 100000, 1, 0, 99999, 1 },
	{ "a timer that is late still fires", 1000000, 100000, 1, 0, 100000, 1 },
	{ "and later", 1000000, 100000, 1, 0, 200000, 1 },
	{ "as long as a limit may be", 1ll << 44, 1ll << 44, 1, 0, 0, 20000 },
};

static void pauses_end_when_a_limit_can_be_reached(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct limits limits = { .cpu_time_us = cases[i].cpu_limit_us,
					       .wall_time_us = cases[i].wall_limit_us };
		int64_t pause_us =
			watch_pause_us(&limits, cases[i].processors, cases[i].cpu_us, cases[i].wall_us);
		if (pause_us != cases[i].pause_us)
			fail_msg("%s: %lld us, expected %lld", cases[i].what, (long long)pause_us,
				 (long long)cases[i].pause_us);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(pauses_end_when_a_limit_can_be_reached) };
	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
