/* A package written again, in 2025-09 or in the legacy format: from the value, so that it is the same problem whichever
 * format it came in, and other files (attachments, generators) as they are.
 *
 * What the format has no words for is noted. Where this program reads the other version's words in it all the same, they are
 * written nevertheless: other judges leave them out, and here nothing is lost. */
#include "export.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

const char *export_text(struct export *export, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	const char *kept = text ? pool_strdup(export->pool, text) : NULL;
	free(text);
	export->failed = export->failed || !kept;
	return kept;
}

static bool grow(struct export *export)
{
	size_t room = export->room ? export->room * 2 : 64;
	struct package_file *files = pool_array(export->pool, room, sizeof *files);

	if (!files)
		return false;
	if (export->count > 0)
		memcpy(files, export->files, export->count * sizeof *files);
	export->files = files;
	export->room = room;
	return true;
}

void export_add(struct export *export, const char *path, const char *bytes, size_t size, bool executable)
{
	if (!path || !bytes || (export->count == export->room && !grow(export))) {
		export->failed = true;
		return;
	}
	export->files[export->count++] =
		(struct package_file){ .path = path, .bytes = bytes, .size = size, .executable = executable };
}

void export_add_text(struct export *export, const char *path, struct buffer *text)
{
	const char *bytes = text->failed ? NULL : pool_memdup(export->pool, buffer_text(text), text->size);

	export_add(export, path, bytes, text->size, false);
	buffer_free(text);
}

void export_copy_folder(struct export *export, const char *from, const char *to)
{
	const struct package_tree *tree = export->package->tree;
	size_t count, first = package_tree_below(tree, from, &count);

	for (size_t i = first; i < first + count; i++) {
		const struct package_file *file = &tree->files[i];

		export_add(export, export_text(export, "%s%s", to, file->path + strlen(from)), file->bytes,
			   file->size, file->executable);
	}
}

/* ---- what is not read, and kept ---- */

/* All that the others write, in whichever version; a folder with its slash. */
static bool is_written(const char *path)
{
	static const char *const known[] = { "problem.yaml",      "domjudge-problem.ini",
					     ".timelimit",        "data/",
					     "statement/",        "problem_statement/",
					     "output_validator/", "output_validators/",
					     "input_validators/", "input_format_validators/",
					     "input_validator/",  "static_validator/",
					     "submissions.json",  "submissions/" };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t size = strlen(known[i]);

		if (strncmp(known[i], path, size) == 0 && (known[i][size - 1] == '/' || path[size] == '\0'))
			return true;
	}
	return false;
}

static bool is_statement(const struct package *package, const char *path)
{
	for (size_t i = 0; i < package->statement_count; i++)
		if (strcmp(package->statements[i].path, path) == 0)
			return true;
	return false;
}

static void export_rest(struct export *export)
{
	const struct package_tree *tree = export->package->tree;

	if (export->package->format == PACKAGE_POLYGON) {
		export_note(export, NULL, 0,
			    "generators, scripts and whatever else only Polygon knows are left out");
		return;
	}
	for (size_t i = 0; i < tree->count; i++) {
		const struct package_file *file = &tree->files[i];

		if (!is_written(file->path) && !is_statement(export->package, file->path))
			export_add(export, file->path, file->bytes, file->size, file->executable);
	}
}

/* ---- all of it ---- */

struct numbered {
	struct package_file file;
	size_t number;
};

static int compare_numbered(const void *left, const void *right)
{
	const struct numbered *l = left, *r = right;
	int order = strcmp(l->file.path, r->file.path);

	return order ? order : (l->number > r->number) - (l->number < r->number);
}

/* Sorted; of two of one path the one that was there first. */
static int finish(struct export *export, struct package_tree *tree, struct error *err)
{
	struct numbered *sorted = pool_array(export->pool, export->count + 1, sizeof *sorted);
	size_t count = 0;

	if (export->failed || export->notes->failed || !sorted)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < export->count; i++)
		sorted[i] = (struct numbered){ export->files[i], i };
	qsort(sorted, export->count, sizeof *sorted, compare_numbered);
	for (size_t i = 0; i < export->count; i++)
		if (count == 0 || strcmp(export->files[count - 1].path, sorted[i].file.path) != 0)
			export->files[count++] = sorted[i].file;
	if (count > PACKAGE_FILES_MAX)
		return error_set(err, -E2BIG, "in that format it has more than %d files", PACKAGE_FILES_MAX);
	*tree = (struct package_tree){ export->package->short_name, export->files, count };
	return 0;
}

static void free_folders(struct export *export)
{
	for (size_t i = 0; i < export->folder_count; i++)
		buffer_free(&export->folders[i].text);
}

int package_export(const struct package *package, enum package_format format, struct pool *pool,
		   struct package_notes *notes, struct package_tree *tree, struct error *err)
{
	__attribute__((cleanup(free_folders))) struct export export = {
		.package = package, .newer = format == PACKAGE_2025_09, .pool = pool, .notes = notes
	};

	if (format == PACKAGE_POLYGON)
		return error_set(err, -EINVAL, "packages are written as 2025-09 or legacy");
	export_problem(&export);
	export_statements(&export);
	export_names(&export);
	if (!export.failed)
		export_data(&export);
	export_programs(&export);
	export_rest(&export);
	return finish(&export, tree, err);
}
