/* The list of futexes that the kernel unlocks when a thread ends, as a circle, as a tangle of wild pointers, and as
 * one that goes on for a gigabyte: the thread must still end. */
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>

#include "attempt.h"

static struct robust_list circle = { &circle };
static struct robust_list_head heads[3];
static pthread_t threads[3];

static void *enter(void *context)
{
	syscall(SYS_set_robust_list, context, sizeof(struct robust_list_head));
	syscall(SYS_exit, 0);
	return NULL;
}

int main(void)
{
	heads[0] = (struct robust_list_head){ { &circle }, 8, NULL };
	heads[1] = (struct robust_list_head){ { (struct robust_list *)0xdeadbee0 }, -64, (void *)8 };
	char *far = mmap(NULL, 1 << 28, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);
	for (long at = 0; at < 2000; at++)
		*(char **)(far + at * 4096) = far + (at + 1) * 4096;
	heads[2] = (struct robust_list_head){ { (struct robust_list *)far }, 64, NULL };
	for (int i = 0; i < 3; i++)
		must("a thread", pthread_create(&threads[i], NULL, enter, &heads[i]) == 0);
	usleep(50000);
	return verdict();
}
