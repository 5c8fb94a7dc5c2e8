#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

enum { MANY = 300000 }; /* more than a pipe holds */

static char folder[64];

static int make_folder(void **state)
{
	strcpy(folder, "/tmp/arena-fd-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

struct writer {
	int fd;
	int code;
};

static void *write_many(void *context)
{
	struct writer *writer = context;
	char *bytes = malloc(MANY);
	memset(bytes, 'm', MANY);
	writer->code = fd_write_all(writer->fd, bytes, MANY);
	close(writer->fd);
	free(bytes);
	return NULL;
}

static void a_pipes_worth_arrives_whole(void **state)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	struct writer writer = { .fd = ends[1] };
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, write_many, &writer), 0);
	char first[10];
	assert_int_equal(fd_read_full(ends[0], first, sizeof first), sizeof first);
	cleanup_buffer struct buffer rest = { 0 };
	assert_int_equal(fd_read_all(ends[0], MANY, &rest, NULL), 0);
	assert_int_equal(rest.size, MANY - sizeof first);
	pthread_join(thread, NULL);
	assert_int_equal(writer.code, 0);
	assert_int_equal(fd_read_full(ends[0], first, sizeof first), 0);
	close(ends[0]);
}

static void the_limit_is_inclusive(void **state)
{
	struct error err = { 0 };
	cleanup_fd int fd = fd_sealed("ten", "0123456789", 10, &err);
	assert_true(fd >= 0);
	cleanup_buffer struct buffer out = { 0 };
	assert_int_equal(fd_read_all(fd, 10, &out, &err), 0);
	assert_string_equal(buffer_text(&out), "0123456789");
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(fd, 9, &out, &err), -EFBIG);
	assert_string_equal(err.text, "larger than 9 bytes");
}

static void failures_name_the_path(void **state)
{
	struct error err = { 0 };
	cleanup_buffer struct buffer out = { 0 };
	assert_int_equal(file_read_all("/nowhere/at/all", 10, &out, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	assert_int_equal(file_replace("/nowhere/at/all", "x", 1, 0600, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	assert_int_equal(fd_write_all(-1, "x", 1), -EBADF);
	assert_int_equal(fd_read_full(-1, &err, 1), -EBADF);
}

static void a_replaced_file_is_whole_and_alone(void **state)
{
	struct error err = { 0 };
	const char *path = in_folder("file");
	assert_int_equal(file_replace(path, "old content", 11, 0600, &err), 0);
	assert_int_equal(file_replace(path, "new", 3, 0600, &err), 0);
	cleanup_buffer struct buffer out = { 0 };
	assert_int_equal(file_read_all(path, 100, &out, &err), 0);
	assert_string_equal(buffer_text(&out), "new");
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(unlink(path), 0); /* remove_folder() fails if a temporary file is left */
}

static void sealed_files_cannot_change(void **state)
{
	struct error err = { 0 };
	cleanup_fd int fd = fd_sealed("sealed", "abc", 3, &err);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	cleanup_fd int again = open(path, O_RDWR);
	assert_true(again < 0 || (write(again, "x", 1) < 0 && ftruncate(again, 0) < 0));
}

static void reopened_descriptions_have_their_own_offset(void **state)
{
	cleanup_fd int fd = fd_sealed("sealed", "abc", 3, NULL);
	char byte;
	assert_int_equal(read(fd, &byte, 1), 1);
	cleanup_fd int again = fd_reopen_readonly(fd);
	assert_true(again >= 0);
	assert_int_equal(read(again, &byte, 1), 1);
	assert_int_equal(byte, 'a');
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 'b');
	assert_int_equal(fcntl(again, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipes_worth_arrives_whole),
		cmocka_unit_test(the_limit_is_inclusive),
		cmocka_unit_test(failures_name_the_path),
		cmocka_unit_test(a_replaced_file_is_whole_and_alone),
		cmocka_unit_test(sealed_files_cannot_change),
		cmocka_unit_test(reopened_descriptions_have_their_own_offset),
	};
	return cmocka_run_group_tests_name("fd", tests, make_folder, remove_folder);
}
