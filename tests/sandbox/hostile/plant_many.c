/* More files than anybody wants to collect, in folders deeper than a name may be. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	mkdir("/box/out", 0700);
	must("enter", chdir("/box/out") == 0);
	int made = 0;
	for (; made < 9000; made++) {
		char name[32];
		snprintf(name, sizeof name, "f%d", made);
		if (close(creat(name, 0600)) < 0)
			break;
	}
	must("many files", made == 9000);
	return verdict();
}
