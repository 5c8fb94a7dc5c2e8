#include "protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int message_send(int socket, const void *head, size_t head_size, const void *tail, size_t tail_size,
		 const int *fds, size_t fd_count)
{
	struct iovec parts[2] = {
		{ .iov_base = (void *)(uintptr_t)head, .iov_len = head_size },
		{ .iov_base = (void *)(uintptr_t)tail, .iov_len = tail_size },
	};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * MESSAGE_FDS_MAX)];
	} control = { 0 };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = tail_size ? 2 : 1 };
	if (fd_count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
	}
	for (;;) {
		if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

static size_t take_fds(struct msghdr *message, int fds[MESSAGE_FDS_MAX])
{
	size_t count = 0;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h; h = CMSG_NXTHDR(message, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(h), count * sizeof(int));
	}
	return count;
}

ssize_t message_receive(int socket, void *bytes, size_t size, int flags, int fds[MESSAGE_FDS_MAX],
			size_t *fd_count)
{
	struct iovec part = { .iov_base = bytes, .iov_len = size };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * MESSAGE_FDS_MAX)];
	} control;
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};
	for (size_t i = 0; i < MESSAGE_FDS_MAX; i++)
		fds[i] = -1;
	*fd_count = 0;
	ssize_t got;
	do
		got = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	*fd_count = take_fds(&message, fds);
	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		message_close_fds(fds);
		return -EMSGSIZE;
	}
	return got;
}

void message_close_fds(int fds[MESSAGE_FDS_MAX])
{
	for (size_t i = 0; i < MESSAGE_FDS_MAX; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

int message_split(char *text, size_t size, const char **strings, size_t count)
{
	char *end = text + size;
	for (size_t i = 0; i < count; i++) {
		char *nul = memchr(text, '\0', (size_t)(end - text));
		if (!nul)
			return -EINVAL;
		strings[i] = text;
		text = nul + 1;
	}
	return text == end ? 0 : -EINVAL;
}
