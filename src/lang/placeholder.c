#include "placeholder.h"

#include <string.h>

#include "base/buffer.h"

static const char *value_of(const struct placeholders *known, const char *name, size_t size)
{
	for (size_t i = 0; i < known->count; i++) {
		const struct placeholder *item = &known->items[i];

		if (strncmp(item->name, name, size) == 0 && item->name[size] == '\0')
			return item->value;
	}
	return NULL;
}

int placeholder_expand(const struct placeholders *known, const char *text, struct pool *pool,
		       const char **expanded, struct error *err)
{
	cleanup_buffer struct buffer out = { 0 };
	const char *at = text;

	while (*at) {
		size_t plain = strcspn(at, "{}"), size;
		const char *value;

		buffer_append(&out, at, plain);
		at += plain;
		if (!*at)
			break;
		size = strcspn(at + 1, "{}");
		if (*at == '}' || at[1 + size] != '}')
			return error_set(err, -EINVAL, "a brace without its other one in \"%s\"", text);
		value = value_of(known, at + 1, size);
		if (!value)
			return error_set(err, -EINVAL, "unknown placeholder {%.*s}", (int)size, at + 1);
		buffer_puts(&out, value);
		at += size + 2;
	}
	const char *copy = out.failed ? NULL : pool_memdup(pool, buffer_text(&out), out.size);
	if (!copy)
		return error_set(err, -ENOMEM, "out of memory");
	*expanded = copy;
	return 0;
}

static size_t list_count(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

int placeholder_expand_command(const struct placeholders *known, const char *const *command,
			       const char *const *more, struct pool *pool, const char *const **expanded,
			       struct error *err)
{
	size_t sources = list_count(known->sources), count = 0;
	size_t room = list_count(command) * (sources + 1) + list_count(more) + 1;
	const char **out = pool_array(pool, room, sizeof *out);

	if (!out)
		return error_set(err, -ENOMEM, "out of memory");
	for (; *command; command++) {
		if (strcmp(*command, "{sources}") == 0) {
			for (size_t i = 0; i < sources; i++)
				out[count++] = known->sources[i];
			continue;
		}
		int code = placeholder_expand(known, *command, pool, &out[count++], err);
		if (code < 0)
			return code;
	}
	for (size_t i = 0; more && more[i]; i++)
		out[count++] = more[i];
	*expanded = out;
	return 0;
}
