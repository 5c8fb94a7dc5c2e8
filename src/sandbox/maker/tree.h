/* tree.h - the root file system of every box, prepared once by the lane maker. */
#pragma once

#include "base/error.h"

/* Enters a mount namespace of its own and mounts the tree there, read-only: the host's /usr, the `visible`
 * folders at their own places, a few files of /etc, device nodes that do no harm. *path is where. */
int tree_make(const char *const *visible, const char **path, struct error *err);
