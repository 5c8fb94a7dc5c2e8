/* groups.h - control groups as the lane maker makes and removes them, as the host's root: v1, v2, none. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "../cgroup.h"

struct group_ops {
	enum sandbox_cgroup version;
	const struct cgroup_ops *boxes; /* how keepers use what is made here */

	int (*open)(struct error *err);                                /* finds and makes arena-PID */
	void (*close)(void);                                           /* removes it */
	int (*lane_make)(struct cgroup_lane *lane, struct error *err); /* folders and descriptors */
	int (*lane_enter)(const struct cgroup_lane *lane, pid_t keeper, uid_t owner, struct error *err);
	int (*lane_remove)(int index); /* -EBUSY: try again later */
	int64_t (*lanes_cpu_us)(void); /* of all lanes so far; negative: unknown */
};

extern const struct group_ops groups_v1, groups_v2;

/* What this host has: never NULL. */
const struct group_ops *groups_detect(void);

/* Removes folders arena-PID beneath `parent` whose process is gone. */
void groups_sweep(const char *parent);
/* Removes `folder` and what is below it, deepest first. 0, or the last -errno. */
int groups_remove(const char *folder);
