/* Submissions as they change: /events and /ws, of a submission and of a job, one stream in two protocols.
 *
 * A stream says the state as it is now, then again whenever it is another, and ends after a final one. It keeps of
 * what it said only the version's name (live_store.h), which is also the event's id: so a client that comes back to
 * whichever replica goes on where it was. Events are whole states, never differences: what a slow client missed it
 * does not need. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "live_store.h"
#include "net/stream.h"
#include "render.h"
#include "reply.h"

enum {
	LOOK_AGAIN_MS = 30000, /* unasked, in case a wake was lost between replicas */
	AFTER_FAILURE_MS = 1000,
	PAUSE_MS = 100,        /* between two updates of one run, and for one with all of its output: */
	PAUSE_LARGE_MS = 1000, /* so a stream takes 64 KB a second or so */
	EVENT_BYTES_MAX = 900000,
	TEXT_BYTES_MIN = 1024,
};

/* What a stream remembers. */
struct watching {
	bool started;
	int64_t submission_id; /* 0: not known yet */
	char said[LIVE_VERSION_BYTES];
	enum submission_state said_state;
	int64_t next_us; /* not before, while only its progress changes */
};

/* ---- what is said ---- */

/* Escaped, a text may be six times its size; what does not fit is cut shorter. */
static const char *event_text(const struct live *live, struct pool *pool, struct error *err)
{
	for (size_t text_max = LIST_TEXT_BYTES;; text_max /= 4) {
		cleanup_json json_t *data = NULL, *event = NULL;
		cleanup_buffer struct buffer text = { 0 };
		int code = render_update(&live->submission, live->has_progress ? &live->progress : NULL,
					 text_max, pool, &data, err);

		if (code < 0)
			return NULL;
		event = json_pack("{s:s, s:I, s:O}", "type", "execution_update", "submission_id",
				  (json_int_t)live->submission.id, "data", data);
		const char *copy = event && json_write(event, &text) == 0
					   ? pool_memdup(pool, text.data, text.size)
					   : NULL;
		if (!copy)
			error_set(err, -ENOMEM, "out of memory");
		if (!copy || text.size <= EVENT_BYTES_MAX || text_max < TEXT_BYTES_MIN)
			return copy;
	}
}

static bool say(struct http_exchange *x, struct watching *w, const struct live *live)
{
	size_t output = live->has_progress ? live->progress.output_size : 0;
	struct error err = { 0 };
	const char *text = event_text(live, http_pool(x), &err);

	if (!text) {
		log_error("update not told", LOG_INT("submission", live->submission.id),
			  LOG_TEXT("error", err.text));
		return false;
	}
	memcpy(w->said, live->version, LIVE_VERSION_BYTES);
	w->said_state = live->submission.state;
	w->next_us = clock_monotonic_us() +
		     1000 * (PAUSE_MS + (int64_t)output * PAUSE_LARGE_MS / PROGRESS_OUTPUT_BYTES);
	return http_stream_send(x, live->version, NULL, text);
}

/* ---- the stream ---- */

/* An EventSource comes back after every end: with 204 to what it knows already it stays away. */
static bool begin(struct http_exchange *x, struct watching *w, const struct live *live,
		  enum http_stream_kind kind)
{
	const char *last = http_stream_last_id(x);
	bool knows = last && strcmp(last, live->version) == 0;

	if (w->started)
		return http_stream_start(x, kind);
	if (knows && kind == HTTP_EVENTS && submission_state_is_final(live->submission.state)) {
		http_reply_empty(x, 204);
		return false;
	}
	if (!http_stream_start(x, kind))
		return false;
	w->started = true;
	w->submission_id = live->submission.id;
	if (knows) {
		memcpy(w->said, live->version, LIVE_VERSION_BYTES);
		w->said_state = live->submission.state;
	}
	return true;
}

/* The database is away, say: who watches already is not sent away for that. */
static void fail(struct http_exchange *x, const struct watching *w, enum http_stream_kind kind,
		 const struct error *err)
{
	char key[KEY_BYTES];

	if (!w->started) {
		reply_failure(x, err);
		return;
	}
	log_warning("no update", LOG_INT("submission", w->submission_id), LOG_TEXT("error", err->text));
	if (http_stream_start(x, kind) && !http_park(x, key_live(w->submission_id, key), AFTER_FAILURE_MS))
		http_stream_close_code(x, 1011, "The service cannot tell");
}

static void go_on(struct http_exchange *x, struct watching *w, const struct live *live)
{
	bool is_new = strcmp(w->said, live->version) != 0;
	bool is_final = submission_state_is_final(live->submission.state);
	int64_t pause_us = w->next_us - clock_monotonic_us();
	char key[KEY_BYTES];

	if (is_new && live->submission.state == w->said_state && !is_final && pause_us > 0) {
		http_park(x, key_live(w->submission_id, key), pause_us / 1000 + 1);
		return;
	}
	if (is_new && !say(x, w, live))
		http_stream_close_code(x, 1011, "The service cannot tell");
	else if (!is_final)
		http_park(x, key_live(w->submission_id, key), LOOK_AGAIN_MS);
}

static void watch(struct http_exchange *x, int64_t id, const char *job, enum http_stream_kind kind)
{
	struct execution *service = http_context(x);
	struct watching *w = http_memory(x, sizeof *w, NULL);
	struct error err = { .text = "out of memory" };
	struct live live;

	if (!w) {
		reply_failure(x, &err);
		return;
	}
	int found = live_look(service, id, job, w->started ? w->said : http_stream_last_id(x), http_pool(x),
			      &live, &err);
	if (found < 0)
		fail(x, w, kind, &err);
	else if (found == 0)
		reply_error(x, 404, job ? "Job not found" : "Submission not found");
	else if (begin(x, w, &live, kind))
		go_on(x, w, &live);
}

static void watch_submission(struct http_exchange *x, enum http_stream_kind kind)
{
	int64_t id;

	if (path_id(x, &id))
		watch(x, id, NULL, kind);
}

void submission_events(struct http_exchange *x)
{
	watch_submission(x, HTTP_EVENTS);
}

void submission_ws(struct http_exchange *x)
{
	watch_submission(x, HTTP_WEBSOCKET);
}

void queue_job_events(struct http_exchange *x)
{
	watch(x, 0, http_param(x, "jobId"), HTTP_EVENTS);
}

void queue_job_ws(struct http_exchange *x)
{
	watch(x, 0, http_param(x, "jobId"), HTTP_WEBSOCKET);
}
