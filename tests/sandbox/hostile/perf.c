/* Counters and samples of the processor, of oneself and of everybody. */
#include <linux/perf_event.h>

#include "attempt.h"

int main(void)
{
	struct perf_event_attr event = { .type = PERF_TYPE_SOFTWARE,
					 .size = sizeof event,
					 .config = PERF_COUNT_SW_CPU_CLOCK,
					 .exclude_kernel = 1,
					 .exclude_hv = 1 };
	refused("perf_event_open self", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
	refused("perf_event_open everybody", syscall(SYS_perf_event_open, &event, -1, 0, -1, 0));
	refused("lookup_dcookie", syscall(SYS_lookup_dcookie, 0L, "", 0));
	return verdict();
}
