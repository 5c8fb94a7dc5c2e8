/* sync in a loop: one call writes out the disks of the whole host, and everybody who writes waits for it. */
#include <fcntl.h>
#include <sys/mman.h>

#include "attempt.h"

int main(void)
{
	int host = open("/usr/bin/env", O_RDONLY), own = open("/box/own", O_CREAT | O_RDWR, 0600);
	char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, host, 0);
	int worked = 0, odd = 0;
	ftruncate(own, 1 << 20);
	for (int i = 0; i < 3000; i++) {
		worked += syscall(SYS_sync) == 0;
		worked += syscall(SYS_syncfs, host) == 0;
		worked += syscall(SYS_syncfs, own) == 0;
		odd += fsync(host) != 0 || fdatasync(own) != 0;
		odd += sync_file_range(host, 0, 0, 7) != 0;
		odd += msync(map, 4096, MS_SYNC) != 0;
	}
	must("the host was not synced once", worked == 0);
	must("a file's own sync says that all is well", odd == 0);
	return verdict();
}
