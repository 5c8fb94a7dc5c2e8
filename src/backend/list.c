#include "list.h"

#include <inttypes.h>
#include <stdio.h>

bool list_of(struct http_exchange *x, struct list_asked *asked)
{
	*asked = (struct list_asked){ .paged = http_query(x, "page") || http_query(x, "page_size"),
				      .limit = LIST_PLAIN_MAX };
	if (!asked->paged)
		return true;
	if (!page_of(x, &asked->page))
		return false;
	asked->skip = (asked->page.number - 1) * asked->page.size;
	asked->limit = asked->page.size;
	return true;
}

void reply_list(struct http_exchange *x, const struct list_asked *asked, int64_t total, json_t *results)
{
	char count[32];

	snprintf(count, sizeof count, "%" PRId64, total);
	http_set_header(x, "X-Total-Count", count);
	reply_tagged(x, asked->paged ? page_json(x, &asked->page, total, results) : results);
}
