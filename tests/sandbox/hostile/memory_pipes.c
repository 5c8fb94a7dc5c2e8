/* Full pipes: kernel memory, and nobody's resident size. */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 16];
	for (;;) {
		int ends[2];
		if (pipe2(ends, O_NONBLOCK) < 0)
			pause();
		while (write(ends[1], block, sizeof block) > 0) {
		}
	}
}
