/* outbox.h - webhooks as they lie in the database, from the result's own transaction to the last attempt.
 *
 * A delivery is pending until it is delivered or dead. A pending one may be sent at due_ms; who takes it moves
 * that behind the time that sending can take and leaves a random lease. So nothing has to be given back when a
 * process dies: what it was about to send is due again by itself, and of several processes one at a time has it.
 * All functions run inside a transaction of the caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fields.h"
#include "base/hash.h"
#include "db/db.h"
#include "store.h"

/* Where the submission itself wants to be told; `secret` may be NULL. */
int outbox_ask(struct db_tx *tx, int64_t submission_id, const char *url, const char *secret,
	       struct error *err);

/* The submission has ended: records its delivery where there is one to make, to the submission's own URL or,
 * when it came by /api/v1 and `has_backend`, to the backend. 1 when there is one. */
int outbox_record(struct db_tx *tx, struct pool *pool, int64_t submission_id, bool has_backend,
		  int64_t now_ms, struct error *err);

/* ---- sending ---- */

/* OUTBOX_BACKEND: whatever URL the backend has now; else "https://host:443". */
#define OUTBOX_BACKEND "backend"

struct outbox_receiver {
	const char *name;
	int64_t due_ms; /* of the earliest pending delivery */
};
/* Everybody to whom something is pending, without looking at each delivery; in the pool. */
int outbox_receivers(struct db_tx *tx, struct pool *pool, struct outbox_receiver **receivers, size_t *count,
		     struct error *err);

struct outbox_delivery {
	int64_t id, submission_id;
	const char *message, *receiver;
	const char *url, *secrets;      /* NULL: the backend's */
	const char *request_id, *trace; /* of the request that made the submission; may be NULL */
	const char *payload;            /* without delivery_id: outbox_body() */
	size_t payload_size;
	int attempts;     /* so far */
	int64_t begun_ms; /* when it was recorded, or last replayed */
	char lease[UUID_TEXT_BYTES];
};
/* Takes up to `wanted` that are due to this receiver, the earliest first. */
int outbox_claim(struct db_tx *tx, struct pool *pool, const char *receiver, size_t wanted, int64_t now_ms,
		 int64_t lease_ms, struct outbox_delivery *deliveries, size_t *count, struct error *err);
/* What is sent: the payload with delivery_id. In the pool; NULL when memory is out. */
const char *outbox_body(const struct outbox_delivery *delivery, struct pool *pool, size_t *size);

/* What became of it. An attempt goes into the log; one that was none changes only due_ms. */
struct outbox_note {
	int64_t id, submission_id;
	const char *lease;
	const char *state; /* "pending", "delivered", "dead" */
	int attempts;      /* with this one */
	int64_t due_ms;    /* of a pending one */
	bool attempted;
	int status; /* 0: no answer */
	int64_t took_us;
	const char *response; /* as the submission shows it */
};
int outbox_note(struct db_tx *tx, struct pool *pool, const struct outbox_note *note, int64_t now_ms,
		struct error *err);

/* What a process before this one had taken is due now; for a database that nobody else uses. */
int outbox_recover(struct db_tx *tx, int64_t now_ms, struct error *err);
/* The clock was set back: what was to wait waits as long from now on. 1 when there was any. */
int outbox_mend(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct error *err);

/* Forgets up to `wanted` of those that ended before `before_ms`, and their logs: how many. */
int outbox_forget(struct db_tx *tx, struct pool *pool, int64_t before_ms, size_t wanted, struct error *err);

/* ---- looking (outbox_look.c) ---- */

struct outbox_row {
	int64_t id, submission_id, attempts, created_ms, due_ms, ended_ms; /* ended_ms 0: pending */
	const char *message, *url, *state, *response; /* url NULL: the backend's; response may be NULL */
};
struct outbox_filter {
	const char *state;            /* NULL: any */
	const int64_t *submission_id; /* the same */
	const int64_t *id;            /* the same */
	int64_t skip, limit;
};
/* The latest first. */
int outbox_list(struct db_tx *tx, struct pool *pool, const struct outbox_filter *filter,
		struct outbox_row **rows, size_t *count, struct error *err);

struct outbox_attempt {
	int64_t number, at_ms, took_us;
	int status; /* 0: no answer */
	const char *response;
};
/* In the order in which they were made. */
int outbox_log(struct db_tx *tx, struct pool *pool, int64_t id, struct outbox_attempt **attempts,
	       size_t *count, struct error *err);

/* Makes it pending and due, with all its attempts before it: 1, or 0 when there is none such. One that is pending
 * stays as it is but is due now. */
int outbox_replay(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err);

struct outbox_counts {
	int64_t pending, dead, oldest_ms; /* when the oldest pending one was recorded; 0: none is */
};
int outbox_count(struct db_tx *tx, struct pool *pool, struct outbox_counts *counts, struct error *err);
