#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/password.h"
#include "base/clock.h"
#include "base/hash.h"
#include "reply.h"

enum { CACHE_SLOTS = 4096, HASHING_MAX = 8, HASHING_WAIT_MS = 15000 };

struct cached {
	unsigned char digest[SHA256_BYTES]; /* of the token */
	int64_t until_us;                   /* 0: an empty slot */
	struct session session;
};

struct sign_in {
	struct pool *pool;
	struct token_secrets secrets;
	char nobodys_hash[PASSWORD_HASH_BYTES];

	pthread_mutex_t lock;
	uint64_t changes; /* what was looked up before one is not remembered after it */
	struct cached cache[CACHE_SLOTS];

	int hashing, hashing_max;
	struct attempt *first; /* of those who wait for a turn */
	uint64_t numbers;
};

static int make_nobodys_hash(struct sign_in *s, struct error *err)
{
	char password[PASSWORD_RANDOM_BYTES];

	password_random(password);
	return password_hash(password, s->nobodys_hash, err);
}

/* One thread is left for those who ask something else. */
static int hashing_at_once(const struct config *config)
{
	int64_t threads = config->http_threads / 2;

	return threads < 1 ? 1 : threads > HASHING_MAX ? HASHING_MAX : (int)threads;
}

int sign_in_open(const struct config *config, struct sign_in **sign_in, struct error *err)
{
	struct sign_in *s = calloc(1, sizeof *s);

	if (!s || !(s->pool = pool_new())) {
		free(s);
		return error_set(err, -ENOMEM, "out of memory");
	}
	pthread_mutex_init(&s->lock, NULL);
	s->hashing_max = hashing_at_once(config);
	int code = password_setup(err);
	if (code == 0)
		code = token_secrets_open(config, s->pool, &s->secrets, err);
	if (code == 0)
		code = make_nobodys_hash(s, err);
	if (code < 0)
		sign_in_free(s);
	else
		*sign_in = s;
	return code;
}

void sign_in_free(struct sign_in *s)
{
	if (!s)
		return;
	pthread_mutex_destroy(&s->lock);
	pool_free(s->pool);
	free(s);
}

const struct token_secrets *sign_in_secrets(const struct sign_in *sign_in)
{
	return &sign_in->secrets;
}

const char *sign_in_nobodys_hash(const struct sign_in *sign_in)
{
	return sign_in->nobodys_hash;
}

/* ---- sessions that were seen lately ---- */

static struct cached *slot_of(struct sign_in *s, const unsigned char digest[SHA256_BYTES])
{
	return &s->cache[(digest[0] | (unsigned)digest[1] << 8) % CACHE_SLOTS];
}

static bool cache_find(struct sign_in *s, const unsigned char digest[SHA256_BYTES], struct session *session,
		       uint64_t *changes)
{
	pthread_mutex_lock(&s->lock);
	const struct cached *slot = slot_of(s, digest);
	bool found = slot->until_us > clock_monotonic_us() &&
		     memcmp(slot->digest, digest, SHA256_BYTES) == 0 &&
		     slot->session.expires_s > clock_wall_ms() / 1000;
	if (found)
		*session = slot->session;
	*changes = s->changes;
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void cache_put(struct sign_in *s, const unsigned char digest[SHA256_BYTES],
		      const struct session *session, uint64_t changes)
{
	pthread_mutex_lock(&s->lock);
	if (changes == s->changes) {
		struct cached *slot = slot_of(s, digest);

		memcpy(slot->digest, digest, SHA256_BYTES);
		slot->until_us = clock_monotonic_us() + SESSION_CACHE_MS * INT64_C(1000);
		slot->session = *session;
	}
	pthread_mutex_unlock(&s->lock);
}

void session_cache_clear(struct sign_in *s)
{
	pthread_mutex_lock(&s->lock);
	s->changes++;
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		s->cache[i].until_us = 0;
	pthread_mutex_unlock(&s->lock);
}

void sessions_changed(struct backend *backend)
{
	session_cache_clear(backend->sign_in);
	db_bus_send(backend->bus, KEY_SESSIONS);
}

/* ---- looking ---- */

struct lookup {
	struct pool *pool;
	const struct token *token;
	struct account account;
	bool good;
};

static int is_revoked(struct db_tx *tx, struct pool *pool, const char *token_id, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT 1 FROM revoked_token WHERE jti = $1",
			  DB_VALUES(db_text(token_id)), &rows, err);

	return code < 0 ? code : rows.count > 0;
}

static int lookup_work(struct db_tx *tx, void *context, struct error *err)
{
	struct lookup *l = context;
	const struct token *token = l->token;
	int found = account_load(tx, l->pool, token->user_id, &l->account, err);
	int revoked = found > 0 ? is_revoked(tx, l->pool, token->id, err) : found;

	l->good = found > 0 && revoked == 0 && l->account.is_active &&
		  token->issued_s >= l->account.token_epoch_s;
	return revoked < 0 ? revoked : 0;
}

/* 1 and the session; 0 when nobody stands behind the token any more. */
static int find_session(struct http_exchange *x, const struct token *token, struct session *session,
			struct error *err)
{
	struct backend *backend = http_context(x);
	struct lookup lookup = { .pool = http_pool(x), .token = token };
	struct session found = { .user_id = token->user_id,
				 .role = ROLE_ADMIN,
				 .expires_s = token->expires_s };

	memcpy(found.token_id, token->id, sizeof found.token_id);
	if (token->user_id != 0) {
		int code = db_read(backend->db, lookup_work, &lookup, err);
		if (code < 0 || !lookup.good)
			return code < 0 ? code : 0;
		found.role = lookup.account.role;
		found.must_change_password = lookup.account.must_change_password;
	}
	*session = found;
	return 1;
}

static const char *bearer(struct http_exchange *x)
{
	const char *header = http_header(x, "Authorization");

	return header && strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

int session_look(struct http_exchange *x, enum session_look *look, struct session *session, struct error *err)
{
	struct backend *backend = http_context(x);
	struct sign_in *s = backend->sign_in;
	const char *text = bearer(x);
	unsigned char digest[SHA256_BYTES];
	struct token token;
	uint64_t changes;

	*look = text ? SESSION_RIGHT : SESSION_NONE;
	if (!text)
		return 0;
	sha256(text, strlen(text), digest);
	if (cache_find(s, digest, session, &changes))
		return 0;
	enum token_check check = token_read(&s->secrets, text, clock_wall_ms() / 1000, &token);
	int found = check == TOKEN_GOOD ? find_session(x, &token, session, err) : 0;
	if (found > 0)
		cache_put(s, digest, session, changes);
	else
		*look = check == TOKEN_EXPIRED ? SESSION_EXPIRED : SESSION_WRONG;
	return found < 0 ? found : 0;
}

bool session_of(struct http_exchange *x, struct session *session)
{
	enum session_look look;
	struct error err;

	if (session_look(x, &look, session, &err) < 0)
		reply_failure(x, &err);
	else if (look != SESSION_RIGHT)
		reply_error(x, 401, "The token is not good any more");
	else
		return true;
	return false;
}

int session_revoke(struct db_tx *tx, struct pool *pool, const struct session *session, int64_t now_ms,
		   struct error *err)
{
	int code = db_run(tx, pool, "DELETE FROM revoked_token WHERE expires_ms < $1",
			  DB_VALUES(db_int(now_ms)), NULL, err);

	if (code < 0)
		return code;
	return db_run(tx, pool,
		      "INSERT INTO revoked_token (jti, expires_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING",
		      DB_VALUES(db_text(session->token_id), db_int(session->expires_s * 1000)), NULL, err);
}

/* ---- hashing ---- */

static const char *key_attempt(uint64_t number, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "attempt %" PRIu64, number);
	return key;
}

/* With the lock held. */
static void leave_line(struct sign_in *s, struct attempt *attempt)
{
	struct attempt **at = &s->first;

	while (*at && *at != attempt)
		at = &(*at)->next;
	if (*at)
		*at = attempt->next;
	attempt->waits = false;
}

static void join_line(struct sign_in *s, struct attempt *attempt)
{
	struct attempt **at = &s->first;

	while (*at)
		at = &(*at)->next;
	*at = attempt;
	attempt->next = NULL;
	attempt->waits = true;
	attempt->number = ++s->numbers;
}

/* A turn is over: it is the next one's, if anybody waits. */
static void pass_turn(struct sign_in *s, struct http_server *server)
{
	char key[KEY_BYTES];

	pthread_mutex_lock(&s->lock);
	struct attempt *next = s->first;
	if (next) {
		leave_line(s, next);
		next->called = true;
		key_attempt(next->number, key);
	} else {
		s->hashing--;
	}
	pthread_mutex_unlock(&s->lock);
	if (next)
		http_wake(server, key);
}

/* Whoever goes away gives back what he has: his place in the line, or the turn that he was called for. */
static void release_attempt(void *memory)
{
	struct attempt *attempt = memory;
	struct sign_in *s = attempt->backend ? attempt->backend->sign_in : NULL;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	bool called = attempt->called;
	if (attempt->waits)
		leave_line(s, attempt);
	pthread_mutex_unlock(&s->lock);
	if (called)
		pass_turn(s, attempt->server);
}

struct attempt *attempt_of(struct http_exchange *x)
{
	struct attempt *attempt = http_memory(x, sizeof *attempt, release_attempt);

	if (!attempt) {
		reply_failure(x, &(struct error){ .text = "out of memory" });
		return NULL;
	}
	attempt->backend = http_context(x);
	attempt->server = http_server_of(x);
	return attempt;
}

/* Whether it has a turn; if not, it is in the line. */
static bool take_turn(struct sign_in *s, struct attempt *attempt)
{
	pthread_mutex_lock(&s->lock);
	bool turn = attempt->called || (!attempt->waits && s->hashing < s->hashing_max);

	s->hashing += turn && !attempt->called;
	if (turn)
		attempt->called = false;
	else if (!attempt->waits)
		join_line(s, attempt);
	pthread_mutex_unlock(&s->lock);
	return turn;
}

bool attempt_enter(struct http_exchange *x, struct attempt *attempt)
{
	struct sign_in *s = attempt->backend->sign_in;
	char key[KEY_BYTES];

	if (take_turn(s, attempt))
		return true;
	if (http_park(x, key_attempt(attempt->number, key), HASHING_WAIT_MS))
		return false;
	if (take_turn(s, attempt)) /* called at the last moment */
		return true;
	http_set_header(x, "Retry-After", "5");
	reply_error(x, 503, "Too many sign in at this moment; try again");
	return false;
}

void attempt_leave(struct attempt *attempt)
{
	pass_turn(attempt->backend->sign_in, attempt->server);
}
