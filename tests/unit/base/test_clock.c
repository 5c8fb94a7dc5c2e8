#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static const struct {
	int64_t wall_ms;
	const char *text;
} moments[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ 999, "1970-01-01T00:00:00.999Z" },
	{ 1705314600000, "2024-01-15T10:30:00.000Z" },
	{ 1709164799999, "2024-02-28T23:59:59.999Z" },
	{ 1709251199001, "2024-02-29T23:59:59.001Z" },
	{ 253402300799999, "9999-12-31T23:59:59.999Z" },
};

static void moments_have_one_text(void **state)
{
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		char text[CLOCK_TEXT_BYTES];
		assert_string_equal(clock_format(moments[i].wall_ms, text), moments[i].text);
	}
}

static void monotonic_never_steps_back(void **state)
{
	int64_t last = clock_monotonic_us();
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_monotonic_us();
		assert_true(now >= last);
		last = now;
	}
}

static void wall_is_the_epochs(void **state)
{
	int64_t wall = clock_wall_ms();
	time_t seconds = time(NULL);
	assert_in_range(wall / 1000, seconds - 1, seconds + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_have_one_text),
		cmocka_unit_test(monotonic_never_steps_back),
		cmocka_unit_test(wall_is_the_epochs),
	};
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
