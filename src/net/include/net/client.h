/* client.h - a blocking HTTP client over libcurl; one request at a time a client, one client a thread.
 * Redirects are not followed; only http and https are spoken. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

struct http_client;

int http_client_new(struct http_client **client, struct error *err);
void http_client_free(struct http_client *client);
/* Checks https against the authorities in this file (PEM) instead of the host's; the path outlives the client. */
void http_client_trust(struct http_client *client, const char *ca_file);

struct http_client_request {
	const char *method; /* "POST" */
	const char *url;
	const char *bearer;     /* token or NULL */
	const char *request_id; /* X-Request-Id or NULL */
	const void *body;       /* or NULL */
	size_t body_size;
	const char *content_type;  /* of the body; NULL: JSON */
	int64_t timeout_ms;        /* for the whole exchange */
	size_t response_max_bytes; /* -EMSGSIZE beyond */
};

/* 0 when there was a response, whatever its status. -ECANCELED after http_client_abort(); -ECONNREFUSED,
 * -ETIMEDOUT and so on where curl tells; -EIO otherwise. */
int http_client_run(struct http_client *client, const struct http_client_request *request, int *status,
		    struct buffer *response, struct error *err);

/* Makes the request under way, and all later ones, end with -ECANCELED. Any thread. */
void http_client_abort(struct http_client *client);
