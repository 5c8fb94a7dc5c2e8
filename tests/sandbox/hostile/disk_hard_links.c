/* Names without files: thousands of hard links to one, in every folder there is. A wipe that counts files misses
 * them. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	int links = 0;
	close(open("/box/file", O_CREAT | O_WRONLY, 0600));
	mkdir("/box/folder", 0700);
	for (; links < 100000; links++) {
		char path[64];
		snprintf(path, sizeof path, links % 2 ? "/box/folder/l%d" : "/box/l%d", links);
		if (link("/box/file", path) < 0)
			break;
	}
	printf("%d links\n", links);
	must("there is an end of them", links < 100000);
	refused("from one disk to the other", link("/box/file", "/tmp/file"));
	return verdict();
}
