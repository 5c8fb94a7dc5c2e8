/* pack.h - a language pack as it was read: struct language and what only this layer needs. */
#pragma once

#include "base/yaml.h"
#include "lang/lang.h"
#include "placeholder.h"

/* A program on the host. Candidates are absolute paths or glob(7) patterns, best first; PATH is never
 * searched, so that a version manager's shim cannot slip in. */
struct tool {
	const char *name;
	const char *const *paths;
	const char *package; /* Debian's, or NULL */
	const char *advice;  /* what to do instead of installing a package, or NULL */
	const char *found;   /* by catalogue_probe(), or NULL */
};

struct pack {
	struct language language;
	int order; /* in lists: lower first, then by id; 0: behind all that have one */
	struct tool *tools;
	size_t tool_count;
	const char *const *version; /* commands, with placeholders; `compile` is NULL when there is none */
	const char *const *compile;
	const char *const *check; /* looks at sources; or NULL */
	const char *const *run;
	const char *collect;
	bool unpack;
	const char *const *environment; /* "NAME=value", with placeholders */
};

/* Decodes one file into the pool. Refusals begin with `path:line:column: `. */
int pack_load(const char *path, const char *directory, struct pool *pool, struct pack **pack,
	      struct yaml_node **root, struct error *err);

/* {pack} and every tool (its path once found, else its name), in an array of the pool with room for `extra`
 * more behind; *count without these. NULL when memory is out. */
struct placeholder *pack_placeholders(const struct pack *pack, size_t extra, struct pool *pool,
				      size_t *count);

/* Where a box finds what the host has at `path`: what lies in the packs' folder is in /opt/languages there, so
 * that a tree anywhere works (a box has a /tmp of its own) and a program does not learn where it is. All
 * else has the same path. In the pool; NULL when memory is out. */
const char *pack_path_in_box(const struct pack *pack, const char *path, struct pool *pool);

/* The names that only lang_plan() can fill in, in its order. */
enum plan_placeholder { PLAN_MAIN, PLAN_STEM, PLAN_CLASS, PLAN_MEMORY_MB, PLAN_HEAP_MB, PLAN_PLACEHOLDERS };
extern const char *const plan_placeholder_names[PLAN_PLACEHOLDERS];

static inline const struct pack *pack_of(const struct language *language)
{
	return language->pack;
}
