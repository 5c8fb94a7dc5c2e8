/* /api/submissions/{id}/events and /ws: a submission as it changes, one stream in two protocols.
 *
 * A stream says the state as it is now, then again whenever it is another, and ends after the last. It keeps of what it
 * said only the version's name, which is also the event's id: a client that comes back, to whichever replica, goes on
 * where it was. Events are whole states, never differences; of tests they say the verdicts and no more, hidden or not.
 * The results themselves are to be had with GET when it is over: they would not fit into an event. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "handlers.h"
#include "net/stream.h"
#include "reply.h"
#include "submission_view.h"

enum {
	LOOK_AGAIN_MS = 30000, /* unasked, in case a wake was lost between replicas */
	AFTER_FAILURE_MS = 1000,
	VERSION_BYTES = 64,
};

struct watching {
	bool started;
	char said[VERSION_BYTES];
};

/* ---- looking ---- */

struct looking {
	struct pool *pool;
	int64_t id;
	struct caller caller;
	const char *known; /* a version of which nothing more need be read; NULL: none */

	bool found, is_final;
	char version[VERSION_BYTES];
	enum submission_state state;
	const char *tests; /* JSON or NULL */
	struct seen seen;  /* when it is final */
};

static void name_version(struct looking *l, int64_t completed_ms, int64_t updates)
{
	l->is_final = completed_ms != 0;
	snprintf(l->version, sizeof l->version, "%s-%" PRId64,
		 l->is_final ? "done" : submission_state_name(l->state),
		 l->is_final ? completed_ms : updates);
}

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct looking *l = context;
	struct db_rows rows;
	int code = db_run(tx, l->pool,
			  "SELECT s.user_id, p.author_id, s.state, s.completed_ms, l.updates, l.tests"
			  " FROM submission s LEFT JOIN problem p ON p.id = s.problem_id"
			  " LEFT JOIN submission_live l ON l.submission_id = s.id WHERE s.id = $1",
			  DB_VALUES(db_int(l->id)), &rows, err);

	if (code < 0)
		return code;
	l->found = rows.count > 0 &&
		   submission_may_see(l->caller, db_int_at(&rows, 0, 0, 0), db_int_at(&rows, 0, 1, 0));
	if (!l->found)
		return 0;
	if (!submission_state_from_name(db_text_at(&rows, 0, 2), &l->state))
		return error_set(err, -EIO, "submission %" PRId64 " has an unknown state", l->id);
	l->tests = db_text_at(&rows, 0, 5);
	name_version(l, db_int_at(&rows, 0, 3, 0), db_int_at(&rows, 0, 4, 0));
	if (!l->is_final || (l->known && strcmp(l->known, l->version) == 0))
		return 0;
	code = submission_see(tx, l->pool, l->id, l->caller, &l->seen, err);
	return code < 0 ? code : 0;
}

/* ---- what is said ---- */

/* Of a whole submission, what an event has: neither the code, which the client knows, nor the results. */
static const char *const end_fields[] = { "status",         "isCorrect",   "score",       "feedback",
					  "error",          "runtime",     "memory",      "passedCount",
					  "totalTestCases", "submittedAt", "completedAt", "points",
					  "maxPoints",      "groups" };

/* {"done", "total", "passed", "verdicts"} of the results that are shown. */
static json_t *tests_of_results(const struct submission *s)
{
	cleanup_json json_t *results = NULL;
	json_t *verdicts = json_array(), *result;
	struct error err;
	size_t i;

	if (s->results && json_parse(s->results, strlen(s->results), &results, &err) == 0)
		json_array_foreach(results, i, result)
			json_array_append(verdicts, json_object_get(result, "verdict"));
	return json_pack("{s:I, s:I, s:I, s:o}", "done", (json_int_t)json_array_size(results), "total",
			 (json_int_t)(s->total > 0 ? s->total : 0), "passed",
			 (json_int_t)(s->passed > 0 ? s->passed : 0), "verdicts", verdicts);
}

static json_t *end_json(const struct looking *l)
{
	cleanup_json json_t *whole = submission_json(&l->seen.submission, l->pool);
	json_t *data = json_object();

	for (size_t i = 0; i < sizeof end_fields / sizeof end_fields[0]; i++)
		json_object_set(data, end_fields[i], json_object_get(whole, end_fields[i]));
	json_object_set_new(data, "tests", tests_of_results(&l->seen.submission));
	return data;
}

static json_t *state_json(const struct looking *l)
{
	json_t *tests = NULL;
	struct error err;

	if (!l->tests || json_parse(l->tests, strlen(l->tests), &tests, &err) < 0)
		tests = json_null();
	return json_pack("{s:s, s:o}", "status", submission_state_name(l->state), "tests", tests);
}

static bool say(struct http_exchange *x, struct watching *w, const struct looking *l)
{
	cleanup_buffer struct buffer text = { 0 };
	cleanup_json json_t *event =
		json_pack("{s:s, s:I, s:o}", "type", "submission_update", "submissionId", (json_int_t)l->id,
			  "data", l->is_final ? end_json(l) : state_json(l));

	memcpy(w->said, l->version, VERSION_BYTES);
	return event && json_write(event, &text) == 0 &&
	       http_stream_send(x, l->version, NULL, buffer_text(&text));
}

/* ---- the stream ---- */

/* An EventSource comes back after every end: with 204 to what it knows already it stays away. */
static bool begin(struct http_exchange *x, struct watching *w, const struct looking *l,
		  enum http_stream_kind kind)
{
	const char *last = http_stream_last_id(x);
	bool knows = last && strcmp(last, l->version) == 0;

	if (w->started)
		return http_stream_start(x, kind);
	if (knows && kind == HTTP_EVENTS && l->is_final) {
		http_reply_empty(x, 204);
		return false;
	}
	if (!http_stream_start(x, kind))
		return false;
	w->started = true;
	if (knows)
		memcpy(w->said, l->version, VERSION_BYTES);
	return true;
}

/* The database is away, say: who watches already is not sent away for that. */
static void fail(struct http_exchange *x, const struct watching *w, int64_t id, enum http_stream_kind kind,
		 const struct error *err)
{
	char key[KEY_BYTES];

	if (!w->started) {
		reply_failure(x, err);
		return;
	}
	log_warning("no update", LOG_INT("submission", id), LOG_TEXT("error", err->text));
	if (http_stream_start(x, kind) && !http_park(x, key_submission(id, key), AFTER_FAILURE_MS))
		http_stream_close_code(x, 1011, "The service cannot tell");
}

static void go_on(struct http_exchange *x, struct watching *w, const struct looking *l)
{
	char key[KEY_BYTES];

	if (strcmp(w->said, l->version) != 0 && !say(x, w, l))
		http_stream_close_code(x, 1011, "The service cannot tell");
	else if (!l->is_final)
		http_park(x, key_submission(l->id, key), LOOK_AGAIN_MS);
}

/* One that was deleted meanwhile has no further states. */
static void gone(struct http_exchange *x, const struct watching *w, enum http_stream_kind kind)
{
	if (!w->started)
		reply_error(x, 404, "Submission not found");
	else if (http_stream_start(x, kind))
		http_stream_close_code(x, 1000, "The submission was deleted");
}

static void watch(struct http_exchange *x, enum http_stream_kind kind)
{
	struct backend *backend = http_context(x);
	struct watching *w = http_memory(x, sizeof *w, NULL);
	struct looking looking = { .pool = http_pool(x), .caller = caller_of(x) };
	struct error err = { .text = "out of memory" };

	if (!w) {
		reply_failure(x, &err);
		return;
	}
	if (!path_id(x, "Submission", &looking.id))
		return;
	looking.known = w->started ? w->said : http_stream_last_id(x);
	if (db_read(backend->db, look_work, &looking, &err) < 0)
		fail(x, w, looking.id, kind, &err);
	else if (!looking.found)
		gone(x, w, kind);
	else if (begin(x, w, &looking, kind))
		go_on(x, w, &looking);
}

void submission_events(struct http_exchange *x)
{
	watch(x, HTTP_EVENTS);
}

void submission_ws(struct http_exchange *x)
{
	watch(x, HTTP_WEBSOCKET);
}
