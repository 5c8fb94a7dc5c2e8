/* Whatever a client sends as a path or a query: what is decoded is UTF-8 without NUL, and no longer than it was. */
#include "fuzz.h"

#include "base/json.h"
#include "router.h"
#include "url.h"

static void decode(struct pool *pool, const char *text, size_t size)
{
	const char *decoded = url_decode(pool, text, size, size % 2);
	must(!decoded || (strlen(decoded) <= size && utf8_valid(decoded, strlen(decoded))));
	const struct url_pair *pairs = NULL;
	int count = url_query(pool, text, &pairs);
	must(count <= URL_PAIRS_MAX);
	for (int i = 0; i < count; i++)
		must(utf8_valid(pairs[i].name, strlen(pairs[i].name)) &&
		     utf8_valid(pairs[i].value, strlen(pairs[i].value)));
}

static void route(struct pool *pool, const char *path)
{
	static const struct http_route routes[] = { { "GET", "/a/{b}/c", NULL },
						    { "POST", "/{a}/{b}", NULL } };
	struct route_match match;
	route_find(routes, 2, "GET", path, pool, &match);
	must(match.status == 200 || match.status == 400 || match.status == 404 || match.status == 405);
	must(match.status != 200 || match.param_count == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	char *text = pool_memdup(pool, data, size);
	decode(pool, text, size);
	route(pool, text);
	return 0;
}
