/* Which URLs are asked at all. libcurl's own parser reads them here too, so that what is checked and what is
 * connected to are one reading; it also writes 0x7f.1 and 017700000001 as the 127.0.0.1 that they are. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/address.h"
#include "net/outbound.h"

static void free_url(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void free_part(char **part)
{
	curl_free(*part);
}
#define cleanup_part cleanup_with(free_part)

/* "[::1]" or "127.0.0.1"; a name is none of both. */
static const char *literal_refusal(const char *host)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	char inner[INET6_ADDRSTRLEN];
	size_t size = strlen(host);

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		return address_refusal((const struct sockaddr *)&v4);
	if (size < 3 || host[0] != '[' || size - 2 >= sizeof inner)
		return NULL;
	snprintf(inner, sizeof inner, "%.*s", (int)size - 2, host + 1);
	return inet_pton(AF_INET6, inner, &v6.sin6_addr) == 1 ? address_refusal((const struct sockaddr *)&v6)
							      : NULL;
}

static int write_origin(const char *scheme, const char *host, const char *port,
			char origin[OUTBOUND_ORIGIN_BYTES], struct error *err)
{
	char text[OUTBOUND_ORIGIN_BYTES];
	int length = snprintf(text, sizeof text, "%s://%s:%s", scheme, host, port);

	if (length < 0 || (size_t)length >= sizeof text)
		return error_set(err, -EINVAL, "the URL's host is too long");
	for (char *at = text; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at | 0x20);
	memcpy(origin, text, (size_t)length + 1);
	return 0;
}

/* One reading. */
static int read_url(const char *text, bool allow_private, char origin[OUTBOUND_ORIGIN_BYTES],
		    struct error *err)
{
	cleanup_with(free_url) CURLU *url = curl_url();
	cleanup_part char *scheme = NULL, *host = NULL, *port = NULL, *zone = NULL;

	if (!url)
		return error_set(err, -ENOMEM, "out of memory");
	CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER);
	if (code == CURLUE_USER_NOT_ALLOWED)
		return error_set(err, -EINVAL, "the URL must not hold a user or password");
	if (code != CURLUE_OK || curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		return error_set(err, -EINVAL, "must be a URL that begins with http:// or https://");
	if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK || !*host ||
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_ZONEID, &zone, 0) == CURLUE_OK)
		return error_set(err, -EINVAL, "the URL's host is not one that can be asked");
	const char *refusal = allow_private ? NULL : literal_refusal(host);
	if (refusal)
		return error_set(err, -EACCES, "the address %s is %s", host, refusal);
	return write_origin(scheme, host, port, origin, err);
}

int outbound_check(const char *url, bool allow_private, char origin[OUTBOUND_ORIGIN_BYTES], struct error *err)
{
	char first[OUTBOUND_ORIGIN_BYTES], again[OUTBOUND_ORIGIN_BYTES];

	if (strlen(url) > OUTBOUND_URL_MAX)
		return error_set(err, -EINVAL, "the URL is longer than %d bytes", OUTBOUND_URL_MAX);
	int code = read_url(url, allow_private, first, err);
	if (code < 0)
		return code;
	/* Escapes are undone after numbers are recognised: http://%31%32%37.1/ is a number at the second look. */
	if (read_url(first, true, again, NULL) < 0 || strcmp(first, again) != 0)
		return error_set(err, -EINVAL, "the URL's host is not one that can be asked");
	memcpy(origin, first, sizeof first);
	return 0;
}
