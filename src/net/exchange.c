#include "exchange.h"

#include <event2/buffer.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "inner.h"

enum { REQUEST_ID_BYTES = 64 };

static const char *method_name(enum evhttp_cmd_type type)
{
	switch (type) {
	case EVHTTP_REQ_HEAD: return "HEAD";
	case EVHTTP_REQ_POST: return "POST";
	case EVHTTP_REQ_PUT: return "PUT";
	case EVHTTP_REQ_PATCH: return "PATCH";
	case EVHTTP_REQ_DELETE: return "DELETE";
	case EVHTTP_REQ_OPTIONS: return "OPTIONS";
	default: return "GET";
	}
}

/* "/a/b/?x=1" -> "/a/b" and "x=1". */
static bool copy_target(struct http_exchange *x, const char *target)
{
	size_t size = strcspn(target, "?");
	x->query = target[size] ? pool_strdup(x->pool, target + size + 1) : "";
	if (size > 1 && target[size - 1] == '/')
		size--;
	x->path = pool_memdup(x->pool, target, size);
	return x->query && x->path;
}

static bool copy_headers(struct http_exchange *x, struct evkeyvalq *headers)
{
	struct evkeyval *header;
	size_t count = 0;
	TAILQ_FOREACH(header, headers, next)
	count++;
	x->headers = pool_array(x->pool, count + 1, sizeof *x->headers);
	if (!x->headers)
		return false;
	TAILQ_FOREACH(header, headers, next)
	{
		struct url_pair *copy = &x->headers[x->header_count++];
		copy->name = pool_strdup(x->pool, header->key);
		copy->value = pool_strdup(x->pool, header->value);
		if (!copy->name || !copy->value)
			return false;
	}
	return true;
}

/* What waits is not held twice. evhttp looks at Connection again when it answers, and at no other. */
static void drop_headers(struct evkeyvalq *headers)
{
	const char *found = evhttp_find_header(headers, "Connection");
	cleanup_free char *connection = found ? strdup(found) : NULL;
	evhttp_clear_headers(headers);
	if (connection)
		evhttp_add_header(headers, "Connection", connection);
}

static bool copy_body(struct http_exchange *x, struct evbuffer *body)
{
	x->body_size = evbuffer_get_length(body);
	if (x->body_size == 0)
		return true;
	x->body = malloc(x->body_size + 1);
	if (!x->body)
		return false;
	evbuffer_remove(body, x->body, x->body_size);
	x->body[x->body_size] = '\0';
	return true;
}

static bool is_request_id(const char *text)
{
	size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");
	return size > 0 && size <= REQUEST_ID_BYTES && text[size] == '\0';
}

static const char *choose_request_id(struct http_exchange *x)
{
	enum { RANDOM_BYTES = 8 };
	const char *given = http_header(x, "X-Request-Id");
	if (given && is_request_id(given))
		return given;
	char *made = pool_alloc(x->pool, 2 * RANDOM_BYTES + 1);
	if (made)
		random_hex(made, RANDOM_BYTES);
	return made;
}

/* All lines of that name, joined as RFC 9110 section 5.3 has it; NULL when there is none. */
static const char *joined_header(struct http_exchange *x, const char *name)
{
	const char *joined = NULL;
	for (size_t i = 0; i < x->header_count; i++)
		if (strcasecmp(x->headers[i].name, name) == 0)
			joined = joined ? pool_printf(x->pool, "%s,%s", joined, x->headers[i].value)
					: x->headers[i].value;
	return joined;
}

static bool find_client(struct http_exchange *x)
{
	const struct networks *trusted = &x->server->trusted;
	char text[INET6_ADDRSTRLEN];
	x->peer = x->socket_peer;
	x->proxied = networks_contain(trusted, x->socket_peer);
	if (!x->proxied)
		return true;
	x->peer = pool_strdup(x->pool,
			      forwarded_client(trusted, x->socket_peer, joined_header(x, "X-Forwarded-For"),
					       joined_header(x, "Forwarded"), text));
	return x->peer;
}

static bool copy_request(struct http_exchange *x, struct evhttp_request *request)
{
	char *peer = NULL;
	ev_uint16_t port;
	evhttp_connection_get_peer(evhttp_request_get_connection(request), &peer, &port);
	x->method = method_name(evhttp_request_get_command(request));
	x->http_1_0 = request->minor == 0;
	return x->pool && (x->socket_peer = pool_strdup(x->pool, peer)) &&
	       copy_target(x, evhttp_request_get_uri(request)) &&
	       copy_headers(x, evhttp_request_get_input_headers(request)) &&
	       copy_body(x, evhttp_request_get_input_buffer(request)) && find_client(x) &&
	       (x->request_id = choose_request_id(x));
}

struct http_exchange *exchange_new(struct http_server *server, struct evhttp_request *request)
{
	struct http_exchange *x = calloc(1, sizeof *x);
	if (!x)
		return NULL;
	server->exchanges++;
	x->server = server;
	x->pool = pool_new();
	x->began_us = clock_monotonic_us();
	if (!copy_request(x, request)) {
		exchange_free(x);
		return NULL;
	}
	drop_headers(evhttp_request_get_input_headers(request));
	origin_note(x);
	return x;
}

static void free_headers(struct evkeyvalq *headers)
{
	if (headers)
		evhttp_clear_headers(headers);
	free(headers);
}

/* What went wrong here is worth a line at any level; the rest is for those who look closely. */
static void report(struct http_exchange *x)
{
	const struct http_server_options *options = &x->server->options;
	const struct http_done done = {
		.method = x->method,
		.route = x->match.route ? x->match.route->path : "",
		.status = x->answered_status,
		.duration_us = clock_monotonic_us() - x->began_us,
		.bytes = x->answered_bytes,
	};
	log_set_request_id(x->request_id);
	log_at(done.status >= 500 && done.status != 503 ? LOG_WARNING : LOG_DEBUG, "request",
	       LOG_TEXT("method", x->method), LOG_TEXT("path", x->path), LOG_INT("status", done.status),
	       LOG_INT("bytes", (int64_t)done.bytes), LOG_INT("us", done.duration_us),
	       LOG_TEXT("peer", x->peer), LOG_TEXT("trace", x->trace));
	log_set_request_id(NULL);
	if (options->on_done)
		options->on_done(options->context, &done);
}

void exchange_free(struct http_exchange *x)
{
	if (x->request_id)
		report(x);
	x->server->exchanges--;
	if (x->destroy_memory)
		x->destroy_memory(x->memory);
	pool_free(x->run_pool);
	if (x->park_deadline)
		event_free(x->park_deadline);
	free_headers(x->reply_headers);
	buffer_free(&x->reply_body);
	free(x->body);
	pool_free(x->pool);
	free(x);
}

void exchange_move(struct http_exchange *x, enum exchange_state to)
{
	static const unsigned allowed[] = {
		[EXCHANGE_NEW] = 1 << EXCHANGE_QUEUED | 1 << EXCHANGE_ANSWERED,
		[EXCHANGE_QUEUED] = 1 << EXCHANGE_RUNNING,
		[EXCHANGE_RUNNING] = 1 << EXCHANGE_RETURNED,
		[EXCHANGE_RETURNED] = 1 << EXCHANGE_PARKED | 1 << EXCHANGE_QUEUED | 1 << EXCHANGE_ANSWERED,
		[EXCHANGE_PARKED] = 1 << EXCHANGE_QUEUED | 1 << EXCHANGE_ANSWERED,
		[EXCHANGE_ANSWERED] = 0,
	};
	if (!(allowed[x->state] & 1U << to))
		abort();
	x->state = to;
}

/* ---- in a handler thread ---- */

/* False after having refused. */
static bool route(struct http_exchange *x)
{
	const struct http_server_options *options = &x->server->options;
	int count = url_query(x->pool, x->query, &x->queries);
	if (count < 0) {
		exchange_refuse(x, 400,
				"The query is not valid percent-encoded UTF-8, or has too many parts");
		return false;
	}
	x->query_count = (size_t)count;
	struct route_match *match = &x->match;
	route_find(options->routes, options->route_count, x->method, x->path, x->pool, match);
	if (!origin_admit(x) || (options->admit && !options->admit(x)))
		return false;
	if (match->status == 400) {
		exchange_refuse(x, 400, "The path is not valid percent-encoded UTF-8");
	} else if (match->status == 404) {
		exchange_refuse(x, 404, "Not Found");
	} else if (match->status == 405) {
		http_set_header(x, "Allow", match->allow);
		exchange_refuse(x, 405, "Method Not Allowed");
	}
	return match->status == 200;
}

void exchange_run(struct http_exchange *x)
{
	x->wants_park = false;
	log_set_request_id(x->request_id);
	if (!x->routed)
		x->routed = route(x);
	if (x->routed)
		x->match.route->handler(x);
	pool_free(x->run_pool);
	x->run_pool = NULL;
	log_set_request_id(NULL);
}

/* ---- what handlers answer ---- */

void http_set_header(struct http_exchange *x, const char *name, const char *value)
{
	if (!x->reply_headers) {
		x->reply_headers = malloc(sizeof *x->reply_headers);
		if (!x->reply_headers)
			return;
		TAILQ_INIT(x->reply_headers);
	}
	evhttp_remove_header(x->reply_headers, name);
	evhttp_add_header(x->reply_headers, name, value);
}

void http_reply(struct http_exchange *x, int status, const char *content_type, const void *body, size_t size)
{
	if (x->streams)
		return;
	if (content_type)
		http_set_header(x, "Content-Type", content_type);
	buffer_clear(&x->reply_body);
	buffer_append(&x->reply_body, body, size);
	x->status = status;
	x->replied = true;
}

void http_reply_json(struct http_exchange *x, int status, json_t *json)
{
	cleanup_buffer struct buffer text = { 0 };
	if (json && json_write(json, &text) == 0 && !text.failed)
		http_reply(x, status, "application/json", text.data, text.size);
	else
		http_reply_empty(x, 500);
	json_decref(json);
}

void http_reply_empty(struct http_exchange *x, int status)
{
	http_reply(x, status, NULL, NULL, 0);
}

void exchange_refuse(struct http_exchange *x, int status, const char *text)
{
	if (status == 503)
		http_set_header(x, "Retry-After", "1");
	if (x->server->options.reply_error)
		x->server->options.reply_error(x, status, text);
	else
		http_reply_json(x, status, json_pack("{s:s}", "detail", text));
}
