/* find.h - where this host's control groups are. */
#pragma once

#include <stdbool.h>

#include "../cgroup.h"

/* Where `controller` is mounted (v1), or the unified hierarchy ("", v2), and this process's own place in it
 * as a path of the file system. False when there is none. */
bool cgroup_find(const char *controller, char path[CGROUP_PATH_BYTES]);

/* v2: the highest group of the mount; the one above (false: that is not of the mount). */
bool cgroup_find_top(char path[CGROUP_PATH_BYTES]);
bool cgroup_go_up(char path[CGROUP_PATH_BYTES]);
bool cgroup_has_controllers(const char *path); /* memory and pids */

/* v2: where lanes are made: the highest group of the mount; or where our starter put arena's processes into a group of
 * this name, the group around that. A group hands controllers down or holds processes, never both. */
extern const char cgroup_processes[];
bool cgroup_find_place(char path[CGROUP_PATH_BYTES]);

/* The version whose memory, pids and CPU accounting can be used. */
enum sandbox_cgroup cgroup_find_version(void);
