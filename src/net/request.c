/* What handlers ask of their request. */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "exchange.h"
#include "inner.h"
#include "trace.h"

void *http_context(const struct http_exchange *x)
{
	return x->server->options.context;
}
const struct http_route *http_route_of(const struct http_exchange *x)
{
	return x->match.route;
}
void http_set_caller(struct http_exchange *x, int64_t caller)
{
	x->caller = caller;
}
int64_t http_caller(const struct http_exchange *x)
{
	return x->caller;
}

struct pool *http_pool(struct http_exchange *x)
{
	if (!x->run_pool)
		x->run_pool = pool_new();
	return x->run_pool;
}

void *http_memory(struct http_exchange *x, size_t size, void (*destroy)(void *memory))
{
	if (!x->memory && (x->memory = pool_alloc(x->pool, size)))
		x->destroy_memory = destroy;
	return x->memory;
}

struct http_server *http_server_of(const struct http_exchange *x)
{
	return x->server;
}
const char *http_method(const struct http_exchange *x)
{
	return x->method;
}
const char *http_path(const struct http_exchange *x)
{
	return x->path;
}
const char *http_peer(const struct http_exchange *x)
{
	return x->peer;
}
int64_t http_arrived_ms(const struct http_exchange *x)
{
	return clock_wall_ms() - (clock_monotonic_us() - x->began_us) / 1000;
}

const char *http_request_id(const struct http_exchange *x)
{
	return x->request_id;
}

const char *http_trace(struct http_exchange *x)
{
	char *trace = x->trace ? NULL : pool_alloc(x->pool, TRACE_BYTES);
	if (trace) {
		trace_continue(http_header(x, "traceparent"), trace);
		x->trace = trace;
	}
	return x->trace;
}

static const char *find_pair(const struct url_pair *pairs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(pairs[i].name, name) == 0)
			return pairs[i].value;
	return NULL;
}

const char *http_param(const struct http_exchange *x, const char *name)
{
	return find_pair(x->match.params, x->match.param_count, name);
}

const char *http_query(const struct http_exchange *x, const char *name)
{
	return find_pair(x->queries, x->query_count, name);
}

const char *http_query_text(const struct http_exchange *x)
{
	return x->query ? x->query : "";
}

const char *http_header(const struct http_exchange *x, const char *name)
{
	for (size_t i = 0; i < x->header_count; i++)
		if (strcasecmp(x->headers[i].name, name) == 0)
			return x->headers[i].value;
	return NULL;
}

const char *http_body(const struct http_exchange *x, size_t *size)
{
	if (size)
		*size = x->body_size;
	return x->body ? x->body : "";
}

bool http_body_is_json(const struct http_exchange *x)
{
	static const char json[] = "application/json";
	const char *type = http_header(x, "Content-Type");
	size_t size, length = sizeof json - 1;

	http_body(x, &size);
	if (size == 0)
		return true;
	return type && strncasecmp(type, json, length) == 0 && strchr("; \t", type[length]) != NULL;
}

/* "127.0.0.1", "127.1.2.3": digits and dots alone, so that "127.evil.example" is none. */
static bool is_loopback_v4(const char *text, size_t size)
{
	return size > 4 && strncmp(text, "127.", 4) == 0 && strspn(text, "0123456789.") >= size;
}

static bool is_loopback_host(const char *host)
{
	const char *port = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
	if (host[0] == '[')
		port = port ? port + 1 : NULL;
	size_t size = port ? (size_t)(port - host) : strlen(host);
	if (port && *port && (*port != ':' || port[1 + strspn(port + 1, "0123456789")]))
		return false;
	return (size == 9 && strncasecmp(host, "localhost", size) == 0) ||
	       (size == 5 && strncmp(host, "[::1]", size) == 0) || is_loopback_v4(host, size);
}

bool http_over_loopback(const struct http_exchange *x)
{
	static const char forwarded[] = "X-Forwarded-";
	const char *host = http_header(x, "Host");
	if (!host || !is_loopback_host(host))
		return false;
	if (strcmp(x->socket_peer, "::1") != 0 && !is_loopback_v4(x->socket_peer, strlen(x->socket_peer)))
		return false;
	for (size_t i = 0; i < x->header_count; i++)
		if (strcasecmp(x->headers[i].name, "Forwarded") == 0 ||
		    strncasecmp(x->headers[i].name, forwarded, sizeof forwarded - 1) == 0)
			return false;
	return true;
}
