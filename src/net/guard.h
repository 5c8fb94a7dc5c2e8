/* guard.h - stands between a connection's socket and evhttp: only whole, checked requests pass. */
#pragma once

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct guard;

/* One for all connections of a server; loop thread only. */
struct guard_rules {
	size_t head_bytes;
	int64_t head_ms, body_ms, idle_ms;
	size_t held_max; /* of all connections together, from the first byte to the end of the answer */
	size_t held;
	/* The largest body that this method and path may have. */
	size_t (*body_bytes_of)(const void *server, const char *method, size_t method_size, const char *path,
				size_t path_size);
	const void *server;
};

struct guard_refusal {
	int status;      /* 0: the request is good */
	const char *why; /* lives as long as the guard */
};

/* Attaches to a bufferevent that evhttp is about to own. NULL when memory is out. */
struct guard *guard_new(struct guard_rules *rules, struct bufferevent *bev);
void guard_free(struct guard *guard); /* when the connection ends; accepts NULL */

/* Hands over what came behind the request that is being handled. */
void guard_take(struct guard *guard, struct buffer *early);

/* Why the request that evhttp just handed up stands in for a bad one; status 0 when it is real. */
struct guard_refusal guard_refusal(const struct guard *guard);
/* An answer was given to evhttp: from now on its reader is watched. */
void guard_answering(struct guard *guard);
/* The answer is written: on to the next request. Within evhttp's on_complete callback. */
void guard_next(struct guard *guard);
