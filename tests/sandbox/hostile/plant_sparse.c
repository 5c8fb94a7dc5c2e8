/* A file that is huge to read and costs nothing to make. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	int file = open("/box/out", O_CREAT | O_WRONLY, 0600);
	must("512 MiB of nothing", ftruncate(file, 512 << 20) == 0);
	return verdict();
}
