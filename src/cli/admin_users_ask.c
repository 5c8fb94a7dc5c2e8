/* admin_users_ask.c - one question about accounts, put to the backend or answered in its database. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "admin_user.h"
#include "backend/audit.h"
#include "backend/database.h"
#include "backend/password.h"
#include "base/clock.h"
#include "user.h"

enum { OPERATOR_S = 60, LIST_MAX = 100000 };

int admin_users_open(struct admin_users *users, struct error *err)
{
	struct user user;

	if (!(users->pool = pool_new()))
		return error_set(err, -ENOMEM, "out of memory");
	if (user_find(user_of_services, &user, err) < 0 || user_prepare_data(&user, users->config, err) < 0 ||
	    user_become(&user, err) < 0 || password_setup(err) < 0)
		return err->code;
	return token_secrets_open(users->config, users->pool, &users->secrets, err);
}

void admin_users_close(struct admin_users *users)
{
	db_close(users->db);
	pool_free(users->pool);
}

/* ---- by way of the backend ---- */

/* Takes the reference of `given`. */
static int ask(struct admin_users *users, const char *method, const char *path, json_t *given,
	       json_t **answer, struct error *err)
{
	cleanup_json json_t *body = given;
	int64_t now_s = clock_wall_ms() / 1000;
	struct token token = { .role = "admin", .issued_s = now_s, .expires_s = now_s + OPERATOR_S };
	const char *list = users->config->backend_listen, *url = users->asked->url;
	const char *shown = token_issue(&users->secrets, &token, users->pool);

	if (!url)
		url = pool_printf(users->pool, "http://%.*s", (int)strcspn(list, ","), list);
	if (!shown || !url)
		return error_set(err, -ENOMEM, "out of memory");
	return admin_ask_at(url, shown, &(struct admin_question){ method, path, body }, answer, err);
}

/* Only what is none of the letters that names have; '@' and the like of addresses. */
static const char *encode(struct pool *pool, const char *text)
{
	char *encoded = pool_alloc(pool, 3 * strlen(text) + 1), *end = encoded;

	for (; encoded && *text; text++)
		end += sprintf(end,
			       strchr("._-", *text) || (*text >= '0' && *text <= '9') ||
					       (*text >= 'a' && *text <= 'z') ||
					       (*text >= 'A' && *text <= 'Z')
				       ? "%c"
				       : "%%%02X",
			       (unsigned char)*text);
	return encoded;
}

static int unknown(const char *name, struct error *err)
{
	return error_set(err, -ENOENT, "there is no user %s; `arena admin user list` has all", name);
}

static int find_there(struct admin_users *users, const char *name, json_t **account, struct error *err)
{
	cleanup_json json_t *page = NULL;
	const char *encoded = encode(users->pool, name);
	const char *path = encoded ? pool_printf(users->pool, "/api/admin/users?name=%s", encoded) : NULL;
	int code =
		path ? ask(users, "GET", path, NULL, &page, err) : error_set(err, -ENOMEM, "out of memory");

	if (code < 0)
		return code;
	*account = json_incref(json_array_get(json_object_get(page, "results"), 0));
	return *account ? 0 : unknown(name, err);
}

static int list_there(struct admin_users *users, json_t **accounts, struct error *err)
{
	json_t *all = json_array();
	const char *path = "/api/admin/users?page_size=100";
	int code = 0;

	while (path && code == 0) {
		cleanup_json json_t *page = NULL;

		code = ask(users, "GET", path, NULL, &page, err);
		json_array_extend(all, json_object_get(page, "results"));
		const char *next = json_string_value(json_object_get(page, "next"));
		path = next ? pool_strdup(users->pool, next) : NULL;
	}
	if (code < 0)
		json_decref(all);
	else
		*accounts = all;
	return code;
}

static json_t *change_json(const struct account_change *change)
{
	json_t *json = json_object();

	if (change->role != ROLE_NOBODY)
		json_object_set_new(json, "role", json_string(role_name(change->role)));
	if (change->is_active >= 0)
		json_object_set_new(json, "isActive", json_boolean(change->is_active));
	return json;
}

static int change_there(struct admin_users *users, const struct user_question *q, json_t **answer,
			struct error *err)
{
	cleanup_json json_t *account = NULL;
	int code = find_there(users, q->name, &account, err);
	long long id = admin_number(account, "id");

	if (code < 0)
		return code;
	if (q->act == USER_CHANGE)
		return ask(users, "PATCH", pool_printf(users->pool, "/api/admin/users/%lld", id),
			   change_json(&q->change), answer, err);
	return ask(users, "POST", pool_printf(users->pool, "/api/admin/users/%lld/password", id),
		   json_pack("{s:s}", "password", q->password), answer, err);
}

static int ask_there(struct admin_users *users, const struct user_question *q, json_t **answer,
		     struct error *err)
{
	switch (q->act) {
	case USER_LIST: return list_there(users, answer, err);
	case USER_FIND: return find_there(users, q->name, answer, err);
	case USER_CHANGE:
	case USER_PASSWORD: return change_there(users, q, answer, err);
	case USER_ADD: break;
	}
	return ask(users, "POST", "/api/admin/users",
		   json_pack("{s:s, s:s, s:s, s:s}", "username", q->name, "email", q->email, "password",
			     q->password, "role", role_name(q->change.role)),
		   answer, err);
}

/* ---- in the database ---- */

struct at_database {
	struct pool *pool;
	const struct user_question *question;
	const char *hash;
	struct account account, *accounts;
	size_t count;
	int64_t total;
};

static int note(struct db_tx *tx, struct at_database *d, const char *action, const char *detail,
		struct error *err)
{
	const struct audit_origin origin = { .address = "" };
	const char *object = pool_printf(d->pool, "user %lld", (long long)d->account.id);

	return audit_note(tx, d->pool, &origin, action, object, detail, err);
}

static int insert_account(struct db_tx *tx, struct at_database *d, struct error *err)
{
	const struct user_question *q = d->question;

	d->account = (struct account){ .username = q->name,
				       .email = q->email,
				       .password_hash = d->hash,
				       .role = q->change.role,
				       .must_change_password = true,
				       .created_ms = clock_wall_ms() };
	int code = account_insert(tx, d->pool, &d->account, err);
	if (code == 0)
		return error_set(err, -EEXIST, "the username or the e-mail address is taken");
	return code < 0 ? code : note(tx, d, "user.add", NULL, err);
}

static int change_account(struct db_tx *tx, struct at_database *d, struct error *err)
{
	const struct account_change *change = &d->question->change;
	int code = account_change(tx, d->pool, d->account.id, change, clock_wall_ms(), err);

	if (code < 0)
		return code;
	if (change->role != ROLE_NOBODY)
		return note(tx, d, "user.role",
			    pool_printf(d->pool, "{\"role\": \"%s\"}", role_name(change->role)), err);
	return note(tx, d, change->is_active ? "user.enable" : "user.disable", NULL, err);
}

static int set_password(struct db_tx *tx, struct at_database *d, struct error *err)
{
	int code = account_set_password(tx, d->pool, d->account.id, d->hash, true, clock_wall_ms(), err);

	return code < 0 ? code : note(tx, d, "user.password", NULL, err);
}

static int work(struct db_tx *tx, void *context, struct error *err)
{
	struct at_database *d = context;
	const struct user_question *q = d->question;
	const struct account_filter all = { .is_active = -1, .limit = LIST_MAX };

	if (q->act == USER_LIST)
		return account_list(tx, d->pool, &all, &d->accounts, &d->count, &d->total, err);
	if (q->act == USER_ADD)
		return insert_account(tx, d, err);
	int code = account_find(tx, d->pool, q->name, &d->account, err);
	if (code == 0)
		return unknown(q->name, err);
	if (code > 0 && q->act == USER_CHANGE)
		code = change_account(tx, d, err);
	else if (code > 0 && q->act == USER_PASSWORD)
		code = set_password(tx, d, err);
	return code < 0 ? code : account_load(tx, d->pool, d->account.id, &d->account, err);
}

static int open_database(struct admin_users *users, struct error *err)
{
	if (users->db)
		return 0;
	int code = backend_open_database(users->config, &users->db, err);
	return code < 0 ? code : db_migrate(users->db, backend_migrations, backend_migration_count, err);
}

static int ask_here(struct admin_users *users, const struct user_question *q, json_t **answer,
		    struct error *err)
{
	struct at_database d = { .pool = users->pool, .question = q };
	char hash[PASSWORD_HASH_BYTES];
	int code = q->password ? password_hash(q->password, hash, err) : 0;

	d.hash = hash;
	if (code == 0)
		code = open_database(users, err);
	if (code == 0)
		code = db_write(users->db, work, &d, err);
	if (code < 0)
		return code;
	if (q->act != USER_LIST) {
		*answer = account_json(&d.account);
		return 0;
	}
	*answer = json_array();
	for (size_t i = 0; i < d.count; i++)
		json_array_append_new(*answer, account_json(&d.accounts[i]));
	return 0;
}

int admin_users_ask(struct admin_users *users, const struct user_question *question, json_t **answer,
		    struct error *err)
{
	if (!users->asked->database) {
		int code = ask_there(users, question, answer, err);
		if (code != -ECONNREFUSED)
			return code;
	}
	return ask_here(users, question, answer, err);
}
