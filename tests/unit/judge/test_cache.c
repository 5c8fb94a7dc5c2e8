/* The compile cache keeps what was used last, within its bounds, and closes what it forgets. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache.h"

static void key_of(unsigned int number, unsigned char key[SHA256_BYTES])
{
	sha256(&number, sizeof number, key);
}

static int bundle_of(off_t size)
{
	int fd = memfd_create("bundle", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool put(struct cache *cache, unsigned int number, int fd)
{
	unsigned char key[SHA256_BYTES];

	key_of(number, key);
	return cache_put(cache, key, fd, "text", 4);
}

static const struct cache_entry *get(struct cache *cache, unsigned int number)
{
	unsigned char key[SHA256_BYTES];

	key_of(number, key);
	return cache_get(cache, key);
}

static void what_was_put_is_found(void **state)
{
	struct cache cache = { 0 };
	int fd = bundle_of(10);

	(void)state;
	assert_null(get(&cache, 1));
	assert_true(put(&cache, 1, fd));
	assert_non_null(get(&cache, 1));
	assert_int_equal(get(&cache, 1)->bundle_fd, fd);
	assert_string_equal(get(&cache, 1)->output, "text");
	assert_null(get(&cache, 2));
	cache_clear(&cache);
	assert_false(is_open(fd));
	assert_null(get(&cache, 1));
}

static void the_longest_unused_goes_first(void **state)
{
	struct cache cache = { 0 };
	int fds[CACHE_ENTRIES + 1];

	(void)state;
	for (unsigned int i = 0; i < CACHE_ENTRIES; i++)
		assert_true(put(&cache, i, fds[i] = bundle_of(1)));
	assert_non_null(get(&cache, 0)); /* now 1 is the oldest */
	assert_true(put(&cache, CACHE_ENTRIES, fds[CACHE_ENTRIES] = bundle_of(1)));
	assert_non_null(get(&cache, 0));
	assert_null(get(&cache, 1));
	assert_non_null(get(&cache, CACHE_ENTRIES));
	cache_clear(&cache);
	for (size_t i = 0; i <= CACHE_ENTRIES; i++)
		assert_false(is_open(fds[i]));
}

static void large_programs_drive_others_out(void **state)
{
	const off_t half = 64 << 20;
	struct cache cache = { 0 };
	int huge = bundle_of(half * 3);

	(void)state;
	assert_true(put(&cache, 1, bundle_of(1000)));
	assert_true(put(&cache, 2, bundle_of(half)));
	assert_true(put(&cache, 3, bundle_of(half - 5000)));
	assert_non_null(get(&cache, 1));
	assert_true(put(&cache, 4, bundle_of(half))); /* 2 was not used for longest, then 3 */
	assert_null(get(&cache, 2));
	assert_non_null(get(&cache, 1));
	assert_non_null(get(&cache, 4));
	assert_false(put(&cache, 5, huge));
	assert_true(is_open(huge)); /* not taken */
	assert_non_null(get(&cache, 4));
	close(huge);
	cache_clear(&cache);
	assert_int_equal(cache.bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found),
		cmocka_unit_test(the_longest_unused_goes_first),
		cmocka_unit_test(large_programs_drive_others_out),
	};
	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
