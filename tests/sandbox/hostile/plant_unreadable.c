/* A file and a folder without any permission: the judge may fail to collect, but not to go on. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	mkdir("/box/out", 0700);
	close(open("/box/out/file", O_CREAT | O_WRONLY, 0));
	mkdir("/box/out/folder", 0);
	chmod("/box/out", 0);
	return verdict();
}
