/* A target without libFuzzer: feeds it every file of the folders given, whole and cut short at every length,
 * in the same order each time. `make test` does so with any compiler. */
#include "fuzz.h"

#include <dirent.h>

#include "base/fd.h"

enum { INPUT_BYTES_MAX = 64 * 1024 };

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In memory of exactly that size, so that AddressSanitizer sees a read past its end. */
static void feed(const char *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	must(exact);
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void replay_file(const char *path)
{
	cleanup_buffer struct buffer text = { 0 };
	struct error err;
	if (file_read_all(path, INPUT_BYTES_MAX, &text, &err) < 0) {
		dprintf(2, "%s\n", err.text);
		abort();
	}
	for (size_t size = 0; size <= text.size; size++)
		feed(buffer_text(&text), size);
}

static int replay_folder(const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_visible, alphasort);
	for (int i = 0; i < count; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		dprintf(2, "%s\n", path);
		replay_file(path);
		free(entries[i]);
	}
	free(entries);
	return count;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		must(replay_folder(argv[i]) > 0);
	return argc > 1 ? 0 : 2;
}
