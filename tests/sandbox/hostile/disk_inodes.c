/* Empty files until there are no more: they cost inodes, not bytes. */
#include <fcntl.h>
#include <stdio.h>

#include "attempt.h"

static int fill(const char *folder)
{
	for (int made = 0; made < 100000; made++) {
		char name[64];
		snprintf(name, sizeof name, "%s/%d", folder, made);
		int file = open(name, O_CREAT | O_WRONLY, 0600);
		if (file < 0)
			return made;
		close(file);
	}
	return 100000;
}

int main(void)
{
	int box = fill("/box");
	must("/box is out of inodes (ENOSPC)", errno == ENOSPC);
	int tmp = fill("/tmp");
	must("/tmp is out of inodes (ENOSPC)", errno == ENOSPC);
	must("no more than the limit each", box <= 2000 && tmp <= 2000);
	return verdict();
}
