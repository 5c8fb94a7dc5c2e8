/* errand.h - one thing to be done at the execution service: what is asked, and what follows from the answer. */
#pragma once

#include "data_sender.h"
#include "dispatch_store.h"
#include "remote.h"

enum errand_kind {
	TELL_CONTEST,   /* make or change it there */
	REMOVE_CONTEST, /* it was deleted here */
	SEND_CONTEST,   /* the same as TELL_CONTEST, because a submission waits for it */
	SEND,           /* a submission */
	LOOK,           /* what became of one that it has */
};

struct errand {
	enum errand_kind kind;
	int64_t submission_id, contest_id; /* ours; 0: none */
	int64_t remote_id;                 /* 0: it does not know it */
	int64_t revision, tries;
	bool with_contest; /* the submission was sent as one to this contest */
	bool with_data;    /* it names test data, which may be missing there */
};

/* What to send. Text in the pool; *body is the caller's to release, NULL for none. */
struct errand_request {
	const char *method, *path, *request_id, *trace;
	json_t *body;
	struct data_wish *data; /* what must lie there before, in the pool; or NULL */
};

/* Takes what is due, at most `limit` of a kind, until `until_ms`. In a transaction that writes. Bodies that were made
 * are the pool's. */
int errands_take(struct db_tx *tx, const struct backend *backend, struct pool *pool, int64_t now_ms,
		 int64_t until_ms, size_t limit, struct errand **errands, struct errand_request **requests,
		 size_t *count, struct error *err);

/* Writes down what came of it. `look_s` is CODE_EXECUTION_ASK_AFTER. */
int errand_note(struct db_tx *tx, struct pool *pool, const struct errand *errand,
		const struct remote_answer *answer, int64_t look_s, int64_t now_ms, struct error *err);
