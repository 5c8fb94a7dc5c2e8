/* admin_row.c - what `arena admin` prints of an answer's objects, and the ids that it takes. */
#include <string.h>

#include "admin.h"

const char *admin_text(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "-";
}

json_int_t admin_number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

bool admin_is_id(const char *word)
{
	size_t length = strlen(word);

	return length > 0 && length <= 18 && strspn(word, "0123456789") == length;
}

bool admin_are_ids(const struct words *words, size_t first)
{
	for (size_t i = first; i < words->count; i++)
		if (!admin_is_id(words->at[i]))
			return false;
	return true;
}
