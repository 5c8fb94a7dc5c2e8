/* files.c - the trusted side's hands in a box: place, wipe, collect.
 *
 * Nobody of the program's is alive while they work (the init kills everything between runs), and still
 * every path is opened beneath the box with openat2(2), without symlinks and without leaving its mount, so
 * that a planted link, FIFO or device is an error or is passed over, never followed. Everything is bounded:
 * depth, number of entries, bytes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../bundle.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "keeper.h"

static int open_beneath(int root, const char *name, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	int fd = (int)syscall(SYS_openat2, root, name, &how, sizeof how);
	return fd < 0 ? -errno : fd;
}

/* ---- placing ---- */

static bool remember(struct cell *cell, const char *name)
{
	for (size_t i = 0; i < cell->placed_count && i < WIPE_ENTRIES_MAX; i++)
		if (strcmp(cell->placed[i], name) == 0)
			return true;
	char *copy = cell->placed_count < WIPE_ENTRIES_MAX ? strdup(name) : NULL;
	if (copy)
		cell->placed[cell->placed_count] = copy;
	cell->placed_count++;
	return copy != NULL;
}

void files_forget(struct cell *cell)
{
	for (size_t i = 0; i < cell->placed_count && i < WIPE_ENTRIES_MAX; i++)
		free(cell->placed[i]);
	cell->placed_count = 0;
}

/* Makes the folders above `name`. */
static int make_folders(struct cell *cell, const char *name)
{
	char path[BUNDLE_NAME_MAX];
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		memcpy(path, name, (size_t)(slash - name));
		path[slash - name] = '\0';
		if (mkdirat(cell->box_fd, path, 0755) < 0) {
			if (errno == EEXIST)
				continue;
			return -errno;
		}
		cleanup_fd int folder = open_beneath(cell->box_fd, path, O_RDONLY | O_DIRECTORY, 0);
		if (folder < 0 || fchmod(folder, 01777) < 0)
			return folder < 0 ? folder : -errno;
		remember(cell, path);
	}
	return 0;
}

struct placing {
	struct cell *cell;
	struct error *err;
};

static int place_one(const struct bundle_file *file, void *context)
{
	struct placing *placing = context;
	struct cell *cell = placing->cell;
	int code = make_folders(cell, file->name);
	cleanup_fd int fd = code < 0 ? code
				     : open_beneath(cell->box_fd, file->name, O_WRONLY | O_CREAT | O_EXCL,
						    file->executable ? 0755 : 0644);
	code = fd < 0 ? fd : fd_write_all(fd, file->data, file->size);
	if (code < 0)
		return error_set(placing->err, code, "place %s in the box: %s", file->name, strerror(-code));
	remember(cell, file->name);
	return 0;
}

int files_place(struct cell *cell, int bundle_fd, struct error *err)
{
	struct placing placing = { cell, err };
	return bundle_visit(bundle_fd, place_one, &placing, err);
}

/* ---- wiping ---- */

struct walk {
	struct cell *cell;
	bool keep_placed;
	size_t entries;
};

static bool is_placed(const struct walk *walk, const char *path)
{
	if (!walk->keep_placed)
		return false;
	for (size_t i = 0; i < walk->cell->placed_count; i++)
		if (strcmp(walk->cell->placed[i], path) == 0)
			return true;
	return false;
}

/* Placed folders are looked into; any other folder means that the box is replaced: removing a tree that a
 * program made costs more than a new box, and needs a recursion that it could make deep. */
static bool wipe_folder(struct walk *walk, int folder, const char *above)
{
	alignas(8) char bytes[4096];
	bool more = true;
	while (more) {
		long size = syscall(SYS_getdents64, folder, bytes, sizeof bytes);
		if (size < 0)
			return false;
		more = size > 0;
		for (long at = 0; at < size;) {
			struct dirent64 *entry = (struct dirent64 *)(void *)(bytes + at);
			char path[BUNDLE_NAME_MAX + NAME_MAX + 2];
			at += entry->d_reclen;
			if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
				continue;
			if (++walk->entries > WIPE_ENTRIES_MAX)
				return false;
			snprintf(path, sizeof path, "%s%s", above, entry->d_name);
			if (!is_placed(walk, path)) {
				if (unlinkat(folder, entry->d_name, 0) < 0 &&
				    unlinkat(folder, entry->d_name, AT_REMOVEDIR) < 0)
					return false;
				continue;
			}
			if (entry->d_type != DT_DIR)
				continue;
			cleanup_fd int below = open_beneath(folder, entry->d_name, O_RDONLY | O_DIRECTORY, 0);
			size_t length = strlen(path);
			path[length] = '/';
			path[length + 1] = '\0';
			if (below < 0 || !wipe_folder(walk, below, path))
				return false;
		}
	}
	return true;
}

static bool wipe_root(struct cell *cell, int root, bool keep_placed)
{
	struct walk walk = { cell, keep_placed, 0 };
	cleanup_fd int folder = open_beneath(root, ".", O_RDONLY | O_DIRECTORY, 0);
	return folder >= 0 && wipe_folder(&walk, folder, "");
}

bool files_wipe(struct cell *cell)
{
	if (cell->placed_count > WIPE_ENTRIES_MAX)
		return false;
	return wipe_root(cell, cell->box_fd, true) && wipe_root(cell, cell->tmp_fd, false);
}

/* ---- the file limit ---- */

static bool folder_at_limit(int root, int64_t file_bytes)
{
	int fd = open_beneath(root, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	bool found = false;
	if (!entries) {
		close_fd(&fd);
		return false;
	}
	for (int seen = 0; !found && seen < WIPE_ENTRIES_MAX; seen++) {
		struct stat status;
		struct dirent *entry = readdir(entries);
		if (!entry)
			break;
		found = fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(status.st_mode) && status.st_size == file_bytes;
	}
	closedir(entries);
	return found;
}

bool files_at_limit(const struct cell *cell, int64_t file_bytes)
{
	return folder_at_limit(cell->box_fd, file_bytes) || folder_at_limit(cell->tmp_fd, file_bytes);
}

/* ---- collecting ---- */

struct collecting {
	struct bundle_writer writer;
	int64_t bytes_left;
	struct error *err;
};

static int collect_file(struct collecting *collecting, int fd, const struct stat *status, const char *name)
{
	if (status->st_size > collecting->bytes_left)
		return error_set(collecting->err, -EFBIG, "%s is larger than what may be collected", name);
	collecting->bytes_left -= status->st_size;
	return bundle_add_fd(&collecting->writer, name, fd, (uint64_t)status->st_size,
			     (status->st_mode & 0100) != 0, collecting->err);
}

static int collect_entry(struct collecting *collecting, int root, const char *name, int depth);

static int collect_folder(struct collecting *collecting, int root, int fd, const char *name, int depth)
{
	DIR *entries = fdopendir(fd);
	int code = 0;
	if (!entries) {
		close(fd);
		return error_errno(collecting->err, "read %s", name);
	}
	for (struct dirent *entry; code == 0 && (entry = readdir(entries));) {
		char path[BUNDLE_NAME_MAX];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(path, sizeof path, "%s/%s", name, entry->d_name) >= (int)sizeof path)
			code = error_set(collecting->err, -ENAMETOOLONG, "%s: a name below is too long",
					 name);
		else
			code = collect_entry(collecting, root, path, depth + 1);
	}
	closedir(entries);
	return code;
}

/* Regular files and folders; anything else is passed over. O_NONBLOCK: a FIFO must not be waited for. */
static int collect_entry(struct collecting *collecting, int root, const char *name, int depth)
{
	struct stat status;
	if (depth > BUNDLE_DEPTH_MAX)
		return error_set(collecting->err, -ELOOP, "%s: folders too deep", name);
	cleanup_fd int fd = open_beneath(root, name, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -ELOOP || fd == -ENXIO || fd == -EACCES)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(collecting->err, fd < 0 ? fd : -errno, "%s: %s", name,
				 strerror(fd < 0 ? -fd : errno));
	if (S_ISREG(status.st_mode))
		return collect_file(collecting, fd, &status, name);
	if (S_ISDIR(status.st_mode))
		return collect_folder(collecting, root, take_fd(&fd), name, depth);
	return 0;
}

int files_collect(struct cell *cell, const char *name, int64_t limit_bytes, int *bundle_fd, struct error *err)
{
	struct collecting collecting = { .bytes_left = limit_bytes, .err = err };
	int code = bundle_begin(&collecting.writer, err);
	if (code < 0)
		return code;
	code = collect_entry(&collecting, cell->box_fd, name, 1);
	if (code == 0)
		return bundle_end(&collecting.writer, bundle_fd, err);
	bundle_abandon(&collecting.writer);
	return code;
}
