/* token.h - sign-in tokens: JSON Web Tokens (RFC 7519) signed with HS256, and with nothing else.
 *
 * Claims: sub (the account's id as text), role (for whoever shows it; what counts is the account's), jti, iat, exp.
 * The operator's is one whose sub is "operator": it is signed by whoever holds the secret, for /api/admin/ alone, and
 * `arena admin` makes one for each of its questions. */
#pragma once

#include <stdint.h>

#include "base/config.h"
#include "base/pool.h"

enum { TOKEN_ID_BYTES = 33, TOKEN_BYTES_MAX = 4096, TOKEN_ROLE_BYTES = 16 };

struct token_secrets {
	const char *at[CONFIG_SECRETS_MAX]; /* the first signs, all verify */
	size_t count;
};

/* In production JWT_SECRET must be set where the backend listens beyond loopback, or may be one of several on one
 * database: -EINVAL when it is not. */
int token_secrets_check(const struct config *config, struct error *err);

/* JWT_SECRET's, or the one in DATA_DIR/jwt-secret (mode 0600), made if it is not there. */
int token_secrets_open(const struct config *config, struct pool *pool, struct token_secrets *secrets,
		       struct error *err);

struct token {
	int64_t user_id; /* 0: the operator */
	char role[TOKEN_ROLE_BYTES];
	char id[TOKEN_ID_BYTES]; /* jti */
	int64_t issued_s, expires_s;
};

/* Its text, in the pool; makes the id. NULL when memory is out. */
const char *token_issue(const struct token_secrets *secrets, struct token *token, struct pool *pool);

enum token_check { TOKEN_GOOD, TOKEN_WRONG, TOKEN_EXPIRED };
/* Fills *token when it is good. */
enum token_check token_read(const struct token_secrets *secrets, const char *text, int64_t now_s,
			    struct token *token);
