/* tree.h - the files of a problem package: a folder's, or an archive's.
 *
 * What was read is a value: sorted bytewise by path, links inside the package followed, nothing read later. Links that
 * leave the package, lead nowhere or around in circles, devices and the like are left out with a note; ".git", "__MACOSX",
 * "._*" and such without one. Empty folders do not exist. Archives may be hostile: names that climb out, names that are
 * there twice, too many files, too many bytes (declared or inflated) refuse the whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"

enum {
	PACKAGE_FILES_MAX = 40000,
	PACKAGE_PATH_BYTES_MAX = 1023,
	PACKAGE_NOTES_MAX = 1000, /* the last says that there are more */
};
#define PACKAGE_BYTES_MAX      ((int64_t)2 << 30) /* inflated, all together */
#define PACKAGE_FILE_BYTES_MAX ((int64_t)512 << 20)

/* What whoever made the package should know, and no reason to refuse it. */
struct package_note {
	const char *path; /* or NULL: of the whole */
	int line;         /* 0: of the whole file */
	const char *text; /* one sentence, without its full stop */
};
struct package_notes {
	struct pool *pool;
	struct package_note *items;
	size_t count, room;
	bool failed; /* one could not be noted: memory is out */
};
/* `line` 0 and `path` NULL as above. */
void package_note(struct package_notes *notes, const char *path, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

struct package_file {
	const char *path;  /* within the package: "data/secret/1.in"; UTF-8, and otherwise as odd as can be */
	const char *bytes; /* NUL behind; unchanged as long as the tree's pool */
	size_t size;
	bool executable;
};
struct package_tree {
	const char
		*name; /* of the folder, or of the archive without its ending; a short name to start with */
	struct package_file *files;
	size_t count;
};

/* A folder, or a zip archive (one that holds all in one folder is as if that folder were packed). What it read
 * lives in the pool. -ENOENT, -EINVAL, -E2BIG: too many files or bytes, -EFBIG: an archive of more than 1 GiB. */
int package_tree_read(const char *path, struct pool *pool, struct package_notes *notes,
		      struct package_tree *tree, struct error *err);
/* The same of an archive in memory; `name` as in the struct. */
int package_tree_unpack(const void *bytes, size_t size, const char *name, struct pool *pool,
			struct package_notes *notes, struct package_tree *tree, struct error *err);

/* NULL when there is none. */
const struct package_file *package_tree_find(const struct package_tree *tree, const char *path);
/* The range of those beneath `folder` ("data/secret", no slash behind; "": all): index of the first, and their number. */
size_t package_tree_below(const struct package_tree *tree, const char *folder, size_t *count);
static inline bool package_tree_has_folder(const struct package_tree *tree, const char *folder)
{
	size_t count;

	(void)package_tree_below(tree, folder, &count);
	return count > 0;
}

/* Writes files as a zip archive to `path`, or beneath a folder that is made: whole or not at all. An archive takes the
 * place of what is at `path`; a folder does not (-EEXIST), unless it is empty. The same files make the same archive. */
int package_tree_pack(const struct package_tree *tree, const char *path, struct error *err);
int package_tree_write(const struct package_tree *tree, const char *folder, struct error *err);
