/* request.h - what a client asks for, decoded once: both forms (docs/api.md) become the same value. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/fields.h"
#include "base/pool.h"
#include "execution/execution.h"
#include "model/task.h"
#include "queue/queue.h"

enum { REQUEST_ID_BYTES_MAX = 255 }; /* of an id that callers give */

enum api { API_V1, API_QUEUE }; /* "v1", "queue" */
enum user_kind { USER_NONE, USER_INT, USER_TEXT };

struct submission_request {
	enum api api;
	int64_t key_id; /* the API key that it came with, 0: none; not decoded, but the caller's to set */
	const char *request_id, *trace; /* the same: of the HTTP request, in the pool; NULL: unknown */
	enum user_kind user_kind;
	const char *user_id; /* never NULL; "" for none */
	bool has_contest;
	int64_t contest_id;
	const char *external_id;     /* or NULL */
	const char *idempotency_key; /* or NULL */
	struct text code, input;     /* never NULL */
	const char *webhook_url;     /* or NULL: its end is told to the backend, or to nobody */
	const char *webhook_secret;  /* or NULL */
	enum job_class class;
	bool execute; /* queue it at once */
	struct task task;
};

/* What decoding needs to know of this service. */
struct request_rules {
	const struct config *config;
	const struct offered_language *languages;
	size_t language_count;
};

/* Parses the body and decodes it. `header_key` is the header Idempotency-Key or NULL. Complete when
 * problems_any() is false afterwards; texts live in the pool. */
void request_decode(enum api api, const struct request_rules *rules, const char *body, size_t size,
		    const char *header_key, struct pool *pool, struct submission_request *request,
		    struct problems *problems);

/* The same of one value that was parsed before and stands at `place`: an element of a batch. */
void request_decode_value(enum api api, const struct request_rules *rules, const json_t *json,
			  const struct place *place, const char *header_key, struct pool *pool,
			  struct submission_request *request, struct problems *problems);

/* By id or alias, whatever the case; NULL when unknown. */
const struct offered_language *language_find(const struct request_rules *rules, const char *name);
/* "python, javascript, ...": those that this host has; in the pool. */
const char *language_list(const struct request_rules *rules, struct pool *pool);
