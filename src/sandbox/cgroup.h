/* cgroup.h - a lane's control groups as its keeper and inits use them: one small table of functions a version.
 *
 * The lane maker makes and removes the folders (maker/groups.h); keepers and inits only read and write in
 * what is theirs. Layout, beneath the maker's own place:
 *
 *     arena-PID/laneN/keeper       the keeper: never throttled or killed with its boxes
 *     arena-PID/laneN/box0, box1   two, in turn: the next init is prepared in the one while the other runs,
 *                                  so that its cost is not charged to the running submission
 *
 * Figures: CPU time by difference; memory as the peak less the baseline before the run, without page cache. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/limits.h"
#include "sandbox/box.h"

enum { CGROUP_PATH_BYTES = 512, BOXES_A_LANE = 2 };

/* Descriptors of one box's group; -1 where the version has no such file. */
enum cgroup_file {
	MEMORY_PROCS,
	PIDS_PROCS,
	CPU_PROCS,    /* v1: cgroup.procs of the three hierarchies that count */
	WEIGHT_TASKS, /* v1: tasks of the lane, where the low weight is */
	MEMORY_LIMIT,
	MEMORY_USAGE,
	MEMORY_PEAK,
	MEMORY_EVENTS,
	MEMORY_STAT,
	MEMORY_KERNEL,
	SWAP_LIMIT,
	PIDS_LIMIT,
	PIDS_PEAK,
	CPU_USAGE,
	BOX_FOLDER,
	INIT_FOLDER,
	RUN_FOLDER, /* v2 */
	CGROUP_FILES,
};

struct cgroup_box {
	int files[CGROUP_FILES];
	int64_t memory_limit_now, pids_limit_now; /* what was written last */
	int64_t cpu_base_us, memory_base, oom_base, pids_base;
	/* On top of which a memory limit is written: what the init holds for good. Kernel memory is not in it: names
	 * that earlier runs looked up are given back under pressure, and would be a gift. */
	int64_t limit_base;
	int64_t kernel_settled; /* kernel memory that did not go away when it was last waited for */
};

struct cgroup_lane {
	int index;
	char folder[CGROUP_PATH_BYTES + 96]; /* v2: laneN, as the host sees it */
	struct cgroup_box boxes[BOXES_A_LANE];
};

struct cgroup_usage {
	int64_t cpu_us;
	int64_t memory_bytes;   /* BOX_UNKNOWN when it cannot be had */
	int64_t processes_peak; /* the same */
	int64_t oom_kills;
};

struct cgroup_ops {
	enum sandbox_cgroup version;

	int (*keeper_start)(struct cgroup_lane *lane, struct error *err); /* in the keeper, once */
	/* Gives the calling thread, and whom it will fork, the boxes' low weight, where a thread can have one of its
	 * own. 0 or -errno. */
	int (*keeper_join)(struct cgroup_lane *lane);
	int (*box_limit)(struct cgroup_box *box, const struct limits *limits);
	/* Before a run: waits until what ran before is no longer charged (cgroup_box_settle), then peaks and bases. */
	int (*box_rebase)(struct cgroup_box *box);
	int (*box_usage)(const struct cgroup_box *box, struct cgroup_usage *usage);
	int64_t (*box_cpu_us)(const struct cgroup_box *box);    /* of the run so far */
	int64_t (*box_oom_kills)(const struct cgroup_box *box); /* of the run so far */
	/* v2: the folders where an init and where a run is born (CLONE_INTO_CGROUP); -1: by other means. */
	int (*box_home)(const struct cgroup_box *box);
	int (*run_home)(const struct cgroup_box *box);
	/* Kills the run's processes, all of them where the kernel does it; otherwise those that are found at one
	 * look, and what they fork meanwhile is the init's to find. Its number is in the caller's namespace. */
	void (*run_kill)(const struct cgroup_box *box, pid_t init);

	/* Init, on its way in. */
	int (*init_enter)(const struct cgroup_box *box);
};

extern const struct cgroup_ops cgroup_v1, cgroup_v2;

/* ---- shared by the implementations ---- */

int64_t cgroup_read_number(int fd); /* -errno; "max" is INT64_MAX */
/* Numbers of "key NUMBER" lines, 0 where there is no such line. 0 or -errno. */
int cgroup_read_keys(int fd, const char *const *keys, int64_t *values, size_t count);
int64_t cgroup_read_keyed(int fd, const char *key); /* one; -errno */
/* Kills whoever is listed in a cgroup.procs just opened, `but` excepted; nothing when fd is negative. */
void cgroup_kill_listed(int fd, pid_t but);
/* A counter's growth since `base`; what could not be read stays -errno. */
static inline int64_t cgroup_since(int64_t now, int64_t base)
{
	return now < 0 ? now : now - base;
}
int cgroup_write_number(int fd, int64_t number);                               /* 0 or -errno */
int cgroup_write_text(const char *folder, const char *file, const char *text); /* the same */
/* Has `folder` hand `controllers` ("+memory +pids") down to the groups below it (v2). */
int cgroup_hand_down(const char *folder, const char *controllers, struct error *err);
/* Writes the limits that have changed; memory by way of `set_memory`, on top of the box's baseline. */
int cgroup_box_limit(struct cgroup_box *box, const struct limits *limits,
		     int (*set_memory)(struct cgroup_box *box, int64_t bytes));
/* Waits until the kernel has freed what it frees late, or what there is of it does not become less any more.
 * `kernel_bytes` reads how much is charged. 0, or the reader's -errno. */
int cgroup_box_settle(struct cgroup_box *box, int64_t (*kernel_bytes)(const struct cgroup_box *box));
void cgroup_box_reset(struct cgroup_box *box); /* every descriptor -1 */
void cgroup_box_close(struct cgroup_box *box);
