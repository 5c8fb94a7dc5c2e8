/* The host's abstract sockets. Arguments: names where the runner listens. Leaves a socket of its own behind. */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "attempt.h"

static int connect_to(const char *name, bool abstract)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name));
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, size);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		refused(argv[i], connect_to(argv[i], argv[i][0] != '/'));
	refused("bus", connect_to("/run/dbus/system_bus_socket", false));
	refused("log", connect_to("/dev/log", false));
	refused("docker", connect_to("/var/run/docker.sock", false));
	struct sockaddr_un left = { .sun_family = AF_UNIX, .sun_path = "\0left" };
	bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&left,
	     offsetof(struct sockaddr_un, sun_path) + 5);
	struct sockaddr_un file = { .sun_family = AF_UNIX, .sun_path = "/tmp/left" };
	bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&file, sizeof file);
	if (argc > 1 && fork() == 0)
		for (;;)
			pause();
	return verdict();
}
