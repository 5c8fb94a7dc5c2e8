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

/* Makes a folder arena-PID beneath `parent`, and holds it for as long as this process lives: that is how others
 * know, also from other pid namespaces, that it is not left over. *hold receives the descriptor. */
int groups_hold(const char *parent, char folder[CGROUP_PATH_BYTES], int *hold, struct error *err);
/* Removes folders arena-PID beneath `parent` that nobody holds. */
void groups_sweep(const char *parent);
/* Removes `folder` and what is below it, deepest first. 0, or the last -errno. */
int groups_remove(const char *folder);
