/* Queued signals and timers are counted by user (RLIMIT_SIGPENDING). "hoard" fills its share from many processes,
 * "try" in another box must have its own. */
#include <signal.h>
#include <time.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	bool hoard = argc < 2 || strcmp(argv[1], "hoard") == 0;
	sigset_t all;
	timer_t timer;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int process = 0; hoard && process < 8; process++) {
		for (int i = 0; i < 3000; i++)
			sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i });
		if (fork() > 0)
			break;
	}
	int queued = 0;
	for (; !hoard && queued < 500; queued++)
		if (sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ 0 }) < 0)
			break;
	must("five hundred are its own", hoard || queued == 500);
	must("and a timer", hoard || timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
	while (argc == 2 && hoard)
		pause();
	return verdict();
}
