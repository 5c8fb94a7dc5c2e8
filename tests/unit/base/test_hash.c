#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/hash.h"

static void sha256_of_known_texts(void **state)
{
	char text[SHA256_TEXT_BYTES];
	sha256_text("", 0, text);
	assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256_text("abc", 3, text); /* FIPS 180-2, B.1 */
	assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, cases 1, 2 and 6; and an empty key. */
static void hmac_of_known_texts(void **state)
{
	unsigned char ones[20], long_key[131];
	char text[SHA256_TEXT_BYTES];
	memset(ones, 0x0b, sizeof ones);
	memset(long_key, 0xaa, sizeof long_key);
	hmac_sha256_text(ones, sizeof ones, "Hi There", 8, text);
	assert_string_equal(text, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_sha256_text("Jefe", 4, "what do ya want for nothing?", 28, text);
	assert_string_equal(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	const char *data = "Test Using Larger Than Block-Size Key - Hash Key First";
	hmac_sha256_text(long_key, sizeof long_key, data, strlen(data), text);
	assert_string_equal(text, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hmac_sha256_text(NULL, 0, "", 0, text);
	assert_string_equal(text, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void uuids_are_version_4_and_differ(void **state)
{
	char first[UUID_TEXT_BYTES], second[UUID_TEXT_BYTES];
	for (int i = 0; i < 200; i++) {
		random_uuid(first);
		random_uuid(second);
		assert_string_not_equal(first, second);
		assert_int_equal(strlen(first), 36);
		assert_int_equal(strspn(first, "0123456789abcdef-"), 36);
		assert_int_equal(first[14], '4');
		assert_non_null(strchr("89ab", first[19]));
		assert_true(first[8] == '-' && first[13] == '-' && first[18] == '-' && first[23] == '-');
	}
}

static void random_hex_fills_its_room(void **state)
{
	char text[2 * 24 + 1], other[2 * 24 + 1];
	random_hex(text, 24);
	random_hex(other, 24);
	assert_int_equal(strspn(text, "0123456789abcdef"), 48);
	assert_string_not_equal(text, other);
}

static void secrets_compare_whole(void **state)
{
	assert_true(equal_secrets("abc", "abc"));
	assert_true(equal_secrets("", ""));
	assert_false(equal_secrets("abc", "abd"));
	assert_false(equal_secrets("abc", "ab"));
	assert_false(equal_secrets("", "a"));
}

static const struct {
	const char *bytes, *text;
} pairs[] = {
	/* RFC 4648, section 10 */
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xfb", "//s=" },
};

static void base64_of_known_texts(void **state)
{
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		cleanup_buffer struct buffer encoded = { 0 }, decoded = { 0 };
		base64_encode(pairs[i].bytes, strlen(pairs[i].bytes), &encoded);
		assert_string_equal(buffer_text(&encoded), pairs[i].text);
		assert_int_equal(base64_decode(pairs[i].text, strlen(pairs[i].text), &decoded), 0);
		assert_string_equal(buffer_text(&decoded), pairs[i].bytes);
	}
}

static void base64_of_megabytes_comes_back(void **state)
{
	enum { SIZE = 3 * (1 << 20) + 1000 };
	cleanup_buffer struct buffer bytes = { 0 }, encoded = { 0 }, decoded = { 0 };
	random_bytes(buffer_reserve(&bytes, SIZE), SIZE);
	bytes.size = SIZE;
	base64_encode(bytes.data, bytes.size, &encoded);
	assert_int_equal(encoded.size, (SIZE + 2) / 3 * 4);
	assert_int_equal(base64_decode(encoded.data, encoded.size, &decoded), 0);
	assert_int_equal(decoded.size, SIZE);
	assert_memory_equal(decoded.data, bytes.data, SIZE);
}

static void base64_allows_white_space(void **state)
{
	cleanup_buffer struct buffer decoded = { 0 };
	assert_int_equal(base64_decode(" Zm9v\r\nYg=\t=\n", 13, &decoded), 0);
	assert_string_equal(buffer_text(&decoded), "foob");
}

static const char *const malformed[] = { "Z",    "Zg",    "Zg=",         "Zg===", "=",
					 "====", "Zm9v=", "Zg==Zg==",    "Z=g=",  "Zm9vY!==",
					 "Zh==", "Zm9=",  "Zm9v\xc3\xa9" };

static void malformed_base64_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
		cleanup_buffer struct buffer decoded = { 0 };
		if (base64_decode(malformed[i], strlen(malformed[i]), &decoded) != -EINVAL)
			fail_msg("\"%s\" was taken", malformed[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_known_texts),          cmocka_unit_test(hmac_of_known_texts),
		cmocka_unit_test(uuids_are_version_4_and_differ), cmocka_unit_test(random_hex_fills_its_room),
		cmocka_unit_test(secrets_compare_whole),          cmocka_unit_test(base64_of_known_texts),
		cmocka_unit_test(base64_of_megabytes_comes_back), cmocka_unit_test(base64_allows_white_space),
		cmocka_unit_test(malformed_base64_is_refused),
	};
	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
