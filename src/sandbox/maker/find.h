/* find.h - where this host's control groups are. */
#pragma once

#include <stdbool.h>

#include "../cgroup.h"

/* Where `controller` is mounted (v1), or the unified hierarchy ("", v2), and this process's own place in it
 * as a path of the file system. False when there is none. */
bool cgroup_find(const char *controller, char path[CGROUP_PATH_BYTES]);

/* v2: the highest group of the mount, where lanes are made. A group hands controllers down or holds processes,
 * never both, the root of the hierarchy excepted; so arena's own group would not do. */
bool cgroup_find_top(char path[CGROUP_PATH_BYTES]);

/* The version whose memory, pids and CPU accounting can be used. */
enum sandbox_cgroup cgroup_find_version(void);
