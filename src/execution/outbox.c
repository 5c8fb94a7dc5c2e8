#include "outbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "net/outbound.h"
#include "render.h"

/* ---- recording ---- */

int outbox_ask(struct db_tx *tx, int64_t submission_id, const char *url, const char *secret,
	       struct error *err)
{
	return db_run(tx, NULL,
		      "INSERT INTO submission_webhook (submission_id, url, secret) VALUES ($1, $2, $3)",
		      DB_VALUES(db_int(submission_id), db_text(url), db_text(secret)), NULL, err);
}

/* 1 when there is somebody to tell: *url is NULL for the backend. */
static int find_receiver(struct db_tx *tx, struct pool *pool, int64_t submission_id, bool has_backend,
			 const char **url, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT s.api, w.url FROM submission s"
			  " LEFT JOIN submission_webhook w ON w.submission_id = s.id WHERE s.id = $1",
			  DB_VALUES(db_int(submission_id)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	*url = db_text_at(&rows, 0, 1);
	return *url || (has_backend && strcmp(db_text_at(&rows, 0, 0), "v1") == 0);
}

static int write_payload(struct db_tx *tx, struct pool *pool, int64_t submission_id, struct buffer *payload,
			 struct error *err)
{
	struct submission submission;
	cleanup_json json_t *json = NULL;
	int code = store_load(tx, pool, submission_id, &submission, err);

	if (code > 0)
		code = render_webhook(&submission, pool, &json, err);
	if (code == 0 && json_write(json, payload) < 0)
		code = error_set(err, -ENOMEM, "out of memory");
	return code;
}

static int insert_delivery(struct db_tx *tx, int64_t submission_id, const char *url, const char *receiver,
			   const struct buffer *payload, int64_t now_ms, struct error *err)
{
	char message[sizeof "msg_" + 32] = "msg_";

	random_hex(message + 4, 16);
	return db_run(tx, NULL,
		      "INSERT INTO delivery (message, submission_id, url, receiver, payload, created_ms,"
		      " begun_ms, scheduled_ms, due_ms) VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $6)",
		      DB_VALUES(db_text(message), db_int(submission_id), db_text(url), db_text(receiver),
				db_text_sized(payload->data, payload->size), db_int(now_ms)),
		      NULL, err);
}

int outbox_record(struct db_tx *tx, struct pool *pool, int64_t submission_id, bool has_backend,
		  int64_t now_ms, struct error *err)
{
	cleanup_buffer struct buffer payload = { 0 };
	char origin[OUTBOUND_ORIGIN_BYTES] = OUTBOX_BACKEND;
	const char *url = NULL;
	int code = find_receiver(tx, pool, submission_id, has_backend, &url, err);

	if (code <= 0)
		return code;
	/* It was checked when it came; were it refused today, the attempt says so. */
	if (url && outbound_check(url, true, origin, NULL) < 0)
		snprintf(origin, sizeof origin, "unknown");
	code = write_payload(tx, pool, submission_id, &payload, err);
	if (code == 0)
		code = db_run(tx, NULL,
			      "UPDATE submission SET webhook_sent = 0, webhook_response = NULL WHERE id = $1",
			      DB_VALUES(db_int(submission_id)), NULL, err);
	if (code == 0)
		code = insert_delivery(tx, submission_id, url, origin, &payload, now_ms, err);
	return code < 0 ? error_wrap(err, "record the webhook of submission %" PRId64, submission_id) : 1;
}

/* ---- sending ---- */

/* From one receiver to the next by the index, however many deliveries each of them has. */
int outbox_receivers(struct db_tx *tx, struct pool *pool, struct outbox_receiver **receivers, size_t *count,
		     struct error *err)
{
	struct db_rows rows;
	int code = db_run(
		tx, pool,
		"WITH RECURSIVE each_one(name) AS ("
		" SELECT min(receiver) FROM delivery WHERE state = 'pending'"
		" UNION ALL SELECT (SELECT min(receiver) FROM delivery WHERE state = 'pending'"
		" AND receiver > each_one.name) FROM each_one WHERE each_one.name IS NOT NULL)"
		" SELECT name, (SELECT min(due_ms) FROM delivery WHERE state = 'pending' AND receiver = name)"
		" FROM each_one WHERE name IS NOT NULL",
		DB_NO_VALUES, &rows, err);

	if (code < 0)
		return code;
	*receivers = pool_array(pool, rows.count + 1, sizeof **receivers);
	if (!*receivers)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*receivers)[i] =
			(struct outbox_receiver){ db_text_at(&rows, i, 0), db_int_at(&rows, i, 1, 0) };
	return 0;
}

static int read_delivery(struct db_tx *tx, struct pool *pool, struct outbox_delivery *d, struct error *err)
{
	struct db_rows rows;
	int code = db_run(
		tx, pool,
		"SELECT d.submission_id, d.message, d.receiver, d.url, w.secret, s.request_id, s.trace,"
		" d.payload, d.attempts, d.begun_ms FROM delivery d"
		" JOIN submission s ON s.id = d.submission_id"
		" LEFT JOIN submission_webhook w ON w.submission_id = d.submission_id WHERE d.id = $1",
		DB_VALUES(db_int(d->id)), &rows, err);

	if (code < 0)
		return code;
	d->submission_id = db_int_at(&rows, 0, 0, 0);
	d->message = db_text_at(&rows, 0, 1);
	d->receiver = db_text_at(&rows, 0, 2);
	d->url = db_text_at(&rows, 0, 3);
	d->secrets = db_text_at(&rows, 0, 4);
	d->request_id = db_text_at(&rows, 0, 5);
	d->trace = db_text_at(&rows, 0, 6);
	d->payload = db_text_at(&rows, 0, 7);
	d->payload_size = db_at(&rows, 0, 7)->size;
	d->attempts = (int)db_int_at(&rows, 0, 8, 0);
	d->begun_ms = db_int_at(&rows, 0, 9, 0);
	return 0;
}

/* 1 when it is ours now; 0 when somebody was faster. */
static int take(struct db_tx *tx, struct pool *pool, int64_t id, int64_t due_ms, int64_t now_ms,
		int64_t lease_ms, struct outbox_delivery *d, struct error *err)
{
	struct db_rows rows;

	*d = (struct outbox_delivery){ .id = id };
	random_uuid(d->lease);
	int code = db_run(tx, pool,
			  "UPDATE delivery SET lease = $3, scheduled_ms = $4, due_ms = $5"
			  " WHERE id = $1 AND due_ms = $2 AND state = 'pending'",
			  DB_VALUES(db_int(id), db_int(due_ms), db_text(d->lease), db_int(now_ms),
				    db_int(now_ms + lease_ms)),
			  &rows, err);
	if (code < 0 || rows.changed == 0)
		return code < 0 ? code : 0;
	code = read_delivery(tx, pool, d, err);
	return code < 0 ? code : 1;
}

int outbox_claim(struct db_tx *tx, struct pool *pool, const char *receiver, size_t wanted, int64_t now_ms,
		 int64_t lease_ms, struct outbox_delivery *deliveries, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT id, due_ms FROM delivery WHERE state = 'pending' AND receiver = $1"
			  " AND due_ms <= $2 ORDER BY due_ms, id LIMIT $3 /*pg FOR UPDATE SKIP LOCKED*/",
			  DB_VALUES(db_text(receiver), db_int(now_ms), db_int((int64_t)wanted)), &rows, err);

	*count = 0;
	for (size_t i = 0; i < rows.count && code >= 0; i++) {
		code = take(tx, pool, db_int_at(&rows, i, 0, 0), db_int_at(&rows, i, 1, 0), now_ms, lease_ms,
			    &deliveries[*count], err);
		*count += code > 0;
	}
	return code < 0 ? code : 0;
}

/* The payload is an object with fields: its last byte closes it. */
const char *outbox_body(const struct outbox_delivery *delivery, struct pool *pool, size_t *size)
{
	char tail[48];
	int length = snprintf(tail, sizeof tail, ",\"delivery_id\":%" PRId64 "}", delivery->id);
	char *body = pool_alloc(pool, delivery->payload_size + sizeof tail);

	if (!body || delivery->payload_size < 3)
		return NULL;
	memcpy(body, delivery->payload, delivery->payload_size - 1);
	memcpy(body + delivery->payload_size - 1, tail, (size_t)length + 1);
	*size = delivery->payload_size - 1 + (size_t)length;
	return body;
}

/* What the receiver took is delivered, whoever has the lease by now; all else only its holder may say. */
static int write_state(struct db_tx *tx, struct pool *pool, const struct outbox_note *note, int64_t now_ms,
		       struct db_rows *rows, struct error *err)
{
	bool ended = strcmp(note->state, "pending") != 0;

	return db_run(tx, pool,
		      "UPDATE delivery SET state = $3, attempts = $4, scheduled_ms = $5, due_ms = $6, "
		      "ended_ms = $7,"
		      " response = COALESCE($8, response), lease = NULL WHERE id = $1"
		      " AND (lease = $2 OR (state = 'pending' AND $3 = 'delivered'))",
		      DB_VALUES(db_int(note->id), db_text(note->lease), db_text(note->state),
				db_int(note->attempts), db_int(now_ms), db_int(ended ? now_ms : note->due_ms),
				ended ? db_int(now_ms) : db_null(), db_text(note->response)),
		      rows, err);
}

static int write_attempt(struct db_tx *tx, const struct outbox_note *note, int64_t now_ms, struct error *err)
{
	int code =
		db_run(tx, NULL,
		       "INSERT INTO delivery_attempt (delivery_id, number, at_ms, took_us, status, response)"
		       " VALUES ($1, $2, $3, $4, $5, $6)",
		       DB_VALUES(db_int(note->id), db_int(note->attempts),
				 db_int(now_ms - note->took_us / 1000), db_int(note->took_us),
				 note->status ? db_int(note->status) : db_null(), db_text(note->response)),
		       NULL, err);

	if (code < 0)
		return code;
	/* One that was run again has a later delivery, which is the one to show. */
	return db_run(tx, NULL,
		      "UPDATE submission SET webhook_sent = $2, webhook_response = $3 WHERE id = $1"
		      " AND NOT EXISTS (SELECT 1 FROM delivery WHERE submission_id = $1 AND id > $4)",
		      DB_VALUES(db_int(note->submission_id), db_int(strcmp(note->state, "delivered") == 0),
				db_text(note->response), db_int(note->id)),
		      NULL, err);
}

int outbox_note(struct db_tx *tx, struct pool *pool, const struct outbox_note *note, int64_t now_ms,
		struct error *err)
{
	struct db_rows rows;
	int code = write_state(tx, pool, note, now_ms, &rows, err);

	if (code == 0 && rows.changed > 0 && note->attempted)
		code = write_attempt(tx, note, now_ms, err);
	return code < 0 ? error_wrap(err, "note what became of delivery %" PRId64, note->id) : 0;
}

int outbox_recover(struct db_tx *tx, int64_t now_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE delivery SET lease = NULL, scheduled_ms = $1, due_ms = $1"
		      " WHERE state = 'pending' AND lease IS NOT NULL",
		      DB_VALUES(db_int(now_ms)), NULL, err);
}

/* Clocks of several hosts differ a little; that is no reason. */
int outbox_mend(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct error *err)
{
	enum { ALLOWED_MS = 60000 };
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "UPDATE delivery SET due_ms = $1 + due_ms - scheduled_ms, scheduled_ms = $1"
			  " WHERE state = 'pending' AND scheduled_ms > $2",
			  DB_VALUES(db_int(now_ms), db_int(now_ms + ALLOWED_MS)), &rows, err);

	return code < 0 ? code : rows.changed > 0;
}

/* "[1,2,3]" */
static int list_ids(const struct db_rows *rows, struct buffer *list, struct error *err)
{
	buffer_puts(list, "[");
	for (size_t i = 0; i < rows->count; i++)
		buffer_printf(list, "%s%" PRId64, i ? "," : "", db_int_at(rows, i, 0, 0));
	buffer_puts(list, "]");
	return list->failed ? error_set(err, -ENOMEM, "out of memory") : 0;
}

int outbox_forget(struct db_tx *tx, struct pool *pool, int64_t before_ms, size_t wanted, struct error *err)
{
	cleanup_buffer struct buffer list = { 0 };
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT id FROM delivery WHERE ended_ms < $1 ORDER BY ended_ms LIMIT $2"
			  " /*pg FOR UPDATE SKIP LOCKED*/",
			  DB_VALUES(db_int(before_ms), db_int((int64_t)wanted)), &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	if ((code = list_ids(&rows, &list, err)) < 0 ||
	    (code = db_run(tx, NULL, "DELETE FROM delivery_attempt WHERE delivery_id " DB_ANY_OF("$1"),
			   DB_VALUES(db_text_sized(list.data, list.size)), NULL, err)) < 0 ||
	    (code = db_run(tx, NULL, "DELETE FROM delivery WHERE id " DB_ANY_OF("$1"),
			   DB_VALUES(db_text_sized(list.data, list.size)), NULL, err)) < 0)
		return code;
	return (int)rows.count;
}
