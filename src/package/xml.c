/* expat reads; what is kept of it is bounded here. Expat fetches nothing, and all that grows by itself are entities: a
 * document that declares one is refused at the declaration. */
#include "xml.h"

#include <expat.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"

static const char blanks[] = " \t\r\n";

struct builder {
	XML_Parser parser;
	struct pool *pool;
	struct xml_node *root, *open; /* the innermost that has not ended */
	struct buffer text;           /* of the innermost, so far */
	size_t nodes, depth;
	const char *why; /* it goes no further; NULL: nothing is wrong */
	int code;
};

static void builder_free(struct builder *builder)
{
	XML_ParserFree(builder->parser);
	buffer_free(&builder->text);
}

static void stop(struct builder *builder, int code, const char *why)
{
	if (builder->why)
		return;
	builder->code = code;
	builder->why = why;
	(void)XML_StopParser(builder->parser, XML_FALSE);
}

/* ---- what expat tells ---- */

/* `list` is names and values in turn, and a NULL. */
static bool keep_attributes(struct builder *builder, struct xml_node *node, const char **list)
{
	size_t count = 0;

	while (list[2 * count])
		count++;
	node->attributes = pool_array(builder->pool, count + 1, sizeof *node->attributes);
	if (!node->attributes)
		return false;
	for (; node->attribute_count < count; node->attribute_count++) {
		struct xml_attribute *kept = &node->attributes[node->attribute_count];

		kept->name = pool_strdup(builder->pool, list[2 * node->attribute_count]);
		kept->value = pool_strdup(builder->pool, list[2 * node->attribute_count + 1]);
		if (!kept->name || !kept->value)
			return false;
	}
	builder->nodes += count;
	return true;
}

static void put_within(struct builder *builder, struct xml_node *node)
{
	struct xml_node *parent = builder->open;

	node->parent = parent;
	if (!parent)
		builder->root = node;
	else if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	if (parent)
		parent->last = node;
	builder->open = node;
}

static void start(void *data, const char *name, const char **attributes)
{
	struct builder *builder = data;
	struct xml_node *node = pool_alloc(builder->pool, sizeof *node);

	if (++builder->depth > XML_DEPTH_MAX)
		stop(builder, -E2BIG, "elements are within each other more than 64 deep");
	if (++builder->nodes > XML_NODES_MAX)
		stop(builder, -E2BIG, "there are more than 200000 elements and attributes");
	if (builder->why)
		return;
	if (!node || !(node->name = pool_strdup(builder->pool, name)) ||
	    !keep_attributes(builder, node, attributes)) {
		stop(builder, -ENOMEM, "out of memory");
		return;
	}
	node->text = "";
	node->line = (int)XML_GetCurrentLineNumber(builder->parser);
	builder->text.size = 0;
	put_within(builder, node);
}

static void end(void *data, const char *name)
{
	struct builder *builder = data;
	struct xml_node *node = builder->open;

	(void)name;
	if (builder->why)
		return;
	if (!node->first && builder->text.size > 0) {
		const char *text = buffer_text(&builder->text) + strspn(buffer_text(&builder->text), blanks);
		size_t size = strlen(text);

		while (size > 0 && strchr(blanks, text[size - 1]))
			size--;
		node->text = pool_memdup(builder->pool, text, size);
	}
	if (!node->text || builder->text.failed)
		stop(builder, -ENOMEM, "out of memory");
	builder->text.size = 0;
	builder->depth--;
	builder->open = node->parent;
}

static void text(void *data, const char *bytes, int size)
{
	struct builder *builder = data;

	if (builder->open && !builder->open->first)
		buffer_append(&builder->text, bytes, (size_t)size);
}

static void entity(void *data, const char *name, int is_parameter, const char *value, int size,
		   const char *base, const char *system_id, const char *public_id, const char *notation)
{
	(void)name, (void)is_parameter, (void)value, (void)size;
	(void)base, (void)system_id, (void)public_id, (void)notation;
	stop(data, -EINVAL, "entities may not be declared");
}

/* ---- the whole ---- */

static int parse(struct builder *builder, const char *bytes, size_t size, struct error *err)
{
	XML_SetUserData(builder->parser, builder);
	XML_SetElementHandler(builder->parser, start, end);
	XML_SetCharacterDataHandler(builder->parser, text);
	XML_SetEntityDeclHandler(builder->parser, entity);
	if (XML_Parse(builder->parser, bytes, (int)size, XML_TRUE) == XML_STATUS_OK && !builder->why)
		return 0;
	enum XML_Error error = XML_GetErrorCode(builder->parser);
	if (!builder->why && error == XML_ERROR_NO_MEMORY)
		return error_set(err, -ENOMEM, "out of memory");
	return error_set(err, builder->why ? builder->code : -EINVAL, "line %lu: %s",
			 (unsigned long)XML_GetCurrentLineNumber(builder->parser),
			 builder->why ? builder->why : XML_ErrorString(error));
}

int xml_parse(const char *bytes, size_t size, struct pool *pool, const struct xml_node **root,
	      struct error *err)
{
	cleanup_with(builder_free) struct builder builder = { .parser = XML_ParserCreate(NULL),
							      .pool = pool };
	int code;

	if (!builder.parser)
		return error_set(err, -ENOMEM, "out of memory");
	if (size > XML_BYTES_MAX)
		return error_set(err, -E2BIG, "it has more than %d MiB", XML_BYTES_MAX >> 20);
	code = parse(&builder, bytes, size, err);
	if (code == 0)
		*root = builder.root;
	return code;
}

const char *xml_attribute(const struct xml_node *node, const char *name)
{
	for (size_t i = 0; node && i < node->attribute_count; i++)
		if (strcmp(node->attributes[i].name, name) == 0)
			return node->attributes[i].value;
	return NULL;
}

static const struct xml_node *named(const struct xml_node *node, const char *name)
{
	while (node && strcmp(node->name, name) != 0)
		node = node->next;
	return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
	return node ? named(node->first, name) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node)
{
	return named(node->next, node->name);
}
