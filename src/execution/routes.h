/* routes.h - the table of routes, and what every request must pass before its handler. */
#pragma once

#include <stddef.h>

#include "net/server.h"

/* How a route is added: a row here, a handler in the file of its resource (declared in service.h), a section in
 * docs/api.md (`make docs` prints the table of scopes there) and a test in tests/api. */
struct execution_route {
	const char *method, *path;
	http_handler *handler;
	unsigned scopes; /* of access.h; one of them is enough. A row without is for nobody */
	unsigned traits;
};

enum {
	ROUTE_CREATES = 1, /* takes room on the disk: refused below DISK_MIN_FREE */
	ROUTE_BYTES = 2,   /* its body is no JSON */
};

extern const struct execution_route execution_routes[];
extern const size_t execution_route_count;

/* The rows as the server wants them, execution_route_count of them; NULL when memory is out. free() them. */
struct http_route *execution_http_routes(void);

/* What every request must pass before its handler runs: http_server_options.admit. */
bool execution_admit(struct http_exchange *x);
