#include "base/fields.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* ---- problems ---- */

void problems_open(struct problems *problems)
{
	*problems = (struct problems){ .list = json_array() };
	problems->failed = !problems->list;
}

void problems_free(struct problems *problems)
{
	json_decref(problems->list);
	problems->list = NULL;
}

bool problems_any(const struct problems *problems)
{
	return problems->failed || json_array_size(problems->list) > 0;
}

static void put_place(json_t *loc, const struct place *place)
{
	if (place->parent)
		put_place(loc, place->parent);
	if (place->name)
		json_array_append_new(loc, json_text(place->name, strlen(place->name)));
	else
		json_array_append_new(loc, json_integer((json_int_t)place->index));
}

void problem_at(struct problems *problems, const struct place *place, const char *type, const char *format,
		...)
{
	char text[1024];
	va_list arguments;

	if (problems->failed || json_array_size(problems->list) >= PROBLEMS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);

	json_t *loc = json_array();
	put_place(loc, place);
	json_t *problem =
		json_pack("{s:o, s:o, s:s}", "loc", loc, "msg", json_text(text, strlen(text)), "type", type);
	problems->failed = json_array_append_new(problems->list, problem) < 0;
	if (strcmp(type, "too_large") == 0)
		problems->too_large = true;
}

json_t *problems_parse(const char *body, size_t size, struct problems *problems)
{
	static const struct place body_place = { NULL, "body", 0 };
	json_t *json = NULL;
	struct error err;

	if (size == 0)
		problem_at(problems, &body_place, "missing", "a JSON object is required");
	else if (json_parse(body, size, &json, &err) < 0)
		problem_at(problems, &body_place, "json_invalid", "is not valid JSON: %s", err.text);
	return json;
}

/* ---- objects ---- */

void fields_open(struct fields *fields, const json_t *object, const struct place *place,
		 struct problems *problems)
{
	*fields = (struct fields){ .place = *place, .problems = problems };
	if (json_is_object(object))
		fields->object = object;
	else
		problem_at(problems, place, "object_type", "must be an object");
}

static bool was_seen(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->seen_count; i++)
		if (strcmp(fields->seen[i], name) == 0)
			return true;
	return false;
}

void fields_done(struct fields *fields)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)fields->object, name, value) if (!was_seen(fields, name))
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "unknown_field",
			   "unknown field");
}

/* The field, NULL when it is absent or null. */
static const json_t *look(struct fields *fields, const char *name)
{
	const json_t *value = json_object_get(fields->object, name);

	if (fields->seen_count < sizeof fields->seen / sizeof fields->seen[0])
		fields->seen[fields->seen_count++] = name;
	return json_is_null(value) ? NULL : value;
}

bool field_present(const struct fields *fields, const char *name)
{
	const json_t *value = json_object_get(fields->object, name);

	return value && !json_is_null(value);
}

/* ---- values ---- */

struct text value_text(const json_t *value, const struct place *place, struct problems *problems, size_t max)
{
	if (!json_is_string(value)) {
		problem_at(problems, place, "string_type", "must be a string");
		return (struct text){ 0 };
	}
	if (json_string_length(value) > max) {
		problem_at(problems, place, "too_large", "must be at most %zu bytes long, has %zu", max,
			   json_string_length(value));
		return (struct text){ 0 };
	}
	return (struct text){ json_string_value(value), json_string_length(value) };
}

struct text field_text(struct fields *fields, const char *name, enum need need, size_t max)
{
	const json_t *value = look(fields, name);
	struct place place = { &fields->place, name, 0 };

	if (value)
		return value_text(value, &place, fields->problems, max);
	if (need == REQUIRED && fields->object)
		problem_at(fields->problems, &place, "missing", "is required");
	return (struct text){ 0 };
}

int64_t field_int(struct fields *fields, const char *name, int64_t min, int64_t max, int64_t fallback)
{
	const json_t *value = look(fields, name);
	int64_t number = json_integer_value(value);

	if (!value || (json_is_integer(value) && number >= min && number <= max))
		return value ? number : fallback;
	problem_at(fields->problems, &(struct place){ &fields->place, name, 0 },
		   json_is_integer(value) ? "int_range" : "int_type",
		   "must be an integer from %" PRId64 " to %" PRId64, min, max);
	return fallback;
}

bool field_bool(struct fields *fields, const char *name, bool fallback)
{
	const json_t *value = look(fields, name);

	if (value && !json_is_boolean(value))
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "bool_type",
			   "must be true or false");
	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

const json_t *field_any(struct fields *fields, const char *name)
{
	return look(fields, name);
}

const json_t *field_object(struct fields *fields, const char *name)
{
	const json_t *value = look(fields, name);

	if (!value || json_is_object(value))
		return value;
	problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "object_type",
		   "must be an object");
	return NULL;
}

const json_t *field_array(struct fields *fields, const char *name, size_t min, size_t max)
{
	const json_t *value = look(fields, name);
	struct place place = { &fields->place, name, 0 };

	if (value && !json_is_array(value))
		problem_at(fields->problems, &place, "array_type", "must be an array");
	else if (value && json_array_size(value) > max)
		problem_at(fields->problems, &place, "too_large", "must have at most %zu elements, has %zu",
			   max, json_array_size(value));
	else if (value && json_array_size(value) < min)
		problem_at(fields->problems, &place, "too_short", "must have at least %zu elements", min);
	else
		return value;
	return NULL;
}
