/* pool.h - one lifetime for many small allocations: a request's, a job's.
 *
 * Everything allocated from a pool lives until pool_free(); there is no per-object free. A pool belongs
 * to one thread at a time. Allocation returns NULL when memory is out; contents are zeroed. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct pool;

struct pool *pool_new(void); /* NULL when memory is out */
void pool_free(struct pool *pool);

void *pool_alloc(struct pool *pool, size_t size); /* aligned for any type */
void *pool_array(struct pool *pool, size_t count, size_t size);
char *pool_strdup(struct pool *pool, const char *text);
char *pool_memdup(struct pool *pool, const void *bytes, size_t size); /* NUL added behind */
char *pool_printf(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Calls `destroy(object)` when the pool goes, last registered first. 0 or -ENOMEM (then not registered). */
int pool_defer(struct pool *pool, void (*destroy)(void *object), void *object);

static inline void pool_free_slot(struct pool **slot)
{
	pool_free(*slot);
}
#define cleanup_pool __attribute__((cleanup(pool_free_slot)))
