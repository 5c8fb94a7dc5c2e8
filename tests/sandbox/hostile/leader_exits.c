/* The first thread ends, another lives on: the process is a half-dead one until the last thread ends it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *live_on(void *unused)
{
	usleep(50 * 1000);
	puts("from the last thread");
	exit(5);
	return unused;
}

int main(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, live_on, NULL);
	pthread_exit(NULL);
}
