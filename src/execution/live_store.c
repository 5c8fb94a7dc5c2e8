#include "live_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "queue/queue.h"
#include "transition.h"

/* ---- looking ---- */

struct looking {
	int64_t id;
	const char *job, *known;
	struct pool *pool;
	struct live *live;
	bool found;
};

static int decode_progress(const struct db_value *text, struct pool *pool, struct progress *progress,
			   struct error *err)
{
	cleanup_json json_t *json = NULL;
	struct json_reader reader;
	int code = json_parse(text->bytes, text->size, &json, err);

	if (code == 0) {
		json_reader_open(&reader, json, "", err);
		progress_read(&reader, pool, progress);
		code = json_reader_done(&reader);
	}
	return code < 0 ? error_wrap(err, "stored progress") : 0;
}

/* What a state is told apart by. A submission can be executed again, so its times are part of it. */
static void name_version(struct live *live, int64_t updates)
{
	const struct submission *s = &live->submission;
	const char *state = submission_state_name(s->state);

	if (submission_state_is_final(s->state))
		snprintf(live->version, LIVE_VERSION_BYTES, "%s-%" PRId64, state, s->completed_ms);
	else if (s->state == SUBMISSION_PENDING)
		snprintf(live->version, LIVE_VERSION_BYTES, "%s-%" PRId64 "-%" PRId64, state, s->attempts,
			 s->delayed_until_ms);
	else
		snprintf(live->version, LIVE_VERSION_BYTES, "%s-%" PRId64 "-%" PRId64, state, s->executed_ms,
			 updates);
}

static int take_row(struct looking *l, const struct db_rows *rows, struct error *err)
{
	struct live *live = l->live;
	const struct db_value *progress = db_at(rows, 0, 9);

	*live = (struct live){ .submission = { .id = db_int_at(rows, 0, 0, 0),
					       .job = db_text_at(rows, 0, 1),
					       .attempts = db_int_at(rows, 0, 3, 0),
					       .delayed_until_ms = db_int_at(rows, 0, 4, 0),
					       .created_ms = db_int_at(rows, 0, 5, 0),
					       .executed_ms = db_int_at(rows, 0, 6, 0),
					       .completed_ms = db_int_at(rows, 0, 7, 0) },
			       .has_progress = progress->type == DB_TEXT };
	if (!submission_state_from_name(db_text_at(rows, 0, 2), &live->submission.state))
		return error_set(err, -EIO, "submission %" PRId64 " has an unknown state",
				 live->submission.id);
	name_version(live, db_int_at(rows, 0, 8, 0));
	return live->has_progress ? decode_progress(progress, l->pool, &live->progress, err) : 0;
}

#define LOOK                                                                                        \
	"SELECT s.id, s.job, s.state, s.attempts, s.delayed_until_ms, s.created_ms, s.executed_ms," \
	" s.completed_ms, l.updates, l.progress FROM submission s LEFT JOIN submission_live l"      \
	" ON l.submission_id = s.id AND l.run_ms = s.executed_ms AND s.state = 'running' WHERE s."

static int look_work(struct db_tx *tx, void *context, struct error *err)
{
	struct looking *l = context;
	struct live *live = l->live;
	struct db_rows rows;
	int code = l->job ? db_run(tx, l->pool, LOOK "job = $1", DB_VALUES(db_text(l->job)), &rows, err)
			  : db_run(tx, l->pool, LOOK "id = $1", DB_VALUES(db_int(l->id)), &rows, err);

	if (code < 0)
		return code;
	l->found = rows.count > 0;
	if (!l->found)
		return 0;
	if ((code = take_row(l, &rows, err)) < 0)
		return code;
	if (!submission_state_is_final(live->submission.state) ||
	    (l->known && strcmp(l->known, live->version) == 0))
		return 0;
	code = store_load(tx, l->pool, live->submission.id, &live->submission, err);
	return code < 0 ? code : 0;
}

int live_look(struct execution *service, int64_t id, const char *job, const char *known, struct pool *pool,
	      struct live *live, struct error *err)
{
	struct looking looking = { .id = id, .job = job, .known = known, .pool = pool, .live = live };
	int code = db_read(service->db, look_work, &looking, err);

	return code < 0 ? code : looking.found;
}

/* ---- telling ---- */

struct telling {
	struct work_lease lease;
	struct buffer text; /* the JSON form */
	int64_t submission_id;
	bool held;
};

static int tell_work(struct db_tx *tx, void *context, struct error *err)
{
	struct telling *t = context;
	int code = queue_holds(tx, t->lease.queue_job, t->lease.lease, &t->submission_id, err);

	t->held = code > 0;
	if (code <= 0)
		return code;
	return db_run(tx, NULL,
		      "INSERT INTO submission_live (submission_id, run_ms, updates, progress)"
		      " SELECT id, executed_ms, 1, $2 FROM submission WHERE id = $1 AND state = 'running'"
		      " ON CONFLICT (submission_id) DO UPDATE SET run_ms = EXCLUDED.run_ms,"
		      " updates = submission_live.updates + 1, progress = EXCLUDED.progress",
		      DB_VALUES(db_int(t->submission_id), db_text_sized(t->text.data, t->text.size)), NULL,
		      err);
}

int live_tell(struct execution *service, struct work_lease lease, const struct progress *progress,
	      struct error *err)
{
	struct telling telling = { .lease = lease };
	cleanup_json json_t *json = json_object();
	char key[KEY_BYTES];

	if (!json || !progress_put(json, progress) || json_write(json, &telling.text) < 0) {
		buffer_free(&telling.text);
		return error_set(err, -ENOMEM, "out of memory");
	}
	int code = db_write_relaxed(service->db, tell_work, &telling, err);
	buffer_free(&telling.text);
	if (code >= 0 && telling.held)
		execution_wake(service, key_live(telling.submission_id, key));
	return code < 0 ? code : telling.held;
}

static int sweep_work(struct db_tx *tx, void *context, struct error *err)
{
	(void)context;
	return db_run(tx, NULL,
		      "DELETE FROM submission_live WHERE NOT EXISTS (SELECT 1 FROM submission s"
		      " WHERE s.id = submission_live.submission_id AND s.state = 'running')",
		      DB_NO_VALUES, NULL, err);
}

int live_sweep(struct execution *service, struct error *err)
{
	return db_write_relaxed(service->db, sweep_work, NULL, err);
}
