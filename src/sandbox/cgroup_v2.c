/* cgroup_v2.c - a box's control groups in the unified hierarchy.
 *
 *     laneN/boxK/run   the run, born there; made anew for each run, because memory.peak can be reset only
 *                      since Linux 6.12 and pids.peak never: a new leaf starts at 0
 *
 * A leaf is made aside, when the run before it is over.
 *
 * The keeper finds itself in laneN, which is its own, and goes on in an order that the kernel asks for: a
 * namespace is rooted where its maker is at that moment, so it unshares there; a group with processes of its
 * own hands nothing down, so it moves on to laneN/keeper; then laneN can hand memory and pids down, and the
 * files of boxes appear, as the keeper's own. What is mounted with nsdelegate then keeps every process of the
 * lane beneath laneN, and a program reads "0::/boxK/run". */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup.h"

static int open_in(int folder, const char *name, int flags)
{
	return openat(folder, name, flags | O_CLOEXEC);
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
	if (cgroup_hand_down(path, "+memory +pids", err) < 0)
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
	snprintf(path, sizeof path, "%s/keeper", lane->folder);
	int code = cgroup_write_text(path, "cgroup.procs", "0");
	if (code < 0)
		return error_set(err, code, "move the keeper into %s: %s", path, strerror(-code));
	code = cgroup_hand_down(lane->folder, "+memory +pids", err);
	for (int i = 0; code == 0 && i < BOXES_A_LANE; i++) {
		snprintf(path, sizeof path, "%s/box%d", lane->folder, i);
		code = open_box(&lane->boxes[i], path, err);
	}
	return code;
}

/* Of the init and of the run: events are counted upwards through the hierarchy. */
static int64_t v2_box_oom_kills(const struct cgroup_box *box)
{
	return cgroup_since(cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill"), box->oom_base);
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

/* The weight is a group's, with all its threads. */
static int v2_keeper_join(struct cgroup_lane *lane)
{
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

/* Without the names that were looked up. 0 before Linux 5.18, which does not tell. */
static int64_t kernel_bytes(const struct cgroup_box *box)
{
	static const char *const keys[] = { "kernel", "slab_reclaimable" };
	int64_t values[2];
	int code = cgroup_read_keys(box->files[MEMORY_USAGE], keys, values, 2);
	return code < 0 ? code : values[0] > values[1] ? values[0] - values[1] : 0;
}

/* What the init really uses; not memory.current, which holds the files that earlier runs have read. */
static int v2_box_rebase(struct cgroup_box *box)
{
	static const char *const keys[] = { "anon", "shmem" };
	int64_t used[2];
	int code = cgroup_box_settle(box, kernel_bytes);
	if (code == 0)
		code = new_leaf(box);
	int stat_code = cgroup_read_keys(box->files[MEMORY_USAGE], keys, used, 2);
	if (code == 0 && stat_code < 0)
		code = stat_code;
	box->limit_base = code < 0 ? 0 : used[0] + used[1];
	box->oom_base = cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill");
	return code == 0 && box->oom_base < 0 ? (int)box->oom_base : code;
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

/* The peak without page cache: unknown where either is. */
static int64_t memory_of(const struct cgroup_box *box)
{
	static const char *const keys[] = { "file", "shmem" };
	int64_t peak = peak_of(box->files[MEMORY_PEAK]), values[2];
	if (peak == BOX_UNKNOWN || cgroup_read_keys(box->files[MEMORY_STAT], keys, values, 2) < 0)
		return BOX_UNKNOWN;
	int64_t cache = values[0] - values[1];
	return peak > cache ? peak - cache : 0;
}

static int v2_box_usage(const struct cgroup_box *box, struct cgroup_usage *usage)
{
	*usage = (struct cgroup_usage){
		.cpu_us = v2_box_cpu_us(box),
		.oom_kills = v2_box_oom_kills(box),
		.memory_bytes = memory_of(box),
		.processes_peak = peak_of(box->files[PIDS_PEAK]),
	};
	return usage->cpu_us < 0 ? (int)usage->cpu_us : usage->oom_kills < 0 ? (int)usage->oom_kills : 0;
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
static void v2_run_kill(const struct cgroup_box *box, pid_t init)
{
	cleanup_fd int file = open_in(box->files[RUN_FOLDER], "cgroup.kill", O_WRONLY);
	if (file >= 0 && write(file, "1", 1) == 1)
		return;
	cleanup_fd int list = open_in(box->files[RUN_FOLDER], "cgroup.procs", O_RDONLY);
	cgroup_kill_listed(list, init);
}

static int v2_init_enter(const struct cgroup_box *box)
{
	return 0;
}

const struct cgroup_ops cgroup_v2 = {
	.version = SANDBOX_CGROUP_V2,
	.keeper_start = v2_keeper_start,
	.keeper_join = v2_keeper_join,
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
