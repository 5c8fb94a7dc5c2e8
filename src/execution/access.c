/* Who may ask what.
 *
 * A key comes as `Authorization: Bearer ak_...` or `X-API-Key: ak_...`. On a machine of one's own that is
 * tedious, so that there requests without a key may do whatever a client may: only while nothing but loopback
 * is listened on, the request itself is from this machine and was not forwarded, and NODE_ENV is not
 * production. A key that is shown counts even then. Workers always show who they are, with a key or with
 * WORKER_TOKEN: the port is everybody's who has an account on the machine, and what a worker reports is
 * believed. */
#include "access.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/log.h"
#include "rates.h"
#include "reply.h"

enum access access_decide(const struct access_facts *f)
{
	if (f->wanted == SCOPE_NONE)
		return ACCESS_GRANTED;
	if (f->worker_token && (f->wanted & SCOPE_WORKER))
		return ACCESS_GRANTED;
	if (f->backend_token && (f->wanted & ~(unsigned)SCOPE_WORKER))
		return ACCESS_GRANTED;
	if (f->key == KEY_RIGHT)
		return f->key_scopes & f->wanted ? ACCESS_GRANTED : ACCESS_SCOPE;
	if (f->key != KEY_NONE || f->keys_needed || !f->over_loopback)
		return ACCESS_UNKNOWN;
	return f->wanted & ~(unsigned)SCOPE_WORKER ? ACCESS_GRANTED : ACCESS_UNKNOWN;
}

bool access_keys_needed(const struct config *config)
{
	return config->production || config_beyond_loopback(config->execution_listen);
}

/* ---- keys that were seen lately ---- */

enum { KEY_CACHE_SLOTS = 256, KEY_CACHE_MS = 2000, KEY_USES = 1024 };

struct cached_key {
	unsigned char digest[SHA256_BYTES]; /* of the secret */
	int64_t id;                         /* 0: an empty slot */
	unsigned scopes;
	int64_t expires_ms, until_us;
};

/* A use that is to be written down. */
struct key_use {
	int64_t id, used_ms; /* id 0: an empty slot */
};

struct key_cache {
	pthread_mutex_t lock;
	struct cached_key slots[KEY_CACHE_SLOTS];
	struct key_use uses[KEY_USES]; /* by id; of two that share a slot the later use is written down */
};

struct key_cache *key_cache_new(void)
{
	struct key_cache *cache = calloc(1, sizeof *cache);

	if (cache)
		pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void key_cache_free(struct key_cache *cache)
{
	if (cache)
		pthread_mutex_destroy(&cache->lock);
	free(cache);
}

void key_cache_clear(struct key_cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	memset(cache->slots, 0, sizeof cache->slots);
	pthread_mutex_unlock(&cache->lock);
}

static struct cached_key *slot_of(struct key_cache *cache, const unsigned char digest[SHA256_BYTES])
{
	return &cache->slots[digest[0] % KEY_CACHE_SLOTS];
}

static bool cache_find(struct key_cache *cache, const unsigned char digest[SHA256_BYTES], struct api_key *key)
{
	pthread_mutex_lock(&cache->lock);
	const struct cached_key *slot = slot_of(cache, digest);
	bool found = slot->id != 0 && memcmp(slot->digest, digest, SHA256_BYTES) == 0 &&
		     slot->until_us > clock_monotonic_us();
	if (found)
		*key = (struct api_key){ .id = slot->id,
					 .scopes = slot->scopes,
					 .expires_ms = slot->expires_ms };
	pthread_mutex_unlock(&cache->lock);
	return found;
}

/* One that is in use comes by here every KEY_CACHE_MS: often enough to know when it was used. */
static void cache_put(struct key_cache *cache, const unsigned char digest[SHA256_BYTES],
		      const struct api_key *key)
{
	pthread_mutex_lock(&cache->lock);
	struct cached_key *slot = slot_of(cache, digest);
	memcpy(slot->digest, digest, SHA256_BYTES);
	slot->id = key->id;
	slot->scopes = key->scopes;
	slot->expires_ms = key->expires_ms;
	slot->until_us = clock_monotonic_us() + KEY_CACHE_MS * INT64_C(1000);
	cache->uses[key->id % KEY_USES] = (struct key_use){ key->id, clock_wall_ms() };
	pthread_mutex_unlock(&cache->lock);
}

/* ---- when they were used ---- */

struct noting {
	struct key_use uses[KEY_USES];
	size_t count;
};

static void take_uses(struct key_cache *cache, struct noting *noting)
{
	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < KEY_USES; i++) {
		if (cache->uses[i].id != 0)
			noting->uses[noting->count++] = cache->uses[i];
		cache->uses[i].id = 0;
	}
	pthread_mutex_unlock(&cache->lock);
}

static int note_work(struct db_tx *tx, void *context, struct error *err)
{
	const struct noting *noting = context;
	int code = 0;

	for (size_t i = 0; i < noting->count && code >= 0; i++)
		code = key_note_use(tx, noting->uses[i].id, noting->uses[i].used_ms, err);
	return code;
}

int access_note_uses(struct execution *service, struct error *err)
{
	cleanup_free struct noting *noting = calloc(1, sizeof *noting);

	if (!noting)
		return error_set(err, -ENOMEM, "out of memory");
	take_uses(service->keys, noting);
	return noting->count > 0 ? db_write(service->db, note_work, noting, err) : 0;
}

/* ---- credentials ---- */

static const char *bearer(struct http_exchange *x)
{
	const char *header = http_header(x, "Authorization");

	return header && strncmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

/* NULL when none is shown. A bearer's token that is no key may be meant for somebody behind us. */
static const char *key_in(struct http_exchange *x)
{
	const char *token = bearer(x);

	return token && strncmp(token, "ak_", 3) == 0 ? token : http_header(x, "X-API-Key");
}

static bool shows(struct http_exchange *x, const char *secret)
{
	const char *token = bearer(x);

	return token && *secret != '\0' && equal_secrets(token, secret);
}

static bool shows_worker_token(struct http_exchange *x)
{
	return shows(x, ((const struct execution *)http_context(x))->worker_token);
}

static bool shows_backend_token(struct http_exchange *x)
{
	return shows(x, ((const struct execution *)http_context(x))->backend_token);
}

static enum key_shown key_state(const struct api_key *key)
{
	if (key->revoked_ms != 0)
		return KEY_REVOKED;
	return key->expires_ms != 0 && key->expires_ms <= clock_wall_ms() ? KEY_EXPIRED : KEY_RIGHT;
}

struct lookup {
	struct pool *pool;
	const char *secret;
	struct api_key key;
	int found;
};

static int lookup_work(struct db_tx *tx, void *context, struct error *err)
{
	struct lookup *l = context;

	l->found = key_find(tx, l->pool, l->secret, &l->key, err);
	return l->found < 0 ? l->found : 0;
}

/* 1 and *key, which may be good no more; 0 when there is no such key. What has to be looked up is a request of its address, for workers too:
 * nobody guesses keys at the database's expense. */
static int find_key(struct http_exchange *x, const char *secret, bool counts, struct api_key *key,
		    struct error *err)
{
	struct execution *service = http_context(x);
	struct lookup lookup = { .pool = http_pool(x), .secret = secret };
	unsigned char digest[SHA256_BYTES];

	sha256(secret, strlen(secret), digest);
	if (cache_find(service->keys, digest, key))
		return 1;
	if (counts && !rates_take_address(x))
		return -EDQUOT;
	int code = db_read(service->db, lookup_work, &lookup, err);
	if (code < 0 || lookup.found == 0)
		return code;
	*key = lookup.key;
	if (key_state(key) == KEY_RIGHT)
		cache_put(service->keys, digest, key);
	return 1;
}

/* -EDQUOT after having replied. */
static int look(struct http_exchange *x, unsigned wanted, struct access_facts *facts, struct error *err)
{
	const struct execution *service = http_context(x);
	const char *secret = wanted == SCOPE_NONE ? NULL : key_in(x);
	struct api_key key = { 0 };
	int found = secret ? find_key(x, secret, wanted == SCOPE_WORKER, &key, err) : 0;

	if (found < 0)
		return found;
	http_set_caller(x, found && key_state(&key) == KEY_RIGHT ? key.id : 0);
	*facts = (struct access_facts){
		.wanted = wanted,
		.keys_needed = service->keys_needed,
		.over_loopback = http_over_loopback(x),
		.worker_token = (wanted & SCOPE_WORKER) && shows_worker_token(x),
		.backend_token = shows_backend_token(x),
		.key = !secret ? KEY_NONE
		       : found ? key_state(&key)
			       : KEY_WRONG,
		.key_scopes = key.scopes,
	};
	return 0;
}

/* ---- answers ---- */

static void refuse(struct http_exchange *x, int status, unsigned wanted, const char *text)
{
	if (wanted == SCOPE_WORKER) /* a worker that is refused is always logged */
		log_warning("worker refused", LOG_TEXT("peer", http_peer(x)), LOG_TEXT("path", http_path(x)),
			    LOG_INT("status", status), LOG_TEXT("reason", text));
	if (status == 401)
		http_set_header(x, "WWW-Authenticate", "Bearer");
	reply_error(x, status, "%s", text);
}

static void refuse_unknown(struct http_exchange *x, const struct access_facts *facts)
{
	static const char *const texts[] = {
		[KEY_NONE] = "An API key is needed: Authorization: Bearer ak_... or X-API-Key",
		[KEY_WRONG] = "The API key is wrong",
		[KEY_REVOKED] = "The API key was revoked",
		[KEY_EXPIRED] = "The API key has expired",
		/* A good one is refused only where nobody may go. */
		[KEY_RIGHT] = "The API key is of no use here",
	};
	bool is_stranger = facts->key == KEY_NONE || facts->key == KEY_WRONG;

	refuse(x, 401, facts->wanted,
	       facts->wanted == SCOPE_WORKER && is_stranger ? "The worker token is missing or wrong"
							    : texts[facts->key]);
}

static void refuse_scope(struct http_exchange *x, const struct access_facts *facts)
{
	char scopes[KEY_SCOPES_BYTES], text[128];

	key_scopes_text(facts->wanted, scopes);
	snprintf(text, sizeof text, "The API key lacks the scope that this needs: %s", scopes);
	refuse(x, 403, facts->wanted, text);
}

/* On a machine of one's own nobody counts, a worker whom we know may report as often as it has to, and our backend
 * asks for all its users. */
static bool is_counted(struct http_exchange *x, unsigned wanted)
{
	const struct execution *service = http_context(x);

	return wanted != SCOPE_NONE && wanted != SCOPE_WORKER && !shows_backend_token(x) &&
	       (service->keys_needed || !http_over_loopback(x));
}

bool access_check(struct http_exchange *x, unsigned wanted)
{
	struct access_facts facts;
	struct error err;
	bool counted = is_counted(x, wanted);

	if (counted && !rates_take_address(x))
		return false;
	int code = look(x, wanted, &facts, &err);
	if (code < 0) {
		if (code != -EDQUOT)
			reply_failure(x, &err);
		return false;
	}
	switch (access_decide(&facts)) {
	case ACCESS_GRANTED: return !counted || http_caller(x) == 0 || rates_take_key(x, http_caller(x));
	case ACCESS_UNKNOWN: refuse_unknown(x, &facts); break;
	case ACCESS_SCOPE: refuse_scope(x, &facts); break;
	}
	return false;
}

/* ---- the first key ---- */

struct first {
	struct pool *pool;
	const char *secret, *path;
	bool is_first;
};

/* The file comes before the row: what a crash between them leaves is a file whose key is nobody's, and the next
 * start replaces it; the other way round the key would be lost. */
static int first_work(struct db_tx *tx, void *context, struct error *err)
{
	struct first *f = context;
	struct api_key *keys, key;
	char line[KEY_SECRET_BYTES + 1];
	size_t count = 0;
	int code = key_list(tx, f->pool, &keys, &count, err);

	f->is_first = code == 0 && count == 0;
	if (!f->is_first)
		return code;
	snprintf(line, sizeof line, "%s\n", f->secret);
	code = file_replace(f->path, line, strlen(line), 0600, err);
	if (code < 0)
		return code;
	return key_insert(tx, f->pool, f->secret, "first", SCOPE_ADMIN, clock_wall_ms(), 0, &key, err);
}

int access_first_key(struct execution *service, struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	char secret[KEY_SECRET_BYTES];
	struct first first = { .pool = pool,
			       .secret = secret,
			       .path = pool ? key_first_path(service->config, pool) : NULL };

	if (!first.path)
		return error_set(err, -ENOMEM, "out of memory");
	key_secret(secret);
	if (db_write(service->db, first_work, &first, err) < 0)
		return error_wrap(err, "make the first API key");
	if (first.is_first)
		log_info("the first admin key was made", LOG_TEXT("file", first.path));
	return 0;
}
