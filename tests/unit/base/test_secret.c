/* A secret in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/secret.h"

static char folder[32], path[64];

static int set_up(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/arena-secret-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/secret", folder);
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static void it_is_made_once(void **state)
{
	char first[SECRET_TEXT_BYTES], second[SECRET_TEXT_BYTES];
	struct stat status;
	struct error err;

	assert_int_equal(secret_keep(path, first, &err), 0);
	assert_int_equal(secret_keep(path, second, &err), 0);
	assert_string_equal(first, second);
	assert_int_equal(strlen(first), 64);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(secret_keep(path, second, &err), 0);
	assert_string_not_equal(first, second);
}

static void what_the_file_may_hold(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *secret;
	} cases[] = {
		{ "0123456789abcdef0123456789abcdef\n", 0, "0123456789abcdef0123456789abcdef" },
		{ "0123456789abcdef0123456789abcdef", 0, "0123456789abcdef0123456789abcdef" },
		{ "0123456789abcdef0123456789abcdef\r\nmore", 0, "0123456789abcdef0123456789abcdef" },
		{ "0123456789abcdef0123456789abcde\n", -EINVAL, "" },
		{ "", -EINVAL, "" },
		{ "\n0123456789abcdef0123456789abcdef", -EINVAL, "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char secret[SECRET_TEXT_BYTES] = "";
		struct error err = { 0 };

		assert_int_equal(file_replace(path, cases[i].text, strlen(cases[i].text), 0600, &err), 0);
		assert_int_equal(secret_keep(path, secret, &err), cases[i].code);
		assert_string_equal(secret, cases[i].secret);
		assert_int_equal(cases[i].code < 0, strstr(err.text, path) != NULL);
	}
}

static void a_line_that_is_too_long(void **state)
{
	char text[SECRET_TEXT_BYTES + 1], secret[SECRET_TEXT_BYTES];
	struct error err;

	memset(text, 'x', sizeof text);
	assert_int_equal(file_replace(path, text, SECRET_TEXT_BYTES, 0600, &err), 0);
	assert_int_equal(secret_keep(path, secret, &err), -EINVAL);
	assert_int_equal(file_replace(path, text, SECRET_TEXT_BYTES - 1, 0600, &err), 0);
	assert_int_equal(secret_keep(path, secret, &err), 0);
}

static void where_nothing_can_be_made(void **state)
{
	char secret[SECRET_TEXT_BYTES];
	struct error err;

	assert_true(secret_keep("/nowhere/at/all", secret, &err) < 0);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_made_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_file_may_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_line_that_is_too_long, set_up, tear_down),
		cmocka_unit_test_setup_teardown(where_nothing_can_be_made, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
