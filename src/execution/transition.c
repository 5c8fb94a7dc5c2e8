#include "transition.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/log.h"
#include "delivery.h"
#include "metrics.h"
#include "outbox.h"

/* ---- wakes ---- */

const char *key_submission(int64_t submission_id, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "submission:%" PRId64, submission_id);
	return key;
}

const char *key_live(int64_t submission_id, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "live:%" PRId64, submission_id);
	return key;
}

const char *key_session(const char *session, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "session:%s", session);
	return key;
}

const char *key_claim(const char *session, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "claim:%s", session);
	return key;
}

void execution_wake(struct execution *service, const char *key)
{
	if (service->bus)
		db_bus_send(service->bus, key);
}

/* ---- one step ---- */

static const char *ids_of(struct pool *pool, const struct transition *items, size_t count)
{
	cleanup_buffer struct buffer ids = { 0 };

	for (size_t i = 0; i < count; i++)
		buffer_printf(&ids, "%c%" PRId64, i == 0 ? '[' : ',', items[i].submission_id);
	buffer_putc(&ids, ']');
	return ids.failed ? NULL : pool_strdup(pool, buffer_text(&ids));
}

static int read_state(const struct db_rows *rows, struct transition *transition, struct error *err)
{
	int64_t id = transition->submission_id;
	size_t row = 0;

	while (row < rows->count && db_int_at(rows, row, 0, 0) != id)
		row++;
	if (row == rows->count)
		return error_set(err, -ENOENT, "there is no submission %" PRId64, id);
	transition->request_id = db_text_at(rows, row, 2);
	if (!submission_state_from_name(db_text_at(rows, row, 1), &transition->from))
		return error_set(err, -EIO, "submission %" PRId64 " has the unknown state %s", id,
				 db_text_at(rows, row, 1));
	if (!submission_state_may_become(transition->from, transition->to))
		return error_set(err, -EPERM, "submission %" PRId64 " is %s and cannot become %s", id,
				 submission_state_name(transition->from),
				 submission_state_name(transition->to));
	return 0;
}

/* Locked in the order of their numbers: two that lock several never wait for each other. */
static int read_states(struct db_tx *tx, struct pool *pool, struct transition *items, size_t count,
		       struct error *err)
{
	const char *ids = ids_of(pool, items, count);
	struct db_rows rows;
	int code = ids ? db_run(tx, pool,
				"SELECT id, state, request_id FROM submission WHERE id " DB_ANY_OF(
					"$1") " ORDER BY id /*pg FOR UPDATE*/",
				DB_VALUES(db_text(ids)), &rows, err)
		       : error_set(err, -ENOMEM, "out of memory");

	for (size_t i = 0; i < count && code == 0; i++)
		code = read_state(&rows, &items[i], err);
	return code;
}

static struct db_value int_or_null(int64_t number)
{
	return number != 0 ? db_int(number) : db_null();
}

static int write_state(struct db_tx *tx, struct pool *pool, const struct transition *t, struct error *err)
{
	bool runs = t->to == SUBMISSION_RUNNING, is_final = submission_state_is_final(t->to);

	return db_run(tx, pool,
		      "UPDATE submission SET state = $2, verdict = $3, attempts = COALESCE($4, attempts),"
		      " delayed_until_ms = $5, queued = 1,"
		      " executed_ms = CASE WHEN CAST($6 AS BIGINT) IS NULL AND CAST($7 AS BIGINT) IS NOT NULL"
		      " THEN executed_ms ELSE $6 END, completed_ms = $7 WHERE id = $1",
		      DB_VALUES(db_int(t->submission_id), db_text(submission_state_name(t->to)),
				db_text(t->verdict), int_or_null(t->attempts),
				int_or_null(t->delayed_until_ms), runs ? db_int(t->now_ms) : db_null(),
				is_final ? db_int(t->now_ms) : db_null()),
		      NULL, err);
}

static int remember(struct transitions *transitions, const struct transition *transition, struct error *err)
{
	if (transitions->count == transitions->room) {
		size_t room = transitions->room > 0 ? 2 * transitions->room : 4;
		struct transition *items = pool_array(transitions->pool, room, sizeof *items);

		if (!items)
			return error_set(err, -ENOMEM, "out of memory");
		for (size_t i = 0; i < transitions->count; i++)
			items[i] = transitions->items[i];
		transitions->items = items;
		transitions->room = room;
	}
	transitions->items[transitions->count++] = *transition;
	return 0;
}

int transition_make_all(struct db_tx *tx, struct execution *service, struct pool *pool,
			struct transition *items, size_t count, struct error *err)
{
	bool has_backend = *service->config->backend_url != '\0';
	int code = count > 0 ? read_states(tx, pool, items, count, err) : 0;

	for (size_t i = 0; i < count && code >= 0; i++) {
		code = write_state(tx, pool, &items[i], err);
		if (code >= 0 && submission_state_is_final(items[i].to))
			code = outbox_record(tx, pool, items[i].submission_id, has_backend, items[i].now_ms,
					     err);
		items[i].has_webhook = code > 0;
	}
	return code < 0 ? code : 0;
}

int transition_make(struct db_tx *tx, struct transitions *transitions, struct transition transition,
		    struct error *err)
{
	int code = transition_make_all(tx, transitions->service, transitions->pool, &transition, 1, err);

	return code < 0 ? code : remember(transitions, &transition, err);
}

static void count(struct metrics *metrics, const struct transition *t)
{
	const char *verdict = t->verdict ? t->verdict : "";

	if (submission_state_is_final(t->to))
		metrics_add(metrics, METRIC_RESULTS, 1, METRIC_LABELS(submission_state_name(t->to), verdict));
	else if (t->from == SUBMISSION_RUNNING && t->to == SUBMISSION_PENDING)
		metrics_add(metrics, METRIC_RETURNS, 1, METRIC_NO_LABELS);
}

/* The log names the request that made the submission, not the one that ended it. */
void transitions_announce(struct execution *service, const struct transitions *transitions)
{
	char request_id[80];

	snprintf(request_id, sizeof request_id, "%s", log_request_id());
	for (size_t i = 0; i < transitions->count; i++) {
		const struct transition *t = &transitions->items[i];
		char key[KEY_BYTES];

		count(service->metrics, t);
		log_set_request_id(t->request_id ? t->request_id : request_id);
		log_info("submission", LOG_INT("submission", t->submission_id),
			 LOG_TEXT("from", submission_state_name(t->from)),
			 LOG_TEXT("to", submission_state_name(t->to)), LOG_TEXT("verdict", t->verdict));
		log_set_request_id(request_id);
		execution_wake(service, key_submission(t->submission_id, key));
		execution_wake(service, key_live(t->submission_id, key));
		if (t->has_webhook)
			deliveries_wake(service->deliveries);
	}
}
