/* groups_v2.c - the unified hierarchy.
 *
 *     arena-PID/laneN            root of the lane's cgroup namespace, owned by the lane's root
 *     arena-PID/laneN/keeper     the keeper
 *     arena-PID/laneN/boxK       limits of box K: memory.max, pids.max
 *     arena-PID/laneN/boxK/init  its init, born there (CLONE_INTO_CGROUP: moving a process in costs 11 to
 *                                15 ms after a quiet while)
 *
 * The lane maker makes these, gives them away and puts the keeper in; ../cgroup_v2.c does the rest as the
 * lane's own root. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "find.h"
#include "groups.h"

static char root[CGROUP_PATH_BYTES]; /* ".../arena-PID" */
static int hold = -1;

static const char low_weight[] = "25"; /* of cpu.weight, whose default is 100 */

static int hand_down(const char *folder, struct error *err)
{
	int code = cgroup_hand_down(folder, "+memory +pids", err);
	if (code == 0)
		cgroup_write_text(folder, "cgroup.subtree_control", "+cpu"); /* for the weight; a courtesy */
	return code;
}

static int v2_open(struct error *err)
{
	char parent[CGROUP_PATH_BYTES];
	if (!cgroup_find_place(parent))
		return error_set(err, -ENOENT, "cgroup v2 is not mounted");
	groups_sweep(parent);
	int code = hand_down(parent, err);
	if (code == 0)
		code = groups_hold(parent, root, &hold, err);
	if (code < 0)
		return code;
	cgroup_write_text(root, "cpu.weight", low_weight);
	return hand_down(root, err);
}

static void v2_close(void)
{
	if (root[0])
		groups_remove(root);
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
	lane_path(lane->index, "", lane->folder);
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
	return groups_remove(path);
}

static int64_t v2_lanes_cpu_us(void)
{
	char path[CGROUP_PATH_BYTES + 32];
	snprintf(path, sizeof path, "%s/cpu.stat", root);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : cgroup_read_keyed(fd, "usage_usec");
}

const struct group_ops groups_v2 = {
	.version = SANDBOX_CGROUP_V2,
	.boxes = &cgroup_v2,
	.open = v2_open,
	.close = v2_close,
	.lane_make = v2_lane_make,
	.lane_enter = v2_lane_enter,
	.lane_remove = v2_lane_remove,
	.lanes_cpu_us = v2_lanes_cpu_us,
};
