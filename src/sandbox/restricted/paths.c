/* paths.c - in the other tiers a box is at /box, and /tmp is its own. Here both are folders of the host, and what the
 * worker asks for is translated: words of the command, values of the environment, the working directory. Not what
 * a program has in its own text; docs/hosts.md says so. */
#include <stdio.h>
#include <string.h>

#include "restricted.h"

/* At the beginning, after what separates paths, or after an option's letter. */
static bool may_begin(const char *text, const char *at)
{
	return at == text || strchr("=:,;@ '\"(", at[-1]) || (text[0] == '-' && at == text + 2);
}

static bool is_place(const char *at, const char *place)
{
	size_t length = strlen(place);
	return strncmp(at, place, length) == 0 && strchr("/:,; '\")", at[length]); /* or the end */
}

/* What stands for the place that begins at `at`; NULL: none does. *skip: the length of that. */
static const char *real_place(const char *at, const char *folder, char buffer[PATH_MAX], size_t *skip)
{
	static const char *const own[] = { "/box", "/tmp" };
	for (size_t i = 0; i < 2; i++)
		if (is_place(at, own[i])) {
			snprintf(buffer, PATH_MAX, "%s%s", folder, own[i]);
			*skip = strlen(own[i]);
			return buffer;
		}
	for (const char *const *visible = restricted.visible; visible && *visible; visible++) {
		const char *colon = strstr(*visible, ":/");
		if (!colon || !is_place(at, colon + 1))
			continue;
		snprintf(buffer, PATH_MAX, "%.*s", (int)(colon - *visible), *visible);
		*skip = strlen(colon + 1);
		return buffer;
	}
	return NULL;
}

const char *paths_replace(const char *text, const char *folder, char **at, const char *end)
{
	char *begin = *at, *out = *at;
	for (const char *in = text; *in;) {
		char buffer[PATH_MAX];
		size_t skip = 1;
		const char *place =
			*in == '/' && may_begin(text, in) ? real_place(in, folder, buffer, &skip) : NULL;
		size_t size = place ? strlen(place) : 1;
		if (size + 1 > (size_t)(end - out))
			return NULL;
		memcpy(out, place ? place : in, size);
		out += size;
		in += skip;
	}
	if (out == end)
		return NULL;
	*out++ = '\0';
	*at = out;
	return begin;
}
