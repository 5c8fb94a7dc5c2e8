/* From files to a program: which language, which of them is the entry, and what lies beside it. */
#include "inside.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What other systems run and we may have no language pack for: a program of theirs is left out by its name, and what has
 * none of these endings either is no program at all. */
static const struct elsewhere {
	const char *extension, *language;
} elsewhere[] = {
	{ "adb", "Ada" },
	{ "bas", "Basic" },
	{ "bash", "Bash" },
	{ "cc", "C++" },
	{ "clj", "Clojure" },
	{ "cob", "COBOL" },
	{ "cpp", "C++" },
	{ "cs", "C#" },
	{ "ctd", "Checktestdata" },
	{ "d", "D" },
	{ "dart", "Dart" },
	{ "dpr", "Delphi" },
	{ "erl", "Erlang" },
	{ "ex", "Elixir" },
	{ "f", "Fortran" },
	{ "f90", "Fortran" },
	{ "fs", "F#" },
	{ "go", "Go" },
	{ "hs", "Haskell" },
	{ "java", "Java" },
	{ "jl", "Julia" },
	{ "js", "JavaScript" },
	{ "kt", "Kotlin" },
	{ "lisp", "Lisp" },
	{ "lua", "Lua" },
	{ "m", "Objective-C" },
	{ "ml", "OCaml" },
	{ "nim", "Nim" },
	{ "pas", "Pascal" },
	{ "php", "PHP" },
	{ "pl", "Perl or Prolog" },
	{ "ps1", "PowerShell" },
	{ "py2", "Python 2" },
	{ "py3", "Python 3" },
	{ "r", "R" },
	{ "rb", "Ruby" },
	{ "rs", "Rust" },
	{ "scala", "Scala" },
	{ "sh", "shell" },
	{ "swift", "Swift" },
	{ "ts", "TypeScript" },
	{ "vb", "Visual Basic" },
	{ "viva", "VIVA" },
	{ "zig", "Zig" },
};

struct reader {
	const struct package_tree *tree;
	const struct catalogue *catalogue;
	bool any_build;
	struct pool *pool;
	struct package_notes *notes;
	struct error *err;
};

/* The files of one program, sorted; names are within its folder. */
struct sources {
	const char *path;
	struct task_file *files;
	size_t count;
	const char *odd_name; /* the first that no program may have, or NULL */
};

static int out_of_memory(const struct reader *reader, const char *path)
{
	return error_set(reader->err, -ENOMEM, "read the program %s: out of memory", path);
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct elsewhere *language_elsewhere(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof elsewhere / sizeof elsewhere[0]; i++)
		if (strcasecmp(dot + 1, elsewhere[i].extension) == 0)
			return &elsewhere[i];
	return NULL;
}

/* ---- which files ---- */

static int sources_open(const struct reader *reader, const char *path, size_t room, struct sources *sources)
{
	*sources = (struct sources){
		.path = pool_strdup(reader->pool, path),
		.files = pool_array(reader->pool, room, sizeof *sources->files),
	};
	return sources->path && sources->files ? 0 : out_of_memory(reader, path);
}

/* Where a submission has an odd name it is the submission's fault; elsewhere nobody misses the file. */
static void sources_add(const struct reader *reader, struct sources *sources, const char *name,
			const struct package_file *file)
{
	if (lang_file_name_ok(name))
		sources->files[sources->count++] =
			(struct task_file){ .name = name, .data = file->bytes, .size = file->size };
	else if (!sources->odd_name)
		sources->odd_name = name;
	if (reader->any_build && !lang_file_name_ok(name))
		package_note(reader->notes, file->path, 0,
			     "a file whose name compilers could misunderstand is left out");
}

static int collect(const struct reader *reader, const char *path, struct sources *sources)
{
	const struct package_file *file = package_tree_find(reader->tree, path);
	size_t count = 1, first = file ? 0 : package_tree_below(reader->tree, path, &count);
	int code;

	if (count == 0)
		return error_set(reader->err, -ENOENT, "there is no file or folder %s", path);
	code = sources_open(reader, path, count, sources);
	if (code < 0)
		return code;
	if (file)
		sources_add(reader, sources, last_component(file->path), file);
	for (size_t i = first; !file && i < first + count; i++) {
		const struct package_file *inside = &reader->tree->files[i];
		sources_add(reader, sources, inside->path + strlen(path) + 1, inside);
	}
	return 0;
}

/* ---- which language ---- */

static const struct language *language_named(const struct catalogue *catalogue, const char *name)
{
	const struct language *found = catalogue_find(catalogue, name);

	for (size_t i = 0; !found && i < catalogue_count(catalogue); i++)
		if (strcasecmp(catalogue_at(catalogue, i)->name, name) == 0)
			found = catalogue_at(catalogue, i);
	return found;
}

/* Systems name a compiler and a version with the language: "python3", "java21", "cpp.g++17", "Python 3 (PyPy)". */
static const struct language *language_said(const struct catalogue *catalogue, const char *said)
{
	const struct language *found = language_named(catalogue, said);
	char name[64];
	size_t size = strcspn(said, " .");

	if (found || size >= sizeof name)
		return found;
	memcpy(name, said, size);
	name[size] = '\0';
	found = language_named(catalogue, name);
	while (!found && size > 0 && isdigit((unsigned char)name[size - 1])) {
		name[--size] = '\0';
		found = size > 0 ? language_named(catalogue, name) : NULL;
	}
	if (!found && strncasecmp(name, "pypy", 4) == 0)
		found = catalogue_find(catalogue, "python");
	return found;
}

static const struct task_file *file_named(const struct sources *sources, const char *name)
{
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->files[i].name, name) == 0)
			return &sources->files[i];
	return NULL;
}

static bool is_of(const struct reader *reader, const struct language *language, const char *name)
{
	return catalogue_by_extension(reader->catalogue, name) == language;
}

static size_t files_of(const struct reader *reader, const struct sources *sources,
		       const struct language *language)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++)
		count += is_of(reader, language, sources->files[i].name);
	return count;
}

/* That with most files; of two the one that the catalogue lists first. */
static const struct language *language_by_files(const struct reader *reader, const struct sources *sources)
{
	const struct language *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < catalogue_count(reader->catalogue); i++) {
		const struct language *language = catalogue_at(reader->catalogue, i);
		size_t count = files_of(reader, sources, language);

		if (count > most) {
			most = count;
			best = language;
		}
	}
	return best;
}

static bool is_script(const struct reader *reader, const struct sources *sources)
{
	return reader->any_build && (file_named(sources, "build") || file_named(sources, "run"));
}

static const struct language *choose_language(const struct reader *reader, const struct sources *sources,
					      const char *said, const char *entry)
{
	const struct language *language = NULL;

	if (said)
		return language_said(reader->catalogue, said);
	if (is_script(reader, sources))
		return catalogue_find(reader->catalogue, "script");
	if (entry && file_named(sources, entry))
		language = catalogue_by_extension(reader->catalogue, entry);
	return language ? language : language_by_files(reader, sources);
}

/* ---- which file is the entry ---- */

/* "main.go", "Main.java", "package/__main__.py": what is left to try when no entry is given. */
static bool is_called_main(const char *name)
{
	const char *last = last_component(name);

	return strncasecmp(last, "main.", 5) == 0 || strcmp(last, "__main__.py") == 0;
}

static int depth_of(const char *name)
{
	int depth = 0;

	for (; *name; name++)
		depth += *name == '/';
	return depth;
}

/* Files are sorted, so that of two equal ones the first by name stays. */
static bool is_better_entry(const char *name, const char *than)
{
	if (is_called_main(name) != is_called_main(than))
		return is_called_main(name);
	return depth_of(name) < depth_of(than);
}

static const struct task_file *entry_by_name(const struct reader *reader, const struct sources *sources,
					     const struct language *language)
{
	const struct task_file *best = NULL;

	for (size_t i = 0; i < sources->count; i++) {
		const struct task_file *file = &sources->files[i];

		if (is_of(reader, language, file->name) && (!best || is_better_entry(file->name, best->name)))
			best = file;
	}
	return best;
}

/* A file, or a class or module: "Main", "a.b.Main", Kotlin's "MainKt" is no file of ours. */
static bool is_entry(const char *name, const char *entry)
{
	size_t size = strlen(entry), i = 0;
	const char *dot = strrchr(last_component(name), '.');

	if (strcmp(name, entry) == 0)
		return true;
	if (!dot || (size_t)(dot - name) != size)
		return false;
	while (i < size && (name[i] == entry[i] || (name[i] == '/' && entry[i] == '.')))
		i++;
	return i == size;
}

static const struct task_file *entry_said(const struct reader *reader, const struct sources *sources,
					  const struct language *language, const char *entry)
{
	for (size_t i = 0; i < sources->count; i++)
		if (is_of(reader, language, sources->files[i].name) &&
		    is_entry(sources->files[i].name, entry))
			return &sources->files[i];
	package_note(reader->notes, sources->path, 0, "the entry point %s is not there", entry);
	return entry_by_name(reader, sources, language);
}

static const struct task_file *choose_entry(const struct reader *reader, const struct sources *sources,
					    const struct language *language, const char *entry)
{
	if (is_script(reader, sources) && strcmp(language->id, "script") == 0)
		return file_named(sources, "run") ? file_named(sources, "run") : file_named(sources, "build");
	return entry ? entry_said(reader, sources, language, entry)
		     : entry_by_name(reader, sources, language);
}

/* ---- all together ---- */

/* The entry comes first, the others in their order. */
static void entry_first(struct sources *sources, const struct task_file *entry)
{
	size_t at = (size_t)(entry - sources->files);
	struct task_file first = *entry;

	memmove(sources->files + 1, sources->files, at * sizeof first);
	sources->files[0] = first;
}

static const char *why_no_language(const struct reader *reader, const struct sources *sources,
				   const char *said, bool *not_a_program)
{
	const struct elsewhere *known = NULL;

	for (size_t i = 0; !known && i < sources->count; i++)
		known = language_elsewhere(sources->files[i].name);
	if (said)
		return pool_printf(reader->pool, "no language is called %.60s here", said);
	if (is_script(reader, sources))
		return "programs that come with a script to build or run them are not run here";
	*not_a_program = !known;
	return known ? pool_printf(reader->pool, "there is no %s here (.%s)", known->language,
				   known->extension)
		     : "no file in it is of a language that is known here";
}

/* Of a catalogue that nobody has looked for tools by all languages count. */
static const char *why_unavailable(const struct language *language)
{
	return language->available ? NULL : language->unavailable_reason;
}

static int refuse(const struct reader *reader, const char *why, bool not_a_program,
		  struct package_program *program)
{
	if (!why)
		return out_of_memory(reader, program->path);
	program->why_not = why;
	program->not_a_program = not_a_program;
	package_note(reader->notes, program->path, 0, "%s", why);
	return 0;
}

static int make_program(const struct reader *reader, struct sources *sources, const char *said,
			const char *entry, struct package_program *program)
{
	struct package_program made = { .path = sources->path,
					.files = sources->files,
					.file_count = sources->count };
	const struct language *language = choose_language(reader, sources, said, entry);
	const struct task_file *first = language ? choose_entry(reader, sources, language, entry) : NULL;
	bool not_a_program = false;
	const char *why = NULL;

	*program = made;
	if (sources->odd_name && !reader->any_build)
		return refuse(reader,
			      pool_printf(reader->pool,
					  "compilers could misunderstand the name of its file \"%.100s\"",
					  sources->odd_name),
			      true, program);
	if (sources->count > TASK_FILES_MAX)
		return refuse(reader, "it has more than 1000 files", false, program);
	if (!language)
		why = why_no_language(reader, sources, said, &not_a_program);
	else if (!first)
		why = pool_printf(reader->pool, "no file in it is one of %s (.%s)", language->name,
				  language->extensions[0]);
	if (!language || !first)
		return refuse(reader, why, not_a_program, program);
	entry_first(sources, first);
	if (why_unavailable(language))
		return refuse(reader, why_unavailable(language), false, program);
	program->language = language->id;
	return 0;
}

int program_read(const struct package_tree *tree, const struct catalogue *catalogue, const char *path,
		 const char *language, const char *entry, bool any_build, struct pool *pool,
		 struct package_notes *notes, struct package_program *program, struct error *err)
{
	const struct reader reader = { tree, catalogue, any_build, pool, notes, err };
	struct sources sources;
	int code = collect(&reader, path, &sources);

	return code < 0 ? code : make_program(&reader, &sources, language, entry, program);
}

/* ---- several ---- */

/* What lies in a folder of validators: each item a loose file, or a folder. */
struct item {
	const char *path;
	const struct package_file *file; /* NULL: a folder */
	bool source;                     /* a program by itself, and nothing that lies beside one */
};
struct items {
	struct item *at;
	size_t count, loose;
	bool script;
};

static bool is_source(const struct reader *reader, const char *name)
{
	return catalogue_by_extension(reader->catalogue, name) || language_elsewhere(name);
}

static int list(const struct reader *reader, const char *folder, struct items *items)
{
	size_t count, first = package_tree_below(reader->tree, folder, &count), skip = strlen(folder) + 1;
	const char *before = NULL;

	*items = (struct items){ .at = pool_array(reader->pool, count + 1, sizeof *items->at) };
	if (!items->at)
		return out_of_memory(reader, folder);
	for (size_t i = first; i < first + count; i++) {
		const struct package_file *file = &reader->tree->files[i];
		const char *name = file->path + skip, *slash = strchr(name, '/');
		size_t size = slash ? (size_t)(slash - file->path) : strlen(file->path);
		struct item item = { .file = slash ? NULL : file };

		if (slash && before && strncmp(before, file->path, size + 1) == 0)
			continue;
		before = file->path;
		item.path = pool_memdup(reader->pool, file->path, size);
		if (!item.path)
			return out_of_memory(reader, folder);
		item.source = !slash && is_source(reader, name);
		items->loose += !slash;
		items->script |= strcmp(name, "build") == 0 || strcmp(name, "run") == 0;
		items->at[items->count++] = item;
	}
	return 0;
}

/* One loose file, and beside it what is no program: headers, data. */
static int read_loose(const struct reader *reader, const struct items *items, const struct item *item,
		      struct package_program *program)
{
	struct sources sources;
	int code = sources_open(reader, item->path, items->loose, &sources);

	if (code < 0)
		return code;
	for (size_t i = 0; i < items->count; i++) {
		const struct item *other = &items->at[i];

		if (other == item || (other->file && !other->source))
			sources_add(reader, &sources, last_component(other->path), other->file);
	}
	return make_program(reader, &sources, NULL, NULL, program);
}

static int read_whole(const struct reader *reader, const char *path, struct package_program *program)
{
	struct sources sources;
	int code = collect(reader, path, &sources);

	return code < 0 ? code : make_program(reader, &sources, NULL, NULL, program);
}

static int read_items(const struct reader *reader, const struct items *items,
		      struct package_program *programs, size_t *count)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct item *item = &items->at[i];
		int code;

		if (item->file && !item->source)
			continue;
		code = item->file ? read_loose(reader, items, item, &programs[*count])
				  : read_whole(reader, item->path, &programs[*count]);
		if (code < 0)
			return code;
		if (!programs[*count].not_a_program)
			++*count;
	}
	return 0;
}

int programs_read(const struct package_tree *tree, const struct catalogue *catalogue, const char *folder,
		  bool together, struct pool *pool, struct package_notes *notes,
		  struct package_program **programs, size_t *count, struct error *err)
{
	const struct reader reader = { tree, catalogue, true, pool, notes, err };
	struct package_program *read;
	struct items items;
	size_t found = 0;
	int code = list(&reader, folder, &items);

	if (code < 0)
		return code;
	read = pool_array(pool, items.count + 1, sizeof *read);
	if (!read)
		return out_of_memory(&reader, folder);
	if (items.count == 1 && items.loose == 0)
		code = read_whole(&reader, items.at[0].path, &read[found++]);
	else if (items.count > 0 && (together || items.script))
		code = read_whole(&reader, folder, &read[found++]);
	else
		code = read_items(&reader, &items, read, &found);
	if (code < 0)
		return code;
	*count = found == 1 && read[0].not_a_program ? 0 : found;
	*programs = read;
	return 0;
}
