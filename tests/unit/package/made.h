/* made.h - packages that are made in memory, and what was read of them as text: a row a case. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "inside.h"

/* Behind #include <cmocka.h>. */

enum { MADE_FILES_MAX = 24 };

/* "PATH\nCONTENT": a row's files. Of "PATH" alone there is nothing in it. */
static inline int made_compare(const void *left, const void *right)
{
	const struct package_file *l = left, *r = right;

	return strcmp(l->path, r->path);
}

static inline void made_tree(const char *const *files, size_t room, struct pool *pool,
			     struct package_tree *tree)
{
	*tree = (struct package_tree){ "it", pool_array(pool, room + 1, sizeof *tree->files), 0 };
	assert_non_null(tree->files);
	for (size_t i = 0; i < room && files[i]; i++) {
		char *path = pool_strdup(pool, files[i]), *bytes = strchr(path, '\n');

		if (bytes)
			*bytes++ = '\0';
		else
			bytes = path + strlen(path);
		tree->files[tree->count++] =
			(struct package_file){ .path = path, .bytes = bytes, .size = strlen(bytes) };
	}
	qsort(tree->files, tree->count, sizeof *tree->files, made_compare);
}

static struct catalogue *made_catalogue;

static inline int made_load(void **state)
{
	struct error err;

	(void)state;
	return catalogue_load(LANGUAGES_DIR, &made_catalogue, &err);
}

static inline int made_free(void **state)
{
	(void)state;
	catalogue_free(made_catalogue);
	return 0;
}

/* ---- as text ---- */

static inline void say_list(struct buffer *out, const char *name, const char *const *list)
{
	if (!list)
		return;
	buffer_printf(out, " %s=", name);
	for (size_t i = 0; list[i]; i++)
		buffer_printf(out, "%s%s", i ? "|" : "", list[i]);
}

static inline void say_text(struct buffer *out, const char *name, const char *text)
{
	if (text)
		buffer_printf(out, " %s=%s", name, text);
}

static inline void say_named(struct buffer *out, const struct package_named_args *named)
{
	for (; named && named->name; named++) {
		buffer_puts(out, " for");
		say_list(out, named->name, named->args);
	}
}

/* Without its path the line of a note in problem.yaml. */
static inline void say_notes(struct buffer *out, const struct package_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		if (i > 0)
			buffer_puts(out, "\n");
		if (notes->items[i].path)
			buffer_printf(out, "%s:", notes->items[i].path);
		if (notes->items[i].line)
			buffer_printf(out, "%d:", notes->items[i].line);
		buffer_printf(out, "%s%s", notes->items[i].path ? " " : "", notes->items[i].text);
	}
}
