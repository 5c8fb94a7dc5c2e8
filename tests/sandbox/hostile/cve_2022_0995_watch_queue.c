/* CVE-2022-0995: the filter of a watch queue, a pipe that the kernel writes notes into, wrote out of bounds. The
 * pipe may be had where the kernel has it; its ioctls and what would feed it may not. */
#include <fcntl.h>
#include <sys/ioctl.h>

#include "attempt.h"

int main(void)
{
	int ends[2] = { 0, 0 };
	char filter[256] = "";
	pipe2(ends, O_EXCL /* O_NOTIFICATION_PIPE */);
	refused("IOC_WATCH_QUEUE_SET_SIZE", ioctl(ends[0], _IO('W', 0x60), 8));
	refused("IOC_WATCH_QUEUE_SET_FILTER", ioctl(ends[0], _IO('W', 0x61), filter));
	refused("watch a key", syscall(SYS_keyctl, 32, -4, ends[0], 1));
	refused("watch mounts", syscall(SYS_fanotify_init, 0x100, 0));
	return verdict();
}
