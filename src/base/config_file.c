#include "config_file.h"

#include <string.h>

#include "base/buffer.h"
#include "base/fd.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static const char blanks[] = " \t\r";

static char *skip_blanks(char *at)
{
	return at + strspn(at, blanks);
}

static void trim_end(char *text)
{
	size_t size = strlen(text);
	while (size > 0 && strchr(blanks, text[size - 1]))
		text[--size] = '\0';
}

static size_t name_length(const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	return *text >= '0' && *text <= '9' ? 0 : strspn(text, letters);
}

static char undo_escape(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/* Undoes the quotes in place; what is behind them, or NULL when they are not closed. */
static char *unquote(char *value)
{
	char quote = *value, *to = value;
	for (char *from = value + 1; *from; from++) {
		if (*from == quote) {
			*to = '\0';
			return from + 1;
		}
		if (quote == '"' && *from == '\\' && from[1] && strchr("nt\"\\$", from[1]))
			*to++ = undo_escape(*++from);
		else
			*to++ = *from;
	}
	return NULL;
}

static void cut_comment(char *value)
{
	for (char *at = value; *at; at++)
		if (*at == '#' && (at == value || strchr(blanks, at[-1]))) {
			*at = '\0';
			break;
		}
	trim_end(value);
}

/* What is wrong with the line, or NULL. Sets *name and *value within it; *name NULL for an empty line. */
static const char *parse_line(char *line, char **name, char **value)
{
	*name = NULL;
	line = skip_blanks(line);
	if (strncmp(line, "export", 6) == 0 && line[6] && strchr(blanks, line[6]))
		line = skip_blanks(line + 6);
	if (!*line || *line == '#')
		return NULL;
	size_t length = name_length(line);
	char *equals = skip_blanks(line + length);
	if (length == 0 || *equals != '=')
		return "expected NAME=value";
	line[length] = '\0';
	*value = skip_blanks(equals + 1);
	if (**value == '"' || **value == '\'') {
		char *rest = unquote(*value);
		if (!rest)
			return "a quote is not closed on its line";
		rest = skip_blanks(rest);
		if (*rest && *rest != '#')
			return "something follows the closing quote";
	} else {
		cut_comment(*value);
	}
	*name = line;
	return NULL;
}

static int add_entry(struct config_file *file, const char *name, const char *value, struct pool *pool,
		     struct error *err)
{
	struct config_file_entry *entry = pool_alloc(pool, sizeof *entry);
	if (!entry)
		return error_set(err, -ENOMEM, "out of memory");
	*entry = (struct config_file_entry){ file->entries, name, value };
	file->entries = entry;
	return 0;
}

int config_file_read(const char *path, struct pool *pool, struct config_file *file, struct error *err)
{
	*file = (struct config_file){ .path = path };
	cleanup_buffer struct buffer text = { 0 };
	struct error why = { 0 };
	int code = path ? file_read_all(path, FILE_MAX_BYTES, &text, &why) : 0;
	if (code == -ENOENT)
		return 0;
	if (code < 0)
		return error_set(err, code, "%s", why.text);
	if (text.size != strlen(buffer_text(&text)))
		return error_set(err, -EINVAL, "%s: holds a NUL byte", path);
	char *next = pool_strdup(pool, buffer_text(&text)); /* entries point into it */
	if (!next)
		return error_set(err, -ENOMEM, "out of memory");
	for (int number = 1; next; number++) {
		char *line = strsep(&next, "\n"), *name, *value;
		const char *wrong = parse_line(line, &name, &value);
		if (wrong)
			return error_set(err, -EINVAL, "%s:%d: %s", path, number, wrong);
		if (name && add_entry(file, name, value, pool, err) < 0)
			return err ? err->code : -ENOMEM;
	}
	return 0;
}

const char *config_file_get(const struct config_file *file, const char *name)
{
	for (const struct config_file_entry *entry = file->entries; entry; entry = entry->next)
		if (strcmp(entry->name, name) == 0)
			return entry->value;
	return NULL;
}
