/* Sockets sent through sockets: rings of them that nobody holds any more, and chains that are deeper than the
 * kernel's collector liked to recurse. What is in flight is counted by user; the next run is the same user. */
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
	int rings = 0, depth = 0;
	for (; rings < 200; rings++) {
		int a[2], b[2];
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, a) < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, b) < 0)
			break;
		bool sent = send_fd(a[0], b[1]) == 1 && send_fd(b[0], a[1]) == 1;
		close_range(3, ~0u, 0);
		if (!sent)
			break;
	}
	must("some rings", rings > 0);
	int held = -1;
	for (; depth < 200; depth++) {
		int ends[2];
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0)
			break;
		bool sent = held < 0 || send_fd(ends[0], held) == 1;
		if (held >= 0)
			close(held);
		close(ends[0]);
		held = ends[1];
		if (!sent)
			break;
	}
	must("a chain", depth > 0);
	return verdict();
}
