/* users.h - accounts as they lie in the database, and what their names and passwords may be.
 *
 * Names and e-mail addresses are one account's, whatever their case. All functions that take a transaction run inside
 * one of the caller's; texts live in the pool. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

enum role { ROLE_NOBODY, ROLE_STUDENT, ROLE_INSTRUCTOR, ROLE_ADMIN }; /* each may what those before it may */
const char *role_name(enum role role);                                /* "student", ...; "nobody" */
bool role_from_name(const char *name, enum role *role);

struct account {
	int64_t id;
	const char *username, *email;
	const char *password_hash;
	enum role role;
	bool is_active, must_change_password;
	int64_t token_epoch_s;             /* sign-in tokens issued before count no more */
	int64_t created_ms, last_login_ms; /* the last one 0: never */
};

/* What is wrong with it, for a person; NULL: nothing. */
const char *username_fault(const char *username);
const char *email_fault(const char *email);
enum { PASSWORD_BYTES_MIN = 8, PASSWORD_BYTES_MAX = 256 };
const char *password_fault(const char *password, const char *username, const char *email);

/* 1 and the id filled in; 0 when the name or the address is somebody's. */
int account_insert(struct db_tx *tx, struct pool *pool, struct account *account, struct error *err);
/* Each: 1 and *account, or 0 when there is none. */
int account_load(struct db_tx *tx, struct pool *pool, int64_t id, struct account *account, struct error *err);
int account_find(struct db_tx *tx, struct pool *pool, const char *name_or_email, struct account *account,
		 struct error *err);

/* Newest last. Zero, NULL and -1 in a filter: any. `text` is part of the name or the address, `name` is the whole of
 * one of them. */
struct account_filter {
	enum role role;
	int is_active;
	const char *text, *name;
	int64_t skip, limit;
};
int account_list(struct db_tx *tx, struct pool *pool, const struct account_filter *filter,
		 struct account **accounts, size_t *count, int64_t *total, struct error *err);

/* Every token that was issued to it before counts no more. Returns 1, or 0 when there is no such account. */
int account_set_password(struct db_tx *tx, struct pool *pool, int64_t id, const char *password_hash,
			 bool must_change, int64_t now_ms, struct error *err);
int account_note_login(struct db_tx *tx, struct pool *pool, int64_t id, int64_t now_ms, struct error *err);

/* ROLE_NOBODY and -1: as it is. */
struct account_change {
	enum role role;
	int is_active;
};
/* 1; 0 when there is no such account; -EPERM when nobody would be left who is an active admin: whoever else changes
 * others at the same time. A deactivated account's tokens count no more, also once it is active again. */
int account_change(struct db_tx *tx, struct pool *pool, int64_t id, const struct account_change *change,
		   int64_t now_ms, struct error *err);

/* {"id", "username", "email", "role", "isActive", "mustChangePassword", "createdAt", "lastLoginAt"} */
json_t *account_json(const struct account *account);
