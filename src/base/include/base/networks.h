/* networks.h - addresses and lists of networks, as configuration writes them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { ADDRESS_BYTES = 16 };

struct network {
	unsigned char address[ADDRESS_BYTES]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;
};

struct networks {
	struct network *list; /* owned */
	size_t count;
};

/* "10.0.0.1" or "fd00::1", nothing around it; IPv4 becomes ::ffff:a.b.c.d. */
bool address_parse(const char *text, unsigned char address[ADDRESS_BYTES]);

/* "10.0.0.0/8, 192.168.1.1, fd00::/8"; "" is none. Bits behind the prefix must be 0. */
int networks_parse(const char *list, struct networks *networks, struct error *err);
void networks_free(struct networks *networks);
bool networks_contain(const struct networks *networks, const char *address);
bool networks_contain_address(const struct networks *networks, const unsigned char address[ADDRESS_BYTES]);
