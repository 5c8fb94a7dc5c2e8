/* Many processes, both streams, SIGPIPE ignored. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 4; i++)
		fork();
	static char block[1 << 16];
	for (;;) {
		write(1, block, sizeof block);
		write(2, block, sizeof block);
	}
}
