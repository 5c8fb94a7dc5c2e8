/* Locked memory is counted by user, and is memory that the host cannot move. "hoard" locks all it may, "try" in
 * another box must be able to lock its own few pages. */
#include <sys/mman.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	bool hoard = argc < 2 || strcmp(argv[1], "hoard") == 0;
	char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must("not a megabyte", mlock(block, 1 << 20) < 0);
	refused("mlockall", mlockall(MCL_CURRENT | MCL_FUTURE));
	must("not by mapping",
	     mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED);
	int pages = 0;
	while (pages < 256 && mlock(block + 4096 * pages, 4096) == 0)
		pages++;
	must("some pages", pages >= 8);
	must("not all", pages < 256);
	while (argc == 2 && hoard)
		pause();
	return verdict();
}
