#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define V4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct {
	uint32_t network;
	int bits;
	const char *what;
} v4_table[] = {
	{ V4(0, 0, 0, 0), 8, "of this network" },
	{ V4(10, 0, 0, 0), 8, "private" },
	{ V4(100, 64, 0, 0), 10, "shared (carrier-grade NAT)" },
	{ V4(127, 0, 0, 0), 8, "loopback" },
	{ V4(168, 63, 129, 16), 32, "a cloud's own" }, /* Azure's host agent, on a public number */
	{ V4(169, 254, 0, 0), 16, "link-local" },      /* clouds' metadata among them */
	{ V4(172, 16, 0, 0), 12, "private" },
	{ V4(192, 0, 0, 0), 24, "for protocols" },
	{ V4(192, 0, 2, 0), 24, "for documentation" },
	{ V4(192, 88, 99, 0), 24, "a 6to4 relay" },
	{ V4(192, 168, 0, 0), 16, "private" },
	{ V4(198, 18, 0, 0), 15, "for benchmarks" },
	{ V4(198, 51, 100, 0), 24, "for documentation" },
	{ V4(203, 0, 113, 0), 24, "for documentation" },
	{ V4(224, 0, 0, 0), 4, "multicast" },
	{ V4(240, 0, 0, 0), 4, "reserved" }, /* broadcast too */
};

static const char *v4_refusal(uint32_t address)
{
	for (size_t i = 0; i < sizeof v4_table / sizeof v4_table[0]; i++)
		if ((address ^ v4_table[i].network) >> (32 - v4_table[i].bits) == 0)
			return v4_table[i].what;
	return NULL;
}

/* What an IPv6 address means that begins so; the longest beginnings stand first. */
enum meaning { REFUSED, WRAPS_V4, PUBLIC };

static const struct {
	unsigned char prefix[14];
	int bits;
	enum meaning meaning;
	const char *what;
} v6_table[] = {
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, WRAPS_V4, "" }, /* ::ffff:a.b.c.d */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, WRAPS_V4, "" },                   /* 64:ff9b::a.b.c.d, NAT64 */
	{ { 0x20, 0x01 }, 23, REFUSED, "for protocols" },                   /* Teredo and ORCHID among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, REFUSED, "for documentation" },
	{ { 0x20, 0x02 }, 16, REFUSED, "6to4" },
	{ { 0x3f, 0xff, 0x00 }, 20, REFUSED, "for documentation" },
	{ { 0x20 }, 3, PUBLIC, "" }, /* all that was ever given out */
	{ { 0xfc }, 7, REFUSED, "private" },
	{ { 0xfe, 0x80 }, 10, REFUSED, "link-local" },
	{ { 0xfe, 0xc0 }, 10, REFUSED, "site-local" },
	{ { 0xff }, 8, REFUSED, "multicast" },
	{ { 0 }, 0, REFUSED, "not public" }, /* NAT64's local prefix, discard-only, unassigned, ... */
};

static int begins(const unsigned char *address, const unsigned char *prefix, int bits)
{
	int bytes = bits / 8, rest = bits % 8;

	return memcmp(address, prefix, (size_t)bytes) == 0 &&
	       (rest == 0 || (address[bytes] ^ prefix[bytes]) >> (8 - rest) == 0);
}

static const char *v6_refusal(const struct in6_addr *in6)
{
	const unsigned char *address = in6->s6_addr;
	size_t row = 0;

	if (IN6_IS_ADDR_LOOPBACK(in6))
		return "loopback";
	if (IN6_IS_ADDR_UNSPECIFIED(in6))
		return "of this network";
	while (!begins(address, v6_table[row].prefix, v6_table[row].bits))
		row++;
	if (v6_table[row].meaning == WRAPS_V4)
		return v4_refusal(V4(address[12], address[13], address[14], address[15]));
	return v6_table[row].meaning == PUBLIC ? NULL : v6_table[row].what;
}

const char *address_refusal(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return v4_refusal(
			ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return v6_refusal(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
	return "of no internet";
}
