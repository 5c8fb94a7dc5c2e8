#include "forwarded.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { HOPS_MAX = 16, ITEM_BYTES = 64 };

static bool is_v4(const unsigned char address[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	return memcmp(address, mapped, sizeof mapped) == 0;
}

/* ---- the two headers ---- */

/* The last HOPS_MAX entries, oldest first: which are the trusted ones' own. */
struct hops {
	size_t count;
	struct hop {
		bool known;
		unsigned char address[16];
	} list[HOPS_MAX];
};

static struct hop *add_hop(struct hops *hops)
{
	if (hops->count == HOPS_MAX) {
		memmove(hops->list, hops->list + 1, (HOPS_MAX - 1) * sizeof *hops->list);
		hops->count--;
	}
	struct hop *hop = &hops->list[hops->count++];
	*hop = (struct hop){ 0 };
	return hop;
}

static bool is_port(const char *text)
{
	return text[0] == ':' && text[1] && !text[1 + strspn(text + 1, "0123456789")];
}

/* "1.2.3.4", "1.2.3.4:80", "::1", "[::1]", "[::1]:80" */
static bool parse_node(char *item, unsigned char address[16])
{
	char *end = item[0] == '[' ? strchr(item, ']') : NULL;
	if (end) {
		if (end[1] && !is_port(end + 1))
			return false;
		*end = '\0';
		return strchr(item + 1, ':') && address_parse(item + 1, address);
	}
	char *colon = strchr(item, ':');
	if (colon && strchr(item, '.') && is_port(colon))
		*colon = '\0';
	return address_parse(item, address);
}

static void split_x_forwarded_for(const char *value, struct hops *hops)
{
	for (const char *at = value;; at++) {
		char item[ITEM_BYTES];
		size_t size = strcspn(at, ",");
		struct hop *hop = add_hop(hops);
		hop->known = text_trim(at, size, item, sizeof item) && parse_node(item, hop->address);
		at += size;
		if (!*at)
			return;
	}
}

/* One pair "for=VALUE" of an element; other names are passed over. False when it is malformed. */
static bool read_pair(const char **at, struct hop *hop, bool *seen)
{
	size_t name = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
	bool is_for = name == 3 && strncasecmp(*at, "for", 3) == 0;
	const char *value = *at + name + 1;
	if (name == 0 || (*at)[name] != '=')
		return false;
	bool quoted = *value == '"';
	value += quoted;
	size_t size = strcspn(value, quoted ? "\"\\" : ",; \t\"");
	if (quoted ? value[size] != '"' : size == 0) /* a backslash escapes nothing that a node has */
		return false;
	char item[ITEM_BYTES];
	if (is_for) {
		if (*seen)
			return false;
		*seen = true;
		/* IPv6 needs brackets and quotes here. */
		hop->known = text_trim(value, size, item, sizeof item) &&
			     (item[0] == '[' || !strstr(item, "::")) && parse_node(item, hop->address);
	}
	*at = value + size + quoted;
	return true;
}

/* False when it is malformed: then no part of it is believed. */
static bool split_forwarded(const char *at, struct hops *hops)
{
	for (;;) {
		struct hop *hop = add_hop(hops);
		bool seen = false;
		for (;;) {
			at += strspn(at, " \t");
			if (!read_pair(&at, hop, &seen))
				return false;
			at += strspn(at, " \t");
			if (*at != ';')
				break;
			at++;
		}
		if (!*at)
			return true;
		if (*at++ != ',')
			return false;
	}
}

static void walk(const struct networks *trusted, const struct hops *hops, unsigned char address[16])
{
	for (size_t i = hops->count;
	     i > 0 && networks_contain_address(trusted, address) && hops->list[i - 1].known; i--)
		memcpy(address, hops->list[i - 1].address, 16);
}

const char *forwarded_client(const struct networks *trusted, const char *peer, const char *x_forwarded_for,
			     const char *forwarded, char text[INET6_ADDRSTRLEN])
{
	unsigned char by_list[16], by_header[16];
	struct hops list = { 0 }, header = { 0 };
	if (!address_parse(peer, by_list) || !networks_contain_address(trusted, by_list) ||
	    (!x_forwarded_for && !forwarded))
		return peer;
	memcpy(by_header, by_list, 16);
	if (x_forwarded_for)
		split_x_forwarded_for(x_forwarded_for, &list);
	if (forwarded && !split_forwarded(forwarded, &header))
		return peer;
	walk(trusted, &list, by_list);
	walk(trusted, &header, by_header);
	if (x_forwarded_for && forwarded && memcmp(by_list, by_header, 16) != 0)
		return peer;
	const unsigned char *found = x_forwarded_for ? by_list : by_header;
	return is_v4(found) ? inet_ntop(AF_INET, found + 12, text, INET6_ADDRSTRLEN)
			    : inet_ntop(AF_INET6, found, text, INET6_ADDRSTRLEN);
}
