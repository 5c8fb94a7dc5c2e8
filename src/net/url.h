/* url.h - percent-decoding, strict (RFC 3986 section 2.1). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/pool.h"

/* The decoded text, in the pool. NULL when an escape is invalid, or the result would hold a NUL or be no
 * UTF-8 (or memory is out). `form`: '+' is a space, as in queries. */
const char *url_decode(struct pool *pool, const char *text, size_t size, bool form);

struct url_pair {
	const char *name, *value;
};

enum { URL_PAIRS_MAX = 64 };

/* Splits a query ("a=1&b=2", NULL for none) into decoded pairs, in the pool. How many (*pairs is untouched when
 * that is 0), or -1 when a part does not decode or there are more than URL_PAIRS_MAX. */
int url_query(struct pool *pool, const char *query, const struct url_pair **pairs);
