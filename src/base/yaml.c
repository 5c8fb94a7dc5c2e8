/* libyaml's events, not its documents: a document has resolved its aliases, and has lost where they were.
 *
 * What an alias stands for is not copied: its node is one of its own, its children are the anchor's. A bomb of
 * aliases takes no memory therefore, but whoever walks the tree would walk it all, so each alias counts as many nodes
 * as it stands for. An anchor is known only behind its end: nothing holds itself. */
#include "base/yaml.h"

#include <string.h>

#include <yaml.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"

enum {
	DEPTH_MAX = 8,
	LENIENT_DEPTH_MAX = 64,
	FILE_BYTES_MAX = 1 << 20,
	NODES_MAX = 100000,
	KEYS_MAX = 10000, /* looking for one takes as long as there are keys */
	ANCHORS_MAX = 1000,
};

struct anchor {
	const char *name;
	const struct yaml_node *node;
	size_t nodes; /* in it, with itself */
	int height;   /* levels below it */
	const struct anchor *next;
};

struct loader {
	yaml_parser_t parser;
	const char *path;
	bool lenient;
	struct pool *pool;
	struct error *err;
	const struct anchor *anchors; /* the newest first: a name may be used again */
	size_t anchor_count;
	size_t nodes; /* so far */
	int deepest;  /* level since it was last reset */
};

static int refuse(struct loader *loader, yaml_mark_t mark, const char *why)
{
	return error_set(loader->err, -EINVAL, "%s:%zu:%zu: %s", loader->path, mark.line + 1, mark.column + 1,
			 why);
}

static int out_of_memory(const struct loader *loader)
{
	return error_set(loader->err, -ENOMEM, "%s: out of memory", loader->path);
}

/* The next event; the caller deletes it. */
static int next_event(struct loader *loader, yaml_event_t *event)
{
	const yaml_parser_t *parser = &loader->parser;

	if (yaml_parser_parse(&loader->parser, event))
		return 0;
	if (parser->error == YAML_MEMORY_ERROR)
		return out_of_memory(loader);
	/* A reader's error (bytes that are no UTF-8) has an offset instead of a mark. */
	if (parser->error == YAML_READER_ERROR)
		return error_set(loader->err, -EINVAL, "%s:1:1: %s at byte %zu", loader->path,
				 parser->problem, parser->problem_offset);
	return refuse(loader, parser->problem_mark, parser->problem ? parser->problem : "not YAML");
}

static const char *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT: return (const char *)event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT: return (const char *)event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT: return (const char *)event->data.mapping_start.anchor;
	default: return NULL;
	}
}

static const char *tag_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT: return (const char *)event->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT: return (const char *)event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT: return (const char *)event->data.mapping_start.tag;
	default: return NULL;
	}
}

static const char *strict_refusal_of(const yaml_event_t *event)
{
	if (event->type == YAML_ALIAS_EVENT)
		return "an alias is not allowed here";
	if (anchor_of(event))
		return "an anchor is not allowed here";
	return tag_of(event) ? "a tag is not allowed here" : NULL;
}

static const char *refusal_of(const struct loader *loader, const yaml_event_t *event, int depth)
{
	const char *refusal = loader->lenient ? NULL : strict_refusal_of(event);

	if (refusal)
		return refusal;
	if (event->type != YAML_ALIAS_EVENT && event->type != YAML_SCALAR_EVENT &&
	    event->type != YAML_SEQUENCE_START_EVENT && event->type != YAML_MAPPING_START_EVENT)
		return "a value is missing here";
	if (event->type == YAML_SCALAR_EVENT &&
	    memchr(event->data.scalar.value, '\0', event->data.scalar.length))
		return "NUL is not allowed here";
	if (depth > (loader->lenient ? LENIENT_DEPTH_MAX : DEPTH_MAX))
		return "nested too deep";
	return loader->nodes >= NODES_MAX ? "too much is in this file" : NULL;
}

/* A tag says !!str, or "!" for what is no number whatever it looks like. */
static bool is_text_by_tag(const yaml_event_t *event)
{
	const char *tag = tag_of(event);

	return tag && (strcmp(tag, YAML_STR_TAG) == 0 || strcmp(tag, "!") == 0);
}

static struct yaml_node *new_node(struct loader *loader, const yaml_event_t *event)
{
	struct yaml_node *node = pool_alloc(loader->pool, sizeof *node);

	if (!node)
		return NULL;
	node->line = (int)event->start_mark.line + 1;
	node->column = (int)event->start_mark.column + 1;
	if (event->type == YAML_SCALAR_EVENT) {
		node->text = pool_memdup(loader->pool, event->data.scalar.value, event->data.scalar.length);
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || is_text_by_tag(event);
		if (!node->text)
			return NULL;
	} else if (event->type != YAML_ALIAS_EVENT) {
		node->kind = event->type == YAML_SEQUENCE_START_EVENT ? YAML_LIST : YAML_MAP;
	}
	return node;
}

static int load_node(struct loader *loader, yaml_event_t *event, int depth, struct yaml_node **node);

static int check_key(struct loader *loader, const struct yaml_node *map, const struct yaml_node *key)
{
	yaml_mark_t mark = { .line = (size_t)key->line - 1, .column = (size_t)key->column - 1 };

	if (key->kind != YAML_TEXT)
		return refuse(loader, mark, "a key must be text");
	if (map->count >= KEYS_MAX)
		return refuse(loader, mark, "too many keys");
	if (!loader->lenient && yaml_get(map, key->text))
		return error_set(loader->err, -EINVAL, "%s:%d:%d: %s stands here twice", loader->path,
				 key->line, key->column, key->text);
	return 0;
}

/* Where in the map the value of `key` hangs, or would. */
static struct yaml_node **place_of(struct yaml_node *map, const char *key)
{
	struct yaml_node **place = &map->first;

	while (*place && strcmp((*place)->key->text, key) != 0)
		place = &(*place)->next;
	return place;
}

/* In the place of the one with the same key, if there is one. */
static void put(struct yaml_node *map, struct yaml_node *value)
{
	struct yaml_node **place = place_of(map, value->key->text);

	if (*place)
		value->next = (*place)->next;
	else
		map->count++;
	*place = value;
}

/* What `map` does not have of `base`. */
static int merge(struct loader *loader, struct yaml_node *map, const struct yaml_node *base)
{
	for (const struct yaml_node *value = base->first; value; value = value->next) {
		struct yaml_node *copy;

		if (yaml_get(map, value->key->text))
			continue;
		if (map->count >= KEYS_MAX)
			return error_set(loader->err, -EINVAL, "%s:%d:%d: too many keys", loader->path,
					 map->line, map->column);
		copy = pool_alloc(loader->pool, sizeof *copy);
		if (!copy)
			return out_of_memory(loader);
		*copy = *value;
		copy->next = NULL;
		put(map, copy);
	}
	return 0;
}

/* `<<` with a map, or a list of them, of which the first that has a key counts. */
static int merge_all(struct loader *loader, struct yaml_node *map)
{
	struct yaml_node **place = place_of(map, "<<");
	const struct yaml_node *bases = *place;
	int code = 0;

	if (!bases || bases->kind == YAML_TEXT || bases->key->quoted)
		return 0;
	*place = bases->next;
	map->count--;
	if (bases->kind == YAML_MAP)
		return merge(loader, map, bases);
	for (const struct yaml_node *base = bases->first; base && code == 0; base = base->next)
		code = base->kind == YAML_MAP ? merge(loader, map, base) : 0;
	return code;
}

/* The next key or value; *child stays NULL at the end. */
static int load_child(struct loader *loader, int depth, struct yaml_node **child)
{
	yaml_event_t event;
	int code = next_event(loader, &event);

	if (code < 0)
		return code;
	if (event.type != YAML_SEQUENCE_END_EVENT && event.type != YAML_MAPPING_END_EVENT)
		code = load_node(loader, &event, depth, child);
	yaml_event_delete(&event);
	return code;
}

static int load_list(struct loader *loader, struct yaml_node *list, int depth)
{
	struct yaml_node **tail = &list->first;

	for (;;) {
		int code = load_child(loader, depth + 1, tail);

		if (code < 0 || !*tail)
			return code;
		tail = &(*tail)->next;
		list->count++;
	}
}

static int load_map(struct loader *loader, struct yaml_node *map, int depth)
{
	for (;;) {
		struct yaml_node *key = NULL, *value = NULL;
		int code = load_child(loader, depth + 1, &key);

		if (code == 0 && !key)
			return loader->lenient ? merge_all(loader, map) : 0;
		if (code == 0)
			code = check_key(loader, map, key);
		if (code == 0)
			code = load_child(loader, depth + 1, &value);
		if (code < 0 || !value)
			return code;
		value->key = key;
		put(map, value);
	}
}

/* A node like what the anchor is at, in another place. */
static int load_alias(struct loader *loader, const yaml_event_t *event, int depth, struct yaml_node *node)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = loader->anchors;

	while (anchor && strcmp(anchor->name, name) != 0)
		anchor = anchor->next;
	if (!anchor)
		return refuse(loader, event->start_mark, "an alias of nothing");
	if (depth + anchor->height > LENIENT_DEPTH_MAX)
		return refuse(loader, event->start_mark, "nested too deep");
	if (anchor->nodes > NODES_MAX - loader->nodes)
		return refuse(loader, event->start_mark, "too much is in this file");
	loader->nodes += anchor->nodes - 1;
	if (loader->deepest < depth + anchor->height)
		loader->deepest = depth + anchor->height;
	node->kind = anchor->node->kind;
	node->text = anchor->node->text;
	node->quoted = anchor->node->quoted;
	node->first = anchor->node->first;
	node->count = anchor->node->count;
	return 0;
}

static int remember(struct loader *loader, const yaml_event_t *event, const struct yaml_node *node,
		    size_t nodes, int height)
{
	struct anchor *anchor;

	if (!anchor_of(event))
		return 0;
	if (loader->anchor_count++ >= ANCHORS_MAX)
		return refuse(loader, event->start_mark, "too many anchors");
	anchor = pool_alloc(loader->pool, sizeof *anchor);
	if (!anchor)
		return out_of_memory(loader);
	*anchor = (struct anchor){
		.name = pool_strdup(loader->pool, anchor_of(event)),
		.node = node,
		.nodes = nodes,
		.height = height,
		.next = loader->anchors,
	};
	loader->anchors = anchor;
	return anchor->name ? 0 : out_of_memory(loader);
}

static int load_content(struct loader *loader, const yaml_event_t *event, int depth, struct yaml_node *node)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT: return load_alias(loader, event, depth, node);
	case YAML_SEQUENCE_START_EVENT: return load_list(loader, node, depth);
	case YAML_MAPPING_START_EVENT: return load_map(loader, node, depth);
	default: return 0;
	}
}

static int load_node(struct loader *loader, yaml_event_t *event, int depth, struct yaml_node **node)
{
	const char *refusal = refusal_of(loader, event, depth);
	size_t before = loader->nodes++;
	int deepest = loader->deepest, code;
	struct yaml_node *loaded;

	if (refusal)
		return refuse(loader, event->start_mark, refusal);
	loaded = new_node(loader, event);
	if (!loaded)
		return out_of_memory(loader);
	loader->deepest = depth;
	code = load_content(loader, event, depth, loaded);
	if (code == 0)
		code = remember(loader, event, loaded, loader->nodes - before, loader->deepest - depth);
	if (loader->deepest < deepest)
		loader->deepest = deepest;
	if (code == 0)
		*node = loaded;
	return code;
}

static int load_document(struct loader *loader, struct yaml_node **root)
{
	for (;;) {
		yaml_event_t event;
		int code = next_event(loader, &event);
		yaml_event_type_t type;
		yaml_mark_t mark;

		if (code < 0)
			return code;
		type = event.type;
		mark = event.start_mark;
		if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
		    type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT)
			code = load_node(loader, &event, 1, root);
		yaml_event_delete(&event);
		if (code < 0)
			return code;
		if (type == YAML_DOCUMENT_START_EVENT && *root)
			return refuse(loader, mark, "a second document is not allowed here");
		if (type == YAML_STREAM_END_EVENT)
			return *root || loader->lenient ? 0 : refuse(loader, mark, "the file is empty");
	}
}

int yaml_parse(const char *bytes, size_t size, const char *name, unsigned options, struct pool *pool,
	       struct yaml_node **root, struct error *err)
{
	struct loader loader = { .path = name, .lenient = options & YAML_LENIENT, .pool = pool, .err = err };
	struct yaml_node *loaded = NULL;
	int code;

	if (size > FILE_BYTES_MAX)
		return error_set(err, -EINVAL, "%s: larger than 1 MiB", name);
	if (!yaml_parser_initialize(&loader.parser))
		return out_of_memory(&loader);
	yaml_parser_set_encoding(&loader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&loader.parser, (const unsigned char *)bytes, size);
	code = load_document(&loader, &loaded);
	yaml_parser_delete(&loader.parser);
	if (code == 0)
		*root = loader.lenient && loaded && yaml_is_null(loaded) ? NULL : loaded;
	return code;
}

int yaml_load(const char *path, struct pool *pool, struct yaml_node **root, struct error *err)
{
	cleanup_buffer struct buffer text = { 0 };
	int code = file_read_all(path, FILE_BYTES_MAX, &text, err);

	return code < 0 ? code
			: yaml_parse(buffer_text(&text), text.size, path, YAML_STRICT, pool, root, err);
}

bool yaml_is_null(const struct yaml_node *node)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (node->kind != YAML_TEXT || node->quoted)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(node->text, words[i]) == 0)
			return true;
	return false;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	for (const struct yaml_node *value = map->first; value; value = value->next)
		if (strcmp(value->key->text, key) == 0)
			return value;
	return NULL;
}
