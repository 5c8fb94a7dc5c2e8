/* libyaml's events, not its documents: a document has resolved its aliases, and has lost where they were. */
#include "base/yaml.h"

#include <string.h>

#include <yaml.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"

enum { DEPTH_MAX = 8, FILE_BYTES_MAX = 1 << 20 };

struct loader {
	yaml_parser_t parser;
	const char *path;
	struct pool *pool;
	struct error *err;
};

static int refuse(struct loader *loader, yaml_mark_t mark, const char *why)
{
	return error_set(loader->err, -EINVAL, "%s:%zu:%zu: %s", loader->path, mark.line + 1, mark.column + 1,
			 why);
}

/* The next event; the caller deletes it. */
static int next_event(struct loader *loader, yaml_event_t *event)
{
	const yaml_parser_t *parser = &loader->parser;

	if (yaml_parser_parse(&loader->parser, event))
		return 0;
	if (parser->error == YAML_MEMORY_ERROR)
		return error_set(loader->err, -ENOMEM, "%s: out of memory", loader->path);
	/* A reader's error (bytes that are no UTF-8) has an offset instead of a mark. */
	if (parser->error == YAML_READER_ERROR)
		return error_set(loader->err, -EINVAL, "%s:1:1: %s at byte %zu", loader->path,
				 parser->problem, parser->problem_offset);
	return refuse(loader, parser->problem_mark, parser->problem ? parser->problem : "not YAML");
}

static const char *refusal_of(const yaml_event_t *event, int depth)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (event->type) {
	case YAML_ALIAS_EVENT: return "an alias is not allowed here";
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		if (memchr(event->data.scalar.value, '\0', event->data.scalar.length))
			return "NUL is not allowed here";
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	default: return "a value is missing here";
	}
	if (anchor)
		return "an anchor is not allowed here";
	if (tag)
		return "a tag is not allowed here";
	return depth > DEPTH_MAX ? "nested too deep" : NULL;
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
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		if (!node->text)
			return NULL;
	} else {
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
	if (yaml_get(map, key->text))
		return error_set(loader->err, -EINVAL, "%s:%d:%d: %s stands here twice", loader->path,
				 key->line, key->column, key->text);
	return 0;
}

/* The elements of a list, or keys and values of a map, up to its end. */
static int load_children(struct loader *loader, struct yaml_node *parent, int depth)
{
	struct yaml_node **tail = &parent->first;
	struct yaml_node *key = NULL;

	for (;;) {
		struct yaml_node *child = NULL;
		yaml_event_t event;
		bool end;
		int code = next_event(loader, &event);

		if (code < 0)
			return code;
		end = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
		if (!end)
			code = load_node(loader, &event, depth + 1, &child);
		yaml_event_delete(&event);
		if (end || code < 0 || !child)
			return code;
		if (parent->kind == YAML_MAP && !key) {
			key = child;
			code = check_key(loader, parent, key);
			if (code < 0)
				return code;
			continue;
		}
		child->key = key;
		key = NULL;
		*tail = child;
		tail = &child->next;
		parent->count++;
	}
}

static int load_node(struct loader *loader, yaml_event_t *event, int depth, struct yaml_node **node)
{
	const char *refusal = refusal_of(event, depth);

	if (refusal)
		return refuse(loader, event->start_mark, refusal);
	*node = new_node(loader, event);
	if (!*node)
		return error_set(loader->err, -ENOMEM, "%s: out of memory", loader->path);
	return (*node)->kind == YAML_TEXT ? 0 : load_children(loader, *node, depth);
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
			return *root ? 0 : refuse(loader, mark, "the file is empty");
	}
}

int yaml_load(const char *path, struct pool *pool, struct yaml_node **root, struct error *err)
{
	cleanup_buffer struct buffer text = { 0 };
	struct loader loader = { .path = path, .pool = pool, .err = err };
	struct yaml_node *loaded = NULL;
	int code = file_read_all(path, FILE_BYTES_MAX, &text, err);

	if (code < 0)
		return code;
	if (!yaml_parser_initialize(&loader.parser))
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	yaml_parser_set_encoding(&loader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&loader.parser, (const unsigned char *)buffer_text(&text), text.size);
	code = load_document(&loader, &loaded);
	yaml_parser_delete(&loader.parser);
	if (code == 0)
		*root = loaded;
	return code;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	for (const struct yaml_node *value = map->first; value; value = value->next)
		if (strcmp(value->key->text, key) == 0)
			return value;
	return NULL;
}
