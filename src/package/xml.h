/* xml.h - a small XML document as a tree, with the line of each element.
 *
 * For files that people and their tools write of a problem: elements, attributes, and the text of elements that hold
 * nothing else. Entities cannot be declared, so that nothing is more than what was read. All lives in the pool. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"

enum { XML_DEPTH_MAX = 64, XML_NODES_MAX = 200000, XML_BYTES_MAX = 8 << 20 };

struct xml_attribute {
	const char *name, *value;
};
struct xml_node {
	const char *name;
	const char *text; /* without blanks around it; "" where there are elements within */
	struct xml_attribute *attributes;
	size_t attribute_count;
	int line;
	struct xml_node *parent, *first, *last, *next;
};

/* -EINVAL with the line when it is no such document, -E2BIG when there is too much of it. */
int xml_parse(const char *bytes, size_t size, struct pool *pool, const struct xml_node **root,
	      struct error *err);

/* ---- of a node, which may be NULL: then there is nothing ---- */
const char *xml_attribute(const struct xml_node *node, const char *name);
/* The first element within that has this name, and the next one beside with the same name. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
const struct xml_node *xml_next(const struct xml_node *node);
