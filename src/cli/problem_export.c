/* problem_export.c - `arena problem export`: a package in another format, as a folder or as a zip archive. And `arena
 * problem new`: one to start from. */
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "package/package.h"
#include "problem.h"
#include "startup.h"

static int refuse(const char *command, const char *path, const struct error *err)
{
	fprintf(stderr, "arena %s: %s: %s\n", command, path, err->text);
	return STATUS_FAILED;
}

static bool is_archive(const char *path)
{
	size_t size = strlen(path);

	return size > 4 && strcmp(path + size - 4, ".zip") == 0;
}

static int write_tree(const struct package_tree *tree, const char *path, struct error *err)
{
	return is_archive(path) ? package_tree_pack(tree, path, err) : package_tree_write(tree, path, err);
}

static void print_notes(const char *path, const struct package_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		fprintf(stderr, "%s: %s%s%s\n", path, notes->items[i].path ? notes->items[i].path : "",
			notes->items[i].path ? ": " : "", notes->items[i].text);
}

/* ---- export ---- */

static bool format_of(const char *name, enum package_format *format)
{
	if (strcmp(name, "2025-09") == 0)
		*format = PACKAGE_2025_09;
	else if (strcmp(name, "legacy") == 0)
		*format = PACKAGE_LEGACY;
	else
		return false;
	return true;
}

static int export_one(const struct catalogue *catalogue, const char *from, const char *to,
		      enum package_format format)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes notes = { .pool = pool };
	struct package_tree tree, made;
	struct package package;
	struct error err = { .text = "out of memory" };

	if (!pool || package_tree_read(from, pool, &notes, &tree, &err) < 0 ||
	    package_read(&tree, catalogue, pool, &package, &err) < 0)
		return refuse("problem export", from, &err);
	if (package_export(&package, format, pool, &notes, &made, &err) < 0 ||
	    write_tree(&made, to, &err) < 0)
		return refuse("problem export", to, &err);
	print_notes(from, &package.notes);
	print_notes(to, &notes);
	return STATUS_OK;
}

static int run_export(int argc, char **argv)
{
	const char *name = "2025-09";
	const struct option_row rows[] = {
		OPTION_TEXT("format", &name, "FORMAT", "2025-09 (the default), or legacy"),
		OPTION_END,
	};
	cleanup_config struct config *config = NULL;
	cleanup_catalogue struct catalogue *catalogue = NULL;
	struct words rest = { 0 };
	enum package_format format;
	int status;

	if (!options_parse(&problem_export_command, rows, argc, argv, &rest, &status))
		return status;
	if (rest.count != 2 || !format_of(name, &format)) {
		fprintf(stderr, rest.count != 2 ? "arena problem export: a package, and where to\n"
						: "arena problem export: the format is 2025-09 or legacy\n");
		return STATUS_USAGE;
	}
	status = startup_config("problem", &config);
	if (status == STATUS_OK)
		status = startup_catalogue(config, NULL, false, &catalogue);
	return status == STATUS_OK ? export_one(catalogue, rest.at[0], rest.at[1], format) : status;
}

const struct command problem_export_command = {
	.name = "problem export",
	.synopsis = "[--format FORMAT] PACKAGE DESTINATION",
	.summary = "Writes a package in another format",
	.details = "The destination is a folder that is not there yet, or a file that ends in .zip.\n",
	.run = run_export,
};

/* ---- new ---- */

static int run_new(int argc, char **argv)
{
	const struct option_row rows[] = { OPTION_END };
	cleanup_pool struct pool *pool = pool_new();
	struct words rest = { 0 };
	struct package_tree tree;
	struct error err = { .text = "out of memory" };
	int status;

	if (!options_parse(&problem_new_command, rows, argc, argv, &rest, &status))
		return status;
	if (rest.count != 1) {
		fprintf(stderr, "arena problem new: where to?\n");
		return STATUS_USAGE;
	}
	char *path = pool ? pool_strdup(pool, rest.at[0]) : NULL;
	if (!path || package_skeleton(basename(path), pool, &tree, &err) < 0 ||
	    write_tree(&tree, rest.at[0], &err) < 0)
		return refuse("problem new", rest.at[0], &err);
	printf("%s: `arena problem verify %s` judges it\n", rest.at[0], rest.at[0]);
	return STATUS_OK;
}

const struct command problem_new_command = {
	.name = "problem new",
	.synopsis = "FOLDER",
	.summary = "Makes a package to start from",
	.details = "The folder must not be there yet, and its name is the problem's.\n",
	.run = run_new,
};
