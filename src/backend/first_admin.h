/* first_admin.h - somebody who can make all others. */
#pragma once

#include "inside.h"

/* Where there is no account yet: the user admin, with ADMIN_PASSWORD, or with a random password that is written to
 * DATA_DIR/admin-password, for its owner alone to read, and is to be changed. */
int first_admin_make(struct backend *backend, struct error *err);
