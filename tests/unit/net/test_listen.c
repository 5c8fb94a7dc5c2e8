#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listen.h"

static void a_list_is_opened_and_its_addresses_are_named(void **state)
{
	struct listeners listeners = { 0 };
	struct error err = { 0 };
	assert_int_equal(listen_open("127.0.0.1:0, 127.0.0.2:0", &listeners, &err), 0);
	assert_int_equal(listeners.count, 2);
	assert_int_equal(strncmp(listeners.addresses[0], "http://127.0.0.1:", 17), 0);
	assert_int_equal(strncmp(listeners.addresses[1], "http://127.0.0.2:", 17), 0);
	assert_true(strtol(listeners.addresses[0] + 17, NULL, 10) > 0);
	assert_null(listeners.addresses[2]);
	listen_close(&listeners);
}

static void ipv6_goes_in_brackets(void **state)
{
	struct listeners listeners = { 0 };
	struct error err = { 0 };
	int status = listen_open("[::1]:0", &listeners, &err);
	if (status == -EADDRNOTAVAIL || status == -EAFNOSUPPORT) {
		print_message("left out: this host has no IPv6\n");
		skip();
	}
	assert_int_equal(status, 0);
	assert_int_equal(strncmp(listeners.addresses[0], "http://[::1]:", 13), 0);
	listen_close(&listeners);
}

static void a_used_port_is_named(void **state)
{
	struct listeners first = { 0 }, second = { 0 };
	struct error err = { 0 };
	char again[64], expected[160];
	assert_int_equal(listen_open("127.0.0.1:0", &first, &err), 0);
	snprintf(again, sizeof again, "127.0.0.1:0,%s", first.addresses[0] + strlen("http://"));
	snprintf(expected, sizeof expected,
		 "listen on %s: address already in use (another arena, or another program?)",
		 first.addresses[0] + strlen("http://"));
	assert_int_equal(listen_open(again, &second, &err), -EADDRINUSE);
	assert_string_equal(err.text, expected);
	assert_int_equal(second.count, 0);
	listen_close(&first);
}

static void nonsense_is_refused(void **state)
{
	static const char *const lists[] = { "",
					     "8001",
					     "127.0.0.1",
					     "127.0.0.1:",
					     "::1:8001",
					     "127.0.0.1:http",
					     "127.0.0.1:99999",
					     "example.org:80",
					     "[::1]8001",
					     "127.0.0.1:0,",
					     ":8001" };
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct listeners listeners = { 0 };
		struct error err = { 0 };
		if (listen_open(lists[i], &listeners, &err) != -EINVAL || !*err.text)
			fail_msg("'%s' was not refused: %s", lists[i], err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_opened_and_its_addresses_are_named),
		cmocka_unit_test(ipv6_goes_in_brackets),
		cmocka_unit_test(a_used_port_is_named),
		cmocka_unit_test(nonsense_is_refused),
	};
	return cmocka_run_group_tests_name("net listen", tests, NULL, NULL);
}
