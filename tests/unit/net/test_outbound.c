/* Outgoing requests against real servers and real dead ends. */
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/outbound.h"

/* ---- a server that misbehaves as the path says ---- */

static atomic_int requests, holding, most_holding;

static void ok(struct http_exchange *x)
{
	size_t size;
	const char *body = http_body(x, &size);
	requests++;
	http_reply_json(x, 200,
			json_pack("{s:s, s:s%, s:s?, s:s?}", "method", http_method(x), "body", body, size,
				  "agent", http_header(x, "User-Agent"), "mark", http_header(x, "X-Mark")));
}

static void status(struct http_exchange *x)
{
	requests++;
	http_reply_empty(x, atoi(http_param(x, "status")));
}

static void hold(struct http_exchange *x)
{
	requests++;
	http_park(x, "never", 60000);
}

/* Takes half a second, and notes how many do so at once. */
static void linger(struct http_exchange *x)
{
	int now = ++holding;
	if (now > most_holding)
		most_holding = now;
	sleep_ms(100);
	holding--;
	http_reply_empty(x, 204);
}

static void huge(struct http_exchange *x)
{
	char *body = calloc(1, 5000000);
	memset(body, 'x', 5000000);
	http_reply(x, 200, "text/plain", body, 5000000);
	free(body);
}

static void elsewhere(struct http_exchange *x)
{
	http_set_header(x, "Location", "/ok");
	http_reply_empty(x, 302);
}

static const struct http_route routes[] = {
	{ .method = "POST", .path = "/ok", .handler = ok },
	{ .method = "POST", .path = "/status/{status}", .handler = status },
	{ .method = "POST", .path = "/hold", .handler = hold },
	{ .method = "POST", .path = "/linger", .handler = linger },
	{ .method = "POST", .path = "/huge", .handler = huge },
	{ .method = "POST", .path = "/elsewhere", .handler = elsewhere },
};

/* ---- the fixture ---- */

static const struct outbound_options options = {
	.user_agent = "Test/1.0",
	.per_destination = 3,
	.total = 16,
	.timeout_ms = 1500,
	.response_max_bytes = 65536,
	.failures = 3,
	.pause_ms = 300,
	.pause_max_ms = 600,
};

struct fixture {
	struct http_server *server;
	struct outbound *outbound;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	struct error err;
	requests = holding = most_holding = 0;
	fixture->server = raw_serve((struct http_server_options){
		.routes = routes, .route_count = sizeof routes / sizeof routes[0], .threads = 8 });
	assert_int_equal(outbound_start(&options, &fixture->outbound, &err), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	outbound_free(fixture->outbound);
	http_server_stop(fixture->server, 0);
	http_server_free(fixture->server);
	free(fixture);
	return 0;
}

/* One request and what came of it. */
struct asked {
	atomic_bool over;
	enum outbound_end end;
	int status;
	int64_t retry_ms;
	char why[256], body[4096];
	size_t body_size;
};

static void on_done(void *context, const struct outbound_result *result)
{
	struct asked *asked = context;
	asked->end = result->end;
	asked->status = result->status;
	asked->retry_ms = result->retry_ms;
	asked->body_size = result->body_size;
	snprintf(asked->why, sizeof asked->why, "%s", result->why);
	snprintf(asked->body, sizeof asked->body, "%s", result->body);
	asked->over = true;
}

static int submit(struct fixture *fixture, const char *url, bool allow, struct asked *asked,
		  struct error *err)
{
	static const char *const headers[] = { "Content-Type: application/json", "X-Mark: here", NULL };
	*asked = (struct asked){ 0 };
	return outbound_submit(fixture->outbound,
			       &(struct outbound_request){ .method = "POST",
							   .url = url,
							   .headers = headers,
							   .body = "{\"a\":1}",
							   .body_size = 7,
							   .allow_private = allow },
			       on_done, asked, err);
}

static void wait_over(struct asked *asked)
{
	for (int i = 0; i < 2000 && !asked->over; i++)
		sleep_ms(10);
	assert_true(asked->over);
}

/* To the fixture's server, to any address. */
static void ask_path(struct fixture *fixture, const char *path, struct asked *asked)
{
	char url[256];
	struct error err;
	snprintf(url, sizeof url, "http://127.0.0.1:%d%s", raw_port(fixture->server), path);
	assert_int_equal(submit(fixture, url, true, asked, &err), 0);
}

/* A port of 127.0.0.1 that accepts and never says a word (its backlog does), until it is closed. */
static int silent_listener(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

/* ---- what arrives, what comes back ---- */

static void a_request_arrives_whole(void **state)
{
	struct asked asked;
	ask_path(*state, "/ok", &asked);
	wait_over(&asked);
	assert_int_equal(asked.end, OUTBOUND_ANSWERED);
	assert_int_equal(asked.status, 200);
	assert_string_equal(asked.why, "");
	assert_non_null(strstr(asked.body, "\"method\":\"POST\""));
	assert_non_null(strstr(asked.body, "\"body\":\"{\\\"a\\\":1}\""));
	assert_non_null(strstr(asked.body, "\"agent\":\"Test/1.0\""));
	assert_non_null(strstr(asked.body, "\"mark\":\"here\""));
}

static void statuses_are_told_and_redirects_not_followed(void **state)
{
	struct asked gone, moved;
	ask_path(*state, "/status/410", &gone);
	ask_path(*state, "/elsewhere", &moved);
	wait_over(&gone);
	wait_over(&moved);
	assert_int_equal(gone.status, 410);
	assert_int_equal(moved.status, 302);
	assert_int_equal(requests, 1); /* /ok was never asked */
}

static void a_huge_answer_is_not_read_to_its_end(void **state)
{
	struct asked asked;
	ask_path(*state, "/huge", &asked);
	wait_over(&asked);
	assert_int_equal(asked.end, OUTBOUND_ANSWERED);
	assert_int_equal(asked.status, 200);
	assert_true(asked.body_size <= options.response_max_bytes);
}

static void silence_is_a_timeout_and_no_listener_a_failure(void **state)
{
	struct fixture *fixture = *state;
	struct asked silent, closed;
	char url[64];
	struct error err;
	int port, fd = silent_listener(&port);
	ask_path(fixture, "/hold", &silent);
	wait_over(&silent);
	assert_int_equal(silent.end, OUTBOUND_TIMEOUT);
	close(fd);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
	assert_int_equal(submit(fixture, url, true, &closed, &err), 0);
	wait_over(&closed);
	assert_int_equal(closed.end, OUTBOUND_FAILED);
	assert_true(*closed.why);
}

/* ---- which URLs and addresses ---- */

static const struct {
	const char *url;
	int code;
	const char *origin;
} urls[] = {
	{ "http://example.org/hook?x=1", 0, "http://example.org:80" },
	{ "HTTPS://Example.ORG/", 0, "https://example.org:443" },
	{ "https://example.org:8443", 0, "https://example.org:8443" },
	{ "http://8.8.8.8/", 0, "http://8.8.8.8:80" },
	{ "http://[2001:4860:4860::8888]:81/", 0, "http://[2001:4860:4860::8888]:81" },
	{ "http://localhost/", 0, "http://localhost:80" }, /* a name: seen when it is connected to */
	{ "", -EINVAL, "" },
	{ "example.org", -EINVAL, "" },
	{ "/hook", -EINVAL, "" },
	{ "http://", -EINVAL, "" },
	{ "http:///hook", 0, "http://hook:80" }, /* libcurl takes three slashes for two */
	{ "ftp://example.org/", -EINVAL, "" },
	{ "file:///etc/passwd", -EINVAL, "" },
	{ "gopher://127.0.0.1:70/", -EINVAL, "" },
	{ "javascript:alert(1)", -EINVAL, "" },
	{ "http://user@example.org/", -EINVAL, "" },
	{ "http://user:password@example.org/", -EINVAL, "" },
	{ "http://example.org@127.0.0.1/", -EINVAL, "" },
	{ "http://exa mple.org/", -EINVAL, "" },
	{ "http://example.org/\r\nX-Injected: 1", -EINVAL, "" },
	{ "http://example.org:99999/", -EINVAL, "" },
	{ "http://[fe80::1%25eth0]/", -EINVAL, "" },
	{ "http://%31%32%37.1/", -EINVAL, "" },
	{ "http://127.0.0.1:8001/", -EACCES, "" },
	{ "http://127.1/", -EACCES, "" },
	{ "http://2130706433/", -EACCES, "" },
	{ "http://0x7f000001/", -EACCES, "" },
	{ "http://0x7f.0.0.1/", -EACCES, "" },
	{ "http://017700000001/", -EACCES, "" },
	{ "http://0177.0.0.01/", -EACCES, "" },
	{ "http://0/", -EACCES, "" },
	{ "http://169.254.169.254/latest/meta-data/", -EACCES, "" },
	{ "http://192.168.1.1/", -EACCES, "" },
	{ "http://[::1]/", -EACCES, "" },
	{ "http://[::]/", -EACCES, "" },
	{ "http://[::ffff:127.0.0.1]/", -EACCES, "" },
	{ "http://[0:0:0:0:0:ffff:7f00:1]/", -EACCES, "" },
	{ "http://[64:ff9b::10.0.0.1]/", -EACCES, "" },
	{ "http://[fd00:ec2::254]/", -EACCES, "" },
};

static void each_url_is_taken_or_refused(void **state)
{
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		char origin[OUTBOUND_ORIGIN_BYTES] = "";
		struct error err = { 0 };
		int code = outbound_check(urls[i].url, false, origin, &err);
		if (code != urls[i].code || strcmp(origin, urls[i].origin) != 0)
			fail_msg("%s: %d \"%s\" (%s)", urls[i].url, code, origin, err.text);
		if (urls[i].code == -EACCES)
			assert_int_equal(outbound_check(urls[i].url, true, origin, &err), 0);
	}
	char url[OUTBOUND_URL_MAX + 32] = "http://example.org/";
	struct error err;
	char origin[OUTBOUND_ORIGIN_BYTES];
	memset(url + strlen(url), 'x', OUTBOUND_URL_MAX);
	assert_int_equal(outbound_check(url, true, origin, &err), -EINVAL);
}

/* A name says nothing about where it leads to; the socket does. */
static void a_name_that_leads_home_is_not_connected_to(void **state)
{
	struct fixture *fixture = *state;
	static const char *const hosts[] = { "localhost", "LOCALHOST.", "127.0.0.1.",
					     "%6c%6f%63%61%6c%68%6f%73%74" };
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		char url[128];
		struct asked asked;
		struct error err;
		snprintf(url, sizeof url, "http://%s:%d/ok", hosts[i], raw_port(fixture->server));
		if (submit(fixture, url, false, &asked, &err) < 0)
			continue;
		wait_over(&asked);
		assert_true(asked.end == OUTBOUND_REFUSED || asked.end == OUTBOUND_FAILED);
		if (i == 0) {
			assert_int_equal(asked.end, OUTBOUND_REFUSED);
			assert_non_null(strstr(asked.why, "is loopback"));
		}
	}
	assert_int_equal(requests, 0);
}

static void the_environment_s_proxy_is_not_asked(void **state)
{
	struct fixture *fixture = *state;
	char proxy[64];
	struct asked asked;
	struct error err;
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", raw_port(fixture->server));
	setenv("http_proxy", proxy, 1);
	setenv("ALL_PROXY", proxy, 1);
	assert_int_equal(submit(fixture, "http://localhost:1/ok", false, &asked, &err), 0);
	wait_over(&asked);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(asked.end, OUTBOUND_REFUSED);
	assert_int_equal(requests, 0);
}

/* ---- nobody delays anybody ---- */

static void one_destination_has_few_at_a_time(void **state)
{
	enum { MANY = 12 };
	static struct asked asked[MANY];
	for (int i = 0; i < MANY; i++)
		ask_path(*state, "/linger", &asked[i]);
	for (int i = 0; i < MANY; i++) {
		wait_over(&asked[i]);
		assert_int_equal(asked[i].status, 204);
	}
	assert_int_equal(most_holding, options.per_destination);
}

static void a_silent_receiver_delays_nobody(void **state)
{
	enum { MANY = 40 };
	struct fixture *fixture = *state;
	static struct asked silent[MANY], good;
	int port, fd = silent_listener(&port);
	char url[64];
	struct error err;
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(submit(fixture, url, true, &silent[i], &err), 0);
	ask_path(fixture, "/ok", &good);
	wait_over(&good);
	assert_int_equal(good.status, 200);
	assert_false(silent[0].over); /* nothing of the silent one's had to end for it */
	for (int i = 0; i < MANY; i++)
		wait_over(&silent[i]);
	/* A few found out that nobody answers; the rest were not sent at all. */
	int asked = 0, postponed = 0;
	for (int i = 0; i < MANY; i++) {
		asked += silent[i].end == OUTBOUND_TIMEOUT;
		postponed += silent[i].end == OUTBOUND_POSTPONED && silent[i].retry_ms > 0;
	}
	assert_int_equal(asked + postponed, MANY);
	assert_in_range(asked, options.failures, options.failures + options.per_destination);
	close(fd);
}

static void one_that_answers_again_is_asked_again(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked;
	for (int i = 0; i < options.failures; i++) {
		ask_path(fixture, "/status/503", &asked);
		wait_over(&asked);
		assert_int_equal(asked.end, OUTBOUND_ANSWERED);
	}
	ask_path(fixture, "/ok", &asked);
	wait_over(&asked);
	assert_int_equal(asked.end, OUTBOUND_POSTPONED);
	assert_in_range(asked.retry_ms, 1, options.pause_ms + 1);
	sleep_ms((int)asked.retry_ms + 20);
	ask_path(fixture, "/ok", &asked);
	wait_over(&asked);
	assert_int_equal(asked.status, 200);
	for (int i = 0; i < 2 * options.failures; i++) { /* an error of the application is an answer */
		ask_path(fixture, "/status/500", &asked);
		wait_over(&asked);
		assert_int_equal(asked.status, 500);
	}
}

static void the_end_ends_everything(void **state)
{
	enum { MANY = 8 };
	struct fixture *fixture = *state;
	static struct asked asked[MANY];
	for (int i = 0; i < MANY; i++)
		ask_path(fixture, "/hold", &asked[i]);
	while (requests < (int)options.per_destination)
		sleep_ms(5);
	outbound_free(fixture->outbound);
	fixture->outbound = NULL;
	for (int i = 0; i < MANY; i++) {
		assert_true(asked[i].over);
		assert_int_equal(asked[i].end, OUTBOUND_CANCELLED);
	}
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_url_is_taken_or_refused),
		with_server(a_request_arrives_whole),
		with_server(statuses_are_told_and_redirects_not_followed),
		with_server(a_huge_answer_is_not_read_to_its_end),
		with_server(silence_is_a_timeout_and_no_listener_a_failure),
		with_server(a_name_that_leads_home_is_not_connected_to),
		with_server(the_environment_s_proxy_is_not_asked),
		with_server(one_destination_has_few_at_a_time),
		with_server(a_silent_receiver_delays_nobody),
		with_server(one_that_answers_again_is_asked_again),
		with_server(the_end_ends_everything),
	};
	return cmocka_run_group_tests_name("outbound", tests, NULL, NULL);
}
