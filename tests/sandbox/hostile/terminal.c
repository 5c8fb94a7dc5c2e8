/* Typing into the judge's terminal, also with the request's upper half set, which the kernel ignores and a
 * careless filter compares (CVE-2019-10063). */
#include <linux/tiocl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "attempt.h"

#ifndef TIOCLINUX
#define TIOCLINUX 0x541c
#endif

int main(void)
{
	char letter = 'x';
	for (int fd = 0; fd < 3; fd++) {
		refused("TIOCSTI", ioctl(fd, TIOCSTI, &letter));
		refused("TIOCSTI, high bits", syscall(SYS_ioctl, fd, TIOCSTI | 1UL << 32, &letter));
		refused("TIOCLINUX", ioctl(fd, TIOCLINUX, &letter));
		refused("TIOCSCTTY", ioctl(fd, TIOCSCTTY, 1));
		refused("TIOCSETD", ioctl(fd, TIOCSETD, &letter));
		refused("TIOCCONS", ioctl(fd, TIOCCONS, 0));
		refused("FS_IOC_SETFLAGS", ioctl(fd, _IOW('f', 2, long), &letter));
		refused("FIFREEZE", ioctl(fd, _IOWR('X', 119, int), &letter));
		refused("FICLONE", ioctl(fd, _IOW(0x94, 9, int), 0));
		refused("SIOCGIFCONF", ioctl(fd, 0x8912, &letter));
	}
	return verdict();
}
