/* tree_inside.h - a tree while it grows: whoever reads a folder or an archive adds what is there, in any order. */
#pragma once

#include "package/tree.h"

/* What both count: files, links, folders. */
enum { TREE_VISITS_MAX = 2 * PACKAGE_FILES_MAX, TREE_DEPTH_MAX = 64, TREE_TARGET_BYTES_MAX = 4095 };

struct tree_entry {
	struct package_file file; /* of a link only the path, until it is followed */
	const char *target;       /* of a link; else NULL */
};

struct tree_builder {
	const char *source; /* what messages begin with */
	struct pool *pool;
	struct package_notes *notes;
	struct error *err;
	struct tree_entry *entries;
	size_t count, room;
	size_t visits;
	int64_t bytes; /* of all files together */
	size_t top;    /* so much of each path is an archive's one folder, with its slash */
};

static inline int tree_out_of_memory(const struct tree_builder *builder)
{
	return error_set(builder->err, -ENOMEM, "read %s: out of memory", builder->source);
}

/* One more thing was looked at: -E2BIG when that is too many. */
int tree_visit(struct tree_builder *builder);

/* What systems and version control leave beside files, and nobody means: ".git", "__MACOSX". */
bool tree_is_junk(const char *component, size_t size);

/* "folder/name" (or "name" when folder is "") as a path of the tree: bytes that are not UTF-8 are spelt out, and noted. *path
 * stays NULL, with a note, when it is too long. */
int tree_path(struct tree_builder *builder, const char *folder, const char *name, const char **path);

/* Room for a file's bytes and a NUL, which they count as from now on. -E2BIG, in words. */
int tree_room(struct tree_builder *builder, const char *path, uint64_t size, char **bytes);

int tree_add(struct tree_builder *builder, const struct package_file *file, const char *target);

/* Where `path` is in a sorted array whose items begin with their path, or would be. */
size_t tree_lower_bound(const void *items, size_t count, size_t item_bytes, const char *path);
size_t tree_entries_below(const struct tree_entry *entries, size_t count, const char *folder, size_t *below);

/* Sorts, refuses what is there twice or as a file and a folder, follows links. With `one_folder` a folder that all is
 * in is taken away. */
int tree_finish(struct tree_builder *builder, const char *name, bool one_folder, struct package_tree *tree);

/* tree_links.c: adds what the links among the entries (sorted, all different) lead to; they themselves stay. */
int tree_follow_links(struct tree_builder *builder);

/* tree_folder.c */
int tree_read_folder(struct tree_builder *builder, int folder_fd);
