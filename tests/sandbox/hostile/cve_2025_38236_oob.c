/* CVE-2025-38236: urgent bytes on local sockets, used by nobody and reachable from every browser's sandbox, led to a
 * use after free. They cannot be sent in here. */
#include <sys/socket.h>

#include "attempt.h"

int main(void)
{
	int ends[2];
	char bytes[16];
	struct iovec part = { bytes, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	refused("send urgently", send(ends[0], "x", 1, MSG_OOB));
	refused("sendto", sendto(ends[0], "x", 1, MSG_OOB | MSG_DONTWAIT, NULL, 0));
	refused("sendmsg", sendmsg(ends[0], &message, MSG_OOB));
	refused("sendmmsg", sendmmsg(ends[0], (struct mmsghdr *)bytes, 0, MSG_OOB));
	must("an ordinary byte goes", send(ends[0], "y", 1, 0) == 1 && recv(ends[1], bytes, 16, 0) == 1);
	return verdict();
}
