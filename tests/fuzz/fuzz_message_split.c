/* The strings of a run's message: split exactly when there are as many NULs as strings, the last byte one of them. */
#include "fuzz.h"

#include "protocol.h"

static size_t count_nuls(const char *text, size_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < size; i++)
		count += text[i] == '\0';
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *strings[256];
	size_t count = size > 0 ? data[0] : 0, text_size = size > 0 ? size - 1 : 0, used = 0;
	char *text = malloc(text_size + 1); /* split in place; the byte more is not looked at */

	must(text);
	memcpy(text, data + (size > 0), text_size);
	text[text_size] = 'x';
	bool whole = count_nuls(text, text_size) == count && (text_size == 0 || text[text_size - 1] == '\0');
	must((message_split(text, text_size, strings, count) == 0) == whole);
	for (size_t i = 0; whole && i < count; i++) {
		must(strings[i] == text + used);
		used += strlen(strings[i]) + 1;
	}
	must(!whole || used == text_size);
	free(text);
	return 0;
}
