#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "url.h"

static const struct {
	const char *text;
	bool form;
	const char *expected; /* NULL: refused */
} cases[] = {
	{ "", false, "" },         { "plain", false, "plain" },
	{ "a%20b", false, "a b" }, { "%c3%A9", false, "\xc3\xa9" },
	{ "%2F%2f", false, "//" }, { "a+b", false, "a+b" },
	{ "a+b", true, "a b" },    { "%2B", true, "+" },
	{ "100%", false, NULL },   { "%4", false, NULL },
	{ "%4g", false, NULL },    { "%g4", false, NULL },
	{ "%%41", false, NULL },   { "%00", false, NULL },
	{ "a%00b", true, NULL },   { "%ff", false, NULL },
	{ "%c3", false, NULL },
};

static void every_text_decodes_or_is_refused(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *got = url_decode(pool, cases[i].text, strlen(cases[i].text), cases[i].form);
		const char *expected = cases[i].expected;
		if (!got != !expected || (got && strcmp(got, expected) != 0))
			fail_msg("%s: '%s', expected '%s'", cases[i].text, got ? got : "(refused)",
				 expected ? expected : "(refused)");
	}
}

static void a_query_becomes_pairs(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	const struct url_pair *pairs;
	assert_int_equal(url_query(pool, NULL, &pairs), 0);
	assert_int_equal(url_query(pool, "", &pairs), 0);
	assert_int_equal(url_query(pool, "a=1&b&&c=x%3Dy+z=&", &pairs), 3);
	assert_string_equal(pairs[0].name, "a");
	assert_string_equal(pairs[0].value, "1");
	assert_string_equal(pairs[1].name, "b");
	assert_string_equal(pairs[1].value, "");
	assert_string_equal(pairs[2].value, "x=y z=");
}

static void a_bad_query_is_refused_whole(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	const struct url_pair *pairs;
	cleanup_buffer struct buffer many = { 0 };
	for (int i = 0; i <= URL_PAIRS_MAX; i++)
		buffer_puts(&many, "a=1&");
	assert_int_equal(url_query(pool, "a=1&b=%zz", &pairs), -1);
	assert_int_equal(url_query(pool, "%00=1", &pairs), -1);
	assert_int_equal(url_query(pool, buffer_text(&many), &pairs), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_decodes_or_is_refused),
		cmocka_unit_test(a_query_becomes_pairs),
		cmocka_unit_test(a_bad_query_is_refused_whole),
	};
	return cmocka_run_group_tests_name("net url", tests, NULL, NULL);
}
