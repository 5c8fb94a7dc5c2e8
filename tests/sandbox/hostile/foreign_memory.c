/* Memory and descriptors of other processes. */
#include <fcntl.h>
#include <sys/uio.h>

#include "attempt.h"

int main(void)
{
	char bytes[64] = "";
	struct iovec mine = { bytes, sizeof bytes }, theirs = { (void *)0x400000, sizeof bytes };
	refused("process_vm_readv init", syscall(SYS_process_vm_readv, 1, &mine, 1, &theirs, 1, 0));
	refused("process_vm_writev init", syscall(SYS_process_vm_writev, 1, &mine, 1, &theirs, 1, 0));
	refused("process_vm_readv self", syscall(SYS_process_vm_readv, getpid(), &mine, 1, &mine, 1, 0));
	refused("kcmp", syscall(SYS_kcmp, getpid(), 1, 0, 0, 0));
	int init = (int)syscall(SYS_pidfd_open, 1, 0);
	refused("pidfd_getfd", syscall(438, init, 3, 0));
	refused("process_madvise", syscall(440, init, &mine, 1, 21, 0));
	refused("process_mrelease", syscall(448, init, 0));
	refused("move_pages", syscall(SYS_move_pages, 1, 1, &mine.iov_base, NULL, bytes, 0));
	refused("migrate_pages", syscall(SYS_migrate_pages, 1, 64, bytes, bytes));
	refused("/proc/1/mem", open("/proc/1/mem", O_RDWR));
	refused("/proc/1/map_files", open("/proc/1/map_files", O_RDONLY));
	refused("/proc/1/fd/0", open("/proc/1/fd/0", O_RDONLY));
	refused("/proc/1/task/1/mem", open("/proc/1/task/1/mem", O_RDWR));
	return verdict();
}
