/* Fills /box and /tmp, each to its own end. */
#include <fcntl.h>
#include <stdio.h>

#include "attempt.h"

static long fill(const char *folder)
{
	static char block[1 << 16];
	long written = 0;
	for (int i = 0; i < 100; i++) {
		char name[64];
		snprintf(name, sizeof name, "%s/fill%d", folder, i);
		int file = open(name, O_CREAT | O_WRONLY, 0600);
		for (ssize_t got = 0; file >= 0 && written < (512 << 20); written += got)
			if ((got = write(file, block, sizeof block)) <= 0)
				return written;
		close(file);
	}
	return written;
}

int main(void)
{
	long box = fill("/box");
	must("/box is full (ENOSPC)", errno == ENOSPC);
	long tmp = fill("/tmp");
	must("/tmp is full (ENOSPC)", errno == ENOSPC);
	must("no more than the limit each", box <= 4 << 20 && tmp <= 4 << 20);
	must("most of the limit each", box >= 3 << 20 && tmp >= 3 << 20);
	return verdict();
}
