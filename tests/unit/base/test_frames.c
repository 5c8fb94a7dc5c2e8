/* Messages come out as they went in, however the stream cuts them; a broken stream is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/frames.h"

enum { MAX = 300000 };

struct stream {
	int in, out;
	struct frames frames;
};

static int open_stream(void **state)
{
	struct stream *stream = calloc(1, sizeof *stream);
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return -1;
	*stream = (struct stream){ .in = ends[0], .out = ends[1], .frames = { .max = MAX } };
	*state = stream;
	return 0;
}

static int close_stream(void **state)
{
	struct stream *stream = *state;

	frames_free(&stream->frames);
	close_fd(&stream->in);
	close_fd(&stream->out);
	free(stream);
	return 0;
}

static void put(struct stream *stream, const void *bytes, size_t size)
{
	assert_int_equal(write(stream->out, bytes, size), (ssize_t)size);
}

static int next(struct stream *stream, const char **bytes, size_t *size)
{
	int code;

	while ((code = frames_next(&stream->frames, bytes, size)) == 0)
		if (frames_read(&stream->frames, stream->in) <= 0)
			return 0;
	return code;
}

static void byte_by_byte(void **state)
{
	struct stream *stream = *state;
	cleanup_buffer struct buffer out = { 0 };
	const char *bytes;
	size_t size;

	assert_int_equal(frame_append(&out, "hello", 5, MAX), 0);
	assert_int_equal(frame_append(&out, "", 0, MAX), 0);
	assert_int_equal(frame_append(&out, "a\0b", 3, MAX), 0);
	for (size_t i = 0; i < out.size; i++) {
		put(stream, out.data + i, 1);
		assert_int_equal(frames_read(&stream->frames, stream->in), 1);
	}
	assert_int_equal(frames_next(&stream->frames, &bytes, &size), 1);
	assert_int_equal(size, 5);
	assert_memory_equal(bytes, "hello", 5);
	assert_int_equal(frames_next(&stream->frames, &bytes, &size), 1);
	assert_int_equal(size, 0);
	assert_int_equal(frames_next(&stream->frames, &bytes, &size), 1);
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	assert_int_equal(frames_next(&stream->frames, &bytes, &size), 0);
}

static void many_of_all_sizes(void **state)
{
	struct stream *stream = *state;
	cleanup_buffer struct buffer out = { 0 };
	char *text = malloc(MAX);
	const char *bytes;
	size_t size;

	memset(text, 'x', MAX);
	for (size_t wanted = 1; wanted <= MAX; wanted = wanted * 3 + 1) {
		buffer_clear(&out);
		assert_int_equal(frame_append(&out, text, wanted, MAX), 0);
		for (size_t at = 0; at < out.size;) { /* a socket does not take all of it at once */
			size_t part = out.size - at < 50000 ? out.size - at : 50000;

			put(stream, out.data + at, part);
			at += part;
			while (recv(stream->in, text, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
				assert_true(frames_read(&stream->frames, stream->in) > 0);
		}
		memset(text, 'x', MAX);
		assert_int_equal(next(stream, &bytes, &size), 1);
		assert_int_equal(size, wanted);
		assert_memory_equal(bytes, text, wanted);
	}
	free(text);
}

static void too_large_is_refused_at_both_ends(void **state)
{
	struct stream *stream = *state;
	cleanup_buffer struct buffer out = { 0 };
	const unsigned char head[] = { 0, 4, 0x93, 0xe1 }; /* 300001 */
	const char *bytes;
	size_t size;

	assert_int_equal(frame_append(&out, "four", 4, 3), -EMSGSIZE);
	assert_int_equal(out.size, 0);
	put(stream, head, sizeof head);
	assert_int_equal(next(stream, &bytes, &size), -EMSGSIZE);
}

static void an_end_in_the_middle_gives_no_message(void **state)
{
	struct stream *stream = *state;
	const char *bytes;
	size_t size;

	put(stream, "\0\0\0\5hel", 7);
	close_fd(&stream->out);
	assert_int_equal(next(stream, &bytes, &size), 0);
	assert_int_equal(frames_read(&stream->frames, stream->in), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(byte_by_byte, open_stream, close_stream),
		cmocka_unit_test_setup_teardown(many_of_all_sizes, open_stream, close_stream),
		cmocka_unit_test_setup_teardown(too_large_is_refused_at_both_ends, open_stream, close_stream),
		cmocka_unit_test_setup_teardown(an_end_in_the_middle_gives_no_message, open_stream,
						close_stream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
