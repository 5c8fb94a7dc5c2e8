#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* ---- whole texts ---- */

static const struct {
	const char *text;
	size_t size;     /* 0: strlen */
	const char *why; /* part of the message */
} refused[] = {
	{ "", 0, "line 1" },
	{ "{", 0, "line 1, column 1" },
	{ "{\"a\":1,}", 0, "line 1, column 8" },
	{ "{\n  \"a\": 1\n  \"b\": 2\n}", 0, "line 3, column 5" },
	{ "{\"a\":1,\"a\":2}", 0, "duplicate" },
	{ "{} {}", 0, "end of file expected" },
	{ "{'a':1}", 0, "line 1" },
	{ "[01]", 0, "line 1" },
	{ "[1e999]", 0, "overflow" },
	{ "[99999999999999999999]", 0, "too big integer" },
	{ "[NaN]", 0, "invalid token" },
	{ "[\"\xff\"]", 0, "line 1" },
	{ "[\"\xed\xa0\x80\"]", 0, "line 1" },
	{ "[\"\xc0\x80\"]", 0, "line 1" },
	{ "[\"\\ud800\"]", 0, "line 1" },
	{ "[\"a\\u0000b\"]", 0, "\\u0000 is not allowed in text" },
	{ "{\"a\\u0000b\": 1}", 0, "NUL" },
	{ "[\"a\0b\"]", 7, "line 1" },
	{ "{}\0", 3, "line 1" },
	{ "[\"tab\there\"]", 0, "control character" },
};

static void bad_texts_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		size_t size = refused[i].size ? refused[i].size : strlen(refused[i].text);
		struct error err = { 0 };
		json_t *json = NULL;
		if (json_parse(refused[i].text, size, &json, &err) != -EINVAL || json)
			fail_msg("%s: was taken", refused[i].text);
		if (!strstr(err.text, refused[i].why))
			fail_msg("%s: %s, expected %s", refused[i].text, err.text, refused[i].why);
	}
}

static void nested(char *text, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		text[i] = '[', text[2 * depth - 1 - i] = ']';
	text[2 * depth] = '\0';
}

static void nesting_is_bounded(void **state)
{
	char text[1000];
	struct error err = { 0 };
	cleanup_json json_t *json = NULL;
	nested(text, JSON_DEPTH_MAX);
	assert_int_equal(json_parse(text, strlen(text), &json, &err), 0);
	json_t *deeper = NULL;
	nested(text, JSON_DEPTH_MAX + 1);
	assert_int_equal(json_parse(text, strlen(text), &deeper, &err), -EINVAL);
	assert_string_equal(err.text, "line 1, column 33: nested deeper than 32 levels");
}

static void brackets_in_strings_are_not_nesting(void **state)
{
	char text[256] = "[\"\\\"";
	memset(text + 4, '[', 100);
	snprintf(text + 104, sizeof text - 104, "\", \"\\\\\", {}]");
	cleanup_json json_t *json = NULL;
	struct error err = { 0 };
	if (json_parse(text, strlen(text), &json, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(json_array_size(json), 3);
}

static void a_million_brackets_are_only_refused(void **state)
{
	cleanup_buffer struct buffer text = { 0 };
	memset(buffer_reserve(&text, 1000000), '[', 1000000);
	json_t *json = NULL;
	assert_int_equal(json_parse(text.data, 1000000, &json, NULL), -EINVAL);
}

static void writing_is_compact_and_decimals_stay_short(void **state)
{
	cleanup_json json_t *json =
		json_pack("{s:f, s:[i,n,b], s:s}", "a", 8.2, "b", 1, 1, "c", "\xc3\xa9\n");
	cleanup_buffer struct buffer out = { 0 };
	assert_int_equal(json_write(json, &out), 0);
	assert_string_equal(buffer_text(&out), "{\"a\":8.2,\"b\":[1,null,true],\"c\":\"\xc3\xa9\\n\"}");
}

/* ---- bytes ---- */

#define FFFD "\xef\xbf\xbd"

static const struct {
	const char *story, *bytes, *text;
} decodings[] = {
	{ "plain", "plain", "plain" },
	{ "two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "a lone continuation", "a\x80z", "a" FFFD "z" },
	{ "two lone continuations", "\x80\xbf", FFFD FFFD },
	{ "a broken-off character is one", "\xf0\x9f\x98z", FFFD "z" },
	{ "the same at the end", "\xe2\x82", FFFD },
	{ "overlong slash", "\xc0\xaf", FFFD FFFD },
	{ "overlong in three", "\xe0\x80\xaf", FFFD FFFD FFFD },
	{ "a surrogate", "\xed\xa0\x80", FFFD FFFD FFFD },
	{ "above U+10FFFF", "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD },
	{ "never a lead", "\xf8\xff", FFFD FFFD },
	{ "a lead after a lead", "\xe2\xc3\xa9", FFFD "\xc3\xa9" },
	/* The Unicode Standard's own example, table 3-8. */
	{ "table 3-8", "\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64",
	  "a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d" },
};

static void bytes_become_text(void **state)
{
	for (size_t i = 0; i < sizeof decodings / sizeof decodings[0]; i++) {
		size_t size = strlen(decodings[i].bytes);
		cleanup_json json_t *text = json_text(decodings[i].bytes, size);
		if (strcmp(json_string_value(text), decodings[i].text) != 0)
			fail_msg("%s: %s", decodings[i].story, json_string_value(text));
		assert_int_equal(utf8_valid(decodings[i].bytes, size),
				 strcmp(decodings[i].bytes, decodings[i].text) == 0);
	}
}

static void nul_stays_in_text(void **state)
{
	cleanup_json json_t *text = json_text("a\0b", 3);
	assert_int_equal(json_string_length(text), 3);
	cleanup_json json_t *empty = json_text(NULL, 0);
	assert_int_equal(json_string_length(empty), 0);
}

static const struct {
	const char *bytes;
	size_t size;
	const char *json;
} travellers[] = {
	{ "", 0, "\"\"" },
	{ "\xc3\xa9\n", 3, "\"\xc3\xa9\\n\"" },
	{ "\xff", 1, "{\"base64\":\"/w==\"}" },
	{ "a\0b", 3, "{\"base64\":\"YQBi\"}" },
};

static void bytes_travel_unharmed(void **state)
{
	for (size_t i = 0; i < sizeof travellers / sizeof travellers[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_json json_t *sent = json_bytes(travellers[i].bytes, travellers[i].size);
		cleanup_buffer struct buffer wire = { 0 };
		assert_int_equal(json_write(sent, &wire), 0);
		assert_string_equal(buffer_text(&wire), travellers[i].json);
		cleanup_json json_t *received = NULL;
		assert_int_equal(json_parse(wire.data, wire.size, &received, NULL), 0);
		const char *bytes;
		size_t size;
		assert_int_equal(json_bytes_decode(received, "x", pool, &bytes, &size, NULL), 0);
		assert_int_equal(size, travellers[i].size);
		assert_memory_equal(bytes, travellers[i].bytes, size + 1);
	}
}

static void odd_bytes_are_refused(void **state)
{
	static const char *const odd[] = {
		"1", "null", "{}", "{\"base64\":1}", "{\"base64\":\"?\"}", "{\"base64\":\"\",\"b\":1}"
	};
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		cleanup_json json_t *json = NULL;
		assert_int_equal(json_parse(odd[i], strlen(odd[i]), &json, NULL), 0);
		const char *bytes;
		size_t size;
		struct error err = { 0 };
		assert_int_equal(json_bytes_decode(json, "tests[3].input", pool, &bytes, &size, &err),
				 -EINVAL);
		assert_memory_equal(err.text, "tests[3].input", 14);
	}
}

/* ---- decoding objects ---- */

static void a_good_object_is_read(void **state)
{
	cleanup_json json_t *json =
		json_pack("{s:s, s:i, s:b, s:[], s:{}, s:n, s:n, s:n}", "text", "abc", "number", 7, "flag", 1,
			  "list", "object", "no_text", "no_number", "no_flag");
	struct error err = { 0 };
	struct json_reader reader;
	size_t size = 0;
	json_reader_open(&reader, json, "", &err);
	assert_string_equal(json_need_text(&reader, "text", &size), "abc");
	assert_int_equal(size, 3);
	assert_int_equal(json_need_int(&reader, "number", 0, 7), 7);
	assert_true(json_get_bool(&reader, "flag", false));
	assert_non_null(json_get_array(&reader, "list"));
	assert_non_null(json_get_object(&reader, "object"));
	assert_string_equal(json_get_text(&reader, "no_text", "fallback", &size), "fallback");
	assert_int_equal(size, 8);
	assert_int_equal(json_get_int(&reader, "no_number", 0, 9, -1), -1);
	assert_true(json_get_bool(&reader, "no_flag", true));
	assert_null(json_get_text(&reader, "absent", NULL, &size));
	assert_null(json_get_any(&reader, "absent too"));
	if (json_reader_done(&reader) != 0)
		fail_msg("%s", err.text);
}

enum getter { NEED_TEXT, GET_TEXT, NEED_INT, GET_INT, GET_BOOL, GET_ARRAY, GET_OBJECT, NOTHING };

static void get(struct json_reader *reader, enum getter getter)
{
	switch (getter) {
	case NEED_TEXT: json_need_text(reader, "f", NULL); break;
	case GET_TEXT: json_get_text(reader, "f", "", NULL); break;
	case NEED_INT: json_need_int(reader, "f", 1, 9); break;
	case GET_INT: json_get_int(reader, "f", 1, 9, 5); break;
	case GET_BOOL: json_get_bool(reader, "f", false); break;
	case GET_ARRAY: json_get_array(reader, "f"); break;
	case GET_OBJECT: json_get_object(reader, "f"); break;
	case NOTHING: break;
	}
}

static const struct {
	enum getter getter;
	const char *path, *json, *message;
} faults[] = {
	{ NEED_TEXT, "", "{}", "f: is required" },
	{ NEED_TEXT, "", "{\"f\":null}", "f: is required" },
	{ NEED_TEXT, "outer", "{\"f\":1}", "outer.f: must be a string" },
	{ GET_TEXT, "", "{\"f\":[]}", "f: must be a string" },
	{ NEED_INT, "limits", "{}", "limits.f: is required" },
	{ NEED_INT, "limits", "{\"f\":0}", "limits.f: must be an integer from 1 to 9" },
	{ GET_INT, "", "{\"f\":10}", "f: must be an integer from 1 to 9" },
	{ GET_INT, "", "{\"f\":2.0}", "f: must be an integer from 1 to 9" },
	{ GET_INT, "", "{\"f\":\"2\"}", "f: must be an integer from 1 to 9" },
	{ GET_BOOL, "", "{\"f\":1}", "f: must be true or false" },
	{ GET_ARRAY, "", "{\"f\":{}}", "f: must be an array" },
	{ GET_OBJECT, "", "{\"f\":[]}", "f: must be an object" },
	{ NOTHING, "", "{\"g\":1}", "g: unknown field" },
	{ NOTHING, "tests[2]", "{\"g\":1}", "tests[2].g: unknown field" },
	{ NOTHING, "", "[]", "must be an object" },
	{ NOTHING, "limits", "7", "limits: must be an object" },
};

static void faults_are_named(void **state)
{
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		cleanup_json json_t *json = NULL;
		assert_int_equal(json_parse(faults[i].json, strlen(faults[i].json), &json, NULL), 0);
		struct error err = { 0 };
		struct json_reader reader;
		json_reader_open(&reader, json, faults[i].path, &err);
		get(&reader, faults[i].getter);
		assert_int_equal(json_reader_done(&reader), -EINVAL);
		assert_string_equal(err.text, faults[i].message);
	}
}

static void the_first_fault_counts(void **state)
{
	cleanup_json json_t *json = json_pack("{s:i, s:i}", "a", 1, "b", 2);
	struct error err = { 0 };
	struct json_reader reader;
	json_reader_open(&reader, json, "", &err);
	assert_null(json_need_text(&reader, "a", NULL));
	assert_int_equal(json_need_int(&reader, "b", 0, 9), 0); /* not even looked at */
	assert_int_equal(json_reader_done(&reader), -EINVAL);
	assert_string_equal(err.text, "a: must be a string");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_texts_are_refused),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(brackets_in_strings_are_not_nesting),
		cmocka_unit_test(a_million_brackets_are_only_refused),
		cmocka_unit_test(writing_is_compact_and_decimals_stay_short),
		cmocka_unit_test(bytes_become_text),
		cmocka_unit_test(nul_stays_in_text),
		cmocka_unit_test(bytes_travel_unharmed),
		cmocka_unit_test(odd_bytes_are_refused),
		cmocka_unit_test(a_good_object_is_read),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(the_first_fault_counts),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
