/* /api/admin/users: accounts, for administrators. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "backend/password.h"
#include "base/clock.h"
#include "base/json.h"
#include "handlers.h"
#include "reply.h"
#include "session.h"

static const struct place body_place = { NULL, "body", 0 };
static const struct place query_place = { NULL, "query", 0 };

enum { NAME_BYTES_MAX = 254 };

/* What is done to one account, whichever it is. */
struct act {
	struct pool *pool;
	struct audit_origin origin;
	int64_t id;
	const char *object, *detail;
	struct account account;
	int found;

	struct account_change change;
	const char *hash; /* of a new password */
	bool must_change;
};

static struct act act_of(struct http_exchange *x)
{
	return (struct act){ .pool = http_pool(x), .origin = audit_origin_of(x) };
}

/* ---- one and many ---- */

static int load_work(struct db_tx *tx, void *context, struct error *err)
{
	struct act *act = context;

	act->found = account_load(tx, act->pool, act->id, &act->account, err);
	return act->found < 0 ? act->found : 0;
}

void admin_user_get(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct act act = act_of(x);
	struct error err;

	if (!path_id(x, "User", &act.id))
		return;
	if (db_read(backend->db, load_work, &act, &err) < 0)
		reply_failure(x, &err);
	else if (!act.found)
		reply_error(x, 404, "User not found");
	else
		http_reply_json(x, 200, account_json(&act.account));
}

struct listing {
	struct pool *pool;
	struct account_filter filter;
	struct account *accounts;
	size_t count;
	int64_t total;
};

static int list_work(struct db_tx *tx, void *context, struct error *err)
{
	struct listing *l = context;

	return account_list(tx, l->pool, &l->filter, &l->accounts, &l->count, &l->total, err);
}

/* False after having replied. */
static bool filter_of(struct http_exchange *x, const struct page *page, struct account_filter *filter)
{
	cleanup_problems struct problems problems = { 0 };
	const char *role = http_query(x, "role"), *active = http_query(x, "isActive");

	problems_open(&problems);
	*filter = (struct account_filter){ .is_active = -1,
					   .text = http_query(x, "q"),
					   .name = http_query(x, "name"),
					   .skip = (page->number - 1) * page->size,
					   .limit = page->size };
	if (role && *role && !role_from_name(role, &filter->role))
		problem_at(&problems, &(struct place){ &query_place, "role", 0 }, "enum",
			   "must be student, instructor or admin");
	if (active && (strcmp(active, "true") == 0 || strcmp(active, "false") == 0))
		filter->is_active = strcmp(active, "true") == 0;
	else if (active && *active)
		problem_at(&problems, &(struct place){ &query_place, "isActive", 0 }, "bool_type",
			   "must be true or false");
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

void admin_user_list(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct listing l = { .pool = http_pool(x) };
	struct page page;
	struct error err;

	if (!page_of(x, &page) || !filter_of(x, &page, &l.filter))
		return;
	if (db_read(backend->db, list_work, &l, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	json_t *results = json_array();
	for (size_t i = 0; i < l.count; i++)
		json_array_append_new(results, account_json(&l.accounts[i]));
	http_reply_json(x, 200, page_json(x, &page, l.total, results));
}

/* ---- decoding ---- */

struct wish {
	const char *username, *email, *password;
	enum role role;
	int is_active;
};

static void check(struct fields *fields, const char *name, const char *fault)
{
	if (fault)
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "format", "%s",
			   fault);
}

static enum role decode_role(struct fields *fields, enum role fallback)
{
	struct text given = field_text(fields, "role", OPTIONAL, NAME_BYTES_MAX);
	enum role role = fallback;

	if (given.bytes && !role_from_name(given.bytes, &role))
		check(fields, "role", "must be student, instructor or admin");
	return role;
}

typedef void decode_fields(struct fields *fields, struct wish *wish);

static void decode_new(struct fields *fields, struct wish *wish)
{
	wish->username = field_text(fields, "username", REQUIRED, NAME_BYTES_MAX).bytes;
	wish->email = field_text(fields, "email", REQUIRED, NAME_BYTES_MAX).bytes;
	wish->password = field_text(fields, "password", OPTIONAL, 4 * PASSWORD_BYTES_MAX).bytes;
	wish->role = decode_role(fields, ROLE_STUDENT);
	if (wish->username)
		check(fields, "username", username_fault(wish->username));
	if (wish->email)
		check(fields, "email", email_fault(wish->email));
	if (wish->password && wish->username && wish->email)
		check(fields, "password", password_fault(wish->password, wish->username, wish->email));
}

static void decode_change(struct fields *fields, struct wish *wish)
{
	wish->role = decode_role(fields, ROLE_NOBODY);
	wish->is_active = field_present(fields, "isActive") ? field_bool(fields, "isActive", true) : -1;
}

static void decode_password(struct fields *fields, struct wish *wish)
{
	wish->password = field_text(fields, "password", OPTIONAL, 4 * PASSWORD_BYTES_MAX).bytes;
	if (wish->password)
		check(fields, "password", password_fault(wish->password, "", ""));
}

/* False after having replied. Texts live as long as *json, which is the caller's. */
static bool decode(struct http_exchange *x, decode_fields *each, struct wish *wish, json_t **json)
{
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	if ((*json = problems_parse(size ? body : "{}", size ? size : 2, &problems))) {
		fields_open(&fields, *json, &body_place, &problems);
		each(&fields, wish);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

/* Parked, or answered: false. */
static bool hash_in_turn(struct http_exchange *x, const char *password, char hash[PASSWORD_HASH_BYTES])
{
	struct attempt *attempt = attempt_of(x);
	struct error err;

	if (!attempt || !attempt_enter(x, attempt))
		return false;
	int code = password_hash(password, hash, &err);
	attempt_leave(attempt);
	if (code < 0)
		reply_failure(x, &err);
	return code == 0;
}

/* The account, and the password that we made up for it, this once. */
static void reply_account(struct http_exchange *x, int status, const struct account *account,
			  const char *made_up)
{
	json_t *json = account_json(account);

	if (made_up) {
		json_object_set_new(json, "password", json_string(made_up));
		http_set_header(x, "Cache-Control", "no-store");
	}
	http_reply_json(x, status, json);
}

/* ---- a new one ---- */

static int insert_work(struct db_tx *tx, void *context, struct error *err)
{
	struct act *act = context;

	act->found = account_insert(tx, act->pool, &act->account, err);
	if (act->found <= 0)
		return act->found;
	const char *object = pool_printf(act->pool, "user %lld", (long long)act->account.id);
	return audit_note(tx, act->pool, &act->origin, "user.add", object, act->detail, err);
}

void admin_user_post(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct act act = act_of(x);
	char made_up[PASSWORD_RANDOM_BYTES], hash[PASSWORD_HASH_BYTES];
	cleanup_json json_t *json = NULL;
	struct wish wish = { 0 };
	struct error err;

	password_random(made_up);
	if (!decode(x, decode_new, &wish, &json) ||
	    !hash_in_turn(x, wish.password ? wish.password : made_up, hash))
		return;
	act.account = (struct account){ .username = wish.username,
					.email = wish.email,
					.password_hash = hash,
					.role = wish.role,
					.must_change_password = true,
					.created_ms = clock_wall_ms() };
	act.detail = pool_printf(act.pool, "{\"username\": \"%s\", \"role\": \"%s\"}", wish.username,
				 role_name(wish.role));
	if (db_write(backend->db, insert_work, &act, &err) < 0)
		reply_failure(x, &err);
	else if (!act.found)
		reply_error(x, 409, "This username or e-mail address is taken");
	else
		reply_account(x, 201, &act.account, wish.password ? NULL : made_up);
}

/* ---- changes ---- */

static int change_work(struct db_tx *tx, void *context, struct error *err)
{
	struct act *act = context;
	const struct account_change *change = &act->change;
	int code = account_change(tx, act->pool, act->id, change, clock_wall_ms(), err);

	act->found = code > 0;
	if (code > 0 && change->role != ROLE_NOBODY)
		code = audit_note(tx, act->pool, &act->origin, "user.role", act->object,
				  pool_printf(act->pool, "{\"role\": \"%s\"}", role_name(change->role)), err);
	if (code >= 0 && act->found && change->is_active >= 0)
		code = audit_note(tx, act->pool, &act->origin,
				  change->is_active ? "user.enable" : "user.disable", act->object, NULL, err);
	return code < 0 || !act->found ? code : load_work(tx, act, err);
}

static void run_act(struct http_exchange *x, struct act *act, db_work *work, const char *made_up)
{
	struct backend *backend = http_context(x);
	struct error err;

	act->object = pool_printf(act->pool, "user %lld", (long long)act->id);
	int code = db_write(backend->db, work, act, &err);
	if (code == -EPERM) {
		reply_error(x, 409, "This is the last admin: make another one first");
	} else if (code < 0) {
		reply_failure(x, &err);
	} else if (!act->found) {
		reply_error(x, 404, "User not found");
	} else {
		sessions_changed(backend);
		reply_account(x, 200, &act->account, made_up);
	}
}

void admin_user_patch(struct http_exchange *x)
{
	struct act act = act_of(x);
	cleanup_json json_t *json = NULL;
	struct wish wish = { 0 };

	if (!path_id(x, "User", &act.id) || !decode(x, decode_change, &wish, &json))
		return;
	act.change = (struct account_change){ wish.role, wish.is_active };
	run_act(x, &act, change_work, NULL);
}

static int password_work(struct db_tx *tx, void *context, struct error *err)
{
	struct act *act = context;
	int code = account_set_password(tx, act->pool, act->id, act->hash, true, clock_wall_ms(), err);

	act->found = code > 0;
	if (code > 0)
		code = audit_note(tx, act->pool, &act->origin, "user.password", act->object, NULL, err);
	return code < 0 || !act->found ? code : load_work(tx, act, err);
}

/* For who has forgotten his: the new one is to be changed. */
void admin_user_password(struct http_exchange *x)
{
	struct act act = act_of(x);
	char made_up[PASSWORD_RANDOM_BYTES], hash[PASSWORD_HASH_BYTES];
	cleanup_json json_t *json = NULL;
	struct wish wish = { 0 };

	password_random(made_up);
	if (!path_id(x, "User", &act.id) || !decode(x, decode_password, &wish, &json) ||
	    !hash_in_turn(x, wish.password ? wish.password : made_up, hash))
		return;
	act.hash = hash;
	run_act(x, &act, password_work, wish.password ? NULL : made_up);
}
