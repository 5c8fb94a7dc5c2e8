/* outbound.h - HTTP requests to servers that are not ours: webhooks, third-party APIs.
 *
 * One thread for all of them (libcurl's multi interface). What others' servers do costs nobody else: each
 * destination (scheme, host and port) has few requests under way at a time, the rest of its own wait behind
 * them; one that does not answer is left alone for a while (breaker.h).
 *
 * What users may make us connect to is checked at the address that is really connected to, whatever the name
 * resolved to before and however it was written; see net/address.h. Redirects are not followed, proxies from
 * the environment are not used, only http and https are spoken, and certificates are verified. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct outbound;

struct outbound_options {
	const char *user_agent;
	size_t per_destination;         /* requests under way at once to one destination */
	size_t total;                   /* and to all; others wait */
	int64_t timeout_ms;             /* of a request, from connecting to the last byte of the answer */
	size_t response_max_bytes;      /* head and body; what comes beyond is not read */
	int failures;                   /* in a row, after which a destination is left alone */
	int64_t pause_ms, pause_max_ms; /* for so long at first, and at most */
};

/* A failure is: no answer, or 429, 502, 503, 504. Options must outlive it. */
int outbound_start(const struct outbound_options *options, struct outbound **outbound, struct error *err);
/* Ends what is under way with OUTBOUND_CANCELLED; every callback has returned when this does. Accepts NULL. */
void outbound_free(struct outbound *outbound);

enum { OUTBOUND_ORIGIN_BYTES = 320, OUTBOUND_URL_MAX = 2048 };

/* Whether we would ask this URL at all: http or https, a host, no user or password, no zone, and when the host
 * is a number (however written) a public one unless `allow_private`. What a name resolves to is seen later.
 * `origin` gets "https://host:443", in lower case. -EINVAL, or -EACCES for an address. */
int outbound_check(const char *url, bool allow_private, char origin[OUTBOUND_ORIGIN_BYTES],
		   struct error *err);

struct outbound_request {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", NULL-ended; NULL for none */
	const void *body;
	size_t body_size;
	bool allow_private; /* this one may go to any address */
};

enum outbound_end {
	OUTBOUND_ANSWERED, /* `status` says how */
	OUTBOUND_TIMEOUT,
	OUTBOUND_REFUSED,   /* every address of the host is one that we do not connect to */
	OUTBOUND_FAILED,    /* no connection, or it broke */
	OUTBOUND_POSTPONED, /* the destination is left alone: nothing was sent; `retry_ms` */
	OUTBOUND_CANCELLED, /* outbound_free() */
};

struct outbound_result {
	enum outbound_end end;
	int status;
	const char *why;  /* a sentence; "" when answered */
	const char *body; /* of the answer, as much as was read; NUL behind; never NULL */
	size_t body_size;
	int64_t took_us, retry_ms;
	int64_t retry_after_s; /* as the answer asks; 0: it does not */
};

/* Called once a request, in the outbound's thread, which it must not keep; the result lives as long as it. */
typedef void outbound_done(void *context, const struct outbound_result *result);

/* Copies the request and returns; the rest is told to `done`. Negative: `done` will not be called. */
int outbound_submit(struct outbound *outbound, const struct outbound_request *request, outbound_done *done,
		    void *context, struct error *err);
