#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

static void grows_and_stays_terminated(void **state)
{
	cleanup_buffer struct buffer buffer = { 0 };
	for (int i = 0; i < 1000; i++) {
		buffer_putc(&buffer, (char)('a' + i % 26));
		assert_int_equal(buffer.data[buffer.size], '\0');
	}
	assert_int_equal(buffer.size, 1000);
	assert_memory_equal(buffer.data, "abcdefghij", 10);
}

static void appends_bytes_text_and_formats(void **state)
{
	cleanup_buffer struct buffer buffer = { 0 };
	buffer_append(&buffer, "a\0b", 3);
	buffer_puts(&buffer, "-c-");
	buffer_printf(&buffer, "%s:%d:%0300d", "x", 42, 0);
	assert_int_equal(buffer.size, 3 + 3 + 5 + 300);
	assert_memory_equal(buffer.data, "a\0b-c-x:42:000", 14);
}

static void empty_is_a_text_too(void **state)
{
	cleanup_buffer struct buffer buffer = { 0 };
	assert_string_equal(buffer_text(&buffer), "");
	size_t size = 99;
	char *taken = buffer_take(&buffer, &size);
	assert_string_equal(taken, "");
	assert_int_equal(size, 0);
	free(taken);
}

static void taken_bytes_leave_it_empty(void **state)
{
	cleanup_buffer struct buffer buffer = { 0 };
	buffer_puts(&buffer, "mine");
	char *taken = buffer_take(&buffer, NULL);
	assert_string_equal(taken, "mine");
	free(taken);
	assert_null(buffer.data);
	assert_int_equal(buffer.size, 0);
}

static void failure_sticks_until_cleared(void **state)
{
	cleanup_buffer struct buffer buffer = { 0 };
	buffer_puts(&buffer, "before");
	assert_null(buffer_reserve(&buffer, SIZE_MAX / 2 + 1));
	assert_true(buffer.failed);
	buffer_puts(&buffer, " after");
	assert_string_equal(buffer_text(&buffer), "before");
	buffer_clear(&buffer);
	assert_false(buffer.failed);
	buffer_puts(&buffer, "again");
	assert_string_equal(buffer_text(&buffer), "again");
}

static void a_failed_buffer_yields_nothing(void **state)
{
	struct buffer buffer = { 0 };
	buffer_puts(&buffer, "lost");
	assert_null(buffer_reserve(&buffer, SIZE_MAX / 2 + 1));
	assert_null(buffer_take(&buffer, NULL));
	assert_null(buffer.data);
}

static void reserved_room_is_for_reading_into(void **state)
{
	cleanup_buffer struct buffer buffer = { 0 };
	char *room = buffer_reserve(&buffer, 5000);
	assert_non_null(room);
	memset(room, 'z', 5000);
	buffer.size += 5000;
	buffer_putc(&buffer, '!');
	assert_int_equal(buffer.data[5000], '!');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_stays_terminated),
		cmocka_unit_test(appends_bytes_text_and_formats),
		cmocka_unit_test(empty_is_a_text_too),
		cmocka_unit_test(taken_bytes_leave_it_empty),
		cmocka_unit_test(failure_sticks_until_cleared),
		cmocka_unit_test(a_failed_buffer_yields_nothing),
		cmocka_unit_test(reserved_room_is_for_reading_into),
	};
	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
