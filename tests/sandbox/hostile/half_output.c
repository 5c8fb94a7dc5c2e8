/* Closes stdout at once and goes on writing to stderr; ends with output still in the pipe and a child that holds its
 * other end: the judge must neither wait for the child nor lose the bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	static char block[32 << 10];
	memset(block, 'o', sizeof block - 1);
	block[sizeof block - 1] = '\n';
	write(1, "the whole ", 10);
	write(1, block, sizeof block);
	if (fork() == 0) {
		setsid();
		for (;;)
			pause();
	}
	write(1, "arrived\n", 8);
	close(1);
	_exit(4);
}
