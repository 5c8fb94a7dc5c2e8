/* Who asks, from which page, in which trace: tables over pure functions, and the same once through a server. */
#include "raw.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "forwarded.h"
#include "origin.h"
#include "trace.h"

static const struct {
	const char *trusted, *peer, *x_forwarded_for, *forwarded, *client;
} clients[] = {
	{ "", "10.0.0.1", "1.2.3.4", NULL, "10.0.0.1" },
	{ "10.0.0.0/8", "11.0.0.1", "1.2.3.4", NULL, "11.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4", NULL, "1.2.3.4" },
	{ "10.0.0.0/8", "10.0.0.1", "6.6.6.6, 1.2.3.4", NULL, "1.2.3.4" },
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4,10.9.9.9 ,10.1.1.1", NULL, "1.2.3.4" },
	{ "10.0.0.0/8", "10.0.0.1", "10.2.2.2, 10.1.1.1", NULL, "10.2.2.2" },
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4, unknown", NULL, "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4, , 10.1.1.1", NULL, "10.1.1.1" },
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4:5678", NULL, "1.2.3.4" },
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4:", NULL, "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", "01.2.3.4", NULL, "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", "2001:DB8::0:1", NULL, "2001:db8::1" },
	{ "10.0.0.0/8", "10.0.0.1", "[2001:db8::1]:80", NULL, "2001:db8::1" },
	{ "10.0.0.0/8", "10.0.0.1", "[1.2.3.4]", NULL, "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", "::ffff:1.2.3.4", NULL, "1.2.3.4" },
	{ "10.0.0.0/8", "::ffff:10.0.0.1", "1.2.3.4", NULL, "1.2.3.4" },
	{ "::/0", "10.0.0.1", "9.9.9.9, 1.2.3.4", NULL, "9.9.9.9" },
	{ "fd00::/8,127.0.0.1", "fd12::1", "1.2.3.4, 127.0.0.1", NULL, "1.2.3.4" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for=1.2.3.4", "1.2.3.4" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1",
	  "2001:db8::1" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for=6.6.6.6, for=1.2.3.4;host=a , for=10.1.1.1", "1.2.3.4" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for=\"6.6.6.6, for=1.2.3.4\", for=5.5.5.5", "5.5.5.5" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for=1.2.3.4, for=_hidden", "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for=2001:db8::1", "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for=1.2.3.4;for=5.5.5.5", "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for=\"1.2.3.4", "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "for", "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", NULL, "", "10.0.0.1" },
	/* One of the two is the client's own work. */
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4", "for=6.6.6.6", "10.0.0.1" },
	{ "10.0.0.0/8", "10.0.0.1", "1.2.3.4", "for=1.2.3.4", "1.2.3.4" },
};

static void the_client_is_who_trusted_ones_name(void **state)
{
	for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
		struct networks trusted;
		struct error err = { 0 };
		char text[INET6_ADDRSTRLEN];
		assert_int_equal(networks_parse(clients[i].trusted, &trusted, &err), 0);
		const char *client = forwarded_client(&trusted, clients[i].peer, clients[i].x_forwarded_for,
						      clients[i].forwarded, text);
		if (strcmp(client, clients[i].client) != 0)
			fail_msg("row %zu: %s, not %s", i, client, clients[i].client);
		networks_free(&trusted);
	}
}

static void only_the_nearest_hops_are_read(void **state)
{
	struct networks trusted;
	char many[8192], text[INET6_ADDRSTRLEN];
	size_t size = 0;
	for (int i = 0; i < 400; i++)
		size += (size_t)snprintf(many + size, sizeof many - size, "6.6.6.6, ");
	snprintf(many + size, sizeof many - size, "1.2.3.4, 10.3.3.3");
	assert_int_equal(networks_parse("10.0.0.0/8", &trusted, NULL), 0);
	assert_string_equal(forwarded_client(&trusted, "10.0.0.1", many, NULL, text), "1.2.3.4");
	networks_free(&trusted);
}

static const struct {
	const char *listed, *origin, *host;
	bool proxied;
	enum origin judged;
} origins[] = {
	{ "", NULL, "a", false, ORIGIN_NONE },
	{ "", "http://a", "a", false, ORIGIN_OWN },
	{ "", "http://A:80", "a", false, ORIGIN_OWN },
	{ "", "http://a:8001", "a:8001", false, ORIGIN_OWN },
	{ "", "http://a", "a:8001", false, ORIGIN_FOREIGN },
	{ "", "https://a", "a", false, ORIGIN_FOREIGN },
	{ "", "https://a", "a", true, ORIGIN_OWN },
	{ "", "https://a:443", "a", true, ORIGIN_OWN },
	{ "", "https://a:80", "a", true, ORIGIN_FOREIGN },
	{ "", "http://a.evil", "a", false, ORIGIN_FOREIGN },
	{ "", "null", "a", false, ORIGIN_FOREIGN },
	{ "", "", "a", false, ORIGIN_FOREIGN },
	{ "", "http://a", NULL, false, ORIGIN_FOREIGN },
	{ "https://b, http://c:81", "https://b", "a", false, ORIGIN_LISTED },
	{ "https://b, http://c:81", "http://c:81", "a", false, ORIGIN_LISTED },
	{ "https://b, http://c:81", "http://c", "a", false, ORIGIN_FOREIGN },
	{ "https://b, http://c:81", "http://b", "a", false, ORIGIN_FOREIGN },
	{ "https://b", "https://b.evil", "a", false, ORIGIN_FOREIGN },
	{ "*", "https://b", "a", false, ORIGIN_LISTED },
	{ "*", "null", "a", false, ORIGIN_LISTED },
};

static void pages_are_judged(void **state)
{
	for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++)
		if (origin_judge(origins[i].listed, origins[i].origin, origins[i].host, origins[i].proxied) !=
		    origins[i].judged)
			fail_msg("row %zu: %s", i, origins[i].origin);
}

#define ID   "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

static const struct {
	const char *given;
	bool valid;
} traces[] = {
	{ "00-" ID "-" SPAN "-01", true },
	{ "00-" ID "-" SPAN "-00", true },
	{ "cc-" ID "-" SPAN "-01", true },
	{ "cc-" ID "-" SPAN "-01-more", true },
	{ "cc-" ID "-" SPAN "-01more", false },
	{ "00-" ID "-" SPAN "-01-more", false },
	{ "ff-" ID "-" SPAN "-01", false },
	{ "00-00000000000000000000000000000000-" SPAN "-01", false },
	{ "00-" ID "-0000000000000000-01", false },
	{ "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", false },
	{ "00-" ID "-" SPAN "-0", false },
	{ "00-" ID "-" SPAN "-0g", false },
	{ "00_" ID "-" SPAN "-01", false },
	{ " 00-" ID "-" SPAN "-01", false },
	{ "", false },
};

static void traces_are_taken_over(void **state)
{
	for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
		char trace[TRACE_BYTES];
		if (trace_valid(traces[i].given) != traces[i].valid)
			fail_msg("%s", traces[i].given);
		trace_continue(traces[i].given, trace);
		assert_true(trace_valid(trace));
		assert_int_equal(strncmp(trace + 3, ID, 32) == 0, traces[i].valid);
		assert_null(strstr(trace, SPAN));
	}
}

/* ---- through a server ---- */

static atomic_int admitted;

static bool admit(struct http_exchange *x)
{
	admitted++;
	return true;
}

static void tell(struct http_exchange *x)
{
	const char *trace = http_trace(x);
	assert_string_equal(trace, http_trace(x));
	http_reply_json(x, 200,
			json_pack("{s:s, s:s, s:b}", "peer", http_peer(x), "trace", trace, "loopback",
				  http_over_loopback(x)));
}

static const struct http_route routes[] = { { "GET", "/tell", tell }, { "POST", "/tell", tell } };

static struct http_server *serve(void)
{
	admitted = 0;
	return raw_serve((struct http_server_options){ .routes = routes,
						       .route_count = 2,
						       .admit = admit,
						       .trusted_proxies = "127.0.0.0/8",
						       .origins = "https://b.example" });
}

#define ASK(headers) "GET /tell HTTP/1.1\r\nHost: localhost\r\n" headers "\r\n"

static void ask(const char *request, int status, const char *part, const char *header, const char *value)
{
	struct http_server *server = serve();
	struct raw_response response;
	if (raw_ask(raw_port(server), request, &response) != status || !strstr(response.body, part))
		fail_msg("%s: %s", request, buffer_text(&response.text));
	const char *found = header ? raw_header(&response, header) : NULL;
	if (value)
		assert_string_equal(found ? found : "", value);
	else
		assert_null(found);
	raw_free(&response);
	http_server_free(server);
}

static void a_server_sees_through_its_proxies(void **state)
{
	ask(ASK(""), 200, "\"peer\":\"127.0.0.1\",", NULL, NULL);
	ask(ASK("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4\r\n"), 200, "\"peer\":\"1.2.3.4\"",
	    NULL, NULL);
	ask(ASK("X-Forwarded-For: 127.0.0.1\r\n"), 200, "\"loopback\":false", NULL, NULL);
	ask(ASK("traceparent: 00-" ID "-" SPAN "-01\r\n"), 200, "\"trace\":\"00-" ID "-", NULL, NULL);
}

static void a_server_keeps_foreign_pages_out(void **state)
{
	ask(ASK("Origin: http://localhost\r\n"), 200, "peer", "Access-Control-Allow-Origin", NULL);
	ask(ASK("Origin: https://localhost\r\n"), 200, "peer", "Access-Control-Allow-Origin", NULL);
	ask(ASK("Origin: http://evil.example\r\n"), 403, "origins", "Access-Control-Allow-Origin", NULL);
	ask(ASK("Origin: https://b.example\r\nOrigin: https://b.example\r\n"), 403, "", NULL, NULL);
	ask(ASK("Origin: https://b.example\r\n"), 200, "peer", "Access-Control-Allow-Origin",
	    "https://b.example");
	ask(ASK("Origin: https://b.example\r\n"), 200, "peer", "Vary", "Origin");
	ask("GET /none HTTP/1.1\r\nHost: a\r\nOrigin: https://b.example\r\n\r\n", 404, "",
	    "Access-Control-Allow-Origin", "https://b.example");
}

#define PREFLIGHT(origin)                                      \
	"OPTIONS /tell HTTP/1.1\r\nHost: a\r\nOrigin: " origin \
	"\r\nAccess-Control-Request-Method: POST\r\n\r\n"

static void a_preflight_needs_no_key(void **state)
{
	ask(PREFLIGHT("https://b.example"), 204, "", "Access-Control-Allow-Methods", "GET, HEAD, POST");
	assert_int_equal(admitted, 0);
	ask(PREFLIGHT("https://b.example"), 204, "", "Access-Control-Max-Age", "600");
	ask(PREFLIGHT("https://evil.example"), 403, "", "Access-Control-Allow-Methods", NULL);
	ask("OPTIONS /tell HTTP/1.1\r\nHost: a\r\n\r\n", 405, "", NULL, NULL);
	assert_int_equal(admitted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_is_who_trusted_ones_name),
		cmocka_unit_test(only_the_nearest_hops_are_read),
		cmocka_unit_test(pages_are_judged),
		cmocka_unit_test(traces_are_taken_over),
		cmocka_unit_test(a_server_sees_through_its_proxies),
		cmocka_unit_test(a_server_keeps_foreign_pages_out),
		cmocka_unit_test(a_preflight_needs_no_key),
	};
	return cmocka_run_group_tests_name("net forwarded", tests, NULL, NULL);
}
