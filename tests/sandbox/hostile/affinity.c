/* A judged run has one processor, whatever it asks for, and may not take it from others. */
#include <sched.h>
#include <sys/resource.h>

#include "attempt.h"

int main(void)
{
	cpu_set_t all, now;
	memset(&all, 0xff, sizeof all);
	sched_setaffinity(0, sizeof all, &all);
	must("one processor", sched_getaffinity(0, sizeof now, &now) == 0 && CPU_COUNT(&now) == 1);
	sched_setaffinity(1, sizeof all, &all);
	struct sched_param urgent = { .sched_priority = 1 };
	refused("SCHED_FIFO", sched_setscheduler(0, SCHED_FIFO, &urgent));
	refused("SCHED_RR", sched_setscheduler(0, SCHED_RR, &urgent));
	struct {
		unsigned size, policy;
		unsigned long long flags;
		int nice;
		unsigned priority;
		unsigned long long runtime, deadline, period;
	} attributes = { sizeof attributes, 6, 0, 0, 0, 10000000, 20000000, 20000000 };
	refused("SCHED_DEADLINE", syscall(SYS_sched_setattr, 0, &attributes, 0));
	refused("nice -5", setpriority(PRIO_PROCESS, 0, -5));
	refused("nice of init", setpriority(PRIO_PROCESS, 1, 5));
	refused("sched_setparam", syscall(SYS_sched_setparam, 0, &urgent));
	return verdict();
}
