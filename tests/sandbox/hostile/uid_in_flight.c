/* Descriptors in flight are counted by user, against RLIMIT_NOFILE. "hoard" leaves as many in its sockets as it can,
 * "try" in another box must be able to send one. */
#include <sys/socket.h>

#include "attempt.h"

static int send_fds(int socket, int fd, int count)
{
	int fds[200];
	char byte = 0, space[CMSG_SPACE(sizeof fds)] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = space,
				  .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int)) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	for (int i = 0; i < count; i++)
		fds[i] = fd;
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(head), fds, (size_t)count * sizeof(int));
	return (int)sendmsg(socket, &message, MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
	bool hoard = argc < 2 || strcmp(argv[1], "hoard") == 0;
	int ends[2];
	must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	must("one can be sent", send_fds(ends[0], 0, 1) == 1);
	int messages = 0;
	while (hoard && messages < 10000 && send_fds(ends[0], 0, 200) == 1)
		messages++;
	must("there is an end of it", messages < 10000);
	while (argc == 2 && hoard)
		pause();
	return verdict();
}
