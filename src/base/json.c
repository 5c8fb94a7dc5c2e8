#include "base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

/* ---- UTF-8 ----
 *
 * One step of the WHATWG decoder (Encoding Standard, section 8.1.1): the length of the next character, or,
 * negative, of the longest start of one that is broken off; that start is one U+FFFD. */

struct lead {
	unsigned char low, high; /* the lead bytes of this row */
	unsigned char second_low, second_high;
	int length;
};

static const struct lead leads[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, /* no overlong forms */
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
	{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }, /* nothing above U+10FFFF */
};

static const struct lead *lead_of(unsigned char byte)
{
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
		if (byte >= leads[i].low && byte <= leads[i].high)
			return &leads[i];
	return NULL;
}

static int utf8_step(const unsigned char *bytes, size_t size)
{
	if (bytes[0] < 0x80)
		return 1;
	const struct lead *lead = lead_of(bytes[0]);
	if (!lead)
		return -1;
	unsigned char low = lead->second_low, high = lead->second_high;
	for (int i = 1; i < lead->length; i++) {
		if ((size_t)i >= size || bytes[i] < low || bytes[i] > high)
			return -i;
		low = 0x80;
		high = 0xbf;
	}
	return lead->length;
}

bool utf8_valid(const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	for (size_t i = 0; i < size;) {
		int step = utf8_step(at + i, size - i);
		if (step < 0)
			return false;
		i += (size_t)step;
	}
	return true;
}

json_t *json_text(const void *bytes, size_t size)
{
	if (utf8_valid(bytes, size))
		return json_stringn_nocheck(bytes ? bytes : "", size);
	cleanup_buffer struct buffer text = { 0 };
	const unsigned char *at = bytes;
	for (size_t i = 0; i < size;) {
		int step = utf8_step(at + i, size - i);
		if (step > 0)
			buffer_append(&text, at + i, (size_t)step);
		else
			buffer_puts(&text, "\xef\xbf\xbd");
		i += (size_t)(step > 0 ? step : -step);
	}
	return text.failed ? NULL : json_stringn_nocheck(text.data, text.size);
}

/* ---- whole texts ---- */

/* jansson has no setting for depth and recurses, so the text is looked through first. What is no JSON at
 * all passes here and is refused, with the better message, by the parser. */
static int check_depth(const char *text, size_t size, struct error *err)
{
	int depth = 0, line = 1, column = 0;
	bool in_string = false;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		column++;
		if (c == '\n') {
			line++;
			column = 0;
		} else if (in_string) {
			if (c == '\\')
				i++, column++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == ']' || c == '}') {
			depth--;
		} else if ((c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX) {
			return error_set(err, -EINVAL, "line %d, column %d: nested deeper than %d levels",
					 line, column, JSON_DEPTH_MAX);
		}
	}
	return 0;
}

int json_parse(const char *text, size_t size, json_t **json, struct error *err)
{
	int code = check_depth(text, size, err);
	if (code < 0)
		return code;
	json_error_t why;
	json_t *parsed = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!parsed && json_error_code(&why) == json_error_out_of_memory)
		return error_set(err, -ENOMEM, "out of memory");
	if (!parsed && json_error_code(&why) == json_error_null_character)
		return error_set(err, -EINVAL, "line %d, column %d: \\u0000 is not allowed in text", why.line,
				 why.column);
	if (!parsed)
		return error_set(err, -EINVAL, "line %d, column %d: %s", why.line, why.column, why.text);
	*json = parsed;
	return 0;
}

static int append_dump(const char *text, size_t size, void *out)
{
	buffer_append(out, text, size);
	return ((struct buffer *)out)->failed ? -1 : 0;
}

int json_write(const json_t *json, struct buffer *out)
{
	/* 15 digits: every decimal of that length comes back as it was written (8.2, not 8.1999999999999993). */
	int flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
	return json_dump_callback(json, append_dump, out, (size_t)flags) < 0 ? -ENOMEM : 0;
}

/* ---- bytes ---- */

json_t *json_bytes(const void *bytes, size_t size)
{
	if (utf8_valid(bytes, size) && (size == 0 || !memchr(bytes, '\0', size)))
		return json_stringn_nocheck(bytes ? bytes : "", size);
	cleanup_buffer struct buffer text = { 0 };
	base64_encode(bytes, size, &text);
	return text.failed ? NULL : json_pack("{s:s#}", "base64", text.data, (int)text.size);
}

int json_bytes_decode(const json_t *json, const char *path, struct pool *pool, const char **bytes,
		      size_t *size, struct error *err)
{
	cleanup_buffer struct buffer decoded = { 0 };
	const json_t *base64 = json_object_size(json) == 1 ? json_object_get(json, "base64") : NULL;
	if (json_is_string(json)) {
		buffer_append(&decoded, json_string_value(json), json_string_length(json));
	} else if (!json_is_string(base64)) {
		return error_set(err, -EINVAL, "%s: must be a string or {\"base64\": string}", path);
	} else if (base64_decode(json_string_value(base64), json_string_length(base64), &decoded) ==
		   -EINVAL) {
		return error_set(err, -EINVAL, "%s.base64: is not base64", path);
	}
	char *copy = decoded.failed ? NULL : pool_memdup(pool, decoded.data, decoded.size);
	if (!copy)
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	*bytes = copy;
	*size = decoded.size;
	return 0;
}

/* ---- decoding objects ---- */

enum { SEEN_MAX = sizeof((struct json_reader){ 0 }.seen) / sizeof(const char *) };

static void fail_reader(struct json_reader *reader, const char *name, const char *why)
{
	if (reader->failed)
		return;
	const char *dot = *reader->path && *name ? "." : "";
	const char *colon = *reader->path || *name ? ": " : "";
	reader->failed = error_set(reader->err, -EINVAL, "%s%s%s%s%s", reader->path, dot, name, colon, why);
}

void json_reader_open(struct json_reader *reader, const json_t *object, const char *path, struct error *err)
{
	*reader = (struct json_reader){ .object = object, .path = path, .err = err };
	if (!json_is_object(object))
		fail_reader(reader, "", "must be an object");
}

/* The field, or NULL where it is absent or null or something failed before. */
static const json_t *field(struct json_reader *reader, const char *name)
{
	if (reader->failed)
		return NULL;
	if (reader->seen_count < SEEN_MAX)
		reader->seen[reader->seen_count++] = name;
	const json_t *value = json_object_get(reader->object, name);
	return json_is_null(value) ? NULL : value;
}

static const json_t *need(struct json_reader *reader, const char *name)
{
	const json_t *value = field(reader, name);
	if (!value)
		fail_reader(reader, name, "is required");
	return value;
}

static const char *text_of(struct json_reader *reader, const json_t *value, const char *name, size_t *size)
{
	if (!json_is_string(value)) {
		fail_reader(reader, name, "must be a string");
		return NULL;
	}
	if (size)
		*size = json_string_length(value);
	return json_string_value(value);
}

const char *json_need_text(struct json_reader *reader, const char *name, size_t *size)
{
	const json_t *value = need(reader, name);
	return value ? text_of(reader, value, name, size) : NULL;
}

const char *json_get_text(struct json_reader *reader, const char *name, const char *fallback, size_t *size)
{
	const json_t *value = field(reader, name);
	if (value)
		return text_of(reader, value, name, size);
	if (size)
		*size = fallback ? strlen(fallback) : 0;
	return fallback;
}

static int64_t int_of(struct json_reader *reader, const json_t *value, const char *name, int64_t min,
		      int64_t max)
{
	int64_t number = json_integer_value(value);
	if (json_is_integer(value) && number >= min && number <= max)
		return number;
	char why[96];
	snprintf(why, sizeof why, "must be an integer from %" PRId64 " to %" PRId64, min, max);
	fail_reader(reader, name, why);
	return min;
}

int64_t json_need_int(struct json_reader *reader, const char *name, int64_t min, int64_t max)
{
	const json_t *value = need(reader, name);
	return value ? int_of(reader, value, name, min, max) : min;
}

int64_t json_get_int(struct json_reader *reader, const char *name, int64_t min, int64_t max, int64_t fallback)
{
	const json_t *value = field(reader, name);
	return value ? int_of(reader, value, name, min, max) : fallback;
}

bool json_get_bool(struct json_reader *reader, const char *name, bool fallback)
{
	const json_t *value = field(reader, name);
	if (value && !json_is_boolean(value))
		fail_reader(reader, name, "must be true or false");
	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

const json_t *json_get_any(struct json_reader *reader, const char *name)
{
	return field(reader, name);
}

const json_t *json_get_array(struct json_reader *reader, const char *name)
{
	const json_t *value = field(reader, name);
	if (!value || json_is_array(value))
		return value;
	fail_reader(reader, name, "must be an array");
	return NULL;
}

const json_t *json_get_object(struct json_reader *reader, const char *name)
{
	const json_t *value = field(reader, name);
	if (!value || json_is_object(value))
		return value;
	fail_reader(reader, name, "must be an object");
	return NULL;
}

static bool was_seen(const struct json_reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->seen_count; i++)
		if (strcmp(reader->seen[i], name) == 0)
			return true;
	return false;
}

int json_reader_done(struct json_reader *reader)
{
	const char *name;
	json_t *value;
	if (!reader->failed)
		json_object_foreach((json_t *)reader->object, name, value) if (!was_seen(reader, name))
			fail_reader(reader, name, "unknown field");
	return reader->failed;
}
