#include "origin.h"

#include <string.h>
#include <strings.h>

#include "exchange.h"
#include "inner.h"

/* What a page may send beside what the Fetch Standard lets it anyway, and what it may read. */
static const char may_send[] =
	"Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, X-API-Key, "
	"X-Request-Id, traceparent";
static const char may_read[] =
	"Location, Retry-After, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, "
	"X-RateLimit-Reset";
static const char preflight_lasts_s[] = "600";

static bool same_text(const char *left, size_t size, const char *right, size_t right_size)
{
	return size == right_size && strncasecmp(left, right, size) == 0;
}

/* Without a port that the scheme implies. */
static size_t authority_size(const char *authority, const char *port)
{
	size_t size = strlen(authority), length = strlen(port);
	return size > length && strcasecmp(authority + size - length, port) == 0 ? size - length : size;
}

static bool is_own(const char *origin, const char *host, const char *scheme, const char *port)
{
	size_t length = strlen(scheme);
	if (strncasecmp(origin, scheme, length) != 0)
		return false;
	origin += length;
	return same_text(origin, authority_size(origin, port), host, authority_size(host, port));
}

static bool is_listed(const char *listed, const char *origin)
{
	while (*listed) {
		listed += strspn(listed, " ");
		size_t size = strcspn(listed, ", ");
		if (same_text(listed, size, "*", 1) || same_text(listed, size, origin, strlen(origin)))
			return true;
		listed += size;
		listed += strspn(listed, ", ");
	}
	return false;
}

enum origin origin_judge(const char *listed, const char *origin, const char *host, bool proxied)
{
	if (!origin)
		return ORIGIN_NONE;
	if (host &&
	    (is_own(origin, host, "http://", ":80") || (proxied && is_own(origin, host, "https://", ":443"))))
		return ORIGIN_OWN;
	return is_listed(listed, origin) ? ORIGIN_LISTED : ORIGIN_FOREIGN;
}

static const char *only_origin(const struct http_exchange *x)
{
	const char *origin = NULL;
	for (size_t i = 0; i < x->header_count; i++)
		if (strcasecmp(x->headers[i].name, "Origin") == 0)
			origin = origin ? "twice" : x->headers[i].value;
	return origin;
}

void origin_note(struct http_exchange *x)
{
	const char *listed = x->server->options.origins;
	const char *origin = listed ? only_origin(x) : NULL;
	x->origin = origin ? origin_judge(listed, origin, http_header(x, "Host"), x->proxied) : ORIGIN_NONE;
	if (x->origin != ORIGIN_LISTED)
		return;
	http_set_header(x, "Access-Control-Allow-Origin", origin);
	http_set_header(x, "Access-Control-Expose-Headers", may_read);
	http_set_header(x, "Vary", "Origin");
}

static bool is_preflight(const struct http_exchange *x)
{
	return x->origin == ORIGIN_LISTED && strcmp(x->method, "OPTIONS") == 0 &&
	       http_header(x, "Access-Control-Request-Method");
}

bool origin_admit(struct http_exchange *x)
{
	if (x->origin == ORIGIN_FOREIGN) {
		exchange_refuse(x, 403, "Requests from other origins are not allowed");
		return false;
	}
	if (!is_preflight(x))
		return true;
	if (x->match.status == 405)
		http_set_header(x, "Access-Control-Allow-Methods", x->match.allow);
	http_set_header(x, "Access-Control-Allow-Headers", may_send);
	http_set_header(x, "Access-Control-Max-Age", preflight_lasts_s);
	http_reply_empty(x, 204);
	return false;
}
