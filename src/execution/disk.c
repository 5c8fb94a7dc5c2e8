#include "disk.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/log.h"

enum { MB = 1 << 20, PATH_BYTES = 4096 };

/* In bytes; what cannot be told counts as plenty. */
static int64_t free_at(const char *folder)
{
	struct statvfs status;

	if (statvfs(folder, &status) < 0)
		return INT64_MAX;
	return (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}

static int64_t free_at_database(const struct config *config)
{
	char path[PATH_BYTES];

	if (strncmp(config->database_url, "sqlite:", 7) != 0 ||
	    snprintf(path, sizeof path, "%s", config->database_url + 7) >= (int)sizeof path)
		return INT64_MAX;
	return free_at(dirname(path));
}

bool disk_is_low(struct execution *service)
{
	const struct config *config = service->config;
	int64_t data = free_at(config->data_dir), database = free_at_database(config);
	int64_t least = data < database ? data : database;
	bool low = least < config->disk_min_free_mb * MB;

	if (atomic_exchange(&service->disk_low, low) != low)
		log_at(low ? LOG_WARNING : LOG_INFO,
		       low ? "disk nearly full: new submissions are refused" : "disk has room again",
		       LOG_INT("free_mb", least / MB), LOG_INT("least_mb", config->disk_min_free_mb));
	return low;
}
