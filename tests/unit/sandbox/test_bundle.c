/* Bundles and messages: what crosses between processes is refused when it is not whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "bundle.h"
#include "protocol.h"

static void names_are_relative_and_plain(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} cases[] = {
		{ "main.c", true },
		{ "a/b/c.txt", true },
		{ "..hidden", true },
		{ "-flag", true },
		{ "sp ace\n", true },
		{ "", false },
		{ "/etc/passwd", false },
		{ "a//b", false },
		{ "a/", false },
		{ ".", false },
		{ "..", false },
		{ "a/../b", false },
		{ "./a", false },
		{ "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", true },
		{ "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (bundle_name_ok(cases[i].name, strlen(cases[i].name)) != cases[i].ok)
			fail_msg("'%s' should be %s", cases[i].name, cases[i].ok ? "accepted" : "refused");
	char longest[257];
	memset(longest, 'x', sizeof longest);
	assert_true(bundle_name_ok(longest, 255));
	assert_false(bundle_name_ok(longest, 256));
	assert_false(bundle_name_ok("a\0b", 3));
}

struct seen {
	size_t count;
	char text[256];
};

static int note(const struct bundle_file *file, void *context)
{
	struct seen *seen = context;
	size_t used = strlen(seen->text);
	snprintf(seen->text + used, sizeof seen->text - used, "%s%s=%.*s;", file->name,
		 file->executable ? "*" : "", (int)file->size, (const char *)file->data);
	seen->count++;
	return 0;
}

static void what_goes_in_comes_out(void **state)
{
	const struct bundle_file files[] = { { "main.py", "print(1)", 8, false },
					     { "lib/tool", "x", 1, true },
					     { "empty", "", 0, false } };
	struct seen seen = { 0 };
	struct error err = { 0 };
	int fd = -1;
	assert_int_equal(bundle_make(files, 3, &fd, &err), 0);
	assert_int_equal(bundle_visit(fd, note, &seen, &err), 0);
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.text, "main.py=print(1);lib/tool*=x;empty=;");
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
}

static void a_bad_name_makes_no_bundle(void **state)
{
	const struct bundle_file file = { "../escape", "x", 1, false };
	struct error err = { 0 };
	int fd = -1;
	assert_int_equal(bundle_make(&file, 1, &fd, &err), -EINVAL);
	assert_int_equal(fd, -1);
	assert_non_null(strstr(err.text, "../escape"));
}

/* The bytes of a good bundle, cut at every length: refused each time, and never read beyond. */
static void a_cut_bundle_is_refused(void **state)
{
	const struct bundle_file files[] = { { "a", "hello", 5, false }, { "b", "world", 5, true } };
	struct error err = { 0 };
	struct buffer whole = { 0 };
	int fd = -1;
	assert_int_equal(bundle_make(files, 2, &fd, &err), 0);
	assert_int_equal(fd_read_all(fd, 4096, &whole, &err), 0);
	close(fd);
	for (size_t size = 0; size < whole.size; size++) {
		struct seen seen = { 0 };
		int cut = fd_sealed("cut", whole.data, size, &err);
		assert_true(cut >= 0);
		assert_int_equal(bundle_visit(cut, note, &seen, &err), -EINVAL);
		close(cut);
	}
	buffer_free(&whole);
}

static void an_unsealed_bundle_is_refused(void **state)
{
	struct error err = { 0 };
	struct seen seen = { 0 };
	int fd = memfd_create("loose", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(fd >= 0);
	assert_int_equal(bundle_visit(fd, note, &seen, &err), -EINVAL);
	assert_non_null(strstr(err.text, "sealed"));
	close(fd);
}

static void strings_fill_their_text_exactly(void **state)
{
	char text[] = "a\0bc\0\0d";
	const char *strings[4];
	assert_int_equal(message_split(text, sizeof text, strings, 4), 0);
	assert_string_equal(strings[1], "bc");
	assert_string_equal(strings[2], "");
	assert_string_equal(strings[3], "d");
	assert_int_equal(message_split(text, sizeof text, strings, 3), -EINVAL);
	assert_int_equal(message_split(text, sizeof text - 1, strings, 4), -EINVAL);
}

static void descriptors_travel_and_a_long_message_is_refused(void **state)
{
	int ends[2], fds[MESSAGE_FDS_MAX], given[2];
	char small[8], text[64] = "too long for eight bytes";
	size_t count;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	given[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	given[1] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	assert_int_equal(message_send(ends[0], "hi", 2, "!", 1, given, 2), 0);
	assert_int_equal(message_receive(ends[1], small, sizeof small, 0, fds, &count), 3);
	assert_memory_equal(small, "hi!", 3);
	assert_int_equal(count, 2);
	assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(read(fds[1], small, 1), 1);
	message_close_fds(fds);

	assert_int_equal(message_send(ends[0], text, sizeof text, NULL, 0, given, 1), 0);
	assert_int_equal(message_receive(ends[1], small, sizeof small, 0, fds, &count), -EMSGSIZE);
	for (size_t i = 0; i < MESSAGE_FDS_MAX; i++)
		assert_int_equal(fds[i], -1);
	assert_int_equal(message_receive(ends[1], small, sizeof small, MSG_DONTWAIT, fds, &count), -EAGAIN);
	close(ends[0]);
	assert_int_equal(message_receive(ends[1], small, sizeof small, 0, fds, &count), 0);
	close(ends[1]);
	close(given[0]);
	close(given[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_relative_and_plain),
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(a_bad_name_makes_no_bundle),
		cmocka_unit_test(a_cut_bundle_is_refused),
		cmocka_unit_test(an_unsealed_bundle_is_refused),
		cmocka_unit_test(strings_fill_their_text_exactly),
		cmocka_unit_test(descriptors_travel_and_a_long_message_is_refused),
	};
	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
