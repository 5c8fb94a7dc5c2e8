#include "ini.h"

#include <string.h>

enum { BYTES_MAX = 64 << 10, ENTRIES_MAX = 256 };

struct reader {
	const struct package_file *file;
	const char *at, *end;
	int line;
	struct pool *pool;
	struct package_notes *notes;
	struct ini *ini;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static const char *line_end(const struct reader *reader)
{
	const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	return end ? end : reader->end;
}

static void skip_line(struct reader *reader)
{
	reader->at = line_end(reader);
	if (reader->at < reader->end) {
		reader->at++;
		reader->line++;
	}
}

static char *trimmed(struct reader *reader, const char *start, const char *end)
{
	while (start < end && is_blank(*start))
		start++;
	while (end > start && is_blank(end[-1]))
		end--;
	return pool_memdup(reader->pool, start, (size_t)(end - start));
}

/* What is between the quotes; all to the end when they are not closed. */
static char *quoted(struct reader *reader)
{
	char quote = *reader->at++;
	const char *start = reader->at;
	const char *end = memchr(start, quote, (size_t)(reader->end - start));

	if (!end) {
		package_note(reader->notes, reader->file->path, reader->line, "a quote is not closed");
		end = reader->end;
	}
	for (const char *at = start; at < end; at++)
		reader->line += *at == '\n';
	reader->at = end < reader->end ? end + 1 : end;
	return pool_memdup(reader->pool, start, (size_t)(end - start));
}

static char *value_of(struct reader *reader)
{
	while (reader->at < reader->end && is_blank(*reader->at))
		reader->at++;
	if (reader->at < reader->end && (*reader->at == '"' || *reader->at == '\''))
		return quoted(reader);
	const char *end = line_end(reader);
	const char *comment = memchr(reader->at, ';', (size_t)(end - reader->at));
	return trimmed(reader, reader->at, comment ? comment : end);
}

static int add(struct reader *reader, char *key, char *value, int line, struct error *err)
{
	struct ini *ini = reader->ini;

	if (!key || !value)
		return error_set(err, -ENOMEM, "out of memory");
	if (ini->count == ENTRIES_MAX)
		return error_set(err, -EINVAL, "%s:%d: there are more than %d lines with values",
				 reader->file->path, line, ENTRIES_MAX);
	ini->entries[ini->count++] = (struct ini_entry){ .key = key, .value = value, .line = line };
	return 0;
}

static int read_line(struct reader *reader, struct error *err)
{
	const char *end = line_end(reader), *start = reader->at;
	int line = reader->line, code = 0;

	while (start < end && is_blank(*start))
		start++;
	const char *equals = memchr(start, '=', (size_t)(end - start));
	if (start == end || *start == ';' || *start == '#' || *start == '[') {
		skip_line(reader);
		return 0;
	}
	if (equals && equals > start) {
		char *key = trimmed(reader, start, equals);

		reader->at = equals + 1;
		char *value = value_of(reader);
		code = add(reader, key, value, line, err);
	} else {
		package_note(reader->notes, reader->file->path, line, "there is no 'key = value' here");
	}
	skip_line(reader);
	return code;
}

int ini_parse(const struct package_file *file, struct pool *pool, struct package_notes *notes,
	      struct ini *ini, struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some editors begin with it */
	struct ini read = { .entries = pool_array(pool, ENTRIES_MAX, sizeof *read.entries) };
	struct reader reader = { .file = file,
				 .at = file->bytes,
				 .end = file->bytes + file->size,
				 .line = 1,
				 .pool = pool,
				 .notes = notes,
				 .ini = &read };
	int code = 0;

	if (!read.entries)
		return error_set(err, -ENOMEM, "out of memory");
	if (file->size > BYTES_MAX || memchr(file->bytes, '\0', file->size))
		return error_set(err, -EINVAL, "%s: this is no such file: it has a NUL, or more than %d KB",
				 file->path, BYTES_MAX >> 10);
	if (file->size >= sizeof mark - 1 && memcmp(file->bytes, mark, sizeof mark - 1) == 0)
		reader.at += sizeof mark - 1;
	while (reader.at < reader.end && code == 0)
		code = read_line(&reader, err);
	if (code == 0)
		*ini = read;
	return code;
}

const struct ini_entry *ini_find(const struct ini *ini, const char *key)
{
	for (size_t i = ini->count; i-- > 0;)
		if (strcmp(ini->entries[i].key, key) == 0)
			return &ini->entries[i];
	return NULL;
}
