#include "direct_data.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/blobs.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/log.h"
#include "test_data.h"

struct direct_data {
	int socket;
	struct test_data *data;
	pthread_t thread;
};

/* One packet each way: the name, and one byte, with the descriptor when there is one. */
static bool answer(int socket, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} room = { .bytes = { 0 } };
	char byte = fd >= 0 ? 'y' : 'n';
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = room.bytes;
		message.msg_controllen = sizeof room.bytes;
		struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(rights), &fd, sizeof fd);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

static int find(const struct direct_data *server, const char *name)
{
	struct error err = { .text = "it is not there" };
	int fd = -1;

	if (!server->data || !blob_name_ok(name))
		return -1;
	if (test_data_fd(server->data, name, &fd, &err) > 0)
		return fd;
	log_error("test data could not be handed out", LOG_TEXT("sha256", name), LOG_TEXT("error", err.text));
	return -1;
}

static void *serve(void *argument)
{
	struct direct_data *server = argument;
	char name[SHA256_TEXT_BYTES];
	ssize_t size;

	while ((size = recv(server->socket, name, sizeof name - 1, 0)) > 0) {
		name[size] = '\0';
		cleanup_fd int fd = find(server, name);
		if (!answer(server->socket, fd))
			break;
	}
	shutdown(server->socket, SHUT_RDWR);
	return NULL;
}

int direct_data_start(int socket, struct test_data *data, struct direct_data **ret_server, struct error *err)
{
	struct direct_data *server = malloc(sizeof *server);

	if (!server) {
		close(socket);
		return error_set(err, -ENOMEM, "out of memory");
	}
	*server = (struct direct_data){ .socket = socket, .data = data };
	int code = pthread_create(&server->thread, NULL, serve, server);
	if (code != 0) {
		close(socket);
		free(server);
		return error_set(err, -code, "start the thread of test data: error %d", code);
	}
	pthread_setname_np(server->thread, "test-data");
	*ret_server = server;
	return 0;
}

void direct_data_stop(struct direct_data *server)
{
	if (!server)
		return;
	shutdown(server->socket, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->socket);
	free(server);
}
