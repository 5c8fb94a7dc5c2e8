/* Routes, replies, ids, trust, the full queue and the stop, over real sockets. */
#include "raw.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "Host: localhost\r\n"

static sem_t entered, release;
static atomic_bool admitting;

static void describe(struct http_exchange *x)
{
	const char *id = http_param(x, "id"), *q = http_query(x, "q");
	http_set_header(x, "X-Made", "yes");
	http_reply_json(x, 200,
			json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:b, s:s}", "method", http_method(x), "path",
				  http_path(x), "id", id, "q", q, "peer", http_peer(x), "loopback",
				  http_over_loopback(x), "context", http_context(x)));
}

static void empty(struct http_exchange *x)
{
	http_reply_empty(x, 204);
}

static void block(struct http_exchange *x)
{
	sem_post(&entered);
	sem_wait(&release);
	http_reply(x, 200, "text/plain", "done", 4);
}

static void forget(struct http_exchange *x) {}

static void not_utf8(struct http_exchange *x)
{
	http_reply_json(x, 200, json_string("\xff"));
}

static const struct http_route routes[] = {
	{ "GET", "/items/{id}", describe }, { "POST", "/items/{id}", describe },
	{ "DELETE", "/items/{id}", empty }, { "GET", "/block", block },
	{ "GET", "/forget", forget },       { "GET", "/bytes", not_utf8 },
};

static bool admit(struct http_exchange *x)
{
	if (!admitting || http_header(x, "Authorization"))
		return true;
	http_reply_json(x, 401, json_pack("{s:s}", "detail", "who are you?"));
	return false;
}

static void reply_error(struct http_exchange *x, int status, const char *text)
{
	http_reply_json(x, status, json_pack("{s:s}", "error", text));
}

static struct http_server *serve(struct http_server_options options)
{
	options.routes = routes;
	options.route_count = sizeof routes / sizeof routes[0];
	options.context = (void *)"context";
	options.admit = admit;
	admitting = false;
	sem_init(&entered, 0, 0);
	sem_init(&release, 0, 0);
	return raw_serve(options);
}

static const struct {
	const char *request;
	int status;
	const char *body; /* within it */
} asks[] = {
	{ "GET /items/7?q=a%20b HTTP/1.1\r\n" HOST "\r\n", 200,
	  "{\"method\":\"GET\",\"path\":\"/items/7\",\"id\":\"7\",\"q\":\"a b\",\"peer\":\"127.0.0.1\","
	  "\"loopback\":true,\"context\":\"context\"}" },
	{ "GET /items/7/ HTTP/1.1\r\n" HOST "\r\n", 200, "\"path\":\"/items/7\",\"id\":\"7\",\"q\":null" },
	{ "POST /items/a%2Fb HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200, "\"id\":\"a/b\"" },
	{ "GET /items/7 HTTP/1.0\r\n\r\n", 200, "\"loopback\":false" },
	{ "DELETE /items/7 HTTP/1.1\r\n" HOST "\r\n", 204, "" },
	{ "GET /nothing HTTP/1.1\r\n" HOST "\r\n", 404, "{\"detail\":\"Not Found\"}" },
	{ "PUT /items/7 HTTP/1.1\r\n" HOST "\r\n", 405, "{\"detail\":\"Method Not Allowed\"}" },
	{ "OPTIONS /items/7 HTTP/1.1\r\n" HOST "\r\n", 405, "" },
	{ "GET /items/%zz HTTP/1.1\r\n" HOST "\r\n", 400, "path" },
	{ "GET /items/7?q=%00 HTTP/1.1\r\n" HOST "\r\n", 400, "query" },
	{ "GET /items/7?q=%f HTTP/1.1\r\n" HOST "\r\n", 400, "query" },
	{ "GET /forget HTTP/1.1\r\n" HOST "\r\n", 500, "{\"detail\":\"Internal Server Error\"}" },
	{ "GET /bytes HTTP/1.1\r\n" HOST "\r\n", 500, "" },
};

static void requests_are_routed_and_answered(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		struct raw_response response;
		int status = raw_ask(raw_port(server), asks[i].request, &response);
		if (status != asks[i].status || !strstr(response.body, asks[i].body))
			fail_msg("%s: %s", asks[i].request, buffer_text(&response.text));
		assert_string_equal(raw_header(&response, "X-Content-Type-Options"), "nosniff");
		assert_non_null(raw_header(&response, "X-Request-Id"));
		if (status == 405)
			assert_string_equal(raw_header(&response, "Allow"), "GET, HEAD, POST, DELETE");
		if (*response.body)
			assert_string_equal(raw_header(&response, "Content-Type"), "application/json");
		raw_free(&response);
	}
	http_server_free(server);
}

static void head_is_get_without_the_body(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	struct raw_response response;
	char got[4096];
	int fd = raw_connect(raw_port(server));
	raw_send(fd, "HEAD /items/7 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	raw_read(fd, &response); /* waits for a body until the end */
	snprintf(got, sizeof got, "%s", buffer_text(&response.text));
	assert_int_equal(response.status, 200);
	assert_true(response.ended);
	assert_string_equal(response.body, "");
	assert_true(strtol(raw_header(&response, "Content-Length"), NULL, 10) > 50);
	assert_string_equal(raw_header(&response, "X-Made"), "yes");
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void a_connection_serves_many_requests(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	int fd = raw_connect(raw_port(server));
	for (int i = 0; i < 100; i++) {
		struct raw_response response;
		raw_send(fd, "GET /items/7 HTTP/1.1\r\n" HOST "\r\n");
		raw_read(fd, &response);
		assert_int_equal(response.status, 200);
		raw_free(&response);
	}
	close(fd);
	http_server_free(server);
}

static void a_client_that_ends_its_side_still_gets_its_answer(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	struct raw_response response;
	int fd = raw_connect(raw_port(server));
	raw_send(fd, "GET /block HTTP/1.1\r\n" HOST "\r\n");
	shutdown(fd, SHUT_WR);
	sem_wait(&entered);
	sem_post(&release);
	raw_read(fd, &response);
	assert_string_equal(response.body, "done");
	assert_true(raw_closed(fd));
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static const struct {
	const char *given;  /* header lines */
	const char *echoed; /* NULL: one of our own */
} ids[] = {
	{ "X-Request-Id: abc-DEF_1.2:3\r\n", "abc-DEF_1.2:3" },
	{ "", NULL },
	{ "X-Request-Id: has space\r\n", NULL },
	{ "X-Request-Id: \r\n", NULL },
	{ "X-Request-Id: \xc3\xa9\r\n", NULL },
	{ "X-Request-Id: 0123456789012345678901234567890123456789012345678901234567890123\r\n",
	  "0123456789012345678901234567890123456789012345678901234567890123" },
	{ "X-Request-Id: 01234567890123456789012345678901234567890123456789012345678901234\r\n", NULL },
};

static void request_ids_are_taken_over_when_safe(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct raw_response response;
		char request[256];
		snprintf(request, sizeof request, "GET /items/7 HTTP/1.1\r\n" HOST "%s\r\n", ids[i].given);
		assert_int_equal(raw_ask(raw_port(server), request, &response), 200);
		const char *id = raw_header(&response, "X-Request-Id");
		if (ids[i].echoed)
			assert_string_equal(id, ids[i].echoed);
		else
			assert_int_equal(strspn(id, "0123456789abcdef"), 16);
		raw_free(&response);
	}
	http_server_free(server);
}

static const struct {
	const char *headers;
	bool loopback;
} trusts[] = {
	{ "Host: localhost\r\n", true },
	{ "Host: LocalHost:8001\r\n", true },
	{ "Host: 127.0.0.1\r\n", true },
	{ "Host: 127.8.9.10:80\r\n", true },
	{ "Host: [::1]\r\n", true },
	{ "Host: [::1]:8001\r\n", true },
	{ "Host: example.org\r\n", false },
	{ "Host: 127.example.org\r\n", false },
	{ "Host: 127.0.0.1.example.org\r\n", false },
	{ "Host: localhost.example.org\r\n", false },
	{ "Host: localhost:80@example.org\r\n", false },
	{ "Host: [::1]example.org\r\n", false },
	{ "Host: [::2]\r\n", false },
	{ "Host: \r\n", false },
	{ "Host: localhost\r\nForwarded: for=1.2.3.4\r\n", false },
	{ "Host: localhost\r\nx-forwarded-for: 1.2.3.4\r\n", false },
	{ "Host: localhost\r\nX-Forwarded-Host: a\r\n", false },
};

static void only_loopback_is_trusted(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	for (size_t i = 0; i < sizeof trusts / sizeof trusts[0]; i++) {
		struct raw_response response;
		char request[256];
		snprintf(request, sizeof request, "GET /items/7 HTTP/1.1\r\n%s\r\n", trusts[i].headers);
		assert_int_equal(raw_ask(raw_port(server), request, &response), 200);
		if (!strstr(response.body, trusts[i].loopback ? "\"loopback\":true" : "\"loopback\":false"))
			fail_msg("%s: %s", trusts[i].headers, response.body);
		raw_free(&response);
	}
	http_server_free(server);
}

static void admission_comes_before_the_route(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	struct raw_response response;
	admitting = true;
	assert_int_equal(raw_ask(raw_port(server), "GET /nothing HTTP/1.1\r\n" HOST "\r\n", &response), 401);
	raw_free(&response);
	assert_int_equal(raw_ask(raw_port(server),
				 "GET /nothing HTTP/1.1\r\n" HOST "Authorization: x\r\n\r\n", &response),
			 404);
	raw_free(&response);
	http_server_free(server);
}

static void errors_take_the_shape_that_the_role_chose(void **state)
{
	struct http_server *server = serve((struct http_server_options){ .reply_error = reply_error });
	struct raw_response response;
	raw_ask(raw_port(server), "GET /nothing HTTP/1.1\r\n" HOST "\r\n", &response);
	assert_string_equal(response.body, "{\"error\":\"Not Found\"}");
	raw_free(&response);
	raw_ask(raw_port(server), "GET / HTTP/1.1\r\n\r\n", &response);
	assert_string_equal(response.body, "{\"error\":\"HTTP/1.1 requests must have a Host header\"}");
	raw_free(&response);
	http_server_free(server);
}

static bool has_answer(int fd)
{
	char first;
	return recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

static void a_full_queue_is_503(void **state)
{
	enum { MANY = 10, FIT = 2 /* one runs, one waits */ };
	struct http_server *server = serve((struct http_server_options){ .threads = 1, .queue = 1 });
	struct raw_response response;
	int fds[MANY], answered = 0, good = 0;
	fds[0] = raw_connect(raw_port(server));
	raw_send(fds[0], "GET /block HTTP/1.1\r\n" HOST "\r\n");
	sem_wait(&entered);
	for (int i = 1; i < MANY; i++) {
		fds[i] = raw_connect(raw_port(server));
		raw_send(fds[i], "GET /block HTTP/1.1\r\n" HOST "\r\n");
	}
	for (int i = 0; i < 2000 && answered < MANY - FIT; i++) {
		answered = 0;
		for (int k = 0; k < MANY; k++)
			answered += has_answer(fds[k]);
		sleep_ms(5);
	}
	assert_int_equal(answered, MANY - FIT);
	for (int i = 0; i < FIT; i++)
		sem_post(&release);
	for (int i = 0; i < MANY; i++) {
		raw_read(fds[i], &response);
		good += response.status == 200;
		if (response.status == 503)
			assert_string_equal(raw_header(&response, "Retry-After"), "1");
		raw_free(&response);
		close(fds[i]);
	}
	assert_int_equal(good, FIT);
	http_server_free(server);
}

static void a_stop_lets_handlers_finish(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	struct raw_response response;
	int port = raw_port(server);
	int busy = raw_connect(port), idle = raw_connect(port);
	raw_send(idle, "GET /items/7 HTTP/1.1\r\n" HOST "\r\n");
	raw_read(idle, &response);
	raw_free(&response);
	raw_send(busy, "GET /block HTTP/1.1\r\n" HOST "\r\n");
	sem_wait(&entered);
	sem_post(&release);
	http_server_stop(server, 5000);

	raw_read(busy, &response);
	assert_int_equal(response.status, 200);
	assert_true(raw_closed(busy));
	assert_true(raw_closed(idle));
	raw_free(&response);
	close(busy);
	close(idle);
	http_server_free(server);
}

static void a_stop_waits_no_longer_than_its_grace(void **state)
{
	struct http_server *server = serve((struct http_server_options){ 0 });
	int fd = raw_connect(raw_port(server));
	raw_send(fd, "GET /block HTTP/1.1\r\n" HOST "\r\n");
	sem_wait(&entered);
	http_server_stop(server, 100); /* returns although the handler has not */
	sem_post(&release);
	http_server_free(server);
	assert_true(raw_closed(fd));
	close(fd);
}

static void a_stopped_port_can_be_listened_on_again(void **state)
{
	struct http_server *first = serve((struct http_server_options){ 0 });
	struct raw_response response;
	char listen[64];
	snprintf(listen, sizeof listen, "127.0.0.1:%d", raw_port(first));
	assert_int_equal(raw_ask(raw_port(first), "GET /items/7 HTTP/1.1\r\n" HOST "\r\n", &response), 200);
	raw_free(&response);

	struct http_server *second = NULL;
	struct error err = { 0 };
	struct http_server_options options = { .listen = listen, .threads = 1, .connections = 10 };
	assert_int_equal(http_server_start(&options, &second, &err), -EADDRINUSE);
	assert_non_null(strstr(err.text, "address already in use (another arena, or another program?)"));
	http_server_free(first);
	second = serve((struct http_server_options){ .listen = listen });
	http_server_free(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_routed_and_answered),
		cmocka_unit_test(head_is_get_without_the_body),
		cmocka_unit_test(a_connection_serves_many_requests),
		cmocka_unit_test(a_client_that_ends_its_side_still_gets_its_answer),
		cmocka_unit_test(request_ids_are_taken_over_when_safe),
		cmocka_unit_test(only_loopback_is_trusted),
		cmocka_unit_test(admission_comes_before_the_route),
		cmocka_unit_test(errors_take_the_shape_that_the_role_chose),
		cmocka_unit_test(a_full_queue_is_503),
		cmocka_unit_test(a_stop_lets_handlers_finish),
		cmocka_unit_test(a_stop_waits_no_longer_than_its_grace),
		cmocka_unit_test(a_stopped_port_can_be_listened_on_again),
	};
	return cmocka_run_group_tests_name("net server", tests, NULL, NULL);
}
