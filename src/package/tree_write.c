/* Writing a tree: an archive or a folder, each under another name until it is whole. */
#include "package/tree.h"

#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zip.h>

#include "base/cleanup.h"
#include "base/fd.h"

enum { PATH_BYTES = 4096 };

static int too_long(const char *path, struct error *err)
{
	return error_set(err, -ENAMETOOLONG, "%s: the path is too long", path);
}

/* ---- an archive ---- */

static void discard_zip(zip_t **zip)
{
	if (*zip)
		zip_discard(*zip);
}

/* 1980-01-02, which every time zone can say: the same files make the same bytes. */
static const time_t packed_at = 315619200;

static int add_member(zip_t *zip, const struct package_file *file)
{
	zip_source_t *source = zip_source_buffer(zip, file->bytes, file->size, 0);
	mode_t mode = S_IFREG | (file->executable ? 0755 : 0644);
	zip_int64_t index = source ? zip_file_add(zip, file->path, source, ZIP_FL_ENC_UTF_8) : -1;

	if (index < 0) {
		if (source)
			zip_source_free(source);
		return -1;
	}
	if (zip_file_set_mtime(zip, (zip_uint64_t)index, packed_at, 0) < 0 ||
	    zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, 0) < 0)
		return -1;
	return zip_file_set_external_attributes(zip, (zip_uint64_t)index, 0, ZIP_OPSYS_UNIX,
						(zip_uint32_t)mode << 16);
}

static int cannot_pack(const char *path, const char *why, struct error *err)
{
	return error_set(err, -EIO, "write %s: %s", path, why);
}

static int pack(const struct package_tree *tree, const char *path, struct error *err)
{
	int why = 0;
	cleanup_with(discard_zip) zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
	zip_error_t words;

	if (!zip) {
		zip_error_init_with_code(&words, why);
		(void)cannot_pack(path, zip_error_strerror(&words), err);
		zip_error_fini(&words);
		return -EIO;
	}
	for (size_t i = 0; i < tree->count; i++)
		if (add_member(zip, &tree->files[i]) < 0)
			return cannot_pack(path, zip_strerror(zip), err);
	if (zip_close(zip) < 0)
		return cannot_pack(path, zip_strerror(zip), err);
	zip = NULL;
	return 0;
}

static int sync_file(const char *path, struct error *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? error_errno(err, "write %s", path) : 0;
}

int package_tree_pack(const struct package_tree *tree, const char *path, struct error *err)
{
	char temporary[PATH_BYTES];
	int code;

	if (snprintf(temporary, sizeof temporary, "%s.%d.new", path, (int)getpid()) >= (int)sizeof temporary)
		return too_long(path, err);
	if (tree->count == 0) /* libzip writes no empty archive */
		return error_set(err, -EINVAL, "%s: there is nothing to pack", path);
	code = pack(tree, temporary, err);
	if (code == 0)
		code = sync_file(temporary, err);
	if (code == 0 && rename(temporary, path) < 0)
		code = error_errno(err, "write %s", path);
	if (code < 0)
		unlink(temporary);
	return code;
}

/* ---- a folder ---- */

static void remove_folder(char *folder)
{
	char *const roots[] = { folder, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_DP)
			rmdir(entry->fts_accpath);
		else if (entry->fts_info != FTS_D)
			unlink(entry->fts_accpath);
	if (tree)
		fts_close(tree);
}

/* The folders that a file is in, of which the last one's files stand together. */
static int make_folders(char *path, size_t root_bytes, struct error *err)
{
	for (char *slash = path + root_bytes; (slash = strchr(slash, '/')); slash++) {
		int code;

		*slash = '\0';
		code = mkdir(path, 0755) < 0 && errno != EEXIST ? error_errno(err, "make %s", path) : 0;
		*slash = '/';
		if (code < 0)
			return code;
	}
	return 0;
}

static int write_file(const char *root, const struct package_file *file, struct error *err)
{
	char path[PATH_BYTES];
	cleanup_fd int fd = -1;
	int code;

	if (snprintf(path, sizeof path, "%s/%s", root, file->path) >= (int)sizeof path)
		return too_long(file->path, err);
	code = make_folders(path, strlen(root) + 1, err);
	if (code < 0)
		return code;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file->executable ? 0755 : 0644);
	if (fd < 0)
		return error_errno(err, "write %s", path);
	code = fd_write_all(fd, file->bytes, file->size);
	return code < 0 ? error_set(err, code, "write %s: %s", path, strerror(-code)) : 0;
}

static int write_files(const struct package_tree *tree, const char *folder, struct error *err)
{
	int code = mkdir(folder, 0777) < 0 ? error_errno(err, "make %s", folder) : 0;

	for (size_t i = 0; i < tree->count && code == 0; i++)
		code = write_file(folder, &tree->files[i], err);
	return code;
}

/* In the place of an empty folder it may come, of nothing else. */
static int take_place(const char *temporary, const char *folder, struct error *err)
{
	if (rename(temporary, folder) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
		return error_set(err, -EEXIST, "%s is there already", folder);
	return error_errno(err, "make %s", folder);
}

int package_tree_write(const struct package_tree *tree, const char *folder, struct error *err)
{
	char temporary[PATH_BYTES];
	size_t size = strlen(folder);
	int code;

	while (size > 1 && folder[size - 1] == '/')
		size--;
	if (snprintf(temporary, sizeof temporary, "%.*s.%d.new", (int)size, folder, (int)getpid()) >=
	    (int)sizeof temporary)
		return too_long(folder, err);
	code = write_files(tree, temporary, err);
	if (code == 0)
		code = take_place(temporary, folder, err);
	if (code < 0)
		remove_folder(temporary);
	return code;
}
