#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/error.h"

static void sets_code_and_text(void **state)
{
	struct error err = { 0 };
	assert_int_equal(error_set(&err, -EINVAL, "field %s: %d", "a", 7), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, "field a: 7");
}

static void errno_is_named(void **state)
{
	struct error err = { 0 };
	errno = ENOENT;
	assert_int_equal(error_errno(&err, "open %s", "/nowhere"), -ENOENT);
	assert_string_equal(err.text, "open /nowhere: No such file or directory");
	errno = 0;
	assert_int_equal(error_errno(&err, "odd"), -EIO);
}

static void context_goes_in_front(void **state)
{
	struct error err = { 0 };
	error_set(&err, -EAGAIN, "inner");
	assert_int_equal(error_wrap(&err, "outer %d", 1), -EAGAIN);
	assert_int_equal(error_wrap(&err, "outermost"), -EAGAIN);
	assert_string_equal(err.text, "outermost: outer 1: inner");
}

static void long_text_is_marked_as_cut(void **state)
{
	char many[2 * ERROR_TEXT_BYTES];
	memset(many, 'x', sizeof many);
	many[sizeof many - 1] = '\0';
	struct error err = { 0 };
	error_set(&err, -1, "%s", many);
	assert_int_equal(strlen(err.text), ERROR_TEXT_BYTES - 1);
	assert_string_equal(err.text + ERROR_TEXT_BYTES - 4, "...");
	error_wrap(&err, "%s", many);
	assert_string_equal(err.text + ERROR_TEXT_BYTES - 4, "...");
}

static void nobody_has_to_listen(void **state)
{
	assert_int_equal(error_set(NULL, -EPERM, "unheard"), -EPERM);
	errno = EACCES;
	assert_int_equal(error_errno(NULL, "unheard"), -EACCES);
	assert_int_equal(error_wrap(NULL, "unheard"), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_code_and_text),    cmocka_unit_test(errno_is_named),
		cmocka_unit_test(context_goes_in_front), cmocka_unit_test(long_text_is_marked_as_cut),
		cmocka_unit_test(nobody_has_to_listen),
	};
	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
