/* WebSocket over real sockets, frame by frame: the handshake, what clients may send, what ends the stream and with
 * which code, and what the protocol's state costs in between. */
#include "raw.h"

#include <endian.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"
#include "websocket.h"

#define KEY     "dGhlIHNhbXBsZSBub25jZQ==" /* RFC 6455's example, and its answer */
#define ACCEPT  "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define UPGRADE "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#define GOOD    UPGRADE "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n"

static atomic_int version, parks, destroyed;
static atomic_bool final;
static char message[100000];

struct seen {
	int version;
};

static void note_destroyed(void *memory)
{
	destroyed++;
}

static void watch(struct http_exchange *x)
{
	struct seen *seen = http_memory(x, sizeof *seen, note_destroyed);
	int now = version;
	if (!http_stream_start(x, HTTP_WEBSOCKET))
		return;
	if (now > seen->version)
		http_stream_send(x, NULL, NULL, message);
	seen->version = now;
	http_stream_close_code(x, 4001, "all said");
	if (!final && http_park(x, "a", 60000))
		parks++;
}

static const struct http_route routes[] = { { "GET", "/ws", watch }, { "POST", "/ws", watch } };

static struct http_server *serve(void)
{
	version = 1;
	parks = destroyed = 0;
	final = false;
	snprintf(message, sizeof message, "{\"version\":1}");
	return raw_serve((struct http_server_options){
		.routes = routes, .route_count = 2, .body_ms = 700, .origins = "https://listed.example" });
}

static void wait_until(atomic_int *count, int wanted)
{
	for (int i = 0; i < 2000 && *count < wanted; i++)
		sleep_ms(5);
	assert_true(*count >= wanted);
}

static void receive(int fd, void *bytes, size_t size)
{
	char *at = bytes;
	while (size > 0) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		assert_int_equal(poll(&waiting, 1, 10000), 1);
		ssize_t got = recv(fd, at, size, 0);
		assert_true(got > 0);
		at += got;
		size -= (size_t)got;
	}
}

/* Up to the head's end and not a byte further. */
static void read_head(int fd, char head[1024])
{
	size_t size = 0;
	memset(head, 0, 1024);
	while (!strstr(head, "\r\n\r\n")) {
		assert_true(size < 1023);
		receive(fd, head + size++, 1);
	}
}

static int open_stream(struct http_server *server)
{
	char head[1024];
	int fd = raw_connect(raw_port(server));
	raw_send(fd, GOOD);
	read_head(fd, head);
	assert_non_null(strstr(head, "HTTP/1.1 101 Switching Protocols\r\n"));
	assert_non_null(strstr(head, "Sec-WebSocket-Accept: " ACCEPT "\r\n"));
	return fd;
}

struct frame {
	int opcode;
	size_t size;
	char payload[sizeof message];
};

static struct frame *read_frame(int fd)
{
	static struct frame frame;
	unsigned char start[2];
	uint16_t size16;
	uint64_t size64;
	receive(fd, start, sizeof start);
	assert_true(start[0] & 0x80);  /* whole */
	assert_false(start[1] & 0x80); /* servers do not mask */
	frame.opcode = start[0] & 0x0f;
	frame.size = start[1];
	if (frame.size == 126) {
		receive(fd, &size16, sizeof size16);
		frame.size = be16toh(size16);
	} else if (frame.size == 127) {
		receive(fd, &size64, sizeof size64);
		frame.size = be64toh(size64);
	}
	assert_true(frame.size < sizeof frame.payload);
	receive(fd, frame.payload, frame.size);
	frame.payload[frame.size] = '\0';
	return &frame;
}

static void expect_text(int fd, const char *text)
{
	const struct frame *frame = read_frame(fd);
	assert_int_equal(frame->opcode, 1);
	assert_string_equal(frame->payload, text);
}

static void expect_close(int fd, int code)
{
	const struct frame *frame = read_frame(fd);
	assert_int_equal(frame->opcode, 8);
	int found = frame->size < 2
			    ? 1005
			    : (unsigned char)frame->payload[0] << 8 | (unsigned char)frame->payload[1];
	assert_int_equal(found, code);
	assert_true(raw_closed(fd));
}

/* A masked frame; `first` is FIN, reserved bits and the opcode. */
static void send_frame(int fd, unsigned first, const char *payload, size_t size)
{
	static const unsigned char mask[4] = { 0x12, 0x34, 0x56, 0x78 };
	static char bytes[sizeof message + 16];
	size_t at = 0;
	bytes[at++] = (char)first;
	if (size < 126) {
		bytes[at++] = (char)(0x80 | size);
	} else {
		bytes[at++] = (char)(0x80 | 126);
		bytes[at++] = (char)(size >> 8);
		bytes[at++] = (char)size;
	}
	memcpy(bytes + at, mask, sizeof mask);
	at += sizeof mask;
	for (size_t i = 0; i < size; i++)
		bytes[at++] = (char)(payload[i] ^ mask[i % 4]);
	raw_send_bytes(fd, bytes, at);
}

static void say(int fd, unsigned first, const char *payload)
{
	send_frame(fd, first, payload, strlen(payload));
}

static void expect_alive(int fd)
{
	say(fd, 0x89, "still there?");
	const struct frame *frame = read_frame(fd);
	assert_int_equal(frame->opcode, 10);
	assert_string_equal(frame->payload, "still there?");
}

/* ---- the handshake ---- */

static const struct {
	const char *request;
	int status;
} handshakes[] = {
	{ "GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n", 426 },
	{ UPGRADE "Sec-WebSocket-Key: " KEY "\r\n\r\n", 426 },
	{ UPGRADE "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: " KEY "\r\n\r\n", 426 },
	{ UPGRADE "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY
		  "\r\n\r\n",
	  426 },
	{ UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n", 400 },
	{ UPGRADE "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n", 400 },
	{ UPGRADE "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=\r\n\r\n", 400 },
	{ UPGRADE "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: !GhlIHNhbXBsZSBub25jZQ==\r\n\r\n", 400 },
	{ UPGRADE "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Key: " KEY
		  "\r\n\r\n",
	  400 },
	{ UPGRADE "Origin: http://evil.example\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY
		  "\r\n\r\n",
	  403 },
	{ UPGRADE "Origin: null\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n", 403 },
	{ UPGRADE "Origin: http://localhost\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY
		  "\r\n\r\n",
	  101 },
	{ UPGRADE "Origin: https://listed.example\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY
		  "\r\n\r\n",
	  101 },
	{ "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c, WebSocket\r\nConnection: keep-alive, "
	  "upgrade\r\n"
	  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n",
	  101 },
	{ "GET /ws HTTP/1.0\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n",
	  426 },
	{ "POST /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	  "Content-Length: 0\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n",
	  426 },
};

static void handshakes_are_checked(void **state)
{
	struct http_server *server = serve();
	for (size_t i = 0; i < sizeof handshakes / sizeof handshakes[0]; i++) {
		struct raw_response response;
		int status = raw_ask(raw_port(server), handshakes[i].request, &response);
		if (status != handshakes[i].status)
			fail_msg("%s: %s", handshakes[i].request, buffer_text(&response.text));
		if (status == 426)
			assert_string_equal(raw_header(&response, "Sec-WebSocket-Version"), "13");
		raw_free(&response);
	}
	http_server_free(server);
}

/* ---- messages of ours ---- */

static void messages_come_and_the_end_is_said(void **state)
{
	struct http_server *server = serve();
	int fd = open_stream(server);
	expect_text(fd, "{\"version\":1}");
	wait_until(&parks, 1);
	memset(message, 'm', 300); /* a length of two bytes */
	message[300] = '\0';
	version = 2;
	http_wake(server, "a");
	expect_text(fd, message);
	wait_until(&parks, 2);
	memset(message, 'M', 70000); /* of eight */
	message[70000] = '\0';
	version = 3;
	final = true;
	http_wake(server, "a");
	expect_text(fd, message);
	const struct frame *frame = read_frame(fd);
	assert_int_equal(frame->opcode, 8);
	assert_memory_equal(frame->payload,
			    "\x0f\xa1"
			    "all said",
			    10);
	wait_until(&destroyed, 1);
	say(fd, 0x88, "\x0f\xa1");
	assert_true(raw_closed(fd));
	close(fd);
	http_server_free(server);
}

static void frames_sent_with_the_handshake_are_read(void **state)
{
	struct http_server *server = serve();
	char head[1024];
	int fd = raw_connect(raw_port(server));
	raw_send(fd, GOOD "\x89\x80\x01\x02\x03\x04"); /* an empty ping has a mask that says nothing */
	read_head(fd, head);
	expect_text(fd, "{\"version\":1}");
	assert_int_equal(read_frame(fd)->opcode, 10);
	close(fd);
	http_server_free(server);
}

static void a_stop_says_so(void **state)
{
	struct http_server *server = serve();
	int fd = open_stream(server);
	expect_text(fd, "{\"version\":1}");
	wait_until(&parks, 1);
	sleep_ms(50);
	say(fd, 0x88, ""); /* crosses it, or answers it */
	http_server_stop(server, 5000);
	assert_true(raw_closed(fd));
	wait_until(&destroyed, 1);
	close(fd);
	http_server_free(server);
}

static void a_client_may_close(void **state)
{
	struct http_server *server = serve();
	int fd = open_stream(server);
	expect_text(fd, "{\"version\":1}");
	say(fd, 0x88,
	    "\x03\xe8"
	    "bye");
	expect_close(fd, 1000);
	wait_until(&destroyed, 1);
	close(fd);
	http_server_free(server);
}

static void a_client_may_just_go(void **state)
{
	struct http_server *server = serve();
	int fd = open_stream(server);
	expect_text(fd, "{\"version\":1}");
	raw_send(fd, "\x81"); /* in the middle of a frame */
	close(fd);
	wait_until(&destroyed, 1);
	http_server_free(server);
}

/* ---- what clients send ---- */

static void what_is_harmless_is_forgotten(void **state)
{
	struct http_server *server = serve();
	static char long_text[WEBSOCKET_MESSAGE_MAX];
	memset(long_text, 'x', sizeof long_text);
	int fd = open_stream(server);
	expect_text(fd, "{\"version\":1}");
	say(fd, 0x81, "hello");
	expect_alive(fd);
	send_frame(fd, 0x81, long_text, sizeof long_text);
	expect_alive(fd);
	say(fd, 0x01, "in three ");
	say(fd, 0x00, "parts \xe2\x82"); /* the euro sign may be cut there */
	expect_alive(fd);                /* control frames stand in between */
	say(fd, 0x80, "\xac");
	expect_alive(fd);
	say(fd, 0x8a, "a pong that nobody asked for");
	expect_alive(fd);
	static const char slowly[] = "\x89\x82\x00\x00\x00\x00hi";
	for (size_t i = 0; i < sizeof slowly - 1; i++) {
		raw_send_bytes(fd, slowly + i, 1);
		sleep_ms(1);
	}
	assert_string_equal(read_frame(fd)->payload, "hi");
	close(fd);
	http_server_free(server);
}

static const struct {
	const char *what;
	const char *bytes;
	size_t size;
	int code;
} breaches[] = {
#define BYTES(text) text, sizeof(text) - 1
	{ "unmasked", BYTES("\x81\x02hi"), 1002 },
	{ "reserved bit",
	  BYTES("\xc1\x80"
		"0000"),
	  1002 },
	{ "reserved opcode",
	  BYTES("\x83\x80"
		"0000"),
	  1002 },
	{ "reserved control opcode",
	  BYTES("\x8b\x80"
		"0000"),
	  1002 },
	{ "fragmented ping",
	  BYTES("\x09\x80"
		"0000"),
	  1002 },
	{ "ping of 126 bytes",
	  BYTES("\x89\xfe\x00\x7e"
		"0000"),
	  1002 },
	{ "continuation of nothing",
	  BYTES("\x80\x80"
		"0000"),
	  1002 },
	{ "text within a text",
	  BYTES("\x01\x80"
		"0000"
		"\x81\x80"
		"0000"),
	  1002 },
	{ "length not written the short way",
	  BYTES("\x81\xfe\x00\x05"
		"0000"),
	  1002 },
	{ "length of 2^63",
	  BYTES("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00"
		"0000"),
	  1002 },
	{ "binary", BYTES("\x82\x81\x00\x00\x00\x00x"), 1003 },
	{ "no UTF-8", BYTES("\x81\x82\x00\x00\x00\x00\xc3\x28"), 1007 },
	{ "UTF-8 that ends too early", BYTES("\x81\x81\x00\x00\x00\x00\xc3"), 1007 },
	{ "surrogate", BYTES("\x81\x83\x00\x00\x00\x00\xed\xa0\x80"), 1007 },
	{ "no UTF-8 across fragments", BYTES("\x01\x81\x00\x00\x00\x00\xc3\x80\x81\x00\x00\x00\x00("), 1007 },
	{ "4097 bytes",
	  BYTES("\x81\xfe\x10\x01"
		"0000x"),
	  1009 },
	{ "2^62 bytes",
	  BYTES("\x81\xff\x40\x00\x00\x00\x00\x00\x00\x00"
		"0000x"),
	  1009 },
	/* 1005: a close frame without a code */
	{ "close of one byte", BYTES("\x88\x81\x00\x00\x00\x00\x03"), 1005 },
	{ "close with a code that is not for the wire", BYTES("\x88\x82\x00\x00\x00\x00\x03\xed"), 1002 },
	{ "close with a reason that is no UTF-8", BYTES("\x88\x83\x00\x00\x00\x00\x03\xe8\xff"), 1007 },
};

static void breaches_end_the_stream(void **state)
{
	struct http_server *server = serve();
	for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
		print_message("%s\n", breaches[i].what);
		int fd = open_stream(server);
		expect_text(fd, "{\"version\":1}");
		raw_send_bytes(fd, breaches[i].bytes, breaches[i].size);
		expect_close(fd, breaches[i].code);
		wait_until(&destroyed, (int)i + 1);
		close(fd);
	}
	http_server_free(server);
}

static void fragments_count_together(void **state)
{
	struct http_server *server = serve();
	static char half[2500];
	memset(half, 'x', sizeof half);
	int fd = open_stream(server);
	expect_text(fd, "{\"version\":1}");
	send_frame(fd, 0x01, half, sizeof half);
	send_frame(fd, 0x80, half, sizeof half);
	expect_close(fd, 1009);
	close(fd);
	http_server_free(server);
}

static void who_talks_all_the_time_is_asked_to_leave(void **state)
{
	struct http_server *server = serve();
	int fd = open_stream(server), pongs = 0;
	expect_text(fd, "{\"version\":1}");
	for (int i = 0; i < 400; i++)
		say(fd, 0x89, "x");
	const struct frame *frame;
	while ((frame = read_frame(fd))->opcode == 10)
		pongs++;
	assert_int_equal(frame->opcode, 8);
	assert_memory_equal(frame->payload, "\x03\xf0", 2); /* 1008 */
	assert_true(pongs < 400);
	assert_true(raw_closed(fd));
	wait_until(&destroyed, 1);
	close(fd);
	http_server_free(server);
}

static void half_a_frame_has_a_deadline(void **state)
{
	struct http_server *server = serve();
	int half = open_stream(server), message_open = open_stream(server), quiet = open_stream(server);
	raw_send(half, "\x81\xfe");
	say(message_open, 0x01, "and so on");
	wait_until(&destroyed, 2);
	assert_true(raw_closed(half));
	assert_true(raw_closed(message_open));
	expect_text(quiet, "{\"version\":1}");
	expect_alive(quiet);
	close(half);
	close(message_open);
	close(quiet);
	http_server_free(server);
}

static void who_does_not_answer_a_close_is_left(void **state)
{
	struct http_server *server = serve();
	final = true;
	int fd = open_stream(server);
	expect_text(fd, "{\"version\":1}");
	expect_close(fd, 4001); /* without a word from us; 5 s */
	close(fd);
	http_server_free(server);
}

/* ---- the protocol alone ---- */

static void quiet_ones_hold_nothing(void **state)
{
	cleanup_buffer struct buffer out = { 0 };
	struct websocket ws = { 0 };
	static const char ping[] = "\x89\x81\x00\x00\x00\x00x";
	for (size_t i = 0; i < sizeof ping - 2; i++) {
		assert_int_equal(websocket_feed(&ws, ping + i, 1, 0, &out), WEBSOCKET_OPEN);
		assert_non_null(ws.frames);
		assert_true(websocket_is_half_way(&ws));
	}
	assert_int_equal(websocket_feed(&ws, "x", 1, 0, &out), WEBSOCKET_OPEN);
	assert_null(ws.frames);
	assert_false(websocket_is_half_way(&ws));
	assert_string_equal(buffer_text(&out), "\x8a\x01x");
	assert_int_equal(websocket_close(&ws, 1000, NULL, &out), WEBSOCKET_CLOSING);
	assert_int_equal(websocket_feed(&ws,
					"\x88\x80"
					"0000",
					6, 0, &out),
			 WEBSOCKET_OVER);
	websocket_free(&ws);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handshakes_are_checked),
		cmocka_unit_test(messages_come_and_the_end_is_said),
		cmocka_unit_test(frames_sent_with_the_handshake_are_read),
		cmocka_unit_test(a_stop_says_so),
		cmocka_unit_test(a_client_may_close),
		cmocka_unit_test(a_client_may_just_go),
		cmocka_unit_test(what_is_harmless_is_forgotten),
		cmocka_unit_test(breaches_end_the_stream),
		cmocka_unit_test(fragments_count_together),
		cmocka_unit_test(who_talks_all_the_time_is_asked_to_leave),
		cmocka_unit_test(half_a_frame_has_a_deadline),
		cmocka_unit_test(who_does_not_answer_a_close_is_left),
		cmocka_unit_test(quiet_ones_hold_nothing),
	};
	return cmocka_run_group_tests_name("net websocket", tests, NULL, NULL);
}
