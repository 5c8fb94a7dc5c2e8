/* A `.env` file of any bytes: names are names, the last of a name counts, a refusal says in which line. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "config_file.h"

static void check_entries(const struct config_file *file)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	for (const struct config_file_entry *entry = file->entries; entry; entry = entry->next) {
		must(entry->name[0] && entry->name[strspn(entry->name, letters)] == '\0');
		must(entry->name[0] < '0' || entry->name[0] > '9');
		must(!strchr(entry->value, '\n') || config_file_get(file, entry->name));
	}
	if (file->entries)
		must(config_file_get(file, file->entries->name) == file->entries->value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	struct error err = { 0 };
	cleanup_fd int fd = fd_sealed("env", data, size, &err);
	struct config_file file;
	char path[64];

	must(fd >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (config_file_read(path, pool, &file, &err) == 0)
		check_entries(&file);
	else
		must(err.code == -EINVAL && strncmp(err.text, path, strlen(path)) == 0);
	return 0;
}
