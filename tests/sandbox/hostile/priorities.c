/* To the front of every queue: nice, disk, real time, autogroups, utilization clamps, the core that nobody else may
 * use. */
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "attempt.h"

int main(void)
{
	struct {
		unsigned size, policy;
		unsigned long long flags;
		int nice;
		unsigned priority;
		unsigned long long runtime, deadline, period;
		unsigned least, most;
	} attributes = { .size = 56, .flags = 0x60, .least = 1024, .most = 1024 };
	struct sched_param highest = { .sched_priority = 99 };
	refused("nice -20", setpriority(PRIO_PROCESS, 0, -20));
	refused("of its group", setpriority(PRIO_PGRP, 0, -1));
	refused("disk, real time", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
	refused("disk of init", syscall(SYS_ioprio_set, 1, 1, 3 << 13));
	refused("clamped to the fastest", syscall(SYS_sched_setattr, 0, &attributes, 0));
	refused("sched_setparam", sched_setparam(0, &highest));
	refused("FIFO", sched_setscheduler(0, SCHED_FIFO | 0x40000000, &highest));
	refused("a scheduler of one's own", sched_setscheduler(0, 7, &(struct sched_param){ 0 }));
	refused("autogroup", open("/proc/self/autogroup", O_WRONLY));
	refused("a core of its own", prctl(62, 1, 0, 0, 0));
	refused("real time by limit", setrlimit(RLIMIT_RTPRIO, &(struct rlimit){ 99, 99 }));
	setpriority(PRIO_USER, 0, 19); /* what it may: down, for all of its user */
	sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){ 0 });
	return verdict();
}
