/* From a YAML file to a struct pack, by one table of fields. A new field is a row in it, a member in
 * struct pack or struct language, and a line in docs/languages.md.
 *
 * libyaml is used directly: libcyaml decodes by tables too, but gives line and column only to its log, not
 * with its result, and takes a key that stands twice. */
#include "pack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const plan_placeholder_names[PLAN_PLACEHOLDERS] = {
	[PLAN_MAIN] = "main",           [PLAN_STEM] = "stem",       [PLAN_CLASS] = "class",
	[PLAN_MEMORY_MB] = "memory_mb", [PLAN_HEAP_MB] = "heap_mb",
};

struct decoder {
	const char *path;
	struct pool *pool;
	struct pack *pack;
	struct error *err;
};

struct field {
	const char *name;
	int (*decode)(struct decoder *decoder, const struct yaml_node *node, void *slot);
	size_t offset;
	bool required;
};

static int refuse(struct decoder *decoder, const struct yaml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct decoder *decoder, const struct yaml_node *node, const char *format, ...)
{
	char why[256];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	return error_set(decoder->err, -EINVAL, "%s:%d:%d: %s", decoder->path, node->line, node->column, why);
}

static int out_of_memory(struct decoder *decoder)
{
	return error_set(decoder->err, -ENOMEM, "%s: out of memory", decoder->path);
}

/* ---- maps ---- */

static const struct field *field_named(const struct field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* In the table's order, not the file's: the tools are known before the commands that name them. */
static int decode_map(struct decoder *decoder, const struct yaml_node *map, const struct field *fields,
		      size_t count, void *base)
{
	if (map->kind != YAML_MAP)
		return refuse(decoder, map, "must be a mapping");
	for (const struct yaml_node *value = map->first; value; value = value->next)
		if (!field_named(fields, count, value->key->text))
			return refuse(decoder, value->key, "unknown key %s", value->key->text);
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *value = yaml_get(map, fields[i].name);
		int code = 0;

		if (value)
			code = fields[i].decode(decoder, value, (char *)base + fields[i].offset);
		else if (fields[i].required)
			code = refuse(decoder, map, "%s is missing", fields[i].name);
		if (code < 0)
			return code;
	}
	return 0;
}

/* ---- texts ---- */

static int decode_text(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	if (node->kind != YAML_TEXT)
		return refuse(decoder, node, "must be text");
	if (!node->text[0])
		return refuse(decoder, node, "must not be empty");
	*(const char **)slot = node->text;
	return 0;
}

/* Lower case, so that what users write can be compared whatever its case. */
static int decode_word(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	int code = decode_text(decoder, node, slot);

	if (code == 0 && node->text[strspn(node->text, "abcdefghijklmnopqrstuvwxyz0123456789+#_-")])
		code = refuse(decoder, node, "must be of a-z, 0-9, +, #, _, -");
	return code;
}

static int decode_file_name(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	int code = decode_text(decoder, node, slot);

	if (code == 0 && !lang_file_name_ok(node->text))
		code = refuse(decoder, node, "must be a relative file name");
	return code;
}

static int decode_bool(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	bool is_true = node->kind == YAML_TEXT && !node->quoted && strcmp(node->text, "true") == 0;

	if (!is_true && (node->kind != YAML_TEXT || node->quoted || strcmp(node->text, "false") != 0))
		return refuse(decoder, node, "must be true or false");
	*(bool *)slot = is_true;
	return 0;
}

/* ---- placeholders ---- */

struct placeholder *pack_placeholders(const struct pack *pack, size_t extra, struct pool *pool, size_t *count)
{
	struct placeholder *items = pool_array(pool, 1 + pack->tool_count + extra, sizeof *items);

	if (!items)
		return NULL;
	items[0] = (struct placeholder){ "pack", pack->language.directory };
	for (size_t i = 0; i < pack->tool_count; i++) {
		const struct tool *tool = &pack->tools[i];

		items[i + 1] = (struct placeholder){ tool->name, tool->found ? tool->found : tool->name };
	}
	*count = 1 + pack->tool_count;
	return items;
}

const char *pack_path_in_box(const struct pack *pack, const char *path, struct pool *pool)
{
	const char *folder = pack->language.directory;
	size_t size = strlen(folder);

	if (strncmp(path, folder, size) != 0 || (path[size] != '/' && path[size] != '\0'))
		return path;
	return pool_printf(pool, "/opt/languages%s", path + size);
}

/* {pack} and tools; with `planned` also what only lang_plan() knows. */
static int known_placeholders(struct decoder *decoder, bool planned, struct placeholders *known)
{
	size_t count = 0;
	struct placeholder *items =
		pack_placeholders(decoder->pack, PLAN_PLACEHOLDERS, decoder->pool, &count);

	if (!items)
		return out_of_memory(decoder);
	for (size_t i = 0; planned && i < PLAN_PLACEHOLDERS; i++)
		items[count++] = (struct placeholder){ plan_placeholder_names[i], "" };
	*known = (struct placeholders){ .items = items, .count = count };
	return 0;
}

static int check_placeholders(struct decoder *decoder, const struct yaml_node *node, bool planned)
{
	const char *expanded;
	struct placeholders known;
	struct error why = { 0 };

	if (known_placeholders(decoder, planned, &known) < 0)
		return -ENOMEM;
	if (planned && strcmp(node->text, "{sources}") == 0)
		return 0;
	if (placeholder_expand(&known, node->text, decoder->pool, &expanded, &why) < 0)
		return refuse(decoder, node, "%s", why.text);
	return 0;
}

static int decode_host_argument(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	int code = decode_text(decoder, node, slot);

	return code < 0 ? code : check_placeholders(decoder, node, false);
}

static int decode_argument(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	int code = decode_text(decoder, node, slot);

	return code < 0 ? code : check_placeholders(decoder, node, true);
}

static int decode_variable(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	int code = decode_argument(decoder, node, slot);

	if (code == 0 && (!strchr(node->text, '=') || node->text[0] == '='))
		code = refuse(decoder, node, "must be NAME=value");
	return code;
}

/* A host path or pattern; {pack} is filled in at once. */
static int decode_path(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	const struct placeholder folder = { "pack", decoder->pack->language.directory };
	const struct placeholders known = { .items = &folder, .count = 1 };
	struct error why = { 0 };
	int code = decode_text(decoder, node, slot);

	if (code < 0)
		return code;
	if (placeholder_expand(&known, node->text, decoder->pool, slot, &why) < 0)
		return refuse(decoder, node, "%s", why.text);
	if (**(const char **)slot != '/')
		return refuse(decoder, node, "must be an absolute path");
	return 0;
}

/* ---- lists ---- */

static int decode_list(struct decoder *decoder, const struct yaml_node *node, void *slot,
		       int (*decode)(struct decoder *decoder, const struct yaml_node *node, void *slot))
{
	const char **list;
	size_t count = 0;

	if (node->kind != YAML_LIST)
		return refuse(decoder, node, "must be a list");
	list = pool_array(decoder->pool, node->count + 1, sizeof *list);
	if (!list)
		return out_of_memory(decoder);
	for (const struct yaml_node *item = node->first; item; item = item->next) {
		int code = decode(decoder, item, &list[count++]);

		if (code < 0)
			return code;
	}
	*(const char *const **)slot = list;
	return 0;
}

static int decode_texts(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	return decode_list(decoder, node, slot, decode_text);
}

static int decode_words(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	return decode_list(decoder, node, slot, decode_word);
}

static int decode_paths(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	return decode_list(decoder, node, slot, decode_path);
}

static int decode_environment(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	return decode_list(decoder, node, slot, decode_variable);
}

/* A command starts with an absolute path or a tool; with anything else exec(2) would only fail later. */
static int check_command(struct decoder *decoder, const struct yaml_node *node)
{
	if (!node->first)
		return refuse(decoder, node, "must name a program");
	return 0;
}

static int decode_command(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	int code = decode_list(decoder, node, slot, decode_argument);

	return code < 0 ? code : check_command(decoder, node);
}

static int decode_host_command(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	int code = decode_list(decoder, node, slot, decode_host_argument);

	return code < 0 ? code : check_command(decoder, node);
}

/* ---- tools ---- */

#define FIELD(type, name, member, decode, required)            \
	{                                                      \
		name, decode, offsetof(type, member), required \
	}

static const struct field tool_fields[] = {
	FIELD(struct tool, "name", name, decode_word, true),
	FIELD(struct tool, "paths", paths, decode_paths, true),
	FIELD(struct tool, "package", package, decode_text, false),
	FIELD(struct tool, "advice", advice, decode_text, false),
};

/* Of all names that a placeholder may have: none may mean two things. */
static bool name_is_taken(const struct pack *pack, const char *name, size_t tools)
{
	for (size_t i = 0; i < PLAN_PLACEHOLDERS; i++)
		if (strcmp(plan_placeholder_names[i], name) == 0)
			return true;
	for (size_t i = 0; i < tools; i++)
		if (strcmp(pack->tools[i].name, name) == 0)
			return true;
	return strcmp(name, "pack") == 0 || strcmp(name, "sources") == 0;
}

static int decode_tool(struct decoder *decoder, const struct yaml_node *node, struct tool *tool)
{
	int code = decode_map(decoder, node, tool_fields, sizeof tool_fields / sizeof tool_fields[0], tool);

	if (code < 0)
		return code;
	if (name_is_taken(decoder->pack, tool->name, decoder->pack->tool_count))
		return refuse(decoder, yaml_get(node, "name"), "the name %s is taken", tool->name);
	if (!tool->package == !tool->advice)
		return refuse(decoder, node, "needs either package or advice");
	return 0;
}

static int decode_tools(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	struct pack *pack = decoder->pack;

	if (node->kind != YAML_LIST || !node->first)
		return refuse(decoder, node, "must be a list of tools");
	pack->tools = pool_array(decoder->pool, node->count, sizeof *pack->tools);
	if (!pack->tools)
		return out_of_memory(decoder);
	for (const struct yaml_node *item = node->first; item; item = item->next) {
		int code = decode_tool(decoder, item, &pack->tools[pack->tool_count]);

		if (code < 0)
			return code;
		pack->tool_count++;
	}
	return 0;
}

/* ---- limits ---- */

static int decode_number(struct decoder *decoder, const struct yaml_node *node, long max, long *number)
{
	char *end;
	long value = node->kind == YAML_TEXT && !node->quoted ? strtol(node->text, &end, 10) : 0;

	if (value < 1 || value > max || *end)
		return refuse(decoder, node, "must be a whole number from 1 to %ld", max);
	*number = value;
	return 0;
}

static int decode_count(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	long number = 0;
	int code = decode_number(decoder, node, 1000000, &number);

	*(int *)slot = (int)number;
	return code;
}

static int decode_megabytes(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	long number = 0;
	int code = decode_number(decoder, node, 1000000, &number);

	*(int64_t *)slot = (int64_t)number << 20;
	return code;
}

static const struct field limit_fields[] = {
	FIELD(struct limits, "memory_mb", memory_bytes, decode_megabytes, false),
	FIELD(struct limits, "file_mb", file_bytes, decode_megabytes, false),
	FIELD(struct limits, "disk_mb", disk_bytes, decode_megabytes, false),
	FIELD(struct limits, "inodes", inodes, decode_count, false),
	FIELD(struct limits, "processes", processes, decode_count, false),
	FIELD(struct limits, "open_files", open_files, decode_count, false),
};

static int decode_limits(struct decoder *decoder, const struct yaml_node *node, void *slot)
{
	return decode_map(decoder, node, limit_fields, sizeof limit_fields / sizeof limit_fields[0], slot);
}

/* ---- the whole ---- */

#define PUBLIC(name, member, decode, required) FIELD(struct pack, name, language.member, decode, required)
#define OWN(name, member, decode, required)    FIELD(struct pack, name, member, decode, required)

static const struct field pack_fields[] = {
	PUBLIC("id", id, decode_word, true),
	PUBLIC("name", name, decode_text, true),
	PUBLIC("aliases", aliases, decode_words, false),
	PUBLIC("extensions", extensions, decode_words, true),
	PUBLIC("unlisted", unlisted, decode_bool, false),
	PUBLIC("external_id", external_id, decode_text, false),
	PUBLIC("package_id", package_id, decode_word, false),
	PUBLIC("source", source_name, decode_file_name, true),
	PUBLIC("name_from_public_class", name_from_public_class, decode_bool, false),
	OWN("order", order, decode_count, false),
	OWN("tools", tools, decode_tools, true),
	OWN("version", version, decode_host_command, true),
	OWN("compile", compile, decode_command, false),
	OWN("collect", collect, decode_file_name, false),
	OWN("unpack", unpack, decode_bool, false),
	OWN("check", check, decode_command, false),
	OWN("run", run, decode_command, true),
	OWN("environment", environment, decode_environment, false),
	PUBLIC("visible", visible, decode_paths, false),
	PUBLIC("read_ahead", read_ahead, decode_paths, false),
	PUBLIC("minimum", minimum, decode_limits, false),
	PUBLIC("compile_minimum", compile_minimum, decode_limits, false),
	PUBLIC("memory_messages", memory_messages, decode_texts, false),
	PUBLIC("hello", hello, decode_text, true),
	PUBLIC("hello_output", hello_output, decode_text, true),
	PUBLIC("echo", echo, decode_text, false),
};

static int check_whole(struct decoder *decoder, const struct yaml_node *root)
{
	const struct pack *pack = decoder->pack;

	if (!pack->compile && pack->collect)
		return refuse(decoder, yaml_get(root, "collect"), "collect without compile");
	if (pack->compile && !pack->collect)
		return refuse(decoder, yaml_get(root, "compile"), "compile without collect");
	if (pack->unpack && !pack->collect)
		return refuse(decoder, yaml_get(root, "unpack"), "unpack without collect");
	if (pack->check && pack->compile)
		return refuse(decoder, yaml_get(root, "check"), "check beside compile");
	if (!pack->language.unlisted && !pack->language.extensions[0])
		return refuse(decoder, yaml_get(root, "extensions"), "must name at least one");
	if (!pack->language.unlisted && !pack->language.echo)
		return refuse(decoder, root, "echo is missing");
	return 0;
}

int pack_load(const char *path, const char *directory, struct pool *pool, struct pack **pack,
	      struct yaml_node **root, struct error *err)
{
	static const char *const none[] = { NULL };
	struct decoder decoder = { .path = path, .pool = pool, .err = err };
	struct pack *loaded = pool_alloc(pool, sizeof *loaded);
	struct yaml_node *tree;
	int code;

	decoder.pack = loaded;
	if (!loaded)
		return out_of_memory(&decoder);
	loaded->language.directory = directory;
	loaded->language.pack = loaded;
	loaded->language.aliases = loaded->language.visible = loaded->language.read_ahead = none;
	loaded->language.memory_messages = loaded->environment = none;
	code = yaml_load(path, pool, &tree, err);
	if (code == 0)
		code = decode_map(&decoder, tree, pack_fields, sizeof pack_fields / sizeof pack_fields[0],
				  loaded);
	if (code == 0)
		code = check_whole(&decoder, tree);
	if (code < 0)
		return code;
	loaded->language.compiled = loaded->compile != NULL;
	if (!loaded->language.package_id)
		loaded->language.package_id = loaded->language.id;
	*pack = loaded;
	*root = tree;
	return 0;
}
