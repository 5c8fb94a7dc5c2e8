/* Timers that are due every nanosecond, with a handler for each: interrupts that are paid for by whoever runs on that
 * processor, unless they count as the program's time. */
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void handler(int number)
{
	(void)number;
}

int main(void)
{
	struct itimerspec often = { { 0, 1 }, { 0, 1 } };
	struct itimerval also = { { 0, 1 }, { 0, 1 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL };
	signal(SIGALRM, handler);
	for (int i = 0; i < 32; i++) {
		timer_t timer;
		event.sigev_signo = SIGRTMIN + i % 8;
		signal(SIGRTMIN + i % 8, handler);
		if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
			timer_settime(timer, 0, &often, NULL);
	}
	setitimer(ITIMER_REAL, &also, NULL);
	for (;;)
		pause();
}
