/* forwarded.h - who a request comes from when proxies stand between: pure functions over text.
 *
 * Each proxy appends the address that it was called from, so the list is read from its right end, and only for
 * as long as the one who wrote an entry is trusted: what a client wrote itself stands further left. */
#pragma once

#include <arpa/inet.h>

#include "base/networks.h"

/* The client's address into text, in its canonical form, and `text` returned; `peer` itself when it is not
 * trusted, or nothing in the headers can be believed. `x_forwarded_for` and `forwarded` (RFC 7239) are the
 * headers' lines joined by commas, or NULL. A proxy writes one of them and passes the other on as the client
 * sent it, so where both are there they must agree. */
const char *forwarded_client(const struct networks *trusted, const char *peer, const char *x_forwarded_for,
			     const char *forwarded, char text[INET6_ADDRSTRLEN]);
