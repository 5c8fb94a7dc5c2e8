/* limits.h - what one run may use. The one struct from the request to the cgroup.
 *
 * Reaching one of the first group ends the run with an outcome of its own; the second group only makes
 * a call of the program fail, and the program's own end counts. All must be positive. */
#pragma once

#include <stdint.h>

struct limits {
	int64_t cpu_time_us;  /* of all processes of the run, user and system */
	int64_t wall_time_us; /* from exec to the end of the first process */
	int64_t memory_bytes; /* resident: anonymous, shared, tmpfs, kernel memory; no swap */
	int64_t output_bytes; /* of each of the two streams */
	int64_t file_bytes;   /* of one file (RLIMIT_FSIZE) */

	int64_t disk_bytes; /* /box and /tmp, each (ENOSPC) */
	int inodes;         /* the same (ENOSPC) */
	int processes;      /* and threads (EAGAIN) */
	int open_files;     /* of one process (EMFILE) */
	int cpus;           /* 1 for a judged run; 0: as many as the lane has */
};

/* Raises each limit but `cpus` to at least `minimum`'s; 0 there asks for nothing. */
void limits_raise(struct limits *limits, const struct limits *minimum);
