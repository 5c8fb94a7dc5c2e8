/* reply.h - the shapes of errors, and the small questions that every handler asks of its request. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fields.h"
#include "net/server.h"
#include "request.h"
#include "service.h"

/* {"detail": text}, or on the queue API's routes {"error": text}: which, the path says. */
void reply_error(struct http_exchange *x, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* 422 {"detail": [{"loc", "msg", "type"}]}, or on the queue API's routes 400 (413 when something is too
 * large) {"error": "Validation failed", "details": ["..."]}. */
void reply_problems(struct http_exchange *x, const struct problems *problems);

/* 503 for a failure of ours, which goes to the log and not to the client. */
void reply_failure(struct http_exchange *x, const struct error *err);

/* ?name= as an integer; `fallback` when absent; a problem when it is none or out of range. */
int64_t query_int(struct http_exchange *x, const char *name, int64_t min, int64_t max, int64_t fallback,
		  struct problems *problems);

/* The number that the path has for {id}; false after having replied. */
bool path_id(struct http_exchange *x, int64_t *id);

/* How long the client wants to wait for a result, in ms, from ?wait= (seconds, or true and false) and, failing
 * that, from the header Prefer (RFC 7240); 0: not at all. At most WAIT_MAX. */
int64_t query_wait_ms(struct http_exchange *x, struct problems *problems);

/* Who asks, and by which request: what the body does not tell. */
void request_name_origin(struct http_exchange *x, struct submission_request *request);

/* Parks the exchange until the submission may have ended, at most `wait_ms` in all. False: reply now. */
bool park_for_submission(struct http_exchange *x, int64_t submission_id, int64_t wait_ms);
