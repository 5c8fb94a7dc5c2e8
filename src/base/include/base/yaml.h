/* yaml.h - a YAML file as a small tree in which every node knows its line and column.
 *
 * The part of YAML that a language pack needs: one document of mappings, lists and scalars. Aliases,
 * anchors, tags, duplicate keys and deep nesting are refused, so that what is written is what is meant. */
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

/* The value of `key` in a map; NULL when absent. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
