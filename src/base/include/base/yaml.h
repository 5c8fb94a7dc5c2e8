/* yaml.h - a YAML file as a small tree in which every node knows its line and column.
 *
 * One document of mappings, lists and scalars. Our own files are read strictly: aliases, anchors, tags, duplicate keys
 * and deep nesting are refused, so that what is written is what is meant. What others wrote is read leniently, as their
 * tools do. Either way a file is bounded: 1 MiB, 100,000 nodes (those behind aliases counted each time), 10,000 keys
 * a mapping. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	int line, column;        /* from 1 */
	const char *text;        /* YAML_TEXT: never NULL, no NUL inside */
	bool quoted;             /* so that "true" in quotes is no boolean */
	struct yaml_node *next;  /* the next element of the list, or value of the map, that this one is in */
	struct yaml_node *first; /* the first of this list or map */
	size_t count;
	struct yaml_node *key; /* within a map */
};

/* Reads `path`, whose messages begin with `path:line:column: `. The tree lives as long as the pool. */
int yaml_load(const char *path, struct pool *pool, struct yaml_node **root, struct error *err);

enum yaml_options {
	YAML_STRICT = 0,
	/* Aliases are what they stand for, `<<` merges, of a key that stands there twice the last counts, tags mean
	 * nothing (but !!str, which is as good as quotes), nesting goes to 64 levels. */
	YAML_LENIENT = 1,
};

/* The same of bytes; `name` is what messages begin with. A lenient *root is NULL when the document is empty or null. */
int yaml_parse(const char *bytes, size_t size, const char *name, unsigned options, struct pool *pool,
	       struct yaml_node **root, struct error *err);

/* Plain `null`, `~` or nothing at all. */
bool yaml_is_null(const struct yaml_node *node);

/* The value of `key` in a map; NULL when absent. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
