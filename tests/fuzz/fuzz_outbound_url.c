/* Whatever is given as the URL of a webhook: one that is taken is http or https, to a host that is no number of ours,
 * and its origin is again one that is taken, and the same. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "net/address.h"
#include "net/outbound.h"

static void is_public(const char *origin)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	char host[OUTBOUND_ORIGIN_BYTES];
	const char *at = strstr(origin, "://") + 3, *port = strrchr(origin, ':');
	bool brackets = *at == '[';
	snprintf(host, sizeof host, "%.*s", (int)(port - at - 2 * brackets), at + brackets);
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		must(!address_refusal((const struct sockaddr *)&v4));
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1)
		must(!address_refusal((const struct sockaddr *)&v6));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *url = calloc(1, size + 1), origin[OUTBOUND_ORIGIN_BYTES], again[OUTBOUND_ORIGIN_BYTES];
	struct error err;
	memcpy(url, data, size);
	if (outbound_check(url, false, origin, &err) == 0) {
		must(strncmp(origin, "http://", 7) == 0 || strncmp(origin, "https://", 8) == 0);
		is_public(origin);
		must(outbound_check(origin, false, again, &err) == 0 && strcmp(origin, again) == 0);
	} else {
		must(*err.text && (outbound_check(url, true, origin, NULL) == 0) == (err.code == -EACCES));
	}
	free(url);
	return 0;
}
