/* /api/v1/contests */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "contest_store.h"
#include "reply.h"
#include "request.h"

enum { LIST_MAX = 1000, TITLE_BYTES_MAX = 255, DESCRIPTION_BYTES_MAX = 65536 };

static json_t *text_or_null(const char *text)
{
	return text ? json_text(text, strlen(text)) : json_null();
}

static json_t *contest_json(const struct contest *contest)
{
	char created[CLOCK_TEXT_BYTES];

	clock_format(contest->created_ms, created);
	return json_pack("{s:I, s:o, s:o, s:o, s:s, s:b}", "id", (json_int_t)contest->id, "external_id",
			 text_or_null(contest->external_id), "title", text_or_null(contest->title),
			 "description", text_or_null(contest->description), "created_at", created,
			 "is_active", contest->is_active);
}

/* ---- decoding ---- */

/* What a body asks for; NULL: as it is. */
struct wish {
	const char *title, *external_id, *description;
	bool no_description; /* an explicit null */
	bool gives_active, is_active;
};

/* Text that must hold something. */
static const char *decode_text(struct fields *fields, const char *name, enum need need, size_t max,
			       struct pool *pool)
{
	struct text given = field_text(fields, name, need, max);

	if (given.bytes && given.size == 0)
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "too_short",
			   "must not be empty");
	return given.bytes ? pool_strdup(pool, given.bytes) : NULL;
}

/* False after having replied. */
static bool decode_wish(struct http_exchange *x, enum need title, struct wish *wish)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };
	struct pool *pool = http_pool(x);
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	*wish = (struct wish){ 0 };
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		wish->title = decode_text(&fields, "title", title, TITLE_BYTES_MAX, pool);
		wish->external_id = decode_text(&fields, "external_id", OPTIONAL, REQUEST_ID_BYTES_MAX, pool);
		wish->no_description = json_is_null(json_object_get(json, "description"));
		struct text description = field_text(&fields, "description", OPTIONAL, DESCRIPTION_BYTES_MAX);
		wish->description = description.bytes ? pool_strdup(pool, description.bytes) : NULL;
		wish->gives_active = field_present(&fields, "is_active");
		wish->is_active = field_bool(&fields, "is_active", true);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, &problems);
	return !problems_any(&problems);
}

static void apply(const struct wish *wish, struct contest *contest)
{
	if (wish->title)
		contest->title = wish->title;
	if (wish->external_id)
		contest->external_id = wish->external_id;
	if (wish->description || wish->no_description)
		contest->description = wish->description;
	if (wish->gives_active)
		contest->is_active = wish->is_active;
}

/* ---- create ---- */

struct creation {
	struct pool *pool;
	int64_t key_id, now_ms;
	struct contest wanted, contest;
	bool is_new;
};

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct creation *c = context;

	c->contest = c->wanted;
	int code = contest_insert(tx, c->pool, c->key_id, c->now_ms, &c->contest, err);

	c->is_new = code > 0;
	return code < 0 ? code : 0;
}

void contest_post(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct creation creation = { .pool = http_pool(x),
				     .key_id = http_caller(x),
				     .now_ms = clock_wall_ms(),
				     .wanted = { .is_active = true } };
	struct wish wish;
	struct error err;

	if (!decode_wish(x, REQUIRED, &wish))
		return;
	apply(&wish, &creation.wanted);
	if (db_write(service->db, create_work, &creation, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, creation.is_new ? 201 : 200, contest_json(&creation.contest));
}

/* ---- read ---- */

struct reading {
	struct pool *pool;
	int64_t id, skip, limit;
	struct contest *contests;
	size_t count;
};

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;

	r->contests = pool_alloc(r->pool, sizeof *r->contests);
	if (!r->contests)
		return error_set(err, -ENOMEM, "out of memory");
	int found = contest_load(tx, r->pool, r->id, r->contests, err);
	r->count = found > 0;
	return found < 0 ? found : 0;
}

void contest_get(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct reading reading = { .pool = http_pool(x) };
	struct error err;

	if (!path_id(x, &reading.id))
		return;
	if (db_read(service->db, read_work, &reading, &err) < 0)
		reply_failure(x, &err);
	else if (reading.count == 0)
		reply_error(x, 404, "Contest not found");
	else
		http_reply_json(x, 200, contest_json(reading.contests));
}

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;

	return contest_list(tx, r->pool, r->skip, r->limit, &r->contests, &r->count, err);
}

void contest_get_list(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	cleanup_problems struct problems problems = { 0 };
	struct reading reading = { .pool = http_pool(x) };
	struct error err;

	problems_open(&problems);
	reading.skip = query_int(x, "skip", 0, INT64_MAX, 0, &problems);
	reading.limit = query_int(x, "limit", 1, LIST_MAX, 100, &problems);
	if (problems_any(&problems)) {
		reply_problems(x, &problems);
	} else if (db_read(service->db, list_work, &reading, &err) < 0) {
		reply_failure(x, &err);
	} else {
		json_t *list = json_array();

		for (size_t i = 0; i < reading.count; i++)
			json_array_append_new(list, contest_json(&reading.contests[i]));
		http_reply_json(x, 200, list);
	}
}

/* ---- change ---- */

struct change {
	struct pool *pool;
	int64_t id;
	struct wish wish;
	struct contest contest;
	bool found, done;
};

static int change_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int code = contest_load(tx, c->pool, c->id, &c->contest, err);

	c->found = code > 0;
	if (code <= 0)
		return code;
	apply(&c->wish, &c->contest);
	code = contest_update(tx, c->pool, &c->contest, err);
	c->done = code > 0;
	return code < 0 ? code : 0;
}

void contest_put(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct change change = { .pool = http_pool(x) };
	struct error err;

	if (!path_id(x, &change.id) || !decode_wish(x, OPTIONAL, &change.wish))
		return;
	if (db_write(service->db, change_work, &change, &err) < 0)
		reply_failure(x, &err);
	else if (!change.found)
		reply_error(x, 404, "Contest not found");
	else if (!change.done)
		reply_error(x, 409, "Another contest has this external_id");
	else
		http_reply_json(x, 200, contest_json(&change.contest));
}

/* ---- delete ---- */

struct removal {
	struct pool *pool;
	int64_t id;
	bool found, done;
};

static int remove_work(struct db_tx *tx, void *context, struct error *err)
{
	struct removal *r = context;
	struct contest contest;
	int code = contest_load(tx, r->pool, r->id, &contest, err);

	r->found = code > 0;
	if (code <= 0)
		return code;
	code = contest_delete(tx, r->pool, r->id, err);
	r->done = code > 0;
	return code < 0 ? code : 0;
}

void contest_delete_one(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	struct removal removal = { .pool = http_pool(x) };
	struct error err;

	if (!path_id(x, &removal.id))
		return;
	if (db_write(service->db, remove_work, &removal, &err) < 0)
		reply_failure(x, &err);
	else if (!removal.found)
		reply_error(x, 404, "Contest not found");
	else if (!removal.done)
		reply_error(x, 409, "There are submissions to this contest");
	else
		http_reply_empty(x, 204);
}
