/* cache.h - compiled programs by what they were made of, so that the same source is compiled once.
 *
 * Bounded in number and bytes; the one that was not used for longest goes first. Belongs to one judge and
 * its thread; nothing is shared. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum { CACHE_ENTRIES = 64 };

struct cache_entry {
	unsigned char key[SHA256_BYTES];
	int bundle_fd; /* owned by the cache */
	char *output;  /* the compiler's warnings */
	size_t output_size;
	int64_t bytes; /* of all of it; 0: a free place */
	uint64_t used;
};

struct cache {
	struct cache_entry entries[CACHE_ENTRIES];
	int64_t bytes;
	uint64_t clock;
};

/* NULL when it is not there; else valid until the next cache_put(). */
const struct cache_entry *cache_get(struct cache *cache, const unsigned char key[SHA256_BYTES]);

/* Takes the bundle over, copies the output. False, and nothing taken, when it does not fit or memory is out. */
bool cache_put(struct cache *cache, const unsigned char key[SHA256_BYTES], int bundle_fd, const char *output,
	       size_t output_size);

void cache_clear(struct cache *cache);
