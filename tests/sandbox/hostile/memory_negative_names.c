/* Names that do not exist, asked for by the hundred thousand in a toolchain's folder: the kernel remembers each "no".
 * That memory is the box's, and must not be the next run's. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	static char path[256];
	struct stat status;
	int found = 0;
	for (int i = 0; i < 50000; i++) {
		snprintf(path, sizeof path, "/usr/share/%0200d", i);
		found += stat(path, &status) == 0;
	}
	must("none is there", found == 0);
	return verdict();
}
