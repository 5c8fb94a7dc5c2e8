/* session.h - who asks: the token that a request shows, and the account that it speaks for.
 *
 * What counts is the account as it is now: its role, whether it is active, whether its tokens were revoked. That is
 * asked of the database, and remembered for SESSION_CACHE_MS; a change made here, or at another replica that the bus
 * reaches, is seen at once. */
#pragma once

#include "backend/token.h"
#include "inside.h"

struct sign_in;
enum { SESSION_CACHE_MS = 2000 };

int sign_in_open(const struct config *config, struct sign_in **sign_in, struct error *err);
void sign_in_free(struct sign_in *sign_in); /* accepts NULL */
const struct token_secrets *sign_in_secrets(const struct sign_in *sign_in);
/* One that no password has: what is compared with where there is no account, so that it takes as long. */
const char *sign_in_nobodys_hash(const struct sign_in *sign_in);

struct session {
	int64_t user_id; /* 0: the operator (token.h) */
	enum role role;
	bool must_change_password;
	char token_id[TOKEN_ID_BYTES];
	int64_t expires_s;
};

enum session_look { SESSION_NONE, SESSION_RIGHT, SESSION_WRONG, SESSION_EXPIRED };
/* What the request's Authorization says. Negative when the database cannot tell. */
int session_look(struct http_exchange *x, enum session_look *look, struct session *session,
		 struct error *err);
/* The same again, for a handler behind admit: false after having replied. */
bool session_of(struct http_exchange *x, struct session *session);

/* Accounts or tokens were changed: everybody looks again, here and at the other replicas. After the commit. */
#define KEY_SESSIONS "sessions"
void sessions_changed(struct backend *backend);
void session_cache_clear(struct sign_in *sign_in); /* backend.c, when the bus says so */

/* Within a transaction: the token counts no more. Forgets those that have expired. */
int session_revoke(struct db_tx *tx, struct pool *pool, const struct session *session, int64_t now_ms,
		   struct error *err);

/* ---- how many passwords are hashed at once ----
 * Each takes 64 MB and a processor; the others wait for their turn, parked, first come, first served. */
struct attempt {
	bool counted; /* the handler's own: what it does once although it runs again (rates.h) */

	struct backend *backend;
	struct http_server *server;
	struct attempt *next; /* of those who wait */
	bool waits, called;   /* in the line; at its end, with a turn of its own */
	uint64_t number;
};
/* The exchange's; NULL after having replied: memory is out. */
struct attempt *attempt_of(struct http_exchange *x);

/* True: go on, and attempt_leave() afterwards. False: parked, or answered with 503: return. */
bool attempt_enter(struct http_exchange *x, struct attempt *attempt);
void attempt_leave(struct attempt *attempt);
