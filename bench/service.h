/* service.h - a real service to measure, with a data folder of its own: without workers, or all of `arena serve`. */
#pragma once

#include <jansson.h>
#include <sys/types.h>

#include "base/error.h"

struct service {
	pid_t pid;
	int port;
	char folder[64];
	struct http_client *client; /* the caller's one connection to it */
};

struct service_options {
	const char *command;      /* "execution": no workers; "serve": returns when a worker is there */
	const char *database_url; /* NULL: SQLite, in its folder */
	const char *lanes;        /* NULL: one a processor */
};
int service_start(struct service *service, const struct service_options *options, struct error *err);
/* Stops it and removes its folder; accepts one that was not started. */
void service_stop(struct service *service);

/* One request on the kept connection. `body` is JSON text or NULL; *reply (which may be NULL) is the caller's. A status
 * other than 2xx is a failure. */
int service_ask(struct service *service, const char *method, const char *path, const char *body,
		json_t **reply, struct error *err);

/* Resident memory now, and the most that it has been. */
int service_memory(const struct service *service, int64_t *now_bytes, int64_t *peak_bytes, struct error *err);
