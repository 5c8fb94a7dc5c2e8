/* lang/ knows languages and nothing of any particular one: all of that is in languages/NAME.yaml.
 *
 *     base/yaml.h    a file as a tree with lines and columns
 *     pack.c         the tree as a struct pack, by a table of fields
 *     placeholder.c  {names} in commands
 *     probe.c        which tools this host has
 *     plan.c         source files to names and commands; public_class.c is Java's rule
 *     catalogue.c    all packs together */
#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "pack.h"
#include "probe.h"

struct catalogue {
	struct pool *pool;
	struct pack **packs;
	size_t count;
	const char *const *visible;
};

/* ---- loading ---- */

static int is_pack_file(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".yaml") == 0;
}

static int refuse_taken(const char *path, const struct yaml_node *node, const struct pack *owner,
			struct error *err)
{
	return error_set(err, -EINVAL, "%s:%d:%d: %s is taken by %s", path, node->line, node->column,
			 node->text, owner->language.name);
}

static const struct pack *pack_by_extension(const struct catalogue *catalogue, const char *extension)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct pack *pack = catalogue->packs[i];

		for (size_t j = 0; pack->language.extensions[j]; j++)
			if (strcasecmp(pack->language.extensions[j], extension) == 0)
				return pack;
	}
	return NULL;
}

/* Every name leads to one language. */
static int check_names(const struct catalogue *catalogue, const char *path, const struct yaml_node *root,
		       struct error *err)
{
	const struct yaml_node *id = yaml_get(root, "id"), *aliases = yaml_get(root, "aliases");
	const struct language *owner = catalogue_find(catalogue, id->text);

	if (owner)
		return refuse_taken(path, id, pack_of(owner), err);
	for (const struct yaml_node *node = aliases ? aliases->first : NULL; node; node = node->next)
		if ((owner = catalogue_find(catalogue, node->text)))
			return refuse_taken(path, node, pack_of(owner), err);
	for (const struct yaml_node *node = yaml_get(root, "extensions")->first; node; node = node->next) {
		const struct pack *pack = pack_by_extension(catalogue, node->text);
		if (pack)
			return refuse_taken(path, node, pack, err);
	}
	return 0;
}

static int load_file(struct catalogue *catalogue, const char *directory, const char *name, struct error *err)
{
	const char *path = pool_printf(catalogue->pool, "%s/%s", directory, name);
	struct yaml_node *root;
	struct pack *pack;
	int code;

	if (!path)
		return error_set(err, -ENOMEM, "load %s: out of memory", name);
	code = pack_load(path, directory, catalogue->pool, &pack, &root, err);
	if (code == 0)
		code = check_names(catalogue, path, root, err);
	if (code < 0)
		return code;
	catalogue->packs[catalogue->count++] = pack;
	return 0;
}

static int compare_packs(const void *left, const void *right)
{
	const struct pack *const *l = left, *const *r = right;
	unsigned int l_order = (unsigned int)(*l)->order - 1, r_order = (unsigned int)(*r)->order - 1;

	if (l_order != r_order)
		return l_order < r_order ? -1 : 1;
	return strcmp((*l)->language.id, (*r)->language.id);
}

static int load_files(struct catalogue *catalogue, const char *directory, struct error *err)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_pack_file, alphasort), code = 0;

	if (count < 0)
		return error_errno(err, "read the folder %s", directory);
	catalogue->packs = pool_array(catalogue->pool, (size_t)count + 1, sizeof(struct pack *));
	if (!catalogue->packs)
		code = error_set(err, -ENOMEM, "load %s: out of memory", directory);
	for (int i = 0; i < count; i++) {
		if (code == 0)
			code = load_file(catalogue, directory, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	qsort(catalogue->packs, catalogue->count, sizeof(struct pack *), compare_packs);
	if (code == 0 && count == 0)
		code = error_set(err, -ENOENT, "no language pack (*.yaml) in %s", directory);
	return code;
}

static void catalogue_free_slot(struct catalogue **catalogue)
{
	catalogue_free(*catalogue);
}

int catalogue_load(const char *directory, struct catalogue **catalogue, struct error *err)
{
	static const char *const none[] = { NULL };
	cleanup_with(catalogue_free_slot) struct catalogue *loaded = calloc(1, sizeof *loaded);
	cleanup_free char *real = realpath(directory, NULL);
	const char *folder;
	int code;

	if (!real)
		return error_errno(err, "find the language packs in %s", directory);
	if (!loaded || !(loaded->pool = pool_new()) || !(folder = pool_strdup(loaded->pool, real)))
		return error_set(err, -ENOMEM, "load %s: out of memory", directory);
	loaded->visible = none;
	code = load_files(loaded, folder, err);
	if (code < 0)
		return code;
	*catalogue = take_pointer(&loaded);
	return 0;
}

void catalogue_free(struct catalogue *catalogue)
{
	if (catalogue)
		pool_free(catalogue->pool);
	free(catalogue);
}

/* ---- probing ---- */

static bool holds(const char *const *list, const char *text)
{
	for (; *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

/* As the sandbox wants it: HOST, or HOST:BOX where they differ. */
static const char *visible_option(const struct pack *pack, const char *path, struct pool *pool)
{
	const char *in_box = pack_path_in_box(pack, path, pool);

	return in_box == path || !in_box ? in_box : pool_printf(pool, "%s:%s", path, in_box);
}

static const char *const *all_visible(const struct catalogue *catalogue)
{
	const char **all;
	size_t room = 1, count = 0;

	for (size_t i = 0; i < catalogue->count; i++)
		for (size_t j = 0; catalogue->packs[i]->language.visible[j]; j++)
			room++;
	all = pool_array(catalogue->pool, room, sizeof *all);
	for (size_t i = 0; all && i < catalogue->count; i++) {
		const struct language *language = &catalogue->packs[i]->language;

		for (size_t j = 0; language->available && language->visible[j]; j++) {
			const char *path =
				visible_option(catalogue->packs[i], language->visible[j], catalogue->pool);

			if (path && !holds(all, path))
				all[count++] = path;
		}
	}
	return all;
}

void catalogue_probe(struct catalogue *catalogue, const struct language *only)
{
	const char *const *visible;

	for (size_t i = 0; i < catalogue->count; i++)
		if (!only || only == &catalogue->packs[i]->language)
			pack_probe(catalogue->packs[i], catalogue->pool);
	visible = all_visible(catalogue);
	if (visible)
		catalogue->visible = visible;
}

/* ---- reading ahead ---- */

static void read_file(const char *path)
{
	enum { STEP_BYTES = 1 << 18 };
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	cleanup_free char *bytes = malloc(STEP_BYTES);

	/* Reading, not readahead(2): that one stops where the device's queue is full. */
	while (fd >= 0 && bytes && read(fd, bytes, STEP_BYTES) > 0)
		;
}

static void read_tree(char *path)
{
	char *const roots[] = { path, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F || entry->fts_info == FTS_NSOK)
			read_file(entry->fts_accpath);
	if (tree)
		fts_close(tree);
}

void catalogue_read_ahead(const struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct language *language = &catalogue->packs[i]->language;

		for (size_t j = 0; language->available && language->read_ahead[j]; j++) {
			glob_t matches;

			if (glob(language->read_ahead[j], 0, NULL, &matches) != 0)
				continue;
			for (size_t k = 0; k < matches.gl_pathc; k++)
				read_tree(matches.gl_pathv[k]);
			globfree(&matches);
		}
	}
}

/* ---- asking ---- */

size_t catalogue_count(const struct catalogue *catalogue)
{
	return catalogue->count;
}

const struct language *catalogue_at(const struct catalogue *catalogue, size_t index)
{
	return &catalogue->packs[index]->language;
}

const struct language *catalogue_find(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct language *language = &catalogue->packs[i]->language;

		if (strcasecmp(language->id, name) == 0)
			return language;
		for (size_t j = 0; language->aliases[j]; j++)
			if (strcasecmp(language->aliases[j], name) == 0)
				return language;
	}
	return NULL;
}

const struct language *catalogue_by_extension(const struct catalogue *catalogue, const char *file_name)
{
	const char *dot = strrchr(file_name, '.');
	const struct pack *pack = dot ? pack_by_extension(catalogue, dot + 1) : NULL;

	return pack && !pack->language.unlisted ? &pack->language : NULL;
}

const char *const *catalogue_visible(const struct catalogue *catalogue)
{
	return catalogue->visible;
}
