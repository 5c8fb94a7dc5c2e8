#include "disk.h"

#include "base/disk.h"
#include "base/log.h"

enum { MB = 1 << 20 };

bool disk_is_low(struct execution *service)
{
	const struct config *config = service->config;
	int64_t least = disk_free_bytes(config->data_dir, config->database_url);
	bool low = least < config->disk_min_free_mb * MB;

	if (atomic_exchange(&service->disk_low, low) != low)
		log_at(low ? LOG_WARNING : LOG_INFO,
		       low ? "disk nearly full: new submissions are refused" : "disk has room again",
		       LOG_INT("free_mb", least / MB), LOG_INT("least_mb", config->disk_min_free_mb));
	return low;
}
