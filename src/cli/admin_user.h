/* admin_user.h - accounts, for who runs a backend: by way of the backend when it runs, in its database otherwise.
 *
 * The backend believes whoever shows a token that was signed with its secret, and who may read that (JWT_SECRET, or
 * DATA_DIR/jwt-secret) may do anything anyhow; so each question shows an operator's token (backend/token.h). */
#pragma once

#include "backend/token.h"
#include "backend/users.h"
#include "base/json.h"

struct admin_backend {
	const char *url; /* NULL: the first of BACKEND_LISTEN */
	bool database;   /* not by way of the backend, which is stopped, or shares its database */
};

/* What both ways need; becomes the user who owns the data folder. */
struct admin_users {
	struct config *config;
	struct pool *pool;
	const struct admin_backend *asked;
	struct token_secrets secrets;
	struct db *db; /* once it was needed */
};
int admin_users_open(struct admin_users *users, struct error *err);
void admin_users_close(struct admin_users *users);

enum user_act { USER_LIST, USER_FIND, USER_ADD, USER_CHANGE, USER_PASSWORD };
struct user_question {
	enum user_act act;
	const char *name;                   /* of all but USER_LIST; a username or an e-mail address */
	const char *email;                  /* USER_ADD */
	const char *password;               /* USER_ADD, USER_PASSWORD */
	const struct account_change change; /* USER_CHANGE; its role is USER_ADD's too */
};
/* *answer is one account as account_json() has it, or for USER_LIST an array of them; the caller's. -ENOENT: there is no
 * such account. */
int admin_users_ask(struct admin_users *users, const struct user_question *question, json_t **answer,
		    struct error *err);
