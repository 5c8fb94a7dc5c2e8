#include "constants.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"

enum { REPLACED_BYTES_MAX = 64 << 20, NAME_BYTES_MAX = 128 };

static bool is_name(const char *name)
{
	if (*name == '\0' || isdigit((unsigned char)*name) || strlen(name) > NAME_BYTES_MAX)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

static void check(const struct settings *constants)
{
	for (const struct yaml_node *value = constants->map->first; value; value = value->next)
		if (value->kind != YAML_TEXT || !is_name(value->key->text))
			settings_note(
				constants, value,
				"is no constant: a name of letters, digits and _, and a text or a number");
}

static bool ends_with(const char *path, const char *ending)
{
	size_t size = strlen(path), length = strlen(ending);

	return size >= length && strcmp(path + size - length, ending) == 0;
}

static bool is_below(const char *path, const char *folder)
{
	return strncmp(path, folder, strlen(folder)) == 0;
}

/* Where they count; programs may be anything that is text. */
static bool has_constants(const struct package_file *file)
{
	static const char *const programs[] = { "input_validators/", "input_format_validators/",
						"output_validator/", "output_validators/",
						"include/",          "submissions/" };
	static const char *const statements[] = { "statement/", "problem_statement/" };

	if (is_below(file->path, "data/"))
		return ends_with(file->path, "/test_group.yaml");
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		if (is_below(file->path, statements[i]))
			return ends_with(file->path, ".md") || ends_with(file->path, ".tex");
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (is_below(file->path, programs[i]))
			return !memchr(file->bytes, '\0', file->size);
	return false;
}

/* The constant that a sequence at `at` names, and the sequence's length; NULL: there is none. */
static const char *constant_at(const struct yaml_node *constants, const char *at, size_t left, bool tex,
			       size_t *length)
{
	static const char braces[] = "{{", command[] = "\\constant{";
	const char *opening = *at == '{' ? braces : command, *closing = *at == '{' ? "}}" : "}";
	size_t before = strlen(opening), behind = strlen(closing), size = 0;
	char name[NAME_BYTES_MAX + 1];

	if ((*at != '{' && !tex) || left < before || memcmp(at, opening, before) != 0)
		return NULL;
	at += before;
	left -= before;
	while (size < left && size < NAME_BYTES_MAX &&
	       (isalnum((unsigned char)at[size]) || at[size] == '_')) {
		name[size] = at[size];
		size++;
	}
	name[size] = '\0';
	if (left - size < behind || memcmp(at + size, closing, behind) != 0)
		return NULL;
	const struct yaml_node *value = is_name(name) ? yaml_get(constants, name) : NULL;
	*length = before + size + behind;
	return value && value->kind == YAML_TEXT ? value->text : NULL;
}

/* Whether there was anything to replace. */
static bool replace(const struct yaml_node *constants, const struct package_file *file, struct buffer *out)
{
	bool tex = ends_with(file->path, ".tex");
	size_t kept = 0, length;

	for (size_t at = 0; at < file->size; at++) {
		if (file->bytes[at] != '{' && file->bytes[at] != '\\')
			continue;
		const char *value = constant_at(constants, file->bytes + at, file->size - at, tex, &length);
		if (!value)
			continue;
		buffer_append(out, file->bytes + kept, at - kept);
		buffer_puts(out, value);
		if (out->size > REPLACED_BYTES_MAX)
			return true;
		kept = at + length;
		at = kept - 1;
	}
	if (kept > 0)
		buffer_append(out, file->bytes + kept, file->size - kept);
	return kept > 0;
}

static int replace_all(const struct settings *constants, struct package_tree *tree, struct error *err)
{
	size_t bytes = 0;

	for (size_t i = 0; i < tree->count; i++) {
		struct package_file *file = &tree->files[i];
		cleanup_buffer struct buffer out = { 0 };

		if (!has_constants(file) || !replace(constants->map, file, &out))
			continue;
		bytes += out.size;
		if (bytes > REPLACED_BYTES_MAX)
			return error_set(err, -E2BIG,
					 "%s: with its constants replaced the package is too large",
					 file->path);
		char *copy = pool_memdup(constants->pool, buffer_text(&out), out.size);
		if (!copy || out.failed)
			return error_set(err, -ENOMEM, "out of memory");
		file->bytes = copy;
		file->size = out.size;
	}
	return 0;
}

int constants_replace(struct settings *problem, const struct package_tree *tree,
		      const struct package_tree **replaced, struct error *err)
{
	struct settings constants;

	settings_within(problem, "constants", &constants);
	if (!constants.map || constants.map->count == 0) {
		*replaced = tree;
		return 0;
	}
	check(&constants);
	struct package_tree *copy = pool_alloc(problem->pool, sizeof *copy);
	struct package_file *files = pool_array(problem->pool, tree->count, sizeof *files);
	if (!copy || !files)
		return error_set(err, -ENOMEM, "out of memory");
	memcpy(files, tree->files, tree->count * sizeof *files);
	*copy = (struct package_tree){ .name = tree->name, .files = files, .count = tree->count };
	int code = replace_all(&constants, copy, err);
	if (code == 0)
		*replaced = copy;
	return code;
}
