/* Zip archives, by libzip: what it says of an entry is only a claim until its bytes are there. A claimed size is believed
 * as far as the packed bytes could give it, so that a small archive cannot make us ask for much memory; what comes out
 * must be as long as claimed and have the claimed sum.
 *
 * Only what packers write by default is unpacked, stored and deflated: others want dictionaries of gigabytes. */
#include "tree_inside.h"

#include <string.h>
#include <sys/stat.h>

#include <zip.h>

#include "base/cleanup.h"

enum {
	DEFLATE_RATIO_MAX = 1032, /* zlib's technical notes: 1032:1 at most */
};

struct archive {
	struct tree_builder *builder;
	zip_t *zip;
	size_t size;
};

struct member {
	zip_uint64_t index;
	zip_stat_t stat;
	const char *path; /* NULL: to be left out */
	unsigned mode;    /* st_mode, 0 when the archive has none */
};

static void close_zip(zip_t **zip)
{
	if (*zip)
		zip_discard(*zip);
}

static void close_member(zip_file_t **file)
{
	if (*file)
		zip_fclose(*file);
}

static int open_zip(const void *bytes, size_t size, const struct tree_builder *builder, zip_t **zip)
{
	zip_error_t why;
	zip_source_t *source;

	zip_error_init(&why);
	source = zip_source_buffer_create(bytes, size, 0, &why);
	*zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
	if (*zip)
		return 0;
	if (source)
		zip_source_free(source);
	error_set(builder->err, -EINVAL, "%s is no zip archive: %s", builder->source,
		  zip_error_strerror(&why));
	zip_error_fini(&why);
	return -EINVAL;
}

/* ---- a member's name ---- */

static int bad_name(const struct archive *archive, const char *name)
{
	return error_set(archive->builder->err, -EINVAL, "%s: the name \"%.200s\" leads out of it",
			 archive->builder->source, name);
}

/* Without what says nothing ("./a//b" is "a/b"), into as much room as the name has; *junk when it is of no use. */
static int clean_name(const struct archive *archive, const char *name, char *end, bool *junk)
{
	const char *start = end;

	if (name[0] == '/')
		return bad_name(archive, name);
	for (const char *at = name; *at;) {
		size_t size = strcspn(at, "/");

		if (size == 2 && memcmp(at, "..", 2) == 0)
			return bad_name(archive, name);
		*junk |= tree_is_junk(at, size);
		if (size > 0 && !(size == 1 && at[0] == '.')) {
			if (end > start)
				*end++ = '/';
			memcpy(end, at, size);
			end += size;
		}
		at += size + (at[size] == '/');
	}
	*end = '\0';
	return 0;
}

/* Old packers of Windows write its own separators. */
static const char *with_slashes(const struct archive *archive, const char *name)
{
	char *made = pool_strdup(archive->builder->pool, name);

	for (char *at = made; at && *at; at++)
		if (*at == '\\')
			*at = '/';
	return made;
}

/* The depth of folders is bounded as in the file system's. */
static bool is_deep(const char *path)
{
	int depth = 1;

	for (; *path; path++)
		depth += *path == '/';
	return depth > TREE_DEPTH_MAX;
}

static int name_member(const struct archive *archive, const char *name, struct member *member)
{
	char *clean = name ? pool_strdup(archive->builder->pool, name) : NULL;
	bool junk = false;
	int code;

	if (!clean)
		return tree_out_of_memory(archive->builder);
	code = clean_name(archive, name, clean, &junk);
	if (code < 0 || junk || !clean[0])
		return code;
	if (is_deep(clean)) {
		package_note(archive->builder->notes, NULL, 0, "a file that is nested too deep is left out");
		return 0;
	}
	return tree_path(archive->builder, "", clean, &member->path);
}

static int look_at_member(const struct archive *archive, struct member *member)
{
	zip_uint8_t system = ZIP_OPSYS_DOS;
	zip_uint32_t attributes = 0;
	const char *name;

	if (zip_stat_index(archive->zip, member->index, 0, &member->stat) < 0 ||
	    !(member->stat.valid & ZIP_STAT_NAME))
		return error_set(archive->builder->err, -EINVAL, "%s: entry %llu is damaged",
				 archive->builder->source, (unsigned long long)member->index + 1);
	name = member->stat.name;
	(void)zip_file_get_external_attributes(archive->zip, member->index, 0, &system, &attributes);
	if (system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X)
		member->mode = attributes >> 16;
	else if (!strchr(name, '/'))
		name = with_slashes(archive, name);
	if (name && name[0] && name[strlen(name) - 1] == '/')
		member->mode = S_IFDIR;
	return name_member(archive, name, member);
}

/* ---- its bytes ---- */

static int damaged(const struct archive *archive, const struct member *member, const char *why)
{
	return error_set(archive->builder->err, -EINVAL, "%s: %s is damaged: %s", archive->builder->source,
			 member->path, why);
}

static int check_claims(const struct archive *archive, const struct member *member)
{
	const zip_stat_t *stat = &member->stat;
	const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;

	if ((stat->valid & needed) != needed || stat->comp_size > archive->size)
		return damaged(archive, member, "its size is not said, or cannot be");
	if (stat->encryption_method != ZIP_EM_NONE)
		return error_set(archive->builder->err, -EINVAL, "%s: %s is encrypted",
				 archive->builder->source, member->path);
	switch (stat->comp_method) {
	case ZIP_CM_STORE:
		return stat->size == stat->comp_size ? 0 : damaged(archive, member, "it has two sizes");
	case ZIP_CM_DEFLATE:
		return stat->size / DEFLATE_RATIO_MAX <= stat->comp_size
			       ? 0
			       : damaged(archive, member, "so few bytes cannot hold so many");
	default:
		return error_set(archive->builder->err, -EINVAL,
				 "%s: %s is packed by a method that is not unpacked here (%d); use deflate",
				 archive->builder->source, member->path, stat->comp_method);
	}
}

/* The read behind the end is where libzip compares sums. */
static int inflate_member(const struct archive *archive, const struct member *member, char *bytes)
{
	cleanup_with(close_member) zip_file_t *file = zip_fopen_index(archive->zip, member->index, 0);
	zip_uint64_t got = 0;

	if (!file)
		return damaged(archive, member, zip_strerror(archive->zip));
	for (;;) {
		char spare;
		bool full = got == member->stat.size;
		zip_int64_t n =
			zip_fread(file, full ? &spare : bytes + got, full ? 1 : member->stat.size - got);

		if (n < 0)
			return damaged(archive, member, zip_file_strerror(file));
		if (n == 0)
			return full ? 0 : damaged(archive, member, "it ends early");
		if (full)
			return damaged(archive, member, "it holds more than it says");
		got += (zip_uint64_t)n;
	}
}

static int read_member(const struct archive *archive, const struct member *member)
{
	bool is_link = S_ISLNK(member->mode);
	struct package_file file = { .path = member->path, .executable = !is_link && member->mode & 0111 };
	char *bytes;
	int code = check_claims(archive, member);

	if (code == 0 && is_link && member->stat.size > TREE_TARGET_BYTES_MAX)
		code = damaged(archive, member, "so long a link there is not");
	if (code == 0)
		code = tree_room(archive->builder, member->path, member->stat.size, &bytes);
	if (code == 0)
		code = inflate_member(archive, member, bytes);
	if (code < 0)
		return code;
	if (is_link)
		return tree_add(archive->builder, &file, bytes);
	file.bytes = bytes;
	file.size = member->stat.size;
	return tree_add(archive->builder, &file, NULL);
}

static int unpack_member(const struct archive *archive, zip_uint64_t index)
{
	struct member member = { .index = index };
	int code = tree_visit(archive->builder);

	if (code == 0)
		code = look_at_member(archive, &member);
	if (code < 0 || !member.path || S_ISDIR(member.mode))
		return code;
	if ((member.mode & S_IFMT) != 0 && !S_ISREG(member.mode) && !S_ISLNK(member.mode)) {
		package_note(archive->builder->notes, member.path, 0,
			     "what is neither a file nor a folder is left out");
		return 0;
	}
	return read_member(archive, &member);
}

int package_tree_unpack(const void *bytes, size_t size, const char *name, struct pool *pool,
			struct package_notes *notes, struct package_tree *tree, struct error *err)
{
	struct tree_builder builder = { .source = name, .pool = pool, .notes = notes, .err = err };
	struct archive archive = { .builder = &builder, .size = size };
	cleanup_with(close_zip) zip_t *zip = NULL;
	int code = open_zip(bytes, size, &builder, &zip);
	zip_int64_t count = code < 0 ? 0 : zip_get_num_entries(zip, 0);

	archive.zip = zip;
	for (zip_int64_t i = 0; i < count && code == 0; i++)
		code = unpack_member(&archive, (zip_uint64_t)i);
	return code < 0 ? code : tree_finish(&builder, name, true, tree);
}
