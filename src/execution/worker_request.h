/* worker_request.h - what all worker routes have in common: protocol, session, lease. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/json.h"
#include "net/server.h"
#include "work.h"

enum { WORKER_PROTOCOL = 1 };

struct worker_request {
	json_t *body; /* owned; worker_request_close() */
	struct json_reader reader;
	struct error err;
	const char *session;
	struct work_lease lease; /* when asked for */
};
#define cleanup_worker_request __attribute__((cleanup(worker_request_close)))

/* Checks the protocol, parses the body and reads the session and, when the route is about one
 * job, its lease. False after having replied. */
enum worker_about { ABOUT_SESSION, ABOUT_JOB };
bool worker_request_open(struct http_exchange *x, enum worker_about about, struct worker_request *request);

/* All fields were read: false, after having replied, when one was at fault. */
bool worker_request_done(struct http_exchange *x, struct worker_request *request);
void worker_request_close(struct worker_request *request);

/* A worker that is refused is always logged. */
void worker_refuse(struct http_exchange *x, int status, const char *why);
/* The job is another's by now. */
void worker_refuse_stale(struct http_exchange *x, const struct worker_request *request);

/* {"protocol": 1} */
json_t *worker_reply_new(void);
