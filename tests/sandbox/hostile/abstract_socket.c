/* Two boxes at once: "listen" offers a name to the other, "connect" looks for it. */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0meeting" };
	socklen_t size = offsetof(struct sockaddr_un, sun_path) + 8;
	int socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (argc == 2 && strcmp(argv[1], "listen") == 0) {
		must("bind",
		     bind(socket_fd, (struct sockaddr *)&address, size) == 0 && listen(socket_fd, 5) == 0);
		accept(socket_fd, NULL, NULL);
		must("nobody came", false);
	} else {
		refused("connect to the other box", connect(socket_fd, (struct sockaddr *)&address, size));
	}
	return verdict();
}
