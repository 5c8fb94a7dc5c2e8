/* Mapping, touching and unmapping the same memory from many threads: page tables are made and thrown away, and
 * every processor that runs them is interrupted. */
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

enum { BYTES = 1 << 20 };

static void *toucher(void *context)
{
	(void)context;
	for (;;) {
		char *block = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (int i = 0; block != MAP_FAILED && i < BYTES; i += 4096)
			block[i] = 1;
		mprotect(block, BYTES / 2, PROT_READ);
		madvise(block, BYTES, MADV_DONTNEED);
		munmap(block, BYTES);
	}
	return NULL;
}

int main(void)
{
	pthread_t thread;
	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, toucher, NULL);
	toucher(NULL);
}
