/* router.h - which row of the table serves a path. */
#pragma once

#include "base/pool.h"
#include "net/server.h"
#include "url.h"

enum { ROUTE_PARAMS_MAX = 8, ROUTE_ALLOW_BYTES = 64 };

struct route_match {
	int status;                     /* 200; 400 (a parameter does not decode), 404, 405 */
	const struct http_route *route; /* for 200 */
	struct url_pair params[ROUTE_PARAMS_MAX];
	size_t param_count;
	char allow[ROUTE_ALLOW_BYTES]; /* for 405: "GET, HEAD, POST" */
};

/* Segments are compared undecoded, so that "/%69nternal" is not another spelling of "/internal"; parameters
 * are decoded into the pool after splitting, so that "%2F" in one stays data. A trailing slash does not
 * matter. The first row that fits wins: put "/batch" above "/{id}". */
void route_find(const struct http_route *routes, size_t count, const char *method, const char *path,
		struct pool *pool, struct route_match *match);

/* The row that serves it, parameters unseen; NULL when none does. */
const struct http_route *route_for(const struct http_route *routes, size_t count, const char *method,
				   size_t method_size, const char *path, size_t path_size);
