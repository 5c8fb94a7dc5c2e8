/* Orphans change the file to collect for a link, and back, as fast as they can. */
#include <fcntl.h>
#include <stdio.h>

#include "attempt.h"

int main(void)
{
	must("link", symlink("/etc/passwd", "/box/link") == 0);
	must("file", write(open("/box/file", O_CREAT | O_WRONLY, 0600), "good", 4) == 4);
	must("out", link("/box/file", "/box/out") == 0);
	for (int i = 0; i < 2; i++)
		if (fork() == 0)
			for (;;) {
				rename("/box/link", "/box/out");
				symlink("/etc/passwd", "/box/link");
				link("/box/file", "/box/next");
				rename("/box/next", "/box/out");
			}
	usleep(20 * 1000);
	return verdict();
}
