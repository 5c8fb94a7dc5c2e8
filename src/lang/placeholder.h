/* placeholder.h - the {names} in a pack's commands.
 *
 * That is the whole language: `{name}` stands for a text, anything else for itself. docs/languages.md lists
 * the names. `{sources}` is special: as an argument of its own it becomes one argument a source file. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"

struct placeholder {
	const char *name, *value;
};

struct placeholders {
	const struct placeholder *items;
	size_t count;
	const char *const *sources; /* NULL-ended */
};

/* `text` with its names replaced, in the pool. -EINVAL for a name that is not known, or a lonely brace. */
int placeholder_expand(const struct placeholders *known, const char *text, struct pool *pool,
		       const char **expanded, struct error *err);

/* The same for each argument of a NULL-ended command, with `{sources}` and with `more` (NULL-ended, taken as
 * they are) behind. */
int placeholder_expand_command(const struct placeholders *known, const char *const *command,
			       const char *const *more, struct pool *pool, const char *const **expanded,
			       struct error *err);
