/* /api/auth: registering, signing in and out, one's own password.
 *
 * What an attempt to sign in tells is the same for a name that nobody has and for a wrong password, and takes as long:
 * the password is compared with somebody's hash in any case. Hashing is what these routes cost, so that each waits for
 * its turn parked (session.h); a handler here therefore runs more than once, and remembers what it must not do twice. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "backend/password.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "handlers.h"
#include "metrics.h"
#include "rates.h"
#include "reply.h"
#include "session.h"

static const struct place body_place = { NULL, "body", 0 };

/* ---- decoding ---- */

enum { NAME_BYTES_MAX = 254 };

/* Notes what a rule has against a text that is there. */
static void check_text(struct fields *fields, const char *name, const char *text, const char *fault)
{
	if (text && fault)
		problem_at(fields->problems, &(struct place){ &fields->place, name, 0 }, "format", "%s",
			   fault);
}

static const char *decode_text(struct fields *fields, const char *name, enum need need, size_t max)
{
	return field_text(fields, name, need, max).bytes;
}

/* What a password may be at most is told by the rule; what is far beyond is not looked at. */
static const char *decode_password(struct fields *fields, const char *name)
{
	return decode_text(fields, name, REQUIRED, 4 * PASSWORD_BYTES_MAX);
}

typedef void decode_fields(struct fields *fields, void *wish);

/* False after having replied. The texts of *wish live as long as *json, which is the caller's. */
static bool decode_body(struct http_exchange *x, decode_fields *decode, void *wish, json_t **json)
{
	cleanup_problems struct problems problems = { 0 };
	struct fields fields;
	size_t size;
	const char *body = http_body(x, &size);

	problems_open(&problems);
	if ((*json = problems_parse(body, size, &problems))) {
		fields_open(&fields, *json, &body_place, &problems);
		decode(&fields, wish);
		fields_done(&fields);
	}
	if (problems_any(&problems))
		reply_problems(x, NULL, &problems);
	return !problems_any(&problems);
}

/* ---- tokens ---- */

/* {"token", "user"}; the token is of the second in which those before it count no more, or of now. NULL when memory
 * is out. */
static json_t *welcome(struct http_exchange *x, const struct account *account)
{
	const struct backend *backend = http_context(x);
	int64_t now_s = clock_wall_ms() / 1000;
	int64_t issued_s = now_s > account->token_epoch_s ? now_s : account->token_epoch_s;
	struct token token = { .user_id = account->id,
			       .issued_s = issued_s,
			       .expires_s = issued_s + backend->config->jwt_lifetime_s };

	snprintf(token.role, sizeof token.role, "%s", role_name(account->role));
	const char *text = token_issue(sign_in_secrets(backend->sign_in), &token, http_pool(x));
	if (!text)
		return NULL;
	return json_pack("{s:s, s:o, s:o}", "token", text, "expiresAt", json_time(token.expires_s * 1000),
			 "user", account_json(account));
}

static void reply_welcome(struct http_exchange *x, int status, const struct account *account)
{
	json_t *json = welcome(x, account);

	http_set_header(x, "Cache-Control", "no-store");
	if (json)
		http_reply_json(x, status, json);
	else
		reply_failure(x, &(struct error){ .text = "out of memory" });
}

/* ---- registering ---- */

struct registration {
	struct pool *pool;
	const char *password;
	struct account account;
	bool is_new;
};

static void decode_registration(struct fields *fields, void *wish)
{
	struct registration *r = wish;

	r->account.username = decode_text(fields, "username", REQUIRED, NAME_BYTES_MAX);
	r->account.email = decode_text(fields, "email", REQUIRED, NAME_BYTES_MAX);
	r->password = decode_password(fields, "password");
	if (r->account.username)
		check_text(fields, "username", r->account.username, username_fault(r->account.username));
	if (r->account.email)
		check_text(fields, "email", r->account.email, email_fault(r->account.email));
	if (r->password && r->account.username && r->account.email)
		check_text(fields, "password", r->password,
			   password_fault(r->password, r->account.username, r->account.email));
}

static int register_work(struct db_tx *tx, void *context, struct error *err)
{
	struct registration *r = context;
	int code = account_insert(tx, r->pool, &r->account, err);

	r->is_new = code > 0;
	return code < 0 ? code : 0;
}

static void insert_registered(struct http_exchange *x, struct registration *r)
{
	struct backend *backend = http_context(x);
	struct error err;

	if (db_write(backend->db, register_work, r, &err) < 0)
		reply_failure(x, &err);
	else if (!r->is_new)
		reply_error(x, 409, "This username or e-mail address is taken");
	else
		reply_welcome(x, 201, &r->account);
}

void auth_register(struct http_exchange *x)
{
	const struct backend *backend = http_context(x);
	struct attempt *attempt = attempt_of(x);
	struct registration r = { .pool = http_pool(x),
				  .account = { .role = ROLE_STUDENT, .created_ms = clock_wall_ms() } };
	char hash[PASSWORD_HASH_BYTES];
	cleanup_json json_t *json = NULL;
	struct error err;

	if (!attempt)
		return;
	if (!backend->config->registration_open) {
		reply_error(x, 403, "Registration is closed; ask an administrator for an account");
		return;
	}
	if (!decode_body(x, decode_registration, &r, &json) ||
	    (!attempt->counted && !throttle_take_address(x)))
		return;
	attempt->counted = true;
	if (!attempt_enter(x, attempt))
		return;
	int code = password_hash(r.password, hash, &err);
	attempt_leave(attempt);
	r.account.password_hash = hash;
	if (code < 0)
		reply_failure(x, &err);
	else
		insert_registered(x, &r);
}

/* ---- signing in ---- */

struct login {
	struct pool *pool;
	const char *username, *email, *password;
	struct account account;
	int found;
	bool stands; /* the account is still as it was when the password was compared */
};

static void decode_login(struct fields *fields, void *wish)
{
	struct login *l = wish;

	l->username = decode_text(fields, "username", OPTIONAL, NAME_BYTES_MAX);
	l->email = decode_text(fields, "email", OPTIONAL, NAME_BYTES_MAX);
	l->password = decode_password(fields, "password");
	if (!field_present(fields, "username") && !field_present(fields, "email"))
		problem_at(fields->problems, &(struct place){ &fields->place, "username", 0 }, "missing",
			   "is required, or email");
}

static const char *login_name(const struct login *l)
{
	return l->username ? l->username : l->email;
}

static int find_work(struct db_tx *tx, void *context, struct error *err)
{
	struct login *l = context;

	l->found = account_find(tx, l->pool, login_name(l), &l->account, err);
	return l->found < 0 ? l->found : 0;
}

/* Between the look and this, the password may have been changed by who owns it. */
static int login_work(struct db_tx *tx, void *context, struct error *err)
{
	struct login *l = context;
	struct account now;
	int64_t now_ms = clock_wall_ms();
	int found = account_load(tx, l->pool, l->account.id, &now, err);

	l->stands = found > 0 && now.is_active && strcmp(now.password_hash, l->account.password_hash) == 0;
	if (!l->stands)
		return found < 0 ? found : 0;
	l->account = now;
	l->account.last_login_ms = now_ms;
	return account_note_login(tx, l->pool, now.id, now_ms, err);
}

static void note_sign_in(struct http_exchange *x, const char *outcome)
{
	const struct backend *backend = http_context(x);

	metrics_add(backend->metrics, METRIC_SIGN_INS, 1, METRIC_LABELS(outcome));
}

static void refuse_login(struct http_exchange *x)
{
	note_sign_in(x, "wrong");
	reply_error(x, 401, "Wrong username or password");
}

/* The password is right. */
static void finish_login(struct http_exchange *x, struct login *l)
{
	struct backend *backend = http_context(x);
	struct error err;

	throttle_put_back(x, login_name(l));
	if (!l->account.is_active) {
		note_sign_in(x, "disabled");
		reply_error(x, 403, "This account is disabled");
	} else if (db_write(backend->db, login_work, l, &err) < 0) {
		reply_failure(x, &err);
	} else if (!l->stands) {
		refuse_login(x);
	} else {
		note_sign_in(x, "good");
		reply_welcome(x, 200, &l->account);
	}
}

void auth_login(struct http_exchange *x)
{
	struct backend *backend = http_context(x);
	struct attempt *attempt = attempt_of(x);
	struct login l = { .pool = http_pool(x) };
	cleanup_json json_t *json = NULL;
	struct error err;

	if (!attempt || !decode_body(x, decode_login, &l, &json) ||
	    (!attempt->counted && !throttle_take(x, login_name(&l))))
		return;
	attempt->counted = true;
	if (db_read(backend->db, find_work, &l, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	if (!attempt_enter(x, attempt))
		return;
	bool right = password_verify(l.password, l.found ? l.account.password_hash
							 : sign_in_nobodys_hash(backend->sign_in));
	attempt_leave(attempt);
	if (right && l.found)
		finish_login(x, &l);
	else
		refuse_login(x);
}

/* ---- oneself ---- */

struct self {
	struct pool *pool;
	struct session session;
	struct account account;
	int found;
};

static int self_work(struct db_tx *tx, void *context, struct error *err)
{
	struct self *s = context;

	s->found = account_load(tx, s->pool, s->session.user_id, &s->account, err);
	return s->found < 0 ? s->found : 0;
}

/* False after having replied. */
static bool load_self(struct http_exchange *x, struct self *self)
{
	struct backend *backend = http_context(x);
	struct error err;

	*self = (struct self){ .pool = http_pool(x) };
	if (!session_of(x, &self->session))
		return false;
	if (db_read(backend->db, self_work, self, &err) < 0)
		reply_failure(x, &err);
	else if (!self->found)
		reply_error(x, 401, "The token is not good any more");
	else
		return true;
	return false;
}

void auth_user(struct http_exchange *x)
{
	struct self self;

	if (load_self(x, &self))
		http_reply_json(x, 200, account_json(&self.account));
}

static int revoke_work(struct db_tx *tx, void *context, struct error *err)
{
	struct self *s = context;

	return session_revoke(tx, s->pool, &s->session, clock_wall_ms(), err);
}

/* False after having replied. */
static bool revoke_own(struct http_exchange *x, struct self *self)
{
	struct backend *backend = http_context(x);
	struct error err;

	if (db_write(backend->db, revoke_work, self, &err) < 0) {
		reply_failure(x, &err);
		return false;
	}
	sessions_changed(backend);
	return true;
}

void auth_logout(struct http_exchange *x)
{
	struct self self = { .pool = http_pool(x) };

	if (session_of(x, &self.session) && revoke_own(x, &self))
		http_reply_json(x, 200, json_pack("{s:s}", "message", "Signed out"));
}

/* A token for a token: the one that was shown is spent. */
void auth_refresh(struct http_exchange *x)
{
	struct self self;

	if (load_self(x, &self) && revoke_own(x, &self))
		reply_welcome(x, 200, &self.account);
}

/* ---- one's own password ---- */

struct password_change {
	struct self self;
	struct audit_origin origin;
	const char *current, *wanted;
	char hash[PASSWORD_HASH_BYTES];
};

static void decode_password_change(struct fields *fields, void *wish)
{
	struct password_change *c = wish;

	c->current = decode_password(fields, "currentPassword");
	c->wanted = decode_password(fields, "newPassword");
	if (!c->wanted)
		return;
	check_text(fields, "newPassword", c->wanted,
		   password_fault(c->wanted, c->self.account.username, c->self.account.email));
	if (c->current && strcmp(c->current, c->wanted) == 0)
		check_text(fields, "newPassword", c->wanted, "must be another than the current one");
}

static int change_work(struct db_tx *tx, void *context, struct error *err)
{
	struct password_change *c = context;
	struct self *s = &c->self;
	int code = account_set_password(tx, s->pool, s->account.id, c->hash, false, clock_wall_ms(), err);
	const char *object = pool_printf(s->pool, "user %lld", (long long)s->account.id);

	if (code >= 0)
		code = audit_note(tx, s->pool, &c->origin, "user.password", object, NULL, err);
	return code < 0 ? code : self_work(tx, s, err);
}

/* Both take their time: one turn for the two. */
static bool hash_change(struct http_exchange *x, struct attempt *attempt, struct password_change *c)
{
	struct error err = { 0 };
	bool right = password_verify(c->current, c->self.account.password_hash);
	int code = right ? password_hash(c->wanted, c->hash, &err) : 0;

	attempt_leave(attempt);
	if (code < 0)
		reply_failure(x, &err);
	else if (!right)
		reply_error(x, 403, "The current password is wrong");
	return right && code == 0;
}

/* What a first start wrote is no password any more. */
static void remove_first_password(const struct backend *backend, struct pool *pool)
{
	const char *path = pool_printf(pool, "%s/admin-password", backend->config->data_dir);

	if (path)
		unlink(path);
}

static void finish_change(struct http_exchange *x, struct password_change *c)
{
	struct backend *backend = http_context(x);
	bool was_first = c->self.account.must_change_password;
	struct error err;

	throttle_put_back(x, c->self.account.username);
	if (db_write(backend->db, change_work, c, &err) < 0) {
		reply_failure(x, &err);
		return;
	}
	sessions_changed(backend);
	if (was_first && strcmp(c->self.account.username, "admin") == 0)
		remove_first_password(backend, c->self.pool);
	reply_welcome(x, 200, &c->self.account);
}

void auth_password(struct http_exchange *x)
{
	struct attempt *attempt = attempt_of(x);
	struct password_change c = { .origin = audit_origin_of(x) };
	cleanup_json json_t *json = NULL;

	if (!attempt || !load_self(x, &c.self) || !decode_body(x, decode_password_change, &c, &json) ||
	    (!attempt->counted && !throttle_take(x, c.self.account.username)))
		return;
	attempt->counted = true;
	if (attempt_enter(x, attempt) && hash_change(x, attempt, &c))
		finish_change(x, &c);
}
