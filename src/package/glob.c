/* Globs of the format: a pattern is an automaton whose states are the places in it, and all of them are followed at once.
 * So a byte of a path costs at most the pattern's length, whatever stars and braces are in it. */
#include "package/expectation.h"

#include <string.h>

struct glob {
	const char *text;
	size_t size;
	/* Of a brace, and of a comma right in it: the next comma or the closing brace, and the latter. `closing` 0: it is a
	 * character like others. */
	unsigned char next[PACKAGE_GLOB_BYTES_MAX], closing[PACKAGE_GLOB_BYTES_MAX];
};
struct places {
	bool at[PACKAGE_GLOB_BYTES_MAX + 1];
};

static void close_brace(struct glob *glob, size_t opening, size_t closing)
{
	for (size_t at = opening; at != closing; at = glob->next[at])
		glob->closing[at] = (unsigned char)closing;
	glob->closing[closing] = (unsigned char)closing;
}

static void find_braces(struct glob *glob)
{
	unsigned char opening[PACKAGE_GLOB_BYTES_MAX], last[PACKAGE_GLOB_BYTES_MAX];
	size_t depth = 0;

	for (size_t at = 0; at < glob->size; at++) {
		if (glob->text[at] == '{') {
			opening[depth] = last[depth] = (unsigned char)at;
			depth++;
		} else if (depth > 0 && (glob->text[at] == ',' || glob->text[at] == '}')) {
			glob->next[last[depth - 1]] = (unsigned char)at;
			last[depth - 1] = (unsigned char)at;
			if (glob->text[at] == '}')
				close_brace(glob, opening[--depth], at);
		}
	}
}

/* The places that are reached without a character; they all lie behind. */
static void follow(const struct glob *glob, struct places *places)
{
	for (size_t at = 0; at < glob->size; at++) {
		if (!places->at[at])
			continue;
		if (glob->text[at] == '*' || glob->closing[at] == at)
			places->at[at + 1] = true;
		else if (glob->closing[at] && glob->text[at] == ',')
			places->at[glob->closing[at] + 1] = true;
		else if (glob->closing[at])
			for (size_t each = at; each != glob->closing[at]; each = glob->next[each])
				places->at[each + 1] = true;
	}
}

/* false: no place is left. */
static bool step(const struct glob *glob, char byte, struct places *places)
{
	struct places after = { 0 };
	bool any = false;

	for (size_t at = 0; at < glob->size; at++) {
		char c = glob->text[at];

		if (!places->at[at] || glob->closing[at])
			continue;
		if (c == '*' && byte != '/')
			any = after.at[at] = true;
		else if (c != '*' && (c == '?' ? byte != '/' : byte == c))
			any = after.at[at + 1] = true;
	}
	*places = after;
	return any;
}

static bool matches(const char *pattern, const char *path, bool above)
{
	struct glob glob = { .text = pattern, .size = strlen(pattern) };
	struct places places = { .at = { true } };

	while (glob.size > 1 && pattern[glob.size - 1] == '/')
		glob.size--;
	if (glob.size > PACKAGE_GLOB_BYTES_MAX)
		return false;
	find_braces(&glob);
	for (;; path++) {
		follow(&glob, &places);
		if (places.at[glob.size] && (*path == '\0' || (above && *path == '/')))
			return true;
		if (*path == '\0' || !step(&glob, *path, &places))
			return false;
	}
}

bool package_glob_matches(const char *pattern, const char *path)
{
	return matches(pattern, path, true);
}

bool package_glob_is(const char *pattern, const char *path)
{
	return matches(pattern, path, false);
}
