/* A package's files. Folders (tree_folder.c) and archives (tree_zip.c) are read as they are into entries, of which some
 * are links; here they become a tree, after tree_links.c has followed those. Links are followed by name alone, among the
 * entries: no system call follows one, so there is nothing to escape to, and a link in an archive means what it means in
 * a folder.
 *
 * All is read at once and kept in memory. Mapping the files would cost less, but a file that somebody edits meanwhile
 * would change beneath the judge, and one that is cut would kill it. */
#include "tree_inside.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/json.h"

#define ARCHIVE_BYTES_MAX ((size_t)1 << 30)

/* ---- growing ---- */

int tree_visit(struct tree_builder *builder)
{
	if (++builder->visits <= TREE_VISITS_MAX)
		return 0;
	return error_set(builder->err, -E2BIG, "%s: more than %d files and folders", builder->source,
			 (int)TREE_VISITS_MAX);
}

bool tree_is_junk(const char *component, size_t size)
{
	static const char *const junk[] = { ".git", ".hg", ".svn", "__MACOSX", ".DS_Store", "Thumbs.db" };

	if (size >= 2 && component[0] == '.' && component[1] == '_')
		return true; /* macOS keeps there what other file systems cannot */
	for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++)
		if (strlen(junk[i]) == size && memcmp(junk[i], component, size) == 0)
			return true;
	return false;
}

static char *spelt_out(struct pool *pool, const char *name)
{
	char *spelt = pool_alloc(pool, 4 * strlen(name) + 1), *end = spelt;

	for (; spelt && *name; name++)
		if ((unsigned char)*name < 0x80)
			*end++ = *name;
		else
			end += sprintf(end, "\\x%02x", (unsigned char)*name);
	return spelt;
}

int tree_path(struct tree_builder *builder, const char *folder, const char *name, const char **path)
{
	bool valid = utf8_valid(name, strlen(name));
	const char *readable = valid ? name : spelt_out(builder->pool, name);
	const char *joined = !readable   ? NULL
			     : folder[0] ? pool_printf(builder->pool, "%s/%s", folder, readable)
					 : pool_strdup(builder->pool, readable);

	if (!joined)
		return tree_out_of_memory(builder);
	if (strlen(joined) > PACKAGE_PATH_BYTES_MAX) {
		package_note(builder->notes, folder[0] ? folder : NULL, 0,
			     "a path of more than %d bytes is left out", (int)PACKAGE_PATH_BYTES_MAX);
		return 0;
	}
	if (!valid)
		package_note(builder->notes, joined, 0, "the file's name is not UTF-8; it is called so here");
	*path = joined;
	return 0;
}

int tree_room(struct tree_builder *builder, const char *path, uint64_t size, char **bytes)
{
	if (size > (uint64_t)PACKAGE_FILE_BYTES_MAX)
		return error_set(builder->err, -E2BIG, "%s: %s has more than %lld MiB", builder->source, path,
				 (long long)(PACKAGE_FILE_BYTES_MAX >> 20));
	if ((int64_t)size > PACKAGE_BYTES_MAX - builder->bytes)
		return error_set(builder->err, -E2BIG, "%s: the files have more than %lld MiB together",
				 builder->source, (long long)(PACKAGE_BYTES_MAX >> 20));
	builder->bytes += (int64_t)size;
	*bytes = pool_alloc(builder->pool, size + 1);
	return *bytes ? 0 : tree_out_of_memory(builder);
}

static bool entries_grow(struct tree_builder *builder)
{
	size_t room = builder->room ? builder->room * 2 : 64;
	struct tree_entry *entries = pool_array(builder->pool, room, sizeof *entries);

	if (!entries)
		return false;
	if (builder->count > 0)
		memcpy(entries, builder->entries, builder->count * sizeof *entries);
	builder->entries = entries;
	builder->room = room;
	return true;
}

int tree_add(struct tree_builder *builder, const struct package_file *file, const char *target)
{
	if (builder->count >= PACKAGE_FILES_MAX)
		return error_set(builder->err, -E2BIG, "%s: more than %d files", builder->source,
				 (int)PACKAGE_FILES_MAX);
	if (builder->count == builder->room && !entries_grow(builder))
		return tree_out_of_memory(builder);
	builder->entries[builder->count++] = (struct tree_entry){ .file = *file, .target = target };
	return 0;
}

/* ---- order ---- */

_Static_assert(offsetof(struct package_file, path) == 0 && offsetof(struct tree_entry, file) == 0,
	       "items begin with their path");

size_t tree_lower_bound(const void *items, size_t count, size_t item_bytes, const char *path)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *const *item = (const void *)((const char *)items + middle * item_bytes);

		if (strcmp(*item, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* From "folder/" to before "folder0": the byte behind the slash. */
static size_t range_below(const void *items, size_t count, size_t item_bytes, const char *folder,
			  size_t *below)
{
	char prefix[PACKAGE_PATH_BYTES_MAX + 2];
	size_t size = strlen(folder), first, end;

	*below = size == 0 ? count : 0;
	if (size == 0 || size > PACKAGE_PATH_BYTES_MAX)
		return 0;
	memcpy(prefix, folder, size);
	prefix[size + 1] = '\0';
	prefix[size] = '/';
	first = tree_lower_bound(items, count, item_bytes, prefix);
	prefix[size] = '/' + 1;
	end = tree_lower_bound(items, count, item_bytes, prefix);
	*below = end - first;
	return first;
}

size_t tree_entries_below(const struct tree_entry *entries, size_t count, const char *folder, size_t *below)
{
	return range_below(entries, count, sizeof *entries, folder, below);
}

size_t package_tree_below(const struct package_tree *tree, const char *folder, size_t *count)
{
	return range_below(tree->files, tree->count, sizeof *tree->files, folder, count);
}

const struct package_file *package_tree_find(const struct package_tree *tree, const char *path)
{
	size_t at = tree_lower_bound(tree->files, tree->count, sizeof *tree->files, path);

	return at < tree->count && strcmp(tree->files[at].path, path) == 0 ? &tree->files[at] : NULL;
}

static int compare_entries(const void *left, const void *right)
{
	const struct tree_entry *l = left, *r = right;

	return strcmp(l->file.path, r->file.path);
}

static void sort(struct tree_builder *builder)
{
	if (builder->count > 0)
		qsort(builder->entries, builder->count, sizeof *builder->entries, compare_entries);
}

/* ---- from entries to a tree ---- */

/* What an archive can say and no folder: two files of one name, a file that others lie in. */
static int check_names(const struct tree_builder *builder)
{
	for (size_t i = 0; i < builder->count; i++) {
		const char *path = builder->entries[i].file.path;
		size_t below;

		if (i > 0 && strcmp(builder->entries[i - 1].file.path, path) == 0)
			return error_set(builder->err, -EINVAL, "%s: %s is there twice", builder->source,
					 path);
		(void)tree_entries_below(builder->entries, builder->count, path, &below);
		if (below > 0)
			return error_set(builder->err, -EINVAL, "%s: %s is a file and a folder",
					 builder->source, path);
	}
	return 0;
}

/* The first and the last of sorted paths have what all have. */
static size_t one_folder_bytes(const struct tree_builder *builder)
{
	const char *first, *last;
	size_t size;

	if (builder->count == 0)
		return 0;
	first = builder->entries[0].file.path;
	last = builder->entries[builder->count - 1].file.path;
	size = strcspn(first, "/") + 1;
	return first[size - 1] == '/' && strncmp(first, last, size) == 0 ? size : 0;
}

int tree_finish(struct tree_builder *builder, const char *name, bool one_folder, struct package_tree *tree)
{
	struct package_tree made = { .name = utf8_valid(name, strlen(name))
						     ? pool_strdup(builder->pool, name)
						     : spelt_out(builder->pool, name) };
	int code;

	sort(builder);
	code = check_names(builder);
	if (code < 0)
		return code;
	builder->top = one_folder ? one_folder_bytes(builder) : 0;
	code = tree_follow_links(builder);
	if (code < 0)
		return code;
	sort(builder);
	made.files = pool_array(builder->pool, builder->count + 1, sizeof *made.files);
	if (!made.files || !made.name || builder->notes->failed)
		return tree_out_of_memory(builder);
	for (size_t i = 0; i < builder->count; i++) {
		if (builder->entries[i].target)
			continue;
		made.files[made.count] = builder->entries[i].file;
		made.files[made.count++].path += builder->top;
	}
	*tree = made;
	return 0;
}

/* ---- a path ---- */

/* "sum" of "/a/b/sum.zip/", and of a folder "/a/b/sum.1" all of its last component. */
static char *name_of(const char *path, bool is_file, struct pool *pool)
{
	cleanup_free char *real = realpath(path, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL, *last = slash ? slash + 1 : path;
	const char *dot = is_file ? strrchr(last, '.') : NULL;

	return pool_memdup(pool, last, dot && dot > last ? (size_t)(dot - last) : strlen(last));
}

static int read_archive(int fd, const char *path, struct pool *pool, struct package_notes *notes,
			struct package_tree *tree, struct error *err)
{
	cleanup_buffer struct buffer bytes = { 0 };
	const char *name = name_of(path, true, pool);

	if (!name)
		return error_set(err, -ENOMEM, "read %s: out of memory", path);
	if (fd_read_all(fd, ARCHIVE_BYTES_MAX, &bytes, err) < 0)
		return error_wrap(err, "read %s", path);
	if (package_tree_unpack(buffer_text(&bytes), bytes.size, name, pool, notes, tree, err) < 0)
		return error_wrap(err, "%s", path);
	return 0;
}

int package_tree_read(const char *path, struct pool *pool, struct package_notes *notes,
		      struct package_tree *tree, struct error *err)
{
	struct tree_builder builder = { .source = path, .pool = pool, .notes = notes, .err = err };
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *name;
	struct stat status;
	int code;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_errno(err, "open %s", path);
	if (S_ISREG(status.st_mode))
		return read_archive(fd, path, pool, notes, tree, err);
	if (!S_ISDIR(status.st_mode))
		return error_set(err, -EINVAL, "%s is neither a folder nor an archive", path);
	name = name_of(path, false, pool);
	if (!name)
		return tree_out_of_memory(&builder);
	code = tree_read_folder(&builder, fd);
	return code < 0 ? code : tree_finish(&builder, name, false, tree);
}
