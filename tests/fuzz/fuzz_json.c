/* What is parsed is no deeper than promised and, written, parses to the same; bytes survive as JSON. */
#include "fuzz.h"

#include "base/json.h"

/* Also tells of numbers with a point: those are written with 15 digits, not all that they had. */
static int depth_of(json_t *json, bool *has_real)
{
	int deepest = 0;
	size_t i;
	const char *name;
	json_t *value;

	*has_real |= json_is_real(json);
	json_array_foreach(json, i, value)
	{
		int depth = depth_of(value, has_real);
		deepest = depth > deepest ? depth : deepest;
	}
	json_object_foreach(json, name, value)
	{
		int depth = depth_of(value, has_real);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + (json_is_array(json) || json_is_object(json));
}

static json_t *written_and_read(const json_t *json)
{
	cleanup_buffer struct buffer text = { 0 };
	struct error err;
	json_t *again = NULL;

	must(json_write(json, &text) == 0);
	must(json_parse(buffer_text(&text), text.size, &again, &err) == 0);
	return again;
}

static void check_text(const char *text, size_t size)
{
	cleanup_json json_t *json = NULL, *again = NULL;
	bool has_real = false;
	struct error err = { 0 };
	int code = json_parse(text, size, &json, &err);

	must(code == 0 ? json != NULL : code == err.code && err.text[0] && !json);
	must(!json || depth_of(json, &has_real) <= JSON_DEPTH_MAX);
	if (!json || has_real)
		return;
	again = written_and_read(json);
	must(json_equal(json, again));
}

static void check_bytes(const char *bytes, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *text = json_text(bytes, size), *json = json_bytes(bytes, size);
	cleanup_json json_t *again = written_and_read(json);
	const char *back = NULL;
	size_t back_size = 0;
	struct error err;

	must(utf8_valid(json_string_value(text), json_string_length(text)));
	must(utf8_valid(bytes, size) ==
	     same_bytes(bytes, size, json_string_value(text), json_string_length(text)));
	must(json_bytes_decode(again, "bytes", pool, &back, &back_size, &err) == 0);
	must(same_bytes(bytes, size, back, back_size));
}

static void check_decode(const char *text, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	cleanup_json json_t *json = NULL;
	const char *bytes = NULL;
	size_t bytes_size = 0;
	struct error err = { 0 };

	if (json_parse(text, size, &json, &err) == 0 &&
	    json_bytes_decode(json, "x", pool, &bytes, &bytes_size, &err) == 0)
		must(bytes && bytes[bytes_size] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_text((const char *)data, size);
	check_bytes((const char *)data, size);
	check_decode((const char *)data, size);
	return 0;
}
