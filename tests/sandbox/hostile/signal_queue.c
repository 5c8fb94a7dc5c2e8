/* Fills the queue of pending signals and the table of timers, which are counted by user: the next run is the
 * same user. */
#include <signal.h>
#include <time.h>

#include "attempt.h"

int main(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	int queued = 0, timers = 0;
	timer_t timer;
	while (timers < 100 && timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0)
		timers++;
	while (queued < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = queued }) == 0)
		queued++;
	must("some were queued", queued > 0);
	must("the queue has an end", queued < 1000000);
	return verdict();
}
