/* cgroup_none.c - the null object: a host without usable control groups.
 *
 * Nothing is limited or measured, so no lane is made on it; `arena doctor` names it. */
#include <errno.h>

#include "cgroup.h"

static int none_open(struct error *err)
{
	return error_set(err, -ENOSYS,
			 "this host offers no control groups with memory, pids and CPU accounting; "
			 "`arena doctor` says what to do");
}

static void none_close(void) {}
static int none_lane_make(struct cgroup_lane *lane, struct error *err)
{
	return none_open(err);
}
static int none_lane_enter(const struct cgroup_lane *lane, pid_t keeper, uid_t owner, struct error *err)
{
	return none_open(err);
}
static int none_lane_remove(int index)
{
	return 0;
}
static int64_t none_lanes_cpu_us(void)
{
	return -ENOSYS;
}
static int none_keeper_start(struct cgroup_lane *lane, struct error *err)
{
	return none_open(err);
}
static int none_box_limit(struct cgroup_box *box, const struct limits *limits)
{
	return -ENOSYS;
}
static int none_box_rebase(struct cgroup_box *box)
{
	return -ENOSYS;
}
static int none_box_usage(const struct cgroup_box *box, struct cgroup_usage *usage)
{
	return -ENOSYS;
}
static int64_t none_box_number(const struct cgroup_box *box)
{
	return -ENOSYS;
}
static int none_box_born(const struct cgroup_box *box)
{
	return -1;
}
static int none_init_enter(const struct cgroup_box *box)
{
	return -ENOSYS;
}

const struct cgroup_ops cgroup_none = {
	.version = SANDBOX_CGROUP_NONE,
	.open = none_open,
	.close = none_close,
	.lane_make = none_lane_make,
	.lane_enter = none_lane_enter,
	.lane_remove = none_lane_remove,
	.lanes_cpu_us = none_lanes_cpu_us,
	.keeper_start = none_keeper_start,
	.box_limit = none_box_limit,
	.box_rebase = none_box_rebase,
	.box_usage = none_box_usage,
	.box_cpu_us = none_box_number,
	.box_oom_kills = none_box_number,
	.box_home = none_box_born,
	.run_home = none_box_born,
	.run_kill = none_init_enter,
	.init_enter = none_init_enter,
};
