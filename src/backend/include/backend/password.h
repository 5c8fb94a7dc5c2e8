/* password.h - passwords at rest: argon2id (RFC 9106) by libsodium, in its own text form. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Once, before the rest. */
int password_setup(struct error *err);

enum { PASSWORD_HASH_BYTES = 128 };
/* Takes about a tenth of a second and 64 MB: whoever has many to do bounds how many at once. -ENOMEM. */
int password_hash(const char *password, char hash[PASSWORD_HASH_BYTES], struct error *err);
bool password_verify(const char *password, const char *hash); /* takes as long, right or wrong */

/* One that nobody guesses: 96 random bits as text. */
enum { PASSWORD_RANDOM_BYTES = 25 };
void password_random(char password[PASSWORD_RANDOM_BYTES]);
