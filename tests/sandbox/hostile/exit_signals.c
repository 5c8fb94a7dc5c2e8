/* Children whose end is reported with another signal than SIGCHLD, left to init: a parent that is told SIGKILL or
 * SIGSTOP when its child ends must not be the judge's. */
#include <signal.h>

#include "attempt.h"

static long clone_with(unsigned long flags)
{
	return syscall(SYS_clone, flags, 0, 0, 0, 0);
}

int main(void)
{
	static const int numbers[] = { SIGKILL, SIGSTOP, SIGTERM, SIGSEGV, SIGABRT, 0, 34, 64 };
	int made = 0;
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			if (clone_with((unsigned long)numbers[i]) ==
			    0) { /* its parent ends first: init inherits it */
				usleep(2000);
				_exit(0);
			}
			_exit(0);
		}
		if (clone_with(0x8000 /* CLONE_PARENT: init's child at once */ | (unsigned long)numbers[i]) ==
		    0)
			_exit(0);
		made++;
	}
	while (wait(NULL) > 0) {
	}
	usleep(20000);
	must("init is there", kill(1, 0) < 0 && errno == EPERM);
	must("all of them were made", made == 8);
	return verdict();
}
