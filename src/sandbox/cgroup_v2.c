/* cgroup_v2.c - the unified hierarchy.
 *
 *     arena-PID/laneN            root of the lane's cgroup namespace, owned by the lane's root
 *     arena-PID/laneN/keeper     the keeper
 *     arena-PID/laneN/boxK       limits of box K: memory.max, pids.max
 *     arena-PID/laneN/boxK/init  its init, born there (CLONE_INTO_CGROUP: moving a process in costs 11 to
 *                                15 ms after a quiet while)
 *     arena-PID/laneN/boxK/run   the run, born there; made anew for each run, because memory.peak can be
 *                                reset only since Linux 6.12 and pids.peak never: a new leaf starts at 0
 *
 * A leaf is made aside, when the run before it is over.
 *
 * The lane maker makes laneN, gives it away and puts the keeper in; the keeper does the rest, in an order that
 * the kernel asks for: a namespace is rooted where its maker is at that moment, so it enters laneN and unshares;
 * a group with processes of its own hands nothing down, so it moves on to laneN/keeper; then laneN can hand
 * memory and pids down, and the files of boxes appear, as the keeper's own. What is mounted with nsdelegate
 * then keeps every process of the lane beneath laneN, and a program reads "0::/boxK/run". */
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

static int enable(const char *folder, bool cpu, struct error *err)
{
	int code = cgroup_write_text(folder, "cgroup.subtree_control", "+memory +pids");
	if (code == -EBUSY)
		return error_set(
			err, code,
			"the cgroup %s holds processes, so it cannot hand down memory and pids; move them: "
			"cd %s && mkdir init && for p in $(cat cgroup.procs); do echo $p >init/cgroup.procs; "
			"done",
			folder, folder);
	if (code < 0)
		return error_set(err, code, "hand down memory and pids in %s: %s%s", folder, strerror(-code),
				 code == -EROFS ? " (in a container: cgroups have to be mounted writable)"
						: "");
	if (cpu)
		cgroup_write_text(folder, "cgroup.subtree_control", "+cpu"); /* for the weight; a courtesy */
	return 0;
}

static int v2_open(struct error *err)
{
	char parent[CGROUP_PATH_BYTES];
	if (!cgroup_find_top(parent))
		return error_set(err, -ENOENT, "cgroup v2 is not mounted");
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

static void lane_path(int index, const char *below, char path[CGROUP_PATH_BYTES + 96])
{
	snprintf(path, CGROUP_PATH_BYTES + 96, "%s/lane%d%s", root, index, below);
}

static const char *const lane_folders[] = { "", "/keeper", "/box0", "/box0/init", "/box1", "/box1/init" };

static int v2_lane_make(struct cgroup_lane *lane, struct error *err)
{
	for (size_t i = 0; i < BOXES_A_LANE; i++)
		cgroup_box_reset(&lane->boxes[i]);
	for (size_t i = 0; i < sizeof lane_folders / sizeof lane_folders[0]; i++) {
		char path[CGROUP_PATH_BYTES + 96];
		lane_path(lane->index, lane_folders[i], path);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return error_errno(err, "make the cgroup %s", path);
	}
	return 0;
}

/* What a subtree's new owner needs (cgroups(7), delegation): the folders, and who is in there and what is
 * handed down. Files that appear as controllers are handed down belong to whoever does that. */
static int give_away(const char *folder, uid_t owner, struct error *err)
{
	static const char *const owned[] = { "", "/cgroup.procs", "/cgroup.subtree_control" };
	for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) {
		char path[CGROUP_PATH_BYTES + 128];
		snprintf(path, sizeof path, "%s%s", folder, owned[i]);
		if (chown(path, owner, owner) < 0)
			return error_errno(err, "chown %s", path);
	}
	return 0;
}

static int v2_lane_enter(const struct cgroup_lane *lane, pid_t keeper, uid_t owner, struct error *err)
{
	char path[CGROUP_PATH_BYTES + 96], pid[16];
	for (size_t i = 0; i < sizeof lane_folders / sizeof lane_folders[0]; i++) {
		lane_path(lane->index, lane_folders[i], path);
		if (give_away(path, owner, err) < 0)
			return err ? err->code : -EIO;
	}
	lane_path(lane->index, "", path);
	snprintf(pid, sizeof pid, "%d", (int)keeper);
	int code = cgroup_write_text(path, "cgroup.procs", pid);
	return code < 0 ? error_set(err, code, "move a keeper into %s: %s", path, strerror(-code)) : 0;
}

static int v2_lane_remove(int index)
{
	char path[CGROUP_PATH_BYTES + 96];
	lane_path(index, "", path);
	return cgroup_remove_tree(path);
}

static int64_t v2_lanes_cpu_us(void)
{
	char path[CGROUP_PATH_BYTES + 32];
	snprintf(path, sizeof path, "%s/cpu.stat", root);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : cgroup_read_keyed(fd, "usage_usec");
}

static int open_box(struct cgroup_box *box, const char *path, struct error *err)
{
	static const struct {
		enum cgroup_file file;
		const char *name;
		int flags;
		bool optional;
	} files[] = {
		{ BOX_FOLDER, ".", O_RDONLY | O_DIRECTORY, false },
		{ INIT_FOLDER, "init", O_RDONLY | O_DIRECTORY, false },
		{ MEMORY_LIMIT, "memory.max", O_RDWR, false },
		{ MEMORY_USAGE, "memory.stat", O_RDONLY, false },
		{ MEMORY_EVENTS, "memory.events", O_RDONLY, false },
		{ SWAP_LIMIT, "memory.swap.max", O_RDWR, true },
		{ PIDS_LIMIT, "pids.max", O_RDWR, false },
	};
	if (enable(path, false, err) < 0)
		return err ? err->code : -EIO;
	cleanup_fd int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		box->files[files[i].file] = open_in(folder, files[i].name, files[i].flags);
		if (box->files[files[i].file] < 0 && !files[i].optional)
			return error_errno(err, "open %s of %s", files[i].name, path);
	}
	int code = box->files[SWAP_LIMIT] < 0 ? 0 : cgroup_write_number(box->files[SWAP_LIMIT], 0);
	return code < 0 ? error_set(err, code, "turn swap off in %s: %s", path, strerror(-code)) : 0;
}

static int v2_keeper_start(struct cgroup_lane *lane, struct error *err)
{
	char path[CGROUP_PATH_BYTES + 96];
	if (unshare(CLONE_NEWCGROUP) < 0)
		return error_errno(err, "unshare the cgroup namespace");
	lane_path(lane->index, "/keeper", path);
	int code = cgroup_write_text(path, "cgroup.procs", "0");
	if (code < 0)
		return error_set(err, code, "move the keeper into %s: %s", path, strerror(-code));
	lane_path(lane->index, "", path);
	code = enable(path, false, err);
	for (int i = 0; code == 0 && i < BOXES_A_LANE; i++) {
		lane_path(lane->index, i ? "/box1" : "/box0", path);
		code = open_box(&lane->boxes[i], path, err);
	}
	return code;
}

/* Of the init and of the run: events are counted upwards through the hierarchy. */
static int64_t v2_box_oom_kills(const struct cgroup_box *box)
{
	return cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill") - box->oom_base;
}

/* A limit below what is in use is not refused: processes are killed until it holds. */
static int set_memory(struct cgroup_box *box, int64_t bytes)
{
	int code = cgroup_write_number(box->files[MEMORY_LIMIT], bytes);
	return code == 0 && v2_box_oom_kills(box) > 0 ? -EBUSY : code;
}

static int v2_box_limit(struct cgroup_box *box, const struct limits *limits)
{
	return cgroup_box_limit(box, limits, set_memory);
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

/* What the init really uses; not memory.current, which holds the files that earlier runs have read. */
static int v2_box_rebase(struct cgroup_box *box)
{
	static const char *const keys[] = { "anon", "shmem", "kernel" }; /* the last since Linux 5.18 */
	int64_t used[3];
	int code = new_leaf(box);
	int stat_code = cgroup_read_keys(box->files[MEMORY_USAGE], keys, used, 3);
	if (code == 0 && stat_code < 0)
		code = stat_code;
	box->limit_base = code < 0 ? 0 : used[0] + used[1];
	box->memory_base = code < 0 ? 0 : box->limit_base + used[2];
	box->oom_base = cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill");
	return code;
}

static int64_t v2_box_cpu_us(const struct cgroup_box *box)
{
	return cgroup_read_keyed(box->files[CPU_USAGE], "usage_usec");
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
		.memory_bytes = peak == BOX_UNKNOWN ? BOX_UNKNOWN
				: peak > cache      ? peak - cache
						    : 0,
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

/* Since Linux 5.14. The kernel does it whole, also against those that fork meanwhile. */
static int v2_run_kill(const struct cgroup_box *box)
{
	cleanup_fd int file = open_in(box->files[RUN_FOLDER], "cgroup.kill", O_WRONLY);
	if (file < 0)
		return -ENOSYS;
	return write(file, "1", 1) < 0 ? -errno : 0;
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
	.run_kill = v2_run_kill,
	.init_enter = v2_init_enter,
};
