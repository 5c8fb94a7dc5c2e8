/* Any bytes as a package's archive: what comes out is sorted, different, within the archive, and terminated. */
#include "fuzz.h"

#include "base/json.h"
#include "package/tree.h"

static void check_path(const char *path)
{
	size_t size = strlen(path);

	must(size > 0 && size <= PACKAGE_PATH_BYTES_MAX && utf8_valid(path, size));
	must(path[0] != '/' && path[size - 1] != '/' && !strstr(path, "//"));
	for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
		must(strcmp(at, "..") != 0 && strncmp(at, "../", 3) != 0 && strncmp(at, "./", 2) != 0);
}

static void check_tree(const struct package_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct package_file *file = &tree->files[i];
		size_t below;

		check_path(file->path);
		must(i == 0 || strcmp(tree->files[i - 1].path, file->path) < 0);
		must(file->bytes[file->size] == '\0' && package_tree_find(tree, file->path) == file);
		(void)package_tree_below(tree, file->path, &below);
		must(below == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	struct package_notes notes = { .pool = pool };
	struct package_tree tree;
	struct error err = { 0 };

	must(pool);
	int code = package_tree_unpack(data, size, "it", pool, &notes, &tree, &err);
	must(code == 0 || code == -EINVAL || code == -E2BIG);
	if (code == 0)
		check_tree(&tree);
	else
		must(strncmp(err.text, "it", 2) == 0);
	return 0;
}
