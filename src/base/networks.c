#include "base/networks.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { ITEM_BYTES = 64 };

bool address_parse(const char *text, unsigned char address[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	memcpy(address, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, address + sizeof mapped) == 1;
}

static bool same_prefix(const unsigned char *left, const unsigned char *right, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(left, right, whole) != 0)
		return false;
	return rest == 0 || (left[whole] ^ right[whole]) >> (8 - rest) == 0;
}

static bool is_prefix(const struct network *network)
{
	for (unsigned bit = network->bits; bit < 128; bit++)
		if (network->address[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

static bool parse_bits(const char *text, unsigned max, unsigned *bits)
{
	size_t digits = strspn(text, "0123456789");
	unsigned value = digits >= 1 && digits <= 3 && !text[digits] ? (unsigned)atoi(text) : max + 1;
	*bits = value;
	return value <= max;
}

static bool parse_network(char *item, struct network *network)
{
	char *slash = strchr(item, '/');
	unsigned bits;
	if (slash)
		*slash = '\0';
	if (!address_parse(item, network->address))
		return false;
	unsigned width = strchr(item, ':') ? 128 : 32;
	if (!parse_bits(slash ? slash + 1 : width == 32 ? "32" : "128", width, &bits))
		return false;
	network->bits = bits + (128 - width);
	return is_prefix(network);
}

int networks_parse(const char *list, struct networks *networks, struct error *err)
{
	struct networks parsed = { .list = calloc(strlen(list) / 2 + 1, sizeof *parsed.list) };
	if (!parsed.list)
		return error_set(err, -ENOMEM, "out of memory");
	while (*list) {
		char item[ITEM_BYTES];
		size_t size = strcspn(list, ",");
		bool ends_in_comma = list[size] == ',' && !list[size + 1];
		if (ends_in_comma || !text_trim(list, size, item, sizeof item) ||
		    !parse_network(item, &parsed.list[parsed.count++])) {
			networks_free(&parsed);
			return error_set(
				err, -EINVAL,
				"'%.*s' is no network such as 10.0.0.0/8 or fd00::/8, nor an address",
				(int)(size < ITEM_BYTES ? size : ITEM_BYTES), list);
		}
		list += size;
		list += *list == ',';
	}
	*networks = parsed;
	return 0;
}

void networks_free(struct networks *networks)
{
	free(networks->list);
	*networks = (struct networks){ 0 };
}

bool networks_contain_address(const struct networks *networks, const unsigned char address[16])
{
	for (size_t i = 0; i < networks->count; i++)
		if (same_prefix(networks->list[i].address, address, networks->list[i].bits))
			return true;
	return false;
}

bool networks_contain(const struct networks *networks, const char *address)
{
	unsigned char parsed[16];
	return networks->count > 0 && address_parse(address, parsed) &&
	       networks_contain_address(networks, parsed);
}
