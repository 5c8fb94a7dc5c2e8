/* origin.h - which pages may make a browser send requests here (Fetch Standard, section 3.2). */
#pragma once

#include <stdbool.h>

struct http_exchange;

enum origin {
	ORIGIN_NONE,    /* no browser's request across sites */
	ORIGIN_OWN,     /* a page of this service itself */
	ORIGIN_LISTED,  /* allowed by configuration */
	ORIGIN_FOREIGN, /* refused */
};

/* `listed` as in http_server_options.origins; `origin` and `host` are the headers, or NULL. A page of our own
 * came over http, or, when a trusted proxy speaks (`proxied`), over the https that ends there. */
enum origin origin_judge(const char *listed, const char *origin, const char *host, bool proxied);

/* On the loop: judges a new exchange, and sets the headers that a listed origin's page needs to see anything. */
void origin_note(struct http_exchange *x);
/* In a handler thread, before all else: false after having answered, a preflight or a foreign one. */
bool origin_admit(struct http_exchange *x);
