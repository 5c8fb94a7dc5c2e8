/* Page faults served by the program: the classic way to stretch a race in the kernel. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	refused("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC));
	refused("userfaultfd user mode only", syscall(SYS_userfaultfd, 1));
	refused("/dev/userfaultfd", open("/dev/userfaultfd", O_RDWR));
	refused("vmsplice", syscall(SYS_vmsplice, 1, NULL, 0, 0));
	refused("remap_file_pages", syscall(SYS_remap_file_pages, 0, 0, 0, 0, 0));
	refused("mbind", syscall(SYS_mbind, 0, 0, 0, NULL, 0, 0));
	refused("set_mempolicy", syscall(SYS_set_mempolicy, 0, NULL, 0));
	return verdict();
}
