/* Programs on the disk are found again, by another process too; what is damaged is not believed; the bound holds. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "judge/programs.h"

enum { LARGE = 20000, BOUND = 100000 };

static char folder[] = "/tmp/arena-programs-XXXXXX";

static void key_of(unsigned int number, unsigned char key[SHA256_BYTES])
{
	sha256(&number, sizeof number, key);
}

static void path_of(unsigned int number, char path[256])
{
	char name[SHA256_TEXT_BYTES];

	sha256_text(&number, sizeof number, name);
	snprintf(path, 256, "%s/%s", folder, name);
}

static void put(struct programs *programs, unsigned int number, size_t size, const char *output)
{
	unsigned char key[SHA256_BYTES];
	char *bytes = malloc(size);
	int fd;

	memset(bytes, (int)number, size);
	fd = fd_sealed("bundle", bytes, size, NULL);
	assert_true(fd >= 0);
	key_of(number, key);
	programs_put(programs, key, fd, output, strlen(output));
	close(fd);
	free(bytes);
}

static bool has(struct programs *programs, unsigned int number, size_t size, const char *output)
{
	unsigned char key[SHA256_BYTES];
	struct program program;
	struct stat status;
	unsigned char last;

	key_of(number, key);
	if (!programs_get(programs, key, &program))
		return false;
	assert_int_equal(fstat(program.bundle_fd, &status), 0);
	assert_int_equal(status.st_size, size);
	assert_int_equal(pread(program.bundle_fd, &last, 1, (off_t)size - 1), 1);
	assert_int_equal(last, (unsigned char)number);
	assert_string_equal(program.output, output);
	assert_int_equal(program.output_size, strlen(output));
	assert_int_equal(write(program.bundle_fd, "x", 1), -1);
	program_free(&program);
	return true;
}

static struct programs *open_programs(void)
{
	struct programs *programs;
	struct error err;

	if (programs_open(folder, BOUND, &programs, &err) < 0)
		fail_msg("%s", err.text);
	return programs;
}

static void what_was_put_is_found_again(void **state)
{
	struct programs *programs = open_programs();

	(void)state;
	assert_false(has(programs, 1, 10, ""));
	put(programs, 1, 10, "a warning");
	put(programs, 2, 1, "");
	assert_true(has(programs, 1, 10, "a warning"));
	programs_close(programs);
	programs = open_programs();
	assert_true(has(programs, 1, 10, "a warning"));
	assert_true(has(programs, 2, 1, ""));
	assert_false(has(programs, 3, 1, ""));
	programs_close(programs);
}

/* Every byte of it counts, and its length. */
static void what_is_damaged_is_not_believed(void **state)
{
	struct programs *programs = open_programs();
	char path[256];
	struct stat status;
	int fd;

	(void)state;
	put(programs, 1, 10, "a warning");
	path_of(1, path);
	assert_int_equal(stat(path, &status), 0);
	for (off_t at = 0; at <= status.st_size; at++) {
		unsigned char byte;

		fd = open(path, O_RDWR);
		assert_true(fd >= 0);
		if (at == status.st_size) {
			assert_int_equal(ftruncate(fd, at - 1), 0);
		} else {
			assert_int_equal(pread(fd, &byte, 1, at), 1);
			byte ^= 0x10;
			assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		}
		close(fd);
		assert_false(has(programs, 1, 10, "a warning"));
		assert_int_equal(access(path, F_OK), -1);
		put(programs, 1, 10, "a warning");
		assert_true(has(programs, 1, 10, "a warning"));
	}
	fd = open(path, O_WRONLY | O_TRUNC);
	close(fd);
	assert_false(has(programs, 1, 10, "a warning"));
	programs_close(programs);
}

static void backdate(unsigned int number, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
	char path[256];

	path_of(number, path);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void the_longest_unused_goes_first(void **state)
{
	struct programs *programs = open_programs();

	(void)state;
	for (unsigned int i = 10; i < 14; i++) {
		put(programs, i, LARGE, "");
		backdate(i, 1000 + i);
	}
	assert_true(has(programs, 10, LARGE, "")); /* now 11 is the oldest */
	put(programs, 14, LARGE, "");
	put(programs, 15, LARGE, "");
	assert_true(has(programs, 10, LARGE, ""));
	assert_false(has(programs, 11, LARGE, ""));
	assert_true(has(programs, 15, LARGE, ""));
	put(programs, 16, BOUND, ""); /* too large at all */
	assert_false(has(programs, 16, BOUND, ""));
	assert_true(has(programs, 15, LARGE, ""));
	programs_close(programs);
}

static void the_bound_holds_after_a_restart(void **state)
{
	int64_t total = 0;

	(void)state;
	for (unsigned int i = 100; i < 130; i++) {
		struct programs *programs = open_programs();

		put(programs, i, LARGE / 2, "");
		programs_close(programs);
	}
	for (unsigned int i = 0; i < 130; i++) {
		struct stat status;
		char path[256];

		path_of(i, path);
		total += stat(path, &status) == 0 ? status.st_size : 0;
	}
	assert_true(total <= BOUND);
	assert_true(total >= BOUND / 2);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command); /* NOLINT(cert-env33-c) */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_again),
		cmocka_unit_test(what_is_damaged_is_not_believed),
		cmocka_unit_test(the_longest_unused_goes_first),
		cmocka_unit_test(the_bound_holds_after_a_restart),
	};

	return cmocka_run_group_tests_name("programs", tests, make_folder, remove_folder);
}
