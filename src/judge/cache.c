#include "cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bundles are memory files: so much of the host's memory at most, a judge. */
static const int64_t bytes_max = INT64_C(128) << 20;

const struct cache_entry *cache_get(struct cache *cache, const unsigned char key[SHA256_BYTES])
{
	for (size_t i = 0; i < CACHE_ENTRIES; i++) {
		struct cache_entry *entry = &cache->entries[i];

		if (entry->bytes == 0 || memcmp(entry->key, key, SHA256_BYTES) != 0)
			continue;
		entry->used = ++cache->clock;
		return entry;
	}
	return NULL;
}

static void forget(struct cache *cache, struct cache_entry *entry)
{
	if (entry->bytes == 0)
		return;
	cache->bytes -= entry->bytes;
	close(entry->bundle_fd);
	free(entry->output);
	*entry = (struct cache_entry){ 0 };
}

/* The free place, or else the one that was used longest ago. */
static struct cache_entry *oldest(struct cache *cache, bool occupied)
{
	struct cache_entry *found = NULL;

	for (size_t i = 0; i < CACHE_ENTRIES; i++) {
		struct cache_entry *entry = &cache->entries[i];

		if (occupied && entry->bytes == 0)
			continue;
		if (!found || entry->used < found->used)
			found = entry;
	}
	return found;
}

bool cache_put(struct cache *cache, const unsigned char key[SHA256_BYTES], int bundle_fd, const char *output,
	       size_t output_size)
{
	struct cache_entry *entry;
	struct stat status;
	int64_t bytes;
	char *copy;

	if (fstat(bundle_fd, &status) < 0)
		return false;
	bytes = (int64_t)status.st_size + (int64_t)output_size + 1; /* never 0 */
	if (bytes > bytes_max || !(copy = malloc(output_size + 1)))
		return false;
	while (cache->bytes + bytes > bytes_max)
		forget(cache, oldest(cache, true));
	entry = oldest(cache, false);
	forget(cache, entry);
	memcpy(copy, output, output_size);
	copy[output_size] = '\0';
	*entry = (struct cache_entry){ .bundle_fd = bundle_fd,
				       .output = copy,
				       .output_size = output_size,
				       .bytes = bytes,
				       .used = ++cache->clock };
	memcpy(entry->key, key, SHA256_BYTES);
	cache->bytes += bytes;
	return true;
}

void cache_clear(struct cache *cache)
{
	for (size_t i = 0; i < CACHE_ENTRIES; i++)
		forget(cache, &cache->entries[i]);
}
