/* Lists of networks and the headers that proxies write: what comes out is an address, and only a trusted peer's
 * word changes it. The input is "networks\npeer\nX-Forwarded-For\nForwarded". */
#include "fuzz.h"

#include "forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[INET6_ADDRSTRLEN], again[INET6_ADDRSTRLEN];
	char *copy = fuzz_text(data, size), *rest = copy, *parts[4] = { NULL };
	for (int i = 0; i < 4; i++)
		parts[i] = rest ? strsep(&rest, "\n") : NULL;
	struct networks networks;
	unsigned char address[ADDRESS_BYTES];
	if (parts[1] && address_parse(parts[1], address) && networks_parse(parts[0], &networks, NULL) == 0) {
		const char *client = forwarded_client(&networks, parts[1], parts[2], parts[3], text);
		must(address_parse(client, address));
		must(client == parts[1] || networks_contain(&networks, parts[1]));
		/* One more trusted hop that says so changes nothing. */
		must(strcmp(forwarded_client(&networks, client, NULL, NULL, again), client) == 0);
		networks_free(&networks);
	}
	free(copy);
	return 0;
}
