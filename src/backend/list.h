/* list.h - lists of the second design's routes. A client that asks for a page (?page= or ?page_size=) gets the paged
 * shape; one that does not gets a plain array, of the first LIST_PLAIN_MAX. Either way X-Total-Count says how many
 * there are. */
#pragma once

#include "reply.h"

enum { LIST_PLAIN_MAX = 100 };

struct list_asked {
	bool paged;
	struct page page;
	int64_t skip, limit;
};
bool list_of(struct http_exchange *x, struct list_asked *asked); /* false after having replied */
/* Takes the reference of `results`. */
void reply_list(struct http_exchange *x, const struct list_asked *asked, int64_t total, json_t *results);
