/* Writes without end. */
#include <string.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 16];
	memset(block, 'y', sizeof block);
	for (;;)
		if (write(1, block, sizeof block) < 0)
			_exit(9);
}
