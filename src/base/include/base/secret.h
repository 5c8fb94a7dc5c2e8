/* secret.h - a secret of our own, kept in a file. */
#pragma once

#include "base/error.h"

enum { SECRET_TEXT_BYTES = 257, SECRET_BYTES_MIN = 32 };

/* The first line of the file at `path`, of SECRET_BYTES_MIN bytes or more; where there is no such file, 256 random bits in
 * hex, which are then written there for its owner alone to read. */
int secret_keep(const char *path, char secret[SECRET_TEXT_BYTES], struct error *err);
