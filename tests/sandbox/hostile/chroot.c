/* The old ways out of a root: chroot, a folder kept open, dots. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	struct stat before, after;
	must("stat /", stat("/", &before) == 0);
	mkdir("/box/jail", 0700);
	int outside = open("/", O_RDONLY | O_DIRECTORY);
	refused("chroot /box/jail", chroot("/box/jail"));
	refused("chroot /", chroot("/"));
	refused("chroot /proc/self/root", chroot("/proc/self/root"));
	refused("pivot_root", syscall(SYS_pivot_root, "/box", "/box/jail"));
	must("fchdir", fchdir(outside) == 0);
	for (int i = 0; i < 200; i++)
		chdir("..");
	must("still the same root",
	     stat(".", &after) == 0 && after.st_ino == before.st_ino && after.st_dev == before.st_dev);
	int above = openat(outside, "../../..", O_RDONLY | O_DIRECTORY);
	must("the same by openat", fstat(above, &after) == 0 && after.st_ino == before.st_ino);
	return verdict();
}
