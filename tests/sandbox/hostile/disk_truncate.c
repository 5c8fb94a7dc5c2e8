/* Files of eight exabytes with nothing in them: whoever copies or collects one by its size never ends. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	mkdir("/box/out", 0777);
	int file = open("/box/out/endless", O_CREAT | O_RDWR, 0666);
	must("not to the end of numbers", ftruncate(file, 0x7fffffffffffffff) < 0);
	must("not a terabyte", ftruncate(file, 1l << 40) < 0);
	must("nor by writing there", pwrite(file, "x", 1, 1l << 40) < 0);
	must("nor by seeking there", lseek(file, 1l << 40, SEEK_SET) < 0 || write(file, "x", 1) < 0);
	must("it is empty", lseek(file, 0, SEEK_END) == 0);
	return verdict();
}
