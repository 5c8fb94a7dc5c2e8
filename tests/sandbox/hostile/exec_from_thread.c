/* A thread that is not the first starts another program while its siblings fork: it takes over the first one's
 * number. Who watches the first thread alone sees it end, or never end. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *own_name;

static void *forker(void *context)
{
	(void)context;
	for (;;) {
		pid_t child = fork();
		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
	return NULL;
}

static void *starter(void *context)
{
	usleep(10000);
	execl("/proc/thread-self/exe", own_name, "again", (char *)NULL);
	return context;
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		write(1, "from the thread\n", 16);
		return 7;
	}
	pthread_t thread;
	own_name = argv[0];
	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, forker, NULL);
	pthread_create(&thread, NULL, starter, NULL);
	pthread_exit(NULL);
}
