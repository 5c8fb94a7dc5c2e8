/* A folder with as many names as fit: a wipe by name takes long. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	mkdir("/box/many", 0700);
	int made = 0;
	for (char name[300]; made < 15000; made++) {
		int size = snprintf(name, sizeof name, "/box/many/%d-", made);
		memset(name + size, 'n', (size_t)(264 - size));
		name[264] = '\0';
		int file = open(name, O_CREAT | O_WRONLY, 0);
		if (file < 0)
			break;
		close(file);
	}
	must("many were made", made > 1000);
	chmod("/box/many", 0);
	return verdict();
}
