/* CLONE_PARENT makes a child of init, which must not take its end for the program's. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 4; i++)
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(7);
	usleep(50 * 1000);
	puts("still the first");
	return 3;
}
