/* The host's clocks. */
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#include "attempt.h"

int main(void)
{
	struct timeval past = { .tv_sec = 1 };
	struct timespec begin = { .tv_sec = 1 };
	struct timex adjust = { .modes = ADJ_FREQUENCY };
	timer_t timer;
	refused("settimeofday", syscall(SYS_settimeofday, &past, NULL));
	refused("clock_settime", syscall(SYS_clock_settime, CLOCK_REALTIME, &begin));
	refused("adjtimex", syscall(SYS_adjtimex, &adjust));
	refused("clock_adjtime", syscall(SYS_clock_adjtime, CLOCK_REALTIME, &adjust));
	refused("wake the machine", timer_create(CLOCK_REALTIME_ALARM, NULL, &timer));
	return verdict();
}
