#include "wire.h"

#include <stdio.h>
#include <string.h>

bool wire_put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0; /* refuses NULL, releases value when it fails */
}

bool wire_put_bytes(json_t *object, const char *name, const void *bytes, size_t size)
{
	return wire_put(object, name, json_bytes(bytes, size));
}

json_t *wire_whole(json_t *json, bool complete)
{
	if (complete)
		return json;
	json_decref(json);
	return NULL;
}

void wire_open_element(struct json_reader *reader, const json_t *list, const char *name, size_t index,
		       struct pool *pool, struct error *err)
{
	const char *path = pool_printf(pool, "%s[%zu]", name, index);

	json_reader_open(reader, json_array_get(list, index), path ? path : name, err);
}

void wire_fail(struct json_reader *reader, const char *name, const char *text)
{
	const char *dot = reader->path[0] && name[0] ? "." : "";

	if (!reader->failed)
		reader->failed = error_set(reader->err, -EINVAL, "%s%s%s: %s", reader->path, dot, name, text);
}

void wire_fail_memory(struct json_reader *reader)
{
	if (!reader->failed)
		reader->failed = error_set(reader->err, -ENOMEM, "out of memory");
}

const char *wire_need_bytes(struct json_reader *reader, const char *name, struct pool *pool, size_t *size)
{
	const json_t *value = json_get_any(reader, name);
	const char *bytes = "";
	char path[128];

	*size = 0;
	if (reader->failed)
		return bytes;
	if (!value) {
		wire_fail(reader, name, "is required");
		return bytes;
	}
	snprintf(path, sizeof path, "%s%s%s", reader->path, reader->path[0] ? "." : "", name);
	reader->failed = json_bytes_decode(value, path, pool, &bytes, size, reader->err);
	return bytes;
}

static const char *keep_text(struct json_reader *reader, const char *name, struct pool *pool,
			     const char *text, size_t size)
{
	char *copy;

	if (reader->failed || !text)
		return NULL;
	if (memchr(text, '\0', size)) {
		wire_fail(reader, name, "must not hold NUL");
		return NULL;
	}
	copy = pool_memdup(pool, text, size);
	if (!copy)
		wire_fail_memory(reader);
	return copy;
}

const char *wire_need_text(struct json_reader *reader, const char *name, struct pool *pool)
{
	size_t size = 0;
	const char *text = json_need_text(reader, name, &size);

	return keep_text(reader, name, pool, text, size);
}

const char *wire_get_text(struct json_reader *reader, const char *name, struct pool *pool)
{
	size_t size = 0;
	const char *text = json_get_text(reader, name, NULL, &size);

	return keep_text(reader, name, pool, text, size);
}

void *wire_need_list(struct json_reader *reader, const char *name, size_t min, size_t max, struct pool *pool,
		     size_t value_size, const json_t **list, size_t *count)
{
	const json_t *found = json_get_array(reader, name);
	size_t found_count = json_array_size(found);
	void *room = NULL;

	*list = NULL;
	*count = 0;
	if (reader->failed)
		return NULL;
	if (!found)
		wire_fail(reader, name, "is required");
	else if (found_count < min || found_count > max)
		wire_fail(reader, name, found_count < min ? "has too few elements" : "has too many elements");
	else if (!(room = pool_array(pool, found_count + 1, value_size)))
		wire_fail_memory(reader);
	if (!room)
		return NULL;
	*list = found;
	*count = found_count;
	return room;
}

bool wire_get_number(struct json_reader *reader, const char *name, double *number)
{
	const json_t *value = json_get_any(reader, name);

	if (!value)
		return false;
	if (!json_is_number(value)) {
		wire_fail(reader, name, "must be a number");
		return false;
	}
	*number = json_number_value(value);
	return true;
}
