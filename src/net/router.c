#include "router.h"

#include <stdio.h>
#include <string.h>

/* Cuts the first segment off "/a/b": "a", and the path goes on at "/b". */
static bool next_segment(const char **path, const char *end, const char **segment, size_t *size)
{
	if (end - *path < 2 || **path != '/')
		return false;
	*segment = *path + 1;
	const char *slash = memchr(*segment, '/', (size_t)(end - *segment));
	*path = slash ? slash : end;
	*size = (size_t)(*path - *segment);
	return true;
}

static bool add_param(struct route_match *match, struct pool *pool, const char *name, size_t name_size,
		      const char *value, size_t value_size)
{
	struct url_pair *param = &match->params[match->param_count++];
	param->name = pool_memdup(pool, name, name_size);
	param->value = url_decode(pool, value, value_size, false);
	return param->name && param->value;
}

enum fit { FITS_NOT, FITS, FITS_BADLY /* a parameter does not decode */ };

/* `match` may be NULL: then parameters are not looked into. */
static enum fit fit_path(const char *pattern, const char *path, size_t path_size, struct pool *pool,
			 struct route_match *match)
{
	const char *pattern_end = pattern + strlen(pattern), *path_end = path + path_size;
	const char *want = NULL, *have = NULL;
	size_t want_size = 0, have_size = 0;
	enum fit fit = FITS;

	if (match)
		match->param_count = 0;
	for (;;) {
		bool more_wanted = next_segment(&pattern, pattern_end, &want, &want_size);
		bool more = next_segment(&path, path_end, &have, &have_size);
		if (!more_wanted || !more)
			return more_wanted == more ? fit : FITS_NOT;
		if (want[0] == '{') {
			if (have_size == 0 || (match && match->param_count == ROUTE_PARAMS_MAX))
				return FITS_NOT;
			if (match && !add_param(match, pool, want + 1, want_size - 2, have, have_size))
				fit = FITS_BADLY;
		} else if (want_size != have_size || memcmp(want, have, want_size) != 0) {
			return FITS_NOT;
		}
	}
}

static bool is_word(const char *bytes, size_t size, const char *word)
{
	return size == strlen(word) && memcmp(bytes, word, size) == 0;
}

static bool serves(const struct http_route *route, const char *method, size_t size)
{
	return is_word(method, size, route->method) ||
	       (is_word(method, size, "HEAD") && strcmp(route->method, "GET") == 0);
}

static void add_allowed(char *allow, const char *method)
{
	const char *listed = strstr(allow, method);
	if (listed)
		return;
	size_t used = strlen(allow);
	snprintf(allow + used, ROUTE_ALLOW_BYTES - used, "%s%s%s", used ? ", " : "", method,
		 strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

void route_find(const struct http_route *routes, size_t count, const char *method, const char *path,
		struct pool *pool, struct route_match *match)
{
	*match = (struct route_match){ .status = 404 };
	for (size_t i = 0; i < count; i++) {
		enum fit fit = fit_path(routes[i].path, path, strlen(path), pool, match);
		if (fit == FITS_NOT)
			continue;
		if (serves(&routes[i], method, strlen(method))) {
			match->status = fit == FITS ? 200 : 400;
			match->route = &routes[i];
			return;
		}
		match->status = 405;
		add_allowed(match->allow, routes[i].method);
	}
}

const struct http_route *route_for(const struct http_route *routes, size_t count, const char *method,
				   size_t method_size, const char *path, size_t path_size)
{
	for (size_t i = 0; i < count; i++)
		if (serves(&routes[i], method, method_size) &&
		    fit_path(routes[i].path, path, path_size, NULL, NULL) == FITS)
			return &routes[i];
	return NULL;
}
