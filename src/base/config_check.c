#include "config_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/networks.h"

bool config_check_database(const char *value)
{
	static const char *const beginnings[] = { "sqlite:", "postgresql://", "postgres://" };
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
		size_t length = strlen(beginnings[i]);
		if (strncmp(value, beginnings[i], length) == 0 && value[length])
			return true;
	}
	return false;
}

enum address { ADDRESS_NONE, ADDRESS_LOOPBACK, ADDRESS_OTHER };

static enum address address_of(const char *address)
{
	struct in_addr v4;
	struct in6_addr v6;
	if (inet_pton(AF_INET, address, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127 ? ADDRESS_LOOPBACK : ADDRESS_OTHER;
	size_t size = strlen(address);
	char inner[INET6_ADDRSTRLEN];
	if (size < 3 || size - 2 >= sizeof inner || address[0] != '[' || address[size - 1] != ']')
		return ADDRESS_NONE;
	memcpy(inner, address + 1, size - 2);
	inner[size - 2] = '\0';
	if (inet_pton(AF_INET6, inner, &v6) != 1)
		return ADDRESS_NONE;
	return IN6_IS_ADDR_LOOPBACK(&v6) ? ADDRESS_LOOPBACK : ADDRESS_OTHER;
}

static bool is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	return digits >= 1 && digits <= 5 && !text[digits] && strtol(text, NULL, 10) <= 65535;
}

/* ADDRESS_NONE when it is no listener. */
static enum address address_of_listener(char *item)
{
	char *colon = strrchr(item, ':');
	if (!colon || !is_port(colon + 1))
		return ADDRESS_NONE;
	*colon = '\0';
	return address_of(item);
}

/* The least of its addresses: none when one is none, loopback when all are. */
static enum address address_of_list(const char *value)
{
	enum address least = ADDRESS_LOOPBACK;
	char copy[1024];
	if (snprintf(copy, sizeof copy, "%s", value) >= (int)sizeof copy)
		return ADDRESS_NONE;
	for (char *rest = copy; rest;) {
		enum address address = address_of_listener(strsep(&rest, ","));
		if (address == ADDRESS_NONE)
			return ADDRESS_NONE;
		if (address == ADDRESS_OTHER)
			least = ADDRESS_OTHER;
	}
	return least;
}

bool config_check_service(const char *value)
{
	const char *scheme_end = strstr(value, "://");
	bool http = strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0;
	return http && strcspn(scheme_end + 3, "/") > 0 && !value[strcspn(value, "?#@ \t")];
}

bool config_check_delays(const char *value)
{
	enum { WEEK = 604800 };
	size_t count = 0;
	for (const char *at = value;; at++) {
		size_t digits = strspn(at, "0123456789");
		if (digits == 0 || digits > 6 || strtol(at, NULL, 10) > WEEK || ++count > CONFIG_DELAYS_MAX)
			return false;
		at += digits;
		if (*at != ',')
			return !*at;
	}
}

bool config_check_listeners(const char *value)
{
	return address_of_list(value) != ADDRESS_NONE;
}

bool config_beyond_loopback(const char *listeners)
{
	return address_of_list(listeners) == ADDRESS_OTHER;
}

static bool is_origin(const char *text, size_t size)
{
	size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : 7;
	if (scheme == 7 && strncmp(text, "http://", 7) != 0)
		return false;
	if (size <= scheme)
		return false;
	for (size_t i = scheme; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("/?#@*\\", text[i]))
			return false;
	return true;
}

bool config_check_origins(const char *list)
{
	if (strcmp(list, "*") == 0)
		return true;
	for (;;) {
		while (*list == ' ')
			list++;
		const char *end = list;
		while (*end && *end != ',' && *end != ' ')
			end++;
		if (!is_origin(list, (size_t)(end - list)))
			return false;
		while (*end == ' ')
			end++;
		if (*end != ',')
			return *end == '\0';
		list = end + 1;
	}
}

bool config_check_secrets(const char *list)
{
	for (size_t count = 1;; count++) {
		size_t size = strcspn(list, ",");
		if (size < CONFIG_SECRET_BYTES_MIN || count > CONFIG_SECRETS_MAX)
			return false;
		if (list[size] == '\0')
			return true;
		list += size + 1;
	}
}

bool config_check_networks(const char *list)
{
	struct networks networks;
	if (networks_parse(list, &networks, NULL) < 0)
		return false;
	networks_free(&networks);
	return true;
}
