/* Stops its parent, and everybody whom it may signal: a judge that waits for init must not hang. */
#include <signal.h>

#include "attempt.h"

int main(void)
{
	static const int numbers[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	for (int i = 0; i < 4; i++)
		refused("stop init", kill(getppid(), numbers[i]));
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			pause();
			_exit(0);
		}
	kill(-1, SIGSTOP);
	return verdict();
}
