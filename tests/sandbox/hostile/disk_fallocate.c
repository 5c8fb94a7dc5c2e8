/* Space that is taken without writing: more than the limit of a file, then as many files as the disk has room for,
 * with holes punched and blocks kept beyond the end. */
#include <fcntl.h>
#include <signal.h>

#include "attempt.h"

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	int file = open("/tmp/large", O_CREAT | O_RDWR, 0600), files = 0;
	must("not a terabyte", fallocate(file, 0, 0, 1l << 40) < 0);
	must("nor behind the end", fallocate(file, FALLOC_FL_KEEP_SIZE, 1l << 40, 1l << 40) < 0);
	for (; files < 10000; files++) {
		char path[32];
		snprintf(path, sizeof path, "/tmp/f%d", files);
		int next = open(path, O_CREAT | O_RDWR, 0600);
		if (next < 0 || fallocate(next, FALLOC_FL_KEEP_SIZE, 0, 1 << 20) < 0)
			break;
		fallocate(next, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096);
		close(next);
	}
	must("the disk has an end", files < 10000);
	return verdict();
}
