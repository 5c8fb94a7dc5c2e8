/* routes.h - the table of routes, and what every request must pass before its handler. */
#pragma once

#include <stddef.h>

#include "inside.h"

/* How a route is added: a row here, a handler in the file of its resource (declared in handlers.h), a section in
 * docs/api.md (`make docs` prints the table there), and a row in tests/api/test_access.py, which fails without. */
struct backend_route {
	const char *method, *path;
	http_handler *handler;
	enum role least; /* ROLE_NOBODY: everybody, and no token is looked at */
	unsigned traits;
};

enum {
	ROUTE_CREATES = 1, /* takes room on the disk: refused below DISK_MIN_FREE */
	ROUTE_RAW = 2,     /* its body is read by the handler as it is, whatever its Content-Type */
	ROUTE_TICKET = 4,  /* ?ticket= (of POST /api/live/ticket) does in place of a token */
	ROUTE_IMPORT = 16, /* its body may be as large as IMPORT_MAX */
	ROUTE_LOOKS = 8,   /* a token is looked at when there is one: who asks may see more */
};

extern const struct backend_route backend_routes[];
extern const size_t backend_route_count;

/* The rows as the server wants them; NULL when memory is out. free() them. */
struct http_route *backend_http_routes(const struct config *config);
size_t backend_body_limit(const struct http_route *route); /* net/server.h */

/* What every request must pass before its handler runs: http_server_options.admit. */
bool backend_admit(struct http_exchange *x);
