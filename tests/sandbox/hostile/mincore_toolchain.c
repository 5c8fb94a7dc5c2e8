/* mincore(2) and cachestat(2) tell which pages of a file are in the cache: on a toolchain's, what other boxes
 * compile. For somebody else's file the kernel says "all". */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	/* Large, and nobody reads all of it: the truth would have gaps. */
	static const char *const files[] = { "/usr/bin/gdb", "/usr/bin/node", "/usr/bin/perl",
					     "/usr/bin/bash" };
	static unsigned char pages[1 << 16];
	int looked = 0;
	for (int i = 0; i < 4; i++) {
		struct stat status;
		int file = open(files[i], O_RDONLY);
		if (file < 0 || fstat(file, &status) < 0 || status.st_size > 200 << 20)
			continue;
		size_t size = (size_t)status.st_size, absent = 0;
		void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
		must("mincore", mincore(map, size, pages) == 0);
		for (size_t page = 0; page < (size + 4095) / 4096; page++)
			absent += !(pages[page] & 1);
		must("it tells nothing", absent == 0);
		unsigned long range[2] = { 0, 0 }, numbers[5];
		refused("cachestat", syscall(451, file, range, numbers, 0));
		looked++;
	}
	must("something was looked at", looked > 0);
	return verdict();
}
