/* visit.h - what a handler remembers from one run to the next of the same exchange.
 *
 * A parked exchange's handler starts again from its first line; one that has already changed something (a
 * POST that created its submission and waits for the result) must know that. */
#pragma once

#include <stddef.h>

#include "net/server.h"

struct visits;

struct visits *visits_new(void);         /* NULL when memory is out */
void visits_free(struct visits *visits); /* after the server; NULL allowed */

/* `size` bytes that are zero at this exchange's first call and keep what was written there until the
 * exchange ends. NULL when memory is out. */
void *visit_memory(struct visits *visits, struct http_exchange *x, size_t size);
