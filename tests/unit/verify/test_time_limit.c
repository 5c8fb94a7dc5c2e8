/* The time limit that is made of the slowest: a row a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "inside.h"

static const struct {
	const char *name;
	int64_t slowest_us;
	double multiplier, resolution_s, expected_s;
} rows[] = {
	{ "nothing was measured: one step", 0, 5, 1, 1 },
	{ "far below a step", 1000, 2, 1, 1 },
	{ "legacy", 450000, 5, 1, 3 },
	{ "2025-09", 450000, 2, 1, 1 },
	{ "just a multiple stays", 500000, 2, 1, 1 },
	{ "a little more is the next", 500001, 2, 1, 2 },
	{ "fine steps", 123000, 2, 0.1, 0.3 },
	{ "0.3 is three times 0.1, whatever a double says", 100000, 3, 0.1, 0.3 },
	{ "coarse steps", 1200000, 2, 5, 5 },
	{ "less than once", 3000000, 0.5, 1, 2 },
};

static void is_rounded_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct package_time time = { .multiplier = rows[i].multiplier,
						   .resolution_s = rows[i].resolution_s };
		double limit_s = inferred_limit_s(rows[i].slowest_us, &time);

		if (fabs(limit_s - rows[i].expected_s) > 1e-9)
			fail_msg("%s: %g s", rows[i].name, limit_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_rounded_up) };

	return cmocka_run_group_tests_name("time_limit", tests, NULL, NULL);
}
