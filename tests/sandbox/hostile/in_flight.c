/* Descriptors in flight: a full memory file in sockets that are in their own queues, which only the kernel's
 * collector finds when the processes are gone. */
#include <sys/mman.h>
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
	return (int)sendmsg(socket, &message, 0);
}

int main(void)
{
	static char block[1 << 20];
	for (int i = 0; i < 4; i++) {
		int loop[2], file = memfd_create("ballast", 0);
		must("socketpair", socketpair(AF_UNIX, SOCK_DGRAM, 0, loop) == 0);
		for (int part = 0; part < 7; part++)
			must("write", write(file, block, sizeof block) == sizeof block);
		must("send the file", send_fd(loop[0], file) == 1);
		must("send the end to itself",
		     send_fd(loop[0], loop[1]) == 1 && send_fd(loop[1], loop[0]) == 1);
		close(file);
		close(loop[0]);
		close(loop[1]);
	}
	return verdict();
}
