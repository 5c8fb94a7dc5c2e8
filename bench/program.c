/* program.c - what runs in the boxes of accuracy.c: uses time in one way or another, then says on standard
 * output how many microseconds of it were its own and its children's, by getrusage(2).
 *
 *     program HOW [US]      see the table at the end; 0 us: for ever */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, CHILDREN = 100 };

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void spin_until(clockid_t clock, int64_t us)
{
	while (us == 0 || clock_us(clock) < us)
		for (volatile int i = 0; i < 1000; i++) {
		}
}

static void spin(int64_t us)
{
	spin_until(CLOCK_PROCESS_CPUTIME_ID, us);
}

static void call(int64_t us)
{
	char block[512];
	int zero = open("/dev/zero", O_RDONLY);
	while (us == 0 || clock_us(CLOCK_PROCESS_CPUTIME_ID) < us)
		for (int i = 0; i < 20; i++)
			if (read(zero, block, sizeof block) < 0)
				exit(1);
}

static void *spin_thread(void *us)
{
	spin_until(CLOCK_THREAD_CPUTIME_ID, *(int64_t *)us);
	return NULL;
}

/* All of them together so long. */
static void threads(int64_t us)
{
	pthread_t made[THREADS];
	int64_t each_us = us / THREADS;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&made[i], NULL, spin_thread, &each_us) != 0)
			exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(made[i], NULL);
}

static void forks(int64_t us)
{
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();
		if (child == 0) {
			spin(us / CHILDREN);
			_exit(0);
		}
		if (child < 0 || waitpid(child, NULL, 0) != child)
			exit(1);
	}
}

/* Four at once, each with the whole. */
static void children(int64_t us)
{
	for (int i = 0; i < THREADS; i++)
		if (fork() == 0) {
			spin(us == 0 ? 0 : us / THREADS);
			_exit(0);
		}
	while (wait(NULL) > 0) {
	}
}

static void sleep_us(int64_t us)
{
	const struct timespec left = { us / 1000000, us % 1000000 * 1000 };
	nanosleep(&left, NULL);
}

/* The time, where somebody looks for it when all is over. */
static void give_sign(void)
{
	int64_t now_us = clock_us(CLOCK_MONOTONIC);
	if (pwrite(STDOUT_FILENO, &now_us, sizeof now_us, 0) < 0)
		exit(1);
}

static void signs(int64_t us)
{
	int64_t start_us = clock_us(CLOCK_MONOTONIC);
	while (us == 0 || clock_us(CLOCK_MONOTONIC) - start_us < us)
		give_sign();
}

static void signs_and_naps(int64_t us)
{
	int64_t start_us = clock_us(CLOCK_MONOTONIC);
	for (; us == 0 || clock_us(CLOCK_MONOTONIC) - start_us < us; sleep_us(200))
		give_sign();
}

static const struct {
	const char *name;
	void (*use)(int64_t us);
} ways[] = {
	{ "spin", spin },         { "call", call },      { "threads", threads }, { "forks", forks },
	{ "children", children }, { "sleep", sleep_us }, { "signs", signs },     { "naps", signs_and_naps },
};

static int64_t used_us(int who)
{
	struct rusage used;
	getrusage(who, &used);
	return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec +
	       used.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(ways[i].name, argv[1]) == 0) {
			ways[i].use(strtoll(argv[2], NULL, 10));
			printf("%lld\n", (long long)(used_us(RUSAGE_SELF) + used_us(RUSAGE_CHILDREN)));
			return 0;
		}
	return 2;
}
