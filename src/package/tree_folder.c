/* Folders of the file system. Each is opened from the one it is in, and nothing is opened by way of a link. */
#include "tree_inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"

static int read_folder(struct tree_builder *builder, int folder_fd, const char *folder, int depth);

static int cannot(struct tree_builder *builder, const char *what, const char *path)
{
	return error_errno(builder->err, "%s: %s %s", builder->source, what, path);
}

/* What was cut meanwhile is as short as it is now. */
static int read_file(struct tree_builder *builder, int folder_fd, const char *name, const char *path)
{
	cleanup_fd int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct package_file file = { .path = path };
	struct stat status;
	char *bytes;
	ssize_t got;
	int code;

	if (fd < 0 || fstat(fd, &status) < 0)
		return cannot(builder, "open", path);
	code = tree_room(builder, path, (uint64_t)status.st_size, &bytes);
	if (code < 0)
		return code;
	got = fd_read_full(fd, bytes, (size_t)status.st_size);
	if (got < 0)
		return error_set(builder->err, (int)got, "%s: read %s: %s", builder->source, path,
				 strerror((int)-got));
	file.bytes = bytes;
	file.size = (size_t)got;
	file.executable = status.st_mode & 0111;
	return tree_add(builder, &file, NULL);
}

static int read_link(struct tree_builder *builder, int folder_fd, const char *name, const char *path)
{
	struct package_file file = { .path = path };
	char target[TREE_TARGET_BYTES_MAX + 1];
	ssize_t size = readlinkat(folder_fd, name, target, sizeof target);
	const char *kept;

	if (size < 0)
		return cannot(builder, "read the link", path);
	if (size > TREE_TARGET_BYTES_MAX)
		size = TREE_TARGET_BYTES_MAX;
	kept = pool_memdup(builder->pool, target, (size_t)size);
	return kept ? tree_add(builder, &file, kept) : tree_out_of_memory(builder);
}

static int read_subfolder(struct tree_builder *builder, int folder_fd, const char *name, const char *path,
			  int depth)
{
	cleanup_fd int fd = -1;

	if (depth >= TREE_DEPTH_MAX) {
		package_note(builder->notes, path, 0, "a folder that is nested too deep is left out");
		return 0;
	}
	fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);
	if (fd < 0)
		return cannot(builder, "open", path);
	return read_folder(builder, fd, path, depth + 1);
}

static int read_entry(struct tree_builder *builder, int folder_fd, const char *folder, const char *name,
		      int depth)
{
	const char *path = NULL;
	struct stat status;
	int code = tree_visit(builder);

	if (code == 0)
		code = tree_path(builder, folder, name, &path);
	if (code < 0 || !path)
		return code;
	if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return cannot(builder, "look at", path);
	switch (status.st_mode & S_IFMT) {
	case S_IFDIR: return read_subfolder(builder, folder_fd, name, path, depth);
	case S_IFREG: return read_file(builder, folder_fd, name, path);
	case S_IFLNK: return read_link(builder, folder_fd, name, path);
	default:
		package_note(builder->notes, path, 0, "what is neither a file nor a folder is left out");
		return 0;
	}
}

static int is_wanted(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !tree_is_junk(name, strlen(name));
}

static int compare_names(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

/* In order, so that what is noted is. */
static int read_folder(struct tree_builder *builder, int folder_fd, const char *folder, int depth)
{
	struct dirent **entries;
	int count = scandirat(folder_fd, ".", &entries, is_wanted, compare_names), code = 0;

	if (count < 0)
		return cannot(builder, "read the folder", folder[0] ? folder : ".");
	for (int i = 0; i < count; i++) {
		if (code == 0)
			code = read_entry(builder, folder_fd, folder, entries[i]->d_name, depth);
		free(entries[i]);
	}
	free(entries);
	return code;
}

int tree_read_folder(struct tree_builder *builder, int folder_fd)
{
	return read_folder(builder, folder_fd, "", 1);
}
