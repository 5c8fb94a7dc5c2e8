/* /api/v1/submissions/batch: several submissions at once, in one transaction. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "lifecycle.h"
#include "render.h"
#include "reply.h"

static const struct place body_place = { NULL, "body", 0 };
static const struct place list_place = { &body_place, "submissions", 0 };

/* One element of a batch, from the request to the answer. */
struct member {
	json_t *detail; /* owned: what is wrong with the request; NULL: nothing */
	struct submission_request request;
	size_t creation; /* its place among those that are created */
};

struct batch {
	struct member *members;
	size_t count;
	struct creation *creations;
	size_t creation_count;
};

static void batch_free(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		json_decref(batch->members[i].detail);
}

static int append_submission(json_t *list, const struct submission *submission, struct pool *pool,
			     struct error *err)
{
	json_t *json = NULL;
	int code = render_submission(submission, RENDER_LISTED, pool, &json, err);

	if (code == 0)
		json_array_append_new(list, json);
	return code;
}

static void append_detail(json_t *list, const char *text)
{
	json_array_append_new(list, json_pack("{s:s}", "detail", text));
}

/* ---- POST ---- */

static void decode_member(struct http_exchange *x, const json_t *json, size_t index, struct batch *batch)
{
	struct execution *service = http_context(x);
	struct request_rules rules = { service->config, service->languages, service->language_count };
	struct place place = { &list_place, NULL, index };
	struct member *member = &batch->members[index];
	cleanup_problems struct problems problems = { 0 };

	problems_open(&problems);
	request_decode_value(API_V1, &rules, json, &place, NULL, http_pool(x), &member->request, &problems);
	request_name_origin(x, &member->request);
	if (problems_any(&problems)) {
		member->detail = json_incref(problems.list);
		return;
	}
	member->creation = batch->creation_count;
	batch->creations[batch->creation_count++].request = &member->request;
}

static const json_t *decode_list(struct http_exchange *x, const json_t *body, struct problems *problems)
{
	const struct execution *service = http_context(x);
	static const struct place headers = { NULL, "header", 0 };
	struct fields fields;

	fields_open(&fields, body, &body_place, problems);
	const json_t *list = field_array(&fields, "submissions", 1, (size_t)service->config->batch_max);
	if (fields.object && !field_present(&fields, "submissions"))
		problem_at(problems, &list_place, "missing", "is required");
	fields_done(&fields);
	if (http_header(x, "Idempotency-Key"))
		problem_at(problems, &(struct place){ &headers, "Idempotency-Key", 0 }, "header_value",
			   "is for one submission: give each of a batch its own idempotency_key");
	return list;
}

/* False after having replied. The requests' texts are in the exchange's pool. */
static bool decode_batch(struct http_exchange *x, struct batch *batch)
{
	cleanup_problems struct problems problems = { 0 };
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	const json_t *list = json ? decode_list(x, json, &problems) : NULL;
	if (problems_any(&problems)) {
		reply_problems(x, &problems);
		return false;
	}
	size_t count = json_array_size(list);
	batch->members = pool_array(http_pool(x), count, sizeof *batch->members);
	batch->creations = pool_array(http_pool(x), count, sizeof *batch->creations);
	if (!batch->members || !batch->creations) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return false;
	}
	batch->count = count;
	for (size_t i = 0; i < count; i++)
		decode_member(x, json_array_get(list, i), i, batch);
	return true;
}

static int append_member(json_t *list, const struct batch *batch, const struct member *member,
			 struct pool *pool, struct error *err)
{
	const struct creation *creation = &batch->creations[member->creation];
	const struct refusal *refusal = member->detail ? NULL : creation_refusal(creation->outcome);

	if (!member->detail && !refusal)
		return append_submission(list, &creation->submission, pool, err);
	if (refusal)
		append_detail(list, refusal->text);
	else
		json_array_append_new(list, json_pack("{s:O}", "detail", member->detail));
	return 0;
}

static int render_batch(const struct batch *batch, struct pool *pool, json_t **json, struct error *err)
{
	cleanup_json json_t *list = json_array();
	int code = 0;

	for (size_t i = 0; i < batch->count && code == 0; i++)
		code = append_member(list, batch, &batch->members[i], pool, err);
	if (code == 0)
		*json = json_incref(list);
	return code;
}

void submission_post_batch(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct pool *pool = http_pool(x);
	__attribute__((cleanup(batch_free))) struct batch batch = { 0 };
	struct error err;
	json_t *json = NULL;

	if (!decode_batch(x, &batch))
		return;
	if ((batch.creation_count > 0 &&
	     lifecycle_create(service, batch.creations, batch.creation_count, pool, &err) < 0) ||
	    render_batch(&batch, pool, &json, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 200, json);
}

/* ---- GET ---- */

/* "1,2,3"; the number of ids, or 0 when it is something else or too long. */
static size_t parse_ids(const char *text, size_t max, struct reading_one *ones)
{
	size_t count = 0;

	for (const char *at = text; at && count < max;) {
		char *end;

		errno = 0;
		ones[count].id = strtoll(at, &end, 10);
		if (*at < '0' || *at > '9' || errno != 0 || (*end != ',' && *end != '\0'))
			return 0;
		count++;
		if (*end == '\0')
			return count;
		at = end + 1;
	}
	return 0;
}

static int render_found(const struct reading_one *ones, size_t count, struct pool *pool, json_t **json,
			struct error *err)
{
	cleanup_json json_t *list = json_array();
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++) {
		if (ones[i].found)
			code = append_submission(list, &ones[i].submission, pool, err);
		else
			append_detail(list, "Submission not found");
	}
	if (code == 0)
		*json = json_incref(list);
	return code;
}

void submission_get_batch(struct http_exchange *x)
{
	static const struct place query = { NULL, "query", 0 };
	struct execution *service = http_context(x);
	size_t max = (size_t)service->config->batch_max;
	struct reading_one *ones = pool_array(http_pool(x), max, sizeof *ones);
	size_t count = ones ? parse_ids(http_query(x, "ids"), max, ones) : 0;
	cleanup_problems struct problems problems = { 0 };
	struct error err;
	json_t *json = NULL;

	problems_open(&problems);
	if (count == 0) {
		problem_at(&problems, &(struct place){ &query, "ids", 0 }, "id_list",
			   "must be 1 to %zu ids with commas between them", max);
		reply_problems(x, &problems);
	} else if (lifecycle_read_many(service, ones, count, http_pool(x), &err) < 0 ||
		   render_found(ones, count, http_pool(x), &json, &err) < 0) {
		reply_failure(x, &err);
	} else {
		http_reply_json(x, 200, json);
	}
}
