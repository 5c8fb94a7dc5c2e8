/* /api/problems */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "handlers.h"
#include "list.h"
#include "problem_decode.h"
#include "problem_store.h"
#include "reply.h"
#include "test_data.h"

/* ---- JSON ---- */

static json_t *tags_json(const struct problem *problem)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problem->tag_count; i++)
		json_array_append_new(list, json_string(problem->tags[i]));
	return list;
}

/* What lists show. */
static json_t *summary_json(const struct problem *p)
{
	return json_pack("{s:I, s:s, s:s, s:o, s:I, s:I, s:b, s:I, s:I, s:I, s:o, s:o}", "id",
			 (json_int_t)p->id, "title", p->title, "difficulty", p->difficulty, "tags",
			 tags_json(p), "timeLimit", (json_int_t)p->time_limit_ms, "memoryLimit",
			 (json_int_t)p->memory_limit_mb, "isPublic", p->is_public, "authorId",
			 (json_int_t)p->author_id, "testCaseCount", (json_int_t)p->case_count,
			 "hiddenTestCaseCount", (json_int_t)p->hidden_count, "createdAt",
			 json_time(p->created_ms), "updatedAt", json_time(p->updated_ms));
}

static json_t *cases_json(const struct problem *problem)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problem->cases_loaded; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "input", problem->cases[i].input,
						      "expectedOutput", problem->cases[i].expected_output,
						      "isHidden", problem->cases[i].hidden));
	return list;
}

static json_t *stored_json(const char *text)
{
	json_t *json = NULL;
	struct error err;

	return json_parse(text, strlen(text), &json, &err) < 0 ? json_null() : json;
}

/* {"shortName", "version", "format", "languages", "statement", "pdf"} of one that came from a package. */
static json_t *package_json(const struct problem *p)
{
	const struct problem_package *package = &p->package;
	char path[64];

	if (package->version == 0)
		return json_null();
	snprintf(path, sizeof path, "/api/problems/%" PRId64 "/statement", p->id);
	return json_pack("{s:s, s:I, s:s, s:o, s:s, s:s?}", "shortName", package->short_name, "version",
			 (json_int_t)package->version, "format", package->format, "languages",
			 package->languages ? stored_json(package->languages) : json_null(), "statement",
			 package->statement, "pdf", package->statement_pdf ? path : NULL);
}

/* With the cases that were loaded, and no others. */
static json_t *problem_json(const struct problem *p)
{
	json_t *json = summary_json(p);

	if (!json)
		return NULL;
	json_object_set_new(json, "description", json_string(p->description));
	json_object_set_new(json, "constraints", json_string(p->constraints));
	json_object_set_new(json, "inputFormat", json_string(p->input_format));
	json_object_set_new(json, "outputFormat", json_string(p->output_format));
	json_object_set_new(json, "examples", stored_json(p->examples));
	json_object_set_new(json, "starterCode", stored_json(p->starter_code));
	json_object_set_new(json, "testCases", cases_json(p));
	json_object_set_new(json, "package", package_json(p));
	return json;
}

/* ---- read ---- */

struct reading {
	struct pool *pool;
	int64_t id;
	struct caller caller;
	struct problem problem;
	bool found;
};

static int read_work(struct db_tx *tx, void *context, struct error *err)
{
	struct reading *r = context;
	int code = problem_load(tx, r->pool, r->id, r->caller, PROBLEM_VISIBLE_CASES, &r->problem, err);

	r->found = code > 0;
	/* What is hidden in a package is the package's: nobody is shown it here. */
	if (r->found && r->problem.package.version == 0 && problem_is_own(&r->problem, r->caller))
		code = problem_load(tx, r->pool, r->id, r->caller, PROBLEM_ALL_CASES, &r->problem, err);
	return code < 0 ? code : 0;
}

/* False after having replied. */
static bool read_problem(struct http_exchange *x, struct reading *reading)
{
	struct backend *backend = http_context(x);
	struct error err;

	*reading = (struct reading){ .pool = http_pool(x), .caller = caller_of(x) };
	if (!path_id(x, "Problem", &reading->id))
		return false;
	if (db_read(backend->db, read_work, reading, &err) < 0)
		reply_failure(x, &err);
	else if (!reading->found)
		reply_error(x, 404, "Problem not found");
	else
		return true;
	return false;
}

void problem_get(struct http_exchange *x)
{
	struct reading reading;

	if (read_problem(x, &reading))
		reply_tagged(x, problem_json(&reading.problem));
}

/* ---- the list ---- */

struct listing {
	struct pool *pool;
	struct problem_filter filter;
	struct problem *problems;
	size_t count;
	int64_t total;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return problem_list(tx, l->pool, &l->filter, &l->problems, &l->count, &l->total, err);
}

static const char *query_filter(struct http_exchange *x, const char *name)
{
	const char *text = http_query(x, name);

	return text && *text ? text : NULL;
}

void problem_get_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct listing listing = { .pool = http_pool(x),
				   .filter = { .caller = caller_of(x),
					       .difficulty = query_filter(x, "difficulty"),
					       .tag = query_filter(x, "tag"),
					       .text = query_filter(x, "q") } };
	struct list_asked asked;
	struct error err;

	if (!list_of(x, &asked))
		return;
	listing.filter.skip = asked.skip;
	listing.filter.limit = asked.limit;
	if (listing.filter.difficulty && !problem_difficulty_ok(listing.filter.difficulty)) {
		reply_error(x, 400, "difficulty must be easy, medium or hard");
		return;
	}
	if (db_read(backend->db, list_work, &listing, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < listing.count; i++)
		json_array_append_new(list, summary_json(&listing.problems[i]));
	reply_list(x, &asked, listing.total, list);
}

/* ---- create ---- */

struct change {
	struct pool *pool;
	struct audit_origin origin;
	struct problem *problem;
	int64_t now_ms, updated_ms;
	bool cases_stay, done;
};

static int create_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;

	return problem_insert(tx, c->pool, c->now_ms, c->problem, err);
}

/* What its package says of it. */
static void refuse_packaged(struct fields *fields)
{
	static const char *const names[] = { "testCases", "timeLimit", "memoryLimit" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (field_present(fields, names[i]))
			problem_at(fields->problems, &(struct place){ &fields->place, names[i], 0 },
				   "packaged", "is the package's: import a newer one");
}

/* False after having replied. */
static bool decode_body(struct http_exchange *x, bool is_new, struct problem *problem)
{
	static const struct place body_place = { NULL, "body", 0 };
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	cleanup_json json_t *json = problems_parse(body, size, &problems);
	if (json) {
		fields_open(&fields, json, &body_place, &problems);
		if (fields.object && problem->package.version > 0)
			refuse_packaged(&fields);
		if (fields.object)
			problem_decode(&fields, http_context(x), http_pool(x), is_new, problem);
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

void problem_post(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct problem problem;
	struct change change = { .pool = http_pool(x),
				 .origin = audit_origin_of(x),
				 .problem = &problem,
				 .now_ms = clock_wall_ms() };
	struct error err;

	problem_defaults(backend->config, &problem);
	problem.author_id = caller_of(x).user_id;
	if (!decode_body(x, true, &problem))
		return;
	if (db_write(backend->db, create_work, &change, &err) < 0)
		reply_failure(x, &err);
	else
		http_reply_json(x, 201, problem_json(&problem));
}

/* ---- change ---- */

/* One's own; false after having replied. */
static bool read_own(struct http_exchange *x, struct reading *reading)
{
	if (!read_problem(x, reading))
		return false;
	if (problem_is_own(&reading->problem, reading->caller))
		return true;
	reply_error(x, 403, "Only its author and admins may change a problem");
	return false;
}

/* What an admin does to somebody else's. */
static int note_change(struct db_tx *tx, struct change *change, const char *action, struct error *err)
{
	const char *object = pool_printf(change->pool, "problem %" PRId64, change->problem->id);

	if (change->origin.actor_id == change->problem->author_id)
		return 0;
	return object ? audit_note(tx, change->pool, &change->origin, action, object, NULL, err)
		      : error_set(err, -ENOMEM, "out of memory");
}

static int change_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	struct problem changed = *c->problem; /* work may be done twice */

	if (c->cases_stay)
		changed.cases = NULL;
	int code = problem_update(tx, c->pool, c->now_ms, &changed, err);

	c->done = code > 0;
	c->updated_ms = changed.updated_ms;
	return code <= 0 ? code : note_change(tx, c, "problem.update", err);
}

void problem_put(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading;
	struct change change = { .pool = http_pool(x),
				 .origin = audit_origin_of(x),
				 .problem = &reading.problem,
				 .now_ms = clock_wall_ms() };
	struct error err;

	if (!read_own(x, &reading))
		return;
	const struct problem_case *before = reading.problem.cases;
	if (!decode_body(x, false, &reading.problem))
		return;
	change.cases_stay = reading.problem.cases == before; /* always, of a package */
	if (db_write(backend->db, change_work, &change, &err) < 0)
		reply_failure(x, &err);
	else if (!change.done)
		reply_error(x, 409, "Somebody else has changed the problem at the same moment");
	else {
		reading.problem.updated_ms = change.updated_ms;
		http_reply_json(x, 200, problem_json(&reading.problem));
	}
}

/* ---- delete ---- */

static int delete_work(struct db_tx *tx, void *context, struct error *err)
{
	struct change *c = context;
	int code = problem_delete(tx, c->pool, c->problem->id, err);

	c->done = code > 0;
	return code <= 0 ? code : note_change(tx, c, "problem.delete", err);
}

void problem_delete_one(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading;
	struct change change = { .pool = http_pool(x),
				 .origin = audit_origin_of(x),
				 .problem = &reading.problem,
				 .now_ms = clock_wall_ms() };
	struct error err;

	if (!read_own(x, &reading))
		return;
	if (db_write(backend->db, delete_work, &change, &err) < 0)
		reply_failure(x, &err);
	else if (!change.done)
		reply_error(x, 404, "Problem not found");
	else
		http_reply_empty(x, 204);
}

/* ---- the statement as a file ---- */

void problem_get_statement(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct reading reading;
	const char *bytes;
	struct error err;
	size_t size;

	if (!read_problem(x, &reading))
		return;
	const char *pdf = reading.problem.package.statement_pdf;
	int found = pdf ? test_data_map(backend->data, pdf, http_pool(x), &bytes, &size, &err) : 0;
	if (found < 0) {
		reply_failure(x, &err);
	} else if (found == 0) {
		reply_error(x, 404, "The problem has no statement as a file");
	} else {
		/* Whoever made the package chose every byte: it is no page of ours. */
		http_set_header(x, "X-Content-Type-Options", "nosniff");
		http_set_header(x, "Content-Security-Policy", "sandbox");
		http_set_header(x, "Content-Disposition", "inline; filename=\"statement.pdf\"");
		http_reply(x, 200, "application/pdf", bytes, size);
	}
}
