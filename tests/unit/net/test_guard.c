/* The guard in front of a real server: what a hostile client sends, byte by byte, and that no byte of it is
 * ever taken for a second request. */
#include "raw.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHORT_MS = 300, BODY_MAX = 4096, ANSWER_BYTES = 32 << 20 };

static atomic_int handled, victims;

static void echo(struct http_exchange *x)
{
	size_t size;
	const char *body = http_body(x, &size);
	handled++;
	http_reply(x, 200, "text/plain", body, size);
}

/* Nothing asks for this: a run of it is a smuggled request. */
static void victim(struct http_exchange *x)
{
	victims++;
	http_reply_empty(x, 204);
}

static void flood(struct http_exchange *x)
{
	char *body = calloc(1, ANSWER_BYTES);
	http_reply(x, 200, "application/octet-stream", body, ANSWER_BYTES);
	free(body);
}

static const struct http_route routes[] = {
	{ "POST", "/echo", echo },
	{ "GET", "/echo", echo },
	{ "GET", "/victim", victim },
	{ "GET", "/flood", flood },
};

static struct http_server *serve(int64_t head_ms, int64_t body_ms, int64_t idle_ms)
{
	handled = victims = 0;
	return raw_serve((struct http_server_options){ .routes = routes,
						       .route_count = 4,
						       .body_bytes = BODY_MAX,
						       .head_ms = head_ms,
						       .body_ms = body_ms,
						       .idle_ms = idle_ms });
}

#define HOST      "Host: a\r\n"
#define NEXT      "GET /victim HTTP/1.1\r\n" HOST "\r\n"
#define ROW(text) text, sizeof(text) - 1

static const struct {
	const char *story;
	const char *text;
	size_t size;
	int status;
} refusals[] = {
	{ "two differing lengths",
	  ROW("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 49\r\n\r\nabc" NEXT),
	  400 },
	{ "length and encoding",
	  ROW("POST /echo HTTP/1.1\r\n" HOST
	      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
	  400 },
	{ "unknown encoding",
	  ROW("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" NEXT), 501 },
	{ "hidden encoding",
	  ROW("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" NEXT), 400 },
	{ "NUL in a header", ROW("GET /echo HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n" NEXT), 400 },
	{ "NUL that ends the head", ROW("GET /echo HTTP/1.1\r\n" HOST "\0X: a\r\n" NEXT "\r\n"), 400 },
	{ "missing Host", ROW("GET /echo HTTP/1.1\r\n\r\n" NEXT), 400 },
	{ "two Hosts", ROW("GET /echo HTTP/1.1\r\n" HOST "Host: b\r\n\r\n" NEXT), 400 },
	{ "folding", ROW("GET /echo HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n" NEXT), 400 },
	{ "signed length", ROW("POST /echo HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc" NEXT), 400 },
	{ "negative length", ROW("POST /echo HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\nabc" NEXT), 400 },
	{ "hexadecimal length", ROW("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\nabc" NEXT),
	  400 },
	{ "a body for GET", ROW("GET /echo HTTP/1.1\r\n" HOST "Content-Length: 46\r\n\r\n" NEXT), 400 },
	{ "bare line feeds", ROW("GET /echo HTTP/1.1\nHost: a\n\n" NEXT), 400 },
	{ "signed chunk",
	  ROW("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" NEXT), 400 },
	{ "trailer",
	  ROW("POST /echo HTTP/1.1\r\n" HOST
	      "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 9\r\n\r\n" NEXT),
	  400 },
	{ "announced too large", ROW("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4097\r\n\r\n" NEXT),
	  413 },
	{ "announced too large, politely",
	  ROW("POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 4097\r\n\r\n"), 413 },
	{ "a chunk too large",
	  ROW("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1001\r\n" NEXT), 413 },
	{ "unknown method", ROW("BREW /echo HTTP/1.1\r\n" HOST "\r\n" NEXT), 501 },
	{ "no HTTP at all", ROW("\x16\x03\x01\x02\x00\x01\r\n\r\n"), 400 },
};

static void bad_requests_are_refused_and_the_connection_ends(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		struct raw_response response;
		int fd = raw_connect(raw_port(server));
		raw_send_bytes(fd, refusals[i].text, refusals[i].size);
		raw_read(fd, &response);
		if (response.status != refusals[i].status)
			fail_msg("%s: %s", refusals[i].story, buffer_text(&response.text));
		if (strncmp(response.body, "{\"detail\":\"", 11) != 0)
			fail_msg("%s: not our shape: %s", refusals[i].story, response.body);
		assert_string_equal(raw_header(&response, "Connection"), "close");
		assert_true(raw_closed(fd));
		raw_free(&response);
		close(fd);
	}
	assert_int_equal(handled, 0);
	assert_int_equal(victims, 0);
	http_server_free(server);
}

static void the_limit_of_a_body_is_named(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	struct raw_response response;
	raw_ask(raw_port(server), "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999\r\n\r\n", &response);
	assert_non_null(strstr(response.body, "at most 4096 bytes"));
	raw_free(&response);
	http_server_free(server);
}

static void an_answer_survives_a_client_that_goes_on_sending(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	struct raw_response response;
	static char junk[1 << 20];
	int fd = raw_connect(raw_port(server));
	raw_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n");
	raw_send_bytes(fd, junk, sizeof junk);
	raw_read(fd, &response);
	assert_int_equal(response.status, 413);
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void a_head_that_is_too_large_is_refused(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	struct raw_response response;
	char *text = malloc(20000 + 1);
	memset(text, 'a', 20000);
	text[20000] = '\0';
	memcpy(text, "GET /echo HTTP/1.1\r\nX: ", 23);
	assert_int_equal(raw_ask(raw_port(server), text, &response), 431);
	raw_free(&response);
	free(text);
	http_server_free(server);
}

static void a_body_of_the_largest_size_passes(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	struct raw_response response;
	char *text = calloc(1, BODY_MAX + 100);
	int head = sprintf(text, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n", BODY_MAX);
	memset(text + head, 'x', BODY_MAX);
	assert_int_equal(raw_ask(raw_port(server), text, &response), 200);
	assert_string_equal(response.body, text + head);
	raw_free(&response);
	free(text);
	http_server_free(server);
}

static void a_chunked_body_arrives_whole(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	struct raw_response response;
	const char *text = "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
			   "5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\n\r\n";
	int fd = raw_connect(raw_port(server));
	for (const char *at = text; *at; at++)
		raw_send_bytes(fd, at, 1);
	raw_read(fd, &response);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, "hello, world");
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void an_expectation_is_met(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	struct raw_response response;
	int fd = raw_connect(raw_port(server));
	for (int round = 0; round < 2; round++) {
		raw_send(fd,
			 "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
		raw_read(fd, &response);
		assert_int_equal(response.status, 100);
		raw_free(&response);
		raw_send(fd, "hello");
		raw_read(fd, &response);
		assert_int_equal(response.status, 200);
		assert_string_equal(response.body, "hello");
		raw_free(&response);
	}
	close(fd);
	http_server_free(server);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct http_server *server = serve(0, 0, 0);
	struct raw_response response;
	int fd = raw_connect(raw_port(server));
	raw_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n1"
		     "\r\n" /* some clients of old */
		     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n"
		     "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\nConnection: close\r\n\r\n3");
	for (int i = 0; i < 3; i++) {
		/* All three may come in one read: look for the bodies in the whole text. */
		raw_read(fd, &response);
		if (response.text.size > 600)
			i = 2;
		raw_free(&response);
	}
	assert_true(raw_closed(fd));
	assert_int_equal(handled, 3);
	close(fd);
	http_server_free(server);
}

static void one_byte_at_a_time_does_not_move_the_deadline_of_a_head(void **state)
{
	struct http_server *server = serve(SHORT_MS, 0, 0);
	struct raw_response response;
	int fd = raw_connect(raw_port(server));
	char waiting;
	raw_send(fd, "GET /echo HTTP/1.1\r\nX: ");
	/* Drips until there is an answer; without the deadline that is never. */
	for (int i = 0; i < 400 && recv(fd, &waiting, 1, MSG_PEEK | MSG_DONTWAIT) < 0; i++) {
		raw_send(fd, "a");
		sleep_ms(20);
	}
	raw_read(fd, &response);
	assert_int_equal(response.status, 408);
	assert_true(raw_closed(fd));
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void one_byte_at_a_time_does_not_move_the_deadline_of_a_body(void **state)
{
	struct http_server *server = serve(0, SHORT_MS, 0);
	struct raw_response response;
	int fd = raw_connect(raw_port(server));
	char waiting;
	raw_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n");
	for (int i = 0; i < 400 && recv(fd, &waiting, 1, MSG_PEEK | MSG_DONTWAIT) < 0; i++) {
		raw_send(fd, "a");
		sleep_ms(20);
	}
	raw_read(fd, &response);
	assert_int_equal(response.status, 408);
	assert_int_equal(handled, 0);
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void a_silent_connection_is_closed(void **state)
{
	struct http_server *server = serve(SHORT_MS, 0, 0);
	struct raw_response response;
	int fd = raw_connect(raw_port(server));
	raw_read(fd, &response);
	assert_int_equal(response.status, 0);
	assert_true(response.ended);
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void an_idle_connection_is_closed_in_silence(void **state)
{
	struct http_server *server = serve(0, 0, SHORT_MS);
	struct raw_response response;
	int fd = raw_connect(raw_port(server));
	raw_send(fd, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
	raw_read(fd, &response);
	assert_int_equal(response.status, 200);
	raw_free(&response);
	raw_read(fd, &response);
	assert_int_equal(response.status, 0);
	assert_true(response.ended);
	raw_free(&response);
	close(fd);
	http_server_free(server);
}

static void who_does_not_read_the_answer_is_closed(void **state)
{
	struct http_server *server = serve(0, SHORT_MS, 0);
	int fd = raw_connect(raw_port(server));
	int small = 4096;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	raw_send(fd, "GET /flood HTTP/1.1\r\n" HOST "\r\n");
	/* Reads a little now and then, which must not move the deadline; in the end there is nothing more. */
	char bytes[64];
	ssize_t got = 1, total = 0;
	for (int i = 0; i < 2000 && got > 0; i++) {
		got = recv(fd, bytes, sizeof bytes, 0);
		total += got > 0 ? got : 0;
		sleep_ms(5);
	}
	assert_true(got <= 0);
	assert_true(total < ANSWER_BYTES);
	close(fd);
	http_server_free(server);
}

static void a_reader_that_is_fair_gets_all_of_it(void **state)
{
	struct http_server *server = serve(0, SHORT_MS, 0);
	static char bytes[1 << 20];
	int fd = raw_connect(raw_port(server));
	ssize_t got, total = 0;
	raw_send(fd, "GET /flood HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0) {
		total += got;
		sleep_ms(25); /* 32 of them: more than twice the deadline */
	}
	assert_true(total > ANSWER_BYTES);
	close(fd);
	http_server_free(server);
}

static void connections_beyond_the_cap_wait_for_a_place(void **state)
{
	struct http_server *server = raw_serve(
		(struct http_server_options){ .routes = routes, .route_count = 4, .connections = 4 });
	struct raw_response response;
	int fds[5];
	for (int i = 0; i < 5; i++)
		fds[i] = raw_connect(raw_port(server));
	for (int i = 0; i < 4; i++) {
		raw_send(fds[i], "GET /echo HTTP/1.1\r\n" HOST "\r\n");
		raw_read(fds[i], &response);
		assert_int_equal(response.status, 200);
		raw_free(&response);
	}
	raw_send(fds[4], "GET /echo HTTP/1.1\r\n" HOST "\r\n");
	sleep_ms(100);
	assert_int_equal(handled, 4);
	close(fds[0]);
	raw_read(fds[4], &response);
	assert_int_equal(response.status, 200);
	raw_free(&response);
	for (int i = 1; i < 5; i++)
		close(fds[i]);
	http_server_free(server);
}

static int zero(void **state)
{
	handled = victims = 0;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_requests_are_refused_and_the_connection_ends),
		cmocka_unit_test(the_limit_of_a_body_is_named),
		cmocka_unit_test(an_answer_survives_a_client_that_goes_on_sending),
		cmocka_unit_test(a_head_that_is_too_large_is_refused),
		cmocka_unit_test(a_body_of_the_largest_size_passes),
		cmocka_unit_test(a_chunked_body_arrives_whole),
		cmocka_unit_test(an_expectation_is_met),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(one_byte_at_a_time_does_not_move_the_deadline_of_a_head),
		cmocka_unit_test(one_byte_at_a_time_does_not_move_the_deadline_of_a_body),
		cmocka_unit_test(a_silent_connection_is_closed),
		cmocka_unit_test(an_idle_connection_is_closed_in_silence),
		cmocka_unit_test(who_does_not_read_the_answer_is_closed),
		cmocka_unit_test(a_reader_that_is_fair_gets_all_of_it),
		cmocka_unit_test_setup(connections_beyond_the_cap_wait_for_a_place, zero),
	};
	return cmocka_run_group_tests_name("net guard", tests, NULL, NULL);
}
