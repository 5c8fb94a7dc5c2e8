/* The rule of the house for heads and chunked bodies, a row a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buffer.h"
#include "head.h"

#define HOST      "Host: a\r\n"
#define ROW(text) text, sizeof(text) - 1

static const struct {
	const char *story;
	const char *text;
	size_t size;
	int status;
	size_t length;
	bool chunked, expects_continue;
} heads[] = {
	{ "plain GET", ROW("GET / HTTP/1.1\r\n" HOST "\r\n"), .status = 0 },
	{ "every header that a browser sends",
	  ROW("GET /a?b=%20c HTTP/1.1\r\nHost: localhost:8001\r\nAccept: */*\r\nX-Empty:\r\nX-Tab: "
	      "a\tb\r\n\r\n"),
	  .status = 0 },
	{ "bytes beyond ASCII in a value", ROW("GET / HTTP/1.1\r\n" HOST "X: \xc3\xa9\r\n\r\n"),
	  .status = 0 },
	{ "a body", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 12\r\n\r\n"), .status = 0, .length = 12 },
	{ "an empty body", ROW("POST / HTTP/1.1\r\n" HOST "content-length: 0\r\n\r\n"), .status = 0 },
	{ "no body where none must be", ROW("DELETE / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"),
	  .status = 0 },
	{ "chunked", ROW("PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n"), .status = 0,
	  .chunked = true },
	{ "expectation", ROW("PATCH / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
	  .status = 0, .length = 1, .expects_continue = true },
	{ "expectation in 1.0", ROW("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
	  .status = 0, .length = 1 },
	{ "HTTP/1.0 without Host", ROW("GET / HTTP/1.0\r\n\r\n"), .status = 0 },

	/* who ends where: smuggling */
	{ "two differing lengths",
	  ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), .status = 400 },
	{ "two equal lengths",
	  ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), .status = 400 },
	{ "a list of lengths", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n"),
	  .status = 400 },
	{ "length and encoding",
	  ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
	  .status = 400 },
	{ "encoding and length",
	  ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"),
	  .status = 400 },
	{ "length with a sign", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n"), .status = 400 },
	{ "negative length", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"), .status = 400 },
	{ "hexadecimal length", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n"),
	  .status = 400 },
	{ "length with a space", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 1 2\r\n\r\n"),
	  .status = 400 },
	{ "length with a tab", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length:\t5\r\n\r\n"), .status = 400 },
	{ "empty length", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"), .status = 400 },
	{ "length that overflows",
	  ROW("POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551617\r\n\r\n"), .status = 400 },
	{ "unknown encoding", ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n"),
	  .status = 501 },
	{ "encoding list", ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
	  .status = 501 },
	{ "encoding after a tab", ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\tchunked\r\n\r\n"),
	  .status = 501 },
	{ "encoding with a tab behind",
	  ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\t\r\n\r\n"), .status = 501 },
	{ "two encodings",
	  ROW("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
	  .status = 400 },
	{ "encoding in 1.0", ROW("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), .status = 400 },
	{ "a GET with a body", ROW("GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"), .status = 400 },
	{ "a DELETE with a chunked body",
	  ROW("DELETE / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"), .status = 400 },
	{ "space before the colon", ROW("POST / HTTP/1.1\r\n" HOST "Content-Length : 5\r\n\r\n"),
	  .status = 400 },
	{ "folded line", ROW("POST / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"), .status = 400 },
	{ "folded by a tab", ROW("POST / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n"), .status = 400 },
	{ "folded first header", ROW("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), .status = 400 },
	{ "NUL in a value", ROW("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"), .status = 400 },
	{ "NUL in a name", ROW("GET / HTTP/1.1\r\n" HOST "X\0Y: a\r\n\r\n"), .status = 400 },
	{ "NUL as a line", ROW("GET / HTTP/1.1\r\n" HOST "\0\r\n\r\n"), .status = 400 },
	{ "NUL in the target", ROW("GET /\0 HTTP/1.1\r\n" HOST "\r\n"), .status = 400 },
	{ "carriage return within a value", ROW("GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"), .status = 400 },
	{ "bare line feeds", ROW("GET / HTTP/1.1\nHost: a\n\n"), .status = 400 },
	{ "one bare line feed", ROW("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"), .status = 400 },
	{ "control character in a value", ROW("GET / HTTP/1.1\r\n" HOST "X: \x01\r\n\r\n"), .status = 400 },

	/* hosts and lines */
	{ "no Host", ROW("GET / HTTP/1.1\r\n\r\n"), .status = 400 },
	{ "two Hosts", ROW("GET / HTTP/1.1\r\n" HOST HOST "\r\n"), .status = 400 },
	{ "header without a colon", ROW("GET / HTTP/1.1\r\n" HOST "nonsense\r\n\r\n"), .status = 400 },
	{ "header without a name", ROW("GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n"), .status = 400 },
	{ "no version", ROW("GET /\r\n" HOST "\r\n"), .status = 400 },
	{ "version 2", ROW("GET / HTTP/2.0\r\n" HOST "\r\n"), .status = 505 },
	{ "version 1.10", ROW("GET / HTTP/1.10\r\n" HOST "\r\n"), .status = 505 },
	{ "unknown method", ROW("BREW / HTTP/1.1\r\n" HOST "\r\n"), .status = 501 },
	{ "method in small letters", ROW("get / HTTP/1.1\r\n" HOST "\r\n"), .status = 501 },
	{ "TRACE", ROW("TRACE / HTTP/1.1\r\n" HOST "\r\n"), .status = 501 },
	{ "a proxy's target", ROW("GET http://a/ HTTP/1.1\r\n" HOST "\r\n"), .status = 400 },
	{ "a target like an authority", ROW("GET //a:b/c HTTP/1.1\r\n" HOST "\r\n"), .status = 400 },
	{ "a target with a space", ROW("GET /a b HTTP/1.1\r\n" HOST "\r\n"), .status = 400 },
	{ "two spaces", ROW("GET  / HTTP/1.1\r\n" HOST "\r\n"), .status = 400 },
	{ "a fragment", ROW("GET /#a HTTP/1.1\r\n" HOST "\r\n"), .status = 400 },
	{ "a target beyond ASCII", ROW("GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"), .status = 400 },
	{ "another expectation", ROW("POST / HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n"), .status = 417 },
};

static void every_head_gets_its_status(void **state)
{
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		struct head head = { 0 };
		const char *why = NULL;
		size_t scanned = 0;
		if (head_end(heads[i].text, heads[i].size, &scanned) != heads[i].size)
			fail_msg("%s: the head does not end where it should", heads[i].story);
		int status = head_check(heads[i].text, heads[i].size, &head, &why);
		if (status != heads[i].status)
			fail_msg("%s: %d (%s), expected %d", heads[i].story, status, why, heads[i].status);
		if (status && (!why || !*why))
			fail_msg("%s: no reason given", heads[i].story);
		if (status == 0 &&
		    (head.content_length != heads[i].length || head.chunked != heads[i].chunked ||
		     head.expects_continue != heads[i].expects_continue))
			fail_msg("%s: read wrongly", heads[i].story);
	}
}

static void too_many_headers_are_refused(void **state)
{
	cleanup_buffer struct buffer text = { 0 };
	struct head head;
	const char *why;
	buffer_puts(&text, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < 100; i++)
		buffer_puts(&text, "X: y\r\n");
	buffer_puts(&text, "\r\n");
	assert_int_equal(head_check(text.data, text.size, &head, &why), 431);
}

static void the_end_is_found_however_the_bytes_arrive(void **state)
{
	const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
	size_t scanned = 0, end = 0;
	for (size_t size = 1; size < sizeof text && end == 0; size++) {
		end = head_end(text, size, &scanned);
		assert_true(end == 0 || end == size);
	}
	assert_int_equal(end, strlen("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
}

static const struct {
	const char *story;
	const char *text;
	long used; /* -1: malformed; fewer than all: what follows is another request's */
	bool done;
	size_t total;
} bodies[] = {
	{ "one chunk", "5\r\nhello\r\n0\r\n\r\n", 15, true, 5 },
	{ "two chunks", "1\r\na\r\n02\r\nbc\r\n0\r\n\r\n", 18 + 1, true, 3 },
	{ "none", "0\r\n\r\n", 5, true, 0 },
	{ "hexadecimal", "A\r\n0123456789\r\n0\r\n\r\n", 20, true, 10 },
	{ "pipelined", "0\r\n\r\nGET", 5, true, 0 },
	{ "not yet whole", "5\r\nhel", 6, false, 5 },
	{ "sign", "+5\r\nhello\r\n0\r\n\r\n", .used = -1 },
	{ "prefix", "0x5\r\nhello\r\n0\r\n\r\n", .used = -1 },
	{ "space before", " 5\r\nhello\r\n0\r\n\r\n", .used = -1 },
	{ "space behind", "5 \r\nhello\r\n0\r\n\r\n", .used = -1 },
	{ "extension", "5;a=b\r\nhello\r\n0\r\n\r\n", .used = -1 },
	{ "no size", "\r\n\r\n", .used = -1 },
	{ "size that overflows", "FFFFFFFFFFFFFFFF1\r\n", .used = -1 },
	{ "nine digits", "000000001\r\n", .used = -1 },
	{ "bare line feed", "5\nhello\n0\n\n", .used = -1 },
	{ "data longer than said", "4\r\nhello\r\n0\r\n\r\n", .used = -1 },
	{ "data shorter than said", "6\r\nhello\r\n0\r\n\r\n", .used = -1 },
	{ "trailer", "0\r\nX: y\r\n\r\n", .used = -1 },
};

static void every_chunked_body_is_followed_strictly(void **state)
{
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		size_t size = strlen(bodies[i].text);
		/* Whole, and byte by byte. */
		for (size_t step = 1; step <= size; step += size - 1) {
			struct chunks chunks = { 0 };
			long used = 0;
			for (size_t at = 0; at < size && chunks.step != CHUNKS_DONE && used >= 0;
			     at += step) {
				long fed = chunks_feed(&chunks, bodies[i].text + at, step);
				used = fed < 0 ? -1 : used + fed;
			}
			if (used != bodies[i].used)
				fail_msg("%s: used %ld, expected %ld", bodies[i].story, used, bodies[i].used);
			if (used >= 0 && (chunks.total != bodies[i].total ||
					  (chunks.step == CHUNKS_DONE) != bodies[i].done))
				fail_msg("%s: read wrongly", bodies[i].story);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_head_gets_its_status),
		cmocka_unit_test(too_many_headers_are_refused),
		cmocka_unit_test(the_end_is_found_however_the_bytes_arrive),
		cmocka_unit_test(every_chunked_body_is_followed_strictly),
	};
	return cmocka_run_group_tests_name("net head", tests, NULL, NULL);
}
