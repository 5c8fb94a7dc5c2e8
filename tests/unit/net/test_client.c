/* The client against the server of the next folder: both ends are real. */
#include "raw.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/client.h"

static atomic_int parks;

static void echo(struct http_exchange *x)
{
	size_t size;
	const char *body = http_body(x, &size);
	const char *bearer = http_header(x, "Authorization"), *type = http_header(x, "Content-Type");
	http_reply_json(x, 201,
			json_pack("{s:s, s:s%, s:s?, s:s?, s:s}", "method", http_method(x), "body", body,
				  size, "bearer", bearer, "type", type, "id", http_request_id(x)));
}

static void hold(struct http_exchange *x)
{
	if (http_park(x, "never", 60000))
		parks++;
	else
		http_reply_empty(x, 204);
}

static void large(struct http_exchange *x)
{
	char *body = calloc(1, 100000);
	http_reply(x, 200, "text/plain", body, 100000);
	free(body);
}

static void elsewhere(struct http_exchange *x)
{
	http_set_header(x, "Location", "/echo");
	http_reply_empty(x, 302);
}

static const struct http_route routes[] = {
	{ "GET", "/echo", echo },           { "POST", "/echo", echo }, { "PUT", "/echo", echo },
	{ "DELETE", "/echo", echo },        { "GET", "/hold", hold },  { "GET", "/large", large },
	{ "GET", "/elsewhere", elsewhere },
};

struct fixture {
	struct http_server *server;
	struct http_client *client;
	char url[128];
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	struct error err;
	fixture->server = raw_serve((struct http_server_options){
		.routes = routes, .route_count = sizeof routes / sizeof routes[0] });
	assert_int_equal(http_client_new(&fixture->client, &err), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	http_client_free(fixture->client);
	http_server_free(fixture->server);
	free(fixture);
	return 0;
}

static int run(struct fixture *fixture, struct http_client_request request, const char *path, int *status,
	       struct buffer *response, struct error *err)
{
	snprintf(fixture->url, sizeof fixture->url, "%s%s", http_server_addresses(fixture->server)[0], path);
	request.url = fixture->url;
	request.timeout_ms = request.timeout_ms ? request.timeout_ms : 10000;
	request.response_max_bytes = request.response_max_bytes ? request.response_max_bytes : 1 << 20;
	return http_client_run(fixture->client, &request, status, response, err);
}

static const struct {
	struct http_client_request request;
	int status;
	const char *body;
} cases[] = {
	{ { .method = "POST", .body = "{}", .body_size = 2, .bearer = "ak_1", .request_id = "r-1" },
	  201,
	  "{\"method\":\"POST\",\"body\":\"{}\",\"bearer\":\"Bearer "
	  "ak_1\",\"type\":\"application/json\",\"id\":\"r-1\"}" },
	{ { .method = "POST", .request_id = "r-2" },
	  201,
	  "{\"method\":\"POST\",\"body\":\"\",\"bearer\":null,\"type\":\"application/"
	  "x-www-form-urlencoded\",\"id\":\"r-2\"}" },
	{ { .method = "PUT", .body = "x", .body_size = 1, .request_id = "r" },
	  201,
	  "{\"method\":\"PUT\",\"body\":\"x\",\"bearer\":null,\"type\":\"application/json\",\"id\":\"r\"}" },
	{ { .method = "GET", .request_id = "r" },
	  201,
	  "{\"method\":\"GET\",\"body\":\"\",\"bearer\":null,\"type\":null,\"id\":\"r\"}" },
	{ { .method = "DELETE", .request_id = "r" },
	  201,
	  "{\"method\":\"DELETE\",\"body\":\"\",\"bearer\":null,\"type\":null,\"id\":\"r\"}" },
	{ { .method = "HEAD" }, 201, "" },
};

static void every_method_arrives_as_asked(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cleanup_buffer struct buffer response = { 0 };
		struct error err = { 0 };
		int status = 0;
		if (run(*state, cases[i].request, "/echo", &status, &response, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(status, cases[i].status);
		assert_string_equal(buffer_text(&response), cases[i].body);
	}
}

static void redirects_are_not_followed(void **state)
{
	cleanup_buffer struct buffer response = { 0 };
	int status;
	assert_int_equal(run(*state, (struct http_client_request){ .method = "GET" }, "/elsewhere", &status,
			     &response, NULL),
			 0);
	assert_int_equal(status, 302);
}

static void an_oversize_response_is_refused(void **state)
{
	cleanup_buffer struct buffer response = { 0 };
	struct http_client_request request = { .method = "GET", .response_max_bytes = 99999 };
	struct error err = { 0 };
	int status = 7;
	assert_int_equal(run(*state, request, "/large", &status, &response, &err), -EMSGSIZE);
	assert_int_equal(status, 7);
	assert_int_equal(response.size, 0);
	request.response_max_bytes = 100000;
	assert_int_equal(run(*state, request, "/large", &status, &response, &err), 0);
	assert_int_equal(response.size, 100000);
}

static void a_timeout_is_told(void **state)
{
	cleanup_buffer struct buffer response = { 0 };
	struct http_client_request request = { .method = "GET", .timeout_ms = 100 };
	struct error err = { 0 };
	int status;
	assert_int_equal(run(*state, request, "/hold", &status, &response, &err), -ETIMEDOUT);
	/* and the client is still good */
	assert_int_equal(run(*state, (struct http_client_request){ .method = "GET" }, "/echo", &status,
			     &response, &err),
			 0);
}

static void failures_have_their_codes(void **state)
{
	struct fixture *fixture = *state;
	cleanup_buffer struct buffer response = { 0 };
	struct http_client_request request = { .method = "GET",
					       .timeout_ms = 5000,
					       .response_max_bytes = 100 };
	struct error err = { 0 };
	char url[64];
	int status;

	struct http_server *closed = raw_serve((struct http_server_options){ 0 });
	snprintf(url, sizeof url, "%s/", http_server_addresses(closed)[0]);
	http_server_free(closed);
	request.url = url;
	assert_int_equal(http_client_run(fixture->client, &request, &status, &response, &err), -ECONNREFUSED);
	assert_non_null(strstr(err.text, url));
	request.url = "file:///etc/passwd";
	assert_int_equal(http_client_run(fixture->client, &request, &status, &response, &err), -EINVAL);
	request.url = "http://";
	assert_int_equal(http_client_run(fixture->client, &request, &status, &response, &err), -EINVAL);
}

struct held {
	struct fixture *fixture;
	int failed;
};

static void *hold_request(void *arg)
{
	struct held *held = arg;
	cleanup_buffer struct buffer response = { 0 };
	int status;
	held->failed =
		run(held->fixture, (struct http_client_request){ .method = "GET", .timeout_ms = 60000 },
		    "/hold", &status, &response, NULL);
	return NULL;
}

static void an_abort_ends_the_request_and_all_later_ones(void **state)
{
	struct fixture *fixture = *state;
	cleanup_buffer struct buffer response = { 0 };
	struct held held = { .fixture = fixture };
	pthread_t thread;
	int status;
	parks = 0;
	assert_int_equal(pthread_create(&thread, NULL, hold_request, &held), 0);
	while (parks == 0)
		sleep_ms(5);
	http_client_abort(fixture->client);
	pthread_join(thread, NULL);
	assert_int_equal(held.failed, -ECANCELED);
	assert_int_equal(run(fixture, (struct http_client_request){ .method = "GET" }, "/echo", &status,
			     &response, NULL),
			 -ECANCELED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_method_arrives_as_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(redirects_are_not_followed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_oversize_response_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_timeout_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failures_have_their_codes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_abort_ends_the_request_and_all_later_ones, set_up,
						tear_down),
	};
	return cmocka_run_group_tests_name("net client", tests, NULL, NULL);
}
