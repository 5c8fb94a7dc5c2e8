/* Opening a FIFO waits for the other end, which will never come. */
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	must("plant", mkfifo("/box/out", 0666) == 0);
	must("and in /tmp", mkfifo("/tmp/out", 0666) == 0);
	return verdict();
}
