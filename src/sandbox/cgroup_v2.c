/* cgroup_v2.c - the unified hierarchy.
 *
 *     arena-PID/laneN            the cgroup namespace of the lane is rooted here, and owned by its root
 *     arena-PID/laneN/keeper     the keeper
 *     arena-PID/laneN/boxK       limits of box K: memory.max, pids.max
 *     arena-PID/laneN/boxK/init  its init, born there (CLONE_INTO_CGROUP: moving a process in costs 11 to
 *                                15 ms after a quiet while)
 *     arena-PID/laneN/boxK/run   the run, born there; made anew for each run, because memory.peak can be
 *                                reset only since Linux 6.12 and pids.peak never: a new leaf starts at 0
 *
 * A leaf is made aside, when the run before it is over. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup.h"

static char root[CGROUP_PATH_BYTES]; /* ".../arena-PID" */

static const char low_weight[] = "25"; /* of cpu.weight, whose default is 100 */

/* Controllers reach a group when every group above hands them down. The root of the hierarchy may hold
 * processes and hand down; any other group may not do both, so lanes are made beneath the root where this
 * process may write there, else beneath its own group. */
static int find_parent(char parent[CGROUP_PATH_BYTES], struct error *err)
{
	char own[CGROUP_PATH_BYTES], *slash;
	if (!cgroup_find("", own))
		return error_set(err, -ENOENT, "cgroup v2 is not mounted");
	snprintf(parent, CGROUP_PATH_BYTES, "%s", own);
	for (;;) {
		char type[CGROUP_PATH_BYTES + 32];
		snprintf(type, sizeof type, "%s/cgroup.type", parent); /* absent in the root alone */
		if (access(type, F_OK) != 0)
			break;
		slash = strrchr(parent, '/');
		if (!slash || slash == parent)
			break;
		*slash = '\0';
		char controllers[CGROUP_PATH_BYTES + 32];
		snprintf(controllers, sizeof controllers, "%s/cgroup.controllers", parent);
		if (access(controllers, F_OK) !=
		    0) { /* above the mount: a container's or a delegated subtree */
			*slash = '/';
			break;
		}
	}
	return 0;
}

static int enable(const char *folder, bool cpu, struct error *err)
{
	int code = cgroup_write_text(folder, "cgroup.subtree_control", "+memory +pids");
	if (code < 0)
		return error_set(err, code, "hand down memory and pids in %s: %s%s", folder, strerror(-code),
				 code == -EBUSY ? " (it holds processes: start arena in a group of its own)"
						: "");
	if (cpu)
		cgroup_write_text(folder, "cgroup.subtree_control", "+cpu"); /* for the weight; a courtesy */
	return 0;
}

static int v2_open(struct error *err)
{
	char parent[CGROUP_PATH_BYTES];
	int code = find_parent(parent, err);
	if (code < 0)
		return code;
	cgroup_sweep(parent);
	if (snprintf(root, sizeof root, "%.480s/arena-%d", parent, (int)getpid()) >= (int)sizeof root)
		return error_set(err, -ENAMETOOLONG, "cgroup path too long: %s", parent);
	if (enable(parent, true, err) < 0)
		return err ? err->code : -EIO;
	if (mkdir(root, 0755) < 0 && errno != EEXIST)
		return error_errno(err, "make the cgroup %s", root);
	cgroup_write_text(root, "cpu.weight", low_weight);
	return enable(root, false, err);
}

static void v2_close(void)
{
	if (root[0])
		cgroup_remove_tree(root);
}

static int open_in(int folder, const char *name, int flags)
{
	return openat(folder, name, flags | O_CLOEXEC);
}

static int make_folder(const char *path, struct error *err)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_errno(err, "make the cgroup %s", path);
	return 0;
}

static int open_box(struct cgroup_box *box, const char *lane, int number, struct error *err)
{
	static const struct {
		enum cgroup_file file;
		const char *name;
		int flags;
		bool optional;
	} files[] = {
		{ MEMORY_LIMIT, "memory.max", O_RDWR, false },
		{ MEMORY_USAGE, "memory.current", O_RDONLY, false },
		{ MEMORY_EVENTS, "memory.events", O_RDONLY, false },
		{ SWAP_LIMIT, "memory.swap.max", O_RDWR, true },
		{ PIDS_LIMIT, "pids.max", O_RDWR, false },
	};
	char path[CGROUP_PATH_BYTES + 64], init[CGROUP_PATH_BYTES + 80];
	cgroup_box_reset(box);
	snprintf(path, sizeof path, "%s/box%d", lane, number);
	snprintf(init, sizeof init, "%s/init", path);
	if (make_folder(path, err) < 0 || enable(path, false, err) < 0 || make_folder(init, err) < 0)
		return err ? err->code : -EIO;
	box->files[BOX_FOLDER] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	box->files[INIT_FOLDER] = open(init, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (box->files[BOX_FOLDER] < 0 || box->files[INIT_FOLDER] < 0)
		return error_errno(err, "open the cgroup %s", path);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		box->files[files[i].file] = open_in(box->files[BOX_FOLDER], files[i].name, files[i].flags);
		if (box->files[files[i].file] < 0 && !files[i].optional)
			return error_errno(err, "open %s of %s", files[i].name, path);
	}
	if (box->files[SWAP_LIMIT] >= 0)
		cgroup_write_number(box->files[SWAP_LIMIT], 0);
	return 0;
}

static int v2_lane_make(struct cgroup_lane *lane, struct error *err)
{
	char path[CGROUP_PATH_BYTES + 32], keeper[CGROUP_PATH_BYTES + 48];
	for (size_t i = 0; i < BOXES_A_LANE; i++)
		cgroup_box_reset(&lane->boxes[i]);
	snprintf(path, sizeof path, "%s/lane%d", root, lane->index);
	snprintf(keeper, sizeof keeper, "%s/keeper", path);
	if (make_folder(path, err) < 0 || enable(path, false, err) < 0 || make_folder(keeper, err) < 0)
		return err ? err->code : -EIO;
	for (int i = 0; i < BOXES_A_LANE; i++)
		if (open_box(&lane->boxes[i], path, i, err) < 0)
			return err ? err->code : -EIO;
	return 0;
}

/* The keeper makes leaves and has inits born in its subtree: it owns the folders and the two files that
 * CLONE_INTO_CGROUP asks for, in the subtree and at its common ancestor (cgroups(7), delegation). */
static int give_away(const char *lane, uid_t owner, struct error *err)
{
	static const char *const owned[] = {
		"",          "cgroup.procs",           "box0",      "box0/cgroup.procs",
		"box1",      "box1/cgroup.procs",      "box0/init", "box0/init/cgroup.procs",
		"box1/init", "box1/init/cgroup.procs", "keeper",    "keeper/cgroup.procs"
	};
	for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) {
		char path[CGROUP_PATH_BYTES + 96];
		snprintf(path, sizeof path, "%s/%s", lane, owned[i]);
		if (chown(path, owner, owner) < 0)
			return error_errno(err, "chown %s", path);
	}
	return 0;
}

static int v2_lane_enter(const struct cgroup_lane *lane, pid_t keeper, uid_t owner, struct error *err)
{
	char path[CGROUP_PATH_BYTES + 32], folder[CGROUP_PATH_BYTES + 48], pid[16];
	snprintf(path, sizeof path, "%s/lane%d", root, lane->index);
	snprintf(folder, sizeof folder, "%s/keeper", path);
	snprintf(pid, sizeof pid, "%d", (int)keeper);
	int code = cgroup_write_text(folder, "cgroup.procs", pid);
	if (code < 0)
		return error_set(err, code, "move a keeper into %s: %s", folder, strerror(-code));
	return give_away(path, owner, err);
}

static int v2_lane_remove(int index)
{
	char path[CGROUP_PATH_BYTES + 32];
	snprintf(path, sizeof path, "%s/lane%d", root, index);
	return cgroup_remove_tree(path);
}

static int64_t v2_lanes_cpu_us(void)
{
	char path[CGROUP_PATH_BYTES + 32];
	snprintf(path, sizeof path, "%s/cpu.stat", root);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : cgroup_read_keyed(fd, "usage_usec");
}

static int v2_keeper_start(struct cgroup_lane *lane, struct error *err)
{
	return 0;
}

static int v2_box_limit(struct cgroup_box *box, const struct limits *limits)
{
	int64_t memory = limits->memory_bytes + box->memory_base;
	int64_t pids = limits->processes + 1; /* the init */
	if (memory < box->memory_limit_now || memory > box->memory_limit_now + 262144) {
		int code = cgroup_write_number(box->files[MEMORY_LIMIT], memory);
		if (code < 0)
			return code;
		box->memory_limit_now = memory;
	}
	if (pids != box->pids_limit_now) {
		int code = cgroup_write_number(box->files[PIDS_LIMIT], pids);
		if (code < 0)
			return code;
		box->pids_limit_now = pids;
	}
	return 0;
}

static int new_leaf(struct cgroup_box *box)
{
	static const enum cgroup_file files[] = { RUN_FOLDER, MEMORY_PEAK, MEMORY_STAT, PIDS_PEAK,
						  CPU_USAGE };
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		close_fd(&box->files[files[i]]);
	int folder = box->files[BOX_FOLDER];
	if (unlinkat(folder, "run", AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -errno;
	if (mkdirat(folder, "run", 0755) < 0)
		return -errno;
	int leaf = open_in(folder, "run", O_RDONLY | O_DIRECTORY);
	if (leaf < 0)
		return -errno;
	box->files[RUN_FOLDER] = leaf;
	box->files[MEMORY_PEAK] = open_in(leaf, "memory.peak", O_RDONLY); /* since Linux 5.19 */
	box->files[MEMORY_STAT] = open_in(leaf, "memory.stat", O_RDONLY);
	box->files[PIDS_PEAK] = open_in(leaf, "pids.peak", O_RDONLY); /* since Linux 6.6 */
	box->files[CPU_USAGE] = open_in(leaf, "cpu.stat", O_RDONLY);
	return box->files[CPU_USAGE] < 0 ? -errno : 0;
}

static int v2_box_rebase(struct cgroup_box *box)
{
	int code = new_leaf(box);
	int64_t base = cgroup_read_number(box->files[MEMORY_USAGE]);
	box->memory_base = base > 0 ? base : 0;
	box->oom_base = cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill");
	return code;
}

static int64_t v2_box_cpu_us(const struct cgroup_box *box)
{
	return cgroup_read_keyed(box->files[CPU_USAGE], "usage_usec");
}

static int64_t v2_box_oom_kills(const struct cgroup_box *box)
{
	return cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill") - box->oom_base;
}

static int64_t peak_of(int file)
{
	int64_t peak = file < 0 ? -1 : cgroup_read_number(file);
	return peak < 0 ? BOX_UNKNOWN : peak;
}

static int v2_box_usage(const struct cgroup_box *box, struct cgroup_usage *usage)
{
	int64_t peak = peak_of(box->files[MEMORY_PEAK]);
	static const char *const keys[] = { "file", "shmem" };
	int64_t values[2] = { 0 };
	if (box->files[MEMORY_STAT] >= 0)
		cgroup_read_keys(box->files[MEMORY_STAT], keys, values, 2);
	int64_t cache = values[0] - values[1];
	*usage = (struct cgroup_usage){
		.cpu_us = v2_box_cpu_us(box),
		.oom_kills = v2_box_oom_kills(box),
		.memory_bytes = peak > cache ? peak - cache : peak,
		.processes_peak = peak_of(box->files[PIDS_PEAK]),
	};
	return usage->cpu_us < 0 ? (int)usage->cpu_us : 0;
}

static int v2_box_home(const struct cgroup_box *box)
{
	return box->files[INIT_FOLDER];
}
static int v2_run_home(const struct cgroup_box *box)
{
	return box->files[RUN_FOLDER];
}
static int v2_init_enter(const struct cgroup_box *box)
{
	return 0;
}

const struct cgroup_ops cgroup_v2 = {
	.version = SANDBOX_CGROUP_V2,
	.open = v2_open,
	.close = v2_close,
	.lane_make = v2_lane_make,
	.lane_enter = v2_lane_enter,
	.lane_remove = v2_lane_remove,
	.lanes_cpu_us = v2_lanes_cpu_us,
	.keeper_start = v2_keeper_start,
	.box_limit = v2_box_limit,
	.box_rebase = v2_box_rebase,
	.box_usage = v2_box_usage,
	.box_cpu_us = v2_box_cpu_us,
	.box_oom_kills = v2_box_oom_kills,
	.box_home = v2_box_home,
	.run_home = v2_run_home,
	.init_enter = v2_init_enter,
};
