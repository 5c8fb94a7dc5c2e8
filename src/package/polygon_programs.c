/* <assets> and <files>: the checker, the interactor, validators, and what lies beside programs.
 *
 * Resources are headers for all of these (testlib.h), macros and pictures of statements, and with <assets> of their own
 * parts of just those programs: graders, which are beside solutions. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "polygon.h"

enum asset { ASSET_CHECKER, ASSET_INTERACTOR, ASSET_VALIDATOR, ASSET_SOLUTION };
static const char *const asset_names[] = { "checker", "interactor", "validator", "solution" };

/* ---- languages ---- */

/* A type is a language, and behind a dot whose and which: "cpp.g++17", "python.pypy3-64", "java21". Longer beginnings are
 * before shorter ones; who has none here is told so by program_read(). */
static const char *language_of(const char *type)
{
	static const struct {
		const char *beginning, *language;
	} types[] = {
		{ "cpp.", "cpp" },
		{ "c.", "c" },
		{ "javascript", "javascript" },
		{ "java", "java" },
		{ "python.2", "Python-2" },
		{ "python.pypy2", "Python-2" },
		{ "python", "python" },
		{ "csharp.", "csharp" },
		{ "go", "go" },
		{ "rust", "rust" },
		{ "js", "javascript" },
		{ "nodejs", "javascript" },
		{ "typescript", "typescript" },
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strncmp(type, types[i].beginning, strlen(types[i].beginning)) == 0)
			return types[i].language;
	return type;
}

int polygon_program(struct polygon *polygon, const struct xml_node *source, bool any_build,
		    struct package_program *program)
{
	const char *path = xml_attribute(source, "path"), *type = xml_attribute(source, "type");

	if (!path || !package_tree_find(polygon->tree, path)) {
		polygon_note(polygon, source, "the source '%.200s' is not there", path ? path : "");
		return -ENOENT;
	}
	return program_read(polygon->tree, polygon->catalogue, path, type && *type ? language_of(type) : NULL,
			    NULL, any_build, polygon->pool, &polygon->package->notes, program, polygon->err);
}

/* ---- resources ---- */

static const char *name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct xml_node *first_resource(const struct polygon *polygon)
{
	const struct xml_node *files = xml_child(polygon->problem, "files");

	return xml_child(xml_child(files, "resources"), "file");
}

static bool is_header(const char *name)
{
	static const char *const endings[] = { "h", "hh", "hpp", "hxx", "h++", "inc", "tpp" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
		if (strcasecmp(dot + 1, endings[i]) == 0)
			return true;
	return false;
}

static bool is_part_of(const struct xml_node *resource, enum asset asset)
{
	const struct xml_node *assets = xml_child(resource, "assets"), *each = xml_child(assets, "asset");
	const char *path = xml_attribute(resource, "path");

	if (!each)
		return path && asset != ASSET_SOLUTION && is_header(path);
	for (; each; each = xml_next(each)) {
		const char *name = xml_attribute(each, "name");

		if (name && strcasecmp(name, asset_names[asset]) == 0)
			return true;
	}
	return false;
}

/* NULL: it is not there, or no program may have a file of that name. */
static const struct package_file *resource_file(const struct polygon *polygon,
						const struct xml_node *resource)
{
	const char *path = xml_attribute(resource, "path");
	const struct package_file *file = path ? package_tree_find(polygon->tree, path) : NULL;

	return file && lang_file_name_ok(name_in(file->path)) ? file : NULL;
}

static bool has_file(const struct package_program *program, const char *name)
{
	for (size_t i = 0; i < program->file_count; i++)
		if (strcmp(program->files[i].name, name) == 0)
			return true;
	return false;
}

static int put_resources(const struct polygon *polygon, enum asset asset, struct package_program *program)
{
	const struct xml_node *resource = first_resource(polygon);
	size_t room = program->file_count;

	for (const struct xml_node *each = resource; each; each = xml_next(each))
		room++;
	struct task_file *files = pool_array(polygon->pool, room + 1, sizeof *files);
	if (!files)
		return polygon_out_of_memory(polygon);
	memcpy(files, program->files, program->file_count * sizeof *files);
	program->files = files;
	for (; resource && program->file_count < TASK_FILES_MAX; resource = xml_next(resource)) {
		const struct package_file *file =
			is_part_of(resource, asset) ? resource_file(polygon, resource) : NULL;

		if (file && !has_file(program, name_in(file->path)))
			files[program->file_count++] = (struct task_file){ .name = name_in(file->path),
									   .data = file->bytes,
									   .size = file->size };
	}
	return 0;
}

static void note_resources(const struct polygon *polygon)
{
	for (const struct xml_node *each = first_resource(polygon); each; each = xml_next(each)) {
		const char *path = xml_attribute(each, "path");

		if (!path || !package_tree_find(polygon->tree, path))
			polygon_note(polygon, each, "the resource '%.200s' is not there", path ? path : "");
		else if (!resource_file(polygon, each))
			polygon_note(polygon, each,
				     "a file whose name compilers could misunderstand is left out");
	}
}

/* ---- beside solutions ---- */

static bool has_include(const struct package *package, const char *name)
{
	for (size_t i = 0; i < package->include_count; i++)
		if (strcmp(package->includes[i].name, name) == 0)
			return true;
	return false;
}

/* "cpp.*" and such between colons or semicolons; without any the file's own type, and headers are C++'s and C's. */
static int add_includes(struct polygon *polygon, const struct xml_node *resource,
			const struct package_file *file, size_t room)
{
	struct package *package = polygon->package;
	const char *types = xml_attribute(resource, "for-types"), *type = xml_attribute(resource, "type");
	char one[64];

	if (!types || !*types)
		types = is_header(file->path) ? "cpp.:c." : type ? type : "";
	while (*types && package->include_count < room) {
		size_t size = strcspn(types, ":;");

		snprintf(one, sizeof one, "%.*s", (int)(size < sizeof one ? size : sizeof one - 1), types);
		types += size + (types[size] != '\0');
		const struct language *language = catalogue_find(polygon->catalogue, language_of(one));
		if (!language)
			continue;
		const char *name = pool_printf(polygon->pool, "%s/%s", language->id, name_in(file->path));
		if (!name)
			return polygon_out_of_memory(polygon);
		if (!has_include(package, name))
			package->includes[package->include_count++] =
				(struct task_file){ .name = name, .data = file->bytes, .size = file->size };
	}
	return 0;
}

static int read_includes(struct polygon *polygon)
{
	enum { INCLUDES_MAX = 200 };
	int code = 0;

	polygon->package->includes =
		pool_array(polygon->pool, INCLUDES_MAX, sizeof *polygon->package->includes);
	if (!polygon->package->includes)
		return polygon_out_of_memory(polygon);
	for (const struct xml_node *each = first_resource(polygon); each && code == 0;
	     each = xml_next(each)) {
		const struct package_file *file =
			is_part_of(each, ASSET_SOLUTION) ? resource_file(polygon, each) : NULL;

		if (file)
			code = add_includes(polygon, each, file, INCLUDES_MAX);
	}
	return code;
}

/* ---- programs ---- */

/* *program stays NULL without one that there is a source of. */
static int read_asset(struct polygon *polygon, enum asset asset, struct package_program **program)
{
	const struct xml_node *assets = xml_child(polygon->problem, "assets");
	const struct xml_node *source = xml_child(xml_child(assets, asset_names[asset]), "source");
	struct package_program *made = source ? pool_alloc(polygon->pool, sizeof *made) : NULL;
	int code;

	if (!source)
		return 0;
	if (!made)
		return polygon_out_of_memory(polygon);
	code = polygon_program(polygon, source, true, made);
	if (code == -ENOENT)
		return 0;
	if (code == 0)
		code = put_resources(polygon, asset, made);
	if (code == 0)
		*program = made;
	return code;
}

/* What the interactor writes is the checker's to judge; without a checker its own word counts. */
static int read_judges(struct polygon *polygon)
{
	struct package *package = polygon->package;
	int code = read_asset(polygon, ASSET_CHECKER, &package->output_validator);

	if (code == 0)
		code = read_asset(polygon, ASSET_INTERACTOR, &package->interactor);
	package->interactive = package->interactor;
	if (code < 0 || package->output_validator)
		return code;
	package_note(&package->notes, NULL, 0, "there is no checker: %s",
		     package->interactor ? "the interactor's word counts"
					 : "outputs are compared with the answers");
	package->output_validator = package->interactor;
	package->interactor = NULL;
	return 0;
}

static int read_validators(struct polygon *polygon)
{
	struct package *package = polygon->package;
	const struct xml_node *assets = xml_child(polygon->problem, "assets");
	const struct xml_node *first = xml_child(xml_child(assets, "validators"), "validator");
	size_t room = 1;
	int code = 0;

	for (const struct xml_node *each = first; each; each = xml_next(each))
		room++;
	package->input_validators = pool_array(polygon->pool, room, sizeof *package->input_validators);
	if (!package->input_validators)
		return polygon_out_of_memory(polygon);
	for (; first && code == 0; first = xml_next(first)) {
		const struct xml_node *source = xml_child(first, "source");
		struct package_program *made = &package->input_validators[package->input_validator_count];

		code = source ? polygon_program(polygon, source, true, made) : -ENOENT;
		if (code == 0)
			code = put_resources(polygon, ASSET_VALIDATOR, made);
		package->input_validator_count += code == 0;
		code = code == -ENOENT ? 0 : code;
	}
	if (code == 0 && package->input_validator_count == 0)
		package_note(&package->notes, NULL, 0, "there is no input validator");
	return code;
}

int polygon_programs_read(struct polygon *polygon)
{
	int code = read_judges(polygon);

	if (code == 0)
		code = read_validators(polygon);
	if (code == 0)
		code = read_includes(polygon);
	note_resources(polygon);
	return code;
}
