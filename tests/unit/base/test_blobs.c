/* Blobs: whole or not there, known by their hash, within their bound. Real files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/blobs.h"
#include "base/hash.h"

static char folder[32];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/blobs-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status, (void)kind, (void)walk;
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static struct blobs *open_blobs(int64_t max_bytes, int64_t keep_s)
{
	struct blobs *blobs;
	struct error err = { 0 };

	if (blobs_open(folder, max_bytes, keep_s, &blobs, &err) < 0)
		fail_msg("%s", err.text);
	return blobs;
}

/* A blob of `size` bytes `fill`; its name. */
static const char *put(struct blobs *blobs, char fill, size_t size, int expected)
{
	static char names[8][SHA256_TEXT_BYTES];
	static size_t next;
	char *name = names[next++ % 8], *bytes = malloc(size + 1);
	struct error err = { 0 };

	memset(bytes, fill, size);
	sha256_text(bytes, size, name);
	int code = blob_put(blobs, name, bytes, size, &err);
	if (code != expected)
		fail_msg("put: %d %s", code, err.text);
	free(bytes);
	return name;
}

static bool is_there(struct blobs *blobs, const char *name)
{
	struct error err;
	int64_t size;

	return blob_size(blobs, name, &size, &err) == 1;
}

/* As if it had been used so long ago. */
static void age(const char *name, time_t seconds)
{
	char path[256];
	const struct timespec times[2] = { { .tv_sec = time(NULL) - seconds },
					   { .tv_sec = time(NULL) - seconds } };

	snprintf(path, sizeof path, "%s/%.2s/%s", folder, name, name);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void what_is_put_is_there(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct blobs *blobs = open_blobs(1000, 0);
	struct error err = { 0 };
	const char *bytes;
	size_t size;
	int64_t told;

	(void)state;
	const char *name = put(blobs, 'a', 3, 1);
	put(blobs, 'a', 3, 0);
	assert_int_equal(blob_size(blobs, name, &told, &err), 1);
	assert_int_equal(told, 3);
	assert_int_equal(blob_map(blobs, name, pool, &bytes, &size, &err), 1);
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "aaa", 3);
	const char *empty = put(blobs, 'a', 0, 1);
	assert_int_equal(blob_map(blobs, empty, pool, &bytes, &size, &err), 1);
	assert_int_equal(size, 0);
	blobs_close(blobs);

	blobs = open_blobs(1000, 0);
	assert_true(is_there(blobs, name));
	assert_int_equal(blob_touch(blobs, name, &err), 1);
	blobs_close(blobs);
}

static void overwrite(const char *name, const char *content)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%.2s/%s", folder, name, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static void what_was_damaged_goes(void **state)
{
	static const char *const damages[] = { "aab", "aa", "", "aaaa" };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		struct blobs *blobs = open_blobs(7, 3600);
		const char *name = put(blobs, 'a', 3, i == 0 ? 1 : 0),
			   *other = put(blobs, 'b', 2, i == 0 ? 1 : 0);
		blobs_close(blobs);
		overwrite(name, damages[i]);
		blobs = open_blobs(7, 3600);
		assert_int_equal(blob_check(blobs, other, &err), 1);
		assert_int_equal(blob_check(blobs, name, &err), 0);
		assert_false(is_there(blobs, name));
		assert_int_equal(blob_check(blobs, name, &err), 0);
		put(blobs, 'a', 3, 1); /* which has room again: 3 + 2 + 2 are 7 */
		assert_int_equal(blob_check(blobs, name, &err), 1);
		put(blobs, 'c', 2, i == 0 ? 1 : 0);
		overwrite(name, "a process looks once"); /* not again at each use */
		assert_int_equal(blob_check(blobs, name, &err), 1);
		overwrite(name, "aaa");
		blobs_close(blobs);
	}
}

static void what_is_not_there_is_told(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct blobs *blobs = open_blobs(1000, 0);
	struct error err = { 0 };
	char name[SHA256_TEXT_BYTES];
	const char *bytes;
	size_t size;

	(void)state;
	sha256_text("x", 1, name);
	assert_false(is_there(blobs, name));
	assert_int_equal(blob_touch(blobs, name, &err), 0);
	assert_int_equal(blob_map(blobs, name, pool, &bytes, &size, &err), 0);
	assert_int_equal(blob_put(blobs, name, "y", 1, &err), -EBADMSG);
	assert_false(is_there(blobs, name));
	blobs_close(blobs);
}

static void names_are_hashes(void **state)
{
	char good[SHA256_TEXT_BYTES], bad[SHA256_TEXT_BYTES];

	(void)state;
	sha256_text("", 0, good);
	assert_true(blob_name_ok(good));
	memcpy(bad, good, sizeof bad);
	bad[0] = 'A';
	assert_false(blob_name_ok(bad));
	bad[0] = '/';
	assert_false(blob_name_ok(bad));
	assert_false(blob_name_ok(good + 1));
	assert_false(blob_name_ok(""));
}

static void the_longest_unused_go_first(void **state)
{
	struct blobs *blobs = open_blobs(300, 100);
	struct error err = { 0 };
	const char *oldest = put(blobs, 'a', 100, 1), *older = put(blobs, 'b', 100, 1),
		   *young = put(blobs, 'c', 100, 1);

	(void)state;
	age(oldest, 3000);
	age(older, 2000);
	const char *newest = put(blobs, 'd', 100, 1);
	assert_false(is_there(blobs, oldest));
	assert_true(is_there(blobs, older) && is_there(blobs, young) && is_there(blobs, newest));

	assert_int_equal(blob_touch(blobs, older, &err), 1);
	put(blobs, 'e', 100, -ENOSPC);
	assert_true(is_there(blobs, older) && is_there(blobs, young) && is_there(blobs, newest));
	put(blobs, 'f', 301, -ENOSPC);
	blobs_close(blobs);
}

static void the_bound_holds_over_a_new_start(void **state)
{
	(void)state;
	struct blobs *blobs = open_blobs(250, 100);
	put(blobs, 'a', 200, 1);
	blobs_close(blobs);
	blobs = open_blobs(250, 100);
	put(blobs, 'b', 100, -ENOSPC);
	put(blobs, 'b', 50, 1);
	blobs_close(blobs);
}

static void what_is_mapped_stays_when_its_file_goes(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct blobs *blobs = open_blobs(100, 0);
	struct error err = { 0 };
	const char *bytes, *name = put(blobs, 'a', 100, 1);
	size_t size;

	(void)state;
	assert_int_equal(blob_map(blobs, name, pool, &bytes, &size, &err), 1);
	age(name, 1000);
	put(blobs, 'b', 100, 1);
	assert_false(is_there(blobs, name));
	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[i], 'a');
	blobs_close(blobs);
}

enum { WRITERS = 8, LARGE = 1 << 20 };

static void *put_the_same(void *blobs)
{
	char *bytes = calloc(1, LARGE), name[SHA256_TEXT_BYTES];
	struct error err;

	sha256_text(bytes, LARGE, name);
	int code = blob_put(blobs, name, bytes, LARGE, &err);
	cleanup_pool struct pool *pool = pool_new();
	const char *mapped = NULL;
	size_t size = 0;
	bool whole = code >= 0 && blob_map(blobs, name, pool, &mapped, &size, &err) == 1 && size == LARGE &&
		     memcmp(mapped, bytes, LARGE) == 0;
	free(bytes);
	return whole ? blobs : NULL;
}

static void many_may_bring_the_same_at_once(void **state)
{
	struct blobs *blobs = open_blobs(INT64_C(64) << 20, 0);
	pthread_t threads[WRITERS];
	void *whole;

	(void)state;
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_the_same, blobs), 0);
	for (size_t i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], &whole);
		assert_ptr_equal(whole, blobs);
	}
	blobs_close(blobs);
}

static void a_folder_that_is_none_is_told(void **state)
{
	struct blobs *blobs;
	struct error err = { 0 };

	(void)state;
	assert_true(blobs_open("/dev/null/x", 1, 0, &blobs, &err) < 0);
	assert_non_null(strstr(err.text, "/dev/null/x"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_is_put_is_there),
		IN_FOLDER(what_was_damaged_goes),
		IN_FOLDER(what_is_not_there_is_told),
		cmocka_unit_test(names_are_hashes),
		IN_FOLDER(the_longest_unused_go_first),
		IN_FOLDER(the_bound_holds_over_a_new_start),
		IN_FOLDER(what_is_mapped_stays_when_its_file_goes),
		IN_FOLDER(many_may_bring_the_same_at_once),
		cmocka_unit_test(a_folder_that_is_none_is_told),
	};
	return cmocka_run_group_tests_name("blobs", tests, NULL, NULL);
}
