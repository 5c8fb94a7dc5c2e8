#include "base/limits.h"

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void limits_raise(struct limits *limits, const struct limits *minimum)
{
	limits->cpu_time_us = larger(limits->cpu_time_us, minimum->cpu_time_us);
	limits->wall_time_us = larger(limits->wall_time_us, minimum->wall_time_us);
	limits->memory_bytes = larger(limits->memory_bytes, minimum->memory_bytes);
	limits->output_bytes = larger(limits->output_bytes, minimum->output_bytes);
	limits->file_bytes = larger(limits->file_bytes, minimum->file_bytes);
	limits->disk_bytes = larger(limits->disk_bytes, minimum->disk_bytes);
	limits->inodes = (int)larger(limits->inodes, minimum->inodes);
	limits->processes = (int)larger(limits->processes, minimum->processes);
	limits->open_files = (int)larger(limits->open_files, minimum->open_files);
}
