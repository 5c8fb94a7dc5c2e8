#include "backend/password.h"

#include <sodium.h>
#include <string.h>

#include "base/hash.h"

_Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_STRBYTES, "libsodium's size");

int password_setup(struct error *err)
{
	return sodium_init() < 0 ? error_set(err, -EIO, "libsodium cannot be used here") : 0;
}

int password_hash(const char *password, char hash[PASSWORD_HASH_BYTES], struct error *err)
{
	if (crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE) < 0)
		return error_set(err, -ENOMEM, "hash a password: out of memory");
	return 0;
}

bool password_verify(const char *password, const char *hash)
{
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

/* Hex, so that it can be told by telephone. */
void password_random(char password[PASSWORD_RANDOM_BYTES])
{
	random_hex(password, (PASSWORD_RANDOM_BYTES - 1) / 2);
}
