/* store.h - submissions as they lie in the database. All functions run inside a transaction of the caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "db/db.h"
#include "model/state.h"
#include "request.h"

struct submission {
	int64_t id;
	const char *job; /* the queue API's id */
	enum user_kind user_kind;
	const char *user_id; /* "" for none */
	int64_t contest_id;
	bool has_contest;
	const char *external_id; /* or NULL */
	const char *language;
	enum job_class class;
	int64_t tests; /* 0: a plain run */
	enum submission_state state;
	bool queued;
	const char *verdict; /* NULL until it has one */
	int64_t attempts;
	int64_t delayed_until_ms;                      /* 0: not delayed */
	int64_t created_ms, executed_ms, completed_ms; /* the last two 0: not yet */
	bool webhook_sent;
	const char *webhook_response; /* or NULL */
	const char *code, *input_data;
	size_t code_size, input_size;
	const char *task; /* its JSON; read only for judged ones */
	size_t task_size;
	const char *report; /* its JSON; NULL: none */
	size_t report_size;
};

/* Puts a new one down, pending; `queued` as request->execute says: 1. 0 when a twin came first. */
int store_insert(struct db_tx *tx, struct pool *pool, const struct submission_request *request,
		 int64_t now_ms, int64_t *id, struct error *err);

/* The one that the same API key created before under the same idempotency key or external id: 1 and *id, or 0. */
int store_find_twin(struct db_tx *tx, struct pool *pool, const struct submission_request *request,
		    int64_t *id, struct error *err);

/* 1 and *submission, or 0 when there is none. By number, or by the queue API's id. */
int store_load(struct db_tx *tx, struct pool *pool, int64_t id, struct submission *submission,
	       struct error *err);
/* The same, and nobody else changes its state before this transaction is over. Who also touches its job in the
 * queue does that first: two that go the other way round would wait for each other. */
int store_load_to_change(struct db_tx *tx, struct pool *pool, int64_t id, struct submission *submission,
			 struct error *err);
int store_load_job(struct db_tx *tx, struct pool *pool, const char *job, struct submission *submission,
		   struct error *err);

struct store_filter {
	const char *user_id; /* NULL: any; so are the others */
	const int64_t *contest_id;
	const char *state;
	int64_t skip, limit;
};
/* In the order of creation. */
int store_list(struct db_tx *tx, struct pool *pool, const struct store_filter *filter,
	       struct submission **submissions, size_t *count, struct error *err);

/* How many there are of each state and verdict. */
struct store_count {
	enum submission_state state;
	const char *verdict; /* or NULL */
	int64_t count;
};
int store_count(struct db_tx *tx, struct pool *pool, struct store_count **counts, size_t *count,
		struct error *err);

/* The result's JSON takes the place of an older one; NULL: none. */
int store_put_report(struct db_tx *tx, struct pool *pool, int64_t id, const char *report, size_t size,
		     struct error *err);
