/* cgroup_v1.c - a box's control groups where each controller has a hierarchy of its own.
 *
 * Limits, peaks and their reset go through descriptors that the lane maker opened as host root, which is
 * what the kernel checks. An init moves itself in by writing "0" to cgroup.procs; that costs 11 to 15 ms
 * when the machine was quiet (an RCU grace period), which is why inits are prepared ahead. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup.h"

static int v1_keeper_start(struct cgroup_lane *lane, struct error *err)
{
	return 0;
}

static int v1_keeper_join(struct cgroup_lane *lane)
{
	int tasks = lane->boxes[0].files[WEIGHT_TASKS];
	int code = tasks >= 0 && write(tasks, "0", 1) < 0 ? -errno : 0;
	for (size_t i = 0; i < BOXES_A_LANE; i++)
		close_fd(&lane->boxes[i].files[WEIGHT_TASKS]);
	return code;
}

/* memory+swap may never be below memory: the order depends on the direction. */
static int set_memory(struct cgroup_box *box, int64_t bytes)
{
	if (box->files[SWAP_LIMIT] < 0)
		return cgroup_write_number(box->files[MEMORY_LIMIT], bytes);
	bool raise = box->memory_limit_now < 0 ? false : bytes > box->memory_limit_now;
	int first = raise ? box->files[SWAP_LIMIT] : box->files[MEMORY_LIMIT];
	int second = raise ? box->files[MEMORY_LIMIT] : box->files[SWAP_LIMIT];
	int code = cgroup_write_number(first, bytes);
	return code < 0 ? code : cgroup_write_number(second, bytes);
}

static int v1_box_limit(struct cgroup_box *box, const struct limits *limits)
{
	return cgroup_box_limit(box, limits, set_memory);
}

static int64_t kernel_bytes(const struct cgroup_box *box)
{
	return cgroup_read_number(box->files[MEMORY_KERNEL]);
}

/* The baseline is what the init really uses. The counter itself is ahead of that by up to 64 pages a
 * processor, which the kernel charges in advance: a baseline from it would hide a small program whole. */
static int v1_box_rebase(struct cgroup_box *box)
{
	int code = cgroup_box_settle(box, kernel_bytes);
	if (code == 0)
		code = cgroup_write_number(box->files[MEMORY_PEAK], 0);
	static const char *const keys[] = { "rss", "shmem" };
	int64_t used[2];
	int stat_code = cgroup_read_keys(box->files[MEMORY_STAT], keys, used, 2);
	box->limit_base = stat_code < 0 ? 0 : used[0] + used[1];
	int64_t kernel = kernel_bytes(box);
	int64_t cpu_ns = cgroup_read_number(box->files[CPU_USAGE]);
	box->memory_base = box->limit_base + kernel;
	box->oom_base = cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill");
	box->cpu_base_us = cpu_ns / 1000;
	box->pids_base = box->files[PIDS_PEAK] >= 0 ? cgroup_read_number(box->files[PIDS_PEAK]) : 0;
	code = code < 0 ? code : stat_code;
	return code == 0 && (kernel < 0 || box->oom_base < 0 || cpu_ns < 0) ? -EIO : code;
}

static int64_t v1_box_cpu_us(const struct cgroup_box *box)
{
	int64_t now_ns = cgroup_read_number(box->files[CPU_USAGE]);
	return cgroup_since(now_ns < 0 ? now_ns : now_ns / 1000, box->cpu_base_us);
}

static int64_t v1_box_oom_kills(const struct cgroup_box *box)
{
	return cgroup_since(cgroup_read_keyed(box->files[MEMORY_EVENTS], "oom_kill"), box->oom_base);
}

/* Page cache of toolchain files is charged to whoever reads them first: nobody's merit, so not counted. */
static int64_t peak_without_page_cache(const struct cgroup_box *box)
{
	static const char *const keys[] = { "cache", "shmem" };
	int64_t values[2], peak = cgroup_read_number(box->files[MEMORY_PEAK]);
	int code = peak < 0 ? (int)peak : cgroup_read_keys(box->files[MEMORY_STAT], keys, values, 2);
	return code < 0 ? code : peak > values[0] - values[1] ? peak - (values[0] - values[1]) : 0;
}

static int v1_box_usage(const struct cgroup_box *box, struct cgroup_usage *usage)
{
	int64_t peak = peak_without_page_cache(box);
	*usage = (struct cgroup_usage){
		.cpu_us = v1_box_cpu_us(box),
		.oom_kills = v1_box_oom_kills(box),
		.memory_bytes = peak > box->memory_base ? peak - box->memory_base : 0,
		.processes_peak = BOX_UNKNOWN,
	};
	/* pids.peak cannot be reset: it tells of this run only when this run raised it. Less the init. */
	int64_t pids = box->files[PIDS_PEAK] >= 0 ? cgroup_read_number(box->files[PIDS_PEAK]) : -1;
	if (pids > box->pids_base)
		usage->processes_peak = pids - 1;
	return peak < 0               ? (int)peak
	       : usage->cpu_us < 0    ? (int)usage->cpu_us
	       : usage->oom_kills < 0 ? (int)usage->oom_kills
				      : 0;
}

static int v1_box_born(const struct cgroup_box *box)
{
	return -1;
}

/* Opened anew, by way of the lane's own /proc: a description keeps the list that it once read for a second. */
static void v1_run_kill(const struct cgroup_box *box, pid_t init)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", box->files[PIDS_PROCS]);
	cleanup_fd int list = open(path, O_RDONLY | O_CLOEXEC);
	cgroup_kill_listed(list, init);
}

/* The namespace, so that /proc/self/cgroup does not tell a program where on the host it is. */
static int v1_init_enter(const struct cgroup_box *box)
{
	for (int file = MEMORY_PROCS; file <= CPU_PROCS; file++)
		if (write(box->files[file], "0", 1) < 0)
			return -errno;
	return unshare(CLONE_NEWCGROUP) < 0 ? -errno : 0;
}

const struct cgroup_ops cgroup_v1 = {
	.version = SANDBOX_CGROUP_V1,
	.keeper_start = v1_keeper_start,
	.keeper_join = v1_keeper_join,
	.box_limit = v1_box_limit,
	.box_rebase = v1_box_rebase,
	.box_usage = v1_box_usage,
	.box_cpu_us = v1_box_cpu_us,
	.box_oom_kills = v1_box_oom_kills,
	.box_home = v1_box_born,
	.run_home = v1_box_born,
	.run_kill = v1_run_kill,
	.init_enter = v1_init_enter,
};
