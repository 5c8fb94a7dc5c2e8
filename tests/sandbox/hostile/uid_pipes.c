/* The memory of pipes is counted by user: beyond a soft limit every new pipe of that user holds a page instead of
 * sixteen, and its judge's would too. "hoard" makes many, "try" must get whole ones. */
#include <fcntl.h>
#include <unistd.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	bool hoard = argc < 2 || strcmp(argv[1], "hoard") == 0;
	int ends[2], pipes = 0;
	refused("F_SETPIPE_SZ", pipe(ends) == 0 ? fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) : 0);
	for (int process = 0; hoard && process < 20; process++) {
		while (pipe(ends) == 0)
			pipes++;
		if (argc < 2 || fork() > 0)
			break;
		close_range(3, ~0u, 0);
	}
	if (!hoard)
		for (int i = 0; i < 20; i++)
			must("a whole pipe", pipe(ends) == 0 && fcntl(ends[0], F_GETPIPE_SZ) == 1 << 16);
	while (argc == 2 && hoard)
		pause();
	return verdict();
}
