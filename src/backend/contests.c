/* /api/code-execution/contests: what may be done with a contest. Who takes part is standings.c's. */
#include "contest_store.h"

#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "base/json.h"
#include "handlers.h"
#include "mirror.h"
#include "participant.h"
#include "reply.h"

enum {
	TITLE_BYTES_MAX = 255,
	DESCRIPTION_BYTES_MAX = 65536,
	PARTICIPANTS_MAX = 1000000,
	PROBLEMS_AT_MOST = 100
};

static json_t *text_or_null(const char *text)
{
	return text ? json_text(text, strlen(text)) : json_null();
}

static json_t *contest_json(const struct contest *c, int64_t at_ms)
{
	enum contest_status status = contest_status(c->is_active, c->start_ms, c->end_ms, at_ms);
	json_t *problems = json_array();

	for (size_t i = 0; i < c->problem_count; i++)
		json_array_append_new(problems, json_integer(c->problems[i]));
	return json_pack(
		"{s:I, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:I, s:s, s:I, s:b, s:o}", "id", (json_int_t)c->id,
		"title", text_or_null(c->title), "description", text_or_null(c->description), "created_at",
		json_time(c->created_ms), "is_active", c->is_active, "start_time", json_time(c->start_ms),
		"end_time", json_time(c->end_ms), "max_participants",
		c->max_participants > 0 ? json_integer(c->max_participants) : json_null(),
		"participants_count", (json_int_t)c->participants, "status", contest_status_name(status),
		"owner", (json_int_t)c->owner_id, "joined", c->joined, "problems", problems);
}

/* ---- decoding ---- */

/* What a body asks for; what it does not name stays as it is. */
struct wish {
	const char *title, *description;
	bool gives_description, gives_start, gives_end, gives_max, gives_problems, gives_active;
	bool is_active;
	int64_t start_ms, end_ms, max_participants;
	int64_t *problems;
	size_t problem_count;
};

static void decode_title(struct fields *fields, enum need need, struct pool *pool, struct wish *wish)
{
	struct text title = field_text(fields, "title", need, TITLE_BYTES_MAX);

	if (title.bytes && strspn(title.bytes, " \t\r\n") == title.size)
		problem_at(fields->problems, &(struct place){ &fields->place, "title", 0 }, "too_short",
			   "must not be empty");
	wish->title = title.bytes ? pool_strdup(pool, title.bytes) : NULL;
}

static void decode_problems(struct fields *fields, struct pool *pool, struct wish *wish)
{
	const json_t *list = field_array(fields, "problems", 0, PROBLEMS_AT_MOST);
	struct place list_place = { &fields->place, "problems", 0 };

	wish->problems = pool_array(pool, json_array_size(list) + 1, sizeof *wish->problems);
	for (size_t i = 0; wish->problems && i < json_array_size(list); i++) {
		const json_t *value = json_array_get(list, i);
		int64_t id = json_is_integer(value) ? json_integer_value(value) : 0;

		for (size_t before = 0; before < wish->problem_count; before++)
			if (wish->problems[before] == id)
				problem_at(fields->problems, &(struct place){ &list_place, NULL, i },
					   "duplicate", "is named twice");
		if (id <= 0)
			problem_at(fields->problems, &(struct place){ &list_place, NULL, i }, "int_type",
				   "must be the id of a problem");
		wish->problems[wish->problem_count++] = id;
	}
}

static void decode_fields(struct fields *fields, enum need need, struct pool *pool, struct wish *wish)
{
	decode_title(fields, need, pool, wish);
	wish->gives_description = json_object_get(fields->object, "description") != NULL;
	struct text description = field_text(fields, "description", OPTIONAL, DESCRIPTION_BYTES_MAX);
	wish->description = description.bytes ? pool_strdup(pool, description.bytes) : NULL;
	wish->gives_active = field_present(fields, "is_active");
	wish->is_active = field_bool(fields, "is_active", true);
	wish->gives_start = json_object_get(fields->object, "start_time") != NULL;
	wish->start_ms = field_time(fields, "start_time", 0);
	wish->gives_end = json_object_get(fields->object, "end_time") != NULL;
	wish->end_ms = field_time(fields, "end_time", 0);
	wish->gives_max = json_object_get(fields->object, "max_participants") != NULL;
	wish->max_participants = field_int(fields, "max_participants", 1, PARTICIPANTS_MAX, 0);
	wish->gives_problems = field_present(fields, "problems");
	decode_problems(fields, pool, wish);
}

/* False after having replied. */
static bool decode_wish(struct http_exchange *x, enum need need, struct wish *wish)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	*wish = (struct wish){ 0 };
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		decode_fields(&fields, need, http_pool(x), wish);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

static void apply(const struct wish *wish, struct contest *contest)
{
	if (wish->title)
		contest->title = wish->title;
	if (wish->gives_description)
		contest->description = wish->description;
	if (wish->gives_active)
		contest->is_active = wish->is_active;
	if (wish->gives_start)
		contest->start_ms = wish->start_ms;
	if (wish->gives_end)
		contest->end_ms = wish->end_ms;
	if (wish->gives_max)
		contest->max_participants = wish->max_participants;
	if (wish->gives_problems)
		contest->problems = wish->problems, contest->problem_count = wish->problem_count;
}

/* ---- create, change, delete ---- */

enum outcome { DONE, NO_CONTEST, NOT_YOURS, BAD_TIMES, BAD_PROBLEM, HAS_SUBMISSIONS };

struct change {
	struct pool *pool;
	struct caller caller;
	struct audit_origin origin;
	int64_t id, now_ms, missing;
	struct wish wish;
	struct contest contest;
	enum outcome outcome;
};

static int check(struct db_tx *tx, struct change *c, struct error *err)
{
	const struct contest *contest = &c->contest;

	if (contest->start_ms != 0 && contest->end_ms != 0 && contest->start_ms >= contest->end_ms) {
		c->outcome = BAD_TIMES;
		return 0;
	}
	int code = c->wish.gives_problems
			   ? contest_check_problems(tx, c->pool, contest, c->caller, &c->missing, err)
			   : 0;
	if (c->missing != 0)
		c->outcome = BAD_PROBLEM;
	return code;
}

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;

	c->outcome = DONE;
	c->contest = (struct contest){ .owner_id = c->caller.user_id, .is_active = true };
	apply(&c->wish, &c->contest);
	int code = check(tx, c, err);
	return code < 0 || c->outcome != DONE ? code
					      : contest_insert(tx, c->pool, c->now_ms, &c->contest, err);
}

/* 1 when this caller may change it; *c->outcome otherwise. */
static int take(struct db_tx *tx, struct change *c, struct error *err)
{
	int code = contest_lock(tx, c->pool, c->id, c->caller.user_id, &c->contest, err);

	c->outcome = DONE;
	c->missing = 0;
	if (code == 0)
		c->outcome = NO_CONTEST;
	else if (code > 0 && c->caller.role != ROLE_ADMIN && c->contest.owner_id != c->caller.user_id)
		c->outcome = NOT_YOURS;
	return code < 0 ? code : c->outcome == DONE;
}

static int change_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int code = take(tx, c, err);

	if (code <= 0)
		return code;
	apply(&c->wish, &c->contest);
	code = check(tx, c, err);
	if (code < 0 || c->outcome != DONE)
		return code;
	code = contest_update(tx, c->now_ms, &c->contest, err);
	return code == 0 && c->wish.gives_problems ? contest_set_problems(tx, &c->contest, err) : code;
}

static int delete_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int code = take(tx, c, err);

	if (code <= 0)
		return code;
	code = contest_delete(tx, c->pool, c->now_ms, &c->contest, err);
	if (code == 0)
		c->outcome = HAS_SUBMISSIONS;
	return code <= 0 ? code
			 : audit_note(tx, c->pool, &c->origin, "contest.delete",
				      pool_printf(c->pool, "contest %" PRId64, c->id), NULL, err);
}

static void reply_field(struct http_exchange *x, const char *name, const char *message)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };

	problems_open(&problems);
	problem_at(&problems, &(struct place){ &body_place, name, 0 }, "value_error", "%s", message);
	reply_problems(x, NULL, &problems);
}

/* False after having replied. */
static bool run_change(struct http_exchange *x, db_work *work, struct change *change)
{
	struct backend *backend = http_context(x);
	struct error err;

	change->pool = http_pool(x);
	change->caller = caller_of(x);
	change->origin = audit_origin_of(x);
	change->now_ms = http_arrived_ms(x);
	if (db_write(backend->db, work, change, &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	switch (change->outcome) {
	case DONE: mirror_wake(backend->mirror); return true;
	case NO_CONTEST: reply_error(x, 404, "Contest not found"); return false;
	case NOT_YOURS: reply_error(x, 403, "Only its owner or an admin may do this"); return false;
	case HAS_SUBMISSIONS: reply_error(x, 409, "There are submissions to this contest"); return false;
	case BAD_TIMES: reply_field(x, "end_time", "must be later than start_time"); return false;
	case BAD_PROBLEM: break;
	}
	reply_field(x, "problems",
		    pool_printf(change->pool, "there is no problem %" PRId64 " that you may use",
				change->missing));
	return false;
}

void contest_post(struct http_exchange *x)
{
	struct change change = { 0 };

	if (decode_wish(x, REQUIRED, &change.wish) && run_change(x, create_work, &change))
		http_reply_json(x, 201, contest_json(&change.contest, change.now_ms));
}

void contest_put(struct http_exchange *x)
{
	struct change change = { 0 };

	if (path_id(x, "Contest", &change.id) && decode_wish(x, OPTIONAL, &change.wish) &&
	    run_change(x, change_work, &change))
		http_reply_json(x, 200, contest_json(&change.contest, change.now_ms));
}

void contest_delete_one(struct http_exchange *x)
{
	struct change change = { 0 };

	if (path_id(x, "Contest", &change.id) && run_change(x, delete_work, &change))
		http_reply_empty(x, 204);
}

/* ---- read ---- */

struct reading {
	struct pool *pool;
	int64_t id, user_id, at_ms, total;
	struct page page;
	const char *status;
	struct contest *contests;
	size_t count;
};

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;

	r->contests = pool_alloc(r->pool, sizeof *r->contests);
	if (!r->contests)
		return error_set(err, -ENOMEM, "out of memory");
	int found = contest_load(tx, r->pool, r->id, r->user_id, r->contests, err);
	r->count = found > 0;
	return found < 0 ? found : 0;
}

void contest_get(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading = { .pool = http_pool(x),
				   .user_id = caller_of(x).user_id,
				   .at_ms = http_arrived_ms(x) };
	struct error err;

	if (!path_id(x, "Contest", &reading.id))
		return;
	if (db_read(backend->db, read_work, &reading, &err) < 0)
		reply_failure(x, &err);
	else if (reading.count == 0)
		reply_error(x, 404, "Contest not found");
	else
		reply_tagged(x, contest_json(reading.contests, reading.at_ms));
}

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;

	return contest_list(tx, r->pool, r->status, r->at_ms, r->user_id, (r->page.number - 1) * r->page.size,
			    r->page.size, &r->contests, &r->count, &r->total, err);
}

/* False after having replied. */
static bool status_of(struct http_exchange *x, const char **status)
{
	static const struct place query_place = { NULL, "query", 0 };
	cleanup_problems struct problems problems = { 0 };

	*status = http_query(x, "status");
	if (!*status || **status == '\0') {
		*status = NULL;
		return true;
	}
	for (enum contest_status i = CONTEST_UPCOMING; i <= CONTEST_ENDED; i++)
		if (strcmp(*status, contest_status_name(i)) == 0)
			return true;
	problems_open(&problems);
	problem_at(&problems, &(struct place){ &query_place, "status", 0 }, "enum",
		   "must be upcoming, running or ended");
	reply_problems(x, NULL, &problems);
	return false;
}

void contest_get_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading = { .pool = http_pool(x),
				   .user_id = caller_of(x).user_id,
				   .at_ms = http_arrived_ms(x) };
	struct error err;

	if (!page_of(x, &reading.page) || !status_of(x, &reading.status))
		return;
	if (db_read(backend->db, list_work, &reading, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < reading.count; i++)
		json_array_append_new(list, contest_json(&reading.contests[i], reading.at_ms));
	reply_tagged(x, page_json(x, &reading.page, reading.total, list));
}
