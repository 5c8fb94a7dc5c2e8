/* vfork nests: each child suspends its parent and forks again in its memory. */
#include <sched.h>
#include <unistd.h>

int main(void)
{
	for (;;)
		if (vfork() < 0)
			sched_yield();
}
