/* A parent that waits in vfork(2) takes no signal but one; its child sleeps. The limit must end both. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int depth = 0; depth < 8; depth++)
		if (vfork() != 0)
			break;
	for (;;)
		pause();
}
