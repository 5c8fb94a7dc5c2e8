/* things.h - a temporary folder, and the same files, links and folders in it or in an archive. */
#pragma once

#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zip.h>

#include "base/fd.h"
#include "package/tree.h"

/* Behind #include <cmocka.h>. */

enum { THINGS_MAX = 8 };

struct thing {
	const char *path, *target; /* a link's; else NULL, and the path is also what is in the file */
	mode_t mode;
};
#define TEXT(path)               \
	{                        \
		path, NULL, 0644 \
	}
#define RUNS(path)               \
	{                        \
		path, NULL, 0755 \
	}
#define LINK(path, target)         \
	{                          \
		path, target, 0777 \
	}

struct scratch {
	char path[40];
};

static inline void scratch_open(struct scratch *scratch)
{
	strcpy(scratch->path, "/tmp/package-XXXXXX");
	assert_non_null(mkdtemp(scratch->path));
}

static inline void scratch_close(struct scratch *scratch)
{
	char *const roots[] = { scratch->path, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	assert_non_null(tree);
	while ((entry = fts_read(tree)))
		if (entry->fts_info == FTS_DP)
			rmdir(entry->fts_accpath);
		else if (entry->fts_info != FTS_D)
			unlink(entry->fts_accpath);
	fts_close(tree);
}

#define with_scratch(name)                                           \
	__attribute__((cleanup(scratch_close))) struct scratch name; \
	scratch_open(&name)

/* "SCRATCH/name", good until the fourth next one. */
static inline const char *scratch_path(const struct scratch *scratch, const char *name)
{
	static char paths[4][1200];
	static size_t next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", scratch->path, name);
	return path;
}

static inline void write_bytes(const char *path, const void *bytes, size_t size, mode_t mode)
{
	int fd;

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		char folder[1200];

		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
		mkdir(folder, 0755);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, size), 0);
	close(fd);
}

static inline void put_in_folder(const char *folder, const struct thing *thing)
{
	char path[1200];

	snprintf(path, sizeof path, "%s/%s", folder, thing->path);
	if (!thing->target) {
		write_bytes(path, thing->path, strlen(thing->path), thing->mode);
		return;
	}
	write_bytes(path, "", 0, 0600); /* for the folders that it is in */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(thing->target, path), 0);
}

static inline void put_in_zip(zip_t *zip, const struct thing *thing)
{
	const char *content = thing->target ? thing->target : thing->path;
	mode_t mode = thing->target ? S_IFLNK | 0777 : S_IFREG | thing->mode;
	zip_source_t *source = zip_source_buffer(zip, content, strlen(content), 0);
	zip_int64_t index = zip_file_add(zip, thing->path, source, ZIP_FL_ENC_UTF_8);

	assert_true(index >= 0);
	assert_int_equal(zip_file_set_external_attributes(zip, (zip_uint64_t)index, 0, ZIP_OPSYS_UNIX,
							  (zip_uint32_t)mode << 16),
			 0);
}

/* The archive's bytes, to be freed with buffer_free(). */
static inline void make_zip(const struct thing *things, size_t count, struct buffer *out)
{
	with_scratch(scratch);
	const char *path = scratch_path(&scratch, "it.zip");
	zip_t *zip = zip_open(path, ZIP_CREATE, NULL);
	struct error err;

	assert_non_null(zip);
	for (size_t i = 0; i < count && things[i].path; i++)
		put_in_zip(zip, &things[i]);
	assert_int_equal(zip_close(zip), 0);
	assert_int_equal(file_read_all(path, SIZE_MAX / 2, out, &err), 0);
}

/* "path path*" of all files, of which those with a star are executable; and "text; text" of the notes. */
static inline void list_tree(const struct package_tree *tree, struct buffer *out)
{
	for (size_t i = 0; i < tree->count; i++)
		buffer_printf(out, "%s%s%s", i ? " " : "", tree->files[i].path,
			      tree->files[i].executable ? "*" : "");
}

static inline void list_notes(const struct package_notes *notes, struct buffer *out)
{
	for (size_t i = 0; i < notes->count; i++)
		buffer_printf(out, "%s%s: %s", i ? "; " : "",
			      notes->items[i].path ? notes->items[i].path : "-", notes->items[i].text);
}
