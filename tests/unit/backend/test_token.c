/* Tokens, as they are made and read; the attacks on them are in tests/api/test_backend_auth.py. */
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

#include "backend/token.h"

enum { NOW = 1700000000 };

static const struct token_secrets one = { { "the first secret, long enough for us" }, 1 },
				  other = { { "another secret, also long enough....." }, 1 },
				  both = { { "another secret, also long enough.....",
					     "the first secret, long enough for us" },
					   2 };

static const char *issue(struct pool *pool, int64_t user_id)
{
	struct token token = {
		.user_id = user_id, .role = "student", .issued_s = NOW, .expires_s = NOW + 60
	};
	const char *text = token_issue(&one, &token, pool);

	assert_non_null(text);
	return text;
}

static void test_what_is_read_is_what_was_issued(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	struct token token;

	for (int64_t id = 0; id < INT64_C(999999999999999999); id = id * 10 + 9) {
		const char *text = issue(pool, id);

		assert_int_equal(token_read(&one, text, NOW, &token), TOKEN_GOOD);
		assert_int_equal(token.user_id, id);
		assert_string_equal(token.role, "student");
		assert_int_equal(strlen(token.id), TOKEN_ID_BYTES - 1);
		assert_int_equal(token.issued_s, NOW);
		assert_int_equal(token.expires_s, NOW + 60);
	}
}

static void test_each_is_another(void **state)
{
	cleanup_pool struct pool *pool = pool_new();

	assert_string_not_equal(issue(pool, 7), issue(pool, 7));
}

static void test_its_time_ends(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *text = issue(pool, 7);
	struct token token;

	assert_int_equal(token_read(&one, text, NOW + 59, &token), TOKEN_GOOD);
	assert_int_equal(token_read(&one, text, NOW + 60, &token), TOKEN_EXPIRED);
}

static void test_secrets_change_one_after_the_other(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *text = issue(pool, 7);
	struct token token;

	assert_int_equal(token_read(&both, text, NOW, &token), TOKEN_GOOD);
	assert_int_equal(token_read(&other, text, NOW, &token), TOKEN_WRONG);
}

/* Whichever letter is another, of the header, the claims or the signature. The last letter of a segment has bits that
 * mean nothing. */
static void test_no_letter_may_be_another(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *text = issue(pool, 7);
	struct token token = { .user_id = -1 };

	for (size_t i = 0; text[i + 1]; i++) {
		char *changed = pool_strdup(pool, text);

		if (text[i + 1] == '.')
			continue;
		changed[i] = text[i] == 'A' ? 'B' : 'A';
		assert_int_equal(token_read(&one, changed, NOW, &token), TOKEN_WRONG);
	}
	for (size_t size = 0; text[size]; size++) {
		char *cut = pool_memdup(pool, text, size);

		assert_int_equal(token_read(&one, cut, NOW, &token), TOKEN_WRONG);
	}
	assert_int_equal(token.user_id, -1);
}

/* ---- the secret that we make ---- */

static struct config *configuration(const char *data_dir, const char *production, const char *listen,
				    const char *database)
{
	struct config *config;
	struct error err;

	clearenv();
	setenv("DATA_DIR", data_dir, 1);
	setenv("NODE_ENV", production, 1);
	setenv("BACKEND_LISTEN", listen, 1);
	setenv("BACKEND_DATABASE_URL", database, 1);
	if (config_load("/nowhere/.env", NULL, &config, &err) < 0)
		fail_msg("%s", err.text);
	return config;
}

static const char home[] = "127.0.0.1:0", abroad[] = "0.0.0.0:0", shared[] = "postgresql://h/d",
		  file[] = "sqlite:/x";

static void test_who_must_set_one(void **state)
{
	static const struct {
		const char *production, *listen, *database;
		bool refused;
	} cases[] = {
		{ "development", home, "", false },   { "development", abroad, shared, false },
		{ "production", home, "", false },    { "production", home, file, false },
		{ "production", abroad, file, true }, { "production", home, shared, true },
		{ "test", abroad, "", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct config *config =
			configuration("/nowhere", cases[i].production, cases[i].listen, cases[i].database);
		struct error err = { 0 };

		assert_int_equal(token_secrets_check(config, &err), cases[i].refused ? -EINVAL : 0);
		config_free(config);
	}
}

static void test_it_is_kept(void **state)
{
	cleanup_pool struct pool *pool = pool_new();
	char folder[] = "/tmp/arena-token-XXXXXX", path[64];
	struct token_secrets first, second;
	struct stat status;
	struct error err;

	assert_non_null(mkdtemp(folder));
	struct config *config = configuration(folder, "development", home, "");
	snprintf(path, sizeof path, "%s/jwt-secret", folder);
	assert_int_equal(token_secrets_open(config, pool, &first, &err), 0);
	assert_int_equal(token_secrets_open(config, pool, &second, &err), 0);
	assert_int_equal(first.count, 1);
	assert_string_equal(first.at[0], second.at[0]);
	assert_int_equal(strlen(first.at[0]), 64);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(truncate(path, 10), 0);
	assert_int_equal(token_secrets_open(config, pool, &second, &err), -EINVAL);
	assert_non_null(strstr(err.text, path));
	unlink(path);
	rmdir(folder);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_read_is_what_was_issued),
		cmocka_unit_test(test_each_is_another),
		cmocka_unit_test(test_its_time_ends),
		cmocka_unit_test(test_secrets_change_one_after_the_other),
		cmocka_unit_test(test_no_letter_may_be_another),
		cmocka_unit_test(test_who_must_set_one),
		cmocka_unit_test(test_it_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
