/* The guard's pure checks: a head that is accepted reads the same to a simple reader, and a chunked body ends in
 * the same place however it arrives. */
#include "fuzz.h"

#include "head.h"

static int lines_named(const char *text, size_t size, const char *name)
{
	int count = 0;
	for (size_t i = 0; i + strlen(name) < size; i++)
		count += text[i] == '\n' && strncasecmp(text + i + 1, name, strlen(name)) == 0;
	return count;
}

static void check_accepted(const char *text, size_t size, const struct head *head)
{
	int lengths = lines_named(text, size, "content-length:");
	int encodings = lines_named(text, size, "transfer-encoding:");

	must(!memchr(text, '\0', size) && size >= 4 && memcmp(text + size - 4, "\r\n\r\n", 4) == 0);
	must(lengths + encodings <= 1 && lines_named(text, size, "host:") <= 1);
	must(head->chunked == (encodings == 1) && (head->content_length == 0 || lengths == 1));
	for (size_t i = 0; i < size; i++)
		must(text[i] != '\n' || text[i - 1] == '\r');
}

static void check_head(const char *text, size_t size)
{
	size_t scanned = 0, parts = 0, end = head_end(text, size, &scanned), found = 0;
	for (size_t i = 1; i <= size && found == 0; i++)
		found = head_end(text, i, &parts);
	must(found == end && end <= size);
	if (end == 0)
		return;
	struct head head = { 0 };
	const char *why = NULL;
	int status = head_check(text, end, &head, &why);
	must(status == 0 || (status >= 400 && status < 600 && why));
	if (status == 0)
		check_accepted(text, end, &head);
}

static void check_chunks(const char *text, size_t size)
{
	struct chunks whole = { 0 }, split = { 0 };
	long used = chunks_feed(&whole, text, size), parts = 0;
	for (size_t i = 0; i < size && parts >= 0 && split.step != CHUNKS_DONE; i++)
		parts = chunks_feed(&split, text + i, 1) < 0 ? -1 : parts + 1;
	must(used == parts && used <= (long)size);
	must(used < 0 || (whole.step == split.step && whole.total == split.total));
	must(used < 0 || whole.step != CHUNKS_DONE || whole.total <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_head((const char *)data, size);
	check_chunks((const char *)data, size);
	return 0;
}
