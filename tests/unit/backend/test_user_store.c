/* Accounts as they lie in the database, and what names and passwords may be. */
#include "../db/scratch.h"

#include <pthread.h>
#include <string.h>

#include "backend/database.h"
#include "backend/users.h"

/* ---- rules ---- */

static void test_usernames(void **state)
{
	static const char *const good[] = { "ab", "Alice", "a.b-c_d", "007", "z9" }, *const bad[] = {
		"",
		"a",
		".ab",
		"-ab",
		"_ab",
		"a b",
		"a@b",
		"m\xc3\xbcller",
		"a/b",
		"a\nb",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_null(username_fault(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_non_null(username_fault(bad[i]));
}

static void test_addresses(void **state)
{
	static const char *const good[] = { "a@b", "A.b+c@example.org", "x_y@sub-domain.example",
					    "o'neil@e.org" },
				 *const bad[] = { "",       "a",       "@b",       "a@",     "a b@c", "a@b c",
						  "a@b..c", "a@.b",    "a@b.",     "a@-b",   "a@b@c", "<a>@b",
						  "a@b\n",  "a,b@c.d", "a@b_c.de", "\"a\"@b" };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_null(email_fault(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_non_null(email_fault(bad[i]));
}

static void test_passwords(void **state)
{
	char longest[PASSWORD_BYTES_MAX + 2];

	memset(longest, 'x', sizeof longest);
	longest[PASSWORD_BYTES_MAX] = '\0';
	assert_null(password_fault(longest, "u", "e"));
	longest[PASSWORD_BYTES_MAX] = 'x';
	longest[PASSWORD_BYTES_MAX + 1] = '\0';
	assert_non_null(password_fault(longest, "u", "e"));
	assert_null(password_fault("12345678", "u", "e"));
	assert_non_null(password_fault("1234567", "u", "e"));
	assert_non_null(password_fault("", "", ""));
	assert_non_null(password_fault("SomeBody", "somebody", "e@example.org"));
	assert_non_null(password_fault("E@Example.Org", "somebody", "e@example.org"));
}

/* ---- rows ---- */

static int set_up(void **state)
{
	struct error err;

	if (scratch_set_up(state) < 0)
		return -1;
	struct scratch *scratch = *state;
	assert_ok(db_migrate(scratch->db, backend_migrations, backend_migration_count, &err), &err);
	return 0;
}

struct act {
	struct pool *pool;
	struct account account;
	struct account_change change;
	struct account_filter filter;
	const char *name;
	int64_t total;
	int found;
};

static int insert_work(struct db_tx *tx, void *context, struct error *err)
{
	struct act *act = context;

	return act->found = account_insert(tx, act->pool, &act->account, err);
}

static int find_work(struct db_tx *tx, void *context, struct error *err)
{
	struct act *act = context;

	return act->found = account_find(tx, act->pool, act->name, &act->account, err);
}

static int change_work(struct db_tx *tx, void *context, struct error *err)
{
	struct act *act = context;

	return act->found = account_change(tx, act->pool, act->account.id, &act->change, 5000, err);
}

static int64_t insert(struct scratch *scratch, struct pool *pool, const char *name, enum role role)
{
	struct act act = { .pool = pool,
			   .account = { .username = name,
					.email = pool_printf(pool, "%s@example.org", name),
					.password_hash = "h",
					.role = role,
					.created_ms = 1 } };
	struct error err;

	assert_ok(db_write(scratch->db, insert_work, &act, &err), &err);
	return act.found ? act.account.id : 0;
}

static struct account find(struct scratch *scratch, struct pool *pool, const char *name)
{
	struct act act = { .pool = pool, .name = name };
	struct error err;

	assert_ok(db_read(scratch->db, find_work, &act, &err), &err);
	assert_int_equal(act.found, 1);
	return act.account;
}

static int change(struct scratch *scratch, struct pool *pool, int64_t id, enum role role, int is_active)
{
	struct act act = { .pool = pool, .account = { .id = id }, .change = { role, is_active } };
	struct error err;
	int code = db_write(scratch->db, change_work, &act, &err);

	return code < 0 ? code : act.found;
}

static void test_names_are_found_whatever_their_case(void **state)
{
	struct scratch *scratch = *state;
	cleanup_pool struct pool *pool = pool_new();
	int64_t id = insert(scratch, pool, "Alice", ROLE_STUDENT);

	assert_int_equal(find(scratch, pool, "aLICE").id, id);
	assert_int_equal(find(scratch, pool, "ALICE@example.ORG").id, id);
	assert_int_equal(insert(scratch, pool, "alice", ROLE_STUDENT), 0);
	assert_string_equal(find(scratch, pool, "alice").username, "Alice");
}

static void test_what_changes_ends_tokens(void **state)
{
	struct scratch *scratch = *state;
	cleanup_pool struct pool *pool = pool_new();
	int64_t id = insert(scratch, pool, "alice", ROLE_STUDENT);

	assert_int_equal(change(scratch, pool, id, ROLE_INSTRUCTOR, -1), 1);
	assert_int_equal(find(scratch, pool, "alice").role, ROLE_INSTRUCTOR);
	assert_int_equal(find(scratch, pool, "alice").token_epoch_s, 0);
	assert_int_equal(change(scratch, pool, id, ROLE_NOBODY, 0), 1);
	assert_false(find(scratch, pool, "alice").is_active);
	assert_int_equal(find(scratch, pool, "alice").token_epoch_s, 6);
	assert_int_equal(change(scratch, pool, id, ROLE_NOBODY, 1), 1);
	assert_int_equal(find(scratch, pool, "alice").token_epoch_s, 6);
	assert_int_equal(change(scratch, pool, id + 1000, ROLE_NOBODY, 1), 0);
}

/* ---- the last admin ---- */

struct rival {
	pthread_t thread;
	struct scratch *scratch;
	int64_t id;
	int code;
};

static void *demote(void *object)
{
	struct rival *rival = object;
	cleanup_pool struct pool *pool = pool_new();

	rival->code = change(rival->scratch, pool, rival->id, ROLE_STUDENT, -1);
	return NULL;
}

/* Each sees another who would be left, unless he looks when that one has gone. */
static void test_one_admin_is_always_left(void **state)
{
	enum { RIVALS = 6, ROUNDS = 10 };
	struct scratch *scratch = *state;
	cleanup_pool struct pool *pool = pool_new();
	struct rival rivals[RIVALS];

	for (size_t i = 0; i < RIVALS; i++)
		rivals[i] = (struct rival){ .scratch = scratch,
					    .id = insert(scratch, pool, pool_printf(pool, "admin%zu", i),
							 ROLE_ADMIN) };
	for (int round = 0; round < ROUNDS; round++) {
		int left = 0;

		for (size_t i = 0; i < RIVALS; i++)
			assert_int_equal(pthread_create(&rivals[i].thread, NULL, demote, &rivals[i]), 0);
		for (size_t i = 0; i < RIVALS; i++) {
			pthread_join(rivals[i].thread, NULL);
			left += rivals[i].code == -EPERM;
			assert_true(rivals[i].code == 1 || rivals[i].code == -EPERM);
		}
		assert_int_equal(left, 1);
		for (size_t i = 0; i < RIVALS; i++)
			assert_int_equal(change(scratch, pool, rivals[i].id, ROLE_ADMIN, -1), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usernames),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test_setup_teardown(test_names_are_found_whatever_their_case, set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(test_what_changes_ends_tokens, set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(test_one_admin_is_always_left, set_up, scratch_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
