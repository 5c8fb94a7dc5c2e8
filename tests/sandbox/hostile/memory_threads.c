/* Stacks of threads, each touched from end to end. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void *eater(void *context)
{
	volatile char block[6 << 20];
	for (size_t i = 0; i < sizeof block; i += 4096)
		block[i] = 1;
	pause();
	return context;
}

int main(void)
{
	pthread_t thread;
	pthread_attr_t large;
	pthread_attr_init(&large);
	pthread_attr_setstacksize(&large, 8 << 20);
	for (;;)
		if (pthread_create(&thread, &large, eater, NULL) != 0)
			usleep(1000);
}
