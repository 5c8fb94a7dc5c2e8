#include "base/disk.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

enum { PATH_BYTES = 4096 };

static int64_t free_at(const char *folder)
{
	struct statvfs status;

	if (statvfs(folder, &status) < 0)
		return INT64_MAX;
	return (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}

static int64_t free_at_database(const char *url)
{
	char path[PATH_BYTES];

	if (strncmp(url, "sqlite:", 7) != 0 || snprintf(path, sizeof path, "%s", url + 7) >= (int)sizeof path)
		return INT64_MAX;
	return free_at(dirname(path));
}

int64_t disk_free_bytes(const char *data_dir, const char *database_url)
{
	int64_t data = free_at(data_dir), database = free_at_database(database_url);

	return data < database ? data : database;
}
