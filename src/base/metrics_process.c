/* The figures of this process, under the names that Prometheus's own client libraries give them. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/metrics.h"

static void put_head(struct buffer *out, const char *name, const char *kind, const char *help)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void put_number(struct buffer *out, const char *name, const char *help, int64_t value)
{
	put_head(out, name, "gauge", help);
	buffer_printf(out, "%s %" PRId64 "\n", name, value);
}

static void put_processor(struct buffer *out)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) < 0)
		return;
	put_head(out, "process_cpu_seconds_total", "counter", "Processor time, user and system.");
	buffer_printf(out, "process_cpu_seconds_total %.6f\n",
		      (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			      (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

/* proc(5): behind the name's last ')' the fields have no spaces; the state is field 3,
 * the number of threads 20. */
static void put_stat(struct buffer *out)
{
	cleanup_buffer struct buffer text = { 0 };
	unsigned long long size;
	long threads, pages;

	if (file_read_all("/proc/self/stat", 4096, &text, NULL) < 0)
		return;
	const char *fields = strrchr(buffer_text(&text), ')');
	if (!fields ||
	    sscanf(fields,
		   ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %*s %*s"
		   " %llu %ld",
		   &threads, &size, &pages) != 3)
		return;
	put_number(out, "process_threads", "Threads.", threads);
	put_number(out, "process_virtual_memory_bytes", "Virtual memory.", (int64_t)size);
	put_number(out, "process_resident_memory_bytes", "Resident memory.", pages * sysconf(_SC_PAGESIZE));
}

static void put_descriptors(struct buffer *out)
{
	DIR *folder = opendir("/proc/self/fd");
	struct rlimit limit;
	int64_t count = -3; /* . and .. and this one */

	if (!folder)
		return;
	while (readdir(folder))
		count++;
	closedir(folder);
	put_number(out, "process_open_fds", "Open file descriptors.", count);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		put_number(out, "process_max_fds", "The most that may be open.", (int64_t)limit.rlim_cur);
}

void metrics_write_process(struct buffer *out)
{
	put_processor(out);
	put_stat(out);
	put_descriptors(out);
}
