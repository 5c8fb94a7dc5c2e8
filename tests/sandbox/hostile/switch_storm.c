/* Thirty threads that do nothing but let each other go first, and wake each other: the scheduler's work instead of
 * their own. */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

static int pipes[16][2];

static void *dancer(void *context)
{
	int *ends = context;
	char byte = 'x';
	for (;;) {
		write(ends[1], &byte, 1);
		sched_yield();
		read(ends[0], &byte, 1);
	}
	return NULL;
}

int main(void)
{
	pthread_t thread;
	for (int i = 0; i < 28; i++) {
		if (i % 2 == 0)
			pipe(pipes[i / 2]);
		pthread_create(&thread, NULL, dancer, pipes[i / 2]);
	}
	for (;;)
		sched_yield();
}
