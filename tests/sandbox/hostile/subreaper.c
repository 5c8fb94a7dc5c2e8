/* Adopts its own orphans, so that they never become init's, and leaves them behind when it ends. */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < 5; i++)
		if (fork() == 0) {
			signal(SIGTERM, SIG_IGN);
			if (fork() == 0)
				for (;;)
					pause();
			_exit(0);
		}
	puts("parent done");
	return 0;
}
