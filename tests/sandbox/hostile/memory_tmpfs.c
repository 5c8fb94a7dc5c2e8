/* Files in /tmp are memory: the memory limit comes before the disk's. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	static char block[1 << 20];
	memset(block, 1, sizeof block);
	for (int i = 0; i < 1000; i++) {
		char name[32];
		snprintf(name, sizeof name, "/tmp/hoard%d", i);
		int file = open(name, O_CREAT | O_WRONLY, 0600);
		if (write(file, block, sizeof block) < 0)
			return 2;
		close(file);
	}
	return 0;
}
