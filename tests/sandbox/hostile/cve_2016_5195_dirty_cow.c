/* CVE-2016-5195 ("dirty cow"): a race between writing to a private mapping of a read-only file and throwing it away
 * wrote to the file. Through /proc/self/mem, which is not to be had, and through a copy of its own. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

#include "attempt.h"

static char *map;
static volatile bool over;

static void *throw_away(void *context)
{
	while (!over)
		madvise(map, 4096, MADV_DONTNEED);
	return context;
}

int main(void)
{
	char before[64], after[64];
	int file = open("/usr/bin/env", O_RDONLY);
	pread(file, before, sizeof before, 0);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
	refused("memory for writing", open("/proc/self/mem", O_RDWR));
	refused("memory of the thread", open("/proc/thread-self/mem", O_WRONLY));
	must("no shared writable map",
	     mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED);
	must("a private one", mprotect(map, 4096, PROT_READ | PROT_WRITE) == 0);
	pthread_t thread;
	pthread_create(&thread, NULL, throw_away, NULL);
	for (int i = 0; i < 20000; i++)
		map[i % 64] = 'x';
	over = true;
	pthread_join(thread, NULL);
	pread(file, after, sizeof after, 0);
	must("the host's file is as before", memcmp(before, after, sizeof before) == 0);
	return verdict();
}
