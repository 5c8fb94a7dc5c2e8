#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "execution/keys.h"

enum { SECRET_RANDOM_BYTES = 32, PREFIX_BYTES = 11 };

static const char *const scope_names[KEY_SCOPES] = { "submit", "read", "admin", "worker" };

/* ---- scopes ---- */

static unsigned scope_named(const char *name, size_t size)
{
	for (unsigned i = 0; i < KEY_SCOPES; i++)
		if (strlen(scope_names[i]) == size && memcmp(scope_names[i], name, size) == 0)
			return 1U << i;
	return 0;
}

unsigned key_scopes_parse(const char *list)
{
	unsigned scopes = 0;

	for (;;) {
		size_t size = strcspn(list, ",");
		unsigned scope = scope_named(list, size);

		if (scope == 0)
			return 0;
		scopes |= scope;
		if (list[size] == '\0')
			return scopes;
		list += size + 1;
	}
}

const char *key_scopes_text(unsigned scopes, char text[KEY_SCOPES_BYTES])
{
	char *end = text;

	*end = '\0';
	for (unsigned i = 0; i < KEY_SCOPES; i++) {
		if (!(scopes & 1U << i))
			continue;
		if (end != text)
			*end++ = ',';
		end = stpcpy(end, scope_names[i]);
	}
	return text;
}

/* ---- keys ---- */

void key_secret(char secret[KEY_SECRET_BYTES])
{
	random_hex(stpcpy(secret, "ak_"), SECRET_RANDOM_BYTES);
}

int64_t key_expiry_ms(int64_t now_ms, int64_t days)
{
	return days > 0 ? now_ms + days * 86400000 : 0;
}

#define SELECT_KEY                                                                                \
	"SELECT id, name, prefix, scopes, created_ms, expires_ms, revoked_ms, used_ms, hash FROM" \
	" api_key"
enum { COLUMN_HASH = 8 };

static void key_of_row(const struct db_rows *rows, size_t row, struct api_key *key)
{
	*key = (struct api_key){
		.id = db_int_at(rows, row, 0, 0),
		.name = db_text_at(rows, row, 1),
		.prefix = db_text_at(rows, row, 2),
		.scopes = key_scopes_parse(db_text_at(rows, row, 3)),
		.created_ms = db_int_at(rows, row, 4, 0),
		.expires_ms = db_int_at(rows, row, 5, 0),
		.revoked_ms = db_int_at(rows, row, 6, 0),
		.used_ms = db_int_at(rows, row, 7, 0),
	};
}

int key_insert(struct db_tx *tx, struct pool *pool, const char *secret, const char *name, unsigned scopes,
	       int64_t now_ms, int64_t expires_ms, struct api_key *key, struct error *err)
{
	char hash[SHA256_TEXT_BYTES], list[KEY_SCOPES_BYTES];
	const char *prefix = pool_memdup(pool, secret, PREFIX_BYTES);
	struct db_rows rows;

	if (!prefix)
		return error_set(err, -ENOMEM, "out of memory");
	sha256_text(secret, strlen(secret), hash);
	int code = db_run(tx, pool,
			  "INSERT INTO api_key (name, prefix, hash, scopes, created_ms, expires_ms)"
			  " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
			  DB_VALUES(db_text(name), db_text(prefix), db_text(hash),
				    db_text(key_scopes_text(scopes, list)), db_int(now_ms),
				    expires_ms > 0 ? db_int(expires_ms) : db_null()),
			  &rows, err);
	if (code < 0)
		return code;
	*key = (struct api_key){ .id = db_int_at(&rows, 0, 0, 0),
				 .name = name,
				 .prefix = prefix,
				 .scopes = scopes,
				 .created_ms = now_ms,
				 .expires_ms = expires_ms };
	return 0;
}

/* The index finds by the hash; how long it takes tells nothing that would help to guess a secret. */
int key_find(struct db_tx *tx, struct pool *pool, const char *secret, struct api_key *key, struct error *err)
{
	char hash[SHA256_TEXT_BYTES];
	struct db_rows rows;

	sha256_text(secret, strlen(secret), hash);
	int code = db_run(tx, pool, SELECT_KEY " WHERE hash = $1", DB_VALUES(db_text(hash)), &rows, err);
	if (code < 0 || rows.count == 0 || !equal_secrets(db_text_at(&rows, 0, COLUMN_HASH), hash))
		return code < 0 ? code : 0;
	key_of_row(&rows, 0, key);
	return 1;
}

int key_list(struct db_tx *tx, struct pool *pool, struct api_key **keys, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, SELECT_KEY " ORDER BY id", DB_NO_VALUES, &rows, err);

	if (code < 0)
		return code;
	*keys = pool_array(pool, rows.count + 1, sizeof **keys);
	if (!*keys)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		key_of_row(&rows, i, &(*keys)[i]);
	return 0;
}

int key_revoke(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "UPDATE api_key SET revoked_ms = COALESCE(revoked_ms, $2) WHERE id = $1 RETURNING id",
		       DB_VALUES(db_int(id), db_int(now_ms)), &rows, err);

	return code < 0 ? code : rows.count > 0;
}

int key_note_use(struct db_tx *tx, int64_t id, int64_t used_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE api_key SET used_ms = $2 WHERE id = $1 AND (used_ms IS NULL OR used_ms < $2)",
		      DB_VALUES(db_int(id), db_int(used_ms)), NULL, err);
}

/* ---- as JSON ---- */

static json_t *time_or_null(int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	return wall_ms != 0 ? json_string(clock_format(wall_ms, text)) : json_null();
}

json_t *key_json(const struct api_key *key)
{
	json_t *scopes = json_array();

	for (unsigned i = 0; i < KEY_SCOPES; i++)
		if (key->scopes & 1U << i)
			json_array_append_new(scopes, json_string(scope_names[i]));
	return json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "id", (json_int_t)key->id, "name",
			 json_text(key->name, strlen(key->name)), "scopes", scopes, "prefix", key->prefix,
			 "created_at", time_or_null(key->created_ms), "expires_at",
			 time_or_null(key->expires_ms), "revoked_at", time_or_null(key->revoked_ms),
			 "last_used_at", time_or_null(key->used_ms));
}

const char *key_first_path(const struct config *config, struct pool *pool)
{
	return pool_printf(pool, "%s/admin-key", config->data_dir);
}
