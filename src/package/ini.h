/* ini.h - domjudge-problem.ini: lines of `key = value`. */
#pragma once

#include "package/package.h"

struct ini_entry {
	const char *key, *value; /* without quotes; never NULL */
	int line;
};
struct ini {
	struct ini_entry *entries;
	size_t count;
};

/* Values may be quoted, with '...' or "...", and then go over several lines; `;` and `#` begin a comment; sections are
 * ignored, and so, with a note, is a line that is none of these. Of a key that is there twice the last counts. -ENOMEM, or
 * -EINVAL: much too large for what it is. */
int ini_parse(const struct package_file *file, struct pool *pool, struct package_notes *notes,
	      struct ini *ini, struct error *err);
const struct ini_entry *ini_find(const struct ini *ini, const char *key); /* NULL: not there */
