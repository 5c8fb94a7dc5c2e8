/* Crashes in a loop: the kernel writes a line about each to the host's log, as fast as it lets itself. Bounded by
 * the processor time of the run, and by the kernel's own limit of its lines. */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	for (;;) {
		pid_t child = vfork();
		if (child == 0) {
			*(volatile int *)8 = 1;
			_exit(0);
		}
		if (child > 0)
			waitpid(child, NULL, 0);
	}
}
