#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/pool.h"

static void everything_is_aligned_and_zeroed(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	for (size_t size = 1; size < 9000; size = size * 3 + 1) {
		unsigned char *bytes = pool_alloc(pool, size);
		assert_non_null(bytes);
		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
}

static void objects_do_not_overlap(void **state)
{
	enum { COUNT = 500 };
	cleanup_pool struct pool *pool = pool_new();
	char *texts[COUNT];
	for (int i = 0; i < COUNT; i++)
		texts[i] = i % 50 ? pool_printf(pool, "text %d", i) : pool_printf(pool, "%05000d", i);
	for (int i = 0; i < COUNT; i++) {
		char expected[5001];
		snprintf(expected, sizeof expected, i % 50 ? "text %d" : "%05000d", i);
		assert_string_equal(texts[i], expected);
	}
}

static void copies_are_terminated(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	assert_string_equal(pool_strdup(pool, "abc"), "abc");
	assert_string_equal(pool_memdup(pool, "abcdef", 3), "abc");
	assert_string_equal(pool_memdup(pool, NULL, 0), "");
}

static void impossible_sizes_are_refused(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	assert_null(pool_alloc(pool, SIZE_MAX));
	assert_null(pool_array(pool, SIZE_MAX / 2, 3));
	assert_null(pool_memdup(pool, "", SIZE_MAX));
	assert_non_null(pool_array(pool, 3, 5));
}

static char order[8];
static void note(void *object)
{
	order[strlen(order)] = *(char *)object;
}

static void deferred_calls_come_last_first(void **state)
{
	struct pool *pool = pool_new();
	memset(order, 0, sizeof order);
	assert_int_equal(pool_defer(pool, note, pool_strdup(pool, "a")), 0);
	assert_int_equal(pool_defer(pool, note, pool_strdup(pool, "b")), 0);
	assert_int_equal(pool_defer(pool, note, pool_strdup(pool, "c")), 0);
	assert_string_equal(order, "");
	pool_free(pool);
	assert_string_equal(order, "cba");
}

static void nothing_can_be_freed(void **state)
{
	pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_aligned_and_zeroed),
		cmocka_unit_test(objects_do_not_overlap),
		cmocka_unit_test(copies_are_terminated),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(deferred_calls_come_last_first),
		cmocka_unit_test(nothing_can_be_freed),
	};
	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
