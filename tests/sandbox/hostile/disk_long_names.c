/* Names of 255 bytes, each in a folder of its own, and links whose targets are as long as a link can be: memory of
 * the kernel's that no size of a file shows. */
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	char target[4096], name[256];
	int made = 0;
	memset(target, 't', sizeof target - 1);
	target[4095] = '\0';
	for (; made < 100000; made++) {
		snprintf(name, sizeof name, "%0255d", made);
		if (symlink(target, name) < 0)
			break;
		name[0] = 'd';
		if (mkdir(name, 0700) < 0)
			break;
	}
	printf("%d of each\n", made);
	must("there is an end of them", made < 100000);
	return verdict();
}
