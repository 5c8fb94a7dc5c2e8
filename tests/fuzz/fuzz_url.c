/* Whatever bytes a client sends as a path, a query, a head or a chunked body: no crash, no overrun, and what was
 * accepted holds what it promises. Not built by Meson; by hand, from the root of the tree:
 *
 *     clang-14 -g -O1 -std=gnu17 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -Isrc/net \
 *         -Isrc/net/include -Isrc/base/include tests/fuzz/fuzz_url.c src/net/head.c src/net/url.c \
 *         src/net/router.c src/base/{json,pool,error,buffer,hash}.c -ljansson -lcrypto -o fuzz_url
 *     ./fuzz_url -max_total_time=60 -max_len=4096 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "head.h"
#include "router.h"
#include "url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

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
}

static void check(const char *text, size_t size)
{
	size_t scanned = 0, end = head_end(text, size, &scanned);
	struct head head = { 0 };
	const char *why = NULL;
	if (end > 0) {
		int status = head_check(text, end, &head, &why);
		must(end <= size && (status == 0 || (status >= 400 && why)));
		must(status != 0 || !memchr(text, '\0', end));
	}
	struct chunks whole = { 0 }, split = { 0 };
	long used = chunks_feed(&whole, text, size), parts = 0;
	for (size_t i = 0; i < size && parts >= 0 && split.step != CHUNKS_DONE; i++)
		parts = chunks_feed(&split, text + i, 1) < 0 ? -1 : parts + 1;
	must(used == parts && used <= (long)size);
	must(used < 0 || (whole.step == split.step && whole.total == split.total));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	char *text = pool_memdup(pool, data, size);
	decode(pool, text, size);
	route(pool, text);
	check(text, size);
	return 0;
}
