/* "I do not need this": throws a toolchain's pages out of the cache that all boxes share, so that every other
 * compile reads the disk again. What is in the cache shows by RWF_NOWAIT, which does not wait for the disk. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "attempt.h"

enum { BYTES = 64 << 10 };

static bool is_cached(int file)
{
	static char block[BYTES];
	struct iovec part = { block, BYTES };
	/* Some file systems cannot tell (a virtual machine's virtiofs). */
	return preadv2(file, &part, 1, 0, RWF_NOWAIT) == BYTES || errno == EOPNOTSUPP;
}

int main(void)
{
	static char block[BYTES];
	int file = open("/usr/bin/bash", O_RDONLY);
	must("a program of the host's", pread(file, block, BYTES, 0) == BYTES && is_cached(file));
	for (int i = 0; i < 100; i++)
		posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
	must("posix_fadvise leaves it in the cache", is_cached(file));
	char *map = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, file, 0);
	for (int i = 0; i < BYTES; i += 4096)
		block[0] += map[i];
	madvise(map, BYTES, MADV_DONTNEED);
	madvise(map, BYTES, MADV_COLD);
	madvise(map, BYTES, MADV_PAGEOUT);
	must("madvise does too", is_cached(file));
	must("POSIX_FADV_WILLNEED reads nothing ahead", posix_fadvise(file, 0, 0, POSIX_FADV_WILLNEED) == 0);
	refused("MADV_REMOVE", madvise(map, BYTES, MADV_REMOVE));
	return verdict();
}
