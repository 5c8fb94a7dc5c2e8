/* From a body to a struct submission_request. A field is added here, in docs/api.md and in tests/api. */
#include "request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/json.h"
#include "decode_task.h"
#include "decode_webhook.h"

static const struct place body_place = { NULL, "body", 0 };

/* ---- languages ---- */

static bool language_is(const struct offered_language *language, const char *name)
{
	if (strcasecmp(language->id, name) == 0)
		return true;
	for (const char *const *alias = language->aliases; alias && *alias; alias++)
		if (strcasecmp(*alias, name) == 0)
			return true;
	return false;
}

const struct offered_language *language_find(const struct request_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->language_count; i++)
		if (language_is(&rules->languages[i], name))
			return &rules->languages[i];
	return NULL;
}

const char *language_list(const struct request_rules *rules, struct pool *pool)
{
	cleanup_buffer struct buffer list = { 0 };

	for (size_t i = 0; i < rules->language_count; i++)
		if (!rules->languages[i].unavailable_reason && !rules->languages[i].unlisted)
			buffer_printf(&list, "%s%s", list.size > 0 ? ", " : "", rules->languages[i].id);
	return pool_strdup(pool, buffer_text(&list));
}

static void refuse_language(struct fields *fields, const struct place *place, const char *name,
			    const struct request_rules *rules, struct pool *pool)
{
	problem_at(fields->problems, place, "unsupported_language",
		   "Unsupported language: %s. Supported languages: %s", name, language_list(rules, pool));
}

static void decode_language(struct fields *fields, const struct request_rules *rules, struct pool *pool,
			    struct submission_request *request)
{
	struct text name = field_text(fields, "language", REQUIRED, REQUEST_ID_BYTES_MAX);
	struct place place = { &fields->place, "language", 0 };
	const struct offered_language *language = name.bytes ? language_find(rules, name.bytes) : NULL;

	if (!name.bytes)
		return;
	if (name.size == 0)
		problem_at(fields->problems, &place, "missing", "must not be empty");
	else if (!language)
		refuse_language(fields, &place, name.bytes, rules, pool);
	else if (language->unavailable_reason)
		problem_at(fields->problems, &place, "unavailable_language",
			   "Language %s is not available on this host (%s). Available languages: %s",
			   language->id, language->unavailable_reason, language_list(rules, pool));
	else
		request->task.language = language->id;
}

/* One that nobody writes programs in is for answers alone, of which there is one to every test. */
static void check_language(struct fields *fields, const struct request_rules *rules, struct pool *pool,
			   const struct submission_request *request)
{
	const struct task *task = &request->task;
	const struct offered_language *language =
		task->language ? language_find(rules, task->language) : NULL;

	if (language && language->unlisted && (!task->judged || task_needs_program(task)))
		refuse_language(fields, &(struct place){ &fields->place, "language", 0 }, language->id, rules,
				pool);
}

/* ---- who and what for ---- */

static void decode_user(struct fields *fields, struct pool *pool, struct submission_request *request)
{
	const json_t *value = field_any(fields, "user_id");
	struct place place = { &fields->place, "user_id", 0 };

	if (!value) {
		problem_at(fields->problems, &place, "missing", "is required");
	} else if (json_is_integer(value)) {
		request->user_kind = USER_INT;
		request->user_id = pool_printf(pool, "%" PRId64, (int64_t)json_integer_value(value));
	} else if (json_is_string(value) && json_string_length(value) > 0 &&
		   json_string_length(value) <= REQUEST_ID_BYTES_MAX) {
		request->user_kind = USER_TEXT;
		request->user_id = pool_strdup(pool, json_string_value(value));
	} else {
		problem_at(fields->problems, &place, "user_id_type",
			   "must be an integer or a string of 1 to %d bytes", REQUEST_ID_BYTES_MAX);
	}
}

/* An optional id of the caller's: NULL when absent. */
static const char *decode_id(struct fields *fields, const char *name, struct pool *pool)
{
	struct text id = field_text(fields, name, OPTIONAL, REQUEST_ID_BYTES_MAX);

	if (id.bytes && id.size == 0)
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "too_short",
			   "must not be empty");
	return id.bytes ? pool_strdup(pool, id.bytes) : NULL;
}

static void decode_idempotency_key(struct fields *fields, const char *header, struct pool *pool,
				   struct submission_request *request)
{
	static const struct place headers = { NULL, "header", 0 };
	static const struct place header_place = { &headers, "Idempotency-Key", 0 };
	const char *key = decode_id(fields, "idempotency_key", pool);
	size_t size = header ? strlen(header) : 0;

	request->idempotency_key = key;
	if (!header)
		return;
	if (size == 0 || size > REQUEST_ID_BYTES_MAX || !utf8_valid(header, size))
		problem_at(fields->problems, &header_place, "header_value", "must be UTF-8 of 1 to %d bytes",
			   REQUEST_ID_BYTES_MAX);
	else if (key && strcmp(key, header) != 0)
		problem_at(fields->problems, &header_place, "header_value",
			   "differs from the field idempotency_key");
	else
		request->idempotency_key = pool_strdup(pool, header);
}

static const char *const class_names[] = {
	[JOB_INTERACTIVE] = "interactive",
	[JOB_CONTEST] = "contest",
	[JOB_SUBMISSION] = "submission",
	[JOB_REJUDGE] = "rejudge",
};

static enum job_class decode_priority(struct fields *fields, enum job_class fallback)
{
	struct text name = field_text(fields, "priority", OPTIONAL, REQUEST_ID_BYTES_MAX);

	if (!name.bytes)
		return fallback;
	for (size_t i = 0; i < sizeof class_names / sizeof class_names[0]; i++)
		if (strcmp(name.bytes, class_names[i]) == 0)
			return (enum job_class)i;
	problem_at(fields->problems, &(struct place){ &fields->place, "priority", 0 }, "enum",
		   "must be interactive, contest, submission or rejudge");
	return fallback;
}

/* ---- the two forms ---- */

static void decode_code(struct fields *fields, const struct config *config, struct pool *pool,
			struct submission_request *request)
{
	struct text code = field_text(fields, "code", REQUIRED, (size_t)config->code_bytes);

	if (code.bytes && code.size == 0)
		problem_at(fields->problems, &(struct place){ &fields->place, "code", 0 }, "missing",
			   "must not be empty");
	if (code.bytes)
		request->code = (struct text){ pool_memdup(pool, code.bytes, code.size), code.size };
}

static void decode_input(struct fields *fields, const char *name, const struct config *config,
			 struct pool *pool, struct submission_request *request)
{
	struct text input = field_text(fields, name, OPTIONAL, (size_t)config->input_bytes);

	if (input.bytes)
		request->input = (struct text){ pool_memdup(pool, input.bytes, input.size), input.size };
}

static void decode_v1(struct fields *fields, const struct request_rules *rules, struct pool *pool,
		      struct submission_request *request)
{
	decode_user(fields, pool, request);
	decode_input(fields, "input_data", rules->config, pool, request);
	request->has_contest = field_present(fields, "contest_id");
	request->contest_id = field_int(fields, "contest_id", INT64_MIN, INT64_MAX, 0);
	request->external_id = decode_id(fields, "external_id", pool);
	request->class = decode_priority(fields, JOB_SUBMISSION);
	request->execute = field_bool(fields, "execute", true);
}

static void decode_queue(struct fields *fields, const struct request_rules *rules, struct pool *pool,
			 struct submission_request *request)
{
	decode_input(fields, "input", rules->config, pool, request);
	request->class = decode_priority(fields, JOB_INTERACTIVE);
	request->execute = true;
}

void request_decode_value(enum api api, const struct request_rules *rules, const json_t *json,
			  const struct place *place, const char *header_key, struct pool *pool,
			  struct submission_request *request, struct problems *problems)
{
	struct fields fields;

	*request = (struct submission_request){
		.api = api, .user_id = "", .code = { "", 0 }, .input = { "", 0 }
	};
	fields_open(&fields, json, place, problems);
	if (!fields.object)
		return;
	decode_code(&fields, rules->config, pool, request);
	decode_language(&fields, rules, pool, request);
	decode_idempotency_key(&fields, header_key, pool, request);
	if (api == API_V1)
		decode_v1(&fields, rules, pool, request);
	else
		decode_queue(&fields, rules, pool, request);
	decode_webhook(&fields, rules->config, pool, request);
	decode_task(api, &fields, rules, pool, request);
	check_language(&fields, rules, pool, request);
	fields_done(&fields);
}

void request_decode(enum api api, const struct request_rules *rules, const char *body, size_t size,
		    const char *header_key, struct pool *pool, struct submission_request *request,
		    struct problems *problems)
{
	cleanup_json json_t *json = problems_parse(body, size, problems);

	if (json)
		request_decode_value(api, rules, json, &body_place, header_key, pool, request, problems);
}
