/* Any text with {names}: where each name stands for itself in braces, the text comes out as it went in; and what
 * a value holds is never expanded again. */
#include "fuzz.h"

#include "placeholder.h"

static void check_command(char *text, struct pool *pool)
{
	static const struct placeholder items[] = { { "a", "{b}" }, { "main", "" } };
	static const char *const sources[] = { "1.c", "2.c", NULL };
	const struct placeholders known = { items, 2, sources };
	const char *command[17] = { 0 }, *const *expanded = NULL;
	size_t count = 0, expected = 2;
	struct error err;

	for (char *word = strsep(&text, "\n"); word && count < 16; word = strsep(&text, "\n"))
		command[count++] = word;
	if (placeholder_expand_command(&known, command, sources, pool, &expanded, &err) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		expected += strcmp(command[i], "{sources}") == 0 ? 2 : 1;
	for (size_t i = 0; i < expected; i++)
		must(expanded[i]);
	must(!expanded[expected]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct placeholder items[] = { { "a", "{a}" }, { "main", "{main}" }, { "", "{}" } };
	const struct placeholders known = { items, 3, NULL };
	cleanup_pool struct pool *pool = pool_new();
	char *text = pool_memdup(pool, data, size);
	const char *expanded = NULL;
	struct error err = { 0 };

	if (placeholder_expand(&known, text, pool, &expanded, &err) == 0)
		must(strcmp(expanded, text) == 0);
	else
		must(err.code == -EINVAL && strpbrk(text, "{}"));
	check_command(text, pool);
	return 0;
}
