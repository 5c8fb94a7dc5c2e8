#include "reply.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"

/* ---- errors ---- */

static bool has_detail(struct http_exchange *x)
{
	static const char *const prefixes[] = { "/api/code-execution", "/api/webhooks" };

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		size_t size = strlen(prefixes[i]);

		if (strncmp(http_path(x), prefixes[i], size) == 0 &&
		    (http_path(x)[size] == '/' || http_path(x)[size] == '\0'))
			return true;
	}
	return false;
}

static json_t *error_json(struct http_exchange *x, const char *text)
{
	json_t *said = json_text(text, strlen(text));
	json_t *json = json_pack("{s:O, s:O}", "message", said, "error", said);

	if (has_detail(x))
		json_object_set(json, "detail", said);
	json_decref(said);
	return json;
}

void backend_reply_error(struct http_exchange *x, int status, const char *text)
{
	http_reply_json(x, status, error_json(x, text));
}

void reply_error(struct http_exchange *x, int status, const char *format, ...)
{
	char text[ERROR_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	backend_reply_error(x, status, text);
}

void reply_failure(struct http_exchange *x, const struct error *err)
{
	log_error("request failed", LOG_TEXT("method", http_method(x)), LOG_TEXT("path", http_path(x)),
		  LOG_TEXT("error", err->text));
	http_set_header(x, "Retry-After", "1");
	reply_error(x, 503, "The service cannot do this now; try again");
}

/* "testCases[0].input", from what stands behind "body"; "body" itself when nothing does. */
static json_t *field_of(const json_t *loc)
{
	cleanup_buffer struct buffer text = { 0 };

	for (size_t i = 1; i < json_array_size(loc); i++) {
		const json_t *step = json_array_get(loc, i);

		if (json_is_integer(step))
			buffer_printf(&text, "[%" PRId64 "]", (int64_t)json_integer_value(step));
		else
			buffer_printf(&text, "%s%s", i > 1 ? "." : "", json_string_value(step));
	}
	if (json_array_size(loc) == 1)
		return json_incref(json_array_get(loc, 0));
	return json_text(buffer_text(&text), text.size);
}

static int status_of(const struct problems *problems)
{
	for (size_t i = 0; i < json_array_size(problems->list); i++) {
		const char *type =
			json_string_value(json_object_get(json_array_get(problems->list, i), "type"));

		if (type && strcmp(type, "timezone") == 0)
			return 422;
	}
	return problems->too_large ? 413 : 400;
}

void reply_problems(struct http_exchange *x, const char *text, const struct problems *problems)
{
	json_t *details = json_array(), *json = error_json(x, text ? text : "Validation failed");

	for (size_t i = 0; i < json_array_size(problems->list); i++) {
		const json_t *problem = json_array_get(problems->list, i);

		json_array_append_new(details, json_pack("{s:o, s:O}", "field",
							 field_of(json_object_get(problem, "loc")), "message",
							 json_object_get(problem, "msg")));
	}
	json_object_set_new(json, "details", details);
	if (!problems->failed) {
		http_reply_json(x, status_of(problems), json);
		return;
	}
	json_decref(json);
	reply_failure(x, &(struct error){ .text = "out of memory" });
}

/* ---- tags ---- */

enum { TAG_HASH_BYTES = 32, TAG_BYTES = TAG_HASH_BYTES + 3 };

/* Whether the list of If-None-Match (RFC 9110, section 13.1.2) has it, weak or strong, or is "*". */
static bool list_has(const char *list, const char *tag)
{
	size_t size = strlen(tag);

	while (list && *list) {
		list += strspn(list, " \t,");
		if (*list == '*')
			return true;
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		if (strncmp(list, tag, size) == 0)
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

void reply_tagged(struct http_exchange *x, json_t *given)
{
	cleanup_json json_t *json = given;
	cleanup_buffer struct buffer text = { 0 };
	char hash[SHA256_TEXT_BYTES], tag[TAG_BYTES];

	if (!json || json_write(json, &text) < 0) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return;
	}
	sha256_text(text.data, text.size, hash);
	snprintf(tag, sizeof tag, "\"%.*s\"", TAG_HASH_BYTES, hash);
	http_set_header(x, "ETag", tag);
	http_set_header(x, "Cache-Control", "private, no-cache"); /* keep it, and ask each time */
	if (list_has(http_header(x, "If-None-Match"), tag))
		http_reply_empty(x, 304);
	else
		http_reply(x, 200, "application/json", text.data, text.size);
}

/* ---- questions to the request ---- */

static const struct place query_place = { NULL, "query", 0 };

static bool parse_int(const char *text, int64_t *number)
{
	char *end = NULL;

	errno = 0;
	*number = strtoll(text, &end, 10);
	return (isdigit((unsigned char)*text) || *text == '-') && *end == '\0' && errno == 0;
}

int64_t query_int(struct http_exchange *x, const char *name, int64_t min, int64_t max, int64_t fallback,
		  struct problems *problems)
{
	const char *text = http_query(x, name);
	int64_t number;

	if (!text || *text == '\0')
		return fallback;
	if (parse_int(text, &number) && number >= min && number <= max)
		return number;
	problem_at(problems, &(struct place){ &query_place, name, 0 }, "int_range",
		   "must be an integer from %" PRId64 " to %" PRId64, min, max);
	return fallback;
}

bool path_id(struct http_exchange *x, const char *what, int64_t *id)
{
	const char *text = http_param(x, "id");

	if (text && parse_int(text, id) && *id > 0)
		return true;
	reply_error(x, 404, "%s not found", what);
	return false;
}

/* ---- pages ---- */

enum { PAGE_SIZE = 20, PAGE_SIZE_MAX = 100, PAGE_MAX = 1 << 30 };

bool page_of(struct http_exchange *x, struct page *page)
{
	cleanup_problems struct problems problems = { 0 };

	problems_open(&problems);
	page->number = query_int(x, "page", 1, PAGE_MAX, 1, &problems);
	page->size = query_int(x, "page_size", 1, PAGE_SIZE_MAX, PAGE_SIZE, &problems);
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

/* The same request with another page. */
static json_t *page_link(struct http_exchange *x, int64_t number)
{
	cleanup_buffer struct buffer link = { 0 };
	const char *rest = http_query_text(x);

	buffer_printf(&link, "%s?", http_path(x));
	while (*rest) {
		size_t size = strcspn(rest, "&");

		if (size > 0 && strncmp(rest, "page=", 5) != 0)
			buffer_printf(&link, "%.*s&", (int)size, rest);
		rest += size + (rest[size] == '&');
	}
	buffer_printf(&link, "page=%" PRId64, number);
	return json_text(buffer_text(&link), link.size);
}

json_t *page_json(struct http_exchange *x, const struct page *page, int64_t count, json_t *results)
{
	bool more = page->number * page->size < count;

	return json_pack("{s:I, s:o, s:o, s:o}", "count", (json_int_t)count, "next",
			 more ? page_link(x, page->number + 1) : json_null(), "previous",
			 page->number > 1 ? page_link(x, page->number - 1) : json_null(), "results", results);
}

/* ---- times ---- */

json_t *json_time(int64_t ms)
{
	char text[CLOCK_TEXT_BYTES];

	return ms != 0 ? json_string(clock_format(ms, text)) : json_null();
}

static bool digits(const char **at, int count, int *number)
{
	*number = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return false;
		*number = 10 * *number + (**at - '0');
	}
	return true;
}

static bool skip(const char **at, const char *set)
{
	if (**at == '\0' || !strchr(set, **at))
		return false;
	(*at)++;
	return true;
}

static int fraction_ms(const char **at)
{
	int ms = 0, unit = 100;

	if (!skip(at, ".,"))
		return 0;
	for (; isdigit((unsigned char)**at); (*at)++, unit /= 10)
		ms += unit * (**at - '0');
	return ms;
}

/* Minutes east; what is left of the text tells whether there was one. */
static bool offset_minutes(const char **at, int *minutes)
{
	int sign = **at == '-' ? -1 : 1, hours, rest = 0;

	*minutes = 0;
	if (skip(at, "Zz"))
		return true;
	if (!skip(at, "+-") || !digits(at, 2, &hours))
		return false;
	skip(at, ":");
	if (**at && !digits(at, 2, &rest))
		return false;
	*minutes = sign * (60 * hours + rest);
	return hours < 24 && rest < 60;
}

enum time_check { TIME_GOOD, TIME_WRONG, TIME_WITHOUT_OFFSET };

/* "2024-01-15T10:30[:00[.000]](Z|+02:00)": RFC 3339, and ISO 8601's shorter forms of it. */
static enum time_check parse_time(const char *text, int64_t *ms)
{
	const char *at = text;
	int year, month, day, hour, minute, second = 0, east;

	if (!digits(&at, 4, &year) || !skip(&at, "-") || !digits(&at, 2, &month) || !skip(&at, "-") ||
	    !digits(&at, 2, &day) || !skip(&at, "Tt ") || !digits(&at, 2, &hour) || !skip(&at, ":") ||
	    !digits(&at, 2, &minute) || (skip(&at, ":") && !digits(&at, 2, &second)))
		return TIME_WRONG;
	int rest_ms = fraction_ms(&at);
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day,
			 .tm_hour = hour,
			 .tm_min = minute,
			 .tm_sec = second };
	struct tm said = tm;
	int64_t seconds = timegm(&tm);
	if (tm.tm_mon != said.tm_mon || tm.tm_mday != said.tm_mday || hour > 23 || minute > 59 ||
	    second > 59 || year < 1970)
		return TIME_WRONG; /* the 30th of February was made another day */
	if (*at == '\0')
		return TIME_WITHOUT_OFFSET;
	if (!offset_minutes(&at, &east) || *at != '\0')
		return TIME_WRONG;
	*ms = (seconds - 60 * (int64_t)east) * 1000 + rest_ms;
	return *ms > 0 ? TIME_GOOD : TIME_WRONG;
}

int64_t field_time(struct fields *fields, const char *name, int64_t fallback)
{
	const json_t *value = field_any(fields, name);
	struct place place = { &fields->place, name, 0 };
	const char *text = json_string_value(value);
	int64_t ms = fallback;

	if (!value)
		return json_is_null(json_object_get(fields->object, name)) ? 0 : fallback;
	switch (text ? parse_time(text, &ms) : TIME_WRONG) {
	case TIME_GOOD: return ms;
	case TIME_WITHOUT_OFFSET:
		problem_at(fields->problems, &place, "timezone",
			   "needs an offset from UTC, or Z: 2024-01-15T10:30:00Z");
		break;
	case TIME_WRONG:
		problem_at(fields->problems, &place, "datetime",
			   "must be a time such as 2024-01-15T10:30:00Z");
		break;
	}
	return fallback;
}

int64_t query_time(struct http_exchange *x, const char *name, int64_t fallback, struct problems *problems)
{
	const char *given = http_query(x, name), *midnight = "T00:00:00Z";
	char text[64];
	int64_t ms = fallback;

	if (!given || *given == '\0')
		return fallback;
	snprintf(text, sizeof text, "%s%s", given, strlen(given) == strlen("2024-01-15") ? midnight : "");
	if (parse_time(text, &ms) != TIME_GOOD)
		problem_at(problems, &(struct place){ &query_place, name, 0 }, "datetime",
			   "must be a day such as 2024-01-15, or a time such as 2024-01-15T10:30:00Z");
	return ms;
}
