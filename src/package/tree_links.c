/* Links among entries: each becomes what it leads to, a file or all that is in a folder, links in there followed in turn.
 *
 * A link into a folder that it lies in itself, by whatever way, would never end. Every way that comes back to a link
 * passes a folder which holds that link, so it is enough to look at each folder entered for the links that led there. */
#include "tree_inside.h"

#include <string.h>

enum { HOPS_MAX = 40, STEPS_MAX = 2000000, WAY_BYTES = PACKAGE_PATH_BYTES_MAX + TREE_TARGET_BYTES_MAX + 3 };

enum outcome { TO_FILE, TO_FOLDER, TO_NOTHING, OUTSIDE, IN_A_CIRCLE };
static const char *const complaints[] = {
	[TO_NOTHING] = "a link to what is not there is left out",
	[OUTSIDE] = "a link that leaves the package is left out",
	[IN_A_CIRCLE] = "a link that leads around in a circle is left out",
};

/* Of the entries before links were followed. */
struct links {
	struct tree_builder *builder;
	size_t count;
	size_t steps; /* all that were walked: ways may be made long on purpose */
};

struct step {
	const char *link; /* where it really lies */
	const struct step *before;
};

static const struct tree_entry *find(const struct links *links, const char *path)
{
	const struct tree_entry *entries = links->builder->entries;
	size_t at = tree_lower_bound(entries, links->count, sizeof *entries, path);

	return at < links->count && strcmp(entries[at].file.path, path) == 0 ? &entries[at] : NULL;
}

/* ---- where one leads ---- */

/* A path without links so far, and what is still to be walked. */
struct walk {
	char done[PACKAGE_PATH_BYTES_MAX + 1];
	char rest[WAY_BYTES];
	size_t at; /* in rest */
	int hops;
};

static void climb(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

static bool push(struct walk *walk, const char *component, size_t size)
{
	size_t length = strlen(walk->done);

	if (length + 1 + size > PACKAGE_PATH_BYTES_MAX)
		return false;
	if (length > 0)
		walk->done[length++] = '/';
	memcpy(walk->done + length, component, size);
	walk->done[length + size] = '\0';
	return true;
}

/* Puts a link's target, from where it lies, in the place of what was walked last. */
static enum outcome turn(struct walk *walk, const char *target)
{
	size_t size = strlen(target), left = strlen(walk->rest + walk->at);

	if (++walk->hops > HOPS_MAX)
		return IN_A_CIRCLE;
	if (target[0] == '/')
		return OUTSIDE;
	if (size + 1 + left >= sizeof walk->rest)
		return TO_NOTHING;
	memmove(walk->rest + size + 1, walk->rest + walk->at, left + 1);
	memcpy(walk->rest, target, size);
	walk->rest[size] = '/';
	walk->at = 0;
	climb(walk->done);
	return TO_FOLDER;
}

static enum outcome walk_component(const struct links *links, struct walk *walk, const char *component,
				   size_t size)
{
	const struct tree_entry *entry;

	if (size == 0 || (size == 1 && component[0] == '.'))
		return TO_FOLDER;
	if (size == 2 && memcmp(component, "..", 2) == 0) {
		/* The one folder that all of an archive is in is not the package's either. */
		if (strlen(walk->done) < (links->builder->top ? links->builder->top : 1))
			return OUTSIDE;
		climb(walk->done);
		return TO_FOLDER;
	}
	if (!push(walk, component, size))
		return TO_NOTHING;
	entry = find(links, walk->done);
	if (!entry)
		return TO_FOLDER;
	return entry->target ? turn(walk, entry->target) : TO_FILE;
}

static enum outcome walk_all(struct links *links, struct walk *walk)
{
	enum outcome outcome = TO_FOLDER;
	size_t below;

	while (walk->rest[walk->at]) {
		const char *component = walk->rest + walk->at;
		size_t size = strcspn(component, "/");

		if (outcome == TO_FILE && size > 0)
			return TO_NOTHING;
		walk->at += size + (component[size] == '/');
		links->steps++;
		if (size > 0)
			outcome = walk_component(links, walk, component, size);
		if (outcome > TO_FOLDER || links->steps > STEPS_MAX)
			return outcome;
	}
	if (outcome == TO_FILE)
		return TO_FILE;
	(void)tree_entries_below(links->builder->entries, links->count, walk->done, &below);
	return below > 0 ? TO_FOLDER : TO_NOTHING;
}

/* ---- putting there what it leads to ---- */

static bool lies_in(const char *path, const char *folder)
{
	size_t size = strlen(folder);

	return size == 0 || (strncmp(path, folder, size) == 0 && path[size] == '/');
}

static bool leads_back(const struct step *step, const char *folder)
{
	for (; step; step = step->before)
		if (lies_in(step->link, folder))
			return true;
	return false;
}

static int put_file(struct links *links, const char *path, const struct package_file *file)
{
	struct tree_builder *builder = links->builder;
	struct package_file copy = *file;

	if ((int64_t)file->size > PACKAGE_BYTES_MAX - builder->bytes)
		return error_set(builder->err, -E2BIG, "%s: links make more than %lld MiB of it",
				 builder->source, (long long)(PACKAGE_BYTES_MAX >> 20));
	builder->bytes += (int64_t)file->size;
	copy.path = path;
	return tree_add(builder, &copy, NULL);
}

static int follow(struct links *links, const struct tree_entry *link, const char *path,
		  const struct step *before);

/* All that is in `folder`, beneath `path`. */
static int put_folder(struct links *links, const char *folder, const char *path, const struct step *step)
{
	struct tree_builder *builder = links->builder;
	size_t count, first = tree_entries_below(builder->entries, links->count, folder, &count);
	size_t skip = strlen(folder) + 1;
	int code = 0;

	for (size_t i = first; i < first + count && code == 0; i++) {
		/* A copy: the array moves when it grows. */
		struct tree_entry entry = builder->entries[i];
		const char *inside = NULL;

		code = tree_visit(builder);
		if (code == 0)
			code = tree_path(builder, path, entry.file.path + skip, &inside);
		if (code < 0 || !inside)
			continue;
		code = entry.target ? follow(links, &entry, inside, step)
				    : put_file(links, inside, &entry.file);
	}
	return code;
}

/* `link` as if it lay at `path`. Of what is not there only the link itself is noted, not the ways to it. */
static int follow(struct links *links, const struct tree_entry *link, const char *path,
		  const struct step *before)
{
	struct tree_builder *builder = links->builder;
	const struct step step = { .link = link->file.path, .before = before };
	struct walk walk = { 0 };
	enum outcome outcome;

	memcpy(walk.rest, link->file.path, strlen(link->file.path) + 1);
	outcome = walk_all(links, &walk);
	if (links->steps > STEPS_MAX)
		return error_set(builder->err, -E2BIG, "%s: its links are too many and too long",
				 builder->source);
	if (outcome == TO_FOLDER && leads_back(&step, walk.done))
		outcome = IN_A_CIRCLE;
	if (outcome == TO_FILE)
		return put_file(links, path, &find(links, walk.done)->file);
	if (outcome == TO_FOLDER)
		return put_folder(links, walk.done, path, &step);
	if (!before || outcome == IN_A_CIRCLE)
		package_note(builder->notes, path + builder->top, 0, "%s", complaints[outcome]);
	return 0;
}

int tree_follow_links(struct tree_builder *builder)
{
	struct links links = { .builder = builder, .count = builder->count };
	int code = 0;

	for (size_t i = 0; i < links.count && code == 0; i++) {
		struct tree_entry entry = builder->entries[i];

		if (entry.target)
			code = follow(&links, &entry, entry.file.path, NULL);
	}
	return code;
}
