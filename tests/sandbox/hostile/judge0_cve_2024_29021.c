/* Judge0, CVE-2024-29021: its boxes had a network by default, and in it the judge's own database and API. Every
 * address at which such a thing is found, by name and by number. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "attempt.h"

static int try_address(const char *address, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	inet_pton(AF_INET, address, &to.sin_addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
}

int main(void)
{
	static const char *const addresses[] = { "127.0.0.1", "0.0.0.0", "169.254.169.254", "172.17.0.1",
						 "10.0.0.1" };
	static const int ports[] = { 22, 80, 2358, 3000, 5000, 5432, 6379, 8000, 8080, 9090 };
	static const char *const sockets[] = {
		"/run/docker.sock",   "/var/run/docker.sock",        "/run/postgresql/.s.PGSQL.5432",
		"/tmp/.s.PGSQL.5432", "/run/dbus/system_bus_socket", "/run/systemd/private"
	};
	for (int i = 0; i < 5; i++)
		for (int j = 0; j < 10; j++)
			if (try_address(addresses[i], ports[j]) != -1 || errno != EAFNOSUPPORT)
				must(addresses[i], false);
	refused("the database", try_address("127.0.0.1", 5432));
	for (int i = 0; i < 6; i++) {
		struct sockaddr_un to = { .sun_family = AF_UNIX };
		strcpy(to.sun_path, sockets[i]);
		refused(sockets[i],
			connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to));
	}
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	must("no other family through a local socket", connect(fd, (struct sockaddr *)&six, sizeof six) < 0);
	return verdict();
}
