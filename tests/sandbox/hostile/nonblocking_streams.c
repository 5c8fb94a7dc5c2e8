/* Makes the pipes that it shares with the judge non-blocking, then floods them. */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	for (int fd = 0; fd < 3; fd++)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	static char block[4096];
	for (;;)
		write(1, block, sizeof block);
}
