#include "base/pool.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first block is small: ten thousand requests that wait have a pool each. Each further one is twice as large. */
enum { FIRST_BLOCK_BYTES = 512, BLOCK_BYTES = 4096 };

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*destroy)(void *object);
	void *object;
};

struct pool {
	struct block *blocks;
	struct deferred *deferred;
	size_t block_bytes; /* of the next block */
};

struct pool *pool_new(void)
{
	struct pool *pool = calloc(1, sizeof *pool);
	if (pool)
		pool->block_bytes = FIRST_BLOCK_BYTES;
	return pool;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	for (struct deferred *d = pool->deferred; d; d = d->next)
		d->destroy(d->object);
	while (pool->blocks) {
		struct block *next = pool->blocks->next;
		free(pool->blocks);
		pool->blocks = next;
	}
	free(pool);
}

/* A large object gets a block of its own behind the current one, which stays in use. */
static void *alloc_in_new_block(struct pool *pool, size_t size)
{
	size_t block_size = size > pool->block_bytes / 2 ? size : pool->block_bytes;
	if (block_size > SIZE_MAX - sizeof(struct block))
		return NULL;
	struct block *block = calloc(1, sizeof(struct block) + block_size);
	if (!block)
		return NULL;
	block->size = block_size;
	block->used = size;
	if (pool->block_bytes < BLOCK_BYTES)
		pool->block_bytes *= 2;
	if (pool->blocks && block_size == size) {
		block->next = pool->blocks->next;
		pool->blocks->next = block;
	} else {
		block->next = pool->blocks;
		pool->blocks = block;
	}
	return block->bytes;
}

void *pool_alloc(struct pool *pool, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) & ~(align - 1);
	struct block *block = pool->blocks;
	if (block && block->size - block->used >= size) {
		void *object = block->bytes + block->used;
		block->used += size;
		return object;
	}
	return alloc_in_new_block(pool, size);
}

void *pool_array(struct pool *pool, size_t count, size_t size)
{
	size_t total;
	return __builtin_mul_overflow(count, size, &total) ? NULL : pool_alloc(pool, total);
}

char *pool_memdup(struct pool *pool, const void *bytes, size_t size)
{
	char *copy = size == SIZE_MAX ? NULL : pool_alloc(pool, size + 1);
	if (copy && size)
		memcpy(copy, bytes, size);
	return copy;
}

char *pool_strdup(struct pool *pool, const char *text)
{
	return pool_memdup(pool, text, strlen(text));
}

char *pool_printf(struct pool *pool, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = size < 0 ? NULL : pool_alloc(pool, (size_t)size + 1);
	if (text)
		vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	return text;
}

int pool_defer(struct pool *pool, void (*destroy)(void *object), void *object)
{
	struct deferred *deferred = pool_alloc(pool, sizeof *deferred);
	if (!deferred)
		return -ENOMEM;
	*deferred = (struct deferred){ pool->deferred, destroy, object };
	pool->deferred = deferred;
	return 0;
}
