/* config_file.h - a `.env` file: NAME=value a line.
 *
 *     # comment
 *     NAME=value                     up to the end of the line, or to " #"
 *     export NAME="a # b\n"          double quotes: \n \t \" \\ \$ are undone
 *     NAME='as it is'
 */
#pragma once

#include "base/error.h"
#include "base/pool.h"

struct config_file_entry {
	struct config_file_entry *next;
	const char *name, *value;
};

struct config_file {
	const char *path;
	struct config_file_entry *entries; /* last line first: the last one of a name counts */
};

/* A file that is not there is empty; a line that is malformed fails with "PATH:LINE: ...", never with the
 * value, which may be a secret. `path` NULL: empty. */
int config_file_read(const char *path, struct pool *pool, struct config_file *file, struct error *err);
const char *config_file_get(const struct config_file *file, const char *name); /* NULL when absent */
