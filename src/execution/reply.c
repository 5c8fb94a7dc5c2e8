#include "reply.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/log.h"

/* ---- errors ---- */

static bool is_queue_route(struct http_exchange *x)
{
	const char *path = http_path(x);

	return strncmp(path, "/api/", 5) == 0 && strncmp(path, "/api/v1/", 8) != 0;
}

void execution_reply_error(struct http_exchange *x, int status, const char *text)
{
	const char *name = is_queue_route(x) ? "error" : "detail";

	http_reply_json(x, status, json_pack("{s:o}", name, json_text(text, strlen(text))));
}

void reply_error(struct http_exchange *x, int status, const char *format, ...)
{
	char text[ERROR_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	execution_reply_error(x, status, text);
}

void reply_failure(struct http_exchange *x, const struct error *err)
{
	log_error("request failed", LOG_TEXT("method", http_method(x)), LOG_TEXT("path", http_path(x)),
		  LOG_TEXT("error", err->text));
	http_set_header(x, "Retry-After", "1");
	reply_error(x, 503, "The service cannot do this now; try again");
}

/* ---- problems, in the words of the queue API ---- */

/* Fields whose absence and wrong type have a sentence of their own. */
static const struct {
	const char *field, *sentence;
} sentences[] = {
	{ "code", "Code is required and must be a string" },
	{ "language", "Language is required and must be a string" },
};

static const char *sentence_of(const char *field, const char *type)
{
	if (strcmp(type, "missing") != 0 && strcmp(type, "string_type") != 0)
		return NULL;
	for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
		if (strcmp(sentences[i].field, field) == 0)
			return sentences[i].sentence;
	return NULL;
}

/* "testCases[0].input", from what stands behind "body". */
static void put_path(struct buffer *text, const json_t *loc)
{
	for (size_t i = 1; i < json_array_size(loc); i++) {
		const json_t *step = json_array_get(loc, i);

		if (json_is_integer(step))
			buffer_printf(text, "[%" PRId64 "]", (int64_t)json_integer_value(step));
		else
			buffer_printf(text, "%s%s", i > 1 ? "." : "", json_string_value(step));
	}
}

static json_t *detail_of(const json_t *problem)
{
	const json_t *loc = json_object_get(problem, "loc");
	const char *message = json_string_value(json_object_get(problem, "msg"));
	const char *type = json_string_value(json_object_get(problem, "type"));
	const char *field = json_string_value(json_array_get(loc, 1));
	const char *sentence = json_array_size(loc) == 2 && field ? sentence_of(field, type) : NULL;
	cleanup_buffer struct buffer text = { 0 };

	if (sentence)
		return json_string(sentence);
	if (strcmp(type, "unsupported_language") == 0 || strcmp(type, "unavailable_language") == 0)
		return json_string(message);
	if (json_array_size(loc) == 1)
		buffer_printf(&text, "%s", "Body");
	put_path(&text, loc);
	buffer_printf(&text, ": %s", message);
	return json_text(text.data, text.size);
}

static void reply_queue_problems(struct http_exchange *x, const struct problems *problems)
{
	json_t *details = json_array();

	for (size_t i = 0; i < json_array_size(problems->list); i++)
		json_array_append_new(details, detail_of(json_array_get(problems->list, i)));
	http_reply_json(x, problems->too_large ? 413 : 400,
			json_pack("{s:s, s:o}", "error", "Validation failed", "details", details));
}

void reply_problems(struct http_exchange *x, const struct problems *problems)
{
	if (problems->failed)
		reply_failure(x, &(struct error){ .text = "out of memory" });
	else if (is_queue_route(x))
		reply_queue_problems(x, problems);
	else
		http_reply_json(x, 422, json_pack("{s:O}", "detail", problems->list));
}

/* ---- questions to the request ---- */

static const struct place query_place = { NULL, "query", 0 };

int64_t query_int(struct http_exchange *x, const char *name, int64_t min, int64_t max, int64_t fallback,
		  struct problems *problems)
{
	const char *text = http_query(x, name);
	char *end = NULL;

	if (!text)
		return fallback;
	errno = 0;
	int64_t number = strtoll(text, &end, 10);
	if ((isdigit((unsigned char)*text) || *text == '-') && *end == '\0' && errno == 0 && number >= min &&
	    number <= max)
		return number;
	problem_at(problems, &(struct place){ &query_place, name, 0 }, "int_range",
		   "must be an integer from %" PRId64 " to %" PRId64, min, max);
	return fallback;
}

bool path_id(struct http_exchange *x, int64_t *id)
{
	static const struct place path = { NULL, "path", 0 };
	cleanup_problems struct problems problems = { 0 };
	const char *text = http_param(x, "id");
	char *end;

	errno = 0;
	*id = strtoll(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
		return true;
	problems_open(&problems);
	problem_at(&problems, &(struct place){ &path, "id", 0 }, "int_type", "must be an integer");
	reply_problems(x, &problems);
	return false;
}

/* The seconds of "Prefer: respond-async, wait=10"; 0 when there are none. What it does not understand, a
 * server ignores. */
static double prefer_wait(const char *prefer)
{
	for (const char *at = prefer; at && *at; at += strcspn(at, ",;"), at += *at != '\0') {
		at += strspn(at, " \t");
		if (strncasecmp(at, "wait=", 5) == 0)
			return strtod(at + 5, NULL);
	}
	return 0;
}

int64_t query_wait_ms(struct http_exchange *x, struct problems *problems)
{
	const struct execution *service = http_context(x);
	const char *text = http_query(x, "wait");
	double max = (double)service->config->wait_max_s, seconds = 0;
	char *end = NULL;

	if (!text) {
		seconds = prefer_wait(http_header(x, "Prefer"));
	} else if (strcmp(text, "true") == 0) {
		seconds = max;
	} else if (strcmp(text, "false") != 0) {
		seconds = strtod(text, &end);
		if (!isdigit((unsigned char)*text) || *end != '\0')
			problem_at(problems, &(struct place){ &query_place, "wait", 0 }, "number_type",
				   "must be a number of seconds, or true");
	}
	if (!(seconds > 0))
		return 0;
	return (int64_t)((seconds < max ? seconds : max) * 1000);
}

void request_name_origin(struct http_exchange *x, struct submission_request *request)
{
	request->key_id = http_caller(x);
	request->request_id = http_request_id(x);
	request->trace = http_trace(x);
}

bool park_for_submission(struct http_exchange *x, int64_t submission_id, int64_t wait_ms)
{
	char key[KEY_BYTES];

	return wait_ms > 0 && http_park(x, key_submission(submission_id, key), wait_ms);
}
