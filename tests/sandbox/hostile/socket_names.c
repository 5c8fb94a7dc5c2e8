/* Thousands of names for sockets, abstract and in folders, with connections that nobody accepts: a name is the
 * network namespace's, which the next run shares. */
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "attempt.h"

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int bound = 0, waiting = 0;
	for (int i = 0; i < 2000; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (fd < 0)
			break;
		snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%0100d", i % 7 ? i : 0);
		bound += bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
		listen(fd, 1000000);
	}
	must("some names", bound > 0);
	snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%0100d", 1);
	close(63);
	close(62);
	for (int i = 0; i < 100; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		waiting += connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
		if (fork() == 0)
			for (;;)
				pause();
		close(fd);
	}
	printf("%d names, %d connections\n", bound, waiting);
	unlink("/box/s");
	return verdict();
}
