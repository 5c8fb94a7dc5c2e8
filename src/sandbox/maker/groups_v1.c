/* groups_v1.c - one hierarchy a controller: memory, pids, cpuacct, and cpu for the weight.
 *
 * Every file that a keeper or an init will use is opened here, as host root, which is what the kernel asks
 * for; they inherit the descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "find.h"
#include "groups.h"

enum { MEMORY, PIDS, CPUACCT, CPU, HIERARCHIES };
static const char *const controllers[HIERARCHIES] = { "memory", "pids", "cpuacct", "cpu" };
static const char low_weight[] = "256"; /* of cpu.shares, whose default is 1024 */

static int holds[HIERARCHIES] = { -1, -1, -1, -1 };
static char roots[HIERARCHIES][CGROUP_PATH_BYTES]; /* ".../arena-PID"; "" when there is no such hierarchy */

static int v1_open(struct error *err)
{
	for (int h = 0; h < HIERARCHIES; h++) {
		char place[CGROUP_PATH_BYTES];
		roots[h][0] = '\0';
		if (!cgroup_find(controllers[h], place)) {
			if (h == CPU)
				continue;
			return error_set(err, -ENOENT, "no cgroup controller '%s'", controllers[h]);
		}
		groups_sweep(place);
		int code = groups_hold(place, roots[h], &holds[h], err);
		if (code < 0)
			return code;
	}
	if (roots[CPU][0])
		cgroup_write_text(roots[CPU], "cpu.shares",
				  low_weight); /* a courtesy: its lack stops nothing */
	return 0;
}

static void v1_close(void)
{
	for (int h = 0; h < HIERARCHIES; h++)
		if (roots[h][0])
			groups_remove(roots[h]);
}

static void lane_folder(int hierarchy, int index, const char *below, char path[CGROUP_PATH_BYTES + 32])
{
	snprintf(path, CGROUP_PATH_BYTES + 32, "%s/lane%d%s", roots[hierarchy], index, below);
}

static int make_folder(int hierarchy, int index, const char *below, struct error *err)
{
	char path[CGROUP_PATH_BYTES + 32];
	lane_folder(hierarchy, index, below, path);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_errno(err, "make the cgroup %s", path);
	return 0;
}

static int open_file(int hierarchy, int index, int box, const char *name, int flags)
{
	char path[CGROUP_PATH_BYTES + 96], folder[CGROUP_PATH_BYTES + 32], below[16] = "";
	if (hierarchy != CPU) /* the weight is all the lane's */
		snprintf(below, sizeof below, "/box%d", box);
	lane_folder(hierarchy, index, below, folder);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return open(path, flags | O_CLOEXEC);
}

static const struct {
	enum cgroup_file file;
	int hierarchy;
	const char *name;
	int flags;
	bool optional;
} box_files[] = {
	{ MEMORY_PROCS, MEMORY, "cgroup.procs", O_WRONLY, false },
	{ PIDS_PROCS, PIDS, "cgroup.procs", O_WRONLY, false },
	{ CPU_PROCS, CPUACCT, "cgroup.procs", O_WRONLY, false },
	{ WEIGHT_TASKS, CPU, "tasks", O_WRONLY, true },
	{ MEMORY_LIMIT, MEMORY, "memory.limit_in_bytes", O_RDWR, false },
	{ MEMORY_KERNEL, MEMORY, "memory.kmem.usage_in_bytes", O_RDONLY, false },
	{ MEMORY_PEAK, MEMORY, "memory.max_usage_in_bytes", O_RDWR, false },
	{ MEMORY_EVENTS, MEMORY, "memory.oom_control", O_RDONLY, false },
	{ MEMORY_STAT, MEMORY, "memory.stat", O_RDONLY, false },
	{ SWAP_LIMIT, MEMORY, "memory.memsw.limit_in_bytes", O_RDWR, true },
	{ PIDS_LIMIT, PIDS, "pids.max", O_RDWR, false },
	{ PIDS_PEAK, PIDS, "pids.peak", O_RDONLY, true },
	{ CPU_USAGE, CPUACCT, "cpuacct.usage", O_RDONLY, false },
};

static int open_box(struct cgroup_box *box, int index, int number, struct error *err)
{
	cgroup_box_reset(box);
	for (size_t i = 0; i < sizeof box_files / sizeof box_files[0]; i++) {
		box->files[box_files[i].file] = open_file(box_files[i].hierarchy, index, number,
							  box_files[i].name, box_files[i].flags);
		if (box->files[box_files[i].file] < 0 && !box_files[i].optional)
			return error_errno(err, "open %s of a box's cgroup", box_files[i].name);
	}
	return 0;
}

static int v1_lane_make(struct cgroup_lane *lane, struct error *err)
{
	for (size_t i = 0; i < BOXES_A_LANE; i++)
		cgroup_box_reset(&lane->boxes[i]);
	for (int h = 0; h < HIERARCHIES; h++) {
		if (!roots[h][0])
			continue;
		if (make_folder(h, lane->index, "", err) < 0 ||
		    (h != CPU && (make_folder(h, lane->index, "/keeper", err) < 0 ||
				  make_folder(h, lane->index, "/box0", err) < 0 ||
				  make_folder(h, lane->index, "/box1", err) < 0)))
			return err ? err->code : -EIO;
	}
	for (int i = 0; i < BOXES_A_LANE; i++) {
		char folder[CGROUP_PATH_BYTES + 32], below[16];
		if (open_box(&lane->boxes[i], lane->index, i, err) < 0)
			return err ? err->code : -EIO;
		snprintf(below, sizeof below, "/box%d", i);
		lane_folder(MEMORY, lane->index, below, folder);
		cgroup_write_text(folder, "memory.swappiness", "0");
	}
	return 0;
}

/* Not the weight: the keeper takes that itself, when its watchman is there, who does not. */
static int v1_lane_enter(const struct cgroup_lane *lane, pid_t keeper, uid_t owner, struct error *err)
{
	char pid[16];
	snprintf(pid, sizeof pid, "%d", (int)keeper);
	for (int h = 0; h < CPU; h++) {
		char path[CGROUP_PATH_BYTES + 32];
		lane_folder(h, lane->index, "/keeper", path);
		int code = cgroup_write_text(path, "cgroup.procs", pid);
		if (code < 0)
			return error_set(err, code, "move a keeper into %s: %s", path, strerror(-code));
	}
	return 0;
}

static int v1_lane_remove(int index)
{
	int code = 0;
	for (int h = 0; h < HIERARCHIES; h++) {
		char path[CGROUP_PATH_BYTES + 32];
		if (!roots[h][0])
			continue;
		lane_folder(h, index, "", path);
		int removed = groups_remove(path);
		code = removed < 0 ? removed : code;
	}
	return code;
}

static int64_t v1_lanes_cpu_us(void)
{
	char path[CGROUP_PATH_BYTES + 32];
	snprintf(path, sizeof path, "%s/cpuacct.usage", roots[CPUACCT]);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : cgroup_read_number(fd) / 1000;
}

const struct group_ops groups_v1 = {
	.version = SANDBOX_CGROUP_V1,
	.boxes = &cgroup_v1,
	.open = v1_open,
	.close = v1_close,
	.lane_make = v1_lane_make,
	.lane_enter = v1_lane_enter,
	.lane_remove = v1_lane_remove,
	.lanes_cpu_us = v1_lanes_cpu_us,
};
