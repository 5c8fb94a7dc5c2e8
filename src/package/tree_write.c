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

static void unlink_file(const char **path)
{
	if (*path)
		unlink(*path);
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

static int sync_path(const char *path, int flags, struct error *err)
{
	cleanup_fd int fd = open(path, O_CLOEXEC | flags);

	return fd < 0 || fsync(fd) < 0 ? error_errno(err, "write %s", path) : 0;
}

int package_tree_pack(const struct package_tree *tree, const char *path, struct error *err)
{
	char name[PATH_BYTES];
	cleanup_with(unlink_file) const char *temporary = NULL;
	int code;

	if (snprintf(name, sizeof name, "%s.%d.new", path, (int)getpid()) >= (int)sizeof name)
		return too_long(path, err);
	if (tree->count == 0)
		return error_set(err, -EINVAL, "%s: there is nothing to pack", path);
	temporary = name;
	code = pack(tree, name, err);
	if (code == 0)
		code = sync_path(name, O_RDONLY, err);
	if (code < 0)
		return code;
	if (rename(name, path) < 0)
		return error_errno(err, "write %s", path);
	temporary = NULL;
	return 0;
}

/* ---- a folder ---- */

static void remove_folder(char **folder)
{
	char *const roots[] = { *folder, NULL };
	FTS *tree = *folder ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
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

/* mkdtemp(3) makes it for its owner alone; the umask says who else may look. */
static int open_up(const char *folder, struct error *err)
{
	mode_t mask = umask(0);

	umask(mask);
	return chmod(folder, 0777 & ~mask) < 0 ? error_errno(err, "make %s", folder) : 0;
}

int package_tree_write(const struct package_tree *tree, const char *folder, struct error *err)
{
	char name[PATH_BYTES];
	cleanup_with(remove_folder) char *temporary = NULL;
	int code = 0;

	if (snprintf(name, sizeof name, "%s.XXXXXX", folder) >= (int)sizeof name)
		return too_long(folder, err);
	temporary = mkdtemp(name);
	if (!temporary)
		return error_errno(err, "make %s", folder);
	for (size_t i = 0; i < tree->count && code == 0; i++)
		code = write_file(temporary, &tree->files[i], err);
	if (code == 0)
		code = open_up(temporary, err);
	if (code < 0)
		return code;
	/* In the place of an empty folder it may come, of nothing else. */
	if (rename(temporary, folder) < 0)
		return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
			       ? error_set(err, -EEXIST, "%s is there already", folder)
			       : error_errno(err, "make %s", folder);
	temporary = NULL;
	return 0;
}
