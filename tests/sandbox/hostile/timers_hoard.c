/* All the timers there are, of all kinds, armed for tomorrow and left behind: they live in the kernel, outside of
 * any process. */
#include <signal.h>
#include <sys/timerfd.h>
#include <time.h>

#include "attempt.h"

int main(void)
{
	struct itimerspec tomorrow = { .it_value = { 86400, 0 } };
	struct sigevent quiet = { .sigev_notify = SIGEV_NONE };
	int timers = 0, files = 0;
	timer_t timer;
	while (timers < 100000 && timer_create(CLOCK_REALTIME, &quiet, &timer) == 0) {
		timer_settime(timer, 0, &tomorrow, NULL);
		timers++;
	}
	must("timers have an end", timers < 100000);
	for (int fd; files < 100000 && (fd = timerfd_create(CLOCK_BOOTTIME, 0)) >= 0; files++)
		timerfd_settime(fd, 0, &tomorrow, NULL);
	must("timer files too", files < 100000);
	refused("wake the machine", timerfd_create(CLOCK_BOOTTIME_ALARM, 0));
	return verdict();
}
