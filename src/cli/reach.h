/* reach.h - folders that the user `arena` cannot get at where they are.
 *
 * A tree beneath /root is closed to him, and databases want absolute paths, so that standing in it would not
 * help. Root can bind such a folder to another place, in a mount namespace that only this process and those
 * that it starts see. */
#pragma once

#include "base/error.h"

/* Binds the folder to /run/arena/PLACE and returns that, valid for ever; NULL: *err. Needs root. */
const char *reach_bind(const char *folder, const char *place, struct error *err);
