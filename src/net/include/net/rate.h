/* rate.h - how much a client may ask for: token buckets in bounded memory.
 *
 * A bucket is one number, the time at which it will be full again (the generic cell rate algorithm, ITU-T
 * I.371): a bucket that is full is the same as none, so only those who asked lately cost memory. The table has
 * a fixed size; where it is too full, the bucket that is nearest to full is forgotten, which is never that of
 * the greediest. Keys are hashed under a random key. Thread-safe; monotonic time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/server.h"

struct rate_limits;

/* Room for about `buckets` clients at once, 16 bytes each; made whole at once. */
int rate_limits_new(size_t buckets, struct rate_limits **limits, struct error *err);
void rate_limits_free(struct rate_limits *limits); /* accepts NULL */

struct rate {
	int64_t per_minute; /* 0: unlimited */
	int64_t burst;      /* at once after quiet; at least 1 */
};

struct rate_answer {
	bool allowed;
	int64_t limit, remaining; /* the burst, and what is left of it; -1 when unlimited */
	int64_t reset_s;          /* until all of it is there again, rounded up */
	int64_t retry_s;          /* until it is worth while to come again; 0 when allowed */
};

/* Takes one from the bucket of `key` ("key 17", "address 10.0.0.1"), at clock_monotonic_us() `now_us`. A
 * refusal takes nothing. Rates may differ from key to key and change at any time. */
struct rate_answer rate_take(struct rate_limits *limits, const char *key, const struct rate *rate,
			     int64_t now_us);

/* Puts back what was taken for something that turned out not to count. */
void rate_put_back(struct rate_limits *limits, const char *key, const struct rate *rate, int64_t now_us);

enum { RATE_ADDRESS_BYTES = 64 };
/* The key of an address: its own for IPv4, the /64 for IPv6, of which every client has a whole one. */
const char *rate_address(const char *address, char key[RATE_ADDRESS_BYTES]);

/* X-RateLimit-Limit, -Remaining, -Reset (seconds from now), and Retry-After where it was refused: the caller
 * then replies 429. Nothing for an unlimited one. Of several rates show the tightest. */
void rate_show(struct http_exchange *x, const struct rate_answer *answer);
