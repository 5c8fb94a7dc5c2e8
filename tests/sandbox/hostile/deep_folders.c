/* 3,000 nested folders: longer than PATH_MAX, deeper than a recursive wipe's stack or descriptors. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	int depth = 0;
	while (depth < 3000 && mkdir("d", 0700) == 0 && chdir("d") == 0)
		depth++;
	must("3000 deep", depth == 3000);
	must("a file at the bottom", close(creat("bottom", 0600)) == 0);
	return verdict();
}
