/* keys.h - API keys: who may ask what of the execution service.
 *
 * A key is "ak_" and 256 random bits in hex. It is shown once, when it is made; the database has its SHA-256,
 * which is enough, as nobody can guess a random key from it. A key that is revoked or has expired stays in the
 * list. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "db/db.h"

/* A key has some of these; none includes another. */
enum key_scope {
	SCOPE_SUBMIT = 1, /* create, execute, cancel; contests; blobs */
	SCOPE_READ = 2,   /* results, lists, figures */
	SCOPE_ADMIN = 4,  /* keys, dead letters, deliveries */
	SCOPE_WORKER = 8, /* take jobs and report on them */
};
enum { KEY_SCOPES = 4, KEY_SCOPES_BYTES = 32, KEY_SECRET_BYTES = 68, KEY_NAME_BYTES_MAX = 100 };
enum { KEY_DAYS_MAX = 36500 };

/* "submit,read" as a set; 0 when it is no list of scopes. And back. */
unsigned key_scopes_parse(const char *list);
const char *key_scopes_text(unsigned scopes, char text[KEY_SCOPES_BYTES]);

struct api_key {
	int64_t id;
	const char *name;
	const char *prefix; /* what a person may know it by: "ak_1a2b3c4d" */
	unsigned scopes;
	int64_t created_ms, expires_ms; /* 0: it does not */
	int64_t revoked_ms;             /* 0: it is not */
	int64_t used_ms;                /* within a minute or so of its last use; 0: never */
};
/* When a key that is made now ends which is to be good for so many days; 0 for 0. */
int64_t key_expiry_ms(int64_t now_ms, int64_t days);

/* A new one: nobody has it yet. */
void key_secret(char secret[KEY_SECRET_BYTES]);

/* Within a transaction of the caller's, results in the pool. */
int key_insert(struct db_tx *tx, struct pool *pool, const char *secret, const char *name, unsigned scopes,
	       int64_t now_ms, int64_t expires_ms, struct api_key *key, struct error *err);
/* The one with this secret, whether it is still good or not: 1, or 0. */
int key_find(struct db_tx *tx, struct pool *pool, const char *secret, struct api_key *key, struct error *err);
/* In the order of creation. */
int key_list(struct db_tx *tx, struct pool *pool, struct api_key **keys, size_t *count, struct error *err);
/* 1, also when it was revoked before; 0 when there is none. */
int key_revoke(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err);

/* It was used then. An earlier time than is known changes nothing. */
int key_note_use(struct db_tx *tx, int64_t id, int64_t used_ms, struct error *err);

/* {"id", "name", "scopes", "prefix", "created_at", "expires_at", "revoked_at", "last_used_at"}, without the secret.
 * NULL when memory is out. */
json_t *key_json(const struct api_key *key);

/* Where the service writes the key that it makes when it needs keys and there never was one; in the pool. */
const char *key_first_path(const struct config *config, struct pool *pool);
