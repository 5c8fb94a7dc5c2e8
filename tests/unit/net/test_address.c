#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "net/address.h"

static const struct {
	const char *address;
	const char *refusal; /* NULL: public */
} rows[] = {
	{ "8.8.8.8", NULL },
	{ "1.1.1.1", NULL },
	{ "0.0.0.0", "of this network" },
	{ "0.1.2.3", "of this network" },
	{ "9.255.255.255", NULL },
	{ "10.0.0.1", "private" },
	{ "10.255.255.255", "private" },
	{ "11.0.0.0", NULL },
	{ "100.63.255.255", NULL },
	{ "100.64.0.1", "shared (carrier-grade NAT)" },
	{ "100.100.100.200", "shared (carrier-grade NAT)" }, /* a cloud's metadata */
	{ "100.127.255.255", "shared (carrier-grade NAT)" },
	{ "100.128.0.0", NULL },
	{ "127.0.0.1", "loopback" },
	{ "127.255.255.254", "loopback" },
	{ "128.0.0.1", NULL },
	{ "168.63.129.15", NULL },
	{ "168.63.129.16", "a cloud's own" },
	{ "169.253.255.255", NULL },
	{ "169.254.169.254", "link-local" }, /* most clouds' metadata */
	{ "172.15.255.255", NULL },
	{ "172.16.0.1", "private" },
	{ "172.31.255.255", "private" },
	{ "172.32.0.0", NULL },
	{ "192.0.0.192", "for protocols" }, /* a cloud's metadata */
	{ "192.0.2.1", "for documentation" },
	{ "192.88.99.1", "a 6to4 relay" },
	{ "192.168.1.1", "private" },
	{ "192.169.0.0", NULL },
	{ "198.17.255.255", NULL },
	{ "198.19.255.255", "for benchmarks" },
	{ "198.20.0.0", NULL },
	{ "198.51.100.7", "for documentation" },
	{ "203.0.113.7", "for documentation" },
	{ "223.255.255.255", NULL },
	{ "224.0.0.1", "multicast" },
	{ "239.255.255.255", "multicast" },
	{ "240.0.0.1", "reserved" },
	{ "255.255.255.255", "reserved" },
	{ "::", "of this network" },
	{ "::1", "loopback" },
	{ "::2", "not public" },
	{ "::127.0.0.1", "not public" }, /* IPv4-compatible, long abolished */
	{ "::ffff:127.0.0.1", "loopback" },
	{ "::ffff:10.1.2.3", "private" },
	{ "::ffff:169.254.169.254", "link-local" },
	{ "::ffff:8.8.8.8", NULL },
	{ "::fffe:8.8.8.8", "not public" },
	{ "64:ff9b::8.8.8.8", NULL },
	{ "64:ff9b::192.168.0.1", "private" },
	{ "64:ff9b::169.254.169.254", "link-local" },
	{ "64:ff9b:1::8.8.8.8", "not public" }, /* local NAT64: what it reaches, only its operator knows */
	{ "100::1", "not public" },
	{ "1fff:ffff::1", "not public" },
	{ "2000::1", NULL },
	{ "2001::1", "for protocols" },
	{ "2001:1ff:ffff::1", "for protocols" },
	{ "2001:200::1", NULL },
	{ "2001:db8::1", "for documentation" },
	{ "2001:4860:4860::8888", NULL },
	{ "2002:7f00:1::", "6to4" },
	{ "2606:4700::1111", NULL },
	{ "3ffe:ffff::1", NULL },
	{ "3fff:fff::1", "for documentation" },
	{ "3fff:1000::1", NULL },
	{ "4000::1", "not public" },
	{ "5f00::1", "not public" },
	{ "fbff::1", "not public" },
	{ "fc00::1", "private" },
	{ "fd00:ec2::254", "private" }, /* a cloud's metadata */
	{ "fe00::1", "not public" },
	{ "fe80::1", "link-local" },
	{ "febf::1", "link-local" },
	{ "fec0::1", "site-local" },
	{ "ff02::1", "multicast" },
};

static const char *refusal_of(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_refusal((const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return address_refusal((const struct sockaddr *)&v6);
}

static void each_address_is_what_it_is(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *got = refusal_of(rows[i].address), *expected = rows[i].refusal;
		if (!got != !expected || (got && strcmp(got, expected) != 0))
			fail_msg("%s is %s, expected %s", rows[i].address, got ? got : "public",
				 expected ? expected : "public");
	}
}

static void a_unix_socket_is_no_internet_address(void **state)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	assert_non_null(address_refusal((const struct sockaddr *)&local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_is_what_it_is),
		cmocka_unit_test(a_unix_socket_is_no_internet_address),
	};
	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
