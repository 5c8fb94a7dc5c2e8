#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "backend/users.h"
#include "base/clock.h"
#include "base/json.h"

/* ---- roles ---- */

static const char *const role_names[] = {
	[ROLE_NOBODY] = "nobody",
	[ROLE_STUDENT] = "student",
	[ROLE_INSTRUCTOR] = "instructor",
	[ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
	return role_names[role];
}

bool role_from_name(const char *name, enum role *role)
{
	for (enum role at = ROLE_STUDENT; at <= ROLE_ADMIN; at++)
		if (strcmp(role_names[at], name) == 0) {
			*role = at;
			return true;
		}
	return false;
}

/* ---- what names and passwords may be ---- */

enum { USERNAME_BYTES_MIN = 2, USERNAME_BYTES_MAX = 64, EMAIL_BYTES_MAX = 254 };

static const char letters_and_digits[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Letters that look alike in two scripts would be two users; so no others than ASCII's. */
const char *username_fault(const char *username)
{
	size_t size = strlen(username);

	if (size < USERNAME_BYTES_MIN || size > USERNAME_BYTES_MAX)
		return "must be 2 to 64 characters long";
	if (!isalnum((unsigned char)*username))
		return "must begin with a letter or a digit";
	for (const char *at = username; *at; at++)
		if (!strchr(letters_and_digits, *at) && !strchr("._-", *at))
			return "must consist of letters (a to z), digits, '.', '_' and '-'";
	return NULL;
}

/* Whether it can be one; whether it is one only a letter to it would show. */
const char *email_fault(const char *email)
{
	static const char fault[] = "must be an e-mail address such as name@example.org";
	const char *at = strrchr(email, '@');

	if (!at || at == email || strlen(email) > EMAIL_BYTES_MAX)
		return fault;
	for (const char *c = email; c < at; c++)
		if (*c <= ' ' || *c > '~' || strchr("<>()[],;:\\\"@", *c))
			return fault;
	const char *domain = at + 1;
	for (const char *c = domain; *c; c++)
		if (!strchr(letters_and_digits, *c) && !strchr(".-", *c))
			return fault;
	if (!isalnum((unsigned char)*domain) || strstr(domain, "..") || domain[strlen(domain) - 1] == '.')
		return fault;
	return NULL;
}

/* Length is what counts (NIST SP 800-63B); what everybody tries first is refused. */
const char *password_fault(const char *password, const char *username, const char *email)
{
	size_t size = strlen(password);

	if (size < PASSWORD_BYTES_MIN || size > PASSWORD_BYTES_MAX)
		return "must be 8 to 256 bytes long";
	if (strcasecmp(password, username) == 0 || strcasecmp(password, email) == 0)
		return "must not be the username or the e-mail address";
	return NULL;
}

/* ---- rows ---- */

#define SELECT_ACCOUNT                                                                                     \
	"SELECT id, username, email, password_hash, role, is_active, must_change_password, token_epoch_s," \
	" created_ms, last_login_ms FROM account"

static void account_of_row(const struct db_rows *rows, size_t row, struct account *account)
{
	*account = (struct account){
		.id = db_int_at(rows, row, 0, 0),
		.username = db_text_at(rows, row, 1),
		.email = db_text_at(rows, row, 2),
		.password_hash = db_text_at(rows, row, 3),
		.is_active = db_int_at(rows, row, 5, 0) != 0,
		.must_change_password = db_int_at(rows, row, 6, 0) != 0,
		.token_epoch_s = db_int_at(rows, row, 7, 0),
		.created_ms = db_int_at(rows, row, 8, 0),
		.last_login_ms = db_int_at(rows, row, 9, 0),
	};
	role_from_name(db_text_at(rows, row, 4), &account->role);
}

static const char *lower(struct pool *pool, const char *text)
{
	char *copy = pool_strdup(pool, text);

	for (char *at = copy; at && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

int account_insert(struct db_tx *tx, struct pool *pool, struct account *account, struct error *err)
{
	const char *username_key = lower(pool, account->username), *email_key = lower(pool, account->email);
	struct db_rows rows;

	if (!username_key || !email_key)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(
		tx, pool,
		"INSERT INTO account (username, username_key, email, email_key, password_hash, role,"
		" is_active, must_change_password, created_ms) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)"
		" ON CONFLICT DO NOTHING RETURNING id",
		DB_VALUES(db_text(account->username), db_text(username_key), db_text(account->email),
			  db_text(email_key), db_text(account->password_hash),
			  db_text(role_name(account->role)), db_int(account->must_change_password),
			  db_int(account->created_ms)),
		&rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	account->id = db_int_at(&rows, 0, 0, 0);
	account->is_active = true;
	return 1;
}

static int first_of(struct db_tx *tx, struct pool *pool, const char *sql, struct db_value value,
		    struct account *account, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, sql, &value, 1, &rows, err);

	if (code < 0 || rows.count == 0)
		return code < 0 ? code : 0;
	account_of_row(&rows, 0, account);
	return 1;
}

int account_load(struct db_tx *tx, struct pool *pool, int64_t id, struct account *account, struct error *err)
{
	return first_of(tx, pool, SELECT_ACCOUNT " WHERE id = $1", db_int(id), account, err);
}

/* A username has no '@'. */
int account_find(struct db_tx *tx, struct pool *pool, const char *name_or_email, struct account *account,
		 struct error *err)
{
	const char *key = lower(pool, name_or_email);

	if (!key)
		return error_set(err, -ENOMEM, "out of memory");
	return first_of(tx, pool,
			strchr(key, '@') ? SELECT_ACCOUNT " WHERE email_key = $1"
					 : SELECT_ACCOUNT " WHERE username_key = $1",
			db_text(key), account, err);
}

/* What LIKE would take for more than a letter stands for itself. */
static const char *part_pattern(struct pool *pool, const char *text)
{
	const char *key = lower(pool, text);
	char *pattern = pool_alloc(pool, 2 * strlen(text) + 3), *end = pattern;

	if (!key || !pattern)
		return NULL;
	*end++ = '%';
	for (; *key; key++) {
		if (strchr("%_\\", *key))
			*end++ = '\\';
		*end++ = *key;
	}
	*end = '%';
	return pattern;
}

#define WHERE_FITS                                                     \
	" WHERE ($1 = '' OR role = $1) AND ($2 < 0 OR is_active = $2)" \
	" AND ($4 = '' OR username_key = $4 OR email_key = $4)"        \
	" AND ($3 = '' OR username_key LIKE $3 ESCAPE '\\' OR email_key LIKE $3 ESCAPE '\\')"

int account_list(struct db_tx *tx, struct pool *pool, const struct account_filter *filter,
		 struct account **accounts, size_t *count, int64_t *total, struct error *err)
{
	const char *text = filter->text ? part_pattern(pool, filter->text) : "";
	const char *name = filter->name ? lower(pool, filter->name) : "";
	const struct db_value values[] = { db_text(filter->role ? role_name(filter->role) : ""),
					   db_int(filter->is_active),
					   db_text(text),
					   db_text(name),
					   db_int(filter->limit),
					   db_int(filter->skip) };
	struct db_rows rows;

	if (!text || !name)
		return error_set(err, -ENOMEM, "out of memory");
	int code = db_run(tx, pool, "SELECT count(*) FROM account" WHERE_FITS, values, 4, &rows, err);
	if (code < 0)
		return code;
	*total = db_int_at(&rows, 0, 0, 0);
	code = db_run(tx, pool, SELECT_ACCOUNT WHERE_FITS " ORDER BY id LIMIT $5 OFFSET $6", values, 6, &rows,
		      err);
	if (code < 0)
		return code;
	*accounts = pool_array(pool, rows.count + 1, sizeof **accounts);
	if (!*accounts)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		account_of_row(&rows, i, &(*accounts)[i]);
	return 0;
}

/* ---- changes ---- */

/* Tokens tell the second of their making: those of this one are old by then, and who signs in within it gets a token
 * of the next. */
static int64_t epoch_after(int64_t now_ms)
{
	return now_ms / 1000 + 1;
}

int account_set_password(struct db_tx *tx, struct pool *pool, int64_t id, const char *hash, bool must_change,
			 int64_t now_ms, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "UPDATE account SET password_hash = $2, must_change_password = $3, token_epoch_s = $4"
		       " WHERE id = $1 RETURNING id",
		       DB_VALUES(db_int(id), db_text(hash), db_int(must_change), db_int(epoch_after(now_ms))),
		       &rows, err);

	return code < 0 ? code : rows.count > 0;
}

int account_note_login(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err)
{
	return db_run(tx, pool, "UPDATE account SET last_login_ms = $2 WHERE id = $1",
		      DB_VALUES(db_int(id), db_int(now_ms)), NULL, err);
}

/* Locks the active admins, so that of two who demote each other at the same time the second sees the first. */
static int others_are_admins(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "SELECT id FROM account WHERE role = 'admin' AND is_active = 1 ORDER BY id"
			  " /*pg FOR UPDATE*/",
			  DB_NO_VALUES, &rows, err);

	for (size_t i = 0; code >= 0 && i < rows.count; i++)
		if (db_int_at(&rows, i, 0, 0) != id)
			return 1;
	return code < 0 ? code : 0;
}

static bool takes_admin_away(const struct account *account, const struct account_change *change)
{
	return account->role == ROLE_ADMIN && account->is_active &&
	       (change->is_active == 0 || (change->role != ROLE_NOBODY && change->role != ROLE_ADMIN));
}

int account_change(struct db_tx *tx, struct pool *pool, int64_t id, const struct account_change *change,
		   int64_t now_ms, struct error *err)
{
	struct account account;
	int others = others_are_admins(tx, pool, id, err);
	int code = others < 0 ? others : account_load(tx, pool, id, &account, err);

	if (code <= 0)
		return code;
	if (takes_admin_away(&account, change) && !others)
		return error_set(err, -EPERM, "%s is the last admin", account.username);
	bool ends = account.is_active && change->is_active == 0;
	code = db_run(tx, pool,
		      "UPDATE account SET role = $2, is_active = $3, token_epoch_s = $4 WHERE id = $1",
		      DB_VALUES(db_int(id), db_text(role_name(change->role ? change->role : account.role)),
				db_int(change->is_active < 0 ? account.is_active : change->is_active),
				db_int(ends ? epoch_after(now_ms) : account.token_epoch_s)),
		      NULL, err);
	return code < 0 ? code : 1;
}

/* ---- as JSON ---- */

static json_t *time_or_null(int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	return wall_ms != 0 ? json_string(clock_format(wall_ms, text)) : json_null();
}

json_t *account_json(const struct account *account)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:o, s:o}", "id", (json_int_t)account->id,
			 "username", account->username, "email", account->email, "role",
			 role_name(account->role), "isActive", account->is_active, "mustChangePassword",
			 account->must_change_password, "createdAt", time_or_null(account->created_ms),
			 "lastLoginAt", time_or_null(account->last_login_ms));
}
