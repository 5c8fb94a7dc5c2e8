/* access.h - may this request do that? */
#pragma once

#include <stdbool.h>

#include "execution/keys.h"
#include "service.h"

/* What a route asks for beside the scopes of execution/keys.h: nothing. */
enum { SCOPE_NONE = 1 << KEY_SCOPES };

enum key_shown { KEY_NONE, KEY_WRONG, KEY_REVOKED, KEY_EXPIRED, KEY_RIGHT };

struct access_facts {
	unsigned wanted;  /* scopes of which one is enough, or SCOPE_NONE; 0 (a route that forgot): nobody */
	bool keys_needed; /* listens beyond loopback, or NODE_ENV=production */
	bool over_loopback; /* this request is from this machine and was not forwarded */
	bool worker_token;  /* it shows WORKER_TOKEN */
	bool backend_token; /* it shows what the backend of this machine was given */
	enum key_shown key;
	unsigned key_scopes;
};

enum access {
	ACCESS_GRANTED,
	ACCESS_UNKNOWN /* 401: who are you? */,
	ACCESS_SCOPE /* 403: not with this key */
};

/* The rule of the house. Pure. */
enum access access_decide(const struct access_facts *facts);

/* Looks at the credentials of a request for a route that wants one of `wanted`, and sets http_caller() to the
 * key's id. False after having replied. */
bool access_check(struct http_exchange *x, unsigned wanted);

/* The keys that were seen lately, so that not every request asks the database. What another replica revoked is
 * forgotten after KEY_CACHE_MS, what this one did at once. */
struct key_cache;
struct key_cache *key_cache_new(void); /* NULL when memory is out */
void key_cache_free(struct key_cache *cache);
void key_cache_clear(struct key_cache *cache);

/* Writes down which keys were used since the last time, for the list of keys; from time to time, as requests do not. */
int access_note_uses(struct execution *service, struct error *err);

/* Whether requests need keys with this configuration. */
bool access_keys_needed(const struct config *config);

/* Where keys are needed and none was ever made: makes one with the scope admin and writes it to
 * key_first_path(), for its owner alone to read. */
int access_first_key(struct execution *service, struct error *err);
