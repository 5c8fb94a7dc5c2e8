/* F_SETOWN and its kin: the kernel then signals whoever is named, later, without asking again; leases and folder
 * notes make it signal about what others do to the host's files. */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "attempt.h"

#ifndef FIOSETOWN
#define FIOSETOWN 0x8901
#define SIOCSPGRP 0x8902
#endif

int main(void)
{
	int ends[2], pid = 1, file = open("/usr/bin/env", O_RDONLY), folder = open("/usr/bin", O_RDONLY);
	must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	struct f_owner_ex owner = { F_OWNER_PID, 1 };
	refused("F_SETOWN init", fcntl(ends[0], F_SETOWN, 1));
	refused("F_SETOWN a group", fcntl(ends[0], F_SETOWN, -1));
	refused("F_SETOWN_EX", fcntl(ends[0], F_SETOWN_EX, &owner));
	refused("F_GETOWN_EX", fcntl(ends[0], F_GETOWN_EX, &owner));
	refused("F_SETSIG", fcntl(ends[0], F_SETSIG, SIGKILL));
	refused("FIOSETOWN", ioctl(ends[0], FIOSETOWN, &pid));
	refused("SIOCSPGRP", ioctl(ends[0], SIOCSPGRP, &pid));
	refused("TIOCSPGRP", ioctl(0, TIOCSPGRP, &pid));
	refused("F_SETLEASE", fcntl(file, F_SETLEASE, F_RDLCK));
	refused("F_NOTIFY", fcntl(folder, F_NOTIFY, DN_ACCESS | DN_MULTISHOT));
	refused("F_SET_RW_HINT", fcntl(file, 1036, &(unsigned long long){ 5 }));
	fcntl(ends[0], F_SETFL, O_ASYNC);
	must("nobody is told of what arrives", write(ends[1], "x", 1) == 1);
	return verdict();
}
