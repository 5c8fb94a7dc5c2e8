/* Socket buffers that nobody reads. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 14];
	for (;;) {
		int ends[2];
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
			pause();
		while (write(ends[0], block, sizeof block) > 0) {
		}
		while (write(ends[1], block, sizeof block) > 0) {
		}
	}
}
