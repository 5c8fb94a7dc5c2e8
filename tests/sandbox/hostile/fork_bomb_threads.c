/* Threads that make threads and processes. */
#include <pthread.h>
#include <unistd.h>

static void *multiply(void *unused)
{
	for (;;) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, multiply, NULL) == 0)
			pthread_detach(thread);
		fork();
	}
	return unused;
}

int main(void)
{
	multiply(NULL);
}
