/* A folder to collect that has no bottom within reach. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	mkdir("/box/out", 0700);
	must("enter", chdir("/box/out") == 0);
	int depth = 0;
	while (depth < 3000 && mkdir("d", 0700) == 0 && chdir("d") == 0)
		depth++;
	must("3000 deep", depth == 3000 && close(creat("bottom", 0600)) == 0);
	return verdict();
}
