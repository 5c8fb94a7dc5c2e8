/* A child in the same memory (CLONE_VM without CLONE_THREAD) that overwrites its parent's stack while the parent
 * ends, and lives on: whose death is the run's? The parent's, and the child dies of it. */
#include <sched.h>
#include <signal.h>
#include <unistd.h>

static char stack[1 << 16];

static int scribbler(void *context)
{
	volatile char *parent = context;
	for (;;) {
		for (int i = 0; i < 64; i++)
			parent[i] = (char)i;
		usleep(10);
	}
	return 0;
}

int main(void)
{
	char here[64];
	for (int i = 0; i < 8; i++)
		if (clone(scribbler, stack + sizeof stack / 8 * (size_t)(i + 1),
			  CLONE_VM | CLONE_FILES | CLONE_UNTRACED, here) < 0)
			return 1;
	usleep(5000);
	write(1, "parent done\n", 12);
	_exit(0);
}
