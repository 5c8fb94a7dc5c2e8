/* remote.h - speaks to the execution service: CODE_EXECUTION_SERVICE_URL, with CODE_EXECUTION_SERVICE_KEY.
 *
 * One thread of its own for all calls (net/outbound.h), at most CALLS_MAX of them at a time; a service that does not
 * answer is left alone for a few seconds, and then asked once. Within a handler:
 *
 *     const struct remote_answer *answer = remote_ask(x, &request);
 *
 *     if (!answer)
 *             return;
 *     http_reply_json(x, answer->status, json_incref(answer->json));
 *
 * The first run sends the request and parks; the run that finds the answer gets it. One call an exchange; it has
 * http_memory(). A client that goes away frees everything but the call itself, whose answer is then dropped. */
#pragma once

#include "inside.h"

struct remote;

int remote_start(struct backend *backend, struct remote **remote, struct error *err);
/* What is under way fails; every callback has returned when this does. After http_server_stop(), before
 * http_server_free(). Accepts NULL. */
void remote_stop(struct remote *remote);

struct remote_request {
	const char *method;
	const char *path;       /* "/api/v1/submissions/", with its query */
	const json_t *body;     /* or NULL */
	const char *request_id; /* to pass on, or NULL; within a handler its own without being asked */
	const char *trace;      /* the same: a traceparent */
};

struct remote_answer {
	/* The service's own word: 2xx, or 4xx about what was asked for. 0: it gave none, and then the client gets
	 * `failure` (503; 429 when we ask too much) with `why` and `retry_s`. */
	int status;
	json_t *json; /* of the answer; NULL: it had no body */
	int failure;
	int64_t retry_s;
	const char *why; /* a sentence that a user may read; "" when there was an answer */
};

/* NULL: it waits for the answer, or has replied that there is none; return at once. */
const struct remote_answer *remote_ask(struct http_exchange *x, const struct remote_request *request);
/* The same, but what failed is an answer too. */
const struct remote_answer *remote_try(struct http_exchange *x, const struct remote_request *request);
/* Replies with the failure: its sentence and Retry-After. */
void remote_reply_failure(struct http_exchange *x, const struct remote_answer *answer);

/* ---- without a handler ---- */
/* In the remote's thread, which it must not keep; the answer lives as long as it. */
typedef void remote_done(void *context, const struct remote_answer *answer);
/* Negative: `done` will not be called. */
int remote_call(struct remote *remote, const struct remote_request *request, remote_done *done, void *context,
		struct error *err);
