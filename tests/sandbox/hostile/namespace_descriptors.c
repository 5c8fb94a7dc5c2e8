/* Its namespaces as descriptors, sent through sockets to itself and left in flight: what a descriptor holds outlives
 * the processes in it, the box's disk and network included. */
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "attempt.h"

static int send_fd(int socket, int fd)
{
	char byte = 0, space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof fd);
	return (int)sendmsg(socket, &message, MSG_DONTWAIT);
}

int main(void)
{
	static const char *const names[] = { "mnt", "pid", "net", "ipc", "uts", "user", "cgroup", "time" };
	int ends[2];
	must("socketpair", socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
	for (int i = 0; i < 8; i++) {
		char path[32];
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		int space = open(path, O_RDONLY);
		if (space < 0)
			continue;
		refused("enter it again", setns(space, 0));
		refused("who owns it", ioctl(space, _IO(0xb7, 1)));
		refused("its parent", ioctl(space, _IO(0xb7, 2)));
		send_fd(ends[0], space);
	}
	int root = open("/", O_RDONLY | O_DIRECTORY), disk = open("/box", O_RDONLY | O_DIRECTORY);
	must("root and disk in flight", send_fd(ends[0], root) == 1 && send_fd(ends[0], disk) == 1);
	must("and the ends themselves", send_fd(ends[0], ends[1]) == 1 && send_fd(ends[1], ends[0]) == 1);
	return verdict();
}
