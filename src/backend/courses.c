/* /api/courses: courses and who takes them. Their modules are modules.c's. */
#include "course_store.h"

#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "base/json.h"
#include "handlers.h"
#include "list.h"
#include "reply.h"

enum { TITLE_BYTES_MAX = 255, DESCRIPTION_BYTES_MAX = 65536 };

static json_t *text(const char *bytes)
{
	return json_text(bytes, strlen(bytes));
}

static json_t *progress_json(int64_t completed, int64_t total)
{
	return json_pack("{s:I, s:I}", "completed", (json_int_t)completed, "total", (json_int_t)total);
}

static json_t *course_json(const struct course *c)
{
	return json_pack("{s:I, s:o, s:o, s:I, s:o, s:b, s:I, s:I, s:b, s:o, s:o, s:o}", "id",
			 (json_int_t)c->id, "title", text(c->title), "description", text(c->description),
			 "ownerId", (json_int_t)c->owner_id, "owner", text(c->owner), "isPublic",
			 c->is_public, "moduleCount", (json_int_t)c->modules, "studentCount",
			 (json_int_t)c->students, "enrolled", c->enrolled_ms != 0, "progress",
			 c->enrolled_ms != 0 ? progress_json(c->completed, c->modules) : json_null(),
			 "createdAt", json_time(c->created_ms), "updatedAt", json_time(c->updated_ms));
}

/* ---- decoding ---- */

/* What a body asks for; NULL: as it is. */
struct wish {
	const char *title, *description;
	bool gives_public, is_public;
	int64_t user_id; /* of an enrolment; 0: the caller */
};

static void decode_course(struct fields *fields, enum need need, struct pool *pool, struct wish *wish)
{
	struct text title = field_text(fields, "title", need, TITLE_BYTES_MAX);

	if (title.bytes && strspn(title.bytes, " \t\r\n") == title.size)
		problem_at(fields->problems, &(struct place){ &fields->place, "title", 0 }, "too_short",
			   "must not be empty");
	wish->title = title.bytes ? pool_strdup(pool, title.bytes) : NULL;
	struct text description = field_text(fields, "description", OPTIONAL, DESCRIPTION_BYTES_MAX);
	wish->description = description.bytes ? pool_strdup(pool, description.bytes) : NULL;
	wish->gives_public = field_present(fields, "isPublic");
	wish->is_public = field_bool(fields, "isPublic", true);
}

static void decode_enrolment(struct fields *fields, enum need need, struct pool *pool, struct wish *wish)
{
	wish->user_id = field_int(fields, "userId", 1, INT64_MAX, 0);
}

typedef void decoder(struct fields *fields, enum need need, struct pool *pool, struct wish *wish);

/* An enrolment needs no body. False after having replied. */
static bool decode(struct http_exchange *x, decoder *decodes, enum need need, struct wish *wish)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	*wish = (struct wish){ 0 };
	if (size == 0 && decodes == decode_enrolment)
		return true;
	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		decodes(&fields, need, http_pool(x), wish);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

static void apply(const struct wish *wish, struct course *course)
{
	if (wish->title)
		course->title = wish->title;
	if (wish->description)
		course->description = wish->description;
	if (wish->gives_public)
		course->is_public = wish->is_public;
}

/* ---- changes ---- */

enum outcome { DONE, NO_COURSE, NOT_YOURS, NO_USER, WAS_SO };

struct change {
	struct pool *pool;
	struct caller caller;
	struct audit_origin origin;
	int64_t id, now_ms;
	struct wish wish;
	struct course course;
	enum outcome outcome;
};

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int64_t id;

	c->outcome = DONE;
	c->course = (struct course){ .owner_id = c->caller.user_id, .description = "", .is_public = true };
	apply(&c->wish, &c->course);
	int code = course_insert(tx, c->pool, c->now_ms, &c->course, err);
	id = c->course.id;
	code = code < 0 ? code : course_load(tx, c->pool, id, c->caller, &c->course, err);
	return code < 0 ? code : 0;
}

/* 1 when this caller may change it; *c->outcome otherwise. */
static int take(struct db_tx *tx, struct change *c, struct error *err)
{
	int code = course_lock(tx, c->pool, c->id, c->caller, &c->course, err);

	c->outcome = code == 0 ? NO_COURSE : course_is_own(&c->course, c->caller) ? DONE : NOT_YOURS;
	return code < 0 ? code : c->outcome == DONE;
}

static int update_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int code = take(tx, c, err);

	if (code <= 0)
		return code;
	apply(&c->wish, &c->course);
	c->course.updated_ms = c->now_ms;
	return course_update(tx, &c->course, c->now_ms, err);
}

static int delete_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int code = take(tx, c, err);

	if (code <= 0)
		return code;
	if ((code = course_delete(tx, c->id, err)) < 0)
		return code;
	return audit_note(tx, c->pool, &c->origin, "course.delete",
			  pool_printf(c->pool, "course %" PRId64, c->id), NULL, err);
}

static int user_exists(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT 1 FROM account WHERE id = $1", DB_VALUES(db_int(id)), &rows, err);

	return code < 0 ? code : rows.count > 0;
}

/* Everybody enrols himself; those who run the course, others too. */
static int enroll_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int64_t user_id = c->wish.user_id != 0 ? c->wish.user_id : c->caller.user_id;
	int code = course_load(tx, c->pool, c->id, c->caller, &c->course, err);

	c->outcome = code == 0 ? NO_COURSE : DONE;
	if (code <= 0)
		return code;
	if (user_id != c->caller.user_id && !course_is_own(&c->course, c->caller)) {
		c->outcome = NOT_YOURS;
		return 0;
	}
	if ((code = user_exists(tx, c->pool, user_id, err)) <= 0) {
		c->outcome = NO_USER;
		return code;
	}
	if ((code = course_enroll(tx, c->pool, c->id, user_id, c->now_ms, err)) == 0)
		c->outcome = WAS_SO;
	code = code < 0 ? code : course_load(tx, c->pool, c->id, c->caller, &c->course, err);
	return code < 0 ? code : 0;
}

static int leave_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int code = course_load(tx, c->pool, c->id, c->caller, &c->course, err);

	c->outcome = code == 0 ? NO_COURSE : DONE;
	return code <= 0 ? code : course_leave(tx, c->id, c->caller.user_id, err);
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
	case DONE:
	case WAS_SO: return true;
	case NO_COURSE: reply_error(x, 404, "Course not found"); break;
	case NOT_YOURS: reply_error(x, 403, "Only its owner or an admin may do this"); break;
	case NO_USER: reply_error(x, 404, "User not found"); break;
	}
	return false;
}

void course_post(struct http_exchange *x)
{
	struct change change = { 0 };

	if (decode(x, decode_course, REQUIRED, &change.wish) && run_change(x, create_work, &change))
		http_reply_json(x, 201, course_json(&change.course));
}

void course_put(struct http_exchange *x)
{
	struct change change = { 0 };

	if (path_id(x, "Course", &change.id) && decode(x, decode_course, OPTIONAL, &change.wish) &&
	    run_change(x, update_work, &change))
		http_reply_json(x, 200, course_json(&change.course));
}

void course_delete_one(struct http_exchange *x)
{
	struct change change = { 0 };

	if (path_id(x, "Course", &change.id) && run_change(x, delete_work, &change))
		http_reply_empty(x, 204);
}

void course_enroll_in(struct http_exchange *x)
{
	struct change change = { 0 };

	if (path_id(x, "Course", &change.id) && decode(x, decode_enrolment, OPTIONAL, &change.wish) &&
	    run_change(x, enroll_work, &change))
		http_reply_json(x, change.outcome == WAS_SO ? 200 : 201, course_json(&change.course));
}

void course_leave_it(struct http_exchange *x)
{
	struct change change = { 0 };

	if (path_id(x, "Course", &change.id) && run_change(x, leave_work, &change))
		http_reply_empty(x, 204);
}

/* ---- reading ---- */

struct reading {
	struct pool *pool;
	struct caller caller;
	struct list_asked list;
	int64_t id, total;
	bool mine, found;
	struct course course, *courses;
	struct student *students;
	size_t count;
};

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;
	int code = course_load(tx, r->pool, r->id, r->caller, &r->course, err);

	r->found = code > 0;
	return code < 0 ? code : 0;
}

void course_get(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading = { .pool = http_pool(x), .caller = caller_of(x) };
	struct error err;

	if (!path_id(x, "Course", &reading.id))
		return;
	if (db_read(backend->db, read_work, &reading, &err) < 0)
		reply_failure(x, &err);
	else if (!reading.found)
		reply_error(x, 404, "Course not found");
	else
		reply_tagged(x, course_json(&reading.course));
}

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;

	return course_list(tx, r->pool, r->caller, r->mine, r->list.skip, r->list.limit, &r->courses,
			   &r->count, &r->total, err);
}

void course_get_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading = { .pool = http_pool(x), .caller = caller_of(x) };
	const char *mine = http_query(x, "mine");
	struct error err;

	reading.mine = mine && strcmp(mine, "true") == 0;
	if (!list_of(x, &reading.list))
		return;
	if (db_read(backend->db, list_work, &reading, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < reading.count; i++)
		json_array_append_new(list, course_json(&reading.courses[i]));
	reply_list(x, &reading.list, reading.total, list);
}

static int students_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;
	int code = read_work(tx, r, err);

	if (code < 0 || !r->found || !course_is_own(&r->course, r->caller))
		return code;
	return course_students(tx, r->pool, r->id, r->list.skip, r->list.limit, &r->students, &r->count, err);
}

void course_get_progress(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading = { .pool = http_pool(x), .caller = caller_of(x) };
	struct error err;

	if (!path_id(x, "Course", &reading.id) || !list_of(x, &reading.list))
		return;
	if (db_read(backend->db, students_work, &reading, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	if (!reading.found || !course_is_own(&reading.course, reading.caller)) {
		reply_error(x, reading.found ? 403 : 404,
			    reading.found ? "Only its owner or an admin may do this" : "Course not found");
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < reading.count; i++) {
		const struct student *s = &reading.students[i];

		json_array_append_new(list, json_pack("{s:I, s:o, s:o, s:o}", "userId",
						      (json_int_t)s->user_id, "username", text(s->username),
						      "enrolledAt", json_time(s->enrolled_ms), "progress",
						      progress_json(s->completed, reading.course.modules)));
	}
	reply_list(x, &reading.list, reading.course.students, list);
}
